"""Words that tell people and bodies from things, and the people whom a text names."""

from __future__ import annotations

import re
from functools import cached_property

from qa.differing.names import names

_OFFICES = frozenset(
    "actor admiral ambassador analyst archbishop architect artist author bishop captain chair chairman chairwoman chancellor chief"
    " coach commander commissioner composer delegate deputy designer diplomat director doctor editor emperor engineer"
    " expert founder general governor head historian host inventor journalist judge justice king lawyer leader leaders mayor"
    " member members minister ministers musician novelist officer official owner painter patriarch philosopher physicist"
    " player poet politician pope president prime prince princess producer professor queen representative researcher"
    " scientist secretary senator singer speaker spokesman spokesperson spokeswoman successor theologian"
    " under-secretary winner writer".split()
)
_BODIES = frozenset(
    "army assembly authority board cabinet club college commission committee companies company congress council"
    " countries country court delegation firm fleet forces government governments group leaders ministers"
    " ministry navy parliament party senate states team troops union university".split()
)


def is_office(text: str) -> bool:
    """Whether what is named first, up to "of" or "for", is an office or a calling: "the host of the meeting"."""
    head = re.split(r"\b(?:of|for|at|in|who|on|from|to|with)\b|,", text.lower(), maxsplit=1)[0].split()
    return bool(head) and head[-1] in _OFFICES


def is_body(text: str) -> bool:
    """Whether what is named is a body that acts: "the Polish parliament"."""
    head = re.split(r"\b(?:of|for|at|in|by|from)\b", text.lower(), maxsplit=1)[0].split()
    return bool(head) and head[-1] in _BODIES


class People:
    """The people whom a text names, told by what stands before their names and by what they do."""

    _TITLED = re.compile(
        r"\b(?:[Mm]inister|[Pp]resident|[Ss]ecretary|[Ss]enator|[Gg]eneral|[Cc]hancellor|Mr|Mrs|Ms|Dr|[Cc]ommissioner"
        r"|[Pp]rofessor|King|Queen|Pope|[Aa]rchitect|[Ee]mperor|[Rr]epresentative|Sir|Lord|Lady|Dame|[Gg]overnor),?\s+$"
    )
    _SAYS = re.compile(r" (?:also )?(?:said|told|argued|thanked|stressed|recalled|explained|warned|added that)\b")

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _words(self) -> frozenset[str]:
        """Their last names."""
        found = set()
        for name in names(self._text):
            if self._TITLED.search(self._text[: name.span.start][-40:]) or self._SAYS.match(self._text, name.span.end):
                found.add(name.text.split()[-1])
        return frozenset(found)

    def is_one(self, text: str) -> bool:
        """Whether a text is the name of one, with or without titles."""
        named = names(text)
        return len(named) == 1 and named[0].span.end == len(text) and self._is_person(named[0].text)

    def any_in(self, text: str) -> bool:
        """Whether it names one."""
        return any(self._is_person(name.text) for name in names(text))

    def _is_person(self, name: str) -> bool:
        return name.split()[-1] in self._words
