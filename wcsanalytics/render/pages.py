"""A report as one HTML file: no script, nothing fetched, readable in print, on a phone and without eyes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa

from wcsanalytics import charts, inert
from wcsanalytics.render.listings import Listing, fitting
from wcsanalytics.render.prose import figure_columns
from wcsanalytics.render.values import Column, facts, figure, place, shown, worded, worded_rows
from wcsanalytics.reports.data import Plot, ReportData, ReportTable

if TYPE_CHECKING:
    from jinja2 import Environment, Template

PAGE_CELLS = 120
"""A page is about as wide as so many characters."""


def html(report: ReportData, zone: str = "UTC") -> str:
    """The whole report as a page of its own, with its pictures inline."""
    headline = [report.figures[name] for name in report.headline]
    return _template("report.html.j2").render(
        report=report,
        facts=facts(report, zone),
        cards=[(entry, figure(entry)) for entry in headline],
        figures=figure_columns(report.figures),
        changes=worded_rows(report.changes, zone),
        gates=worded_rows(report.gates, zone),
        plots=[(plot, charts.svg(plot, rows, zone)) for plot in report.plots if (rows := _rows(report, plot)).num_rows],
        tables=[_sheet(table, zone) for table in report.tables.values()],
        place=place,
    )


def _rows(report: ReportData, plot: Plot) -> pa.Table:
    return report.tables[plot.table].rows


def _sheet(table: ReportTable, zone: str) -> tuple[ReportTable, Listing]:
    columns, more = shown(table, zone)
    listing = fitting(columns, PAGE_CELLS)
    return table, listing._replace(notes=[*listing.notes, *([more] if more else [])])


def frame(report: ReportData, zone: str = "UTC") -> str:
    """The page in a frame that runs no script and shares no style with the notebook around it."""
    return (
        f'<iframe sandbox title="{inert.html(report.title)}" srcdoc="{escape(html(report, zone))}" {_FRAME}></iframe>'
    )


_FRAME = 'style="width: 100%; height: 40em; border: 0"'


def index(reports: Mapping[str, ReportData], zone: str = "UTC") -> str:
    """A page that links reports by their file names, each with its verdict."""
    entries = [(quote(name), name, report) for name, report in reports.items()]
    capture = next((facts(report, zone) for report in reports.values()), [])
    return _template("index.html.j2").render(entries=entries, facts=capture)


def html_table(rows: pa.Table, title: str | None = None, limit: int = 50, zone: str = "UTC") -> str:
    """The first rows as a fragment for a notebook, styled without a style sheet."""
    shown = rows.slice(0, limit)
    return _template("fragment.html.j2").render(
        title=title, total=rows.num_rows, grid=worded(shown, zone), n=len(shown)
    )


def lines(grid: list[Column]) -> list[tuple[str, ...]]:
    """The cells of columns, row by row."""
    return list(zip(*(column.cells for column in grid), strict=True))


@cache
def _environment() -> Environment:
    """Autoescape makes markup harmless, `finalize` before it what reorders or breaks text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # most commands make no page

    environment = Environment(
        loader=PackageLoader("wcsanalytics.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.globals["lines"] = lines
    return environment


def _visible(value: Any) -> Any:
    return inert.terminal(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _template(name: str) -> Template:
    return _environment().get_template(name)
