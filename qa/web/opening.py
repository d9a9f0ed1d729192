"""The library that the page is about, opened in a thread of its own while the page is there already."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from html import escape
from pathlib import Path
from typing import Self

from corpus.errors import KrakowQAError
from corpus.library import Filter
from qa.assembly import Parts
from qa.conversation.asking import Asker
from qa.model import Answer
from qa.suggesting.kept import Suggested, Suggestions
from qa.web.linkable import Linkable
from qa.web.metrics import Metrics
from qa.web.work import Work

Tell = Callable[[str], None]
"""Called with what is being done now, as people are told it."""


class Stopped(KrakowQAError):
    """The page was closed before its library was open."""


class Opening:
    """The parts as soon as they are there, and until then what is being done."""

    def __init__(self, folder: Path, open: Callable[[Tell], Parts]) -> None:
        self.folder = folder
        self._open = open
        self._doing = "loading the models"
        self._parts: Future[Parts] = Future()
        self.work = Work()
        self.metrics = Metrics(self)
        self.linkable = Linkable()
        self.suggestions = Suggestions(lambda: self.work.is_busy)

    @classmethod
    def of(cls, parts: Parts) -> Self:
        """One that has ended, with these parts."""
        opening = cls(parts.folder, lambda _: parts)
        opening._run()
        return opening

    def begin(self) -> None:
        """Open the library, while whoever called goes on; to be called once."""
        threading.Thread(target=self._run, name="opening").start()

    def stop(self) -> None:
        """Begin nothing more; end opening at its next step, and what goes on after the step in hand."""
        self.work.stop()

    @property
    def parts(self) -> Parts:
        """The parts, waited for; raises gradio's Error, which the page shows as HTML, where they cannot be had."""
        if self._parts.exception() is not None:
            import gradio as gr

            raise gr.Error(escape(str(self.failure), quote=False), print_exception=False) from self.failure
        return self._parts.result()

    @property
    def asker(self) -> Asker:
        """What asks the questions of conversations, each of them counted."""
        return Asker(self.ask, self.parts.encoder.encode)

    def ask(self, question: str, filter: Filter | None = None) -> Answer:
        """Answer a question, which is counted; raises BadQuestion and BadFilter."""
        answerer = self.parts.answerer
        with self.metrics.asking():
            answer = answerer.ask(question, filter)
        self.metrics.answered(answer)
        return answer

    @property
    def suggested(self) -> Suggested | None:
        """The questions that may be suggested by now; None until the library is open."""
        return self.suggestions.now(self.parts) if self.doing is None and self.failure is None else None

    @property
    def doing(self) -> str | None:
        """What is being done; None when it has ended."""
        return None if self._parts.done() else self._doing

    @property
    def failure(self) -> BaseException | None:
        """What hindered it, where it has ended so."""
        return self._parts.exception() if self._parts.done() else None

    def _run(self) -> None:
        try:
            self._parts.set_result(self._open(self._tell))
        except BaseException as error:  # noqa: BLE001 (whoever waits for the parts is told)
            self._parts.set_exception(error)

    def _tell(self, doing: str) -> None:
        if self.work.stopping:
            raise Stopped("Stopped before the library was open. Start it again: krakow-qa serve")
        self._doing = doing
