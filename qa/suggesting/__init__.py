"""Questions that the library answers: made of sentences of its documents by rules, and kept where they are answered."""
