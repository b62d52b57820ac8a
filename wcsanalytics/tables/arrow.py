"""Arrow schemas of the declared tables and views."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from wcsanalytics.tables.columns import Column, Table, View

ARROW_TYPES = {
    "text": pa.string(),
    "json": pa.string(),
    "int": pa.int64(),
    "real": pa.float64(),
    "bool": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
}


def _field(column: Column) -> pa.Field:
    told = {"description": column.meaning, "unit": column.unit or ("UTC" if column.type == "instant" else "")}
    if column.path:
        told["body_path"] = column.path
    if column.type == "json":
        told["form"] = "JSON"
    return pa.field(column.name, ARROW_TYPES[column.type], metadata={key: text for key, text in told.items() if text})


@cache
def arrow_schema(declared: Table | View) -> pa.Schema:
    """Schema with unit, description and place in the body as field metadata."""
    fields = [_field(column) for column in declared.columns]
    return pa.schema(fields, metadata={"table": declared.name, "description": declared.meaning})
