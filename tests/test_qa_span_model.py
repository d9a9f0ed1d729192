"""Proves that our weights load as shipped, that any question-answering model can take their place, and what is said
where neither is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

from index.encoder import DEFAULT_ENCODER, Encoder, model_folder
from qa.assembly import load_reader
from qa.reader import ReaderUnavailable
from qa.readers.shipment import SHIPPED, Shipment
from qa.readers.span_model import TransformerSpanModel, load_span_model, our_span_model, tokenizer_of
from qa.readers.span_reader import SpanReader
from qa.settings import OUR_READER
from tests.fakes import HashEncoder
from tests.test_qa_span_reader import hit

pytestmark = pytest.mark.models

MOST_BYTES = 25_000_000

COUNCIL = "The harbour council met in Gdynia on 3 March 1926. It was chaired by Ola Nowak, a pilot from Hel."


@pytest.fixture(scope="module")
def ours() -> TransformerSpanModel:
    return our_span_model(Shipment())


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a question-answering model as the model hub has them, which was never trained."""
    folder = tmp_path_factory.mktemp("foreign")
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    BertForQuestionAnswering(BertConfig(**sizes)).save_pretrained(folder)
    tokenizer_of(model_folder(DEFAULT_ENCODER)).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who chaired the harbour council?", "Ola Nowak"),
        ("Where did the harbour council meet?", "Gdynia"),
        ("When did the harbour council meet?", "3 March 1926"),
    ],
)
def test_our_model_finds_the_words_that_answer(question: str, words: str) -> None:
    reading = load_reader(OUR_READER, HashEncoder()).read(question, [hit("Gulls sleep on piers.", 2), hit(COUNCIL)])
    first = reading.findings[0]
    assert first.is_short_answer
    assert first.highlight is not None
    assert words in COUNCIL[first.highlight.start : first.highlight.end]


def test_our_model_is_surer_of_a_passage_that_answers_than_of_one_that_does_not() -> None:
    reader = load_reader(OUR_READER, HashEncoder())
    question = "Who chaired the harbour council?"
    assert reader.read(question, [hit(COUNCIL)]).confidence > 0.5
    assert reader.read(question, [hit("The harbour council met in Gdynia. Gulls slept.")]).confidence < 0.5


def test_windows_are_about_the_tokens_of_their_passage_and_cover_all_of_it(ours: TransformerSpanModel) -> None:
    long = COUNCIL * 12
    windows = ours.windows("Who chaired it?", [COUNCIL, long, "", "Hel."])
    assert [window.passage for window in windows if window.passage != 1] == [0, 2, 3]
    assert sum(window.passage == 1 for window in windows) > 1
    for window in windows:
        assert window.starts.shape == window.ends.shape == (len(window.offsets),)
        assert window.starts.dtype == window.ends.dtype == np.float32
    covered = {
        place
        for window in windows
        if window.passage == 1
        for start, end in window.offsets
        for place in range(start, end)
    }
    assert {place for place, character in enumerate(long) if not character.isspace()} <= covered


def test_a_passage_is_read_alike_alone_and_among_others(ours: TransformerSpanModel) -> None:
    (alone,) = ours.windows("Who chaired it?", [COUNCIL])
    among = ours.windows("Who chaired it?", ["Hel.", COUNCIL, COUNCIL * 3])[1]
    assert np.abs(alone.starts - among.starts).max() < 1.0
    assert int(np.argmax(alone.starts)) == int(np.argmax(among.starts))


def test_nothing_is_read_of_no_passages(ours: TransformerSpanModel) -> None:
    assert ours.windows("Who chaired it?", []) == []


def test_a_question_as_long_as_may_be_asked_is_read(ours: TransformerSpanModel) -> None:
    question = "Who chaired the harbour council? " * 60
    assert len(ours.windows(question, [COUNCIL])) >= 1


def test_a_foreign_model_reads_in_the_place_of_ours(foreign: Path) -> None:
    reader = load_reader(str(foreign), HashEncoder())
    assert isinstance(reader, SpanReader)
    assert reader.name == str(foreign)
    reading = reader.read("Who chaired it?", [hit(COUNCIL)])
    assert len(reading.findings) == 2


def test_a_reader_trained_like_ours_is_loaded_from_its_folder(tmp_path: Path) -> None:
    for file in SHIPPED.glob("reader.*"):
        shutil.copy(file, tmp_path)
    reader = load_reader(str(tmp_path), HashEncoder())
    expected = load_reader(OUR_READER, HashEncoder()).read("Who chaired it?", [hit(COUNCIL)])
    assert reader.read("Who chaired it?", [hit(COUNCIL)]).confidence == expected.confidence


def test_weights_that_are_not_those_of_the_card_are_refused(tmp_path: Path) -> None:
    for file in SHIPPED.glob("reader.*"):
        shutil.copy(file, tmp_path)
    weights = tmp_path / "reader.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ReaderUnavailable, match="not the file that was shipped"):
        load_reader(str(tmp_path), HashEncoder())
    weights.unlink()
    with pytest.raises(ReaderUnavailable, match="not the file that was shipped"):
        load_reader(str(tmp_path), HashEncoder())


def test_a_folder_or_name_without_a_model_is_an_error_that_says_what_to_do(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(ReaderUnavailable, match="holds no question-answering model"):
        load_span_model(str(tmp_path))
    with pytest.raises(ReaderUnavailable, match=f"Leave --reader out for {OUR_READER}"):
        load_reader("no-such/reader", encoder)


def test_our_weights_are_small_and_leave_the_encoders_words_out() -> None:
    data = Shipment().weights()
    assert len(data) <= MOST_BYTES
    assert b"word_embeddings" not in data[:20_000]
