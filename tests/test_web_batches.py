"""Proves what the Corpus tab does without a browser: batches, estimates, borders of pages, originals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from corpus.files import File, find_files
from corpus.library import Copy
from corpus.model import Document, Passage, Source, Span
from index.intake import Added, Outcome
from qa.assembly import Parts
from qa.web.corpus.adding import _jobs
from qa.web.corpus.batches import Job, Stop, work_off
from qa.web.corpus.render import file_size, render_about, render_batch, render_text, time_left
from qa.web.corpus.uploads import uploaded
from tests.conftest import MakeParts
from tests.test_parsing_packages import zipped
from tests.web import serving


def file(name: str) -> File:
    return File(name, name, lambda: b"text")


def take_in(files: Iterable[File]) -> Iterator[Added]:
    for each in files:
        yield Added(each.origin, Outcome.CHANGED if each.name == "b" else Outcome.ADDED, each.name, passages=4)


def test_a_batch_tells_how_far_it_is_and_how_long_it_will_take() -> None:
    times = iter([0.0, 10.0, 30.0])
    jobs = [Job(name, [file(name)]) for name in "abc"]
    first, second, third, last = work_off(jobs, take_in, Stop(), lambda: next(times))
    assert [(each.in_hand, each.done, each.left_s) for each in (first, second, third, last)] == [
        ("a", 0, None),
        ("b", 1, 20.0),
        ("c", 2, 15.0),
        (None, 3, None),
    ]
    assert [each.passages_per_s for each in (first, second, third)] == [None, 0.4, pytest.approx(8 / 30)]
    assert "0 passages/s · less than a minute left" in render_batch(second)
    assert [added.id for added in last.results] == ["a", "b", "c"]
    assert [changed.name for changed in last.changed] == ["b"]
    assert not last.stopped


def test_a_stopped_batch_begins_nothing_more() -> None:
    opened: list[str] = []

    def files(name: str) -> Iterator[File]:
        opened.append(name)
        yield file(name)

    stop = Stop(asked=True)  # from a batch before
    batches = work_off([Job(name, files(name)) for name in "abc"], take_in, stop)
    next(batches)
    stop.asked = True
    (last,) = batches
    assert (opened, last.done, last.stopped) == (["a"], 1, True)
    assert "Stopped after 1 of 3 files: 1 added" in render_batch(last)


def test_a_changed_file_can_be_taken_in_after_it_has_gone(tmp_path: Path) -> None:
    path = tmp_path / "b"
    path.write_text("text")
    read: list[bytes] = []

    def reading(files: Iterable[File]) -> Iterator[Added]:
        for each in files:
            read.append(each.data())
            yield Added(each.origin, Outcome.CHANGED, each.name)

    *_, last = work_off([Job("b", find_files([path]))], reading, Stop())
    path.unlink()
    assert [changed.data() for changed in last.changed] == read == [b"text"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3, "less than a minute"), (70, "about 1 minute"), (200, "about 3 minutes"), (3700, "about 1 hour")],
)
def test_times_are_told_as_guesses(seconds: float, said: str) -> None:
    assert time_left(seconds) == f"{said} left"


@pytest.mark.parametrize(("size_bytes", "said"), [(0, "0 bytes"), (34_200, "34 KB"), (5_250_000, "5.2 MB")])
def test_sizes_have_one_unit(size_bytes: int, said: str) -> None:
    assert file_size(size_bytes) == said


def test_members_of_an_uploaded_archive_keep_their_folders(tmp_path: Path) -> None:
    archive = tmp_path / "minutes.zip"
    archive.write_bytes(zipped({"a/report.md": b"One.", "b/report.md": b"Two."}))
    assert [each.origin for each in uploaded([str(archive)])] == [
        "upload/minutes.zip!a/report.md",
        "upload/minutes.zip!b/report.md",
    ]


def test_a_text_shows_where_pages_begin_inside_passages_too() -> None:
    text = "Page one ends. Page two goes on.\n\nThe rest & <b>more</b>."
    document = Document.of("minutes", Source("Minutes"), text, (0, 15, 34))
    spans = [Span(0, 32), Span(34, len(text))]
    passages = [Passage("minutes", document.version, span, document.slice(span)) for span in spans]
    assert re.findall("<p .*?</p>", render_text(document, passages)) == [
        '<p class="page">page 1</p>',
        '<p class="passage">Page one ends.</p>',
        '<p class="page continued">page 2</p>',
        '<p class="passage continued">Page two goes on.</p>',
        '<p class="page">page 3</p>',
        '<p class="passage">The rest &amp; &lt;b&gt;more&lt;/b&gt;.</p>',
    ]


def test_every_template_of_the_corpus_escapes(make_parts: MakeParts) -> None:
    parts = make_parts(zebra="---\ntitle: <i>Zebra</i>\nlicence: <u>\nurl: 'javascript:alert(1)'\n---\nA <b>zebra</b>.")
    (entry,) = parts.library.entries()
    hostile = Added("<u>.md", Outcome.FAILED, error="<u>.md: <b>no</b>", notes=("<i>",))
    *_, batch = work_off([Job("<u>", [file("<u>")])], lambda files: (hostile for _ in files), Stop())
    for html in (
        render_about(entry, 3, [Copy("<u>", entry.source, 0.9)]),
        render_text(parts.library.document("zebra"), []),
        render_batch(batch),
        render_batch(replace(batch, in_hand="<u>")),
    ):
        assert not {"<i>", "<b>", "<u>"} & {html[at : at + 3] for at in range(len(html))}
        assert "&lt;" in html
        assert "javascript:" not in html


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(bees="# Bees\n\n<script>alert(1)</script> Forty hives.\n", other="Another text.")


def test_an_original_is_saved_and_never_shown(parts: Parts) -> None:
    with serving(parts) as url:
        answer = httpx.get(f"{url}/documents/bees/original")
        assert answer.content == b"# Bees\n\n<script>alert(1)</script> Forty hives.\n"
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == 'attachment; filename="bees.md"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert httpx.get(f"{url}/documents/bees/original", headers={"Host": "a.example"}).status_code == 400
        parts.purge("bees")
        assert httpx.get(f"{url}/documents/bees/original").status_code == 404


@pytest.mark.parametrize(
    "place",
    [
        "ghost/original",
        "%2e%2e%2flibrary.db/original",
        "bees%2f..%2flibrary.db/original",
        "..%2f..%2fetc%2fpasswd/original",
    ],
)
def test_nothing_but_originals_is_served(parts: Parts, place: str) -> None:
    with serving(parts) as url:
        answer = httpx.get(f"{url}/documents/{place}")
        assert "attachment" not in answer.headers.get("content-disposition", "")
        assert b"SQLite" not in answer.content


def test_a_manifest_that_is_uploaded_with_files_speaks_of_them(tmp_path: Path) -> None:
    paths = [tmp_path / "1" / "pier.txt", tmp_path / "2" / "manifest.csv"]
    for path, text in zip(paths, ["The pier is open.", "file,title\npier.txt,The pier\n"], strict=True):
        path.parent.mkdir()
        path.write_text(text)
    (found,) = uploaded(map(str, paths))
    assert (found.name, dict(found.metadata)) == ("pier.txt", {"title": "The pier"})


def test_a_manifest_that_cannot_be_read_is_said_and_nothing_is_added(make_parts: MakeParts, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("title\nThe pier\n")
    jobs, missing = _jobs([str(manifest)], "https://example.org", make_parts().make_fetcher())
    assert (jobs, missing) == ([], "manifest.csv, line 1: no column is called “file”; name the columns in that line")
