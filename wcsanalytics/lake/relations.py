"""Relations that views build on, as SQL: the committed parts of a table, each telling of a hook, typed views."""

from __future__ import annotations

from pathlib import Path

from wcsanalytics.store import Part, columns_digest
from wcsanalytics.tables import HOOK_TABLES, Column, Table, View

SIGNED = frozenset({"apart_ms", "clock_error_ms"})
"""Times that may be less than nothing."""

LONGEST = 1 << 44
"""No source is longer than this many bytes."""

SHARED = (
    *("source_id", "line", "byte_offset", "place", "session_key", "stream_key", "call_key", "sent_at", "answered_at"),
    *("hook", "answer", "answer_changes", "error", "url", "thread", "dated_by", "half", "half_open", "half_digest"),
    *("half_body", "extra", "node_id", "app_key", "session_id", "media_session_id", "call_id", "status", "info"),
)
"""What the rows of all hook families share."""

VARYING = frozenset({"node_id", "sdp"})
"""Of a body, what one channel may leave out or blank."""

_TYPES = {
    "text": "varchar",
    "json": "varchar",
    "int": "bigint",
    "real": "double",
    "bool": "boolean",
    "instant": "timestamptz",
}


def quoted(text: str) -> str:
    """The text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def stored(table: Table, root: Path, parts: list[Part]) -> str:
    """The committed parts as one relation; columns that they lack, since an older program wrote them, are null."""
    if not parts:
        return nothing(table)
    listed = ", ".join(quoted(str(root / part.path)) for part in parts)
    if all(part.columns == columns_digest(table) for part in parts):
        return f"from read_parquet([{listed}], hive_partitioning = false) select {names(table)}"
    rows = f"from read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
    return f"from ({nothing(table)} union all by name {rows}) select {names(table)}"


def names(table: Table) -> str:
    """The columns of a table, as a list of SQL."""
    return ", ".join(f'"{column.name}"' for column in table.columns)


def placed(rows: str) -> str:
    """The rows with their place among all sources: what one instant holds stands in the order of the capture."""
    return (
        f"from ({rows}) h left join facts.sources s on s.source_id = h.source_id "
        f"select h.*, s.turn * {LONGEST} + h.byte_offset as place"
    )


def nothing(declared: Table | View) -> str:
    """No rows, with the columns as they are declared."""
    columns = ", ".join(f'null::{_TYPES[column.type]} as "{column.name}"' for column in declared.columns)
    return f"select {columns} where false"


def every_telling() -> str:
    """All rows of all hook families with a digest of what their bodies say: one hook may be told more than once."""
    shared = ", ".join(SHARED)
    families = (f"from told.{table.name} select {shared}, hash({_said(table)}) as body" for table in HOOK_TABLES)
    return " union all ".join(families)


def counted_once(table: Table) -> str:
    """The rows of a table but for those that stem from second tellings."""
    return (
        f"from told.{table.name} h anti join facts.second_tellings t "
        "on t.source_id = h.source_id and t.byte_offset = h.byte_offset"
    )


def _said(table: Table) -> str:
    said = [column.name for column in table.body_columns() if column.name not in VARYING]
    return ", ".join(f'"{name}"' for name in (*said, "extra"))


def typed(view: View | None, text: str) -> str:
    """The query of a view, with the columns of its declaration in their types and order."""
    if view is None:
        return text
    return f"from ({text}) select {', '.join(map(_measured, view.columns))}"


def _measured(column: Column) -> str:
    """The column in its type; a time that took less than nothing, since a clock was set back, is not known."""
    value = f'"{column.name}"::{_TYPES[column.type]}'
    if column.type == "real" and column.unit in ("s", "ms") and column.name not in SIGNED:
        value = f"case when {value} >= 0 then {value} end"
    return f'{value} as "{column.name}"'
