"""The tables of ``docs/access.md``: made from the code, and read back by the test that walks the running page.

    python -m tests.access

writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from qa.accounts.model import Right, Role, User
from qa.web.rights import ROUTES, refusal

DOCS = Path(__file__).parents[1] / "docs" / "access.md"

NOBODY = "nobody"
VISITORS = (NOBODY, *(role.value for role in Role))
"""The columns: who is not signed in, and each role."""

TABS = {"Ask": Right.ASK, "Corpus": Right.CHANGE, "Evaluate": Right.EVALUATE}
"""What a tab of the page, and every event that belongs to it, needs."""

_ROW = re.compile(r"^\| `(\w+)` \| `(\S+)` \|(.*)\|$", re.MULTILINE)


def visitor(name: str) -> User | None:
    """Who stands at the head of a column."""
    return None if name == NOBODY else User(name, Role(name))


def documented() -> dict[tuple[str, str], dict[str, bool]]:
    """For each route of the docs, who may call it."""
    found = {}
    for method, path, cells in _ROW.findall(DOCS.read_text("utf-8")):
        marks = [cell.strip() == "yes" for cell in cells.split("|")]
        found[method, path] = dict(zip(VISITORS, marks, strict=True))
    return found


def route_rows() -> Iterator[str]:
    """The table of routes, as the code has it."""
    for route in ROUTES:
        marks = ("yes" if refusal(route.needed, visitor(name)) is None else "–" for name in VISITORS)
        yield f"| `{route.method}` | `{route.path}` | {' | '.join(marks)} |"


def tab_rows() -> Iterator[str]:
    """The table of tabs."""
    for tab, right in TABS.items():
        marks = ("yes" if right in role.rights else "–" for role in Role)
        yield f"| {tab} | – | {' | '.join(marks)} |"


def written(text: str) -> str:
    """The docs with both tables as they should be."""
    for name, rows in (("tabs", tab_rows()), ("routes", route_rows())):
        marked = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
        table = "\n".join([*_head(name), *rows])
        text = marked.sub(lambda _, table=table: f"{table}\n", text)
    return text


def _head(name: str) -> list[str]:
    first = ["tab"] if name == "tabs" else ["method", "path"]
    columns = [*first, *VISITORS]
    return [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]


if __name__ == "__main__":
    DOCS.write_text(written(DOCS.read_text("utf-8")), "utf-8")
