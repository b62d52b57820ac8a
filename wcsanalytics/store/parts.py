"""Record batches to Parquet parts: a session's rows lie together, docs travel in the schema."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wcsanalytics.store.log import Part, flush_directory
from wcsanalytics.store.steps import step
from wcsanalytics.tables import TABLES, Table, arrow_schema

ROW_GROUP = 122_880
"""Rows of a row group: what DuckDB reads at a time."""

PART_BYTES = 96 << 20
"""Rows wait in memory until they take as much as this."""


class PartWriter:
    """Collects batches of all tables and writes parts; nothing it writes is seen before a commit names it."""

    def __init__(self, store: Path, commit: int) -> None:
        self._store = store
        self._commit = commit
        self._waiting: dict[str, list[pa.RecordBatch]] = {}
        self._bytes: dict[str, int] = {}
        self._count = 0
        self.parts: list[Part] = []

    def add(self, table: str, rows: pa.RecordBatch) -> None:
        """Take rows of a table; they are written once enough have come together."""
        if not rows.num_rows:
            return
        self._waiting.setdefault(table, []).append(rows)
        self._bytes[table] = self._bytes.get(table, 0) + rows.nbytes
        if self._bytes[table] >= PART_BYTES:
            self._flush(table)

    def add_apart(self, table: str, rows: pa.RecordBatch) -> Part:
        """Write these rows as a part of their own, which a later commit can take away."""
        return self._write(table, [rows])

    def finish(self) -> None:
        """Write what waits, and make the files last."""
        for table in sorted(self._waiting):
            self._flush(table)
        step("flush parts")
        tables = {(self._store / part.path).parent for part in self.parts}
        for directory in sorted(tables | {path.parent for path in tables}):
            flush_directory(directory)

    def waiting(self, table: str) -> pa.Table:
        """Rows of a table that are not written yet."""
        return pa.Table.from_batches(self._waiting.get(table, []), schema=arrow_schema(TABLES[table]))

    def _flush(self, table: str) -> None:
        batches = self._waiting.pop(table, [])
        self._bytes.pop(table, None)
        if batches:
            self._write(table, batches)

    def _write(self, table: str, batches: list[pa.RecordBatch]) -> Part:
        declared = TABLES[table]
        rows = pa.Table.from_batches(batches, schema=arrow_schema(declared))
        rows = rows.take(pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in declared.order]))
        self._count += 1
        relative = f"parts/{table}/{self._commit:08d}-{self._count:04d}.parquet"
        path = self._store / relative
        for directory in (path.parent.parent, path.parent):
            directory.mkdir(mode=0o700, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        step("write part")
        temporary.touch(mode=0o600)
        pq.write_table(rows, temporary, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
        size, digest = _flushed(temporary)
        step("name part")
        temporary.rename(path)
        first, last = _span(declared, rows)
        part = Part(table, relative, rows.num_rows, size, digest, columns_digest(declared), first, last)
        self.parts.append(part)
        return part


def columns_digest(table: Table) -> str:
    """By what a part with all columns that are declared today is told from an older one."""
    return hashlib.sha256(",".join(column.name for column in table.columns).encode()).hexdigest()[:8]


def _flushed(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file that now lies on the disk."""
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        return file.tell(), digest


def _span(table: Table, rows: pa.Table) -> tuple[datetime | None, datetime | None]:
    """Least and greatest instant of the rows."""
    spans = [pc.min_max(rows[name]).as_py() for name in table.happened]
    told = [value for span in spans for value in span.values() if value is not None]
    return (min(told), max(told)) if told else (None, None)
