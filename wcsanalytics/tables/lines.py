"""Tables whose rows are not hooks: log lines and records that could not be kept."""

from __future__ import annotations

from wcsanalytics.tables.columns import Column, Table
from wcsanalytics.tables.hooks import PLACE

SERVER_LOG = Table(
    "server_log",
    "One server line from the level kept (WARN) up, with the lines that belong to it",
    (
        *PLACE,
        Column("logged_at", "instant", "When the line was logged; null where its zone is not told"),
        Column(
            "logged_local_us",
            "int",
            "The same by the server's clock, where a line tells its date",
            unit="us",
        ),
        Column("dated_by", "text", "Evidence for the date"),
        Column("level", "text", "TRACE, DEBUG, INFO, WARN, ERROR or FATAL"),
        Column("logger", "text", "Logger, cut at its head by the server"),
        Column("thread", "text", "Thread"),
        Column("text", "text", "Message and following lines, redacted", care="text"),
    ),
    happened=("logged_at",),
    order=("logged_at", "source_id", "byte_offset"),
    known_by=("level", "logger", "thread", "text"),
)

REJECTED = Table(
    "rejected",
    "One record that was not kept: where it stands and why, never its text",
    (
        *PLACE,
        Column("length", "int", "Length of the record", unit="bytes"),
        Column("reason", "text", "Why it was not kept"),
        Column("n_lines", "int", "Lines that this row stands for"),
    ),
)

LINE_TABLES = (SERVER_LOG, REJECTED)
