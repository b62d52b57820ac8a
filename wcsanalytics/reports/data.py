"""What a report is once it is made: figures with their standing, tables, findings with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa

Standing = Literal["computed", "partly", "impossible"]
Severity = Literal["info", "notice", "warning", "error"]
Verdict = Literal["good", "poor", "unrated"]


UNIT_OF_ROW = "of its row"
"""Unit of a column whose every value has that of the column `unit` beside it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report, or the reason why it can't be had.

    `value` is in `unit` ("count", "ratio" as 0..1, "ms", "s"); `n` is the number of cases behind it; `low` and `high`
    are the 95 % interval; `coverage` (0..1) is the share of cases that could be used; `why` is a sentence unless
    `standing` is "computed". `of` names the cases ("calls", "streams asked for").
    """

    name: str
    label: str
    unit: str
    value: float | None
    n: int
    of: str = ""
    low: float | None = None
    high: float | None = None
    target: float | None = None
    verdict: Verdict = "unrated"
    standing: Standing = "computed"
    coverage: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The place of one record in its source: a line a person can open."""

    path: str
    member: str | None
    line: int
    byte_offset: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth a look: which rule, how grave, about what, a sentence, and where it is told."""

    rule: str
    severity: Severity
    subject: str
    says: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A titled table. Its fields carry `unit` and `description` metadata: "ratio" (0..1), "ms", "s", "count", ...

    `shown` are the columns that people get to see on a page, if not all; programs get all of them.
    """

    name: str
    title: str
    rows: pa.Table
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of one table, by the name of a chart of `wcsanalytics.charts`.

    `x` and `y` name columns; `band` the columns of an interval around y; `by` a column that splits the rows into
    series; `says` describes the picture in a sentence for those who can't see it.
    """

    name: str
    title: str
    chart: str
    table: str
    x: str
    y: str
    band: tuple[str, str] | None = None
    by: str | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """What was read: the first thing a reader has to know. `balance` counts halves of records and other lines."""

    files: int
    records: int
    first_at: datetime | None
    last_at: datetime | None
    zone: str
    nodes: tuple[str, ...]
    balance: Mapping[str, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportData:
    """A finished report. Render computes nothing: all that is shown stands here."""

    report: str
    title: str
    parameters: Mapping[str, Any]
    window: tuple[datetime | None, datetime | None]
    capture: Capture
    verdict: str
    cannot_tell: tuple[str, ...]
    figures: Mapping[str, Figure]
    tables: Mapping[str, ReportTable]
    findings: tuple[Finding, ...]
    plots: tuple[Plot, ...] = ()
    headline: tuple[str, ...] = ()
    next_command: str = ""
    changes: tuple[Mapping[str, Any], ...] = field(default=())
    gates: tuple[Mapping[str, Any], ...] = field(default=())
