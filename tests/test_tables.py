"""Declared tables and what is derived from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wcsanalytics import redact
from wcsanalytics.formats import FORMATS, Context
from wcsanalytics.protocol import HOOKS, SECRET_FIELDS, SHAPE_ONLY_FIELDS
from wcsanalytics.tables import (
    ARROW_TYPES,
    HOOK_TABLES,
    REJECTED,
    SERVER_LOG,
    TABLES,
    Column,
    Table,
    arrow_schema,
    batch_schema,
)

CASES = Path(__file__).parent / "cases"
Read = Callable[..., Any]
tables = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)


def test_the_tables() -> None:
    assert list(TABLES) == [
        *("connection_hooks", "stream_hooks", "call_hooks", "data_hooks", "diagnostic_hooks", "other_hooks"),
        *("server_log", "rejected"),
        *("stream_records", "call_records", "message_records", "connection_records"),
        *("client_log_lines", "client_messages", "client_reports"),
        *("hook_events", "server_events"),
        *("media_samples", "server_samples"),
    ]


def test_each_family_of_hooks_has_one_table() -> None:
    families = [table.family for table in HOOK_TABLES]

    assert len(set(families)) == len(families)
    assert {hook.family for hook in HOOKS} <= set(families)


@tables
def test_columns_are_declared_once_and_say_what_they_mean(table: Table) -> None:
    assert [name for name, count in Counter(column.name for column in table.columns).items() if count > 1] == []
    assert [column.name for column in table.columns if not column.meaning] == []
    assert [path for path, count in Counter(column.path for column in table.body_columns()).items() if count > 1] == []


@tables
def test_each_record_can_be_found_again(table: Table) -> None:
    assert [(column.name, column.type) for column in table.columns[:3]] == [
        ("source_id", "text"),
        ("line", "int"),
        ("byte_offset", "int"),
    ]


@tables
def test_instants_end_in_at(table: Table) -> None:
    assert [column.name for column in table.columns if (column.type == "instant") != column.name.endswith("_at")] == []


@tables
def test_no_column_needs_quotes(table: Table) -> None:
    reserved = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
    with duckdb.connect() as con:
        words = con.sql(reserved).to_arrow_table()["keyword_name"].to_pylist()

    assert {column.name for column in table.columns} & {
        *words,
        "at",
        "from",
        "to",
        "timestamp",
        "date",
        "time",
    } == set()


@tables
def test_no_secret_has_a_column_and_application_data_only_its_shape(table: Table) -> None:
    columns = {column.path: column for column in table.body_columns()}

    assert columns.keys() & SECRET_FIELDS == set()
    assert {columns[path].care for path in columns.keys() & SHAPE_ONLY_FIELDS} <= {"shape"}


@tables
def test_only_text_asks_for_the_care_of_text(table: Table) -> None:
    told = {column.care for column in table.columns if column.type == "text"} - {"none"}
    json = {column.care for column in table.columns if column.type == "json"}

    assert told <= set(redact.PATTERNS)
    assert json <= {"none", "shape"}
    assert {column.care for column in table.columns if column.type not in ("text", "json")} <= {"none"}


def test_a_field_carries_its_meaning() -> None:
    columns = (
        Column("sent_at", "instant", "When it was sent"),
        Column("width", "int", "Requested width", "width", unit="px"),
        Column("custom", "json", "Application data", "custom", care="shape"),
    )

    schema = arrow_schema(Table("stream_hooks", "Streams", columns))

    assert [(field.name, field.type, field.metadata) for field in schema] == [
        ("sent_at", pa.timestamp("us", "UTC"), {b"description": b"When it was sent", b"unit": b"UTC"}),
        ("width", pa.int64(), {b"description": b"Requested width", b"unit": b"px", b"body_path": b"width"}),
        ("custom", pa.string(), {b"description": b"Application data", b"body_path": b"custom", b"form": b"JSON"}),
    ]
    assert schema.metadata == {b"table": b"stream_hooks", b"description": b"Streams"}


@tables
def test_the_meaning_travels_with_the_data(table: Table, tmp_path: Path) -> None:
    schema = arrow_schema(table)

    pq.write_table(schema.empty_table(), tmp_path / "part.parquet")

    assert pq.read_schema(tmp_path / "part.parquet").equals(schema, check_metadata=True)


def test_every_type_has_an_arrow_type() -> None:
    assert {column.type for table in TABLES.values() for column in table.columns} <= set(ARROW_TYPES)


FILLED = {
    "server_log": {*(table.name for table in HOOK_TABLES[1:3]), REJECTED.name, SERVER_LOG.name},
    "hook_capture": {*(table.name for table in HOOK_TABLES[1:3]), REJECTED.name},
    "sdr": {"stream_records", REJECTED.name},
    "cdr": {"call_records"},
    "mdr": {"message_records"},
    "conndr": {"connection_records", REJECTED.name},
    "hls_log": {SERVER_LOG.name},
    **{name: {"media_samples"} for name in ("getstats", "stream_metrics", "webrtc_internals", "rtcstats")},
    "metric_messages": {"media_samples", REJECTED.name},
    "stat_page": {"server_samples"},
}
"""Tables that the cases of a format fill, at the least."""


FILLING = [format_ for format_ in FORMATS if format_.name in FILLED]


@pytest.mark.parametrize("format_", FILLING, ids=lambda format_: format_.name)
def test_batches_are_as_declared(format_: Any) -> None:
    inputs = [path for path in sorted(CASES.rglob(f"{format_.name}/*")) if ".expected" not in path.name]
    seen = set()
    for path in inputs:
        for table, rows in format_.read(iter([path.read_bytes()]), Context("source")):
            rows.validate(full=True)
            assert rows.schema.equals(batch_schema(TABLES[table]), check_metadata=True)
            seen.add(table)

    assert seen >= FILLED[format_.name]
    assert (SERVER_LOG.name in seen) == (SERVER_LOG.name in FILLED[format_.name])
