"""The examples of ``docs/api.md`` print what the page says, run against a served library with the briefs."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.encoder import Encoder
from qa.assembly import open_parts
from qa.settings import Settings
from qa.web.rights import API, ROUTES
from tests.readme import prepare, python_blocks, text_blocks
from tests.web import serving

DOCS = Path(__file__).parents[1] / "docs" / "api.md"
URL = "http://127.0.0.1:7860"


@pytest.mark.models
def test_every_example_prints_what_the_page_says(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = DOCS.read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    prepare(tmp_path, encoder)
    examples = list(zip(python_blocks(text), text_blocks(text), strict=True))
    assert len(examples) >= 3
    with serving(open_parts(tmp_path / "library", Settings(), encoder=encoder)) as url:
        for block, printed in examples:
            assert URL in block
            exec(compile(block.replace(URL, url), "api.md", "exec"), {})
            assert capsys.readouterr().out == printed


def test_the_page_names_every_operation() -> None:
    text = DOCS.read_text("utf-8")
    for route in ROUTES:
        if route.path.startswith(API) and "{name}" not in route.path:
            assert f"`{route.method} {route.path.replace('{id}', 'ID')}" in text
