"""Many parts to one: which are merged, and the merge, which holds a few thousand rows of each at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from math import log
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wcsanalytics.store.log import Part
from wcsanalytics.store.parts import ROW_GROUP, in_order, runs_of
from wcsanalytics.tables import Table, arrow_schema

MOST_OF_A_SIZE = 8
"""So many parts of one table and size class are merged into one of the next class."""

SMALLEST_CLASS = 4096
"""Parts of up to so many rows are one class; each class above is MOST_OF_A_SIZE times as large."""

HELD_ROWS = 40_000
"""So many rows are held, of all parts together, while they are merged."""

MOST_RUNS = 24
"""So many runs are merged at a time: the pages of each that are being read take some tens of megabytes."""

READ_BYTES = 64 << 10
"""So much of a column is read from the disk at a time."""

HELD_BYTES = 64 << 20
"""A row group is written before it has all the rows it may have, if it takes so much memory."""


def to_merge(parts: Iterable[Part], kept: Collection[str]) -> list[list[Part]]:
    """Parts of one table and size class that have become too many. Those whose paths are `kept` stay by themselves."""
    classes: dict[tuple[str, int], list[Part]] = {}
    for part in parts:
        if part.path not in kept:
            classes.setdefault((part.table, _size_class(part.rows)), []).append(part)
    return [alike for alike in classes.values() if len(alike) >= MOST_OF_A_SIZE]


def _size_class(rows: int) -> int:
    return 0 if rows <= SMALLEST_CLASS else 1 + int(log(rows / SMALLEST_CLASS, MOST_OF_A_SIZE))


class Run(NamedTuple):
    """Row groups of a part whose rows are in order from the first to the last."""

    path: str
    groups: range


def runs_in(store: Path, parts: Iterable[Part]) -> list[Run]:
    """All runs of these parts."""
    runs = []
    for part in parts:
        with pq.ParquetFile(store / part.path) as file:
            runs += [Run(part.path, groups) for groups in runs_of(file)]
    return runs


def merged(store: Path, table: Table, runs: Sequence[Run]) -> Iterator[pa.Table]:
    """Rows of runs of one table, in the table's order, a row group at a time."""
    size = max(HELD_ROWS // max(len(runs), 1), 256)
    with ExitStack() as files:
        # of a row group only the pages at hand are held, not all of it
        opened = [
            files.enter_context(pq.ParquetFile(store / run.path, pre_buffer=False, buffer_size=READ_BYTES))
            for run in runs
        ]
        told = [in_batches(file, run.groups, size, table) for file, run in zip(opened, runs, strict=True)]
        gathered = arrow_schema(table).empty_table()
        for rows in _sorted(table, told):
            gathered = pa.concat_tables([gathered, rows])
            while gathered.num_rows >= ROW_GROUP:
                yield gathered.slice(0, ROW_GROUP)
                gathered = gathered.slice(ROW_GROUP)
            if gathered.nbytes >= HELD_BYTES:
                yield gathered
                gathered = gathered.slice(gathered.num_rows)
        if gathered.num_rows:
            yield gathered


def in_batches(file: Any, groups: Sequence[int], size: int, table: Table) -> Iterator[pa.Table]:
    """Rows of row groups with the columns declared today; those that an older program did not write are null."""
    schema = arrow_schema(table)
    for batch in file.iter_batches(size, row_groups=list(groups)):
        names = batch.schema.names
        columns = [batch[one.name] if one.name in names else pa.nulls(len(batch), one.type) for one in schema]
        yield pa.Table.from_arrays(columns, schema=schema)


def _sorted(table: Table, runs: list[Iterator[pa.Table]]) -> Iterator[pa.Table]:
    """The rows of runs, each of which is sorted: again and again all rows that no run can still precede."""
    key = table.order[0]
    heads = {number: rows for number, run in enumerate(runs) if (rows := next(run, None)) is not None}
    while heads:
        lasts = [rows[key][-1] for rows in heads.values()]
        told = [last for last in lasts if last.is_valid]
        edge = min(told, key=lambda last: last.as_py()) if told else None
        taken = []
        for number, rows in list(heads.items()):
            count = rows.num_rows if edge is None else pc.sum(pc.less_equal(rows[key], edge), min_count=0).as_py()
            taken.append(rows.slice(0, count))
            left = rows.slice(count) if count < rows.num_rows else next(runs[number], None)
            if left is None:
                del heads[number]
            else:
                heads[number] = left
        yield in_order(table, pa.concat_tables(taken))
