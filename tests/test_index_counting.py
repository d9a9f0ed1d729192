"""Tokens are counted word by word exactly as the tokenizer counts them in the whole text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, Metaspace

from index.counting import token_counter

PIECES = ["[UNK]", "[SEP]", *"abcdez019.,-()[]", "ab", "abc", "##a", "##b", "##c", "##ab", "##1", "sep", "漢"]


def tokenizer(spaces_count: bool = False) -> Tokenizer:
    """A BERT tokenizer with few words; or one that sees the spaces too."""
    made = Tokenizer(WordPiece({piece: number for number, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    made.normalizer = BertNormalizer()
    made.pre_tokenizer = Metaspace() if spaces_count else BertPreTokenizer()
    made.add_special_tokens(["[SEP]"])
    return made


BERT, OTHER = tokenizer(), tokenizer(spaces_count=True)
PARTS = st.sampled_from(
    ["[SEP]", "ab", "abcab", "[", " ", "\n", ".", "\u0301", "\u00a0", "\x1c", "é", "İ", "漢", "x" * 101]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(PARTS, max_size=12).map("".join))


@given(TEXTS)
def test_the_counts_of_words_add_up_to_that_of_their_text(text: str) -> None:
    assert token_counter(BERT)(text) == len(BERT.encode(text, add_special_tokens=False).ids)


@given(TEXTS)
def test_a_tokenizer_of_another_kind_is_asked_for_the_whole_text(text: str) -> None:
    assert token_counter(OTHER)(text) == len(OTHER.encode(text, add_special_tokens=False).ids)
