"""After an upgrade: changed briefs become new versions and that is said; what somebody decided otherwise stays."""

from __future__ import annotations

from pathlib import Path

import pytest

import qa.renewal
from corpus.files import find_files
from corpus.library import State
from corpus.model import Address, Span
from index.intake import IfChanged, Outcome
from qa.assembly import Parts
from qa.renewal import renew_briefs
from tests.commands import Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)
from tests.conftest import MakeParts

NAMES = ("brief-lock", "brief-pier", "brief-quay")


def write(folder: Path, name: str, text: str) -> Path:
    """A brief."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.md"
    file.write_text(f"---\nid: {name}\nkind: brief\n---\n# {name}\n\n{text}\n")
    return file


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installation's briefs."""
    folder = tmp_path / "new" / "corpus" / "briefs"
    monkeypatch.setattr(qa.renewal, "shipped_briefs", lambda: sorted(folder.glob("*.md")))
    return folder


@pytest.fixture
def parts(make_parts: MakeParts, tmp_path: Path, shipped: Path) -> Parts:
    """A library that an older installation made, beside a new one whose briefs are the same."""
    parts = make_parts()
    for name in NAMES:
        text = f"The {name} opens in May."
        write(shipped, name, text)
        list(parts.intake.add(find_files([write(tmp_path / "old" / "corpus" / "briefs", name, text)])))
    return parts


def test_nothing_happens_where_nothing_has_changed(parts: Parts) -> None:
    generation = parts.library.generation()
    assert renew_briefs(parts) == []
    assert parts.library.generation() == generation


def test_a_changed_brief_becomes_a_new_version_and_a_new_one_is_added(parts: Parts, shipped: Path) -> None:
    old = parts.library.document("brief-lock")
    write(shipped, "brief-lock", "The lock opens in June.")
    write(shipped, "brief-mole", "The mole opens in June.")
    outcomes = {added.id: added.outcome for added in renew_briefs(parts)}
    assert outcomes == {"brief-lock": Outcome.REPLACED, "brief-mole": Outcome.ADDED}
    assert "June" in parts.library.document("brief-lock").text
    document, entry = parts.library.resolve(Address.of(old.id, old.version, Span(0, 5)))
    assert (document.text, entry.state) == (old.text, State.SUPERSEDED)
    assert renew_briefs(parts) == []
    assert parts.check() == []


@pytest.mark.parametrize("decided", ["withdrawn", "purged", "replaced"])
def test_what_somebody_decided_otherwise_stays(parts: Parts, shipped: Path, tmp_path: Path, decided: str) -> None:
    if decided == "withdrawn":
        parts.library.withdraw("brief-lock")
    elif decided == "purged":
        parts.purge("brief-lock")
    else:
        own = write(tmp_path / "own", "brief-lock", "The lock is ours.")
        list(parts.intake.add(find_files([own]), IfChanged.REPLACE))
    write(shipped, "brief-lock", "The lock opens in June.")
    generation = parts.library.generation()
    assert renew_briefs(parts) == []
    assert parts.library.generation() == generation


def test_a_library_without_briefs_gets_none(make_parts: MakeParts, shipped: Path) -> None:
    write(shipped, "brief-lock", "The lock opens in June.")
    parts = make_parts(other="Nothing of the kind.")
    assert renew_briefs(parts) == []


def test_asking_says_which_briefs_are_new(run: Run, library: Path, shipped: Path, tmp_path: Path) -> None:
    old = write(tmp_path / "old" / "corpus" / "briefs", "brief-lock", "The lock opens in May.")
    run("--library", library, "add", old)
    write(shipped, "brief-lock", "The lock opens in June.")
    first = run("--library", library, "ask", "--reader", "lexical", "When does the lock open?")
    assert "new versions of brief-lock are in the library" in first.err
    again = run("--library", library, "ask", "--reader", "lexical", "When does the lock open?")
    assert (first.code, again.code, again.err) == (0, 0, "")
