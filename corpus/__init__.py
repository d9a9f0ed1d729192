"""The corpus: reading documents, cutting passages, and the library that keeps them."""
