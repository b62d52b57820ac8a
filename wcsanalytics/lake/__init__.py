"""DuckDB over the committed parts, locked down, with the views that people query."""

from wcsanalytics.lake.lake import Lake, schema_of, sql_text
from wcsanalytics.lake.result import Result

__all__ = ["Lake", "Result", "schema_of", "sql_text"]
