"""Questions that are too broad for one answer, and the key passages by theme that they get."""
