"""From the batches of a reading to parts."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.formats import Batch
from wcsanalytics.store import Part, PartWriter


class Storing:
    """Takes the batches of one reading into parts; the last of each table wait until it is known where it ended."""

    def __init__(self, parts: PartWriter) -> None:
        self._parts = parts
        self._last: dict[str, pa.RecordBatch] = {}

    def take(self, batches: Iterable[Batch]) -> None:
        """Store these batches."""
        for table, rows in batches:
            if table in self._last:
                self._parts.add(table, self._last[table])
            self._last[table] = rows

    def finish(self, reached: int | None = None) -> list[Part]:
        """Store the last batches; rows that the next reading makes anew, from `reached` on, come back as parts."""
        apart = []
        for table, rows in self._last.items():
            final = None if reached is None else pc.less(rows["byte_offset"], reached)
            if final is None or pc.all(final, min_count=0).as_py():
                self._parts.add(table, rows)
                continue
            self._parts.add(table, rows.filter(final))
            apart.append(self._parts.add_apart(table, rows.filter(pc.invert(final))))
        self._last.clear()
        return apart
