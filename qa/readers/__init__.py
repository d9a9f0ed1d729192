"""The readers: implementations of ``qa.reader.Reader``."""
