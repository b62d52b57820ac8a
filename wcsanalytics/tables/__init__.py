"""What we keep: physical tables and views, each column declared once."""

from wcsanalytics.tables.arrow import ARROW_TYPES, ENCODED_TEXT, arrow_schema, batch_schema
from wcsanalytics.tables.clients import CLIENT_LOG_LINES, CLIENT_MESSAGES, CLIENT_REPORTS, CLIENT_TABLES
from wcsanalytics.tables.columns import Care, Column, Identity, Table, Type, View
from wcsanalytics.tables.events import EVENT_TABLES, HOOK_EVENTS, SERVER_EVENTS
from wcsanalytics.tables.hooks import HOOK_TABLES
from wcsanalytics.tables.lines import LINE_TABLES, REJECTED, SERVER_LOG
from wcsanalytics.tables.records import (
    CALL_RECORDS,
    CONNECTION_RECORDS,
    MESSAGE_RECORDS,
    RECORD_TABLES,
    STREAM_RECORDS,
)
from wcsanalytics.tables.samples import MEDIA_SAMPLES, SAMPLE_TABLES, SERVER_SAMPLES
from wcsanalytics.tables.views import VIEWS

TABLES: dict[str, Table] = {
    table.name: table
    for table in (*HOOK_TABLES, *LINE_TABLES, *RECORD_TABLES, *CLIENT_TABLES, *EVENT_TABLES, *SAMPLE_TABLES)
}
"""Every physical table."""

__all__ = [
    "ARROW_TYPES",
    "CALL_RECORDS",
    "CLIENT_LOG_LINES",
    "CLIENT_MESSAGES",
    "CLIENT_REPORTS",
    "CONNECTION_RECORDS",
    "ENCODED_TEXT",
    "EVENT_TABLES",
    "HOOK_EVENTS",
    "HOOK_TABLES",
    "LINE_TABLES",
    "MEDIA_SAMPLES",
    "MESSAGE_RECORDS",
    "RECORD_TABLES",
    "REJECTED",
    "SAMPLE_TABLES",
    "SERVER_EVENTS",
    "SERVER_LOG",
    "SERVER_SAMPLES",
    "STREAM_RECORDS",
    "TABLES",
    "VIEWS",
    "Care",
    "Column",
    "Identity",
    "Table",
    "Type",
    "View",
    "arrow_schema",
    "batch_schema",
]
