"""Proves that a report tells all of a run, needs nothing else, says nothing but text, and is the same each time."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from qa.evaluation.metrics import MEASURES
from qa.evaluation.records import Verdict
from qa.evaluation.reporting.html import html_report
from qa.evaluation.reporting.markdown import escaped, markdown_report
from qa.evaluation.reporting.plots import plots
from qa.evaluation.run import Run
from qa.evaluation.summary import Summary
from tests.commands import Run as RunCommand
from tests.commands import a_library, the_minutes  # noqa: F401 (fixtures)
from tests.commands import a_run as a_command  # noqa: F401 (fixture)
from tests.records import RECORDS, a_run, a_search, answer, question, quote
from tests.web import chromium

HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)> `code` | [x](javascript:alert(1)) $a$ </svg> & **b**"


HARMLESS = frozenset(
    "html head meta title style body header main section details summary div table thead tbody tr th td figure article"
    " blockquote footer mark code strong span h1 h2 h3 p ul ol li svg g path defs use text rect clippath".split()
)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text outside of styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._in_style = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.text += data


def hostile() -> Run:
    said = quote(HOSTILE, title=HOSTILE)
    asked = question("bad", HOSTILE, tags=(HOSTILE,), note=HOSTILE, history=(HOSTILE,), answers=(HOSTILE,))
    wrong = replace(RECORDS[2], question=asked, answer=answer(0.6, said, short=HOSTILE))
    return a_run([*RECORDS, wrong], (1.0,) * 7, set=HOSTILE, settings={"reader": HOSTILE})


@pytest.mark.parametrize("write", [html_report, markdown_report])
def test_a_report_tells_every_question_with_what_came_of_it(write: object) -> None:
    assert callable(write)
    text = write(Summary(a_run()))
    if write is html_report:
        text = Elements(text).text
    for record in RECORDS:
        assert record.question.text in text
        assert record.verdict.value.capitalize() in text
    for said in (
        "6 questions, 2 of them without an answer", "Nine cranes are blue.", "Minutes, page 3 · Harbour",
        f"minutes@{'a' * 12}#0-21", "no zebra", "Asked after: Who?", "The sources do not say it.", "a" * 12, "3.11",
        "0.250", "the sources do not seem to say this",
    ):  # fmt: skip
        assert said in text


def test_the_worst_comes_first_and_what_is_right_is_folded_away() -> None:
    page = html_report(Summary(a_run()))
    groups = re.findall(r'<details class="(\w+)"( open)?>\n<summary>([\w ,]+): (\d+)', page)
    assert groups == [
        ("bad", " open", "False answer", "1"),
        ("bad", " open", "Wrong", "1"),
        ("bad", " open", "False refusal", "1"),
        ("bad", " open", "Right, but not first", "1"),
        ("good", "", "Right", "2"),
    ]


def test_all_metrics_of_the_run_are_there_each_with_what_it_means() -> None:
    summary = Summary(a_run())
    page, markdown = Elements(html_report(summary)).text, markdown_report(summary)
    assert len(summary.metrics) == 12
    for measure in MEASURES:
        assert (measure.meaning in page) == (measure.name in summary.metrics)
        assert (f"`{measure.name}` | " in markdown) == (measure.name in summary.metrics)


def test_a_search_is_told_by_its_documents() -> None:
    summary = Summary(a_search())
    assert [record.verdict for record in summary.run.records] == [Verdict.LOWER, Verdict.WRONG, Verdict.UNJUDGED]
    page = html_report(summary)
    assert "<li><code>minutes</code></li>\n<li><code>summary</code> relevant</li>" in page
    assert "- Found: minutes, summary (relevant)" in markdown_report(summary)
    assert plots(summary).keys() == {"Latency"}


def test_a_run_that_is_not_finished_says_so() -> None:
    summary = Summary(a_run(RECORDS[:2], (1.0, 2.0), questions=6))
    assert "2 of 6 questions" in html_report(summary)
    assert "the run is not finished" in html_report(summary)
    assert "2 of 6 questions" in markdown_report(summary)


def test_an_empty_run_makes_a_report() -> None:
    summary = Summary(a_run([], [], questions=6))
    assert "0 of 6 questions" in html_report(summary)
    assert "0 of 6 questions" in markdown_report(summary)


@pytest.mark.parametrize("run", [a_run(), a_search(), hostile()], ids=["run", "search", "hostile"])
def test_the_page_asks_for_nothing_and_runs_nothing(run: Run) -> None:
    page = html_report(Summary(run))
    elements = Elements(page)
    assert {tag for tag, _ in elements.found} <= HARMLESS
    for _, attributes in elements.found:
        assert not {name for name in attributes if name.startswith("on") or name in {"src", "srcset", "action"}}
        for name in ("href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert all(target.startswith("#") for target in re.findall(r"url\(\s*['\"]?([^)'\"]*)", page))
    assert "@import" not in page


def test_hostile_text_is_text(tmp_path: Path) -> None:
    page = html_report(Summary(hostile()))
    assert HOSTILE in Elements(page).text
    assert "<script" not in page
    assert "<img" not in page
    markdown = markdown_report(Summary(hostile()))
    assert "<" not in markdown
    assert not re.search(r"(?<!\\)\[x", markdown)
    assert all(row.count(" | ") == 3 for row in markdown.splitlines() if row.startswith("| `f1`"))


def test_escaped_text_stays_on_its_line() -> None:
    assert escaped("a\n# b\u2028- c | d") == "a &#35; b - c \\| d"
    assert escaped("https://x.example @you *a* <b>") == "https&#58;//x.example &#64;you \\*a\\* &lt;b&gt;"


@pytest.mark.parametrize("write", [html_report, markdown_report])
def test_the_same_run_gives_the_same_bytes(write: object) -> None:
    assert callable(write)
    assert write(Summary(a_run())) == write(Summary(a_run()))


def test_plots_say_in_words_what_they_show_and_their_parts_have_names_of_their_own() -> None:
    drawn = plots(Summary(a_run()))
    assert drawn.keys() == {"Reliability", "Risk and coverage", "evidence@1 by tag", "Latency"}
    labels = {title: re.search(r'aria-label="([^"]*)"', svg) for title, svg in drawn.items()}
    said = {title: label[1] for title, label in labels.items() if label}
    assert "confidence 0.90: 1.00 of 1 questions answerable" in said["Reliability"]
    assert "100% answered, 0.67 wrong" in said["Risk and coverage"]
    assert "numbers 0.50 (0.00 to 1.00)" in said["evidence@1 by tag"]
    assert "half took at most 35" in said["Latency"]
    names = re.findall(r'\bid="([^"]*)"', "".join(drawn.values()))
    assert len(names) == len(set(names))


def test_a_tag_is_drawn_whatever_it_is_written_in() -> None:
    tags = ("unteilbareswortmitsehrvielenbuchstaben", "तालिका", "$x$", "a\nb")
    of = [replace(record, question=replace(record.question, tags=tags)) for record in RECORDS]
    drawn = plots(Summary(a_run(of)))["evidence@1 by tag"]
    for said in ("unteilbareswortmitsehrv…", "तालिका", "$x$", "a b"):
        assert f">{said}<" in drawn
    assert "<style" not in drawn


def test_report_writes_both_files_beside_the_run_or_elsewhere(run: RunCommand, library: Path, tmp_path: Path) -> None:
    folder, elsewhere, questions = tmp_path / "run", tmp_path / "deep" / "reports", tmp_path / "set.jsonl"
    questions.write_text('{"id": "1", "question": "Who chaired the council?", "answerable": true}\n', "utf-8")
    assert run("--library", library, "evaluate", questions, "--out", folder).code == 0
    ran = run("report", folder)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [str(folder / "report.html"), str(folder / "report.md")]
    assert run("report", folder, "--out", elsewhere).code == 0
    for name in ("report.html", "report.md"):
        assert (folder / name).read_bytes() == (elsewhere / name).read_bytes()
    assert run("--library", library, "evaluate", questions, "--resume", folder).code == 0


def test_report_of_what_is_no_run_or_to_where_nothing_can_be_is_refused(run: RunCommand, tmp_path: Path) -> None:
    ran = run("report", tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert "holds no run" in ran.err


@pytest.mark.browser
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_the_page_is_whole_in_a_browser(tmp_path: Path, colours: str, width: int) -> None:
    file = tmp_path / "report.html"
    file.write_text(html_report(Summary(hostile())), "utf-8")
    asked: list[str] = []
    said: list[str] = []
    with chromium() as browser:
        page = browser.new_page(color_scheme=colours, viewport={"width": width, "height": 800})  # type: ignore[arg-type]
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(file.as_uri())
        page.get_by_text("Right: 2").click()
        assert page.get_by_text("How many cranes?").first.is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        ink, paper = (page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("color", "backgroundColor"))
        brightness = [int(re.findall(r"\d+", colour)[0]) for colour in (ink, paper)]
        assert (brightness[0] < brightness[1]) == (colours == "light")
        assert page.locator("svg.plot text").first.evaluate("node => getComputedStyle(node).fill") == ink
    assert asked == [file.as_uri()]
    assert said == []
