"""What all tests share: no network but loopback, small libraries with a fake encoder, the real one once."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from corpus.files import find_files
from index.bert_encoder import BertEncoder
from index.intake import Added
from qa.assembly import Parts, assemble, make_library, open_library
from qa.settings import LEXICAL_READER, Settings
from tests.engines import ENGINES, MakePlace, Place
from tests.fakes import HashEncoder
from tests.postgres import Server, postgres_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.states import Site

os.environ["HF_HUB_OFFLINE"] = "1"

settings.register_profile(
    "krakow", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("krakow")

ARTICLE = Path(__file__).parents[2] / "shared" / "corpus" / "ta-krakow.txt"
"""A real press article, which stands beside the repository on the project's own machines and is never in it."""

MakeParts = Callable[..., Parts]


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    """Every connection to anything but this machine fails the test that tries it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        is_local = self.family == socket.AF_UNIX or str(address[0]) in {"127.0.0.1", "::1", "localhost"}
        if not is_local:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server; see ``tests.postgres``."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=ENGINES)
def make_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakePlace]:
    """Places for libraries of each engine in turn."""
    if request.param == "sqlite":
        yield lambda: Place(tempfile.mkdtemp(prefix="library-", dir=tmp_path))
        return
    server: Server = request.getfixturevalue("postgres")
    yield lambda: Place(server.new_dsn())
    server.drop_all()


@pytest.fixture
def make_parts(tmp_path: Path) -> Iterator[MakeParts]:
    """Makes libraries with a fake encoder: ``make_parts(file="text", …)``, names without their ``.md``."""
    made: list[Parts] = []

    def make(*, name: str = "library", passage_tokens: int | None = 60, **texts: str) -> Parts:
        folder = tmp_path / name
        encoder = HashEncoder()
        make_library(folder, encoder, empty=True, passage_tokens=passage_tokens)
        parts = assemble(open_library(folder), folder, encoder, Settings(reader=LEXICAL_READER))
        made.append(parts)
        for stem, text in texts.items():
            put(parts, tmp_path, stem, text)
        return parts

    yield make
    for parts in made:
        parts.library.close()


def put(parts: Parts, folder: Path, stem: str, text: str) -> Added:
    """Write a Markdown file and add it; fails unless it went in."""
    file = folder / f"{stem}.md"
    file.write_bytes(text.encode())
    (added,) = parts.intake.add(find_files([file]))
    assert added.error is None, added.error
    return added


@pytest.fixture(scope="session")
def encoder() -> BertEncoder:
    """The real encoder, loaded once."""
    return BertEncoder.load()


@pytest.fixture(scope="session")
def briefs(encoder: BertEncoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """A library with the shipped briefs and the real encoder; tests only ask it."""
    folder = tmp_path_factory.mktemp("briefs") / "library"
    make_library(folder, encoder)
    parts = assemble(open_library(folder), folder, encoder, Settings())
    yield parts
    parts.library.close()


@pytest.fixture
def article() -> Path:
    """The real article; the test is skipped where it is not at hand."""
    if not ARTICLE.is_file():
        pytest.skip("the article is not beside this checkout")
    return ARTICLE


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests of a file; see ``tests.web.chromium``."""
    from tests.web import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """What the states of the page are states of, for all tests of a file; see ``tests.states``."""
    from tests.states import prepared_quickly

    with prepared_quickly(tmp_path_factory.mktemp("site")) as site:
        yield site
