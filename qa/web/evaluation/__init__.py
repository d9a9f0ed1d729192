"""The Evaluate tab: sets run over the library, and what came of them."""
