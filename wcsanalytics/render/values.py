"""How numbers, instants, figures and cells are written for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from wcsanalytics.render.terms import dumped, instant, plain, python_values
from wcsanalytics.reports.data import UNIT_OF_ROW, Capture, Evidence, Figure, ReportData, ReportTable

NOTHING = "–"

MOST_ROWS = 200
"""Rows of a table that people are shown at once; programs get all of them."""


class Shown(NamedTuple):
    """A figure in words; a verdict with `*` rests on a part of the cases, `why` is empty for a computed figure."""

    label: str
    value: str
    interval: str
    target: str
    n: str
    verdict: str
    of: str
    why: str


class Column(NamedTuple):
    """A column of a table in words: numbers to the right, only texts may be cut."""

    name: str
    cells: list[str]
    right: bool = False
    whole: bool = False
    description: str = ""


def figure(entry: Figure) -> Shown:
    """The parts of a figure as they are shown; what can't be had is a dash."""
    impossible = entry.standing == "impossible"
    verdict = "" if entry.verdict == "unrated" else entry.verdict
    return Shown(
        label=entry.label,
        value=NOTHING if impossible else quantity(entry.value, entry.unit),
        interval="" if impossible else interval(entry.low, entry.high, entry.unit),
        target="" if entry.target is None else quantity(entry.target, entry.unit),
        n=f"{entry.n:,}",
        verdict=verdict + ("*" if entry.standing == "partly" else ""),
        of=entry.of,
        why=_reason(entry),
    )


def _reason(entry: Figure) -> str:
    if entry.standing == "computed":
        return ""
    covered = "" if entry.coverage is None else f" Covers {quantity(entry.coverage, 'ratio')} of the cases."
    return ((entry.why or "") + covered).strip()


def quantity(value: float | None, unit: str) -> str:
    """A measured value with its unit; a ratio as per cent, seconds as a duration."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if unit == "ratio":
        return _per_cent(value * 100)
    if unit == "s":
        return _duration(value)
    if unit == "count":
        return f"{value:,.0f}" if value == round(value) else _number(value)
    return f"{_number(value)} {unit}".rstrip()


def interval(low: float | None, high: float | None, unit: str) -> str:
    """Both ends of an interval, the unit once if one will do; empty unless both ends are known."""
    if low is None or high is None:
        return ""
    start, end = quantity(low, unit), quantity(high, unit)
    number, _, suffix = start.rpartition(" ")
    if number and " " not in number and suffix == end.rpartition(" ")[2] and end.count(" ") == 1:
        start = number
    dash = " to " if low < 0 or high < 0 else "–"
    return f"{start}{dash}{end}"


def _per_cent(value: float) -> str:
    """Never rounds a few to none, nor nearly all to all."""
    size, sign = abs(value), "-" if value < 0 else ""
    if size in (0, 100):
        return f"{sign}{size:.0f} %"
    if size < 0.01:
        return "<0.01 %" if value > 0 else ">-0.01 %"
    if 99.99 < size < 100:
        return ">99.99 %" if value > 0 else "<-99.99 %"
    return f"{value:,.{2 if size < 1 or 99 < size < 100 else 1}f} %"


def _duration(seconds: float) -> str:
    size = abs(seconds)
    for limit, length, unit in ((600, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if size < limit:
            return f"{_number(seconds / length)} {unit}"
    return f"{_number(seconds / 86_400)} d"


def _number(value: float) -> str:
    """Three figures or so; grouped by thousands."""
    size = abs(value)
    if size >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 1 else f"{value:.3g}"


def span(first: datetime | None, last: datetime | None, zone: str = "UTC") -> str:
    """From one instant to another, to the second, the day once if it is one; an unknown end is left open."""
    if first is None and last is None:
        return "no times"
    start, end = ("…" if at is None else instant(at, zone, "seconds") for at in (first, last))
    day, _, time_of_day = end.partition("T")
    return f"{start} to {time_of_day if time_of_day and start.startswith(day) else end}"


def facts(report: ReportData, zone: str = "UTC") -> list[tuple[str, str]]:
    """What was read and what was chosen of it, each with its label."""
    capture = report.capture
    told = [
        ("Files", f"{capture.files:,}"),
        ("Records", f"{capture.records:,}"),
        ("Span", span(capture.first_at, capture.last_at, zone)),
        ("Zone of the clocks", capture.zone),
        ("Nodes", ", ".join(capture.nodes) or "not told"),
        ("Balance", balance(capture) or "not counted"),
    ]
    if report.window != (None, None):
        told.append(("Window", span(*report.window, zone)))
    chosen = sorted((name, value) for name, value in report.parameters.items() if name not in ("since", "until"))
    told += [(_PARAMETERS.get(name, f"Chosen {name}"), _listed(value, zone)) for name, value in chosen]
    return told + [("Note", note) for note in capture.notes]


_PARAMETERS = {"by": "Figures by", "against": "Compared with"}


def _listed(value: Any, zone: str) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {cell(entry, zone=zone)}" for name, entry in value.items()) or "all"
    entries = value if isinstance(value, list | tuple) else [value]
    return ", ".join(cell(entry, zone=zone) for entry in entries)


def balance(capture: Capture) -> str:
    """The books of the reading: what became of each half of a record and each line."""
    return ", ".join(counted(count, name) for name, count in capture.balance.items())


_ONE = {
    "files": "file",
    "records": "record",
    "nodes": "node",
    "pairs": "pair",
    "halves": "half",
    "other_lines": "other line",
}


def counted(n: int, things: str) -> str:
    """So many things, as 1 file or 2 files."""
    return f"{n:,} {(_ONE.get(things, things) if n == 1 else things).replace('_', ' ')}"


def short_node(node: str) -> str:
    """A node by its address and the first letters of its id, as `Tq3Y…@203.0.113.10`."""
    name, at, address = node.partition("@")
    return f"{name[:4]}…@{address}" if at and len(name) > 8 else node


def place(evidence: Evidence) -> str:
    """`path!member:line`, as editors and grep write it."""
    member = "" if evidence.member is None else f"!{evidence.member}"
    return f"{evidence.path}{member}:{evidence.line}"


def shown(table: ReportTable, zone: str = "UTC") -> tuple[list[Column], str]:
    """What of a report's table people are shown, in words, and a sentence about what is left out, if anything is."""
    rows, names = table.rows, table.rows.column_names
    kept = rows.select(table.shown) if table.shown and rows.num_rows != 1 else rows  # a single row stands upright
    told = [f"the first {MOST_ROWS} of {rows.num_rows:,} rows"] if rows.num_rows > MOST_ROWS else []
    told += [f"{kept.num_columns} of {len(names)} columns"] if kept.num_columns < len(names) and rows.num_rows else []
    more = f"These are {' and '.join(told)}; --table {table.name} gives all of them."
    return worded(kept.slice(0, MOST_ROWS), zone), more if told else ""


def worded(rows: pa.Table, zone: str = "UTC") -> list[Column]:
    """The columns of a table in words; numbers stand to the right."""
    own = [str(unit or "") for unit in python_values(rows.column("unit"))] if "unit" in rows.column_names else []
    return [_column(field, rows.column(at), zone, own) for at, field in enumerate(rows.schema)]


def _column(field: pa.Field, values: pa.ChunkedArray, zone: str, own: list[str]) -> Column:
    facts = {key.decode(): text.decode() for key, text in (field.metadata or {}).items()}
    unit = facts.get("unit", "")
    units = own if unit == UNIT_OF_ROW else [unit] * len(values)
    cells = [cell(value, unit, zone) for value, unit in zip(python_values(values), units, strict=True)]
    right = _is_number(field.type)
    return Column(field.name, cells, right, right or not _is_text(field.type), facts.get("description", ""))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_nested(kind))


def worded_rows(rows: Sequence[Mapping[str, Any]], zone: str = "UTC") -> list[Column]:
    """Mappings as columns, in the order their names first appear; a row's `unit` goes for its decimal numbers."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [_gathered(name, rows, zone) for name in names]


def _gathered(name: str, rows: Sequence[Mapping[str, Any]], zone: str) -> Column:
    values = [row.get(name) for row in rows]
    units = [
        str(row.get("unit") or "") if isinstance(value, float) else "" for row, value in zip(rows, values, strict=True)
    ]
    cells = [cell(value, unit, zone) for value, unit in zip(values, units, strict=True)]
    numbers = all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values)
    return Column(name, cells, numbers, numbers)


def cell(value: Any, unit: str = "", zone: str = "UTC") -> str:
    """A table's cell for people; null and what is no number are a dash."""
    known = plain(value, zone)
    if known is None:
        return NOTHING
    if isinstance(known, bool):
        return "true" if known else "false"
    if isinstance(known, int | float):
        return _per_cent(known * 100) if unit == "ratio" else _decimal(known)
    return known if isinstance(known, str) else dumped(known)


def _decimal(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    if 0 < abs(value) < 0.001 or abs(value) >= 1e15:
        return f"{value:.3g}"
    return f"{value:.3f}".rstrip("0").rstrip(".")
