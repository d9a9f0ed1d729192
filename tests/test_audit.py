"""The audit log: every change is in it, with who made it and how, it only grows, and it says nothing that is secret."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import DocumentNotFound, KrakowQAError, LibraryError
from corpus.files import find_files
from index.intake import IfChanged
from index.reencoding import reencode
from qa.acting import Actor
from qa.assembly import Parts, assemble, make_library, open_library
from qa.audit import DONE, FILE_NAME, Act, Audit
from qa.cli import cli
from qa.settings import LEXICAL_READER, Settings
from tests.asking import ChatClient
from tests.conftest import MakeParts, put
from tests.fakes import HashEncoder
from tests.web import serving

ANN = Actor("ann", "web")
SECRET = "pelican-4711"


def log(folder: Path) -> Audit:
    return Audit(folder, lambda: ANN)


def acts(parts: Parts) -> list[tuple[str, str, str]]:
    return [(deed.act, deed.subject, deed.outcome) for deed in log(parts.folder).deeds()]


@given(st.lists(st.tuples(st.sampled_from(Act), st.text(max_size=300), st.text(max_size=20)), max_size=20))
def test_what_is_recorded_is_read_again_in_order_and_agrees(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[Act, str, str]]
) -> None:
    audit = log(tmp_path_factory.mktemp("log"))
    for deed in deeds:
        audit.record(*deed)
    read = audit.deeds()
    assert [deed.number for deed in read] == list(range(1, len(deeds) + 1))
    assert [deed.act for deed in read] == [act for act, _, _ in deeds]
    assert all(deed.subject.isprintable() and len(deed.subject) <= 200 for deed in read)
    assert audit.check() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE deed SET user = 'bob' WHERE number = 2",
        "DELETE FROM deed WHERE number = 3",
        "INSERT OR REPLACE INTO deed SELECT 2, at, '', how, act, subject, outcome, digest FROM deed WHERE number = 2",
        "INSERT INTO deed SELECT 9, at, user, how, act, subject, outcome, digest FROM deed WHERE number = 2",
    ],
)
def test_the_log_only_grows(tmp_path: Path, statement: str) -> None:
    for number in range(3):
        log(tmp_path).record(Act.WITHDRAW, f"document-{number}")
    with (
        closing(sqlite3.connect(tmp_path / FILE_NAME)) as db,
        pytest.raises(sqlite3.IntegrityError, match="only grows"),
    ):
        db.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE deed SET user = 'bob' WHERE number = 2",
        "UPDATE deed SET digest = 'x' || digest WHERE number = 2",
        "DELETE FROM deed WHERE number = 2",
        "DELETE FROM deed WHERE number = 1",
        "UPDATE deed SET number = 4 WHERE number = 3",
    ],
)
def test_whoever_goes_round_the_triggers_is_found_out(tmp_path: Path, statement: str) -> None:
    for number in range(3):
        log(tmp_path).record(Act.WITHDRAW, f"document-{number}")
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        for trigger in ("no_change", "no_loss", "no_gap"):
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute(statement)
        db.commit()
    assert log(tmp_path).check() != []


def test_a_line_that_is_missing_at_the_end_changes_the_head(tmp_path: Path) -> None:
    log(tmp_path).record(Act.WITHDRAW, "one")
    before = log(tmp_path).head()
    log(tmp_path).record(Act.WITHDRAW, "two")
    assert log(tmp_path).head() != before


def test_every_change_of_a_library_is_recorded_once_it_is_done(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts()
    put(parts, tmp_path, "zebra", "A zebra has stripes.")
    (tmp_path / "zebra.md").write_text("A zebra has none.")
    list(parts.intake.add(find_files([tmp_path / "zebra.md"]), IfChanged.REPLACE))
    parts.library.withdraw("zebra")
    parts.intake.reinstate("zebra")
    parts.purge("zebra")
    parts.library.store_setting("strictness of lexical", "0.4")
    reencode(parts.library, HashEncoder(), 60)
    with pytest.raises(DocumentNotFound):
        parts.library.withdraw("zebra")
    assert acts(parts) == [
        ("add", "zebra", DONE),
        ("replace", "zebra", DONE),
        ("withdraw", "zebra", DONE),
        ("reinstate", "zebra", DONE),
        ("purge", "zebra", DONE),
        ("tune", "strictness of lexical", DONE),
        ("reencode", "hash", DONE),
        ("withdraw", "zebra", "failed: DocumentNotFound"),
    ]


def test_what_is_undone_as_a_whole_is_not_recorded_as_done(make_parts: MakeParts) -> None:
    parts = make_parts(zebra="A zebra has stripes.", horse="A horse has none.")

    def halfway() -> None:
        with parts.library.together():
            parts.library.withdraw("zebra")
            raise LibraryError("the disk is full")

    with pytest.raises(LibraryError):
        halfway()
    assert acts(parts)[-1] == ("withdraw", "zebra", "undone with what came with it")


def test_the_log_names_who_acted_and_how(tmp_path: Path) -> None:
    encoder = HashEncoder()
    make_library(tmp_path / "library", encoder, empty=True)
    library = open_library(tmp_path / "library", lambda: ANN)
    parts = assemble(library, tmp_path / "library", encoder, Settings(reader=LEXICAL_READER))
    put(parts, tmp_path, "zebra", f"---\ntitle: {SECRET}\n---\nA zebra has {SECRET}.")
    library.close()
    (deed,) = Audit(tmp_path / "library").deeds()
    assert (deed.user, deed.how, deed.act, deed.subject) == ("ann", "web", "add", "zebra")
    assert SECRET.encode() not in (tmp_path / "library" / FILE_NAME).read_bytes()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command on a library with a fake encoder; what it printed, or its error's text."""
    monkeypatch.setattr("qa.assembly.load_encoder", lambda *_: HashEncoder())
    monkeypatch.setenv("LOGNAME", "carol")
    make_library(tmp_path / "library", HashEncoder(), empty=True)

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["--library", str(tmp_path / "library"), *arguments])
        if isinstance(result.exception, KrakowQAError):
            return str(result.exception)
        return result.stdout

    return command


def test_the_command_line_acts_for_the_user_of_the_machine(run: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "zebra.md"
    file.write_text(f"A zebra has {SECRET}.")
    run("add", str(file))
    run("withdraw", "zebra")
    run("withdraw", "zebra")
    said = run("audit")
    lines = said.splitlines()
    assert [line.partition("carol")[2].split("  ", 1)[1] for line in lines] == [
        "krakow-qa add: add zebra  done",
        "krakow-qa withdraw: withdraw zebra  done",
        "krakow-qa withdraw: withdraw zebra  failed: DocumentNotFound",
    ]
    assert SECRET not in said
    assert run("audit", "--user", "nobody") == "Nothing is written down of that\n"
    assert run("audit", "--since", "2100-01-01") == "Nothing is written down of that\n"
    deeds = json.loads(run("audit", "--since", "2020-01-01", "--json"))["deeds"]
    assert [deed["act"] for deed in deeds] == ["add", "withdraw", "withdraw"]


def test_changes_of_accounts_and_backups_are_in_the_log(run: Callable[..., str], tmp_path: Path) -> None:
    run("user", "add", "ann", "--role", "admin", "--no-password")
    run("user", "role", "ann", "member")
    run("user", "token", "ann")
    run("backup", str(tmp_path / "backup.zip"))
    deeds = [(deed.how, deed.act, deed.subject, deed.outcome) for deed in Audit(tmp_path / "library").deeds()]
    assert deeds == [
        ("krakow-qa user add", "change user", "ann", DONE),
        ("krakow-qa user role", "change user", "ann", "failed: LastAdmin"),
        ("krakow-qa user token", "change user", "ann", DONE),
        ("krakow-qa backup", "backup", "backup.zip", DONE),
    ]


def test_the_command_finds_what_was_altered(run: Callable[..., str], tmp_path: Path) -> None:
    audit = log(tmp_path / "library")
    audit.record(Act.PURGE, "zebra")
    assert audit.head() in run("audit", "--check")
    with closing(sqlite3.connect(tmp_path / "library" / FILE_NAME)) as db:
        db.execute("DROP TRIGGER no_change")
        db.execute("UPDATE deed SET user = 'bob'")
        db.commit()
    assert run("audit", "--check") == "The audit log was altered. Compare it with the one in a backup"


def test_a_purge_leaves_the_id_alone(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts(zebra=f"---\npublisher: {SECRET}\n---\nA zebra has stripes.")
    parts.purge("zebra")
    assert acts(parts)[-1] == ("purge", "zebra", DONE)
    stored = (parts.folder / FILE_NAME).read_bytes()
    assert b"zebra" in stored
    assert SECRET.encode() not in stored
    assert str(tmp_path).encode() not in stored


def test_no_secret_is_in_any_log(make_parts: MakeParts, capfd: pytest.CaptureFixture[str]) -> None:
    parts = make_parts(zebra=f"A zebra has {SECRET}.")
    headers = {"Authorization": f"Bearer {SECRET}", "Cookie": f"session={SECRET}", "Origin": "https://outside.example"}

    async def asked(url: str) -> None:
        async with httpx.AsyncClient(timeout=60) as client:
            chat = await ChatClient.at(url, client)
            await chat.ask(f"What is {SECRET}?", "session")
            await chat.ask(f"What is {SECRET} {'x' * 3000}?", "another")

    with serving(parts) as url:
        asyncio.run(asked(url))
        assert httpx.post(f"{url}/gradio_api/queue/join?token={SECRET}", headers=headers).status_code == 403
        assert httpx.get(f"{url}/runs/{SECRET}/report", headers=headers).status_code == 404
    parts.purge("zebra")
    written = "".join(capfd.readouterr())
    assert SECRET not in written
    assert SECRET.encode() not in (parts.folder / FILE_NAME).read_bytes()
