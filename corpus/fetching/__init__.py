"""Fetching pages and files from the web, from public hosts only."""
