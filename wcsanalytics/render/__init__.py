"""Reports and tables as text, Markdown, HTML, JSON and CSV. Nothing is computed here, only written."""

from wcsanalytics.render.documents import json
from wcsanalytics.render.pages import frame, html, html_table, index
from wcsanalytics.render.prose import markdown
from wcsanalytics.render.screen import text
from wcsanalytics.render.sheets import csv, table

__all__ = ["csv", "frame", "html", "html_table", "index", "json", "markdown", "table", "text"]
