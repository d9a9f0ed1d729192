"""What programs send: a question, a query, and which documents are meant."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from corpus.library import Filter
from corpus.model import Kind
from qa.wording import whole_characters

_STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)

Text = Annotated[str, AfterValidator(whole_characters)]
"""A text that can be stored and sent on: JSON can hold halves of characters."""

MOST_HITS = 100
"""So many passages are found at once."""

MOST_SUGGESTED = 100
"""So many questions are suggested at once."""


class Narrowing(BaseModel):
    """Which documents are searched; what is left out lets all through."""

    model_config = _STRICT

    documents: frozenset[Text] | None = None
    """Their ids."""
    publishers: frozenset[Text] | None = None
    """Who published them, spelled as the library has it."""
    kinds: frozenset[Kind] | None = None
    languages: frozenset[Text] | None = None
    """As ISO 639 has them: en, pl."""
    since: date | None = None
    """The first day on which they may be dated; those without a date are left out then."""
    until: date | None = None
    """The last day."""

    def filter(self) -> Filter | None:
        """What the search takes; None where everything is searched."""
        wanted = Filter(
            documents=self.documents,
            publishers=self.publishers,
            kinds=None if self.kinds is None else frozenset(map(str, self.kinds)),
            languages=self.languages,
            since=None if self.since is None else self.since.isoformat(),
            until=None if self.until is None else self.until.isoformat(),
        )
        return None if wanted == Filter() else wanted


class AskBody(Narrowing):
    """A question, and to which documents it is put."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"question": "Who represented NATO in Krakow?"}]},
    )

    question: Text


class SearchBody(Narrowing):
    """A query, how many passages are wanted, and of which documents."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"query": "drones", "k": 3, "kinds": ["brief"]}]},
    )

    query: Text
    k: int = Field(10, ge=1, le=MOST_HITS)
