"""Conversations: follow-ups understood, turns kept and opened again, exports that can be verified."""
