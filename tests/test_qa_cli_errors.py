"""Proves that what goes wrong on the command line is one line and an exit code, and leaves nothing half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from corpus.files import find_files
from corpus.sqlite import FILE_NAME
from index.encoder import Encoder
from qa.assembly import load_encoder, make_library, open_library, open_parts
from qa.settings import LEXICAL_READER, QUESTION_CHARACTERS, Settings
from qa.web.server import bind
from tests.commands import MINUTES, Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)
from tests.fakes import HashEncoder

ROOT = Path(__file__).parents[1]

WITHOUT_LIBRARY = (
    ["ask", "harbour"],
    ["search", "harbour"],
    ["list"],
    ["show", "minutes"],
    ["withdraw", "minutes"],
    ["check"],
    ["reencode"],
)
INTERRUPTED = "Interrupted; what was finished stays"

MISTAKES = {
    "an empty question": (["ask", "  "], "question is empty"),
    "a long question": (["ask", "x" * (QUESTION_CHARACTERS + 1)], f"at most {QUESTION_CHARACTERS}"),
    "a reader that is not there": (["ask", "harbour", "--reader", "oracle"], "lexical"),
    "a strictness that is no number": (["ask", "harbour", "--strictness", "nan"], "between 0 and 1"),
    "another encoder": (["--encoder", "newer", "ask", "harbour"], "reencode"),
    "an id that is not there": (["show", "nothing"], "krakow-qa list"),
    "an address of another form": (["show", "minutes@0123#1-2"], "is not an address"),
    "an address with its ends swapped": (["show", "minutes@0123456789ab#9-2"], "is not an address"),
    "an address of no version": (["show", "minutes@0123456789ab#1-2"], "krakow-qa show minutes"),
    "an address of no document": (["show", "nothing@0123456789ab#1-2"], "krakow-qa list"),
    "an address beyond the text": (["show", "{address}#1-99999"], "lies outside"),
    "an id to withdraw that is not there": (["withdraw", "nothing"], "krakow-qa list"),
    "a file that is not there": (["add", "{files}/nothing.md"], "Check the path"),
    "a file of another type": (["add", "{files}/photo.png"], "known are .docm, .docx, .eml"),
    "an empty file": (["add", "{files}/empty.md"], "no text"),
    "a file that is no text": (["add", "{files}/noise.txt"], "not a text file"),
    "a file with a bad id": (["add", "{files}/bad-id.md"], "a-z"),
    "a file with a kind that is not known": (["add", "{files}/bad-kind.md"], "statement"),
    "a file with a day that is none": (["add", "{files}/bad-day.md"], "date"),
    "a file with a month that is none": (["add", "{files}/bad-month.md"], "date"),
    "a file with broken front matter": (["add", "{files}/bad-yaml.md"], "front matter"),
    "a folder without files": (["add", "{files}/folder"], "no file in"),
    "init where a library is": (["init"], "already"),
    "init where something else is": (["--library", "{files}", "init"], "new or empty"),
    "init where a file is": (["--library", "{files}/empty.md", "init"], "new or empty"),
    "init below a file": (["--library", "{files}/empty.md/x", "init"], "Give another folder"),
    "a library that is a file": (["--library", "{files}/empty.md", "list"], "Make one"),
    "a damaged library, listed": (["--library", "{files}/damaged", "list"], "library.db"),
    "a damaged library, asked": (["--library", "{files}/damaged", "ask", "harbour"], "library.db"),
    "a library that is an empty file": (["--library", "{files}/hollow", "list"], "format 0"),
    "a host that others reach": (["serve", "--host", "0.0.0.0"], "--host 127.0.0.1"),
    "a host that is no address": (["serve", "--host", "harbour"], "--host 127.0.0.1"),
    "a busy port": (["serve", "--port", "{port}"], "--port"),
    "a busy port for metrics": (["serve", "--port", "0", "--metrics-port", "{port}"], "--metrics-port"),
    "a host for metrics that is none": (
        ["serve", "--port", "0", "--metrics-port", "0", "--metrics-host", "192.0.2.1"],
        "--metrics-port",
    ),
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with files that cannot be added, and damaged libraries."""
    folder = tmp_path / "files"
    for name in ("folder", "damaged", "hollow"):
        (folder / name).mkdir(parents=True)
    contents = {
        "photo.png": b"\x89PNG",
        "empty.md": b"---\ntitle: Nothing\n---\n \n",
        "noise.txt": b"\0\1\2",
        "bad-id.md": b"---\nid: Bad Id\n---\nText.",
        "bad-kind.md": b"---\nkind: rumour\n---\nText.",
        "bad-day.md": b"---\ndate: 2026-02-30\n---\nText.",
        "bad-month.md": b"---\ndate: '2026-13'\n---\nText.",
        "bad-yaml.md": b"---\ntitle: [\n---\nText.",
        "folder/photo.png": b"\x89PNG",
        "damaged/library.db": b"This is no database. " * 500,
        "hollow/library.db": b"",
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize(("arguments", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_line_that_says_what_next(
    run: Run,
    library: Path,
    files: Path,
    arguments: list[str],
    says: str,
) -> None:
    address = f"minutes@{open_library(library).document('minutes').version[:12]}"
    with bind("127.0.0.1", 0) as busy:
        known = {"files": files, "address": address, "port": busy.getsockname()[1]}
        ran = run("--library", library, *(argument.format(**known) for argument in arguments))
    assert (ran.code, ran.out) == (1, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("krakow-qa: ")
    assert says in line
    assert [entry.id for entry in open_library(library).entries()] == ["minutes", "summary"]


@pytest.mark.parametrize("arguments", WITHOUT_LIBRARY, ids=lambda arguments: arguments[0])
def test_a_named_library_that_is_missing_is_not_made_but_told_how(
    run: Run,
    tmp_path: Path,
    arguments: list[str],
) -> None:
    missing = tmp_path / "missing"
    ran = run("--library", missing, *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"krakow-qa: There is no library at {missing}. Make one: krakow-qa --library {missing} init\n"
    assert not missing.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["sing"],
        ["ask"],
        ["ask", "one", "two"],
        ["ask", "harbour", "--strictness", "1.5"],
        ["ask", "harbour", "--strictness", "-0.1"],
        ["ask", "harbour", "--loudly"],
        ["ask", "harbour", "--quotes", "6"],
        ["search", "harbour", "-k", "0"],
        ["search", "harbour", "-k", "1000000000000"],
        ["add"],
        ["add", "x.md", "--if-changed", "perhaps"],
        ["init", "--passage-tokens", "1"],
        ["serve", "--port", "70000"],
    ],
    ids=" ".join,
)
def test_a_wrong_use_is_exit_code_2(run: Run, library: Path, arguments: list[str]) -> None:
    ran = run("--library", library, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: ")


def test_a_model_that_is_nowhere_is_one_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.assembly.load_encoder", load_encoder)
    ran = run("--library", tmp_path / "library", "--encoder", "nobody/no-such-model", "init")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    assert "'nobody/no-such-model'" in ran.err
    assert not (tmp_path / "library").exists()


def test_a_file_whose_name_is_no_text_is_added_or_refused_in_one_line(run: Run, library: Path, minutes: Path) -> None:
    strange = minutes.with_name(os.fsdecode(b"strange \xff.txt"))
    strange.write_text("The pier is open.", "utf-8")
    ran = run("--library", library, "add", strange, "--json")
    assert (ran.code, len(ran.err.splitlines())) in {(0, 0), (1, 1)}
    assert len(ran.json["results"]) == 1


# Other processes

WITH_FAKE_MODEL = """
import os, signal, sys
import index.encoding, qa.assembly, qa.cli
from tests.fakes import HashEncoder

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs tests in the background has it ignored

class Gated(HashEncoder):
    "Says when it has come to a certain text, and waits there."
    def encode(self, texts):
        if any(os.environ.get("GATE", "no gate") in text for text in texts):
            print("at the gate", flush=True)
            sys.stdin.read()
        return super().encode(texts)

qa.assembly.load_encoder = lambda name, library=None: Gated()
index.encoding._MOST_AHEAD = 0  # so that at the gate no more than one further file has been read
qa.cli.main()
"""


@contextmanager
def started(*arguments: str | Path, gate: str = "no gate") -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, with a fake model."""
    command = [sys.executable, "-c", WITH_FAKE_MODEL, *map(str, arguments)]
    environment = {**os.environ, "GATE": gate}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(process: subprocess.Popen[str], words: str) -> str:
    """The line that holds the words, once the process has printed it."""
    assert process.stdout is not None
    line = next((line for line in process.stdout if words in line), None)
    assert line is not None, process.communicate()
    return line


def test_an_interrupted_add_ends_with_130_and_keeps_what_was_finished(
    run: Run,
    library: Path,
    tmp_path: Path,
) -> None:
    # The first has so many passages that it is encoded and stored without the others.
    whole = "\n\n".join(f"# Part {number}\n\nAlpha pier." for number in range(600))
    for name, text in (("a", whole), ("b", "Beta pier."), ("c", "Gamma pier.")):
        (tmp_path / f"{name}.md").write_text(text, "utf-8")
    paths = [tmp_path / "a.md", tmp_path / "b.md", tmp_path / "c.md"]
    with started("--library", library, "add", *paths, gate="Beta") as process:
        until(process, "at the gate")
        while open_library(library).entry("a") is None:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err.strip()) == (130, INTERRUPTED)
    assert [entry.id for entry in open_library(library).entries()] == ["a", "minutes", "summary"]
    assert run("--library", library, "check").code == 0


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_stopped_init_leaves_no_half_library(run: Run, tmp_path: Path, sent: signal.Signals, code: int) -> None:
    folder = tmp_path / "place" / "library"
    with started("--library", folder, "init", gate="Rzeszów") as process:
        until(process, "at the gate")
        process.send_signal(sent)
        _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert not (folder / FILE_NAME).exists()
    if sent is signal.SIGINT:
        assert err.strip() == INTERRUPTED
        assert list(folder.iterdir()) == []
    assert run("--library", folder, "init").code == 0
    assert run("--library", folder, "check").code == 0


def answering(process: subprocess.Popen[str]) -> None:
    """Wait until the command has named its page, which answers."""
    url = next(word for word in until(process, "Ask at").split() if word.startswith("http"))
    with urllib.request.urlopen(url, timeout=60) as response:
        assert response.status == 200


def test_serve_makes_a_named_library_answers_and_ends_with_0(tmp_path: Path) -> None:
    with started("--library", tmp_path / "library", "serve", "--port", "0") as process:
        answering(process)
        while not (tmp_path / "library" / FILE_NAME).exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert len(open_library(tmp_path / "library").entries()) >= 16


def test_serve_shows_its_page_while_it_makes_the_library_and_leaves_no_half_one(tmp_path: Path) -> None:
    with started("--library", tmp_path / "library", "serve", "--port", "0", gate="LEAP") as process:
        answering(process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert list((tmp_path / "library").iterdir()) == []


def test_serve_ends_with_1_where_its_reader_cannot_be_loaded(tmp_path: Path) -> None:
    with started("--library", tmp_path / "library", "serve", "--port", "0", "--reader", "oracle") as process:
        _, err = process.communicate(timeout=180)
    assert process.returncode == 1
    assert err.splitlines()[-1].startswith("krakow-qa: There is no reader 'oracle'")
    assert "Traceback" not in err


def module(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """``python -m qa``, as it is."""
    command = [sys.executable, "-m", "qa", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)


def test_what_another_process_withdraws_is_quoted_no_more(library: Path) -> None:
    parts = open_parts(library, Settings(reader=LEXICAL_READER, strictness=1), encoder=HashEncoder())
    try:
        assert any("Nowak" in quote.text for quote in parts.answerer.ask("Ola Nowak").quotes)
        assert module("--library", library, "withdraw", "minutes").stdout.startswith("Withdrew minutes")
        answer = parts.answerer.ask("Ola Nowak")
        assert [quote.address.document_id for quote in answer.quotes] == ["summary"]
        assert {hit.passage.document_id for hit in answer.hits} == {"summary"}
    finally:
        parts.library.close()


@pytest.mark.models
def test_python_m_qa_answers_with_the_real_model(encoder: Encoder, tmp_path: Path) -> None:
    make_library(tmp_path / "library", encoder, empty=True)
    parts = open_parts(tmp_path / "library", Settings(), encoder=encoder)
    (tmp_path / "minutes.md").write_text(MINUTES, "utf-8")
    (added,) = parts.intake.add(find_files([tmp_path / "minutes.md"]))
    parts.library.close()
    assert added.error is None
    ran = module("--library", tmp_path / "library", "ask", "Who chaired the harbour council?", "--strictness", "1")
    assert "[1] “Ola Nowak chaired the harbour council in Kraków 😀.”" in ran.stdout
    assert ran.stderr == ""
