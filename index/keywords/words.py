"""Which passages hold words, in whatever form, and which hold a word that is spelled much like another."""

from __future__ import annotations

from collections.abc import Collection

import tantivy

from index.keywords.fields import Query, any_of
from index.terms import folded, query_words, words


def holding(schema: tantivy.Schema, text: str) -> Query:
    """The passages that hold every word of a text, but for stop words: in a form of it, or in who says them."""
    each = [_with(schema, word, terms) for word in words(text) for terms in query_words(word)]
    return Query.boolean_query([(tantivy.Occur.Must, query) for query in (Query.all_query(), *each)])


def spelled_like(schema: tantivy.Schema, word: str, distance: int, apart_from: Collection[str]) -> Query:
    """The passages that hold a word from which it takes so many slips, 2 at most, to a folded one, and none of others.

    A slip is a letter more, less or other, or two that are swapped.
    """
    like = Query.fuzzy_term_query(schema, "words", word, distance)
    others = [(tantivy.Occur.MustNot, Query.term_set_query(schema, "words", list(apart_from)))] if apart_from else []
    return Query.boolean_query([(tantivy.Occur.Must, like), *others])


def _with(schema: tantivy.Schema, word: str, terms: tuple[str, ...]) -> Query:
    forms = [Query.term_query(schema, "terms", term, "freq") for term in terms]
    return any_of([*forms, Query.term_query(schema, "words", folded(word), "basic")])
