"""What is done to a store besides filling it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa

from wcsanalytics.lake import Result
from wcsanalytics.store import Store


def compact(store: str | Path, *, lock_timeout: float = 60.0) -> Result:
    """Merge the parts of each table into one, so that look-ups open few files; a row a table that has changed.

    Readers of the store are not disturbed; the old parts stay for them for a day. Raises StoreError.
    """
    target = Store(Path(store))
    before = target.snapshot()
    made = target.compact(lock_timeout)
    removed = Counter(part.table for part in before.parts if made and part.path in made.removed)
    rows = [
        {"table": part.table, "parts_before": removed[part.table], "parts": 1, "rows": part.rows}
        for part in (made.parts if made else ())
    ]
    return Result(lambda: pa.Table.from_pylist(rows, _COMPACTED), "compacted")


_COMPACTED = pa.schema(
    [("table", pa.string()), *((name, pa.int64()) for name in ("parts_before", "parts", "rows"))],
)
