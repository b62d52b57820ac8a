"""What we keep: physical tables and views, each column declared once."""

from wcsanalytics.tables.arrow import ARROW_TYPES, arrow_schema
from wcsanalytics.tables.columns import Care, Column, Table, Type, View
from wcsanalytics.tables.hooks import HOOK_TABLES
from wcsanalytics.tables.lines import LINE_TABLES, REJECTED, SERVER_LOG
from wcsanalytics.tables.samples import MEDIA_SAMPLES, SAMPLE_TABLES, SERVER_SAMPLES
from wcsanalytics.tables.views import VIEWS

TABLES: dict[str, Table] = {table.name: table for table in (*HOOK_TABLES, *LINE_TABLES, *SAMPLE_TABLES)}
"""Every physical table."""

__all__ = [
    "ARROW_TYPES",
    "HOOK_TABLES",
    "LINE_TABLES",
    "MEDIA_SAMPLES",
    "REJECTED",
    "SAMPLE_TABLES",
    "SERVER_LOG",
    "SERVER_SAMPLES",
    "TABLES",
    "VIEWS",
    "Care",
    "Column",
    "Table",
    "Type",
    "View",
    "arrow_schema",
]
