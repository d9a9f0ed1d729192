"""Proves that exported conversations are read back as they were, and that no alteration of one passes ``verify``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.files import find_files
from index.intake import IfChanged
from qa.assembly import Parts
from qa.conversation.claims import BadExport, _unescaped, claims_of
from qa.conversation.exporting import Form, exported, markdown
from qa.conversation.kept import KeptTurn
from qa.conversation.model import Turn
from qa.conversation.reopening import reopened
from qa.conversation.seal import sealed_text
from qa.conversation.verifying import Verified, verified
from tests.commands import Run, a_run
from tests.conftest import MakeParts, put

__all__ = ["a_run"]

PLANTED = 240
TEXTS = {
    "hub": "# Hub\n\nThe hub at Rzeszów has 210 soldiers from nine nations. It was opened in May.\n",
    "leap": "# LEAP\n\nLEAP costs *90* million zlotys & more. 1. It is due in 2027.\n\n- Drones\n-  Sensors <b>\n",
    "call": "# Call\n\nA call of 2 March said: the hub has a “second” gate, [east](x) of the first one.\n",
    "odd": "# Odd\n\nThe odd hub text\n    has `code`, a \\ and **stars**\u2028and 🛩 lines;\n\n> quoted | ~ 100 % #1\n",
}
QUESTIONS = [
    "How many soldiers serve at the Rzeszów hub?",
    "What does LEAP cost?",
    "Which gate has the hub?",
    "What has the odd hub text?",
    "Who won the *chess* cup of Łódź?",
]


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(**TEXTS)


def asked(parts: Parts, form: Form) -> str:
    """All questions and their answers, exported."""
    had = (Turn(question, question, parts.answerer.ask(question)) for question in QUESTIONS)
    return exported([reopened(KeptTurn.of(turn), parts.library) for turn in had], form)


def proven(text: str, parts: Parts) -> Verified:
    return verified(claims_of(text.encode(errors="surrogatepass")), parts.library)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    assert _unescaped(markdown(text)) == text


@pytest.mark.parametrize("form", Form)
def test_what_is_exported_is_read_back_and_stands(parts: Parts, form: Form) -> None:
    text = asked(parts, form)
    claims = claims_of(text.encode())
    quotes = [quote for question in QUESTIONS for quote in _quotes(parts, question)]
    assert [(claim.address, claim.text) for claim in claims.quotes] == quotes
    assert len(quotes) > len(QUESTIONS)
    assert proven(text, parts).stands
    assert proven(text.replace("\n", "\r\n"), parts).stands


def _quotes(parts: Parts, question: str) -> list[tuple[str, str]]:
    answer = parts.answerer.ask(question)
    return [(str(quote.address), quote.text) for quote in (*answer.quotes, *answer.closest)]


Alter = Callable[[str, Random], str]


def one_character(text: str, random: Random) -> str:
    """Another letter anywhere, but in the seal, where it would be the seal's own fault."""
    places = [found.start() for found in re.finditer(r"[a-zA-Z0-9]", text[: text.rindex("seal")])]
    at = random.choice(places)
    other = random.choice([letter for letter in "abcdefghij0123456789" if letter != text[at].lower()])
    return text[:at] + other + text[at + 1 :]


def sealed_anew(form: Form, alter: Alter) -> Alter:
    """The alteration by somebody who makes a seal for it, so that only the library can tell."""

    def altered(text: str, random: Random) -> str:
        if form is Form.JSON:
            from qa.conversation.seal import sealed_json

            fields = json.loads(alter(text, random))
            return sealed_json({name: value for name, value in fields.items() if name != "seal"})
        return sealed_text(re.sub(r"<!-- krakow-qa seal .*", "", alter(text, random)))

    return altered


def character_of_a_quote(text: str, random: Random) -> str:
    words = [word for source in TEXTS.values() for word in re.findall(r"\b[a-z]{4,}\b", source.split("\n\n", 1)[1])]
    while True:
        word = random.choice(words)
        places = [
            found.start() for found in re.finditer(rf"(?<=[ “\"]){word}(?=[ ,.“\"])", text) if _in_quote(text, found)
        ]
        if places:
            at = random.choice(places) + random.randrange(len(word))
            return f"{text[:at]}{'q' if text[at] != 'q' else 'z'}{text[at + 1 :]}"


def _in_quote(text: str, found: re.Match[str]) -> bool:
    line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
    return line.startswith((">", '<p class="quote">')) or '"text": "' in line


def swapped_documents(text: str, random: Random) -> str:
    """One document's name for another's in all addresses that begin with it."""
    here = sorted({found[1] for found in re.finditer(r"\b(hub|leap|call|odd)@", text)})
    one, other = random.sample(here, 2)
    swapped = re.sub(rf"\b{one}(?=@[0-9a-f]{{12}}#)", other, text)
    return re.sub(rf'("document": )"{one}"', rf'\1"{other}"', swapped)


def shifted_offsets(text: str, random: Random) -> str:
    by = random.choice([-3, -2, -1, 1, 2, 3])
    shifted = re.sub(
        r"(@[0-9a-f]{12})#(\d+)-(\d+)",
        lambda found: f"{found[1]}#{max(0, int(found[2]) + by)}-{int(found[3]) + by}",
        text,
    )
    return re.sub(r'("(?:start|end)": )(\d+)', lambda found: f"{found[1]}{max(0, int(found[2]) + by)}", shifted)


PLANTINGS: list[tuple[str, Callable[[Form], Alter]]] = [
    ("one character", lambda form: one_character),
    ("a character of a quote, sealed anew", lambda form: sealed_anew(form, character_of_a_quote)),
    ("swapped documents, sealed anew", lambda form: sealed_anew(form, swapped_documents)),
    ("shifted offsets, sealed anew", lambda form: sealed_anew(form, shifted_offsets)),
]


def planted() -> Iterator[tuple[Form, str, Alter, int]]:
    """So many alterations of every kind in every form."""
    cases = [(form, name, make(form)) for form in Form for name, make in PLANTINGS]
    for number in range(PLANTED):
        yield *cases[number % len(cases)], number


def test_every_planted_alteration_is_found_and_nothing_in_what_is_untouched(parts: Parts) -> None:
    texts = {form: asked(parts, form) for form in Form}
    missed = []
    for form, name, alter, seed in planted():
        altered = alter(texts[form], Random(seed))
        assert altered != texts[form], (form, name, seed)
        try:
            stands = proven(altered, parts).stands
        except BadExport:
            stands = False
        if stands:
            missed.append((form, name, seed))
        assert proven(texts[form], parts).stands
    assert missed == []


def test_each_that_was_sealed_anew_is_found_by_the_quote_it_altered(parts: Parts) -> None:
    for form in Form:
        text = asked(parts, form)
        for alter in (character_of_a_quote, swapped_documents, shifted_offsets):
            found = proven(sealed_anew(form, alter)(text, Random(3)), parts)
            assert found.standing < len(found.quotes)


@pytest.mark.parametrize("form", Form)
def test_what_became_of_a_source_is_told(parts: Parts, tmp_path: Path, form: Form) -> None:
    text = asked(parts, form)
    put(parts, tmp_path, "new", "Something else.")
    assert proven(text, parts).stands
    (tmp_path / "hub.md").write_text(TEXTS["hub"] + "\nMore of it.\n", "utf-8")
    (added,) = parts.intake.add(find_files([tmp_path / "hub.md"]), IfChanged.REPLACE)
    assert added.error is None
    faults = _faults(proven(text, parts))
    assert all(fault.startswith("changed: ") and fault.endswith("which says this too") for fault in faults["hub"])
    parts.library.withdraw("hub")
    assert all(fault.endswith("and was withdrawn") for fault in _faults(proven(text, parts))["hub"])
    parts.library.withdraw("leap")
    assert all(fault.startswith("withdrawn: ") for fault in _faults(proven(text, parts))["leap"])
    parts.purge("leap")
    assert all("was purged on" in fault for fault in _faults(proven(text, parts))["leap"])
    assert set(_faults(proven(text, parts))) == {"hub", "leap"}


def _faults(found: Verified) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for proof in found.quotes:
        if proof.fault is not None:
            faults.setdefault(proof.claim.address.partition("@")[0], []).append(proof.fault)
    return faults


@pytest.mark.parametrize("form", [Form.HTML, Form.MARKDOWN])
def test_what_documents_and_users_say_is_no_markup(make_parts: MakeParts, form: Form) -> None:
    parts = make_parts(hub="# <script>x</script>\n\nThe hub <img src=x onerror=y> has **bold** [a](b) soldiers.\n")
    question = "How many <b>soldiers</b> has\n# the hub?"
    text = exported(
        [reopened(KeptTurn.of(Turn(question, question, parts.answerer.ask("the hub"))), parts.library)], form
    )
    assert not re.search(r"(?<!\\)<(script|img|b)\b", text)
    assert "\n# the hub" not in text
    assert proven(text, parts).stands


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{}", b"{", b"# A page\n", b"<!doctype html><p>", b'{"kind": 1}'])
def test_another_file_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(BadExport, match=r"^This is no conversation that krakow-qa exported: ") as raised:
        claims_of(data)
    assert "\n" not in str(raised.value)


def test_the_command_tells_what_stands(run: Run, tmp_path: Path) -> None:
    folder, file = tmp_path / "library", tmp_path / "talk.md"
    assert run("--library", folder, "init", "--empty").code == 0
    (tmp_path / "hub.md").write_text(TEXTS["hub"], "utf-8")
    assert run("--library", folder, "add", tmp_path / "hub.md").code == 0
    from qa.assembly import open_parts
    from qa.settings import LEXICAL_READER, Settings
    from tests.fakes import HashEncoder

    parts = open_parts(folder, Settings(reader=LEXICAL_READER), encoder=HashEncoder())
    file.write_text(asked(parts, Form.MARKDOWN), "utf-8")
    parts.library.close()
    ran = run("--library", folder, "verify", file)
    count = int(ran.out.split()[0])
    assert (ran.code, ran.out, ran.err) == (0, f"{count} of {count} quotes stand\n", "")
    file.write_text(file.read_text("utf-8").replace("210", "310"), "utf-8")
    ran = run("--library", folder, "verify", file, "--json")
    assert (ran.code, ran.json["stands"]) == (1, False)
    assert any("the document has “" in (each["fault"] or "") for each in ran.json["quotes"])
    assert run("--library", folder, "verify", file).out.splitlines()[-1].endswith(f" of {count} quotes stand")
    missing = run("--library", folder, "verify", tmp_path / "none.md")
    assert (missing.code, missing.err.count("\n")) == (1, 1)
