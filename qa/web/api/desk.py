"""What every route of the API needs: the open library, and turns at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeVar

from fastapi import Request

from corpus.errors import KrakowQAError
from qa.interface import KrakowQA
from qa.web.opening import Opening
from qa.web.turns import Questions, Turns

QUESTIONS_AT_ONCE = 4
"""So many questions of programs are in work at once, beside those of the page."""

Result = TypeVar("Result")


class NotReady(KrakowQAError):
    """A request before the library is open."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The library of a server, and who may use it when; ``questions`` counts those of the page too."""

    opening: Opening
    questions: Questions
    asking: Turns
    changing: Turns
    evaluating: Turns

    @classmethod
    def of(cls, opening: Opening, questions: Questions) -> Self:
        """The desk of a server; the library changes in one place at a time, as on the page."""
        return cls(opening, questions, Turns(QUESTIONS_AT_ONCE), Turns(1), Turns(1))

    def krakow(self) -> KrakowQA:
        """The open library; raises NotReady."""
        opening = self.opening
        if opening.doing is not None:
            raise NotReady(f"krakow-qa is warming up ({opening.doing}). Ask again in some seconds")
        if opening.failure is not None:
            raise NotReady(f"The library could not be opened: {opening.failure}")
        return KrakowQA(opening.parts)

    async def ask(self, request: Request, call: Callable[[], Result]) -> Result:
        """Do what counts as a question; raises TooMany and Stopping."""
        self.questions.require_room(request.scope)
        return await self._done(self.asking, request, call)

    async def change(self, request: Request, call: Callable[[], Result]) -> Result:
        """Do what changes the library, one after the other; raises Stopping."""
        return await self._done(self.changing, request, call)

    async def evaluate(self, request: Request, call: Callable[[], Result]) -> Result:
        """Begin what measures; raises Stopping."""
        return await self._done(self.evaluating, request, call)

    async def _done(self, turns: Turns, request: Request, call: Callable[[], Result]) -> Result:
        self.krakow()
        return await turns.do(request.scope, self._begun, call)

    def _begun(self, call: Callable[[], Result]) -> Result:
        with self.opening.work.begun():
            return call()
