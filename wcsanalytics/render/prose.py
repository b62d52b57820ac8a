"""A report as Markdown, for tickets and wikis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from wcsanalytics import inert
from wcsanalytics.render.sheets import grid
from wcsanalytics.render.values import Column, facts, figure, place, shown, worded_rows
from wcsanalytics.reports.data import Figure, Finding, ReportData


def markdown(report: ReportData, zone: str = "UTC") -> str:
    """The report as GitHub-flavoured Markdown; no text of a capture can become markup."""
    title, verdict = inert.markdown(report.title), inert.markdown(report.verdict)
    return "\n".join([f"# {title}\n", f"**{verdict}**\n", *_sections(report, zone)])


def _sections(report: ReportData, zone: str) -> Iterator[str]:
    if report.changes:
        yield _section("Changes", grid(worded_rows(report.changes, zone)))
    if report.gates:
        yield _section("Gates", grid(worded_rows(report.gates, zone)))
    yield _section("What was read", _points(f"{label}: {says}" for label, says in facts(report, zone)))
    if report.cannot_tell:
        yield _section("What this can't tell", _points(report.cannot_tell))
    yield _section("Figures", grid(figure_columns(report.figures)))
    yield _section("Findings", "".join(map(_finding, report.findings)) or "None.\n")
    for table in report.tables.values():
        columns, more = shown(table, zone)
        yield _section(inert.markdown(table.title), grid(columns) + (f"\n{inert.markdown(more)}\n" if more else ""))
    if report.next_command:
        yield _section("Next", _fenced(report.next_command))


def figure_columns(figures: Mapping[str, Figure]) -> list[Column]:
    """All figures as columns of one table."""
    entries = [figure(entry) for entry in figures.values()]
    heads = ("figure", "value", "95 % interval", "target", "n", "verdict", "of", "why")
    numbers = ("value", "95 % interval", "target", "n")
    return [Column(head, [row[at] for row in entries], head in numbers) for at, head in enumerate(heads)]


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}"


def _points(entries: Iterator[str] | tuple[str, ...]) -> str:
    return "".join(f"- {inert.markdown(entry)}\n" for entry in entries)


def _finding(finding: Finding) -> str:
    says = inert.markdown(f"{finding.subject}: {finding.says} ({finding.rule})")
    return f"- **{finding.severity}** {says}\n" + "".join(
        f"  - {inert.markdown(place(evidence))}\n" for evidence in finding.evidence
    )


def _fenced(command: str) -> str:
    """A code block whose fence is longer than any run of backticks in it."""
    runs = [len(run) for run in re.findall("`+", command)]
    fence = "`" * max(3, *(length + 1 for length in (0, *runs)))
    return f"{fence}sh\n{inert.terminal(command)}\n{fence}\n"
