"""Whether we read the same rows as the naive reader: compared by place, so that a lost row does not shift the rest."""

from __future__ import annotations

from pathlib import Path

import duckdb

from wcsanalytics.store import Store
from wcsanalytics.tables import HOOK_TABLES

HOOKS = frozenset(table.name for table in HOOK_TABLES)


def hook_files(store: Path) -> list[str]:
    """Parts of the hook tables that the last commit names."""
    snapshot = Store(store).snapshot()
    return [str(store / part.path) for part in snapshot.parts if part.table in HOOKS]


def differences(store: Path, naive: Path) -> int:
    """How many lines of the log start a request of which the two readers tell different things, or only one tells.

    The store must have been made with the time zone UTC: a time of day then is the same in both.
    """
    query = Path(__file__).with_name("differences.sql").read_text(encoding="utf-8")
    found = duckdb.sql(query, params={"ours": hook_files(store), "naive": str(naive)}).to_arrow_table()
    return int(found["n"][0].as_py())
