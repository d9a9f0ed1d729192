"""Proves that a question set of any format is read as it is meant, or refused in one clear line and nothing written."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.files import find_files
from corpus.library import Library
from corpus.model import Address, Span
from corpus.sqlite import FILE_NAME
from index.intake import IfChanged
from qa.assembly import open_library
from qa.audit import FILE_NAME as AUDIT
from qa.evaluation.questions import Question
from qa.evaluation.sets.beir import read_beir
from qa.evaluation.sets.own import read_own
from qa.evaluation.sets.rows import BadQuestionSet
from qa.evaluation.sets.squad import read_squad, squad_questions
from tests.commands import MINUTES, Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)
from tests.conftest import MakeParts
from tests.test_evaluation import COUNCIL, CRANES, squad
from tests.test_evaluation_retrieval import DOCUMENTS, QRELS, QUERIES, beir_folder, lines  # noqa: F401 (a fixture)
from tests.test_parsing_fuzz import WHOLE

GOOD = {"id": "1", "question": "Who?", "answerable": True}
HEADER = "id,question,answerable,evidence\n"

Content = str | bytes
Refusal = Callable[..., str]


def row(**changes: Any) -> str:
    """A line of a good set, with other fields."""
    return json.dumps({**GOOD, **changes}) + "\n"


def without(field: str) -> str:
    return json.dumps({name: value for name, value in GOOD.items() if name != field})


def written(content: Content) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def traces(folder: Path) -> dict[str, str]:
    """All files and folders, with the digest of what is in them; not a library's database, which SQLite tidies, nor the
    audit log, which tells of a refusal too."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
        if not path.name.startswith((FILE_NAME, AUDIT))
    }


@pytest.fixture
def refusal(run: Run, tmp_path: Path) -> Refusal:
    """Evaluates a set that is bad; what is said, in one line, after it was seen that nothing was written."""

    def refuse(set: Path, *before: str | Path, options: Sequence[str] = ()) -> str:
        found = traces(tmp_path)
        ran = run(*before, "evaluate", set, "--out", tmp_path / "out", *options)
        assert (ran.code, ran.out) == (1, "")
        assert len(ran.err.splitlines()) == 1
        assert traces(tmp_path) == found
        return ran.err.strip()

    return refuse


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", " holds no questions."),
        ("\n \n\r\n", " holds no questions."),
        (
            "".join(row(id=str(n)) for n in range(4_011)) + '{"id": "x", "question": ',
            ", line 4012: no JSON (Expecting value; column 25)",
        ),
        (row() + "\n" + row(id="2")[:-2], ", line 3: no JSON"),
        (row() + row(id="2").replace("\n", "\r") + row(id="3"), ", line 2: no JSON (Extra data"),
        ("[]", ", line 1: not a JSON object"),
        ("null", ", line 1: not a JSON object"),
        ("[" * 100_000, ", line 1: no JSON that can be read: its brackets are nested too deeply"),
        (f'{{"id": {"9" * 5_000}}}', ", line 1: no JSON that can be read (Exceeds the limit"),
        ('{"id": "1", "id": "2"}', ", line 1: no JSON that can be read ('id' stands there twice)"),
        (row(id="\t").replace("\\t", "\t"), ", line 1: no JSON (Invalid control character at"),
        (without("id"), ", line 1: 'id' is missing"),
        (without("question"), ", line 1: 'question' is missing"),
        (without("answerable"), ", line 1: 'answerable' is missing"),
        (row(id=17), ", line 1: 'id' must be a text, in quotation marks, and not 17"),
        (row(id=""), ", line 1: 'id' is empty"),
        (row(id="2") + row() + row(), ", line 3: 'id' 1 stands in line 2 already"),
        (row(question=None), ", line 1: 'question' must be a text, in quotation marks, and not null"),
        (row(question=" \u00a0\x1c"), ", line 1: 'question' is empty"),
        (row(question="?" * 2_001), ", line 1: 'question' has more than the 2000 characters"),
        (row(question="\ud83d"), ", line 1: 'question' holds half a character"),
        (row(answerable="no"), ", line 1: 'answerable' must be true or false, and not the text 'no'"),
        (row(answerable=1), ", line 1: 'answerable' must be true or false, and not 1"),
        (row(answers="Nowak"), ", line 1: 'answers' must be a list, in [ ], and not the text 'Nowak'"),
        (row(answers=["Nowak", ""]), ", line 1: 'answers', item 2 is empty"),
        (
            row(answers=[{"text": "Nowak"}]),
            ", line 1: 'answers', item 1 must be a text, in quotation marks, and not an",
        ),
        (row(evidence="Nowak"), ", line 1: 'evidence' must be a list"),
        (row(evidence=[3.5]), ", line 1: 'evidence', item 1, part 1 must be a text, in quotation marks, and not 3.5"),
        (row(evidence=[["a", ["b"]]]), ", line 1: 'evidence', item 1, part 2 must be a text, in quotation marks, and"),
        (row(evidence=["a", []]), ", line 1: 'evidence', item 2 is an empty list"),
        (row(history="Who?"), ", line 1: 'history' must be a list"),
        (row(history=[" "]), ", line 1: 'history', item 1 is empty"),
        (row(tags=[True]), ", line 1: 'tags', item 1 must be a text, in quotation marks, and not true"),
        (row(note=["later"]), ", line 1: 'note' must be a text, in quotation marks, and not a list"),
        (row(note="\udc00"), ", line 1: 'note' holds half a character"),
        (
            row(answer="Nowak"),
            ", line 1: 'answer' is not a field; these are: id, question, history, spelled_out, answers,",
        ),
        (row(spelled_out="Who steers it?"), ", line 1: 'spelled_out' is given, and 'history' is empty"),
        ('{"Id": "1"}', ", line 1: 'Id' is not a field"),
        ('{"\\ud83d": "1"}', ", line 1: no JSON that can be read ('\\ud83d' is no name of a field)"),
        (row(answerable=False, answers=["Nowak"]), ", line 1: 'answers' is given, and 'answerable' is false"),
        (row(answerable=False, evidence=["Nowak"]), ", line 1: 'evidence' is given, and 'answerable' is false"),
        (row().encode() + b'{"id": "K\xf6ln"}', ", line 2: not UTF-8 text (byte 0xf6). Save it as UTF-8"),
        (row().encode("utf-16"), ", line 1: not UTF-8 but UTF-16 text"),
        (row().encode() + row().encode("utf-16-be"), ", line 2: a NUL byte"),
        (gzip.compress(row().encode()), ", line 1: not UTF-8 text"),
    ],
)
def test_bad_jsonl_is_refused(refusal: Refusal, tmp_path: Path, content: Content, where: str) -> None:
    file = tmp_path / "set.jsonl"
    file.write_bytes(written(content))
    assert refusal(file).startswith(f"krakow-qa: {file}{where}")


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", " holds no questions."),
        (HEADER, " holds no questions."),
        ("id,question\n1,Who?\n", ", line 1: there is no column 'answerable'"),
        ("1,Who?,yes\n", ", line 1: column 1, '1', is none of id, question,"),
        ("id,question,answerable,colour\n", ", line 1: column 4, 'colour', is none of id, question,"),
        ("id,question,answerable,\n", ", line 1: column 4, '', is none of"),
        ("id,question,answerable, ID\n", ", line 1: column 4, 'id', stands there twice"),
        ("id|question|answerable\n", ", line 1: column 1, 'id|question|answerable', is none of"),
        (HEADER + "1,Who?,yes,x,y\n", ", line 2: 5 cells under 4 columns"),
        (HEADER + "1,Who?\n", ", line 2: 'answerable' is missing"),
        (HEADER + ",Who?,no\n", ", line 2: 'id' is missing"),
        (HEADER + "1,Who?,maybe\n", ", line 2: 'answerable' must be true or false, and not the text 'maybe'"),
        (HEADER + '1,"Who\nis\nit?",no\n1,Who?,no\n', ", line 5: 'id' 1 stands in line 2 already"),
        (HEADER + '1,Who?,no\n2,"Who?,no\n3,Who?,no\n', ", line 3: no CSV (unexpected end of data)"),
        (HEADER + '1,"Who" is it?,no\n', ", line 2: no CSV (',' expected after '\"')"),
        (HEADER + f"1,{'?' * 200_000},no\n", ", line 2: no CSV (field larger than field limit (131072))"),
        (HEADER + '1,Who?,yes,"[""a"", 2]"\n', ", line 2: 'evidence', item 2, part 1 must be a text"),
        (HEADER + "1,Who?,yes,[The] cranes\n", ", line 2: 'evidence': no JSON (Expecting value; column 2)."),
        (HEADER + f"1,Who?,yes,{'[' * 100_000}\n", ", line 2: 'evidence': no JSON that can be read: its brackets"),
        (HEADER + "1,Who?,no,Nowak\n", ", line 2: 'evidence' is given, and 'answerable' is false"),
        (HEADER.encode() + b"1,K\xf6ln?,no\n", ", line 2: not UTF-8 text (byte 0xf6)"),
        ((HEADER + "1,Who?,no\n").encode("utf-16"), ", line 1: not UTF-8 but UTF-16 text"),
        (HEADER + "1,Wh\0o?,no\n", ", line 2: a NUL byte"),
    ],
)
def test_bad_csv_is_refused(refusal: Refusal, tmp_path: Path, content: Content, where: str) -> None:
    file = tmp_path / "set.csv"
    file.write_bytes(written(content))
    assert refusal(file).startswith(f"krakow-qa: {file}{where}")


def changed(*path: int | str, to: Any = None, drop: str | None = None) -> str:
    """A good SQuAD file with another value at a place, or without a field of what stands there."""
    whole = squad((COUNCIL, "Who chaired it?", ["Nowak"]), (CRANES, "Who?", ["Lis"]), (CRANES, "Who swims?", []))
    at: Any = whole
    for step in path if drop is not None else path[:-1]:
        at = at[step]
    if drop is not None:
        del at[drop]
    else:
        at[path[-1]] = to
    return json.dumps(whole)


ABOUT = ("data", 0, "paragraphs", 1)
IN_ABOUT = ", article 1 (Harbour_life), paragraph 2"
ASKED = (*ABOUT, "qas", 0)
IN_ASKED = f"{IN_ABOUT}, question 1 (q-1)"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", ": no JSON (Expecting value; column 1)"),
        (
            '{"data": [\n{"title": "a",}]}',
            ": no JSON (Expecting property name enclosed in double quotes; line 2, column",
        ),
        ('{"data": ' + "[" * 100_000, ": no JSON that can be read: its brackets are nested too deeply"),
        ("[]", " must be an object, in { }, and not a list"),
        ("{}", ", 'data' is missing"),
        ('{"data": []}', " holds no questions."),
        ('{"data": {}}', ", 'data' must be a list, in [ ], and not an object"),
        ('{"data": ["a"]}', ", article 1 must be an object, in { }, and not the text 'a'"),
        (changed("data", 0, "title", to=3), ", article 1, 'title' must be a text"),
        (changed("data", 0, drop="paragraphs"), ", article 1 (Harbour_life), 'paragraphs' is missing"),
        (changed(*ABOUT, to=None), f"{IN_ABOUT} must be an object, in {{ }}, and not null"),
        (changed(*ABOUT, drop="context"), f"{IN_ABOUT}, 'context' is missing"),
        (changed(*ABOUT, "context", to=" \n"), f"{IN_ABOUT}, 'context' is empty"),
        (changed(*ABOUT, "context", to="\ud83d"), f"{IN_ABOUT}, 'context' holds half a character"),
        (changed(*ABOUT, "qas", to="none"), f"{IN_ABOUT}, 'qas' must be a list"),
        (changed(*ASKED, drop="id"), f"{IN_ABOUT}, question 1, 'id' is missing"),
        (changed(*ASKED, "id", to="q-0"), f"{IN_ABOUT}, question 1 (q-0), 'id' stands at a question before"),
        (changed(*ASKED, "question", to=""), f"{IN_ASKED}, 'question' is empty"),
        (changed(*ASKED, "question", to="?" * 2_001), f"{IN_ASKED}, 'question' has more than the 2000 characters"),
        (changed(*ASKED, drop="answers"), f"{IN_ASKED}, 'answers' is missing"),
        (changed(*ASKED, "answers", to={}), f"{IN_ASKED}, 'answers' must be a list, in [ ], and not an object"),
        (
            changed(*ASKED, "answers", 0, to="Lis"),
            f"{IN_ASKED}, answer 1 must be an object, in {{ }}, and not the text",
        ),
        (changed(*ASKED, "answers", 0, "text", to=""), f"{IN_ASKED}, answer 1, 'text' is empty"),
        (changed(*ASKED, "answers", 0, "text", to=7), f"{IN_ASKED}, answer 1, 'text' must be a text"),
        (changed(*ASKED, "answers", 0, "text", to="Hanka"), f"{IN_ASKED}, answer 1, 'text' does not stand in the par"),
        (changed(*ASKED, "is_impossible", to="no"), f"{IN_ASKED}, 'is_impossible' must be true or false"),
        (changed(*ASKED, "is_impossible", to=True), f"{IN_ASKED}, 'is_impossible' contradicts 'answers', which is not"),
        (changed(*ASKED, "answers", to=[]), f"{IN_ASKED}, 'is_impossible' contradicts 'answers', which is empty"),
        (changed("data", to=[]).encode("utf-16"), ", line 1: not UTF-8 but UTF-16 text"),
        (b'{"data": "\xff"}', ", line 1: not UTF-8 text (byte 0xff)"),
    ],
)
def test_bad_squad_is_refused(refusal: Refusal, tmp_path: Path, content: Content, where: str) -> None:
    file = tmp_path / "set.json"
    file.write_bytes(written(content))
    assert refusal(file).startswith(f"krakow-qa: {file}{where}")


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("corpus.jsonl", None, " has no corpus.jsonl"),
        ("queries.jsonl", None, " has no queries.jsonl"),
        ("qrels/test.tsv", None, "/qrels has no .tsv file"),
        ("corpus.jsonl", lines(DOCUMENTS) + '{"_id": "5"', "/corpus.jsonl, line 5: no JSON"),
        ("corpus.jsonl", "[" * 100_000, "/corpus.jsonl, line 1: no JSON"),
        ("corpus.jsonl", "[]", "/corpus.jsonl, line 1: not a JSON object"),
        ("corpus.jsonl", '{"text": "x"}', "/corpus.jsonl, line 1: '_id' is missing"),
        ("corpus.jsonl", '{"_id": "", "text": "x"}', "/corpus.jsonl, line 1: '_id' is empty"),
        ("corpus.jsonl", '{"_id": 5, "text": "x"}', "/corpus.jsonl, line 1: '_id' must be a text"),
        ("corpus.jsonl", lines([DOCUMENTS[0], DOCUMENTS[0]]), "/corpus.jsonl, line 2: '_id' Doc 1 stands"),
        ("corpus.jsonl", '{"_id": "5"}', "/corpus.jsonl, line 1: 'text' is missing"),
        ("corpus.jsonl", '{"_id": "5", "text": "x", "title": null}', "/corpus.jsonl, line 1: 'title' must be a text"),
        ("corpus.jsonl", '{"_id": "5", "text": "\\ud83d"}', "/corpus.jsonl, line 1: 'text' holds half"),
        ("corpus.jsonl", b'{"_id": "5", "text": "x"}\n\xff\xfe', "/corpus.jsonl, line 2: not UTF-8"),
        ("corpus.jsonl", '{"_id": "Doc 1", "text": " "}', "/corpus.jsonl has no text"),
        ("corpus.jsonl", "", "/corpus.jsonl has no text"),
        ("queries.jsonl", '{"_id": "q1", "text": " "}', "/queries.jsonl, line 1: 'text' is empty"),
        ("queries.jsonl", lines([QUERIES[0], QUERIES[0]]), "/queries.jsonl, line 2: '_id' q1 stands"),
        ("qrels/test.tsv", "q1 Doc 1 1", "/qrels/test.tsv, line 1: 1 columns, and not query-id, corpus-id, score"),
        ("qrels/test.tsv", "q1\t0\tDoc 1\t1", "/qrels/test.tsv, line 1: 4 columns, and not"),
        ("qrels/test.tsv", "query\tdocument\tgrade", "/qrels/test.tsv, line 1: 'score' grade is no whole number of at"),
        ("qrels/test.tsv", QRELS + "q1\tDoc 3\tyes\n", "/qrels/test.tsv, line 5: 'score' yes is no whole number"),
        ("qrels/test.tsv", QRELS + "q1\tDoc 3\t1.0\n", "/qrels/test.tsv, line 5: 'score' 1.0 is no whole number"),
        ("qrels/test.tsv", "q1\tDoc 1\t1000000000", "/qrels/test.tsv, line 1: 'score' 1000000000 is no whole"),
        ("qrels/test.tsv", "q9\tDoc 1\t1", "/qrels/test.tsv, line 1: 'query-id' q9 is not in"),
        ("qrels/test.tsv", "q1\tDoc 9\t1", "/qrels/test.tsv, line 1: 'corpus-id' Doc 9 is not in"),
        ("qrels/test.tsv", QRELS + "q1\tDoc 1\t1", "/qrels/test.tsv, line 5: 'corpus-id' Doc 1 is judged twice"),
        ("qrels/test.tsv", "q1\tDoc 1\t0", "/qrels calls no document relevant"),
        ("qrels/test.tsv", "", "/qrels calls no document relevant"),
    ],
)
def test_a_bad_beir_folder_is_refused(
    refusal: Refusal, folder: Path, *, name: str, content: Content | None, where: str
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(written(content))
    assert refusal(folder).startswith(f"krakow-qa: {folder}{where}")


@pytest.mark.parametrize("name", ["set.jsonl.gz", "set.csv.gz", "set.json.gz", "folder/corpus.jsonl.gz"])
@pytest.mark.parametrize(
    "damage",
    [lambda packed: b"no archive", lambda packed: packed[:-9], lambda packed: packed[:30] + bytes(20) + packed[50:]],
    ids=["none", "torn", "holed"],
)
def test_a_damaged_archive_is_refused(
    refusal: Refusal, tmp_path: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(damage(gzip.compress(row().encode() * 9, mtime=0)))
    set = file.parent if "/" in name else file
    assert refusal(set).startswith(f"krakow-qa: {file} cannot be read (")


@pytest.mark.parametrize(
    ("name", "options", "where"),
    [
        ("set.txt", [], "is neither .jsonl, .csv nor .json. Say what it is: --format"),
        ("a.jsonl", ["--format", "jsonl"], "cannot be read (Is a directory)"),
        ("a.jsonl", ["--format", "csv"], "cannot be read (Is a directory)"),
        ("a.jsonl", ["--format", "squad"], "cannot be read (Is a directory)"),
        ("set.txt", ["--format", "beir"], "has no corpus.jsonl"),
        ("a.jsonl", [], "has no corpus.jsonl"),
    ],
)
def test_what_is_no_such_set_is_refused(
    refusal: Refusal, tmp_path: Path, *, name: str, options: list[str], where: str
) -> None:
    (tmp_path / "a.jsonl").mkdir()
    (tmp_path / "set.txt").write_text(row(), "utf-8")
    assert refusal(tmp_path / name, options=options).startswith(f"krakow-qa: {tmp_path / name} {where}")


CRANES_LINE = "Nine cranes will be painted blue."


@pytest.fixture(name="opened")
def opened_library(library: Path) -> Iterator[Library]:
    opened = open_library(library)
    yield opened
    opened.close()


def address(library: Path, id: str, text: str) -> Address:
    """Where a text stands in the latest version of a document."""
    opened = open_library(library)
    document = opened.document(id)
    opened.close()
    start = document.text.index(text)
    return Address.of(id, document.version, Span(start, start + len(text)))


def of_version(library: Path, id: str) -> str:
    """A document with the version that an address shows."""
    at = address(library, id, "e")
    return f"{id}@{at.version}"


def generation_of(library: Path) -> int:
    """How often a library was changed."""
    opened = open_library(library)
    generation = opened.generation()
    opened.close()
    return generation


@pytest.fixture
def evidence_refusal(refusal: Refusal, library: Path, tmp_path: Path) -> Refusal:
    """Evaluates questions with such evidence; what is said of it, behind the name of the file."""

    def refuse(*evidence: Any) -> str:
        file = tmp_path / "set.jsonl"
        file.write_text("".join(row(id=f"q{n}", evidence=each) for n, each in enumerate(evidence, start=1)), "utf-8")
        before = generation_of(library)
        said = refusal(file, "--library", library)
        assert generation_of(library) == before
        assert said.startswith(f"krakow-qa: {file}, ")
        assert said.endswith(". Quote what the documents say now; krakow-qa list shows their versions")
        return said.removeprefix(f"krakow-qa: {file}, ").removesuffix(
            ". Quote what the documents say now; krakow-qa list shows their versions"
        )

    return refuse


def test_evidence_that_no_document_holds_is_told(evidence_refusal: Refusal) -> None:
    assert evidence_refusal([CRANES_LINE], [["Nine cranes", "Ten cranes"]]) == (
        "line 2: question q2: evidence not found in the library (no current document says “Ten cranes”)"
    )
    assert "(no current document says “" + "x" * 60 + "…”)" in evidence_refusal(["x" * 61])


def test_evidence_at_an_address_of_another_version_is_told_with_the_reason(
    run: Run, library: Path, tmp_path: Path, evidence_refusal: Refusal
) -> None:
    old = address(library, "minutes", CRANES_LINE)
    begun = f"line 1: question q1: evidence not found in minutes@{old.version}"
    changed = tmp_path / "changed.md"
    changed.write_text(MINUTES.replace("Nine", "Ten"), "utf-8")
    assert run("--library", library, "replace", "minutes", changed).code == 0
    new = of_version(library, "minutes")
    assert evidence_refusal([str(old)]) == f"{begun} (replaced by {new})"
    assert run("--library", library, "withdraw", "minutes").code == 0
    assert evidence_refusal([str(old)]) == f"{begun} (withdrawn)"
    assert "no current document says" in evidence_refusal(["Ten cranes"])
    assert run("--library", library, "purge", "minutes", "--yes").code == 0
    assert evidence_refusal([str(old)]).startswith(f"{begun} (purged on 2")


def test_evidence_at_an_address_that_never_was_is_told_with_the_reason(
    library: Path, evidence_refusal: Refusal
) -> None:
    now = of_version(library, "minutes")
    never = "minutes@0123456789ab"
    length = len(MINUTES.partition("---\n\n")[2])
    assert evidence_refusal([f"{now}#5-9"], [f"{now}#5-9999"]) == (
        f"line 2: question q2: evidence not found in {now} (it has {length} characters, and the address ends at 9999)"
    )
    assert evidence_refusal([f"{never}#1-5"]) == (
        f"line 1: question q1: evidence not found in {never} (there never was such a version; the latest is {now})"
    )
    assert evidence_refusal(["hearing@0123456789ab#1-5"]).endswith("(the library has no such document)")
    assert "('minutes@0123#1-5' is not an address; one looks like" in evidence_refusal(["minutes@0123#1-5"])
    assert "is not an address" in evidence_refusal([f"{now}#9-5"])


def test_all_questions_without_their_evidence_are_told_at_once(evidence_refusal: Refusal) -> None:
    told = evidence_refusal([CRANES_LINE], *([f"Crane {n} is red"] for n in range(2, 15)))
    assert [f"line {n}: question q{n}: " in told for n in range(1, 16)] == [1 < n <= 11 for n in range(1, 16)]
    assert told.endswith("; nor that of q12, q13, q14")


@pytest.mark.parametrize("packed", [False, True])
def test_line_ends_within_and_around_lines_are_told_apart(opened: Library, tmp_path: Path, *, packed: bool) -> None:
    text = "\ufeff" + "\r\n\r\n".join(
        json.dumps({**GOOD, "id": f"{n}\u2028{n}", "note": "\x85"}, ensure_ascii=False) for n in range(2)
    )
    file = tmp_path / ("set.jsonl.gz" if packed else "set.jsonl")
    file.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    assert [(each.id, each.note) for each in read_own(file, opened)] == [("0\u20280", "\x85"), ("1\u20281", "\x85")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", list(",;\t"))
def test_a_table_may_be_written_in_all_usual_ways(opened: Library, tmp_path: Path, *, end: str, delimiter: str) -> None:
    table = [
        "", "Answerable|ID| question |evidence|tags", "TRUE|1|Who?|\"Ola Nowak~Nine cranes\"|\"who~ harbour~\"", "|||",
        "no|2|\"Why, \"\"oh\"\"; why?\"",
    ]  # fmt: skip
    file = tmp_path / "set.csv"
    file.write_bytes(("\ufeff" + end.join(table)).replace("|", delimiter).replace("~", end).encode())
    first, second = read_own(file, opened, is_csv=True)
    assert (first.id, first.text, first.answerable, first.tags) == ("1", "Who?", True, ("who", "harbour"))
    assert [[part.given for part in parts] for parts in first.evidence] == [["Ola Nowak"], ["Nine cranes"]]
    assert (second.id, second.text, second.answerable, second.evidence) == ("2", 'Why, "oh"; why?', False, ())


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12).filter(
    lambda text: text.strip() != ""
)
TEXTS = st.lists(TEXT | st.sampled_from(["a,b", 'say "no"', "[x]", "one\ntwo", "\u2028;", " \tpadded\r"]), max_size=3)
HARBOUR = 'Said "Nowak"; nine\tcranes, [all] blue.\u2028They sail 😀 to Hel,\nand to "Gdynia".'


@st.composite
def sets(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Questions on the harbour, in our format."""
    span = st.tuples(st.integers(0, len(HARBOUR) - 1), st.integers(1, 30)).map(lambda at: HARBOUR[at[0] : sum(at)])
    quote = span.filter(lambda quote: quote.strip() != "")
    evidence = st.lists(quote | st.lists(quote, min_size=1, max_size=2), max_size=3)
    return [
        {
            "id": id,
            "question": draw(TEXT),
            "history": history,
            "spelled_out": draw(TEXT).strip() if history else "",
            "answers": draw(TEXTS) if answerable else [],
            "evidence": draw(evidence) if answerable else [],
            "answerable": answerable,
            "tags": draw(TEXTS),
            "note": draw(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)),
        }
        for id in draw(st.lists(TEXT, min_size=1, max_size=4, unique=True))
        for answerable, history in [(draw(st.booleans()), draw(TEXTS))]
    ]


def cell_of(value: Any, *, by_line: bool) -> str:
    """A value as a cell; a list a line each, where it can be written so and that is wished."""
    if not isinstance(value, list):
        return str(value)
    plain = all(isinstance(item, str) and item == item.strip() and len(item.splitlines()) == 1 for item in value)
    if by_line and plain and value and not value[0].startswith("["):
        return "\n".join(value)
    return json.dumps(value)


@given(
    asked=sets(),
    columns=st.permutations(
        ["id", "question", "history", "spelled_out", "answers", "evidence", "answerable", "tags", "note"]
    ),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    by_line=st.booleans(),
)
def test_a_set_reads_the_same_from_a_table_and_from_lines(
    harbour: Library, tmp_path: Path, *, asked: list[dict[str, Any]], columns: list[str], delimiter: str, end: str,
    encoding: str, by_line: bool,
) -> None:  # fmt: skip
    in_lines, in_table = tmp_path / "set.jsonl", tmp_path / "set.csv"
    in_lines.write_bytes(lines(asked).encode(encoding))
    table = io.StringIO(newline="")
    quoting = csv.QUOTE_MINIMAL if end == "\r\n" else csv.QUOTE_ALL  # with other ends Python 3.11 quotes no \r
    writer = csv.writer(table, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([columns, *([cell_of(each[name], by_line=by_line) for name in columns] for each in asked)])
    in_table.write_bytes(table.getvalue().encode(encoding))
    found = read_own(in_lines, harbour)
    assert read_own(in_table, harbour, is_csv=True) == found
    assert [as_given(each) for each in found] == [
        {
            **each,
            "question": each["question"].strip(),
            "evidence": [[part] if isinstance(part, str) else part for part in each["evidence"]],
            "tags": list(dict.fromkeys(each["tags"])),
        }
        for each in asked
    ]
    for part, places in ((part.given, part.places) for each in found for parts in each.evidence for part in parts):
        assert {HARBOUR[span.start : span.end] for _, span in places} == {part}


def as_given(question: Question) -> dict[str, Any]:
    """The fields of a question as a set has them."""
    return {
        "id": question.id,
        "question": question.text,
        "history": list(question.history),
        "spelled_out": question.spelled_out,
        "answers": list(question.answers),
        "evidence": [[part.given for part in parts] for parts in question.evidence],
        "answerable": question.answerable,
        "tags": list(question.tags),
        "note": question.note,
    }


@pytest.fixture
def harbour(make_parts: MakeParts) -> Library:
    """A library of one short text with all that a table could stumble over."""
    library = make_parts(harbour=HARBOUR).library
    assert library.document("harbour").text == HARBOUR
    return library


ODD = (None, True, -1, 2.5, "", " ", "x" * 3000, "\ud83d", "\0", [], {}, [[]], {"id": []}, "harbour@0123456789ab#1-2")


def odd_values(chance: random.Random, tree: Any) -> Any:
    """The JSON with something else in up to three places, or something left out."""
    tree = deepcopy(tree)
    for _ in range(chance.randint(1, 3)):
        at = tree
        while True:
            key = chance.choice(list(at) if isinstance(at, dict) else range(len(at)))
            if not isinstance(at[key], dict | list) or not at[key] or chance.random() < 0.2:
                break
            at = at[key]
        if chance.random() < 0.3:
            del at[key]
        else:
            at[key] = chance.choice(ODD)
        if not tree:
            break
    return tree


OWN = [
    {"id": "1", "question": "Who?", "history": ["When?"], "answers": ["Nowak"], "answerable": True, "tags": ["who"],
     "evidence": ["Nowak", ["cranes", "blue"]], "note": "later"},
    {"id": "2", "question": "Why?", "answerable": False},
]  # fmt: skip
SQUAD = squad((COUNCIL, "Who chaired it?", ["Nowak"]), (CRANES, "Who swims?", []))
BEIR = {"corpus": DOCUMENTS, "queries": QUERIES}


def as_beir(tree: Any) -> Mapping[str, bytes]:
    named = dict(zip(BEIR, tree.values() if isinstance(tree, dict) else tree, strict=False))
    return {f"{name}.jsonl": as_lines(rows)["set"] for name, rows in named.items()} | {"qrels/test.tsv": QRELS.encode()}


def as_lines(tree: Any) -> Mapping[str, bytes]:
    return {"set": "".join(json.dumps(each) + "\n" for each in (tree if isinstance(tree, list) else [tree])).encode()}


def as_table(tree: list[Any]) -> Mapping[str, bytes]:
    rows = [each for each in tree if isinstance(each, dict)]
    columns = list(dict.fromkeys(str(name) for each in rows for name in each))
    table = io.StringIO()
    csv.writer(table).writerows(
        [columns, *([cell_of(each.get(name, ""), by_line=True) for name in columns] for each in rows)]
    )
    return {"set": table.getvalue().encode(errors="surrogatepass")}


FORMATS: Mapping[str, tuple[Any, Callable[[Any], Mapping[str, bytes]], Callable[[Path, Library], list[Question]]]] = {
    "jsonl": (OWN, as_lines, lambda folder, library: read_own(folder / "set", library)),
    "csv": (OWN, as_table, lambda folder, library: read_own(folder / "set", library, is_csv=True)),
    "squad": (
        SQUAD,
        lambda tree: {"set": json.dumps(tree).encode()},
        lambda folder, _: squad_questions(read_squad(folder / "set")),
    ),
    "beir": (BEIR, as_beir, lambda folder, _: read_beir(folder)[1]),
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("count", [150, pytest.param(10_000, marks=pytest.mark.long)])
def test_whatever_a_set_holds_it_is_read_or_refused(harbour: Library, tmp_path: Path, format: str, count: int) -> None:
    tree, as_files, read = FORMATS[format]
    chance = random.Random(f"{format} {count}")
    outcomes = {"read": 0, "refused": 0}
    for _ in range(count):
        files = dict(as_files(odd_values(chance, tree) if chance.random() < 0.6 else tree))
        if chance.random() < 0.6:
            name = chance.choice(sorted(files))
            mutate = chance.choice(sorted(WHOLE))
            files[name] = WHOLE[mutate](chance, files[name] or b"{", chance.randbytes(40))
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
        try:
            questions = read(tmp_path, harbour)
        except BadQuestionSet as error:
            outcomes["refused"] += str(error).startswith(str(tmp_path))
        else:
            assert questions
            assert all(each.id and each.text.strip() for each in questions)
            json.dumps([(each.id, each.text, each.note) for each in questions], ensure_ascii=False).encode()
            outcomes["read"] += 1
    assert sum(outcomes.values()) == count
    assert min(outcomes.values()) > count // 20


DOCS = Path(__file__).parents[1] / "docs" / "evaluation.md"
EXAMPLE = re.compile(r"^`([\w./-]+)`[^\n]*:\n\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_examples_of_the_specification_are_read(
    make_parts: MakeParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = DOCS.read_text("utf-8")
    examples = dict(EXAMPLE.findall(text))
    for name, content in examples.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content.encode())
    monkeypatch.chdir(tmp_path)
    parts = make_parts(**{"ferry-notes": examples["ferry-notes.md"]})
    library = parts.library

    questions = read_own(Path("questions.jsonl"), library)
    assert len(questions) == 5
    assert read_own(Path("questions.csv"), library, is_csv=True) == questions
    used = [name for each in map(json.loads, examples["questions.jsonl"].splitlines()) for name in each]
    assert all(f"| `{name}` |" in text for name in used)
    assert set(used) == {*as_given(questions[0])}

    asked = squad_questions(read_squad(Path("ferries.json")))
    assert [(each.answerable, len(each.places)) for each in asked] == [(True, 1), (False, 0)]
    documents, queries = read_beir(Path())
    assert documents[0].text.startswith("The ferry The ferry")
    assert [each.relevant for each in queries] == [(("d-1", 2),)]

    notes = tmp_path / "ferry-notes.md"
    notes.write_text(examples[notes.name].replace("at eight", "at nine"), "utf-8")
    list(parts.intake.add(find_files([notes]), IfChanged.REPLACE))
    with pytest.raises(BadQuestionSet) as refused:
        read_own(Path("questions.jsonl"), library)
    assert f"```text\nkrakow-qa: {refused.value}\n```" in text
