"""What is done with the chosen document, after a question: it is replaced, withdrawn or purged; or reinstated."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from corpus.errors import KrakowQAError
from corpus.fetching.files import fetch_files
from corpus.files import File, read_once
from corpus.parsing.formats import READABLE
from corpus.reading import as_version_of
from index.intake import IfChanged, Outcome
from qa.assembly import Parts
from qa.web.corpus.documents import Shown
from qa.web.corpus.render import render_message, render_reading
from qa.web.corpus.uploads import forget, uploaded
from qa.web.events import PRIVATE
from qa.web.opening import Opening
from qa.wording import purged


def build_changing(opening: Opening, shown: Shown) -> list[gr.Group]:
    """The questions, each hidden until its button is pressed, and again when another one's is."""
    shown.reinstating.click(
        partial(_done, shown, _reinstate), [shown.id, *shown.table.wanted], shown.components, **PRIVATE
    )
    groups = [_build_replacing(opening, shown), _build_withdrawing(shown), _build_purging(shown)]
    for button, group in zip([shown.replacing, shown.withdrawing, shown.purging], groups, strict=True):
        others = [each for each in groups if each is not group]
        button.click(lambda: [gr.update(visible=False)] * 2, None, others, **PRIVATE)
    return groups


def _build_withdrawing(shown: Shown) -> gr.Group:
    def ask(id: str) -> list[Any]:
        return [gr.update(visible=True), render_message(f"Withdraw {id}? Its quotes still resolve.")]

    def withdraw(id: str, *wanted: Any) -> list[Any]:
        return [gr.update(visible=False), *_done(shown, _withdraw, id, *wanted)]

    group = gr.Group(visible=False, elem_classes="decision")
    with group:
        question = gr.HTML(js_on_load=None, padding=True)
        yes, no = _answers("withdraw", "Yes, withdraw it")
    shown.withdrawing.click(ask, shown.id, [group, question], **PRIVATE)
    yes.click(withdraw, [shown.id, *shown.table.wanted], [group, *shown.components], **PRIVATE)
    _closes(no, group)
    return group


def _build_purging(shown: Shown) -> gr.Group:
    def ask(id: str) -> list[Any]:
        asked = (
            f"Erase {id} with all its versions and its file? Nothing brings it back, and its quotes cannot be checked"
            f" then. Type its id, {id}, to say that you mean it."
        )
        return [gr.update(visible=True), render_message(asked), ""]

    def purge(id: str, typed: str, *wanted: Any) -> list[Any]:
        if not id or typed.strip() != id:
            said = render_message(f"Nothing was erased: what you typed is not its id, {id}.")
            return [gr.update(), said, *[gr.update()] * len(shown.components)]
        return [gr.update(visible=False), "", *_done(shown, _purge, id, *wanted)]

    group = gr.Group(visible=False, elem_classes="decision")
    with group:
        question = gr.HTML(js_on_load=None, padding=True)
        typed = gr.Textbox(
            label="The document's id",
            elem_id="purge-id",
            html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
        )
        yes, no = _answers("purge", "Erase it for ever", dangerous=True)
    asked = [group, question, typed]
    shown.purging.click(ask, shown.id, asked, **PRIVATE)
    done = [group, question, *shown.components]
    gr.on([yes.click, typed.submit], purge, [shown.id, typed, *shown.table.wanted], done, **PRIVATE)
    _closes(no, group)
    return group


def _build_replacing(opening: Opening, shown: Shown) -> gr.Group:
    def ask() -> list[Any]:
        return [gr.update(visible=True), None, "", "", gr.update(visible=False)]

    def read(id: str, path: str | None, url: str) -> tuple[str, File | None, Any]:
        parts = opening.parts
        entry, file = parts.library.entry(id), _one(parts, path, url.strip())
        if entry is None or file is None:
            return render_message("Choose a file, or write a URL."), None, gr.update(visible=False)
        version = read_once(as_version_of(entry, file))
        (added,) = parts.intake.preview([version])
        return render_reading(added, entry), version, gr.update(visible=added.error is None)

    def replace(id: str, path: str | None, version: File | None, *wanted: Any) -> list[Any]:
        if version is None:
            return [gr.update(), *[gr.update()] * len(shown.components)]
        done = _done(shown, partial(_replace, version), id, *wanted)
        forget([path] if path else [])
        return [gr.update(visible=False), *done]

    group = gr.Group(visible=False, elem_classes="decision")
    with group:
        path = gr.File(
            label="The file that takes its place", file_types=sorted(READABLE), height=150, elem_id="new-file"
        )
        url = gr.Textbox(
            label="Or the URL of a page or file",
            placeholder="https://example.org/statement.pdf",
            elem_id="new-url",
            html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
        )
        reading = gr.Button("Show how it is read", elem_id="new-read")
        read_as = gr.HTML(js_on_load=None, padding=True, elem_id="new-reading")
        yes, no = _answers("replace", "Yes, replace it")
    version = gr.State(None)
    asked = [group, path, url, read_as, yes]
    shown.replacing.click(ask, None, asked, **PRIVATE)
    reading.click(read, [shown.id, path, url], [read_as, version, yes], **PRIVATE)
    yes.click(replace, [shown.id, path, version, *shown.table.wanted], [group, *shown.components], **PRIVATE)
    _closes(no, group)
    return group


def _done(shown: Shown, change: Callable[[Parts, str], str], id: str, withdrawn: bool, order: str) -> list[Any]:
    """What to show after a change, which says in a sentence what it did."""
    parts = shown.opening.parts
    try:
        said = change(parts, id)
    except KrakowQAError as error:
        said = str(error)
    parts.refresh()
    return shown.updates(id, withdrawn, order, said)


def _withdraw(parts: Parts, id: str) -> str:
    parts.library.withdraw(id)
    return f"Withdrew {id}; its quotes still resolve, and it can be reinstated."


def _reinstate(parts: Parts, id: str) -> str:
    passages = parts.intake.reinstate(id)
    return f"Reinstated {id} ({passages} {'passage' if passages == 1 else 'passages'}); it answers again."


def _purge(parts: Parts, id: str) -> str:
    return f"{purged(id, parts.purge(id))}."


def _replace(version: File, parts: Parts, id: str) -> str:
    (added,) = parts.intake.add([version], IfChanged.REPLACE)
    if added.error is not None:
        return added.error
    if added.outcome is Outcome.UNCHANGED:
        return "; ".join(added.notes) or f"It is the text that {id} has already."
    return "; ".join([f"Replaced {id}; quotes of its old text still resolve", *added.notes]) + "."


def _one(parts: Parts, path: str | None, url: str) -> File | None:
    """The file that was uploaded, or the page at the URL; None where there is neither."""
    files = fetch_files([(url, {})], parts.make_fetcher()) if url else uploaded([path] if path else [])
    return next(iter(files), None)


def _answers(name: str, yes: str, *, dangerous: bool = False) -> tuple[gr.Button, gr.Button]:
    with gr.Row():
        agreeing = gr.Button(yes, variant="stop" if dangerous else "primary", min_width=120, elem_id=f"{name}-yes")
        refusing = gr.Button("No", min_width=120, elem_id=f"{name}-no")
    return agreeing, refusing


def _closes(no: gr.Button, group: gr.Group) -> None:
    no.click(lambda: gr.update(visible=False), None, group, **PRIVATE)
