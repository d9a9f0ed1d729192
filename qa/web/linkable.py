"""The answers that were shown of late, of which whoever asked may make a link."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from threading import Lock

from qa.conversation.kept import KeptTurn

_MOST = 2000
"""So many are remembered, some 2 kB each."""


def link_to(id: str) -> str:
    """Where an answer is opened by its link."""
    return f"/answers/{id}"


class Linkable:
    """Answers by ids that nobody guesses, and whose they are; none of them is written anywhere."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, tuple[str, KeptTurn]] = OrderedDict()
        self._lock = Lock()

    def link(self, user: str, turn: KeptTurn) -> str:
        """Where the answer would be opened if a link to it were made."""
        id = secrets.token_urlsafe(16)
        with self._lock:
            self._shown[id] = (user, turn)
            while len(self._shown) > _MOST:
                self._shown.popitem(last=False)
        return link_to(id)

    def shown_to(self, user: str, id: str) -> KeptTurn | None:
        """The answer of that id, where it was shown to that user of late."""
        with self._lock:
            owner, turn = self._shown.get(id, ("", None))
        return turn if owner == user else None
