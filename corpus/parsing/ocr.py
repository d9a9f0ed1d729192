"""Optical character recognition with RapidOCR and the weights in its wheel; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import UnreadableFile
from corpus.parsing.scans import MOST_PIXELS_A_SIDE, ReadLine, ReadWord

_WEIGHTS = {"Det.model_path": "PP-OCRv6_det_small.onnx", "Rec.model_path": "PP-OCRv6_rec_small.onnx"}
"""The files by their settings. Weights that are not named RapidOCR would look for, and download where it has none."""


def is_installed() -> bool:
    """Whether the extra ``ocr`` is, with its weights."""
    return find_spec("onnxruntime") is not None and all(path.is_file() for path in _weights().values())


class RapidOcr:
    """PP-OCRv6: finds lines, and reads Latin letters with the accents of nearly all European languages."""

    def __init__(self) -> None:
        try:
            from rapidocr import RapidOCR
        except ImportError as error:
            raise UnreadableFile(
                f"OCR does not start ({error}); install it anew: pip install 'krakow-qa[ocr]'"
            ) from error
        self.name = f"rapidocr {version('rapidocr')}"
        settings = {
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "Global.log_level": "critical",
            "Global.max_side_len": MOST_PIXELS_A_SIDE,
            "Global.return_word_box": True,
            "Global.text_score": 0.0,
            "Global.use_cls": False,
        }
        self._engine = RapidOCR(params={**settings, **{name: str(path) for name, path in _weights().items()}})

    def read(self, image: NDArray[np.uint8]) -> list[ReadLine]:
        """The lines on a grey image of shape (height, width), in no particular order."""
        found = self._engine(image)
        if found.boxes is None or found.txts is None:
            return []
        places = found.word_results if len(found.word_results) == len(found.txts) else [()] * len(found.txts)
        return [
            ReadLine(tuple((x, y) for x, y in box), _words(text, score, box, words))
            for box, text, score, words in zip(found.boxes.tolist(), found.txts, found.scores, places, strict=True)
        ]


def _words(text: str, score: float, box: Any, found: Sequence[Any]) -> tuple[ReadWord, ...]:
    """A line's words with their places, or the line as one word where they do not make up its text."""
    if [word for word, _, _ in found] != text.split() or any(corners is None for _, _, corners in found):
        found = [(text.strip(), score, box)]
    return tuple(
        ReadWord(word, min(x for x, _ in corners), max(x for x, _ in corners), float(confidence))
        for word, confidence, corners in found
    )


def _weights() -> dict[str, Path]:
    spec = find_spec("rapidocr")
    folder = Path() if spec is None or spec.origin is None else Path(spec.origin).parent / "models"
    return {name: folder / file for name, file in _WEIGHTS.items()}
