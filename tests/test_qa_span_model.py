"""Proves that our weights load as shipped, that any question-answering model can take their place, and what is said
where neither is there."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load
from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering, PreTrainedTokenizerBase

from index.encoder import DEFAULT_ENCODER, Encoder, model_folder
from index.wordpieces import WordPieces
from qa.assembly import load_reader
from qa.reader import ReaderUnavailable
from qa.readers.other_models import TransformerSpanModel, load_span_model
from qa.readers.shipment import SHIPPED, Shipment
from qa.readers.span_model import BertSpanModel, our_span_model
from qa.readers.span_reader import SpanReader
from qa.settings import OUR_READER
from qa.training.learner import with_word_embeddings
from tests.fakes import HashEncoder
from tests.test_index_bert import RecordingBert
from tests.test_qa_span_reader import hit

pytestmark = pytest.mark.models

MOST_BYTES = 25_000_000

COUNCIL = "The harbour council met in Gdynia on 3 March 1926. It was chaired by Ola Nowak, a pilot from Hel."


@pytest.fixture(scope="module")
def ours() -> BertSpanModel:
    return our_span_model(Shipment())


@pytest.fixture(scope="module")
def pieces() -> WordPieces:
    return WordPieces.of(model_folder(DEFAULT_ENCODER))


@pytest.fixture(scope="module")
def theirs() -> PreTrainedTokenizerBase:
    """The same tokenizer, as transformers has it."""
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        model_folder(DEFAULT_ENCODER), local_files_only=True
    )
    return tokenizer


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory, theirs: PreTrainedTokenizerBase) -> Path:
    """A folder with a question-answering model as the model hub has them, which was never trained."""
    folder = tmp_path_factory.mktemp("foreign")
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    BertForQuestionAnswering(BertConfig(**sizes)).save_pretrained(folder)
    theirs.save_pretrained(folder)
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


def test_windows_are_about_the_tokens_of_their_passage_and_cover_all_of_it(ours: BertSpanModel) -> None:
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


def test_a_passage_is_read_alike_alone_and_among_others(ours: BertSpanModel) -> None:
    (alone,) = ours.windows("Who chaired it?", [COUNCIL])
    among = ours.windows("Who chaired it?", ["Hel.", COUNCIL, COUNCIL * 3])[1]
    assert np.abs(alone.starts - among.starts).max() < 1.0
    assert int(np.argmax(alone.starts)) == int(np.argmax(among.starts))


words = st.sampled_from(
    [
        "council",
        "Gdynia",
        "harbour",
        "unaffable",
        "Żółta",
        "3.5",
        "(",
        "界",
        "antidisestablishment",
        "[SEP]",
        "e\u0301",
        "a\n\nb",
        "",
    ]
)
questions = st.lists(words, max_size=90).map(" ".join)
passages = st.lists(st.lists(words, max_size=500).map(" ".join), min_size=1, max_size=3)


@given(question=questions, passages=passages)
def test_windows_are_cut_as_the_tokenizer_of_transformers_cuts_them(
    theirs: PreTrainedTokenizerBase, pieces: WordPieces, question: str, passages: list[str]
) -> None:
    model = RecordingBert()
    windows = BertSpanModel("", model, (torch.zeros(2, 1), torch.zeros(2)), pieces).windows(question, passages)
    beginning = theirs(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"][:64]
    expected = theirs(
        [question[: beginning[-1][1]] if beginning else question] * len(passages),
        passages,
        truncation="only_second",
        max_length=224,
        stride=80,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    assert model.sequences == expected["input_ids"]
    assert model.segments == expected["token_type_ids"]
    assert [window.passage for window in windows] == expected["overflow_to_sample_mapping"]
    for number, window in enumerate(windows):
        inside = [place for place, part in enumerate(expected.sequence_ids(number)) if part == 1]
        assert window.offsets.tolist() == [list(expected["offset_mapping"][number][place]) for place in inside]


def test_our_model_says_what_it_says_through_transformers(
    monkeypatch: pytest.MonkeyPatch, theirs: PreTrainedTokenizerBase
) -> None:
    for module in ("qa.readers.span_model", "qa.training.learner"):
        monkeypatch.setattr(f"{module}.compute_dtype", lambda: torch.float32)
    folder, texts = model_folder(DEFAULT_ENCODER), [COUNCIL, "Hel.", "", COUNCIL * 12]
    learner = with_word_embeddings(load(Shipment().weights()), folder, attention="sdpa")
    expected = TransformerSpanModel("", learner, theirs).windows("Who chaired it?", texts)
    for ours, other in zip(our_span_model(Shipment()).windows("Who chaired it?", texts), expected, strict=True):
        assert ours.passage == other.passage
        assert np.array_equal(ours.offsets, other.offsets)
        assert ours.starts == pytest.approx(other.starts, abs=0.01)
        assert ours.ends == pytest.approx(other.ends, abs=0.01)


def test_questions_asked_at_once_are_read_as_each_by_itself(ours: BertSpanModel) -> None:
    asked = [(f"Who chaired it in 19{number}?", [COUNCIL * (number % 4), "Hel."]) for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda each: ours.windows(*each), asked))
    for windows, (question, texts) in zip(together, asked, strict=True):
        for window, alone in zip(windows, ours.windows(question, texts), strict=True):
            assert window.passage == alone.passage
            assert np.array_equal(window.offsets, alone.offsets)
            assert np.abs(window.starts - alone.starts).max(initial=0) < 1.0


def test_nothing_is_read_of_no_passages(ours: BertSpanModel) -> None:
    assert ours.windows("Who chaired it?", []) == []


def test_a_question_as_long_as_may_be_asked_is_read(ours: BertSpanModel) -> None:
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
