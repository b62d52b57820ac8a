"""What a format is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from wcsanalytics.formats.caps import USUAL, Caps
from wcsanalytics.formats.pairing import Half


class Batch(NamedTuple):
    """Rows of one stored table, by its `batch_schema`."""

    table: str
    rows: pa.RecordBatch


class Place(NamedTuple):
    """Where a record stands in its source."""

    line: int
    byte_offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Where an earlier reading of the same lineage ended, and how its times were dated.

    `other_lines` is how many lines from there on the earlier reading has counted already; `header` is the line that
    names the columns; `state` is what a format whose records build on earlier ones has to know of these, as JSON text.
    """

    byte_offset: int = 0
    line: int = 1
    day: int = 0
    tod_ms: int | None = None
    first_day: date | None = None
    zone: str | None = None
    dated_by: str | None = None
    zone_by: str | None = None
    other_lines: int = 0
    header: str = ""
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What the user tells about the captures: day of the first line, zone, and what to keep."""

    date: date | None = None
    zone: ZoneInfo | None = None
    node: str | None = None
    keep_log: str = "WARN"
    kept_paths: frozenset[str] = frozenset()
    caps: Caps = USUAL


@dataclass(slots=True)
class Books:
    """Counts of one reading: halves = 2 * pairs + kept + rejected + pending."""

    halves: int = 0
    pairs: int = 0
    kept: int = 0
    rejected: int = 0
    pending: int = 0
    other_lines: int = 0

    def balanced(self) -> bool:
        """Whether each half that was found has an end."""
        return self.halves == 2 * self.pairs + self.kept + self.rejected + self.pending


@dataclass(slots=True)
class Context:
    """One source being read: what is known of it, and what the reader has to tell besides its rows.

    A source may be read in stretches, each by its own reader: `goes_on` says that another one follows, and `edges`
    takes the halves whose other ones may stand in other stretches. `dated` is told once the source can be dated.
    """

    source_id: str
    file_name: str = ""
    mtime: datetime | None = None
    options: Options = field(default_factory=Options)
    resume: Resume = field(default_factory=Resume)
    books: Books = field(default_factory=Books)
    reached: Resume = field(default_factory=Resume)
    doubts: list[str] = field(default_factory=list)
    goes_on: bool = False
    edges: list[Half] | None = None
    dated: Resume | None = None
    path: str = ""


Chunks = Iterator[bytes]
"""Decompressed bytes of one source from `Context.resume.byte_offset` on, in pieces of any size."""
