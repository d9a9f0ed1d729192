"""How threads share the machine, and how many answers are in work at once: settled in this one place."""

from __future__ import annotations

import os

ANSWERS_AT_ONCE = 16
"""So many questions are in work at once, first come first served: while the passages of some are read on a core each,
the next ones' are searched for, and the quotes of those before are cut."""


def calm_threads() -> None:
    """Let threads that wait sleep; to be called before anything that computes is imported.

    torch and faiss compute on all cores. Between two loops their threads would turn on the spot for milliseconds, and
    keep a core from Python, from each other and from other programs. What the user has set stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
