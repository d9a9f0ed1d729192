"""The tasks of ``docs/tasks.md`` are done by the steps that stand there, and take as many as its table says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.states import CALL, Site, given, prepared_quickly, visiting

DOCS = Path(__file__).parents[1] / "docs" / "tasks.md"

_TASK = re.compile(r"^## (?P<title>\d+\. .+)\n\n(?P<steps>(?:\d+\. .+\n)+)", re.MULTILINE)
_ROW = re.compile(r"^\| (\d+\. [^|]+) \| (staff|researcher|evaluator) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)

TYPE = re.compile(r"Type “(.+)” into \*\*(.+)\*\*\.")
PRESS = re.compile(r"Press \*\*(.+)\*\*\.")
TAB = re.compile(r"Click the tab \*\*(.+)\*\*\.")
CHOOSE = re.compile(r"Click \*\*(.+)\*\*, and choose a file\.")
SAVE = re.compile(r"Click \*\*(.+)\*\*, and keep the file\.")
CLICK = re.compile(r"Click \*\*(.+)\*\*\.")
SEE = re.compile(r"See “(.+)”\.")
RETURN = re.compile(r"Leave the page, and come back\.")

CLICKS = {TAB: 1, CHOOSE: 2, SAVE: 1, CLICK: 1}
"""A file is chosen by a click on it, besides the one that opens the choice."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task and its steps, as people read them."""

    title: str
    steps: tuple[str, ...]

    @property
    def cost(self) -> tuple[int, int, int]:
        """How many clicks, texts and keys it takes."""
        kinds = [kind_of(step)[0] for step in self.steps]
        return sum(CLICKS.get(kind, 0) for kind in kinds), kinds.count(TYPE), kinds.count(PRESS)


def kind_of(step: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """What is to be done in a step, and with what."""
    for kind in (TYPE, PRESS, TAB, CHOOSE, SAVE, CLICK, SEE, RETURN):
        if match := kind.fullmatch(step):
            return kind, match.groups()
    raise AssertionError(f"nobody can do this: {step}")


def tasks() -> list[Task]:
    return [
        Task(match["title"], tuple(re.findall(r"^\d+\. (.+)$", match["steps"], re.MULTILINE)))
        for match in _TASK.finditer(DOCS.read_text("utf-8"))
    ]


def named(page: Page, name: str) -> Locator:
    """What stands on the page under a name and can be clicked."""
    found = page.get_by_role("button").filter(has_text=re.compile(rf"^\W*{re.escape(name)}\W*$"))
    for role in ("link", "gridcell"):
        found = found.or_(page.get_by_role(role, name=name, exact=True))  # type: ignore[arg-type]
    return found.filter(visible=True).first


def do(page: Page, site: Site, step: str) -> None:
    """Do a step as a person would."""
    kind, said = kind_of(step)
    if kind is TYPE:
        text, label = said
        page.get_by_label(label, exact=True).or_(page.get_by_placeholder(label)).filter(visible=True).first.fill(text)
    elif kind is PRESS:
        page.keyboard.press(said[0])
    elif kind is TAB:
        page.get_by_role("tab", name=said[0], exact=True).click()
    elif kind is CHOOSE:
        with given(page, site.file("call.md", CALL)):
            page.get_by_text(said[0]).filter(visible=True).first.click()
    elif kind is SAVE:
        with page.expect_download():
            named(page, said[0]).click()
    elif kind is CLICK:
        named(page, said[0]).click()
    elif kind is SEE:
        expect(page.get_by_text(said[0]).filter(visible=True).first).to_be_visible(timeout=60_000)
    else:
        page.wait_for_selector("#history")  # it is kept a moment after it is shown
        page.goto("about:blank")
        opened(page, site)


def opened(page: Page, site: Site) -> None:
    page.goto(site.home)
    page.wait_for_selector(".holdings .count")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with prepared_quickly(tmp_path_factory.mktemp("site")) as site:
        yield site


def test_there_are_five_three_and_two_and_each_takes_what_the_table_says() -> None:
    rows = _ROW.findall(DOCS.read_text("utf-8"))
    assert [who for _, who, *_ in rows] == ["staff"] * 5 + ["researcher"] * 3 + ["evaluator"] * 2
    assert {title: tuple(map(int, cost)) for title, _, *cost in rows} == {task.title: task.cost for task in tasks()}


@pytest.mark.browser
@pytest.mark.parametrize("task", tasks(), ids=lambda task: task.title)
def test_a_task_is_done_by_its_steps(task: Task, browser: Browser, site: Site) -> None:
    with visiting(browser) as page:
        opened(page, site)
        for step in task.steps:
            do(page, site, step)
