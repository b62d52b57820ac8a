"""Record batches to Parquet parts: a session's rows lie together, ids can be sought, docs travel in the schema."""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wcsanalytics.store.log import Part, flush_directory
from wcsanalytics.store.steps import step
from wcsanalytics.tables import TABLES, Column, Table, arrow_schema

ROW_GROUP = 122_880
"""Rows of a row group: what DuckDB reads at a time."""

WAITING_BYTES = 96 << 20
"""Rows of all tables wait in memory until they take as much as this."""

PART_ROWS = 8_000_000
"""A part has no more rows than this, and a run: they are written run by run, each sorted by itself."""

ROWS_AN_ID = 4
"""A bloom filter is made for one id in so many rows; where there are more ids it lets more by."""

RUNS = "wcsanalytics:runs"
"""Under this key a part tells with which of its row groups each of its runs begins."""

FEW_WORDS = 256
"""So many words of a dictionary are written with each row group, whether it needs them or not."""

_LAST = np.iinfo(np.int64).max


class PartWriter:
    """Collects batches of all tables and writes parts; nothing it writes is seen before a commit names it."""

    def __init__(self, store: Path, commit: int, shard: int = 0) -> None:
        """`shard` tells apart those who write parts of one commit side by side."""
        self._store = store
        self._name = f"{commit:08d}-{shard:02d}"
        self._waiting: dict[str, list[pa.RecordBatch]] = {}
        self._bytes: dict[str, int] = {}
        self._open: dict[str, _OpenPart] = {}
        self._count = 0
        self.parts: list[Part] = []

    def add(self, table: str, rows: pa.RecordBatch) -> None:
        """Take rows of a table; they are written once enough have come together."""
        if not rows.num_rows:
            return
        self._waiting.setdefault(table, []).append(rows)
        self._bytes[table] = self._bytes.get(table, 0) + rows.get_total_buffer_size()
        if sum(self._bytes.values()) >= WAITING_BYTES:
            self._write_run(max(self._bytes, key=self._bytes.__getitem__))

    def add_apart(self, table: str, rows: pa.RecordBatch) -> Part:
        """Write these rows as a part of their own, which a later commit can take away."""
        part = self._new_part(TABLES[table])
        part.write(in_order(TABLES[table], pa.Table.from_batches([rows])))
        return self._finished(part)

    def add_sorted(self, table: str, pieces: Iterable[pa.Table]) -> Part:
        """Write tables of rows, which together are in order, as one part of one run."""
        part = self._new_part(TABLES[table])
        for rows in pieces:
            part.write(rows, goes_on=part.rows > 0)
        return self._finished(part)

    def add_runs(self, table: str, runs: Iterable[pa.Table]) -> Part:
        """Write tables of rows, each in order by itself, as one part."""
        part = self._new_part(TABLES[table])
        for rows in runs:
            part.write(rows)
        return self._finished(part)

    def settle(self, table: str) -> None:
        """Make all rows of a table that were taken so far parts."""
        self._write_run(table)
        if part := self._open.pop(table, None):
            self._finished(part)

    def finish(self) -> None:
        """Write what waits, and make the files last."""
        for table in sorted({*self._waiting, *self._open}):
            self.settle(table)
        step("flush parts")
        tables = {(self._store / part.path).parent for part in self.parts}
        for directory in sorted(tables | {path.parent for path in tables} | {self._store}):
            flush_directory(directory)

    def _write_run(self, table: str) -> None:
        batches = self._waiting.pop(table, [])
        self._bytes.pop(table, None)
        if not batches:
            return
        part = self._open.get(table) or self._open.setdefault(table, self._new_part(TABLES[table]))
        part.write(in_order(TABLES[table], pa.Table.from_batches(batches)))
        if part.rows >= PART_ROWS:
            self._finished(self._open.pop(table))

    def _new_part(self, table: Table) -> _OpenPart:
        self._count += 1
        relative = f"parts/{table.name}/{self._name}-{self._count:04d}.parquet"
        path = self._store / relative
        for directory in (path.parent.parent, path.parent):
            directory.mkdir(mode=0o700, exist_ok=True)
        return _OpenPart(table, relative, path)

    def _finished(self, part: _OpenPart) -> Part:
        self.parts.append(part.finish())
        return self.parts[-1]


@dataclass(slots=True)
class _OpenPart:
    """A part in the making: runs of rows go to a file that bears another name until it is complete."""

    table: Table
    relative: str
    path: Path
    rows: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    writer: Any = None
    row_groups: int = 0
    runs: list[int] = field(default_factory=list)

    def write(self, rows: pa.Table, goes_on: bool = False) -> None:
        """Add a run, or more of the last one, as row groups of its own."""
        if self.writer is None:
            step("write part")
            self.path.with_suffix(".tmp").touch(mode=0o600)
            self.writer = _parquet_writer(self.path.with_suffix(".tmp"), self.table, rows)
        rows = rows.cast(self.writer.schema)
        if not goes_on:
            self.runs.append(self.row_groups)
        for start in range(0, rows.num_rows, ROW_GROUP):
            self.row_groups += 1
            self.writer.write_table(_with_own_words(rows.slice(start, ROW_GROUP)), row_group_size=ROW_GROUP)
        self.rows += rows.num_rows
        for name in self.table.happened:
            span = pc.min_max(rows[name]).as_py()
            told = [at for at in (self.first_at, self.last_at, *span.values()) if at is not None]
            self.first_at, self.last_at = (min(told), max(told)) if told else (None, None)

    def finish(self) -> Part:
        """The complete part, under its name."""
        self.writer.add_key_value_metadata({RUNS: " ".join(map(str, self.runs))})
        self.writer.close()
        temporary = self.path.with_suffix(".tmp")
        size, digest = _flushed(temporary)
        step("name part")
        temporary.rename(self.path)
        columns = columns_digest(self.table)
        return Part(
            self.table.name, self.relative, self.rows, size, digest, columns, self.first_at, self.last_at
        )  # fmt: skip


def _parquet_writer(path: Path, table: Table, first_run: pa.Table) -> Any:
    n_ids = max(min(first_run.num_rows, ROW_GROUP) // ROWS_AN_ID, 1)
    writer = pq.ParquetWriter(
        path,
        first_run.schema,
        compression="zstd",
        compression_level=1,
        write_page_index=True,
        use_dictionary=[column.name for column in table.columns if _recurs(column, table)],
        store_schema=False,
        bloom_filter_options={name: {"ndv": n_ids, "fpp": 0.01} for name in table.sought} or None,
    )
    # what readers get is as declared, whether the rows came encoded or not
    writer.add_key_value_metadata({"ARROW:schema": b64encode(arrow_schema(table).serialize()).decode()})
    return writer


def _recurs(column: Column, table: Table) -> bool:
    """Whether a value may come again. Instants and places seldom do, but for samples, which are many of each.

    A dictionary of values that stand once takes more time and room than these alone.
    """
    is_ever_new = column.type == "instant" or column.name.endswith(("line", "byte_offset"))
    return not is_ever_new or "sampled_at" in table.happened


def in_order(table: Table, rows: pa.Table) -> pa.Table:
    """The rows in the order of their table, nulls last; those that are alike stay as they came."""
    rows = rows.unify_dictionaries()
    order = pa.array(np.lexsort([_ranks(rows[name]) for name in reversed(table.order)]))
    return pa.table([_taken(column, order) for column in rows.columns], rows.column_names)


def _taken(column: pa.ChunkedArray, order: pa.Array) -> pa.Array | pa.ChunkedArray:
    """The column in this order. What is null in all rows need not be encoded: that takes longer to write."""
    if column.null_count < len(column):
        return column.take(order)
    return pa.nulls(len(column), pa.string() if pa.types.is_dictionary(column.type) else column.type)


def _ranks(column: pa.ChunkedArray) -> npt.NDArray[np.integer[Any]]:
    """Numbers that sort as the column does, nulls last. Texts are compared once each, however often they stand."""
    if not (pa.types.is_string(column.type) or pa.types.is_dictionary(column.type)):
        return np.asarray(column.cast(pa.int64()).fill_null(_LAST))
    encoded = column.dictionary_encode().combine_chunks()
    null = len(encoded.dictionary)
    ranks = np.append(pc.rank(encoded.dictionary), null + 1).astype(np.min_scalar_type(null + 1))
    sortable: npt.NDArray[np.integer[Any]] = ranks[np.asarray(encoded.indices.fill_null(null))]
    return sortable


def _with_own_words(rows: pa.Table) -> pa.Table:
    """The rows of a row group, with no more words in their dictionaries than they use."""
    for place, column in enumerate(rows.columns):
        if pa.types.is_dictionary(column.type) and len(column.chunk(0).dictionary) > FEW_WORDS:
            rows = rows.set_column(place, rows.schema.field(place), column.cast(pa.string()).dictionary_encode())
    return rows


def runs_of(file: pq.ParquetFile) -> list[range]:
    """The row groups of each run of a part; where it does not tell, each is taken for a run."""
    told = (file.metadata.metadata or {}).get(RUNS.encode())
    groups = file.num_row_groups
    starts = list(range(groups)) if told is None else [int(start) for start in told.split()]
    return [range(start, end) for start, end in pairwise([*starts, groups])]


def columns_digest(table: Table) -> str:
    """By what a part with all columns that are declared today is told from an older one."""
    return hashlib.sha256(",".join(column.name for column in table.columns).encode()).hexdigest()[:8]


def _flushed(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file that now lies on the disk."""
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        return file.tell(), digest
