"""DuckDB over the committed parts, locked down, with the views that people query."""

from wcsanalytics.lake.lake import Lake, sql_text
from wcsanalytics.lake.result import Result

__all__ = ["Lake", "Result", "sql_text"]
