"""The pictures of the docs: each state of the page, and the four of the README.

    python -m tests.screenshots [STATE...]

makes them anew, all or some, with the real models, and writes ``docs/states.md``. It needs Chromium.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page

from qa.assembly import load_encoder
from tests.states import DESKTOP, PHONE, WALKS, State, look, prepared, visiting, walked
from tests.web import chromium

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = DOCS / "states"

TITLES = {
    "asking": "Asking",
    "corpus": "The corpus",
    "evaluation": "Evaluating",
    "office": "In an office",
    "apart": "Before, beside and after",
}

LOOKS = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "dark")}
"""A desktop in light and a phone in dark colours."""

IN_README = {"answered": "chat", "refused": "refusal", "document": "corpus", "record": "evaluate"}

_SMALL, _COLOURS = 0.5, 64


def picture(page: Page, scale: float, colours: int) -> bytes:
    """What the window shows, as a PNG with a palette."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    size = (round(shot.width * scale), round(shot.height * scale))
    kept = io.BytesIO()
    small = shot.resize(size, Image.Resampling.LANCZOS)
    small.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def states_page() -> str:
    """``docs/states.md``."""
    parts = [
        "# What the page looks like\n\nIts states, on a desktop in light and on a phone in dark colours."
        " `python -m tests.screenshots` makes this page; axe-core finds nothing serious in any state of it, in both"
        " colours and on both (`pytest tests/test_accessibility.py`).\n"
    ]
    for name, walk in WALKS.items():
        shown = [_shown(state) for state in walk if (PICTURES / f"{state.name}-desktop.png").is_file()]
        parts += [f"\n## {TITLES[name]}\n", *shown] if shown else []
    return "".join(parts)


def _shown(state: State) -> str:
    pictures = [f'<img src="states/{state.name}-{look}.png" alt="{state.about}" height="260">' for look in LOOKS]
    return f"\n{state.about}\n\n{' '.join(pictures)}\n"


def main(wanted: Collection[str]) -> None:
    """Make the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, prepared(load_encoder(None), Path(folder)) as site, chromium() as browser:
        for walk in WALKS.values():
            with visiting(browser) as page:
                for state in walked(walk, site, page):
                    if wanted and state.name not in wanted:
                        continue
                    for name, (window, theme) in LOOKS.items():
                        look(page, window, theme)
                        (PICTURES / f"{state.name}-{name}.png").write_bytes(picture(page, _SMALL, _COLOURS))
                    look(page, *LOOKS["desktop"])
                    if state.name in IN_README:
                        (DOCS / f"{IN_README[state.name]}.png").write_bytes(picture(page, 1.0, 128))
    (DOCS / "states.md").write_text(states_page(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
