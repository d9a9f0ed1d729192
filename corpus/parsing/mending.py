"""Mends what typesetting did to words: hyphens at line ends, ligatures, soft hyphens, spaces of all widths."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

LIGATURES = re.compile("[\ufb00-\ufb06]")
SOFT_HYPHENS = re.compile("\u00ad|\u200b|\ufeff")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_HYPHENS = "-\u2010"

JOINED = "words joined that a line end had broken"
UNLIGATED = "ligatures written as letters"
SOFTENED = "invisible hyphens and spaces taken out"
CONTROLLED = "characters taken out that are no text"


class Mender:
    """Mends text and counts what it mended, by what that is called."""

    def __init__(self) -> None:
        self.mended: Counter[str] = Counter()

    def mend(self, text: str) -> str:
        """The text with letters for ligatures, and without characters that nobody sees."""
        for name, pattern in ((UNLIGATED, LIGATURES), (SOFTENED, SOFT_HYPHENS), (CONTROLLED, _CONTROLS)):
            text, count = pattern.subn(_plain if name == UNLIGATED else "", text)
            self.mended[name] += count
        return _SPACES.sub(" ", text)

    def join(self, lines: Sequence[tuple[str, bool]], words: frozenset[str]) -> str:
        """Lines of a paragraph as one; each comes with whether its last word goes on in the next line.

        ``words`` are those that stand unbroken in the text. A hyphen stays where the word has it elsewhere, where its
        parts are words of their own and the whole is not, or where what follows is no small letter.
        """
        text = ""
        broken = False
        for said, goes_on in lines:
            line = said.strip()
            if broken or (text[-1:] in _HYPHENS and text[-2:-1].isalpha() and line[:1].islower()):
                text = self._joined(text.rstrip(_HYPHENS), line, words)
            else:
                text = f"{text} {line}" if text and line else text or line
            broken = goes_on
        return text

    def _joined(self, before: str, after: str, words: frozenset[str]) -> str:
        first = re.search(r"[\w-]*$", before)
        second = re.match(r"[\w-]*", after)
        left, right = first[0] if first else "", second[0] if second else ""
        parts = {left.lower(), right.lower()}
        compound = f"{left}-{right}".lower() in words or (parts <= words and min(map(len, parts)) > 2)
        if not after[:1].islower() or (compound and (left + right).lower() not in words):
            return f"{before}-{after}"
        self.mended[JOINED] += 1
        return before + after


def unbroken_words(lines: Iterable[str]) -> frozenset[str]:
    """The words inside lines, in lower case: those that no line end can have broken."""
    return frozenset(word.lower() for line in lines for word in re.findall(r"\w+(?:-\w+)*", line)[:-1])


def _plain(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])
