"""Tables for reading: what is the same in all rows is said once, below; a single row that is wide stands upright."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wcsanalytics.render import grids
from wcsanalytics.render.values import NOTHING, Column


class Listing(NamedTuple):
    """Columns to show, and sentences about those that need none."""

    columns: list[Column]
    notes: list[str]
    is_upright: bool = False


def said_once(columns: Sequence[Column]) -> Listing:
    """The columns that tell one row from another; the others in sentences."""
    if not columns or len(columns[0].cells) < 2:
        return Listing(list(columns), [])
    varied = [column for column in columns if len(set(column.cells)) > 1]
    same = [column for column in columns if len(set(column.cells)) == 1]
    return Listing(varied, _notes(same)) if varied else Listing(list(columns), [])


def upright(columns: Sequence[Column]) -> Listing:
    """A single row as one line for each column that holds something."""
    known = [column for column in columns if column.cells[0] != NOTHING]
    names, cells = [column.name for column in known], [column.cells[0] for column in known]
    unknown = [column for column in columns if column.cells[0] == NOTHING]
    return Listing([Column("column", names), Column("value", cells)], _notes(unknown), is_upright=True)


def _notes(columns: Sequence[Column]) -> list[str]:
    told = [f"{column.name} {column.cells[0]}" for column in columns if column.cells[0] != NOTHING]
    empty = [column.name for column in columns if column.cells[0] == NOTHING]
    notes = [f"In all rows: {', '.join(told)}"] if told else []
    return notes + ([f"Not told: {', '.join(empty)}"] if empty else [])


def fitting(columns: Sequence[Column], width: int) -> Listing:
    """The listing that suits so many cells."""
    is_wide = bool(columns) and len(columns[0].cells) == 1 and grids.natural_width(columns) > width
    return upright(columns) if is_wide else said_once(columns)


def listing(columns: Sequence[Column], width: int) -> list[str]:
    """The lines of a table that fits the width, as far as it can."""
    if not columns or not columns[0].cells:
        return ["none"]
    shown, notes, is_upright = fitting(columns, width)
    lines = _pairs(shown, width) if is_upright else grids.aligned(shown, width)
    return lines + [line for note in notes for line in grids.wrapped(note, width)]


def _pairs(columns: Sequence[Column], width: int) -> list[str]:
    """Names and values beside each other, long values over several lines."""
    names, values = (column.cells for column in columns)
    label = min(max(map(grids.breadth, names)), grids.CELL_WIDTH)
    lines = []
    for name, value in zip(names, values, strict=True):
        pieces = grids.wrapped(value, width - label - len(grids.GAP))
        heads = [grids.cut(name, label), *[""] * (len(pieces) - 1)]
        lines += [f"{head:{label}}{grids.GAP}{piece}".rstrip() for head, piece in zip(heads, pieces, strict=True)]
    return lines
