"""The states of the page, each with the steps that lead to it from the one before: for axe, and for the pictures.

A state is one function, put into its walk by a decorator:

    @state(ASKING, "What the pictures say of it.")
    def answered(visit: Visit) -> None:
        ask(visit.page, "Who represented NATO in Krakow?")
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from playwright.sync_api import Browser, Page

from corpus.errors import LibraryError
from index.encoder import Encoder
from qa.accounts.model import Role
from qa.answerer import Answerer
from qa.assembly import Parts, assemble, make_library, open_library
from qa.conversation.feedback import Feedback, Verdict
from qa.conversation.kept import KeptTurn
from qa.conversation.shelves import conversations_in
from qa.evaluation.task import SHIPPED
from qa.settings import Settings
from qa.web import talking
from qa.web.admission import Admission
from qa.web.corpus.batches import Stop
from qa.web.evaluation.running import Runner
from qa.web.opening import Opening, Tell
from tests.conftest import put
from tests.fakes import HashEncoder, SureReader
from tests.people import PASSWORD, WRONG, HandClock, staffed
from tests.test_fetching_files import Web
from tests.web import ask, serving

POST = "---\ntitle: Law passed\npublisher: Harbour Post\n---\n\nThe harbour law was passed on 12 May 2026.\n"
COURIER = "---\ntitle: New law\npublisher: Baltic Courier\n---\n\nThe harbour law was passed on 9 June 2026.\n"
CALL = "---\ntitle: A planning call\nkind: remarks\n---\n\nFrance takes the minutes. Italy sends the agenda.\n"

DESKTOP, PHONE = (1280, 800), (390, 844)

AT_ONCE = """() => document.getAnimations()
    .filter(each => Number.isFinite(each.effect.getComputedTiming().endTime))
    .forEach(each => each.finish())"""
"""Colours that are on their way to others are there."""

PATIENCE_MS = 120_000
"""As long as a busy machine may need; nothing waits for it where all is well."""

ASKED = "Who represented NATO in Krakow?"


@dataclass(frozen=True, slots=True)
class Site:
    """A library with our briefs, two sources that differ and two runs, served at home and in an office."""

    parts: Parts
    home: str
    office: str
    files: Path

    def file(self, name: str, text: str) -> Path:
        """A file to be uploaded."""
        self.files.mkdir(exist_ok=True)
        path = self.files / name
        path.write_text(text, "utf-8")
        return path


@dataclass(slots=True)
class Visit:
    """Somebody on the page; what ``for_now`` holds ends before the next state."""

    site: Site
    page: Page
    for_now: ExitStack = field(default_factory=ExitStack)

    def open(self, url: str) -> None:
        """Load the page, and wait until it is alive."""
        self.page.goto(url)
        self.page.wait_for_selector(".holdings .count")

    def begin_anew(self) -> None:
        """Begin a new conversation."""
        self.page.click("#new")
        self.page.wait_for_selector(".welcome")

    def tab(self, *names: str) -> None:
        """Open a tab, and one inside it."""
        for name in names:
            self.page.get_by_role("tab", name=name, exact=True).click()


@dataclass(frozen=True, slots=True)
class State:
    """A state of the page: its name, a sentence about it, and what leads to it."""

    name: str
    about: str
    reach: Callable[[Visit], None]


Walk = list[State]

ASKING: Walk = []
KEEPING: Walk = []
MEASURING: Walk = []
OFFICE: Walk = []
APART: Walk = []

WALKS = {"asking": ASKING, "corpus": KEEPING, "evaluation": MEASURING, "office": OFFICE, "apart": APART}


def state(walk: Walk, about: str) -> Callable[[Callable[[Visit], None]], Callable[[Visit], None]]:
    """Put a state at the end of a walk."""

    def put_at_end(reach: Callable[[Visit], None]) -> Callable[[Visit], None]:
        walk.append(State(reach.__name__.replace("_", "-"), about, reach))
        return reach

    return put_at_end


def walked(walk: Walk, site: Site, page: Page) -> Iterator[State]:
    """Each state of a walk while the page is in it."""
    for each in walk:
        with ExitStack() as for_now:
            each.reach(Visit(site, page, for_now))
            yield each


@contextmanager
def prepared(encoder: Encoder, folder: Path) -> Iterator[Site]:
    """The site, with a library in a folder."""
    make_library(folder / "library", encoder)
    parts = assemble(open_library(folder / "library"), folder / "library", encoder, Settings())
    parts = replace(parts, make_fetcher=Web)
    for name, text in (("post", POST), ("courier", COURIER)):
        put(parts, folder, name, text)
    for strictness in (1.0, 0.5):
        opening = Opening.of(replace(parts, settings=replace(parts.settings, strictness=strictness)))
        list(Runner(opening).begin(SHIPPED["krakow-tune.jsonl"], 6, Stop()))
    turn = KeptTurn.of(opening.asker.ask(ASKED, (), None))
    Feedback(conversations_in(parts.folder)).give("", Verdict.WRONG, "It is spelled otherwise", turn)
    accounts = staffed(folder / "office", HandClock())
    with serving(parts) as home, serving(parts, Admission(accounts)) as office:
        yield Site(parts, home, office, folder / "files")
    parts.library.close()


@contextmanager
def prepared_quickly(folder: Path) -> Iterator[Site]:
    """The site, with fakes in the place of the models."""
    with (
        patch("qa.assembly.load_reader", lambda _, encoder: SureReader(encoder)),
        prepared(HashEncoder(), folder) as site,
    ):
        yield site


@contextmanager
def visiting(browser: Browser) -> Iterator[Page]:
    """A page in a window of its own, on a desktop, which stands still."""
    width, height = DESKTOP
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context.new_page()
    finally:
        context.close()


def look(page: Page, window: tuple[int, int], theme: str) -> None:
    """Show the page in a window of that size in a theme, as gradio and our own pages switch to it."""
    width, height = window
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
    page.evaluate(AT_ONCE)


@contextmanager
def given(page: Page, file: Path) -> Iterator[None]:
    """What is pressed inside asks for a file to add, and gets this one."""
    box = page.locator("#upload input[type=file]")
    box.evaluate("box => box.addEventListener('click', event => { event.preventDefault(); window.asked = true; })")
    yield
    page.wait_for_function("() => window.asked")
    box.set_input_files(file)
    page.wait_for_selector("#upload .file")


@contextmanager
def held_answers() -> Iterator[None]:
    """Answers wait until the end."""
    go = threading.Event()
    ask_at_once = Answerer.ask

    def ask_later(*asked: Any) -> Any:
        assert go.wait(120)
        return ask_at_once(*asked)

    with patch.object(Answerer, "ask", ask_later):
        try:
            yield
        finally:
            go.set()


@state(ASKING, "Before the first question.")
def empty(visit: Visit) -> None:
    visit.open(visit.site.home)


@state(ASKING, "A question is being answered.")
def waiting(visit: Visit) -> None:
    visit.for_now.enter_context(held_answers())
    visit.page.fill("#question textarea", ASKED)
    visit.page.press("#question textarea", "Enter")
    visit.page.wait_for_selector("#conversation .wrap:not(.hide)")


@state(ASKING, "An answer stands beside its sources.")
def answered(visit: Visit) -> None:
    visit.page.wait_for_selector("#turn-1 .reply")
    visit.page.wait_for_selector("#history")


@state(ASKING, "A citation opens the passage that it comes from; the quote is copied, and a link is made.")
def evidence(visit: Visit) -> None:
    visit.page.click("#turn-1 button[data-link]")
    visit.page.wait_for_selector("#turn-1 .link a")
    visit.page.click('#turn-1 a.cite[href="#turn-1-source-2"]')
    visit.page.click("#turn-1-source-2 .copy")


@state(ASKING, "What somebody says of an answer is kept for those who evaluate.")
def feedback(visit: Visit) -> None:
    visit.page.click("#feedback > button")
    visit.page.fill("#feedback-comment textarea", "The name is spelled in four ways")
    visit.page.click("#feedback-right")
    visit.page.wait_for_selector("#feedback-said .message")


@state(ASKING, "A question that follows another says what was searched for, which can be changed.")
def followed_up(visit: Visit) -> None:
    ask(visit.page, "Who represented Germany in Krakow?")
    ask(visit.page, "And France?")
    visit.page.wait_for_selector("#understood")


@state(ASKING, "Sources that differ stand beside each other.")
def differing(visit: Visit) -> None:
    visit.begin_anew()
    ask(visit.page, "When was the harbour law passed?")
    visit.page.wait_for_selector(".differing")


@state(ASKING, "A broad question gets key passages by theme.")
def broad(visit: Visit) -> None:
    visit.begin_anew()
    ask(visit.page, "What was agreed?")


@state(ASKING, "Only some sources are searched.")
def narrowed(visit: Visit) -> None:
    visit.begin_anew()
    visit.page.click("#narrowing > button")
    visit.page.click("#kinds input")
    visit.page.locator("[role=option]:visible", has_text="brief").first.click()
    visit.page.keyboard.press("Escape")
    ask(visit.page, "When was the harbour law passed?")
    visit.page.locator("#narrowing").scroll_into_view_if_needed()


@state(ASKING, "A word that the sources do not have: one that they have is offered.")
def misspelled(visit: Visit) -> None:
    visit.begin_anew()
    ask(visit.page, "Who represented Urkaine in Krakow?")
    visit.page.wait_for_selector("#spelling:visible")


@state(ASKING, "A refusal, with what came closest.")
def refused(visit: Visit) -> None:
    visit.begin_anew()
    ask(visit.page, "What is the capital of Australia?")
    visit.page.wait_for_selector("#turn-1 .abstained")


@state(ASKING, "What is wrong with a question is said in a sentence.")
def failed(visit: Visit) -> None:
    visit.page.click("#ask")
    visit.page.wait_for_selector("#turn-2 .failed")


@state(ASKING, "A conversation with as many questions as it may have.")
def full(visit: Visit) -> None:
    visit.for_now.enter_context(patch.object(talking, "MOST_TURNS", 2))
    ask(visit.page, ASKED)


@state(ASKING, "Earlier conversations are opened again or deleted.")
def history(visit: Visit) -> None:
    visit.page.click("#history > button")
    visit.page.click("#delete-all")
    visit.page.wait_for_selector("#yes-delete-all")
    visit.page.locator("#yes-delete-all").scroll_into_view_if_needed()


@state(KEEPING, "The documents that are there.")
def documents(visit: Visit) -> None:
    visit.open(visit.site.home)
    visit.tab("Corpus")
    visit.page.wait_for_selector("#documents [role=gridcell]:visible")


@state(KEEPING, "A document: what is known of it, and its text as it is quoted.")
def document(visit: Visit) -> None:
    visit.page.fill("#documents input.search-input", "Baltic")
    visit.page.locator("#documents [role=gridcell]:visible", has_text="Baltic Courier").first.click()
    visit.page.wait_for_selector("#about article")


@state(KEEPING, "A question before a document is replaced.")
def replacing(visit: Visit) -> None:
    visit.page.click("#replace")
    visit.page.wait_for_selector("#new-url:visible")


@state(KEEPING, "A question before a document is erased.")
def purging(visit: Visit) -> None:
    visit.page.click("#purge")
    visit.page.wait_for_selector("#purge-id:visible")
    visit.page.click("#purge-yes")
    visit.page.wait_for_selector(".decision .message:visible:has-text('Nothing was erased')")


@state(KEEPING, "A question before a document is withdrawn.")
def withdrawing(visit: Visit) -> None:
    visit.page.click("#withdraw")
    visit.page.wait_for_selector("#withdraw-yes:visible")


@state(KEEPING, "A withdrawn document can be reinstated.")
def withdrawn(visit: Visit) -> None:
    visit.page.click("#withdraw-yes")
    visit.page.wait_for_selector("#reinstate:visible")
    visit.page.check("#withdrawn input")
    visit.page.wait_for_selector("#documents [role=gridcell]:has-text('withdrawn')")
    visit.for_now.callback(visit.page.wait_for_selector, "#withdraw:visible")
    visit.for_now.callback(visit.page.click, "#reinstate")


@state(KEEPING, "Files and URLs are added.")
def adding(visit: Visit) -> None:
    visit.tab("Add")
    visit.page.wait_for_selector("#add:visible")


@state(KEEPING, "What became of each file, with its reading report.")
def added(visit: Visit) -> None:
    site = visit.site
    changed = site.file("courier.md", COURIER.replace("9 June", "10 June"))
    broken = site.file("broken.pdf", "%PDF-1.7 and nothing more")
    files = [site.file("call.md", CALL), broken, changed]
    visit.page.set_input_files("#upload input[type=file]", files)
    visit.page.wait_for_function("() => document.querySelectorAll('#upload .file').length == 3")
    visit.page.click("#add")
    visit.page.wait_for_selector("#adding-results .batch:not(:has(progress))")


@state(KEEPING, "The public sources that can be fetched.")
def sources(visit: Visit) -> None:
    visit.tab("Sources")
    visit.page.wait_for_selector("#sources .wrap label")


@state(MEASURING, "A set of questions is chosen.")
def sets(visit: Visit) -> None:
    visit.open(visit.site.home)
    visit.tab("Evaluate")
    visit.page.get_by_label("A set of your own").check()
    visit.page.wait_for_selector("#set-file")


@state(MEASURING, "A run tells how far it is, and can be stopped.")
def running(visit: Visit) -> None:
    visit.for_now.enter_context(held_answers())
    visit.page.get_by_label("krakow-tune.jsonl").check()
    visit.page.fill("#limit input", "2")
    visit.page.click("#run-set")
    visit.page.wait_for_selector("#run-progress progress")


@state(MEASURING, "The figures of a run, with their plots and tags, and its questions.")
def results(visit: Visit) -> None:
    visit.page.wait_for_selector("#run-about .headline:visible")
    for part in visit.page.locator("#run-about summary").all():
        part.click()
    visit.page.wait_for_selector("#questions [role=gridcell]")


@state(MEASURING, "One question of a run, with what was expected and the answer as the chat shows it.")
def record(visit: Visit) -> None:
    visit.page.locator("#questions [role=gridcell]:visible").nth(1).click()
    visit.page.wait_for_selector("#opened .record")
    visit.page.locator("#opened .record").scroll_into_view_if_needed()


@state(MEASURING, "Two runs beside each other.")
def comparison(visit: Visit) -> None:
    visit.tab("Compare")
    for which, place in (("one", -1), ("other", -2)):  # the oldest two
        visit.page.click(f"#{which} input")
        visit.page.locator("[role=option]:visible").nth(place).click()
    visit.page.click("#compare")
    visit.page.wait_for_selector("#changed [role=gridcell]:visible")


@state(MEASURING, "A question that came out otherwise, with what each run said.")
def changed(visit: Visit) -> None:
    visit.page.locator("#changed [role=gridcell]:visible").nth(1).click()
    visit.page.wait_for_selector("#both .record")
    visit.page.locator("#both .record").first.scroll_into_view_if_needed()


@state(MEASURING, "What people said of answers becomes entries of a set.")
def opinions(visit: Visit) -> None:
    visit.page.click("#said > button")
    visit.page.wait_for_selector("#opinion :is(article, .message)")
    visit.page.locator("#opinions").scroll_into_view_if_needed()


@state(OFFICE, "Signing in.")
def signing_in(visit: Visit) -> None:
    visit.page.goto(visit.site.office)


@state(OFFICE, "A name and a password that do not belong together.")
def signed_in_wrongly(visit: Visit) -> None:
    visit.page.fill("#name", "admin")
    visit.page.fill("#password", WRONG)
    visit.page.press("#password", "Enter")
    visit.page.wait_for_selector("[role=alert]")


def _signed_in(visit: Visit, role: Role) -> None:
    visit.page.context.clear_cookies()
    visit.page.goto(visit.site.office)
    visit.page.fill("#name", role)
    visit.page.fill("#password", PASSWORD)
    visit.page.press("#password", "Enter")
    visit.page.wait_for_selector(".signed-in")


@state(OFFICE, "A member asks.")
def member(visit: Visit) -> None:
    _signed_in(visit, Role.MEMBER)


@state(OFFICE, "A researcher also looks after the corpus.")
def researcher(visit: Visit) -> None:
    _signed_in(visit, Role.RESEARCHER)
    visit.tab("Corpus")


@state(OFFICE, "An evaluator also measures.")
def evaluator(visit: Visit) -> None:
    _signed_in(visit, Role.EVALUATOR)
    visit.tab("Evaluate")


@state(OFFICE, "An admin does all of it.")
def admin(visit: Visit) -> None:
    _signed_in(visit, Role.ADMIN)


@state(APART, "The page is there before its library is open, and takes questions already.")
def warming_up(visit: Visit) -> None:
    go = threading.Event()

    def open_slowly(tell: Tell) -> Parts:
        tell("reading our briefs, 3 of 19")
        assert go.wait(120)
        return visit.site.parts

    opening = Opening(visit.site.parts.folder, open_slowly)
    opening.begin()
    visit.page.goto(visit.for_now.enter_context(serving(opening)))
    visit.for_now.callback(go.set)
    visit.for_now.callback(visit.page.goto, "about:blank")
    visit.page.wait_for_selector(".holdings .warming")
    visit.page.fill("#question textarea", ASKED)
    visit.page.press("#question textarea", "Enter")
    visit.page.wait_for_selector("#conversation .wrap:not(.hide)")


@state(APART, "A library that cannot be opened says what hinders it, before the server ends.")
def unopened(visit: Visit) -> None:
    def fail(tell: Tell) -> Parts:
        raise LibraryError("The library was made by a newer version of krakow-qa. Install that version")

    opening = Opening(visit.site.parts.folder, fail)
    opening.begin()
    visit.page.goto(visit.for_now.enter_context(serving(opening)))
    visit.for_now.callback(visit.page.goto, "about:blank")
    visit.page.wait_for_selector(".toast-body.error")


@state(APART, "The page of one answer, which a link opens, after one of its sources has changed.")
def one_answer(visit: Visit) -> None:
    visit.open(visit.site.home)
    ask(visit.page, "When was the harbour law passed?")
    visit.page.click("#turn-1 button[data-link]")
    visit.page.wait_for_selector("#turn-1 .link a")
    link = visit.page.get_attribute("#turn-1 .link a", "href")
    visit.site.parts.library.withdraw("courier")
    visit.page.goto(f"{visit.site.home}{link}")
    visit.page.wait_for_selector(".changes")


@state(APART, "The page that documents the HTTP API.")
def api_docs(visit: Visit) -> None:
    visit.page.goto(f"{visit.site.home}/api/docs")
