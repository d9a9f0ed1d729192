"""Where the conversations of one person are kept: under his account beside the library, or in his browser."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol

from corpus.errors import KrakowQAError
from qa.conversation.kept import BadKept, KeptTurn
from qa.database import Database, keep_latest

FILE_NAME = "conversations.sqlite"
"""Where conversations, links and feedback lie in a library's folder."""

MOST_CONVERSATIONS = 50
"""So many are kept of each account, those last spoken in."""

MOST_CHARACTERS = 300_000
"""So much is kept in a browser, since all of it comes and goes with each question."""

_SCHEMA = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, user TEXT NOT NULL, at REAL NOT NULL) STRICT;
CREATE INDEX conversations_of ON conversations (user, at);
CREATE TABLE turns (
    conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE, number INTEGER NOT NULL, kept TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
) STRICT;
CREATE TABLE links (id TEXT PRIMARY KEY, user TEXT NOT NULL, at REAL NOT NULL, kept TEXT NOT NULL) STRICT;
CREATE INDEX links_of ON links (user, at);
CREATE TABLE feedback (
    id INTEGER PRIMARY KEY, user TEXT NOT NULL, at REAL NOT NULL, verdict TEXT NOT NULL, comment TEXT NOT NULL,
    kept TEXT NOT NULL
) STRICT;
"""


class ConversationsUnavailable(KrakowQAError):
    """The file of conversations cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation by the question that began it, and when that was asked: UTC in ISO 8601."""

    id: str
    question: str
    began: str
    turns: int


class Shelf(Protocol):
    """The conversations of one person."""

    def listed(self) -> list[Listed]:
        """All of them, the one last spoken in first."""

    def turns(self, id: str) -> tuple[KeptTurn, ...]:
        """The turns of one that can still be read, oldest first; none where it is not there."""

    def keep(self, id: str, number: int, turn: KeptTurn) -> None:
        """Keep the turn of that number, counted from 1, and let go what is too much; twice is as once."""

    def delete(self, id: str) -> None:
        """Let go of one, where it is there."""

    def clear(self) -> None:
        """Let go of all."""


def conversations_in(folder: Path) -> Database:
    """The file of a library's folder; raises ConversationsUnavailable where it cannot be used."""
    return Database(folder / FILE_NAME, _SCHEMA, 1, ConversationsUnavailable)


class AccountShelf:
    """A user's conversations, beside the library."""

    def __init__(self, database: Database, user: str) -> None:
        self._database, self._user = database, user

    def listed(self) -> list[Listed]:
        sql = """
            SELECT id, json_extract(kept, '$.question'), json_extract(kept, '$.asked_at'), count(*), min(number)
            FROM conversations JOIN turns ON conversation = id WHERE user = ? GROUP BY id ORDER BY at DESC, id
        """
        with self._database.reading() as db:
            return [] if db is None else [Listed(*tuple(row)[:4]) for row in db.execute(sql, (self._user,))]

    def turns(self, id: str) -> tuple[KeptTurn, ...]:
        sql = """
            SELECT kept FROM conversations JOIN turns ON conversation = id WHERE (user, id) = (?, ?) ORDER BY number
        """
        with self._database.reading() as db:
            return () if db is None else _readable(kept for (kept,) in db.execute(sql, (self._user, id)))

    def keep(self, id: str, number: int, turn: KeptTurn) -> None:
        now = time.time()
        with self._database.writing() as db:
            sql = "INSERT INTO conversations VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET at = ? WHERE user = ?"
            if db.execute(sql, (id, self._user, now, now, self._user)).rowcount:
                db.execute("INSERT OR REPLACE INTO turns VALUES (?, ?, ?)", (id, number, turn.to_json()))
            keep_latest(db, "conversations", self._user, MOST_CONVERSATIONS)

    def delete(self, id: str) -> None:
        with self._database.writing() as db:
            db.execute("DELETE FROM conversations WHERE (user, id) = (?, ?)", (self._user, id))

    def clear(self) -> None:
        with self._database.writing() as db:
            db.execute("DELETE FROM conversations WHERE user = ?", (self._user,))


def forget(folder: Path, user: str) -> None:
    """Delete the conversations and links of a user, and take the name from the feedback."""
    database = conversations_in(folder)
    if not database.path.exists():
        return
    with database.writing() as db:
        db.execute("DELETE FROM conversations WHERE user = ?", (user,))
        db.execute("DELETE FROM links WHERE user = ?", (user,))
        db.execute("UPDATE feedback SET user = '' WHERE user = ?", (user,))


class BrowserShelf:
    """Conversations as a browser has sent them, which may be anything; ``value`` is what it is to keep."""

    def __init__(self, value: Any) -> None:
        self._all = {id: texts for id, texts in map(_sent, value if isinstance(value, list) else []) if texts}

    @property
    def value(self) -> list[dict[str, Any]]:
        """As much of it as is kept, the conversation last spoken in first; that one is kept whatever its length."""
        sizes = accumulate(sum(map(len, texts)) for texts in self._all.values())
        return [
            {"id": id, "turns": texts}
            for number, (size, (id, texts)) in enumerate(zip(sizes, self._all.items(), strict=True))
            if size <= MOST_CHARACTERS or number == 0
        ]

    def listed(self) -> list[Listed]:
        firsts = ((id, texts, _readable(texts[:1])) for id, texts in self._all.items())
        return [Listed(id, turn.question, turn.asked_at, len(texts)) for id, texts, first in firsts for turn in first]

    def turns(self, id: str) -> tuple[KeptTurn, ...]:
        return _readable(self._all.get(id, ()))

    def keep(self, id: str, number: int, turn: KeptTurn) -> None:
        texts = [*self._all.pop(id, [])[: number - 1], turn.to_json()]
        self._all = {id: texts, **self._all}

    def delete(self, id: str) -> None:
        self._all.pop(id, None)

    def clear(self) -> None:
        self._all = {}


def _sent(conversation: Any) -> tuple[str, list[str]]:
    """The id and the turns of what a browser has sent as a conversation; no turns where it is none."""
    try:
        id, texts = conversation["id"], conversation["turns"]
    except (TypeError, KeyError):
        return "", []
    are_texts = isinstance(id, str) and isinstance(texts, list) and all(isinstance(text, str) for text in texts)
    return (id, texts) if are_texts else ("", [])


def _readable(texts: Iterable[str]) -> tuple[KeptTurn, ...]:
    """The turns among texts; what an older krakow-qa has kept in another form is gone."""
    return tuple(turn for text in texts for turn in _read(text))


def _read(text: str) -> list[KeptTurn]:
    try:
        return [KeptTurn.from_json(text)]
    except BadKept:
        return []
