"""A report as one JSON document, in the form that the contract fixes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from wcsanalytics.render.terms import dumped, plain, python_values
from wcsanalytics.reports.data import Capture, Figure, ReportData

FORMAT = 1


def json(report: ReportData, zone: str = "UTC") -> str:
    """The whole report; instants in the zone, ratios 0..1, what was not measured null."""
    since, until = report.window
    document = {
        "format": FORMAT,
        "report": report.report,
        "title": report.title,
        "parameters": _sorted(report.parameters),
        "window": {"since": since, "until": until},
        "capture": _capture(report.capture),
        "verdict": report.verdict,
        "cannot_tell": report.cannot_tell,
        "headline": report.headline,
        "figures": {name: _figure(figure) for name, figure in report.figures.items()},
        "changes": report.changes,
        "gates": report.gates,
        "tables": {name: rows(table.rows) for name, table in report.tables.items()},
        "findings": [asdict(finding) for finding in report.findings],
        "next": report.next_command,
    }
    return dumped(plain(document, zone), indent=2) + "\n"


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table, each a mapping from column to value."""
    columns = [python_values(table.column(at)) for at in range(table.num_columns)]
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


def _capture(capture: Capture) -> dict[str, Any]:
    return {
        "files": capture.files,
        "records": capture.records,
        "first_at": capture.first_at,
        "last_at": capture.last_at,
        "zone": capture.zone,
        "nodes": capture.nodes,
        "balance": _sorted(capture.balance),
        "notes": capture.notes,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "label": figure.label,
        "value": None if figure.standing == "impossible" else figure.value,
        "unit": figure.unit,
        "n": figure.n,
        "of": figure.of,
        "low": figure.low,
        "high": figure.high,
        "target": figure.target,
        "verdict": figure.verdict,
        "standing": figure.standing,
        "coverage": figure.coverage,
        "why": figure.why,
    }


def _sorted(entries: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(entries.items()))
