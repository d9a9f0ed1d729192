"""CSV files as rows of fields: which sign stands between cells, what a header may say, and lists in a cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_origin

from qa.evaluation.sets.fields import Fields
from qa.evaluation.sets.rows import Row, from_json, read_text

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_DELIMITERS = ",;\t"
_LINE_END = re.compile(r"\r\n?|\n")


def table_rows(path: Path, model: type[Fields]) -> Iterator[tuple[Row, dict[str, Any]]]:
    """The rows under the header, each with the fields that are not empty; raises BadQuestionSet.

    A row is named by its first line. A list stands in its cell a line each, or as JSON.
    """
    text = read_text(path)
    header = _LINE_END.split(text.lstrip(), maxsplit=1)[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=header.count), strict=True)
    names: list[str] = []
    row = Row(path, 1, "")
    try:
        for cells in table:
            if any(cell.strip() for cell in cells):
                if names:
                    yield row, _fields(row, names, cells, model)
                else:
                    names = _names(row, cells, model)
            row = Row(path, table.line_num + 1, "")
    except csv.Error as error:
        raise row.bad(f"no CSV ({error}). Close each quotation mark, and write one within a cell twice") from error


def _names(row: Row, cells: Sequence[str], model: type[Fields]) -> list[str]:
    """The columns that a header names."""
    names = [cell.strip().lower() for cell in cells]
    known = model.model_fields
    for number, name in enumerate(names, start=1):
        if name not in known:
            raise row.bad(f"column {number}, {name!r}, is none of {', '.join(known)}")
        if name in names[: number - 1]:
            raise row.bad(f"column {number}, {name!r}, stands there twice")
    for name, field in known.items():
        if field.is_required() and name not in names:
            raise row.bad(f"there is no column {name!r}. The first line names the columns")
    return names


def _fields(row: Row, names: Sequence[str], cells: Sequence[str], model: type[Fields]) -> dict[str, Any]:
    if len(cells) > len(names):
        raise row.bad(f"{len(cells)} cells under {len(names)} columns. Quote a cell that holds what separates cells")
    return {
        name: _value(row, name, cell, model.model_fields[name].annotation)
        for name, cell in zip(names, cells, strict=False)
        if cell
    }


def _value(row: Row, name: str, cell: str, type: Any) -> Any:
    if type is bool:
        return _TRUTH.get(cell.strip().lower(), cell)
    if get_origin(type) is not list:
        return cell
    if not cell.lstrip().startswith("["):
        return [line.strip() for line in _LINE_END.split(cell) if line.strip()]
    return from_json(cell, lambda what: row.bad(f"{name!r}: {what}. A cell that begins with [ is read as JSON"))
