"""What a lake holds, and what its views, tables and reports mean."""

from __future__ import annotations

from typing import Unpack

import pyarrow as pa

from wcsanalytics.api.options import Names, Reading
from wcsanalytics.api.reading import lent
from wcsanalytics.api.reporting import report_named
from wcsanalytics.lake import Lake, Result, schema_of
from wcsanalytics.reports import DIMENSIONS
from wcsanalytics.tables import TABLES, VIEWS


def describe(sources: Lake | Names, *, files: bool = False, **reading: Unpack[Reading]) -> Result:
    """Views and tables with their rows, first and last time; or the committed Parquet files, for other programs."""
    with lent(sources, **reading) as lake:
        rows = _files(lake) if files else lake.sql(_COUNTS).arrow()
    return Result(lambda: rows, "files" if files else "views and tables")


def describe_table(name: str) -> Result:
    """Columns of a view or table: type, unit, meaning, and place in the hook's body. Raises UnknownName."""
    told = [
        {
            "column": field.name,
            "type": str(field.type),
            **{key.decode(): value.decode() for key, value in (field.metadata or {}).items()},
        }
        for field in schema(name)
    ]
    columns = [(key, pa.string()) for key in ("column", "type", "unit", "description", "body_path", "form")]
    rows = pa.Table.from_pylist(told, pa.schema(columns))
    return Result(lambda: rows, name)


def describe_report(name: str) -> Result:
    """Figures, tables and plots of a report, with unit and meaning, and what divides it. Raises UnknownName."""
    declared = report_named(name)
    told = [("figure", one.name, one.unit, f"{one.label}: {one.meaning}, of {one.of}") for one in declared.measures]
    told += [("table", one.name, "", one.title) for one in declared.tables]
    told += [("plot", one.name, "", one.says or one.title) for one in declared.plots]
    told += [("dimension", name, "", DIMENSIONS[name]) for name in declared.dimensions]
    rows = pa.table(dict(zip(("kind", "name", "unit", "meaning"), map(list, zip(*told, strict=True)), strict=True)))
    return Result(lambda: rows, name)


def schema(name: str) -> pa.Schema:
    """Arrow schema of a view or table, with unit and description in the field metadata."""
    return schema_of(name)


def _files(lake: Lake) -> pa.Table:
    parts = lake.snapshot.parts
    return pa.table(
        {
            "table": pa.array([part.table for part in parts], pa.string()),
            "path": pa.array([str(lake.path / part.path) for part in parts], pa.string()),
            "rows": pa.array([part.rows for part in parts], pa.int64()),
            "size": pa.array([part.size for part in parts], pa.int64()),
            "sha256": pa.array([part.sha256 for part in parts], pa.string()),
        }
    )


def _counted(name: str) -> str:
    """Query for the rows and the span of one view or table of ours."""
    declared = VIEWS.get(name) or TABLES[name]
    instant = next((column.name for column in declared.columns if column.type == "instant"), None)
    first, last = (f'{ask}("{instant}")' if instant else "null::timestamptz" for ask in ("min", "max"))
    kind = "view" if name in VIEWS else "table"
    meaning = declared.meaning.replace("'", "''")
    return f"""
        select '{name}' as name, '{kind}' as kind, count(*) as row_count, {first} as first_at, {last} as last_at,
               '{meaning}' as meaning
        from "{name}"
    """  # noqa: S608 - all names are our own declarations


_NAMES = (*VIEWS, *(name for name in TABLES if name not in VIEWS))
_COUNTS = " union all ".join(map(_counted, _NAMES)) + " order by kind desc, name"
