"""What the fields of a set may hold, checked by pydantic, and in plain words what is wrong with one."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

Text = Annotated[str, StringConstraints(pattern=r"\S")]
"""A text that is more than white space."""

MaybeBlank = Annotated[str, StringConstraints(min_length=0)]
"""Any text; for a ``str`` without constraints pydantic lets half a character through."""

At = tuple[int | str, ...]
"""Fields and numbers from 0, from the outermost to where something stands."""

_SHOWN = 60

_WRONG = {
    "missing": "is missing",
    "extra_forbidden": "is not a field; these are: {fields}",
    "model_type": "must be an object, in {{ }}, and not {given}",
    "list_type": "must be a list, in [ ], and not {given}",
    "string_type": "must be a text, in quotation marks, and not {given}",
    "bool_type": "must be true or false, and not {given}",
    "string_unicode": "holds half a character, an unpaired surrogate. Write the whole character",
    "string_pattern_mismatch": "is empty",
    "string_too_long": "has more than the {max_length} characters that a question may have",
    "too_short": "is an empty list",
}
"""By pydantic's type of error."""


class Fields(BaseModel):
    """An object of a set; white space is what Python calls so."""

    model_config = ConfigDict(strict=True, frozen=True, regex_engine="python-re")


def first_wrong(error: ValidationError, model: type[Fields], at: At = ()) -> tuple[At, str]:
    """Where under ``at`` the first error is, and what is wrong there; unknown fields come before missing ones."""
    errors = error.errors(include_url=False)
    first = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
    words = {"given": _shown(first["input"]), "fields": ", ".join(model.model_fields), "msg": first["msg"]}
    return (*at, *first["loc"]), _WRONG.get(first["type"], "{msg}").format(**words, **first.get("ctx", {}))


def shortened(text: str, most: int = _SHOWN) -> str:
    """The beginning of a text that is long."""
    return text if len(text) <= most else f"{text[:most]}…"


def _shown(given: Any) -> str:
    match given:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return f"the text {shortened(repr(given))}"
        case _:
            return shortened(json.dumps(given))
