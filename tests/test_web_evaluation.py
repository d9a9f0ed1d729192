"""Proves what the Evaluate tab does without a browser: runs, how they stop and go on, what is refused and shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa.assembly import Parts
from qa.evaluation.comparing import compare
from qa.evaluation.folder import BadRun, RunWriter
from qa.evaluation.records import Verdict
from qa.evaluation.reporting.html import html_report
from qa.evaluation.sets.rows import BadQuestionSet
from qa.evaluation.summary import Summary
from qa.evaluation.task import SHIPPED
from qa.web.corpus.batches import Stop
from qa.web.evaluation.render import render_changed, render_comparison, render_progress, render_record, render_run
from qa.web.evaluation.results import question_rows
from qa.web.evaluation.running import Busy, End, Progress, Runner
from qa.web.evaluation.runs import Runs, label
from qa.web.evaluation.starting import _SETS, _said
from qa.web.opening import Opening
from tests.conftest import MakeParts, put
from tests.records import RECORDS, a_run, a_search
from tests.web import serving

HARBOUR = "# Minutes\n\nOla Nowak chaired the harbour council. Nine cranes will be painted blue.\n"
QUESTIONS: list[dict[str, Any]] = [
    {"id": "who", "question": "Who chaired the harbour council?", "answerable": True,
     "evidence": ["Ola Nowak chaired the harbour council"], "tags": ["people"]},
    {"id": "cranes", "question": "How many cranes will be painted?", "answerable": True, "evidence": ["Nine cranes"]},
    {"id": "zebra", "question": "Which zebra grazed on Mars?", "answerable": False, "tags": ["off-topic"]},
]  # fmt: skip


def write_set(path: Path, questions: list[dict[str, Any]] = QUESTIONS) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in questions), "utf-8")
    return path


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(minutes=HARBOUR)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_set(tmp_path / "uploads" / "harbour.jsonl")


@pytest.fixture
def runs(parts: Parts) -> Runs:
    return Runs.of(parts.folder)


def stopped_after(asked: int, steps: Iterator[Progress], stop: Stop) -> list[Progress]:
    """All steps of a run that is told to stop when so many questions were asked."""
    told = []
    for progress in steps:
        told.append(progress)
        if progress.asked == asked:
            stop.asked = True
    return told


def test_a_run_tells_how_far_it_is_and_is_kept(parts: Parts, runs: Runs, file: Path) -> None:
    times = iter([0.0, 10.0, 30.0, 33.0])
    runner = Runner(Opening.of(parts), lambda: next(times))
    steps = list(runner.begin(file, None, Stop()))
    assert [(each.asked, each.total, each.left_s, each.end) for each in steps] == [
        (0, 3, None, None),
        (1, 3, 20.0, None),
        (2, 3, 15.0, None),
        (3, 3, 0.0, End.DONE),
    ]
    assert runs.names() == [steps[-1].name]
    run = runs.read(steps[-1].name)
    assert run.complete
    assert [record.question.id for record in run.records] == ["who", "cranes", "zebra"]
    assert {each.name for each in (parts.folder / "runs" / steps[-1].name).iterdir()} == {
        "run.json",
        "records.jsonl",
        "timings.jsonl",
    }


def test_a_run_is_named_after_its_set_and_no_two_alike(parts: Parts, runs: Runs, tmp_path: Path) -> None:
    file = write_set(tmp_path / "1" / "Łódź ../& <b>.jsonl".replace("/", "⁄"))
    for _ in range(3):
        list(Runner(Opening.of(parts)).begin(file, 1, Stop()))
    assert len(set(runs.names())) == 3
    assert all(re.fullmatch(r"[a-z0-9-]+", name) and name.startswith("lodz-") for name in runs.names())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("harbour-2026-03-04-051607", "harbour, 4 March 2026, 05:16:07 UTC"),
        ("a-b-2026-12-04-051607-2", "a-b, 4 December 2026, 05:16:07 UTC (2)"),
        ("by hand", "by hand"),
        ("odd-2026-13-04-051607", "odd-2026-13-04-051607"),
    ],
)
def test_runs_are_told_by_set_and_time(name: str, said: str) -> None:
    assert label(name) == said


@pytest.mark.parametrize("asked", range(len(QUESTIONS)))
def test_a_stopped_run_is_gone_on_with_and_ends_like_one_that_was_not(
    parts: Parts, runs: Runs, file: Path, asked: int
) -> None:
    runner, stop = Runner(Opening.of(parts)), Stop()
    whole = list(runner.begin(file, None, Stop()))[-1].name
    last = stopped_after(asked, runner.begin(file, None, stop), stop)[-1]
    assert (last.end, last.asked) == (End.STOPPED, asked)
    assert len(runs.read(last.name).records) == asked
    assert f"Stopped after {asked} of 3 questions" in render_progress(last)
    file.unlink()
    assert list(runner.go_on(last.name, stop))[-1].end is End.DONE
    for name in ("run.json", "records.jsonl"):
        assert (runs.path(last.name) / name).read_bytes() == (runs.path(whole) / name).read_bytes()
    assert sorted(each.name for each in runs.path(last.name).iterdir()) == [
        "records.jsonl",
        "run.json",
        "timings.jsonl",
    ]


def test_a_sample_is_gone_on_with_as_it_was(parts: Parts, runs: Runs, file: Path) -> None:
    stop = Stop()
    last = stopped_after(1, Runner(Opening.of(parts)).begin(file, 2, stop), stop)[-1]
    assert (last.asked, last.total) == (1, 2)
    assert [(each.asked, each.total) for each in Runner(Opening.of(parts)).go_on(last.name, stop)] == [(1, 2), (2, 2)]
    assert runs.read(last.name).complete


def test_a_run_of_which_the_library_changes_ends_and_cannot_be_gone_on_with(
    parts: Parts, runs: Runs, file: Path, tmp_path: Path
) -> None:
    steps = Runner(Opening.of(parts)).begin(file, None, Stop())
    next(steps)
    next(steps)
    put(parts, tmp_path, "quay", "The quay is long.")
    (last,) = steps
    assert (last.end, last.asked) == (End.CHANGED, 1)
    assert "the library has changed" in render_progress(last)
    with pytest.raises(BadRun, match="quay: not there"):
        list(Runner(Opening.of(parts)).go_on(last.name, Stop()))


def test_a_second_run_is_told_that_there_is_a_first(parts: Parts, runs: Runs, file: Path) -> None:
    runner = Runner(Opening.of(parts))
    first = runner.begin(file, None, Stop())
    next(first)
    with pytest.raises(Busy, match="A run is going on"):
        next(runner.begin(file, None, Stop()))
    assert len(runs.names()) == 1
    del first  # a page that was closed
    assert list(runner.begin(file, None, Stop()))[-1].end is End.DONE


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="there is no /dev/full, which is a full disk, on this system"
)
def test_a_full_disk_ends_a_run_in_a_sentence_and_it_is_gone_on_with_later(
    parts: Parts, runs: Runs, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_a_full_disk(folder: Path) -> RunWriter:
        (folder / "records.jsonl").symlink_to("/dev/full")
        return RunWriter(folder)

    with monkeypatch.context() as patch:
        patch.setattr("qa.evaluation.folder.RunWriter", on_a_full_disk)
        with pytest.raises(BadRun, match="cannot be written any more") as raised:
            list(Runner(Opening.of(parts)).begin(file, None, Stop()))
    assert "\n" not in str(raised.value)
    (name,) = runs.names()
    (runs.path(name) / "records.jsonl").unlink()  # somebody made room
    assert list(Runner(Opening.of(parts)).go_on(name, Stop()))[-1].end is End.DONE
    assert runs.read(name).complete


def test_a_run_without_its_set_cannot_be_gone_on_with(parts: Parts, runs: Runs, file: Path) -> None:
    stop = Stop()
    last = stopped_after(1, Runner(Opening.of(parts)).begin(file, None, stop), stop)[-1]
    runs.forget_set(runs.path(last.name))
    with pytest.raises(BadRun, match=r"harbour\.jsonl were not kept with the run"):
        list(Runner(Opening.of(parts)).go_on(last.name, stop))


@pytest.mark.parametrize("name", ["..", "../library", "gone", "", "/etc", "."])
def test_only_runs_are_read(parts: Parts, runs: Runs, name: str) -> None:
    with pytest.raises(BadRun, match="There is no run"):
        runs.read(name)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.jsonl", b'{"id": "a"}\n', r"bad\.jsonl, line 1: 'question'"),
        ("bad.jsonl", b"", "holds no questions"),
        ("bad.jsonl", b"\xff\xfe\xff", "not UTF-8"),
        ("bad.csv", b"name\nx\n", r"bad\.csv, line 1"),
        ("ghost.jsonl", b'{"id": "a", "question": "Q?", "answerable": true, "evidence": ["a ghost"]}', "a ghost"),
        ("dev-v1.1.json", b'{"data": []}', "krakow-qa evaluate dev-v1.1.json"),
        ("minutes.pdf", b"%PDF", "krakow-qa evaluate minutes.pdf"),
    ],
)  # fmt: skip
def test_a_set_that_cannot_be_asked_is_refused_and_nothing_is_written(
    parts: Parts, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    runner = Runner(Opening.of(parts))
    with pytest.raises(BadQuestionSet, match=said):
        list(runner.begin(file, None, Stop()))
    assert not (parts.folder / "runs").exists()
    with pytest.raises(BadQuestionSet, match=said):  # and none is thought to go on
        list(runner.begin(file, None, Stop()))


def test_the_sets_that_are_offered_are_there_with_as_many_questions_as_is_said() -> None:
    assert [name for _, name in _SETS[:-1]] == list(SHIPPED)
    for said, name in _SETS[:-1]:
        assert f" {len(SHIPPED[name].read_text('utf-8').splitlines())} " in said


def test_the_run_before_is_the_newest_of_the_same_set(parts: Parts, runs: Runs, file: Path) -> None:
    other = write_set(file.with_name("other.jsonl"), QUESTIONS[:1])
    names = [list(Runner(Opening.of(parts)).begin(each, None, Stop()))[-1].name for each in (file, other, file)]
    assert runs.names() == names[::-1]
    assert runs.earlier(names[2]) == names[0]
    assert runs.earlier(names[1]) is runs.earlier(names[0]) is runs.earlier("gone") is None


def test_the_report_of_a_run_is_saved_and_never_shown(parts: Parts, runs: Runs, file: Path) -> None:
    name = list(Runner(Opening.of(parts)).begin(file, None, Stop()))[-1].name
    with serving(parts) as url:
        answer = httpx.get(f"{url}/runs/{name}/report")
        assert answer.text == html_report(Summary(runs.read(name)))
        assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}.html"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert httpx.get(f"{url}/runs/{name}/report", headers={"Host": "a.example"}).status_code == 400
        for place in ("gone", "%2e%2e", "..%2fruns", "%2e%2e%2f" + parts.folder.name):
            answer = httpx.get(f"{url}/runs/{place}/report")
            assert "attachment" not in answer.headers.get("content-disposition", "")


def test_questions_are_filtered_by_what_became_of_them() -> None:
    rows = question_rows(RECORDS)
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6]
    (only,) = question_rows(RECORDS, Verdict.FALSE_ANSWER.value)
    assert only == [6, "What is owed?", "false answer", 0.55, "", "spoke"]


def test_a_run_shows_all_its_metrics_plots_and_tags() -> None:
    html = render_run("a run", Summary(a_run()))
    for name in Summary(a_run()).metrics:
        assert html.count(f'<th scope="row">{name}</th>') == 1
    assert html.count("<svg ") == 4
    assert '<th scope="row">numbers</th><td class="number">2</td>' in html
    assert 'href="/runs/a%20run/report"' in html


def test_a_search_shows_what_it_found() -> None:
    html = render_record(a_search().records[0], "opened")
    assert "Right, but not first" in html
    assert re.findall(r"<li><code>(\w+)</code>( relevant)?", html) == [("minutes", ""), ("summary", " relevant")]
    assert [row[3] for row in question_rows(a_search().records)] == [None] * 3


def test_a_question_is_shown_with_what_is_right_above_the_answer_of_the_chat() -> None:
    html = render_record(RECORDS[0], "opened")
    assert html.index("<strong>Right</strong>") < html.index("<li>Nine</li>") < html.index('id="turn-opened"')
    assert "asked after: who?" in render_record(RECORDS[3], "x").lower()


def test_two_runs_show_gains_and_both_answers() -> None:
    one, other = a_run(), a_run([*RECORDS[:5], replace(RECORDS[4], question=RECORDS[5].question)])
    found = compare(one, other)
    assert "6 questions in both; 1 changed sides." in render_comparison(found)
    html = render_changed(found.changed[0], "before", "after")
    assert re.findall('id="(turn-[a-z]+)"', html) == ["turn-one", "turn-other"]
    assert html.index("before") < html.index("False answer") < html.index("after</h2>") < html.index("No answer")


def test_runs_that_share_one_question_are_compared() -> None:
    one, other = a_run(RECORDS[:1], [1.0]), a_run(RECORDS[:1], [2.0])
    assert {each.p for each in compare(one, other).metrics} == {1.0}


def test_every_template_of_the_evaluation_escapes(parts: Parts) -> None:
    question = replace(
        RECORDS[3].question, id="<u>", text="<b>", tags=("<i>",), note="<u>", history=("<b>",), answers=("<i>",)
    )
    records = [replace(record, question=question) for record in (RECORDS[0], RECORDS[3])]
    run = a_run(records, [1.0, 2.0], set="<u>.jsonl", settings={"reader": "<b>"}, documents={"<i>": "a"})
    changed = a_run(records[::-1], [1.0, 2.0], settings={"reader": "<u>"})
    found = compare(run, changed)
    progress = Progress("<u>", "<u>", 1, 2)
    for html in (
        render_run("<u>", Summary(run)),
        render_record(records[0], "x"),
        render_record(replace(records[1], answer=None, found=("<b>",)), "x"),
        render_comparison(found),
        render_changed(
            replace(
                compare(a_run(), a_run([*RECORDS[:5], replace(RECORDS[4], question=RECORDS[5].question)])).changed[0],
                documents=("<i>",),
            ),
            "<u>",
            "<b>",
        ),
        render_progress(progress),
        render_progress(replace(progress, end=End.CHANGED)),
        _said("<u>")[0],
    ):
        assert not {"<i>", "<b>", "<u>"} & {html[at : at + 3] for at in range(len(html))}
        assert "&lt;" in html
