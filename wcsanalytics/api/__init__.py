"""The verbs: what the command line and a notebook call."""

from wcsanalytics.api.comparing import FURTHER
from wcsanalytics.api.describing import describe, describe_report, describe_table, schema
from wcsanalytics.api.keeping import compact, forget, verify
from wcsanalytics.api.options import FILTERS, filters_of
from wcsanalytics.api.reading import books, doubts, ingest, is_incomplete, open, opened, read
from wcsanalytics.api.reporting import (
    Report,
    command_line,
    find,
    report,
    report_bytes,
    table_bytes,
    with_commands,
    write_all,
)

__all__ = [
    "FILTERS",
    "FURTHER",
    "Report",
    "books",
    "command_line",
    "compact",
    "describe",
    "describe_report",
    "describe_table",
    "doubts",
    "filters_of",
    "find",
    "forget",
    "ingest",
    "is_incomplete",
    "open",
    "opened",
    "read",
    "report",
    "report_bytes",
    "schema",
    "table_bytes",
    "verify",
    "with_commands",
    "write_all",
]
