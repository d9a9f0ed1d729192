"""Backups: a library with all that belongs to it in one file, made while others write and ask, and put back."""
