"""What tantivy keeps of a passage, and the queries over it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import tantivy

from corpus.library import Filter, StoredPassage
from index.analysis import words_told

_FEW = 20

Query = tantivy.Query
Hit = tuple[float, tantivy.DocAddress]
"""A passage that was found: tantivy's score and its place."""


def schema() -> tantivy.Schema:
    """The fields; ``length`` counts the terms, ``day`` is a date as a number such as 20260301.

    ``words`` are those of all that is told of a passage, unstemmed; nothing is ranked by them.
    """
    builder = (
        tantivy.SchemaBuilder()
        .add_unsigned_field("id", indexed=True, fast=True)
        .add_unsigned_field("length", fast=True)
        .add_unsigned_field("day", indexed=True, fast=True)
        .add_text_field("terms", stored=True, tokenizer_name="whitespace", index_option="freq")
        .add_text_field("words", tokenizer_name="whitespace", index_option="basic")
    )
    for name in ("document", "publisher", "kind", "language"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    return builder.build()


def entry_of(stored: StoredPassage, terms: Sequence[str]) -> tantivy.Document:
    """A passage as tantivy takes it."""
    source = stored.source
    entry = tantivy.Document()
    entry.add_unsigned("id", stored.id)
    entry.add_unsigned("length", len(terms))
    entry.add_text("terms", framed(terms))
    entry.add_text("words", " ".join(words_told(stored)))
    entry.add_text("document", stored.passage.document_id)
    entry.add_text("kind", source.kind.value)
    for name, value in (("publisher", source.publisher), ("language", source.language)):
        if value is not None:
            entry.add_text(name, value)
    if source.day is not None:
        entry.add_unsigned("day", _day(source.day))
    return entry


def framed(terms: Iterable[str]) -> str:
    """Terms as text, each between spaces of its own, so that ``count`` counts them."""
    return "".join(f" {term} " for term in terms)


def any_of(queries: Iterable[Query]) -> Query:
    """What any of the queries finds."""
    return Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def best_of(queries: Sequence[Query]) -> Query:
    """What any of the queries finds, with the highest of their scores."""
    return Query.disjunction_max_query(queries)


def among(holding: Query, conditions: Iterable[Query]) -> Query:
    """What a query finds of that which meets all conditions, with the query's scores."""
    unscored = [Query.const_score_query(condition, 0.0) for condition in conditions]
    return Query.boolean_query([(tantivy.Occur.Must, query) for query in (holding, *unscored)])


def with_id(schema: tantivy.Schema, id: int) -> Query:
    """The passage of that id."""
    return Query.term_query(schema, "id", id)


def with_ids(schema: tantivy.Schema, ids: Sequence[int]) -> Query:
    """The passages of those ids."""
    return Query.term_set_query(schema, "id", ids)


def in_range(schema: tantivy.Schema, field: str, first: int | None, last: int | None) -> Query:
    """The passages whose number in a field is in a range, ends included; those without a number are not."""
    return Query.range_query(schema, field, tantivy.FieldType.Unsigned, first, last)


def conditions_of(schema: tantivy.Schema, filter: Filter) -> list[Query]:
    """What a filter asks of a passage; a date of which only the month or year is known is its first day."""
    named = {
        "document": filter.documents,
        "publisher": filter.publishers,
        "kind": filter.kinds,
        "language": filter.languages,
    }
    conditions = [_one_of(schema, field, sorted(values)) for field, values in named.items() if values is not None]
    if filter.since is not None or filter.until is not None:
        first, last = (None if date is None else _day(date) for date in (filter.since, filter.until))
        conditions.append(in_range(schema, "day", first, last))
    return conditions


def numbers(searcher: tantivy.Searcher, field: str, hits: Sequence[Hit]) -> list[int]:
    """What a field of numbers says of each hit."""
    return [int(value or 0) for value in searcher.fast_field_values(field, [place for _, place in hits])]


def _one_of(schema: tantivy.Schema, field: str, values: Sequence[str]) -> Query:
    """The passages with one of the values; a set of terms is looked up at once, but all that it finds is read."""
    if len(values) > _FEW:
        return Query.term_set_query(schema, field, values)
    return any_of(Query.term_query(schema, field, value, "basic") for value in values)


def _day(date: str) -> int:
    """A date as a number that stands in the order of ISO dates; what is not said of it is 0."""
    return int(date[:10].replace("-", "").ljust(8, "0"))
