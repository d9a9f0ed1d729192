"""SQuAD files (1.1 and 2.0): their paragraphs with the questions and accepted answers of each."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import KrakowQAError
from corpus.model import Span


class BadQuestionSet(KrakowQAError):
    """A question set that cannot be read, or whose evidence does not stand in the library."""


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question and the answers that are accepted; none where it is meant to be unanswerable."""

    id: str
    text: str
    answers: tuple[str, ...]

    def spans_in(self, text: str) -> list[Span]:
        """Where its answers stand in a text as whole words."""
        return [span for answer in self.answers for span in occurrences(answer, text)]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article, and what is asked about it."""

    article: str
    text: str
    questions: tuple[SquadQuestion, ...]


def read_squad(path: Path) -> list[Paragraph]:
    """The paragraphs of a file, ``.json`` or ``.json.gz``, in its order; raises BadQuestionSet."""
    try:
        data = path.read_bytes()
        articles = json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)["data"]
        return [_paragraph(article["title"], each) for article in articles for each in article["paragraphs"]]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise BadQuestionSet(f"{path} is no SQuAD file ({type(error).__name__}: {error})") from error


def _paragraph(article: str, fields: dict[str, Any]) -> Paragraph:
    questions = (
        SquadQuestion(
            asked["id"],
            asked["question"].strip(),
            tuple(dict.fromkeys(answer["text"] for answer in asked["answers"])),
        )
        for asked in fields["qas"]
    )
    return Paragraph(article, fields["context"], tuple(questions))


def occurrences(answer: str, text: str) -> Iterator[Span]:
    """Where an answer stands in a text as whole words."""
    pattern = rf"(?<!\w){re.escape(answer)}(?!\w)"
    for match in re.finditer(pattern, text):
        yield Span(*match.span())
