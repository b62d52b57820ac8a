"""The laws of conservation of one reading: each half, each byte and each row is accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.errors import BooksError
from wcsanalytics.formats import Batch, Context
from wcsanalytics.intake.content import Content
from wcsanalytics.store import Counts
from wcsanalytics.tables import TABLES, Table

_Told = TypeVar("_Told", int, datetime)

OF_EXCHANGES = frozenset({"server_log", "hook_capture"})
"""Formats of which every half that is kept is a row, or half of one, in a table of hooks."""


@dataclass(slots=True)
class Seen:
    """Nodes, span, places and halves of the rows of one reading, and how many of them are to be forgotten."""

    nodes: set[str] = field(default_factory=set)
    first_at: datetime | None = None
    last_at: datetime | None = None
    first_byte: int | None = None
    last_byte: int | None = None
    halves: int = 0
    forgotten: int = 0

    def noted(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches, once they are taken in."""
        for table, rows in batches:
            self.note(TABLES[table], rows)
            yield Batch(table, rows)

    def join(self, other: Seen) -> None:
        """Take in what another reader has seen of the same source."""
        self.nodes |= other.nodes
        self.first_at, self.last_at = _wider((self.first_at, self.last_at, other.first_at, other.last_at))
        places = (self.first_byte, self.last_byte, other.first_byte, other.last_byte)
        self.first_byte, self.last_byte = _wider(places)
        self.halves += other.halves

    def note(self, table: Table, rows: pa.RecordBatch) -> None:
        """Take in the rows of a batch."""
        if "node_id" in rows.schema.names:
            self.nodes |= {node for node in pc.unique(rows["node_id"]).to_pylist() if node}
        for name in table.happened:
            span = pc.min_max(rows[name]).as_py()
            self.first_at, self.last_at = _wider((self.first_at, self.last_at, span["min"], span["max"]))
        places = pc.min_max(rows["byte_offset"]).as_py()
        self.first_byte, self.last_byte = _wider((self.first_byte, self.last_byte, places["min"], places["max"]))
        if table.family is not None:
            self.halves += len(rows) + rows["half"].null_count


def check(name: str, format_name: str, context: Context, content: Content, seen: Seen) -> None:
    """Raise BooksError unless everything that stood in the source became something."""
    books, size = context.books, content.measure.size
    start, reached = context.resume.byte_offset, context.reached.byte_offset
    laws = {
        "halves": books.balanced(),
        "bytes": content.ended and start <= reached <= size,
        "places": seen.first_byte is None or (start <= seen.first_byte and (seen.last_byte or 0) <= size),
        "rows": format_name not in OF_EXCHANGES or seen.halves == 2 * books.pairs + books.kept,
    }
    broken = [law for law, holds in laws.items() if not holds]
    if broken:
        raise BooksError(
            f"{name}: the books don't balance in {' and '.join(broken)} ({books}, {seen.halves} halves in rows, bytes "
            f"{start} to {reached} of {size}); nothing stored, please report this"
        )


def check_new(name: str, counts: Counts) -> None:
    """Raise BooksError where more was known before than could be read."""
    if counts.new < 0:
        raise BooksError(
            f"{name}: the books don't balance: of {counts.parsed} halves {counts.known} were known; nothing stored, "
            "please report this"
        )


def _wider(told: tuple[_Told | None, _Told | None, _Told | None, _Told | None]) -> tuple[_Told | None, _Told | None]:
    known = [one for one in told if one is not None]
    return (min(known), max(known)) if known else (None, None)
