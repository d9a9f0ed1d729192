"""Parsers: bytes of a file in; text, page starts, metadata, and what was mended or left out, out."""
