"""The HTTP API: what the page does, for programs."""
