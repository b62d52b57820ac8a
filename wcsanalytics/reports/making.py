"""From a declaration to a finished report: choose, ask, describe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.resources import files
from typing import Any, NamedTuple

import pyarrow as pa

from wcsanalytics.errors import WcsAnalyticsError
from wcsanalytics.lake import Lake, sql_text
from wcsanalytics.reports.answers import counted
from wcsanalytics.reports.comparison import Change, Period, changes_of
from wcsanalytics.reports.data import Capture, Evidence, Figure, Finding, ReportData, ReportTable
from wcsanalytics.reports.declared import Made, Measure, Report
from wcsanalytics.reports.dividing import check_dimension, parts_table
from wcsanalytics.reports.gates import Gate, check_gates, judged
from wcsanalytics.reports.media_rating import Rating
from wcsanalytics.reports.selection import Selection, chosen, made_once, needed

UNITS = {
    "_ratio": "ratio",
    "_ms": "ms",
    "_s": "s",
    "_kbps": "kbit/s",
    "_at": "UTC",
}
"""Unit of a column by the end of its name."""

NUMBERS = ("line", "byte_offset", "row", "sip_status", "hour")
"""Whole numbers that count nothing."""


MOST_FINDINGS = 200
"""Graver ones come first; of those beyond, only the number is told."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for besides the report: figures by dimension, a period to compare with, gates, other rules."""

    by: tuple[str, ...] = ()
    against: Selection | None = None
    gates: tuple[Gate, ...] = ()
    allow_missing: bool = False
    rating: Rating = field(default_factory=Rating)

    def check(self, report: Report) -> None:
        """Raises UnknownName or WcsAnalyticsError where the report can't give it."""
        for dimension in self.by:
            check_dimension(report, dimension)
        check_gates(self.gates, report.measures, can_compare=self.against is not None)
        if self.rating.told() and not report.through:
            raise WcsAnalyticsError(f"{report.name} rates no media: rules and provisional scores are not for it")

    def told(self) -> dict[str, Any]:
        """For the head of a report."""
        told: dict[str, Any] = {"by": list(self.by)} if self.by else {}
        told |= {"against": self.against.told()} if self.against is not None else {}
        return {**told, **self.rating.told()}


class _Found(NamedTuple):
    """What a period holds for a report."""

    page: Made
    period: Period
    parts: tuple[ReportTable, ...]


def made(
    report: Report, lake: Lake, selection: Selection, command: str = "", wanted: Wanted | None = None
) -> ReportData:
    """The report over what the selection chooses. `command` is what to type to get this report, for its last line.

    Raises UnknownName or WcsAnalyticsError where more is wanted than the report can give.
    """
    wanted = wanted or Wanted()
    wanted.check(report)
    page, period, parts = _found(report, lake, selection, wanted.by, wanted.rating)
    changes: tuple[Change, ...] = ()
    if wanted.against is not None:
        changes = changes_of(_found(report, lake, wanted.against, (), wanted.rating).period, period, report.compared)
    tables = [*parts, *(ReportTable(one.name, one.title, period.tables[one.name], one.shown) for one in report.tables)]
    return ReportData(
        report=report.name,
        title=report.title,
        parameters={**selection.told(), **wanted.told()},
        window=(selection.since, selection.until),
        capture=capture(lake),
        verdict=page.verdict,
        cannot_tell=page.cannot_tell,
        figures=period.figures,
        tables={table.name: replace(table, rows=_described(table.rows)) for table in tables},
        findings=_findings(lake, period.tables["findings"]),
        plots=page.plots or report.plots,
        headline=page.headline or report.headline,
        next_command=_next(report, command, page.next_session, period.tables["findings"]),
        changes=changes,
        gates=judged(wanted.gates, period.figures, changes, allow_missing=wanted.allow_missing),
    )


def _found(report: Report, lake: Lake, selection: Selection, by: tuple[str, ...], rating: Rating) -> _Found:
    through = {name: partial(change, rating) for name, change in report.through.items()}
    with chosen(lake, selection, overlapping=report.overlapping, about=report.about) as filters:
        params = {**filters, "by_samples": rating.by_samples}
        with made_once(lake, report.folder, report.prepared, params, through):
            answers = _answers(report, lake, {**params, "by": None})
            page = report.make(lake, selection, answers)
            parts = tuple(parts_table(report, lake, params, dimension) for dimension in by)
    figures = _figures(report.measures_by(rating), answers, page)
    return _Found(page, Period(figures, {**answers, **(page.tables or {})}), parts)


def _answers(report: Report, lake: Lake, params: Mapping[str, Any]) -> dict[str, pa.Table]:
    """The answer to each query in the report's folder, but for those that only prepare the others."""
    answers = {}
    for path in sorted((files("wcsanalytics") / "sql" / report.folder).iterdir(), key=str):
        name = path.name.removesuffix(".sql")
        if name not in report.prepared:
            query = sql_text(report.folder, name)
            answers[name] = lake.sql(query, needed(query, params)).arrow()
    return answers


def _figures(measures: Sequence[Measure], answers: Mapping[str, pa.Table], page: Made) -> dict[str, Figure]:
    """All figures in the order of their declaration."""
    made_there = {figure.name: figure for figure in page.figures}
    queries = {one.source.query for one in measures if one.source}
    rows = {query: counted(answers[query]) for query in queries}
    return {
        one.name: made_there.get(one.name) or one.figure(rows[one.source.query] if one.source else {})
        for one in measures
    }


def _described(rows: pa.Table) -> pa.Table:
    """The rows with the unit of each column, told by the end of its name."""
    columns = []
    for column in rows.schema:
        if column.metadata:
            columns.append(column)
            continue
        unit = next((unit for end, unit in UNITS.items() if column.name.endswith(end)), "")
        if not unit and pa.types.is_integer(column.type) and column.name not in NUMBERS:
            unit = "count"
        columns.append(column.with_metadata({"unit": unit} if unit else {}))
    return rows.cast(pa.schema(columns))


def _findings(lake: Lake, rows: pa.Table) -> tuple[Finding, ...]:
    """Findings with their evidence as places that people can open."""
    paths = {row["source_id"]: (row["path"], row["member"]) for row in lake.source_names.arrow().to_pylist()[::-1]}
    found = []
    for row in rows.slice(0, MOST_FINDINGS).to_pylist():
        path, member = paths.get(row["source_id"], ("?", None))
        evidence = (Evidence(path, member, row["line"], row["byte_offset"]),) if row["line"] is not None else ()
        found.append(Finding(row["rule"], row["severity"], row["subject"], row["says"], evidence))
    more = rows.num_rows - len(found)
    if more:
        says = "of no more weight than these; ask for a shorter time, an app or a session to see them"
        found.append(Finding("findings.more", "info", f"{more:,} more findings", says))
    return tuple(found)


def capture(lake: Lake) -> Capture:
    """What the lake holds, for the head of a report."""
    rows = lake.sources.arrow().to_pylist()
    doubts = sorted({f"{row['path']}: {row['doubts']}" for row in rows if row["doubts"]})
    broken = sorted(f"{row['path']}: {row['why_incomplete']}" for row in rows if not row["complete"])
    zones = sorted({str(segment.resume["zone"]) for segment in lake.snapshot.segments if segment.resume["zone"]})
    return Capture(
        files=len(lake.source_names),
        records=sum(row["records"] for row in rows),
        first_at=min((row["first_at"] for row in rows if row["first_at"]), default=None),
        last_at=max((row["last_at"] for row in rows if row["last_at"]), default=None),
        zone=", ".join(zones) or "UTC",
        nodes=tuple(sorted({node for segment in lake.snapshot.segments for node in segment.nodes})),
        balance={
            "pairs": sum(row["pairs"] for row in rows),
            "halves": sum(row["halves"] for row in rows),
            "rejected": sum(row["rejected"] for row in rows),
            "pending": sum(row["pending"] for row in rows),
            "other_lines": sum(row["ignored"] for row in rows),
        },
        notes=(*broken, *doubts),
    )


def _next(report: Report, command: str, session_key: str | None, findings: pa.Table) -> str:
    """The command that debugs the worst session, or the session of the gravest finding."""
    wanted = session_key or next((key for key in findings["session_key"].to_pylist() if key), None)
    if not command or wanted is None or (report.name == "session-debug" and session_key is None):
        return ""
    return f"{command.replace(f'report {report.name}', 'report session-debug', 1)} --session {wanted}"
