"""Reports of a run: one HTML file that needs nothing else, and Markdown."""
