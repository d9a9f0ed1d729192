"""What somebody said of an answer as an entry of a question set, for an evaluator to go on with."""

from __future__ import annotations

import json

from corpus.library import Library
from qa.conversation.feedback import Opinion, Verdict
from qa.conversation.reopening import Standing, reopened


def entry_of(opinion: Opinion, library: Library) -> str:
    """One line of JSON in our own format.

    Of an answer that is right, its quotes that still stand are the evidence, each an alternative, and a refusal that is
    right makes the question one that cannot be answered, unless only some documents were searched. Of any other, what
    would be right is left to be filled in.
    """
    again = reopened(opinion.turn, library)
    is_right = opinion.verdict is Verdict.RIGHT
    answering = again.quotes[: len(opinion.turn.quotes)] if is_right else ()
    evidence = [str(each.quote.address) for each in answering if each.standing is Standing.STANDS and each.quote]
    short = again.turn.answer.short_answer
    entry = {
        "id": f"feedback-{opinion.id}",
        "question": opinion.turn.searched,
        "history": [],
        "answers": [short] if evidence and short else [],
        "evidence": evidence,
        "answerable": not (is_right and opinion.turn.abstention is not None and opinion.turn.filter is None),
        "tags": ["feedback", opinion.verdict.name.lower(), *(["narrowed"] if opinion.turn.filter is not None else [])],
        "note": opinion.comment,
    }
    return json.dumps(entry, ensure_ascii=False) + "\n"
