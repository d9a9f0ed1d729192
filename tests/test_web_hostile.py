"""Hostile inputs in a real browser: no script runs, nothing is asked of another site, and no error page is shown."""

from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route

from corpus.library import Entry
from qa.assembly import Parts
from qa.settings import LEXICAL_READER, Settings
from tests.conftest import MakeParts
from tests.hostile import Input, Kind, Place, inputs, sample
from tests.web import serving

pytestmark = pytest.mark.browser

WATCH = """
Object.defineProperty(window, "hurt", { set(_) { console.error("HURT"); } });
for (const name of ["alert", "confirm", "prompt", "open"]) { window[name] = () => console.error("HURT"); }
"""

TURNS_A_CONVERSATION = 8

EXPECTED = ("Failed to load resource", "Method not implemented", "Response")
"""What the console may say: a refusal is a response of 400 and more, and gradio tells of it too."""


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    """A library whose reader always answers."""
    return replace(
        make_parts(beast="A beast has stripes by the river."), settings=Settings(reader=LEXICAL_READER, strictness=1.0)
    )


@contextmanager
def watched(browser: Browser, parts: Parts, capfd: pytest.CaptureFixture[str]) -> Iterator[Page]:
    """The served page; a script that runs, a request to elsewhere, a status of 500 or a traceback fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    context.add_init_script(WATCH)
    wrong: list[str] = []
    with serving(parts) as url:
        host = urlsplit(url).netloc

        def inside(route: Route) -> None:
            if urlsplit(route.request.url).netloc == host:
                route.continue_()
            else:
                wrong.append(f"asked {route.request.url}")
                route.abort()

        context.route("**/*", inside)
        context.on("response", lambda each: wrong.append(f"{each.status} {each.url}") if each.status >= 500 else None)
        context.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        context.on("console", lambda said: wrong.append(said.text) if _is_wrong(said.type, said.text) else None)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(url)
        page.wait_for_selector(".holdings h1")
        yield page
        page.wait_for_timeout(300)
        context.close()
    assert wrong == []
    assert "Traceback" not in capfd.readouterr().err


def _is_wrong(kind: str, text: str) -> bool:
    return (kind == "error" and not text.startswith(EXPECTED)) or "Content Security Policy" in text


def open_tab(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("tab", name=name, exact=True).click()


def choose(page: Page, table: str, word: str) -> None:
    """Choose the row of a table that alone has a word."""
    page.fill(f"{table} input.search-input", word)
    page.wait_for_function(
        "([table, word]) => [...document.querySelectorAll(`${table} [role=gridcell]`)].filter("
        "each => each.offsetParent).at(-1)?.closest('tr, [role=row]').innerText.includes(word)",
        arg=[table, word],
    )
    page.locator(f"{table} [role=gridcell]:visible").first.click()


def no_markup(page: Page, places: str) -> None:
    """Nothing that a payload could have made stands in these places."""
    made = page.locator(
        f":is({places}) :is(img, script, iframe, svg, style, link, base, meta, form:not(#export), video, gradio-app)"
    )
    assert made.evaluate_all("all => all.filter(each => !each.closest('button')).map(each => each.outerHTML)") == []


def type_in(page: Page, text: str) -> None:
    """Put any text into the question box, halves of characters and more than it takes too."""
    page.locator("#question textarea").evaluate(
        """(box, codes) => {
            box.removeAttribute("maxlength");
            const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
            set.call(box, codes.reduce((text, part) => text + String.fromCharCode(...part), ""));
            box.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        _code_units(text),
    )


def _code_units(text: str) -> list[list[int]]:
    data = text.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(data[at : at + 2], "little") for at in range(0, len(data), 2)]
    return [units[at : at + 10_000] for at in range(0, len(units), 10_000)]


def ask_all(page: Page, questions: Sequence[str]) -> None:
    """Ask each question, and open all that its turn shows."""
    for number, question in enumerate(questions):
        if number % TURNS_A_CONVERSATION == 0:
            open_tab(page, "Ask")
            page.click("#new")
            page.wait_for_selector(".welcome")
        turn = number % TURNS_A_CONVERSATION + 1
        type_in(page, question)
        page.press("#question textarea", "Enter")
        page.wait_for_selector(f"#turn-{turn} .reply")
        page.locator(f"#turn-{turn} details").evaluate_all("all => all.forEach(each => each.open = true)")
        no_markup(page, "#conversation")


def as_questions(page: Page, parts: Parts, chosen: Sequence[Input]) -> None:
    ask_all(page, [each.payload.text for each in chosen])
    assert page.locator(".toast-body").count() == 0


def as_documents(page: Page, parts: Parts, chosen: Sequence[Input]) -> None:
    """The payloads in files that are uploaded, added, chosen in the table, and quoted."""
    files = [_file(each) for each in chosen]
    open_tab(page, "Corpus", "Add")
    page.set_input_files("#upload input[type=file]", files)
    page.wait_for_selector("#upload .file")
    for button in ("#preview", "#add"):
        page.evaluate("document.querySelectorAll('.batch').forEach(each => each.className = 'batch of-before')")
        page.click(button)
        page.wait_for_selector("#adding-results .batch:not(.of-before):not(:has(progress))")
        no_markup(page, "#adding-results, #adding-question")
    assert page.locator("#adding-results li").count() >= 1
    entries = parts.library.entries()
    open_tab(page, "Documents")
    for entry in entries:
        choose(page, "#documents", _word_of(entry))
        page.wait_for_selector(f"#about code:has-text('{entry.id}@')")
        no_markup(page, "#documents [role=gridcell], #about, #text, #said")
    ask_all(page, [f"What did the {each.word} say by the river?" for each in chosen])


def _word_of(entry: Entry) -> str:
    """The word that no other document has in its id or title."""
    return next(iter(re.findall(r"(?:zebra|gnu)\d{3}", f"{entry.id} {entry.source.title}")), entry.id)


def _file(each: Input) -> FilePayload:
    """A file, or an archive, with the payload in its place."""
    text, told = each.payload.text, {"title": each.word}
    if each.place is Place.TITLE:
        told = {"title": f"{text} {each.word}"}
    elif each.place in {Place.PUBLISHER, Place.URL}:
        told[each.place.name.lower()] = text
    body = text if each.place is Place.TEXT else "nothing"
    front = "\n".join(f"{name}: {json.dumps(value)}" for name, value in told.items())
    said = f"---\n{front}\n---\n# {body[:200]}\n\nThe {each.word} said {body} by the river.\n"
    data = said.encode(errors="surrogatepass")
    name = f"{each.word}.md"
    if each.place is Place.FILE_NAME:
        name = f"{text} {each.word}.md"
    elif each.place is Place.MEMBER:
        inner = data.replace(b"zebra", b"gnu")
        return FilePayload(name=f"{each.word}.zip", mimeType="application/zip", buffer=_archive(text, data, inner))
    elif each.place is Place.MANIFEST:
        return FilePayload(name=f"{each.word}.zip", mimeType="application/zip", buffer=_described(each, data))
    return FilePayload(name=name.encode(errors="replace").decode(), mimeType="text/markdown", buffer=data)


def _archive(name: str, data: bytes, inner: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that NUL cuts off to the same
        archive.writestr(f"{name}.md".encode(errors="replace").decode(), data)
        archive.writestr(f"{name}/inner.md".encode(errors="replace").decode(), inner)
    return held.getvalue()


def _described(each: Input, data: bytes) -> bytes:
    """An archive with a manifest that says the payload of its file."""
    value = json.dumps(each.payload.text)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(f"{each.word}.md", data)
        archive.writestr(
            "manifest.toml", f'["{each.word}.md"]\ntitle = {value}\npublisher = {value}\nlicence = {value}\n'
        )
    return held.getvalue()


def as_typed_urls(page: Page, parts: Parts, chosen: Sequence[Input]) -> None:
    open_tab(page, "Corpus", "Add")
    texts = [" ".join(each.payload.text.split()).encode(errors="replace").decode() for each in chosen]
    page.fill("#urls textarea", "\n".join(f"https://127.0.0.1:1/{text}" for text in texts) + "\n" + "\n".join(texts))
    page.click("#add")
    page.wait_for_selector("#adding-results .batch:not(:has(progress))")
    assert page.locator("#adding-results li.became-failed").count() >= len(set(texts))
    no_markup(page, "#adding-results")


def as_sets(page: Page, parts: Parts, chosen: Sequence[Input]) -> None:
    """The payloads in sets that are run; those with odd characters each in one of its own, since it may be refused."""
    together = [each for each in chosen if each.payload.kind in {Kind.MARKUP, Kind.SYNTAX, Kind.PATH}]
    alone = [[each] for each in chosen if each not in together]
    for asked in [together] * bool(together) + alone:
        name = f"set-{asked[0].number} {asked[0].payload.text[:20] if asked is together else ''}.jsonl"
        run_set(page, name, asked)
        no_markup(page, "#run-progress")
        if asked is together:
            see_run(page, together)


def run_set(page: Page, name: str, asked: Sequence[Input]) -> None:
    open_tab(page, "Evaluate", "Run")
    page.get_by_label("A set of your own").check()
    clear = page.locator("#set-file button[aria-label*=lear]")
    if clear.count():
        clear.first.click()
    data = "\n".join(json.dumps(_set_row(each)) for each in asked).encode()
    page.set_input_files("#set-file input[type=file]", FilePayload(name=name, mimeType="text/plain", buffer=data))
    page.wait_for_selector("#set-file .file")
    page.evaluate(
        "document.querySelectorAll('#run-progress .message, #run-about .headline').forEach("
        "each => each.classList.add('of-before'))"
    )
    page.click("#run-set")
    page.wait_for_selector(
        "#run-progress .message:not(.of-before):visible, #run-about .headline:not(.of-before):visible"
    )


def _set_row(each: Input) -> dict[str, object]:
    text = each.payload.text
    row: dict[str, object] = {"id": each.word, "question": f"What did the {each.word} say?", "answerable": False}
    if each.place is Place.SET_QUESTION:
        return {**row, "question": text}
    return {**row, "id": f"{text} {each.word}", "tags": [text], "note": text, "history": [text]}


def see_run(page: Page, asked: Sequence[Input]) -> None:
    """Open every question of the run, and its report as a file in a page of its own."""
    open_tab(page, "Results")
    page.wait_for_selector("#questions [role=gridcell]")
    for each in asked:
        choose(page, "#questions", each.word)
        page.wait_for_selector("#opened .record")
        no_markup(page, "#questions [role=gridcell], #opened, #run-progress")
    with page.expect_download() as download:
        page.click("#run-about a.report-file")
    report = page.context.new_page()
    report.set_content(download.value.path().read_text("utf-8"))
    no_markup(report, "table.questions, .record")
    report.close()


def as_paths(page: Page, parts: Parts, chosen: Sequence[Input]) -> None:
    """The payloads in the paths of our own addresses and gradio's: nothing is served that is not meant to be."""
    origin = "/".join(page.url.split("/")[:3])
    forms = {
        Place.DOCUMENT_PATH: ["/documents/{}/original"],
        Place.RUN_PATH: ["/runs/{}/report"],
        Place.PAGE_PATH: ["/{}", "/?__theme={}&view={}"],
        Place.FILE_PATH: ["/gradio_api/file={}", "/file={}", "/gradio_api/upload_progress?upload_id={}"],
    }
    for each in chosen:
        for form in forms[each.place]:
            for text in {each.payload.text, quote(each.payload.text, safe="", errors="replace")}:
                asked = form.replace("{}", quote(text, safe="/%?&=<>'\"", errors="replace"))
                response = page.request.get(f"{origin}{asked}", timeout=5000, max_redirects=0)
                assert response.status < 500, (each.id, asked)
                assert b"root:" not in response.body()


DOCUMENTS = {Place.TEXT, Place.TITLE, Place.PUBLISHER, Place.URL, Place.FILE_NAME, Place.MANIFEST, Place.MEMBER}
SETS = {Place.SET_QUESTION, Place.SET_TAG}
PATHS = {Place.DOCUMENT_PATH, Place.RUN_PATH, Place.PAGE_PATH, Place.FILE_PATH}

Put = Callable[[Page, Parts, Sequence[Input]], None]

GROUPS: dict[str, tuple[set[Place], Put]] = {
    "questions": ({Place.QUESTION}, as_questions),
    "documents": (DOCUMENTS, as_documents),
    "typed urls": ({Place.TYPED_URL}, as_typed_urls),
    "sets": (SETS, as_sets),
    "paths": (PATHS, as_paths),
}


def test_there_are_five_hundred_inputs_and_the_sample_has_every_place_and_kind() -> None:
    assert len({each.id for each in inputs()}) == len(inputs()) >= 500
    assert Counter(each.place for each in sample()).keys() == set(Place)
    assert {place for places, _ in GROUPS.values() for place in places} == set(Place)


@pytest.mark.parametrize("group", GROUPS)
def test_a_hostile_input_stays_text(
    browser: Browser, parts: Parts, capfd: pytest.CaptureFixture[str], group: str
) -> None:
    places, put = GROUPS[group]
    with watched(browser, parts, capfd) as page:
        put(page, parts, [each for each in sample() if each.place in places])


@pytest.mark.long
@pytest.mark.parametrize("place", Place)
def test_no_hostile_input_does_any_harm(
    browser: Browser, parts: Parts, capfd: pytest.CaptureFixture[str], place: Place
) -> None:
    put = next(put for places, put in GROUPS.values() if place in places)
    with watched(browser, parts, capfd) as page:
        put(page, parts, [each for each in inputs() if each.place is place])
