"""Proves the contract of the command line: the fields that it prints, and which library is used and made."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from qa.assembly import open_library
from tests.commands import MINUTES, Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)

SOURCE = {"id": str, "title": str, "publisher": (str, None), "date": (str, None), "url": (str, None)}
PAGES = {"page": (int, None), "last_page": (int, None)}
PLACE = {"address": str, "document": str, "version": str, "start": int, "end": int, "text": str, **PAGES}
WHO = {"title": str, "kind": str, "publisher": (str, None), "speaker": (str, None), "date": (str, None)}
ABOUT = {**WHO, "sources": [SOURCE]}
MARKED = {**PLACE, **ABOUT, "by_ocr": bool, "highlight": ([int], None), "confidence": float}
ELSEWHERE = {"also": [{**WHO, "address": str}], "reworded": [{**WHO, "address": str, "text": str}]}
QUOTE = {**MARKED, **ELSEWHERE, "whole": (str, None)}
NAMES = ([str], None)
FILTER = {
    **dict.fromkeys(("documents", "publishers", "kinds", "languages"), NAMES),
    "since": (str, None),
    "until": (str, None),
}
SIDE = {**WHO, "quote": int, "address": str, "span": [int], "value": str}
ANSWER = {
    "schema": int,
    "question": str,
    "searched": str,
    "answered": bool,
    "confidence": float,
    "uncalibrated_languages": [str],
    "reason": (str, None),
    "short_answer": (str, None),
    "quotes": [QUOTE],
    "themes": [{"title": str, "quotes": [int]}],
    "differences": [{"kind": str, "sides": [SIDE]}],
    "closest": [QUOTE],
    "missing": [str],
    "spelling": (str, None),
    "filter": (FILTER, None),
    "timings_ms": {"retrieve": float, "read": float, "quote": float, "guide": float, "total": float},
    "settings": str,
    "generation": int,
}
SCORES = {"fused": float, "cosine": (float, None), "bm25": (float, None), "reader": (float, None)}
HIT = {**PLACE, **ABOUT, "rank": int, "headings": [str], "scores": SCORES, "copies": [str]}
REPORT = {
    "pages": (int, None),
    "textless_pages": [int],
    "ocr_pages": [int],
    "language": (str, None),
    "mended": dict,
    "left_out": [str],
    "warnings": [str],
}
ADDED = {
    "path": str,
    "outcome": str,
    "id": (str, None),
    "version": (str, None),
    "characters": int,
    "passages": int,
    "report": (REPORT, None),
    "notes": [str],
    "present": (None,),
    "error": (str, None),
}
ENTRY = {
    **ABOUT,
    "id": str,
    "version": str,
    "language": (str, None),
    "url": (str, None),
    "licence": (str, None),
    "state": str,
    "added_at": str,
    "ended_at": (str, None),
    "added_by": str,
    "origin": str,
    "parser": str,
    "file_digest": str,
    "report": REPORT,
    "characters": int,
    "passages": int,
}
RESOLVED = {**MARKED, "confidence": None, "state": str, "ended_at": (str, None), "context": str}


def fits(value: Any, shape: Any) -> bool:
    """Whether a JSON value has a shape: exact fields, lists of one shape, a type, or one of several."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and value.keys() == shape.keys() and all(fits(value[k], shape[k]) for k in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(each, shape[0]) for each in value)
    if isinstance(shape, tuple):
        return any(fits(value, each) for each in shape)
    return value is None if shape is None else type(value) is shape


# What the commands print


@pytest.mark.parametrize(("strictness", "answered"), [("1", True), ("0", False)])
def test_ask_prints_one_answer(run: Run, library: Path, strictness: str, answered: bool) -> None:
    question = "Who chaired the harbour council?"
    ran = run("--library", library, "ask", question, "--strictness", strictness, "--json")
    answer = ran.json
    assert fits(answer, ANSWER)
    assert (ran.code, answer["schema"], answer["question"], answer["answered"]) == (0, 1, question, answered)
    assert (answer["reason"] is None, bool(answer["quotes"]), bool(answer["closest"])) == (
        answered,
        answered,
        not answered,
    )
    text = open_library(library).document("minutes").text
    (quote,) = (
        each
        for each in answer["quotes"] + answer["closest"]
        if each["document"] == "minutes" and "Nowak" in each["text"]
    )
    assert quote["text"] == text[quote["start"] : quote["end"]] == "Ola Nowak chaired the harbour council in Kraków 😀."
    assert quote["address"] == f"minutes@{quote['version'][:12]}#{quote['start']}-{quote['end']}"
    assert (quote["title"], quote["kind"]) == ("Minutes of the harbour council", "statement")
    itself = {"id": "minutes", "title": quote["title"], "publisher": "Harbour office"}
    assert quote["sources"] == [{**itself, "date": "2026-03-04", "url": "https://harbour.example/minutes"}]


def test_a_question_that_follows_others_is_asked_after_them(run: Run, library: Path) -> None:
    follow = ("--library", library, "ask", "Did she drive?", "--after", "Who is Ola Nowak?", "--strictness", "1")
    answer = run(*follow, "--json").json
    assert fits(answer, ANSWER)
    assert (answer["question"], answer["searched"]) == ("Did she drive?", "Did Ola Nowak drive?")
    assert run(*follow).out.startswith("searched for: Did Ola Nowak drive?\n\n")


def test_a_question_that_stands_by_itself_is_searched_for_as_it_was_typed(run: Run, library: Path) -> None:
    alone = ("--library", library, "ask", "Who chaired the council?", "--after", "Who is Jan Lis?", "--strictness", "1")
    assert run(*alone, "--json").json["searched"] == "Who chaired the council?"
    assert "searched for" not in run(*alone).out


def test_a_quoted_brief_names_the_sources_that_it_rests_on(run: Run, library: Path) -> None:
    answer = run("--library", library, "ask", "unnamed chair", "--strictness", "1", "--json").json
    (brief,) = (quote for quote in answer["quotes"] if quote["kind"] == "brief")
    assert [source["id"] for source in brief["sources"]] == ["govpl", "eeas"]
    assert "our summary, after" in run("--library", library, "ask", "unnamed chair", "--strictness", "1").out


def test_ask_prints_no_more_quotes_than_wanted(run: Run, library: Path) -> None:
    wanted = ("ask", "Who chaired or led the harbour council?", "--strictness", "1", "--json")
    both, one = (run("--library", library, *wanted, "--quotes", most).json["quotes"] for most in ("5", "1"))
    assert (len(both), one) == (2, both[:1])


def test_search_prints_hits(run: Run, library: Path) -> None:
    ran = run("--library", library, "search", "krakow cranes", "-k", "1", "--json")
    assert fits(ran.json, {"hits": [HIT]})
    (hit,) = ran.json["hits"]
    assert (ran.code, hit["rank"], hit["document"]) == (0, 1, "minutes")
    assert len(run("--library", library, "search", "harbour", "--json").json["hits"]) == 2


def test_add_prints_what_became_of_each_file(run: Run, library: Path, minutes: Path) -> None:
    other = minutes.with_name("Łódź pier.txt")
    other.write_text("The pier is open.", "utf-8")
    ran = run("--library", library, "add", minutes, other, minutes.with_name("photo.png"), "--json")
    assert fits(ran.json, {"results": [ADDED]})
    assert [(result["outcome"], result["id"]) for result in ran.json["results"]] == [
        ("unchanged", "minutes"),
        ("added", "lodz-pier"),
        ("failed", None),
    ]
    assert ran.code == 1
    assert [line for line in ran.err.splitlines() if line] == [f"krakow-qa: {ran.json['results'][2]['error']}"]


def test_how_fast_many_files_were_added_is_said_beside_the_results(run: Run, library: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for number in range(6):
        (shelf / f"{number}.md").write_text(f"Barge {number} lies at quay {number}.")
    ran = run("--library", library, "add", shelf)
    assert (ran.code, len(ran.out.splitlines())) == (0, 6)
    assert re.fullmatch(r"Added 6 documents, 6 passages in \d+ s \([\d,]+ passages/s\)\n", ran.err)
    assert run("--library", library, "add", shelf).err == ""


def test_adding_twice_changes_nothing_and_says_so(run: Run, library: Path, minutes: Path) -> None:
    before = open_library(library).generation()
    ran = run("--library", library, "add", minutes)
    assert (ran.code, ran.out.split(), ran.err) == (0, ["unchanged", "minutes"], "")
    assert open_library(library).generation() == before


def test_a_changed_file_is_kept_out_until_told_what_to_do(run: Run, library: Path, minutes: Path) -> None:
    minutes.write_text(MINUTES.replace("Nine", "Ten"), "utf-8")
    refused = run("--library", library, "add", minutes)
    assert (refused.code, "--if-changed replace" in refused.err) == (1, True)
    kept = run("--library", library, "add", "--if-changed", "keep", minutes, "--json")
    assert (kept.code, kept.json["results"][0]["outcome"]) == (0, "unchanged")
    replaced = run("--library", library, "add", "--if-changed", "replace", minutes, "--json")
    assert (replaced.code, replaced.json["results"][0]["outcome"]) == (0, "replaced")


def test_a_changed_file_is_told_with_what_the_library_has(run: Run, library: Path, minutes: Path) -> None:
    minutes.write_text(MINUTES.replace("Nine", "Eleven"), "utf-8")
    ran = run("--library", library, "add", minutes, "--json")
    assert fits(ran.json, {"results": [{**ADDED, "present": ENTRY}]})
    (result,) = ran.json["results"]
    assert (ran.code, result["outcome"], result["id"]) == (1, "changed", "minutes")
    assert result["characters"] - result["present"]["characters"] == len("Eleven") - len("Nine")


def test_replace_makes_a_file_the_new_version_of_a_document(run: Run, library: Path, tmp_path: Path) -> None:
    new = tmp_path / "corrected.txt"
    new.write_text("Ten cranes will be painted blue.", "utf-8")
    shown = run("--library", library, "replace", "minutes", new, "--dry-run")
    assert (shown.code, shown.out.split()[:2]) == (0, ["read", "minutes"])
    assert "Nine cranes" in open_library(library).document("minutes").text
    assert run("--library", library, "replace", "minutes", new).out.startswith("replaced  minutes (32 characters")
    entry = open_library(library).entry("minutes")
    assert entry is not None
    assert (entry.source.title, entry.source.publisher) == ("Minutes of the harbour council", "Harbour office")
    assert run("--library", library, "check").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replace", "ghost", "{files}/one.txt"], "no document 'ghost'"),
        (["replace", "minutes", "{files}"], "holds 2 files"),
        (["replace", "minutes", "{files}/none.txt"], "cannot be opened"),
        (["replace", "minutes", "http://127.0.0.1/page"], "127.0.0.1"),
        (["reinstate", "minutes"], "was not withdrawn"),
        (["show", "minutes", "--original", "{files}/one.txt"], "Name another file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_replaced_or_brought_back_is_one_line(
    run: Run, library: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for name in ("one", "two"):
        (files / f"{name}.txt").write_text(f"This is {name}.")
    ran = run("--library", library, *(argument.format(files=files) for argument in arguments))
    (line,) = ran.err.splitlines()
    assert (ran.code, said in line) == (1, True)


def test_a_withdrawn_document_is_listed_when_asked_and_reinstated(run: Run, library: Path) -> None:
    run("--library", library, "withdraw", "minutes")
    assert "minutes" not in run("--library", library, "list").out
    assert "(withdrawn on " in run("--library", library, "list", "--withdrawn").out.splitlines()[0]
    states = {
        each["id"]: each["state"]
        for each in run("--library", library, "list", "--withdrawn", "--json").json["documents"]
    }
    assert states == {"minutes": "withdrawn", "summary": "current"}
    ran = run("--library", library, "reinstate", "minutes")
    assert (ran.code, ran.out) == (0, "Reinstated minutes (1 passage); it answers again\n")
    assert "minutes" in run("--library", library, "list").out
    assert run("--library", library, "check").code == 0


def test_show_writes_the_original(run: Run, library: Path, minutes: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.md"
    assert run("--library", library, "show", "minutes", "--original", copy).code == 0
    assert copy.read_bytes() == minutes.read_bytes()
    minutes.write_text(MINUTES.replace("Nine", "Ten"), "utf-8")
    run("--library", library, "add", "--if-changed", "replace", "--no-originals", minutes)
    ran = run("--library", library, "show", "minutes", "--original", tmp_path / "other.md")
    assert (ran.code, "was not kept" in ran.err) == (1, True)


def test_the_catalogue_says_what_the_library_has(run: Run, library: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("---\nid: govpl\n---\nThe ministers met.", "utf-8")
    run("--library", library, "add", page)
    ran = run("--library", library, "catalogue", "--json")
    held = {source["id"]: source["in_library"] for source in ran.json["sources"]}
    assert [id for id, is_held in held.items() if is_held] == ["govpl"]
    lines = run("--library", library, "catalogue").out.splitlines()
    assert [line.split()[0] for line in lines if line.endswith("(in the library)")] == ["govpl"]


@pytest.mark.parametrize(("name", "way"), [("minutes", "command line"), ("summary", "our brief")])
def test_list_says_how_a_document_came(run: Run, library: Path, name: str, way: str) -> None:
    documents = run("--library", library, "list", "--json").json["documents"]
    assert [each["added_by"] for each in documents if each["id"] == name] == [way]


def test_list_prints_documents(run: Run, library: Path) -> None:
    ran = run("--library", library, "list", "--json")
    assert fits(ran.json, {"documents": [ENTRY]})
    assert [(entry["id"], entry["state"]) for entry in ran.json["documents"]] == [
        ("minutes", "current"),
        ("summary", "current"),
    ]
    assert "Minutes of the harbour council" in run("--library", library, "list").out


def test_show_id_prints_the_document(run: Run, library: Path) -> None:
    ran = run("--library", library, "show", "minutes", "--json")
    assert fits(ran.json, {**ENTRY, "copies": [{"id": str, "share": float}], "text": str})
    assert ran.json["text"] == MINUTES.split("---\n\n")[1]
    assert ran.json["characters"] == len(ran.json["text"])
    assert run("--library", library, "show", "minutes").out.endswith(ran.json["text"] + "\n")


def test_the_context_of_a_long_paragraph_is_cut_between_words(run: Run, library: Path, tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(1000)]
    (tmp_path / "long.txt").write_text(" ".join(words), "utf-8")
    run("--library", library, "add", tmp_path / "long.txt")
    document = open_library(library).document("long")
    start = document.text.index("word500")
    ran = run("--library", library, "show", f"long@{document.version[:12]}#{start}-{start + 7}", "--json")
    context = ran.json["context"].split()
    assert context == words[words.index(context[0]) :][: len(context)]
    assert "word500" in context[20:-20]
    assert len(context) < 300


def test_show_address_prints_the_quote_its_state_and_its_context(run: Run, library: Path, minutes: Path) -> None:
    document = open_library(library).document("minutes")
    start = document.text.index("Nine cranes")
    address = f"minutes@{document.version[:12]}#{start}-{start + len('Nine cranes')}"

    def state() -> str:
        ran = run("--library", library, "show", address, "--json")
        assert fits(ran.json, RESOLVED)
        assert (ran.json["text"], ran.json["address"], ran.json["version"]) == (
            "Nine cranes",
            address,
            document.version,
        )
        assert ran.json["context"] == document.text.split("\n\n", 1)[1]
        plain = run("--library", library, "show", address).out
        assert "“Nine cranes”" in plain
        assert f"({ran.json['state']}" in plain
        return str(ran.json["state"])

    assert state() == "current"
    run("--library", library, "withdraw", "minutes")
    assert state() == "withdrawn"
    run("--library", library, "add", minutes)
    assert state() == "current"
    minutes.write_text(MINUTES.replace("Nine", "Ten"), "utf-8")
    run("--library", library, "add", "--if-changed", "replace", minutes)
    assert state() == "superseded"


def test_check_agrees_after_every_step_and_tells_where_not(run: Run, library: Path, minutes: Path) -> None:
    minutes.write_text(MINUTES.replace("Nine", "Ten"), "utf-8")
    for step in (["list"], ["add", "--if-changed", "replace", minutes], ["withdraw", "minutes"], ["reencode"]):
        assert run("--library", library, *step).code == 0
        ran = run("--library", library, "check", "--json")
        assert (ran.code, ran.json) == (0, {"agrees": True, "differences": []})
    (stored,) = open_library(library).stored(range(1, 1000))
    document = open_library(library).document("summary")
    damaged = [(document, [stored.passage], stored.vector[None] * 2)]
    open_library(library).refill(open_library(library).manifest, damaged, open_library(library).generation())
    ran = run("--library", library, "check", "--json")
    assert fits(ran.json, {"agrees": bool, "differences": [str]})
    assert (ran.code, ran.json["agrees"], len(ran.json["differences"]) > 0) == (1, False, True)
    assert len(ran.err.splitlines()) == 1


def test_bytes_that_are_no_text_in_a_question_do_no_harm(run: Run, library: Path) -> None:
    question = os.fsdecode(b"harbour \xff council")
    ran = run("--library", library, "ask", question, "--strictness", "1", "--json")
    assert (ran.code, ran.json["question"]) == (0, "harbour ? council")
    assert run("--library", library, "search", question).code == 0


# Which library


@pytest.mark.parametrize("command", [["list"], ["ask", "What is LEAP?"], ["check"]])
def test_the_default_library_is_made_on_first_use_with_the_briefs(run: Run, tmp_path: Path, command: list[str]) -> None:
    first = run(*command)
    assert first.code == 0
    assert first.err == f"Made a library with our briefs at {tmp_path / 'data' / 'krakow-qa' / 'library'}\n"
    again = run("list", "--json")
    assert (again.code, again.err) == (0, "")
    assert len(again.json["documents"]) >= 16


def test_the_variable_names_the_default_library(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRAKOW_QA_LIBRARY", str(tmp_path / "mine"))
    assert str(tmp_path / "mine") in run("list").err
    assert run("--library", tmp_path / "other", "init", "--empty").code == 0
    assert run("--library", tmp_path / "other", "list", "--json").json == {"documents": []}
    assert not (tmp_path / "data").exists()


def test_init_and_add_make_a_named_library(run: Run, tmp_path: Path, minutes: Path) -> None:
    made = run("--library", tmp_path / "deep" / "one", "init")
    assert (made.code, "a library with our briefs" in made.out) == (0, True)
    assert run("--library", tmp_path / "two", "add", minutes).code == 0
    one, two = (run("--library", tmp_path / name, "list", "--json").json["documents"] for name in ("deep/one", "two"))
    assert len(two) == len(one) + 1 >= 17


@pytest.mark.parametrize(
    ("options", "passage_tokens"),
    [([], 128), (["--passage-tokens", "40"], 40), (["--whole-documents"], None)],
)
def test_the_passage_length_is_settled_by_init(
    run: Run, tmp_path: Path, options: list[str], passage_tokens: int | None
) -> None:
    run("--library", tmp_path / "library", "init", "--empty", *options)
    assert open_library(tmp_path / "library").manifest.passage_tokens == passage_tokens


def test_another_encoder_is_refused_with_the_command_that_mends_it(run: Run, library: Path) -> None:
    refused = run("--library", library, "--encoder", "newer", "ask", "harbour")
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert "krakow-qa --encoder newer reencode" in refused.err
    assert run("--library", library, "--encoder", "newer", "reencode").code == 0
    assert run("--library", library, "ask", "harbour").code == 0
    assert run("--library", library, "check").code == 0


def test_reread_reads_what_is_named_and_else_only_what_an_older_parser_read(run: Run, library: Path) -> None:
    nothing = run("--library", library, "reread")
    assert (nothing.code, nothing.out) == (
        0, "There is nothing to read again: no kept file was read by an older parser\n"
    )  # fmt: skip
    named = run("--library", library, "reread", "minutes", "--json")
    assert [(each["id"], each["outcome"]) for each in named.json["results"]] == [("minutes", "unchanged")]
    assert run("--library", library, "reread", "nothing-of-that-name").code == 1
