"""Which sources the chat searches: publishers, kinds, languages and dates, chosen under the question box."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import gradio as gr

from corpus.library import Filter
from corpus.model import Kind
from qa.accounts.model import Right
from qa.narrowing import BadFilter, Choices, filter_of, in_words
from qa.web.events import QUIETLY, Updates
from qa.web.guarded import GuardedBlocks
from qa.web.opening import Opening
from qa.web.talk import Talk
from qa.web.templating import template


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The components, and what the library offers at a generation; ``line`` says what is chosen, and takes it back."""

    opening: Opening
    offered: Callable[[int], Choices]
    publishers: gr.Dropdown
    kinds: gr.Dropdown
    languages: gr.Dropdown
    since: gr.Textbox
    until: gr.Textbox
    line: gr.Row
    said: gr.HTML

    @property
    def names(self) -> list[Any]:
        """What the library has names for."""
        return [self.publishers, self.kinds, self.languages]

    @property
    def chosen(self) -> list[Any]:
        """What ``filter`` is made of."""
        return [*self.names, self.since, self.until]

    @property
    def shown(self) -> list[Any]:
        """All that changes."""
        return [*self.chosen, *self.told]

    @property
    def told(self) -> list[Any]:
        """What changes with what is chosen."""
        return [self.line, self.said]

    def filter(self, *chosen: Any) -> Filter | None:
        """The filter of what is chosen; None where that is nothing. Raises BadFilter."""
        publishers, kinds, languages, since, until = chosen
        return filter_of(
            publishers=publishers or (),
            kinds=kinds or (),
            languages=languages or (),
            since=since or "",
            until=until or "",
        )

    def tell(self, *chosen: Any) -> Updates:
        """The line under the question box."""
        try:
            filter, fault = self.filter(*chosen), None
        except BadFilter as error:
            filter, fault = None, str(error)
        only = None if filter is None else in_words(filter)
        said = template("narrowed.html").render(only=only, fault=fault)
        return [gr.update(visible=filter is not None or fault is not None), said]

    def offer(self, *chosen: Any) -> Updates:
        """The choices as the library has them now; what is chosen stays, also where the library has it no more."""
        opening = self.opening
        if opening.doing is not None or opening.failure is not None:
            return [gr.skip() for _ in self.names]
        offered = self.offered(opening.parts.library.generation())
        names = zip((offered.publishers, offered.kinds, offered.languages), chosen, strict=True)
        return [_choices(known, taken or ()) for known, taken in names]

    def clear(self) -> Updates:
        """Nothing chosen."""
        return [[], [], [], "", "", *self.tell([], [], [], "", "")]

    def choose_again(self, talk: Talk) -> Updates:
        """What the latest answer of a conversation was asked with, so that it holds for the next one too."""
        filter = Filter() if talk.latest is None or talk.latest.filter is None else talk.latest.filter
        names = [sorted(named or ()) for named in (filter.publishers, filter.kinds, filter.languages)]
        dates = [filter.since or "", filter.until or ""]
        choices = self.offer(*names)
        values = [{**update, "value": taken} for update, taken in zip(choices, names, strict=True)]
        return [*values, *dates, *self.tell(*names, *dates)]


def build_narrowing(opening: Opening, page: GuardedBlocks, holdings: gr.HTML) -> Narrowing:
    """The components, closed, and what happens when something is chosen, or when ``holdings`` tell of a change."""
    with gr.Row(visible=False, elem_id="narrowed") as line:
        said = gr.HTML(js_on_load=None)
        clearing = gr.Button("Search all sources", size="sm", scale=0, min_width=150, elem_id="all-sources")
    with gr.Accordion("Only some sources", open=False, elem_id="narrowing"):
        with gr.Row():
            publishers = gr.Dropdown(
                [],
                label="Published by",
                info="Briefs are our summaries of many publishers: choose them by their kind.",
                multiselect=True,
                elem_id="publishers",
            )
            kinds = gr.Dropdown([], label="Kind of document", multiselect=True, elem_id="kinds")
            languages = gr.Dropdown([], label="Language", multiselect=True, elem_id="languages")
        with gr.Row():
            since, until = (
                gr.Textbox(
                    label=label, placeholder="2026-02-20, 2026-02 or 2026", max_length=20, max_lines=1, elem_id=name
                )
                for label, name in (("Dated from", "since"), ("Dated until", "until"))
            )
    offered = lru_cache(maxsize=1)(lambda generation: Choices.of(opening.parts.library.entries()))
    narrowing = Narrowing(opening, offered, publishers, kinds, languages, since, until, line, said)
    choosing = [each.input for each in narrowing.names]
    dating = [event for box in (since, until) for event in (box.blur, box.submit)]
    gr.on([*choosing, *dating], narrowing.tell, narrowing.chosen, narrowing.told, **QUIETLY)
    clearing.click(narrowing.clear, None, narrowing.shown, **QUIETLY)
    with page.needing(Right.ASK, by_itself=True):
        holdings.change(narrowing.offer, narrowing.names, narrowing.names, **QUIETLY)
    return narrowing


def _choices(known: Collection[str], taken: Collection[str]) -> Any:
    names = [*known, *(name for name in taken if name not in known)]
    labels = {Kind.BRIEF.value: "brief (our summary)"}
    return gr.update(choices=[(labels.get(name, name), name) for name in names], visible=bool(names))
