"""Keyword terms: the one function that turns text into what every keyword engine is given."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer
from anyascii import anyascii

_WORD = re.compile(r"[^\W_]+(?:(?<=\d)[.,](?=\d)[^\W_]+)*")

STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they"
    " this to was will with s t".split()
)
"""The stop words of Lucene's English analyser, and what is left of "'s" and "n't"."""

_TRANSLITERATIONS = (
    ("sch", "s"), ("sh", "s"), ("sz", "s"), ("kh", "h"), ("ch", "h"), ("cz", "c"), ("zh", "z"), ("rz", "z"),
    ("ph", "f"), ("w", "v"), ("y", "i"), ("j", "i"), ("ck", "k"), ("c", "k"),
)  # fmt: skip
_DOUBLE = re.compile(r"([a-z])\1+")
_NAME_LENGTH = 5

_stemmer = Stemmer.Stemmer("english")


def words(text: str) -> list[str]:
    """Runs of letters and digits, numbers with their separators; composed, so that an accent splits no word."""
    found: list[str] = _WORD.findall(unicodedata.normalize("NFC", text))
    return found


@lru_cache(maxsize=65536)
def folded(word: str) -> str:
    """A word in small Latin letters without accents; empty where nothing is left of it."""
    return re.sub(r"[^a-z0-9.,]", "", anyascii(word).lower())


def terms(text: str) -> list[str]:
    """The terms of a passage, in order: accents and case folded, English stems, stop words dropped.

    A capitalised word of five or more letters that other languages may spell otherwise gives a second term, its
    spelling key, so that "Sekerinska", "Šekerinska" and "Szekerinska" find "Shekerinska".
    """
    return [term for word in words(text) for term in _terms_of(word, word[:1].isupper())]


def passage_terms(text: str) -> list[str]:
    """The terms by which a passage is found, in order: one for each of its words.

    A capitalised word has its spelling key where it has one and else its stem; so a word of a question, which looks
    for both, counts each occurrence once. Of a stem that is shorter than a name the stem is taken, since the same stem
    is looked for alone where the question's form of the word is as short.
    """
    return [term for term in map(_passage_term, words(text)) if term is not None]


def query_terms(question: str) -> list[str]:
    """The terms of a question, each once; every long word gives its spelling key, capitalised or not."""
    return list(dict.fromkeys(term for word in query_words(question) for term in word))


def query_words(question: str) -> list[tuple[str, ...]]:
    """The words of a question, each once, as the terms it may stand as: its stem, and a spelling key that differs."""
    return list(dict.fromkeys(found for word in words(question) if (found := _terms_of(word, True))))


def spelling_key(word: str) -> str:
    """A folded word with common transliterations made alike ("shekerinska" gives "sekerinska")."""
    for spelled, alike in _TRANSLITERATIONS:
        word = word.replace(spelled, alike)
    return _DOUBLE.sub(r"\1", word)


@lru_cache(maxsize=65536)
def _passage_term(word: str) -> str | None:
    terms = _terms_of(word, word[:1].isupper())
    if not terms:
        return None
    return terms[-1] if len(terms[0]) >= _NAME_LENGTH else terms[0]


@lru_cache(maxsize=65536)
def _terms_of(word: str, may_be_name: bool) -> tuple[str, ...]:
    plain = folded(word)
    if not plain or plain in STOP_WORDS:
        return ()
    stem = _stemmer.stemWord(plain)
    if not may_be_name or len(plain) < _NAME_LENGTH:
        return (stem,)
    key = spelling_key(stem)
    return (stem,) if key == stem else (stem, key)
