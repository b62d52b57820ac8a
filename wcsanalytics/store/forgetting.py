"""Parts without what is to be forgotten, and what the log said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from wcsanalytics.store.log import Forgotten, Part, Segment, SourceName
from wcsanalytics.store.merging import in_batches
from wcsanalytics.tables import TABLES, Table

Keep = Callable[[Table, pa.RecordBatch], pa.BooleanArray]
"""Which rows of a table are to be kept."""


class Forgetter(NamedTuple):
    """Which rows go, what is told in the log of them, and what takes them out of the log's names and notes."""

    keep: Keep
    forgotten: Forgotten
    clean: Callable[[str], str]


def rows_to_go(store: Path, part: Part, keep: Keep, columns: Sequence[str] | None = None) -> int:
    """How many rows of a part are not to be kept; `columns` are those by which it is told, if not all."""
    return sum(keep(TABLES[part.table], rows).false_count for rows in batches(store, part, columns))


def rows_kept(store: Path, part: Part, keep: Keep) -> Iterator[pa.Table]:
    """The rows that are, in the order of the part, a row group at a time."""
    for rows in batches(store, part):
        left = rows.filter(keep(TABLES[part.table], rows))
        if left.num_rows:
            yield pa.Table.from_batches([left])


def batches(store: Path, part: Part, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """All rows of a part, with these columns or with all."""
    with pq.ParquetFile(store / part.path) as file:
        for group in range(file.num_row_groups):
            size = max(file.metadata.row_group(group).num_rows, 1)
            if columns is not None:
                yield from file.iter_batches(size, row_groups=[group], columns=list(columns))
                continue
            for rows in in_batches(file, [group], size, TABLES[part.table]):
                yield from rows.to_batches()


def cleaned(segment: Segment, parts: Mapping[str, Part | None], clean: Callable[[str], str]) -> Segment:
    """The reading with the new names of its parts, and notes that are clean."""
    provisional = (parts.get(path) for path in segment.provisional)
    resume = {name: clean(told) if isinstance(told, str) else told for name, told in segment.resume.items()}
    return replace(
        segment,
        provisional=tuple(part.path for part in provisional if part is not None),
        resume=resume,
        why_incomplete=None if segment.why_incomplete is None else clean(segment.why_incomplete),
        doubts=tuple(map(clean, segment.doubts)),
        given_away=(),
    )


def cleaned_name(name: SourceName, clean: Callable[[str], str]) -> SourceName:
    """The name of a source, clean."""
    return replace(name, path=clean(name.path), member=None if name.member is None else clean(name.member))
