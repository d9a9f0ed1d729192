"""Keyword terms: one word gives one term however it is written, and names are found in other spellings."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.terms import STOP_WORDS, passage_terms, query_terms, query_words, terms

ACCENTED = st.text(st.sampled_from("aeouszclnAEOSZ łŁøß'’-.,19éÉüŠšžČćńóőůạ\u0301\u030c\u0323\u0328"), max_size=40)
WORDS = st.text(st.sampled_from("abcdeghjkoprstwyzABCSWZ019 .,'-"), max_size=60)


@given(ACCENTED | st.text())
def test_composed_and_decomposed_accents_give_the_same_terms(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert terms(composed) == terms(decomposed) == terms(text)
    assert query_terms(composed) == query_terms(decomposed)


@given(st.text() | ACCENTED)
def test_a_term_is_never_empty_holds_no_white_space_and_only_ascii(text: str) -> None:
    for term in terms(text) + query_terms(text):
        assert term.split() == [term]
        assert term.isascii()


@given(WORDS | st.text())
def test_a_question_in_a_passages_own_words_has_all_its_terms_and_each_once(text: str) -> None:
    asked = query_terms(text)
    assert set(terms(text)) <= set(asked)
    assert len(asked) == len(set(asked))


@given(WORDS | st.text())
def test_a_passage_has_one_term_for_each_of_its_words_and_each_is_looked_for(text: str) -> None:
    found = passage_terms(text)
    assert len(found) == len(passage_terms(text.lower()))
    assert set(found) <= set(terms(text))
    for word in text.split():
        for term in passage_terms(word):
            assert any(term in looked_for for looked_for in query_words(word))


@given(WORDS)
def test_case_makes_no_difference_to_a_question(text: str) -> None:
    assert query_terms(text.upper()) == query_terms(text.lower()) == query_terms(text)


@given(WORDS, WORDS)
def test_terms_keep_the_order_of_the_text(one: str, other: str) -> None:
    assert terms(f"{one}; {other}") == terms(one) + terms(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("naïve Łódź café", ["naiv", "lodz", "cafe"]),
        ("LEAP leap Leap", ["leap", "leap", "leap"]),
        ("agree agrees agreed agreeing", ["agre", "agre", "agre", "agre"]),
        ("minister's minister’s ministers' ministers", ["minist"] * 4),
        ("It was not to be, and there it is.", []),
        ("1,000.5 tonnes, 3.5% or €2.5bn", ["1,000.5", "tonn", "3.5", "2.5bn"]),
        ("in 2026. By 2027, 2028-2030", ["2026", "2027", "2028", "2030"]),
        ("5G, F-16 and U.S.", ["5g", "f", "16", "u"]),
        ("low-cost snake_case air/land", ["low", "cost", "snake", "case", "air", "land"]),
        ("ﬁrst １２ Straße", ["first", "12", "strass", "stras"]),
        ("— … “” € ☃", []),
    ],
)  # fmt: skip
def test_text_gives_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_stop_words_are_dropped_in_any_case(word: str) -> None:
    assert terms(f"{word} {word.upper()} {word.title()}") == query_terms(word.title()) == []


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("Sekerinska", "Shekerinska"),
        ("Šekerinska", "Shekerinska"),
        ("Szekerinska", "Shekerinska"),
        ("sekerinska", "Shekerinska"),
        ("szekerinska", "Shekerinska"),
        ("Shekerinska", "Šekerinska"),
        ("Rzeszow", "Rzeszów"),
        ("rzeszow", "Rzeszów"),
        ("Fedorow", "Fedorov"),
        ("fedorow", "Fedorov"),
        ("Zelenskiy", "Zelensky"),
        ("Kharkiv", "Charkiw"),
        ("RZESZÓW", "Rzeszow's"),
    ],
)
def test_a_name_is_found_in_another_spelling(asked: str, written: str) -> None:
    assert set(query_terms(f"Who is {asked}?")) & set(terms(f"Today {written} spoke."))
    assert set(query_terms(f"Who is {asked}?")) & set(passage_terms(f"Today {written} spoke."))


@pytest.mark.parametrize(
    ("asked", "written"), [("ship", "Ships"), ("ships", "Ship"), ("country", "Countries"), ("Kyiv", "Kyivs")]
)
def test_a_word_is_found_in_another_form_at_the_beginning_of_a_sentence(asked: str, written: str) -> None:
    assert set(query_terms(asked)) & set(passage_terms(written))


@pytest.mark.parametrize(
    ("asked", "written"), [("Fedorow", "Fedosov"), ("Rzeszow", "Warszawa"), ("Sekerinska", "Sikorska")]
)
def test_another_name_is_not_found(asked: str, written: str) -> None:
    assert not set(query_terms(asked)) & set(terms(written))


def test_only_capitalised_words_of_a_passage_have_spelling_keys() -> None:
    assert terms("wybrzeże Wybrzeże") == ["wybrzez", "wybrzez", "vibzez"]


@pytest.mark.parametrize("number", ["10000", "100,000", "2.200", "1999", "2000bn"])
def test_a_number_is_found_by_itself_alone(number: str) -> None:
    assert query_terms(number) == [number]
