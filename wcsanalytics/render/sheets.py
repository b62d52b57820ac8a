"""Plain tables, such as the rows of a query, in each form of output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa

from wcsanalytics import inert
from wcsanalytics.errors import UnknownName
from wcsanalytics.render import documents, grids
from wcsanalytics.render.terms import dumped, plain, python_values
from wcsanalytics.render.values import Column, worded


def table(rows: pa.Table, form: str, zone: str = "UTC") -> str:
    """The rows as text for people ("table", "markdown") or for programs ("json", "jsonl", "csv").

    Raises:
        UnknownName: there is no such form.

    """
    if form not in _FORMS:
        raise UnknownName(f"no table form {form!r}; there are {', '.join(_FORMS)}")
    return _FORMS[form](rows, zone)


def csv(rows: pa.Table, zone: str = "UTC") -> str:
    """Comma-separated lines with a head; null is empty, an empty text is `""`, no cell is a formula."""
    columns = [[_csv_cell(value, zone) for value in python_values(rows.column(at))] for at in range(rows.num_columns)]
    head = [_csv_cell(name, zone) for name in rows.column_names]
    return "".join(",".join(line) + "\n" for line in (head, *zip(*columns, strict=True)))


def grid(entries: Sequence[Column]) -> str:
    """A Markdown table; numbers stand to the right."""
    head = [inert.markdown(column.name) for column in entries]
    rule = ["---:" if column.right else "---" for column in entries]
    body = zip(*(map(inert.markdown, column.cells) for column in entries), strict=True)
    return "".join(_piped(line) for line in (head, rule, *body))


def _piped(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _csv_cell(value: Any, zone: str) -> str:
    known = plain(value, zone)
    if known is None:
        return ""
    if not isinstance(known, str):
        known = dumped(known)
        return _quoted(known) if isinstance(value, dict | list | tuple) else known
    return _quoted(inert.csv(known))


def _quoted(text: str) -> str:
    needed = text == "" or any(mark in text for mark in ',"') or text != text.strip()
    return '"' + text.replace('"', '""') + '"' if needed else text


def _objects(rows: pa.Table, zone: str) -> list[str]:
    return [dumped(plain(row, zone)) for row in documents.rows(rows)]


def _lines(rows: pa.Table, zone: str) -> str:
    return "".join(f"{line}\n" for line in _objects(rows, zone))


def _array(rows: pa.Table, zone: str) -> str:
    lines = _objects(rows, zone)
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def _text(rows: pa.Table, zone: str) -> str:
    return "\n".join(grids.aligned(worded(rows, zone))) + "\n"


def _markdown(rows: pa.Table, zone: str) -> str:
    return grid(worded(rows, zone))


_FORMS: dict[str, Callable[[pa.Table, str], str]] = {
    "table": _text,
    "json": _array,
    "jsonl": _lines,
    "csv": csv,
    "markdown": _markdown,
}
