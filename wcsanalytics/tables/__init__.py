"""What we keep: physical tables and views, each column declared once."""

from wcsanalytics.tables.arrow import ARROW_TYPES, arrow_schema
from wcsanalytics.tables.columns import Care, Column, Identity, Table, Type, View
from wcsanalytics.tables.hooks import HOOK_TABLES
from wcsanalytics.tables.lines import LINE_TABLES, REJECTED, SERVER_LOG
from wcsanalytics.tables.views import VIEWS

TABLES: dict[str, Table] = {table.name: table for table in (*HOOK_TABLES, *LINE_TABLES)}
"""Every physical table."""

__all__ = [
    "ARROW_TYPES",
    "HOOK_TABLES",
    "LINE_TABLES",
    "REJECTED",
    "SERVER_LOG",
    "TABLES",
    "VIEWS",
    "Care",
    "Column",
    "Identity",
    "Table",
    "Type",
    "View",
    "arrow_schema",
]
