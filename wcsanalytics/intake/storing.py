"""From the batches of a reading to parts, with what the batches tell of the reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.formats import Batch
from wcsanalytics.store import Part, PartWriter
from wcsanalytics.tables import TABLES, Table


@dataclass(slots=True)
class Seen:
    """Nodes and span of the rows of one reading."""

    nodes: set[str] = field(default_factory=set)
    first_at: datetime | None = None
    last_at: datetime | None = None

    def note(self, table: Table, rows: pa.RecordBatch) -> None:
        """Take these rows into account."""
        if "node_id" in rows.schema.names:
            self.nodes |= {node for node in pc.unique(rows["node_id"]).to_pylist() if node}
        for name in table.happened:
            self.span(*pc.min_max(rows[name]).as_py().values())

    def span(self, first: datetime | None, last: datetime | None) -> None:
        """Take a span of rows into account."""
        told = [at for at in (self.first_at, self.last_at, first, last) if at is not None]
        self.first_at, self.last_at = (min(told), max(told)) if told else (None, None)


class Storing:
    """Takes the batches of one reading into parts; the last of each table wait until it is known where it ended."""

    def __init__(self, parts: PartWriter) -> None:
        self._parts = parts
        self._last: dict[str, pa.RecordBatch] = {}
        self.seen = Seen()

    def take(self, batches: Iterator[Batch]) -> None:
        """Store these batches."""
        for table, rows in batches:
            self.seen.note(TABLES[table], rows)
            if table in self._last:
                self._parts.add(table, self._last[table])
            self._last[table] = rows

    def finish(self, reached: int | None = None) -> list[Part]:
        """Store the last batches; rows that the next reading makes anew, from `reached` on, come back as parts."""
        apart = []
        for table, rows in self._last.items():
            final = None if reached is None else pc.less(rows["byte_offset"], reached)
            if final is None or pc.all(final).as_py():
                self._parts.add(table, rows)
                continue
            self._parts.add(table, rows.filter(final))
            apart.append(self._parts.add_apart(table, rows.filter(pc.invert(final))))
        self._last.clear()
        return apart
