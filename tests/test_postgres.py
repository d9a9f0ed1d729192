"""A library in PostgreSQL as its users meet it: URLs, passwords, formats, the making, the commands, purges."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

import corpus.postgres.schema
from corpus.errors import LibraryError, LibraryNotFound
from corpus.library import Library
from corpus.postgres.dsn import Dsn
from corpus.postgres.library import PostgresLibrary
from corpus.postgres.schema import _migrations
from index.in_postgres import PostgresKeywords
from index.terms import query_words
from qa.assembly import make_library, open_library, open_parts
from qa.places import folder_of, place_of
from qa.settings import LEXICAL_READER, Settings
from tests.conftest import put
from tests.fakes import HashEncoder
from tests.indexed import put_passages
from tests.postgres import Server
from tests.test_corpus_library import _MANIFEST

_ROOT = Path(__file__).parents[1]
_WITH_FAKE_MODEL = """
import qa.assembly
from tests.fakes import HashEncoder
qa.assembly.load_encoder = lambda name, library=None: HashEncoder()
from qa.cli import main
main()
"""


@pytest.fixture
def dsn(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dsn]:
    """Where there is no library yet; what belongs to one lies below this test's folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    yield Dsn(postgres.new_dsn())
    postgres.drop_all()


@pytest.fixture
def library(dsn: Dsn) -> Iterator[PostgresLibrary]:
    with closing(PostgresLibrary.create(dsn, _MANIFEST)) as made:
        yield made


def rows(dsn: Dsn, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn.url) as db:
        cursor = db.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


# URLs


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:secret@host/db", "postgresql://ann@host/db"),
        ("postgresql://ann@host:5433/db", "postgresql://ann@host:5433/db"),
        ("postgres://host", "postgres://host"),
        ("postgresql://ann:se/cr@et?@one,two/db", "postgresql://ann@one,two/db"),
        ("postgresql:///db?user=ann&password=secret&host=h", "postgresql:///db?user=ann&host=h"),
        ("postgresql://h/db?sslpassword=secret", "postgresql://h/db"),
        ("postgresql://h/db?pass%77ord=secret&application_name=x", "postgresql://h/db?application_name=x"),
    ],
)
def test_a_url_is_told_without_its_password(url: str, shown: str) -> None:
    assert str(Dsn(url)) == shown
    assert "se" not in repr(Dsn(url)).replace("Dsn", "")


def test_a_path_is_no_url() -> None:
    assert place_of("postgresql") == Path("postgresql")
    assert place_of("postgresql://h/db") == Dsn("postgresql://h/db")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://krakow:hunter2@127.0.0.1:1/postgres",
        "postgresql://krakow:hun/ter2@127.0.0.1/postgres",
        "postgresql://krakow:hunter2@[::1/postgres",
        "postgresql://localhost:hun/ter2@127.0.0.1/postgres",
        "postgresql://krakow:%zzhunter2@127.0.0.1/postgres",
    ],
)
def test_what_cannot_be_reached_is_told_in_a_line_without_the_password(url: str) -> None:
    with pytest.raises(LibraryError) as refused:
        PostgresLibrary(Dsn(url))
    assert "\n" not in str(refused.value)
    assert "hun" not in str(refused.value)


def test_a_wrong_password_is_told_without_it(dsn: Dsn) -> None:
    scheme, _, rest = dsn.url.partition("://")
    wrong = Dsn(f"{scheme}://krakow:hunter2@{rest.rpartition('@')[2]}")
    with pytest.raises(LibraryError, match="password authentication failed") as refused:
        PostgresLibrary(wrong)
    assert "hunter2" not in str(refused.value)


# Making and formats


def test_where_there_is_no_library_it_is_said_how_to_make_one(dsn: Dsn) -> None:
    with pytest.raises(LibraryNotFound, match=r"There is no library at postgresql://.*Make one: krakow-qa --library"):
        PostgresLibrary(dsn)


def test_a_library_is_made_once(dsn: Dsn, library: PostgresLibrary) -> None:
    put_passages(library, "a", "Text.")
    with pytest.raises(LibraryError, match=r"There is a library at .* already"):
        make_library(dsn, HashEncoder(), empty=True)
    assert [entry.id for entry in library.entries()] == ["a"]


def test_two_libraries_in_two_schemas_do_not_meet(postgres: Server, library: PostgresLibrary) -> None:
    put_passages(library, "a", "Text.")
    with closing(PostgresLibrary.create(Dsn(postgres.new_dsn()), _MANIFEST)) as other:
        assert other.entries() == []
        assert other.id != library.id


def test_a_making_that_was_broken_off_is_gone_on_with(dsn: Dsn, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(name: str, done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_library(dsn, HashEncoder(), on_document=break_off)
    with closing(PostgresLibrary(dsn)) as unfinished:
        assert (unfinished.generation(), unfinished.entries()) == (0, [])
    make_library(dsn, HashEncoder())
    with closing(PostgresLibrary(dsn)) as library:
        assert len(library.entries()) >= 16
        assert library.check() == []


def test_a_library_of_a_newer_format_is_refused(dsn: Dsn, library: PostgresLibrary) -> None:
    rows(dsn, "UPDATE krakow_qa SET format = 99")
    with pytest.raises(LibraryError, match=r"has library format 99, and this krakow-qa reads \d+; a newer krakow-qa"):
        PostgresLibrary(dsn)


@pytest.fixture
def first_format(dsn: Dsn, monkeypatch: pytest.MonkeyPatch) -> Dsn:
    """A library of the first format."""
    with monkeypatch.context() as patch:
        patch.setattr(corpus.postgres.schema, "_migrations", lambda: _migrations()[:1])
        corpus.postgres.schema.make(dsn, _MANIFEST)
    return dsn


def test_a_library_of_the_first_format_is_brought_up_to_date_when_it_is_opened(first_format: Dsn) -> None:
    assert rows(first_format, "SELECT format FROM krakow_qa") == [(1,)]
    with closing(PostgresLibrary(first_format)) as library:
        put_passages(library, "a", "Text.")
        assert library.check() == []
    assert rows(first_format, "SELECT format FROM krakow_qa") == [(len(_migrations()),)]


def test_a_library_of_the_first_format_keeps_its_documents_and_they_are_found(
    first_format: Dsn, postgres: Server
) -> None:
    now = Dsn(postgres.new_dsn())
    with closing(PostgresLibrary.create(now, _MANIFEST)) as library:
        put_passages(library, "kept", "Nine cranes.", "A barge.")
        put_passages(library, "gone", "A ferry.")
        library.withdraw("gone")
    (schema,) = rows(now, "SELECT current_schema()")[0]
    for table in ("version", "passage", "fingerprint", "retired", "journal"):
        rows(first_format, f"INSERT INTO {table} SELECT * FROM {schema}.{table}")
    rows(first_format, f"INSERT INTO document SELECT id, version, withdrawn FROM {schema}.document")
    rows(
        first_format,
        f"UPDATE manifest m SET generation = o.generation, last_passage = o.last_passage FROM {schema}.manifest o",
    )
    with closing(PostgresLibrary(first_format)) as library:
        assert library.check() == []
        assert [(entry.id, entry.passages) for entry in library.entries(withdrawn=True)] == [("gone", 0), ("kept", 2)]
        keywords = PostgresKeywords(library)
        assert [found.passage_id for found in keywords.search(query_words("barge ferry"), 5)] == [2]
        assert keywords.check() == []


def test_a_step_to_the_next_format_that_fails_changes_nothing(
    first_format: Dsn, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [*_migrations(), b"ALTER TABLE nowhere ADD COLUMN a text"]
    with monkeypatch.context() as patch:
        patch.setattr(corpus.postgres.schema, "_migrations", lambda: steps)
        with pytest.raises(LibraryError, match="nowhere"):
            PostgresLibrary(first_format)
    assert rows(first_format, "SELECT format FROM krakow_qa") == [(1,)]
    assert rows(first_format, "SELECT to_regclass('posting')") == [(None,)]


# Texts that PostgreSQL does not take


def test_names_with_a_nul_are_nowhere_and_stored_without_it(library: Library) -> None:
    assert library.entry("a\0b") is None
    assert library.holder_of("\0") is None
    library.store_setting("name", "a\0b")
    assert library.settings() == {"name": "a\ufffdb"}


# Purging


def test_a_purged_document_leaves_no_row(dsn: Dsn, tmp_path: Path) -> None:
    make_library(dsn, HashEncoder(), empty=True, passage_tokens=60)
    parts = open_parts(dsn, Settings(reader=LEXICAL_READER), encoder=HashEncoder())
    put(parts, tmp_path, "secret", "The quartermaster Zbigniew Xylander hid eleven zithers under the pier.")
    parts.library.withdraw("secret")
    put(parts, tmp_path, "secret", "The quartermaster Zbigniew Xylander hid twelve zithers under the pier.")
    put(parts, tmp_path, "kept", "The harbour council painted nine cranes blue.")
    parts.refresh()
    assert parts.retriever.search("Xylander zithers", 5)[0].passage.document_id == "secret"
    assert tables_with(dsn, "ylander") >= {"version", "original"}
    assert tables_with(dsn, "zither") >= {"posting", "posted", "vocabulary"}
    parts.purge("secret")
    assert tables_with(dsn, "ylander") == tables_with(dsn, "zither") == set()
    left = {"journal", "purged"}
    assert tables_with(dsn, "secret") == left
    assert [hit.passage.document_id for hit in parts.retriever.search("Xylander zithers", 5)] == ["kept"]
    assert parts.check() == []
    rows(dsn, "INSERT INTO posted VALUES ('secret', 1, 1, 1, 'zither', 'zithers')")
    rows(dsn, "INSERT INTO posting VALUES ('stem', 'zither', 1, int8send(0) || int8send(0))")
    rows(dsn, "INSERT INTO vocabulary VALUES ('zithers', 1)")
    assert parts.check() == [
        "secret: it was purged, but the table posted has it",
        "word zithers: it stands in the vocabulary alone, or in the postings",
        "stem zither: it is said to stand in a passage that is not there",
        "PostgresKeywords: passage 1 should be gone",
    ]
    parts.library.close()


def tables_with(dsn: Dsn, word: str) -> set[object]:
    """The tables of a library of which some row holds a word, in text or in bytes."""
    tables = [name for (name,) in rows(dsn, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")]
    forms = (word, word.encode().hex())
    return {
        table
        for table in tables
        if any(form in str(row) for form in forms for (row,) in rows(dsn, f"SELECT t::text FROM {table} t"))
    }


# The commands


def run(dsn: Dsn, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One of the commands, with a fake encoder, on the library at a URL that the environment gives."""
    environment = {**os.environ, "KRAKOW_QA_LIBRARY": dsn.url}
    command = [sys.executable, "-c", _WITH_FAKE_MODEL, *map(str, arguments)]
    return subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_commands_work_on_a_library_in_a_database(dsn: Dsn, tmp_path: Path) -> None:
    (tmp_path / "minutes.md").write_text("# Minutes\n\nThe harbour council painted nine cranes blue in May.\n")
    said = [
        run(dsn, "init", "--empty"),
        run(dsn, "add", tmp_path / "minutes.md"),
        run(dsn, "list", "--json"),
        run(dsn, "ask", "Which cranes were painted blue?", "--reader", "lexical"),
        run(dsn, "check"),
        run(dsn, "--library", tmp_path / "copied", "copy", dsn.url, tmp_path / "copied"),
        run(dsn, "--library", tmp_path / "copied", "check"),
        run(dsn, "audit"),
    ]
    assert [(each.returncode, each.stderr) for each in said if each.returncode] == []
    assert [document["id"] for document in json.loads(said[2].stdout)["documents"]] == ["minutes"]
    assert "nine cranes blue" in said[3].stdout
    assert "Copied 1 documents" in said[5].stdout
    assert "minutes" in said[7].stdout
    assert (folder_of(dsn) / "audit.sqlite").is_file()
    password = dsn.url.partition("://")[2].partition("@")[0].partition(":")[2]
    assert password
    for each in (*said, run(dsn, "backup", tmp_path), run(dsn, "settings"), run(dsn, "init")):
        assert password not in each.stdout + each.stderr


def test_a_folder_for_what_belongs_to_a_library_follows_its_id(dsn: Dsn, library: PostgresLibrary) -> None:
    assert folder_of(dsn).name == library.id
    assert folder_of(dsn).stat().st_mode & 0o777 == 0o700
    with closing(open_library(dsn)) as audited:
        audited.store_setting("strictness", "0.5")
    assert (folder_of(dsn) / "audit.sqlite").is_file()
