"""Counts the tokens of texts: word by word where a tokenizer looks at each word alone, and each word once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_WORDS_KEPT = 1 << 16

_MARKS = r"!-/:-@\[-`{-~"
_WORD = re.compile(rf"[^ \n{_MARKS}]+|[{_MARKS}]")
"""What stands between spaces and marks of ASCII, and each mark."""


def token_counter(tokenizer: Tokenizer) -> Callable[[str], int]:
    """Tells how many tokens a text has, special ones left out, to the number that the tokenizer would give.

    A BERT tokenizer cuts at every space and mark before all else, so that the counts of words add up to that of their
    text; others are asked for the whole text, and so is it for texts in which its special tokens stand.
    """

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    made = json.loads(tokenizer.to_str())
    if [(made[step] or {}).get("type") for step in ("pre_tokenizer", "model")] != ["BertPreTokenizer", "WordPiece"]:
        return count
    added = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
    count_word = lru_cache(maxsize=_WORDS_KEPT)(count)

    def count_words(text: str) -> int:
        if any(token in text for token in added):
            return count(text)
        return sum(map(count_word, _WORD.findall(text)))

    return count_words
