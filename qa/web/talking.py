"""What becomes of a conversation on the page: questions are asked in it, and earlier ones are opened again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpus.errors import KrakowQAError
from corpus.library import Filter
from qa.conversation.kept import KeptTurn
from qa.conversation.reopening import reopened
from qa.settings import QUESTION_CHARACTERS
from qa.web.acting import scope_now, user_now
from qa.web.opening import Opening
from qa.web.render import render_error, render_turn
from qa.web.talk import Talk
from qa.web.turns import Questions
from qa.wording import whole_characters

MOST_TURNS = 50
"""So many questions a conversation may have, since each answer is sent, and kept here, with all before it."""

Chosen = tuple[Any, ...]
"""Which sources are searched, as it is chosen on the page."""


class ConversationFull(KrakowQAError):
    """A conversation with as many questions as it may have."""


@dataclass(frozen=True, slots=True)
class Talking:
    """Asks for whoever uses the page; each method gives the conversation as it is then.

    ``filter`` is made of what is chosen. A turn is rendered once, with its own evidence, and kept. A question that is
    asked too early waits until the library is open.
    """

    opening: Opening
    questions: Questions
    filter: Callable[..., Filter | None]

    def ask(self, question: str, talk: Talk, *only: Any) -> Talk:
        """A question is understood after those before it."""
        return self._asked(whole_characters(question), talk, None, only)

    def ask_exactly(self, searched: str, talk: Talk, *only: Any) -> Talk:
        """What is searched for is what was typed."""
        searched = whole_characters(searched)
        return self._asked(searched, talk, searched, only)

    def ask_as_typed(self, talk: Talk, *only: Any) -> Talk:
        """The latest question, whatever was before it."""
        return self._asked(talk.question, talk, talk.question, only)

    def ask_as_meant(self, talk: Talk, *only: Any) -> Talk:
        """The latest question as it may have been meant."""
        return self._asked(talk.meant, talk, talk.meant, only)

    def ask_of_all(self, talk: Talk) -> Talk:
        """The latest question, of all sources."""
        return self._asked(talk.question, talk, talk.searched, None)

    def open_again(self, id: str, kept: Sequence[KeptTurn]) -> Talk:
        """An earlier conversation, with its quotes as the library has them now."""
        turns = [reopened(turn, self.opening.parts.library) for turn in kept]
        shown = (
            render_turn(each.turn, number, each.kept, link=self._link(each.kept), again=each)
            for number, each in enumerate(turns, start=1)
        )
        before = tuple(each.turn.exchange for each in turns)
        return Talk(tuple(shown), before, before[-1].question, id, turns[-1].kept)

    def _asked(self, question: str, talk: Talk, searched: str | None, only: Chosen | None) -> Talk:
        number = len(talk.turns) + 1
        if number > MOST_TURNS:
            full = ConversationFull(f"A conversation has {MOST_TURNS} questions at most. Begin a new conversation")
            notice = render_error(question, full, number)
            return replace(talk, spelling=None, is_fresh=False, notice=notice, draft=question)
        try:
            self.questions.require_room(scope_now())
            filter = None if only is None else self.filter(*only)
            turn = self.opening.asker.ask(question, talk.before, searched, filter)
        except KrakowQAError as error:
            failed = render_error(question[:QUESTION_CHARACTERS], error, number)
            return replace(talk, turns=(*talk.turns, failed), spelling=None, is_fresh=False)
        latest = KeptTurn.of(turn, before=talk.before)
        return Talk(
            turns=(*talk.turns, render_turn(turn, number, latest, link=self._link(latest))),
            before=(*talk.before, turn.exchange),
            question=turn.question,
            id=talk.id or secrets.token_urlsafe(),
            latest=latest,
            spelling=turn.answer.spelling,
            is_fresh=True,
        )

    def _link(self, turn: KeptTurn) -> str:
        return self.opening.linkable.link(user_now().name, turn)
