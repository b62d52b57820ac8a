"""Figures by part: by node, browser, hour, and whatever else divides what is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from wcsanalytics.errors import UnknownName
from wcsanalytics.lake import Lake, sql_text
from wcsanalytics.reports.data import UNIT_OF_ROW, ReportTable
from wcsanalytics.reports.declared import DIMENSIONS, Measure, Report
from wcsanalytics.reports.selection import needed

_NUMBER = {"unit": UNIT_OF_ROW}


def check_dimension(report: Report, dimension: str) -> None:
    """Raises UnknownName if figures of the report can't be divided by it."""
    if dimension not in DIMENSIONS:
        raise UnknownName(f"no dimension {dimension!r}; there are {', '.join(DIMENSIONS)}")
    if dimension not in report.dimensions:
        raise UnknownName(f"{report.name} can't be told by {dimension}, but by {', '.join(report.dimensions)}")


def parts_table(report: Report, lake: Lake, params: Mapping[str, Any], dimension: str) -> ReportTable:
    """The declared figures of each part, one below the other: figures in their order, the parts of each in theirs."""
    rows = list(_rows(report, lake, params, dimension))
    return ReportTable(f"by_{dimension}", f"Figures by {dimension}", pa.Table.from_pylist(rows, _schema(dimension)))


def _rows(report: Report, lake: Lake, params: Mapping[str, Any], dimension: str) -> Iterator[dict[str, Any]]:
    able = [query for query, dimensions in report.divided.items() if dimension in dimensions]
    counts = {query: _counts(report, lake, query, {**params, "by": dimension}) for query in able}
    for measure in report.measures:
        if measure.source is not None and measure.source.query in counts:
            yield from _parts(measure, counts[measure.source.query], dimension)


def _counts(report: Report, lake: Lake, name: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    query = sql_text(report.folder, name)
    rows: list[dict[str, Any]] = lake.sql(query, needed(query, params)).arrow().to_pylist()
    return rows


def _parts(measure: Measure, rows: list[dict[str, Any]], dimension: str) -> Iterator[dict[str, Any]]:
    figures = [(row["part"], measure.figure(row)) for row in rows]
    if any(figure.n for _, figure in figures):
        for part, figure in figures:
            yield {
                "figure": measure.name,
                dimension: part,
                "value": figure.value,
                "unit": figure.unit,
                "low": figure.low,
                "high": figure.high,
                "n": figure.n,
                "of": figure.of,
            }


def _schema(dimension: str) -> pa.Schema:
    return pa.schema(
        [
            ("figure", pa.string()),
            (dimension, pa.string()),
            pa.field("value", pa.float64(), metadata=_NUMBER),
            ("unit", pa.string()),
            pa.field("low", pa.float64(), metadata=_NUMBER),
            pa.field("high", pa.float64(), metadata=_NUMBER),
            pa.field("n", pa.int64(), metadata={"unit": "count"}),
            ("of", pa.string()),
        ]
    )
