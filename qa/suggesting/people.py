"""Words that tell people and bodies from things, and the people whom a text names."""

from __future__ import annotations

import re
from functools import cached_property

from qa.differing.names import names

_OFFICES = frozenset(
    "actor admiral ambassador analyst archbishop architect artist author bishop captain chair chairman chairwoman"
    " chancellor chief coach commander commissioner composer delegate deputy designer diplomat director doctor editor"
    " emperor engineer expert founder general governor head historian host inventor journalist judge justice king"
    " lawyer leader leaders mayor member members minister ministers musician novelist officer official owner painter"
    " patriarch philosopher physicist player poet politician pope president prime prince princess producer professor"
    " queen representative researcher scientist secretary senator singer speaker spokesman spokesperson spokeswoman"
    " successor theologian under-secretary winner writer".split()
)
_BODIES = frozenset(
    "army assembly authority board cabinet club college commission committee companies company congress council"
    " countries country court delegation firm fleet forces government governments group leaders ministers ministry"
    " navy parliament party senate states team troops union university".split()
)
_TITLED = re.compile(
    r"\b(?:[Mm]inister|[Pp]resident|[Ss]ecretary|[Ss]enator|[Gg]eneral|[Cc]hancellor|Mr|Mrs|Ms|Dr|[Cc]ommissioner"
    r"|[Pp]rofessor|King|Queen|Pope|[Aa]rchitect|[Ee]mperor|[Rr]epresentative|Sir|Lord|Lady|Dame|[Gg]overnor),?\s+$"
)
_TITLE_CHARACTERS = 40
_SAYS = re.compile(r" (?:also )?(?:said|told|argued|thanked|stressed|recalled|explained|warned|added that)\b")
_BELONGS = re.compile(r"\b(?:of|for|at|in|who|on|from|to|with|by)\b|,")


def is_office(text: str) -> bool:
    """Whether what is named first is an office or a calling: "the host of the meeting"."""
    return _head(text) in _OFFICES


def is_body(text: str) -> bool:
    """Whether what is named first is a body that acts: "the parliament of Poland"."""
    return _head(text) in _BODIES


def _head(text: str) -> str:
    """The last word before what belongs to it."""
    words = _BELONGS.split(text.lower(), maxsplit=1)[0].split()
    return words[-1] if words else ""


class People:
    """The people whom a text names, told by what stands before their names and by what they do."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _last_names(self) -> frozenset[str]:
        return frozenset(
            _last(name.text)
            for name in names(self._text)
            if _TITLED.search(self._text[max(name.span.start - _TITLE_CHARACTERS, 0) : name.span.start])
            or _SAYS.match(self._text, name.span.end)
        )

    def is_one(self, text: str) -> bool:
        """Whether a text is the name of one, with or without titles."""
        named = names(text)
        return len(named) == 1 and named[0].span.end == len(text) and _last(named[0].text) in self._last_names

    def any_in(self, text: str) -> bool:
        """Whether it names one."""
        return any(_last(name.text) in self._last_names for name in names(text))


def _last(name: str) -> str:
    return name.rsplit(maxsplit=1)[-1]
