"""Random lives of libraries: plans of changes, and what a library must hold after each of them."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from corpus.errors import DocumentNotFound
from corpus.library import Library
from corpus.model import Address, Span, version_of

IDS = [f"d{number}" for number in range(8)]
_NOWHERE = {"absent", "purged"}
_DOES = ["new", "new", "batch", "replace", "replace", "withdraw", "withdraw", "again", "again", "purge", "purge"]

Text = tuple[str, str]
"""A document's id and one of its texts."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction does to one document; ``text`` is empty but where it is added."""

    do: str
    id: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """How each text stands, and which texts were erased; the sum of the changes so far."""

    states: Mapping[Text, str]
    erased: frozenset[str] = frozenset()

    def after(self, change: Change) -> Known:
        """What is known when a change is done too."""
        own = {text: state for text, state in self.states.items() if text[0] == change.id}
        erased = self.erased
        if change.do == "add":
            own = {text: _AFTER_ADDING.get(state, state) for text, state in own.items()}
            own[change.id, change.text] = "current"
        elif change.do == "withdraw":
            own = {text: "withdrawn" if state == "current" else state for text, state in own.items()}
        else:
            erased |= {text for (_, text), state in own.items() if state not in _NOWHERE}
            own = dict.fromkeys(own, "purged")
        return Known({**self.states, **own}, erased)

    def texts(self, state: str, id: str | None = None) -> list[Text]:
        """The texts that stand so, of one document or of all."""
        return [text for text, found in self.states.items() if found == state and id in (None, text[0])]


_AFTER_ADDING = {"current": "superseded", "withdrawn": "superseded", "purged": "absent"}


class Plans:
    """Draws steps that are likely to be possible, and writes the files that they add."""

    def __init__(self, random: Random, folder: Path, passages: int) -> None:
        self._random = random
        self._folder = folder
        self._passages = passages
        self._written = 0

    def draw(self, known: Known, steps: int) -> tuple[list[list[Change]], Known]:
        """Steps of one change or a batch of them, and all that is known then, with the texts that may come."""
        drawn: list[list[Change]] = []
        start = then = known
        while len(drawn) < steps:
            step = self._step(then)
            for change in step:
                unseen = {(change.id, change.text)} - start.states.keys() if change.do == "add" else set()
                purged = any(state == "purged" for text, state in start.states.items() if text[0] == change.id)
                start = Known({**start.states, **dict.fromkeys(unseen, "purged" if purged else "absent")}, start.erased)
                then = then.after(change)
            drawn += [step] if step else []
        return drawn, start

    def file(self, change: Change) -> Path:
        """Where the file lies that an adding change reads."""
        return self._folder / f"{change.id}-{version_of(change.text)[:12]}.md"

    def _step(self, known: Known) -> list[Change]:
        """One that is possible now; none where the library has nothing to do it with."""
        do = self._random.choice(_DOES)
        if do == "batch":
            return [self._new(id) for id in self._random.sample(IDS, 4)]
        current, withdrawn = known.texts("current"), known.texts("withdrawn")
        may_be = {
            "new": sorted({(id, "") for id in IDS} - {(id, "") for id, _ in current}),
            "replace": current,
            "withdraw": current,
            "again": withdrawn + known.texts("superseded"),
            "purge": current + withdrawn,
        }[do]
        if not may_be:
            return []
        id, text = self._random.choice(may_be)
        if do in {"new", "replace"}:
            return [self._new(id)]
        return [Change("add", id, text) if do == "again" else Change(do, id)]

    def _new(self, id: str) -> Change:
        """A text that was never there, with a word in each paragraph that is nowhere else."""
        words = ("".join(self._random.choices(string.ascii_lowercase, k=14)) for _ in range(self._passages))
        text = "\n\n".join(f"Barge {number} of {id} carries {word} to the port." for number, word in enumerate(words))
        change = Change("add", id, text)
        self.file(change).write_text(f"---\nid: {id}\n---\n{text}")
        return change


def rare_words(text: str) -> list[bytes]:
    """The beginnings of a text's own words, which no stemming alters."""
    return [word[:10].encode() for word in text.split() if len(word) == 14]


def observed(library: Library, texts: Iterable[Text]) -> dict[Text, str]:
    """How each text stands in a library, and that it is there letter by letter."""
    return {(id, text): _observed(library, id, text) for id, text in texts}


def _observed(library: Library, id: str, text: str) -> str:
    try:
        document, entry = library.resolve(Address.of(id, version_of(text), Span(0, len(text))))
    except DocumentNotFound as error:
        return "purged" if "was purged on" in str(error) else "absent"
    assert document.text == text
    return entry.state.value


def as_plan(steps: Sequence[Sequence[Change]], plans: Plans) -> list[list[str]]:
    """Steps as ``tests/worker.py`` reads them."""
    return [
        ["add", *(str(plans.file(change)) for change in step)] if step[0].do == "add" else [step[0].do, step[0].id]
        for step in steps
    ]
