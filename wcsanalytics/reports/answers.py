"""Small readings of query answers."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def counted(rows: pa.Table) -> dict[str, Any]:
    """The only row of a table of counts, by column; zeros where there was nothing to count."""
    row: dict[str, Any] = next(iter(rows.to_pylist()), dict.fromkeys(rows.column_names, 0))
    return row


def share(hits: int, n: int) -> str:
    """A share that can't be mistaken for a rate of many, as 3 of 20."""
    return f"{hits} of {n}"


def plural(n: int, thing: str) -> str:
    """So many things, as 1 error or 2 errors."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"
