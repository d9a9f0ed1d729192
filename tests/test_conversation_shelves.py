"""Proves that both shelves keep the same, within bounds, each for its user alone, and no text of a source."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.backup.making import back_up
from qa.backup.restoring import restore
from qa.conversation import shelves
from qa.conversation.kept import KeptTurn
from qa.conversation.links import Links
from qa.conversation.model import Exchange, Turn
from qa.conversation.reopening import reopened
from qa.conversation.shelves import AccountShelf, BrowserShelf, Shelf, conversations_in, forget
from tests.conftest import MakeParts
from tests.test_conversation_kept import HUB, LEAP, QUESTION, had, turns

TURN = KeptTurn("Who?", "Who?", "2026-11-28T21:00:00+00:00", 0.5, None, False, (), (), 1)

MakeShelf = Callable[[], Shelf]


@pytest.fixture(params=["account", "browser"])
def make_shelf(request: pytest.FixtureRequest, tmp_path: Path) -> MakeShelf:
    database = conversations_in(tmp_path)
    return (lambda: AccountShelf(database, "ann")) if request.param == "account" else (lambda: BrowserShelf([]))


def asking(question: str) -> KeptTurn:
    return replace(TURN, question=question)


def test_what_is_kept_is_listed_and_opened(make_shelf: MakeShelf) -> None:
    shelf = make_shelf()
    assert shelf.listed() == []
    shelf.keep("a", 1, asking("One?"))
    shelf.keep("b", 1, asking("Two?"))
    shelf.keep("a", 2, asking("Three?"))
    shelf.keep("a", 2, asking("Three?"))
    assert [(each.id, each.question, each.turns) for each in shelf.listed()] == [("a", "One?", 2), ("b", "Two?", 1)]
    assert [turn.question for turn in shelf.turns("a")] == ["One?", "Three?"]
    shelf.delete("a")
    assert shelf.turns("a") == ()
    assert [each.id for each in shelf.listed()] == ["b"]
    shelf.clear()
    assert shelf.listed() == []


def test_nobody_else_sees_changes_or_deletes_it(tmp_path: Path) -> None:
    ann, ben = (AccountShelf(conversations_in(tmp_path), name) for name in ("ann", "ben"))
    ann.keep("a", 1, asking("Mine?"))
    ben.keep("a", 1, asking("Stolen?"))
    ben.keep("a", 2, asking("Put in?"))
    ben.delete("a")
    ben.clear()
    assert ben.listed() == []
    assert ben.turns("a") == ()
    assert [turn.question for turn in ann.turns("a")] == ["Mine?"]


def test_an_account_has_so_many_conversations_and_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "MOST_CONVERSATIONS", 3)
    ann, ben = (AccountShelf(conversations_in(tmp_path), name) for name in ("ann", "ben"))
    ben.keep("ben's", 1, TURN)
    for number in range(5):
        ann.keep(str(number), 1, TURN)
    assert [each.id for each in ann.listed()] == ["4", "3", "2"]
    assert len(ben.listed()) == 1


def test_a_browser_keeps_so_much_and_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "MOST_CHARACTERS", 3 * len(TURN.to_json()))
    shelf = BrowserShelf([])
    for number in range(5):
        shelf.keep(str(number), 1, TURN)
    assert [each["id"] for each in shelf.value] == ["4", "3", "2"]
    shelf.keep("long", 1, asking("w" * 9999))
    assert [each["id"] for each in shelf.value] == ["long"]


@given(st.lists(turns, min_size=1, max_size=3))
def test_a_browser_gives_back_what_it_was_given(kept: list[KeptTurn]) -> None:
    shelf = BrowserShelf([])
    for number, turn in enumerate(kept, start=1):
        shelf.keep("a", number, turn)
    again = BrowserShelf(json.loads(json.dumps(shelf.value)))
    assert again.turns("a") == tuple(kept)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.sampled_from(["id", "turns", "x"]), some, max_size=3),
)


@given(_JSON)
def test_whatever_a_browser_sends_is_no_error_and_no_conversation(sent: Any) -> None:
    shelf = BrowserShelf(sent)
    assert shelf.listed() == []
    assert shelf.turns("") == ()


@pytest.mark.parametrize("change", [
    {"asked_at": "yesterday"}, {"question": "\ud800"}, {"confidence": float("nan")}, {"searched": 7},
])  # fmt: skip
def test_a_turn_that_somebody_has_changed_into_none_is_gone(change: dict[str, Any]) -> None:
    text = json.dumps({**json.loads(TURN.to_json()), **change})
    shelf = BrowserShelf([{"id": "a", "turns": [text]}])
    assert shelf.listed() == []


def test_words_of_an_answer_in_a_follow_up_are_not_kept(make_parts: MakeParts) -> None:
    answer = had(make_parts(hub=HUB), QUESTION).answer
    before = [Exchange("Who opened the hub?", "Who opened the hub?", "Zbigniew Xylander")]
    borrowed = Turn("What did he say?", "What did Zbigniew Xylander say?", answer)
    typed = Turn("And when?", "When opened the hub?", answer)
    assert "Xylander" not in KeptTurn.of(borrowed, before=before).to_json()
    assert KeptTurn.of(typed, before=before).searched == typed.searched


def test_no_text_of_a_purged_document_is_left_in_the_file(make_parts: MakeParts) -> None:
    parts = make_parts(hub=HUB, leap=LEAP)
    database = conversations_in(parts.folder)
    kept = KeptTurn.of(had(parts, "Who?"))
    assert kept.quotes or kept.closest
    AccountShelf(database, "ann").keep("a", 1, kept)
    Links(database).make("unguessable", "ann", kept)
    for id in ("hub", "leap"):
        parts.purge(id)
    data = database.path.read_bytes()
    words = {word.strip(".#") for word in (HUB + LEAP).split() if len(word) > 4}
    assert not {word for word in words if word.encode() in data or word.encode("utf-16-le") in data}
    (again,) = AccountShelf(database, "ann").turns("a")
    assert [each.quote for each in reopened(again, parts.library).quotes] == [None] * len(kept.quotes + kept.closest)


def test_a_backup_brings_conversations_and_links_back(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts(hub=HUB)
    database = conversations_in(parts.folder)
    AccountShelf(database, "ann").keep("a", 1, TURN)
    Links(database).make("unguessable", "ann", TURN)
    file, _ = back_up(parts.folder, tmp_path / "backup.zip")
    restore(file, tmp_path / "back", None)
    restored = conversations_in(tmp_path / "back")
    assert AccountShelf(restored, "ann").turns("a") == (TURN,)
    assert Links(restored).opened("unguessable") == ("ann", TURN)


def test_what_is_deleted_is_overwritten_in_the_file(tmp_path: Path) -> None:
    database = conversations_in(tmp_path)
    shelf = AccountShelf(database, "ann")
    shelf.keep("a", 1, asking("Where is the zither?"))
    assert b"zither" in database.path.read_bytes()
    shelf.delete("a")
    assert b"zither" not in database.path.read_bytes()


def test_the_conversations_and_links_of_a_removed_user_are_gone(tmp_path: Path) -> None:
    forget(tmp_path, "ann")
    database = conversations_in(tmp_path)
    for name in ("ann", "ben"):
        AccountShelf(database, name).keep(name, 1, TURN)
        Links(database).make(f"of {name}", name, TURN)
    forget(tmp_path, "ann")
    assert AccountShelf(database, "ann").listed() == []
    assert Links(database).opened("of ann") is None
    assert Links(database).opened("of ben") == ("ben", TURN)
    assert len(AccountShelf(database, "ben").listed()) == 1
