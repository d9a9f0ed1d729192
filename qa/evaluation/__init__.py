"""Evaluation: scored question sets, and what their scores say."""
