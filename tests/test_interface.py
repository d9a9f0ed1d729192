"""The few names for programs in Python: they do what the commands do, and cost nothing until they are used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import qa
from corpus.errors import DocumentNotFound, LibraryNotFound
from corpus.library import Filter
from qa import KrakowQA
from qa.audit import Audit
from qa.payload import answer_payload
from tests.commands import Run, a_library, a_run, the_minutes

__all__ = ["a_library", "a_run", "the_minutes"]

QUESTION = "Who chaired the harbour council?"


def test_the_public_names_are_these() -> None:
    assert qa.__all__ == ["KrakowQA", "KrakowRetriever"]
    assert all(hasattr(qa, name) for name in qa.__all__)
    with pytest.raises(AttributeError, match="'qa' has no attribute 'ask'"):
        qa.ask  # type: ignore[attr-defined]  # noqa: B018


def test_importing_the_package_imports_nothing_of_it() -> None:
    script = "import sys; before = set(sys.modules); import qa; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert [name for name in done.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names] == ["qa"]


def test_it_does_what_the_commands_do(run: Run, library: Path, tmp_path: Path) -> None:
    bell, page = tmp_path / "bell.md", tmp_path / "more" / "tower.txt"
    bell.write_text("The bell was cast in 1520.", "utf-8")
    page.parent.mkdir()
    page.write_text("The tower leans.", "utf-8")
    with KrakowQA.open(library) as krakow:
        answer = krakow.ask(QUESTION)
        told = run("--library", library, "ask", QUESTION, "--json").json
        assert {**answer_payload(answer), "searched": QUESTION, "timings_ms": 0} == {**told, "timings_ms": 0}
        assert krakow.show(str(answer.quotes[0].address)).text == answer.quotes[0].text
        assert krakow.show("minutes").text == krakow.parts.library.document("minutes").text
        assert [added.outcome.value for added in krakow.add(bell, page.parent, dry_run=True)] == ["read", "read"]
        assert [added.outcome.value for added in krakow.add(bell, page.parent)] == ["added", "added"]
        hits = krakow.search("When was the bell cast?", k=1)
        assert [hit.passage.text for hit in hits] == ["The bell was cast in 1520."]
        assert krakow.search("bell", filter=Filter(documents=frozenset({"tower"})))[0].passage.document_id == "tower"
        bell.write_text("The bell was cast in 1521.", "utf-8")
        assert [added.outcome.value for added in krakow.add(bell)] == ["changed"]
        assert [added.outcome.value for added in krakow.add(bell, if_changed="replace")] == ["replaced"]
        krakow.withdraw("bell")
        assert "bell" not in {entry.id for entry in krakow.documents()}
        with pytest.raises(DocumentNotFound):
            krakow.show("nowhere")
    assert {deed.how for deed in Audit(library).deeds()} >= {"Python"}


def test_a_library_that_is_not_there_is_made_only_where_it_is_this_users(run: Run, tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="krakow-qa"):
        KrakowQA.open(tmp_path / "nowhere")
    with KrakowQA.open(strictness=0.25) as krakow:
        assert krakow.parts.settings.strictness == 0.25
        assert krakow.documents()
