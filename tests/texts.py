"""Random texts as people write them, for properties: headings, lists, tables, quotes, code, many scripts."""

from __future__ import annotations

from hypothesis import strategies as st

_WORDS = st.sampled_from(
    [
        *"the ministers signed a letter on drones and air defence in for NATO E5 LEAP".split(),
        *"Kraków Krako\u0301w Rzeszów Šekerinska Ža\u030clud Łódź naïve £5 €43.734 3.5 2,500 20th 12.".split(),
        *"Mr. Dr. U.S. e.g. i.e. No. “quoted” (bracketed) low-cost – … * | # > - `code` https://x.example/a.b?c=1".split(),
        *"😀 👩‍👩‍👧 🇵🇱 مرحبا بكم שלום 防空 Єрмак".split(),
        "two\u00a0words",
        "x" * 60,
        "Donaudampfschifffahrt" * 9,
        "e\u0301" * 40,
    ]
)
_PHRASES = st.lists(_WORDS, min_size=1, max_size=12).map(" ".join)
_SENTENCES = st.tuples(_PHRASES, st.sampled_from([".", ".", ".", "!", "?", "…", "؟", "。", ""])).map("".join)


def _lines(marks: st.SearchStrategy[str], most: int = 4) -> st.SearchStrategy[str]:
    """Consecutive lines, each with a mark before it."""
    return st.lists(st.tuples(marks, _SENTENCES).map("".join), min_size=1, max_size=most).map("\n".join)


_PARAGRAPHS = st.builds(
    lambda sentences, between: between.join(sentences),
    st.lists(_SENTENCES, min_size=1, max_size=5),
    st.sampled_from([" ", " ", "\n", "  "]),
)
_HEADINGS = st.builds(
    lambda level, phrase, tail: f"{'#' * level} {phrase}{tail}",
    st.integers(1, 6),
    _PHRASES,
    st.sampled_from(["", "", " ##", "  ", "\u00a0"]),
)
_LISTS = _lines(st.sampled_from(["- ", "* ", "  - ", "1. ", "2) ", "12. ", "• "]))
_QUOTES = _lines(st.sampled_from(["> ", ">", "> > ", "> - "]))
_TABLES = st.lists(st.lists(_PHRASES, min_size=1, max_size=3), min_size=1, max_size=3).map(
    lambda rows: "\n".join([f"| {' | '.join(rows[0])} |", "|---|---|", *(f"| {' | '.join(row)} |" for row in rows[1:])])
)
_CODE = st.tuples(st.sampled_from(["```", "```python", "~~~"]), _PARAGRAPHS, st.booleans()).map(
    lambda parts: f"{parts[0]}\n{parts[1]}" + (f"\n{parts[0][:3]}" if parts[2] else "")
)
_RULES = st.sampled_from(["---", "* * *", "====="])
_BLOCKS = st.one_of(_PARAGRAPHS, _PARAGRAPHS, _HEADINGS, _LISTS, _QUOTES, _TABLES, _CODE, _RULES)


@st.composite
def _written(draw: st.DrawFn) -> str:
    found = draw(st.lists(_BLOCKS, min_size=1, max_size=7))
    if draw(st.booleans()):
        found += found
    gaps = [draw(st.sampled_from(["\n\n", "\n\n", "\n", "\n \t\n", "\n\n\n"])) for _ in found[1:]]
    end = draw(st.sampled_from(["", "", "\n", "\n\n  "]))
    return draw(st.sampled_from(["", "", "\n", "  "])) + "".join(
        part for pair in zip(found, [*gaps, end], strict=True) for part in pair
    )


_SCRAMBLED = st.text(st.one_of(st.sampled_from("#`~-*>|=. \t\n12)aéZ"), st.characters(exclude_categories=["Cs"])))

texts: st.SearchStrategy[str] = st.one_of(_written(), _written(), _written(), _SCRAMBLED).map(
    lambda text: text.replace("\r", "").replace("\0", "")
)
"""Texts as a parser gives them: newlines are line feeds, and no NUL is in them."""
