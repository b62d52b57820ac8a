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

ENCODED_TEXT = pa.dictionary(pa.int32(), pa.string())
"""Text whose values stand once, and a place in them for each row."""


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


@cache
def batch_schema(table: Table) -> pa.Schema:
    """Schema of the batches that a format makes: the same, but that text of encoded tables is dictionaries."""
    schema = arrow_schema(table)
    if not table.encoded:
        return schema
    encoded = [one.with_type(ENCODED_TEXT) if pa.types.is_string(one.type) else one for one in schema]
    return pa.schema(encoded, metadata=schema.metadata)
