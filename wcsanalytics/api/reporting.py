"""Reports out: made, found, written."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Unpack
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from wcsanalytics import charts, render
from wcsanalytics.api.comparing import Further, gates_of, wanted_of
from wcsanalytics.api.identity import forms_of, under_key
from wcsanalytics.api.options import (
    Filters,
    Names,
    Options,
    Reading,
    Several,
    listed,
    names_of,
    parted,
    selected,
    words_of,
    zone_named,
)
from wcsanalytics.api.reading import lent
from wcsanalytics.errors import NotAvailable, UnknownName, WcsAnalyticsError
from wcsanalytics.lake import Lake, Result
from wcsanalytics.reports import DIMENSIONS, NOT_YET, REPORTS, Figure, Finding, ReportData, failures, found_in, made
from wcsanalytics.reports import Report as Declared

_SUFFIXES = {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json"}


class Report:
    """A finished report: figures, tables, findings, pictures; shows itself in a notebook."""

    def __init__(self, data: ReportData, zone: str = "UTC") -> None:
        """`data` is all there is, nothing is computed later; `zone` is that of the times shown."""
        self.data = data
        self.zone = zone

    @property
    def figures(self) -> Mapping[str, Figure]:
        """Figures by name."""
        return self.data.figures

    @property
    def tables(self) -> dict[str, Result]:
        """Tables by name."""
        return {name: _fixed(table.rows, table.title) for name, table in self.data.tables.items()}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What deserves a look, gravest first."""
        return self.data.findings

    @property
    def changes(self) -> Result:
        """What differs from the period compared with."""
        return _fixed(_mappings(self.data.changes), "changes")

    @property
    def gates(self) -> Result:
        """Each gate, with the figure it looked at, and whether it passed."""
        return _fixed(_mappings(self.data.gates), "gates")

    @property
    def has_failed(self) -> bool:
        """Whether a gate failed."""
        return bool(self.failures)

    @property
    def failures(self) -> list[str]:
        """A sentence for each gate that failed."""
        return failures(self.data.gates)

    def plot(self, name: str, ax: Any = None) -> Any:
        """Draw one of the report's plots; returns the axes. Raises UnknownName if it has none of that name."""
        plot = next((plot for plot in self.data.plots if plot.name == name), None)
        if plot is None:
            names = ", ".join(plot.name for plot in self.data.plots)
            raise UnknownName(f"{self.data.report} has no plot {name!r}; there are {names}")
        return charts.draw(plot, self.data.tables[plot.table].rows, ax, self.zone)

    def to_html(self, path: str | Path) -> None:
        """Write the report as one HTML file."""
        Path(path).write_bytes(report_bytes(self, "html"))

    def to_markdown(self, path: str | Path) -> None:
        """Write the report as Markdown."""
        Path(path).write_bytes(report_bytes(self, "markdown"))

    def to_json(self, path: str | Path) -> None:
        """Write the report as JSON."""
        Path(path).write_bytes(report_bytes(self, "json"))

    def __str__(self) -> str:
        return render.text(self.data, zone=self.zone)

    def __repr__(self) -> str:
        return f"<Report {self.data.report}: {len(self.figures)} figures, {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        return render.frame(self.data, self.zone)


def report(
    report_name: str,
    sources: Lake | Names,
    /,
    *,
    by: Several = (),
    against: str | None = None,
    fail_on: Several = (),
    allow_missing: bool = False,
    rules: str | Path | None = None,
    provisional: bool = False,
    command: str = "",
    **options: Unpack[Options],
) -> Report:
    """One report over a lake, a store or captures. Raises UnknownName if there is no report of that name.

    `by` adds a table of the figures by a dimension, or by each of several; `against` compares with a period:
    `previous`, or `since=…,until=…,node=…`; `fail_on` are gates, as `asr < 0.9`, that `gates` and `has_failed` judge,
    a figure that can't be computed among the failed unless `allow_missing`. Media are good or poor by `rules`: cqd,
    livekit, observertc, twilio, wcs, webrtc_issue_detector, or a TOML file of one's own; `provisional` scores Opus by
    the only table there is.

    `options` are the filters since, until, at, node, app, session, call, stream, name, user, the zone of typed and
    shown times, and, for captures, the reading options of `ingest`.
    """
    declared = report_named(report_name)
    filters, reading = _asked(sources, options)
    zone = _zone(filters).key
    with lent(sources, **reading) as lake:
        chosen = selected(lake, **filters)
        wanted = wanted_of(
            lake,
            chosen,
            zone=zone,
            by=by,
            against=against,
            fail_on=fail_on,
            allow_missing=allow_missing,
            rules=rules,
            provisional=provisional,
        )
        return Report(made(declared, lake, chosen, command, wanted), zone)


def _asked(sources: Lake | Names, options: Options) -> tuple[Filters, Reading]:
    """The filters, by pseudonym where there is a key, and the reading options, without a key that a lake can't use."""
    filters, reading = parted(options)
    filters = under_key(filters, reading.get("identifiers", "keep"), reading.get("key_file"))
    if isinstance(sources, Lake):
        reading.pop("key_file", None)
    return filters, reading


def _zone(filters: Filters) -> ZoneInfo:
    return zone_named(filters.get("zone", "UTC"))


def report_named(name: str) -> Declared:
    """The report of that name; `_` may stand for `-`. Raises UnknownName or NotAvailable."""
    wanted = name.replace("_", "-")
    if wanted in NOT_YET:
        raise NotAvailable(f"the report {wanted} is not available yet")
    declared = next((one for one in REPORTS if one.name == wanted), None)
    if declared is None:
        raise UnknownName(f"no report {name!r}; there are {', '.join(one.name for one in REPORTS)}")
    return declared


def find(text: str, sources: Lake | Names, **options: Unpack[Options]) -> Result:
    """Sessions, streams and calls whose id, name, user or address holds the text, with the choice that debugs each.

    `options` are those of `report`; the filters count by overlap. With the key under which a store was read, a person
    or an address is found by its pseudonym too.
    """
    forms = forms_of(text, options.get("key_file"))
    filters, reading = _asked(sources, options)
    with lent(sources, **reading) as lake:
        rows = found_in(lake, selected(lake, **filters), *forms)
    return _fixed(rows, f"{text} found")


def with_commands(rows: pa.Table, sources: Names, options: Mapping[str, Any]) -> pa.Table:
    """The rows of `find`, each with the command that debugs it."""
    start = command_line("session-debug", sources, options)
    commands = [f"{start} {choice}" for choice in rows["debug"].to_pylist()]
    return rows.set_column(rows.column_names.index("debug"), "debug", pa.array(commands, pa.string()))


def command_line(report_name: str, sources: Names, options: Mapping[str, Any]) -> str:
    """The command that makes a report of these sources with these reading options, ready to paste."""
    words = ["wcsanalytics", "report", report_name.replace("_", "-"), *names_of(sources), *words_of(options)]
    return shlex.join(words)


def report_bytes(made_report: Report, form: str, *, table: str | None = None, color: bool = False) -> bytes:
    """The report in a form of the command line; in the forms of tables, one of its tables: the last if none is named.

    Raises UnknownName if there is no such form or table.
    """
    data, zone = made_report.data, made_report.zone
    if form == "text" and table is None:
        return render.text(data, color=color, zone=zone).encode()
    makers = {"json": render.json, "html": render.html, "markdown": render.markdown}
    if form in makers and table is None:
        return makers[form](data, zone).encode()
    wanted = table or list(data.tables)[-1]
    tables = {name: one.rows for name, one in data.tables.items()}
    tables |= {name: _mappings(rows) for name, rows in (("changes", data.changes), ("gates", data.gates)) if rows}
    if wanted not in tables:
        raise UnknownName(f"{data.report} has no table {wanted!r}; there are {', '.join(tables)}")
    return table_bytes(tables[wanted], form, zone)


def _mappings(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows of one shape as a table; numbers are decimal ones, whatever their unit."""
    names = list(rows[0]) if rows else []
    columns = {name: [float(v) if type(v) is int else v for v in (row[name] for row in rows)] for name in names}
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def table_bytes(rows: pa.Table, form: str, zone: str = "UTC") -> bytes:
    """The rows in a form of the command line: table (or text), json, jsonl, csv, markdown, parquet."""
    here = zone_named(zone).key
    twice = next((name for name in rows.column_names if rows.column_names.count(name) > 1), None)
    if twice is not None:
        raise WcsAnalyticsError(f"two columns have the name {twice!r}: tell them apart with `as`")
    if form != "parquet":
        return render.table(rows, "table" if form == "text" else form, here).encode()
    written = io.BytesIO()
    try:
        pq.write_table(_in_zone(rows, here), written)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as problem:
        raise WcsAnalyticsError(f"Parquet can't hold these columns: {problem}") from None
    return written.getvalue()


def _in_zone(rows: pa.Table, zone: str) -> pa.Table:
    """The rows, with the zone in which instants are shown; the instants stay the same."""
    for at, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz:
            there = field.with_type(pa.timestamp(field.type.unit, zone))
            rows = rows.set_column(at, there, rows.column(at).cast(there.type))
    return rows


class Written(NamedTuple):
    """What was written: each path with what it holds in a sentence; and a sentence for each gate that failed."""

    paths: list[tuple[Path, str]]
    failures: list[str]


def write_all(
    lake: Lake, folder: Path, form: str, command: Callable[[str], str], further: Further, **filters: Unpack[Filters]
) -> Written:
    """Write every report into the folder, with an index.html; `command` makes a report by name.

    Each report is divided by those of the dimensions that it knows, and judged by the gates on its own figures.
    Raises UnknownName if no report knows a dimension or figure.
    """
    if form not in _SUFFIXES:
        raise UnknownName(f"all reports can be {', '.join(_SUFFIXES)}, not {form}")
    shares = {one.name: _own(one, further) for one in REPORTS}
    _check_taken(further, list(shares.values()))
    reports = {name: report(name, lake, command=command(name), **own, **filters) for name, own in shares.items()}
    pages = {f"{name}{_SUFFIXES[form]}": report_bytes(one, form) for name, one in reports.items()}
    listed = dict(zip(pages, (one.data for one in reports.values()), strict=True))
    pages["index.html"] = render.index(listed, _zone(filters).key).encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages.items():
        (folder / name).write_bytes(page)
    says = [one.data.verdict for one in reports.values()]
    paths = list(zip((folder / name for name in pages), [*says, "All reports."], strict=True))
    return Written(paths, [f"{name}: {says}" for name, one in reports.items() for says in one.failures])


def _own(declared: Declared, further: Further) -> Further:
    """Of what is wanted of all reports, what this one knows."""
    further = further if declared.through else {**further, "rules": None, "provisional": False}
    figures = {measure.name for measure in declared.measures}
    dimensions, gates = listed(further.get("by", ())), gates_of(further.get("fail_on", ()))
    return {
        **further,
        "by": [name for name in dimensions if name in declared.dimensions],
        "fail_on": [gate.told for gate in gates if gate.figure in figures],
    }


def _check_taken(further: Further, shares: Sequence[Further]) -> None:
    for dimension in listed(further.get("by", ())):
        if not any(dimension in own["by"] for own in shares):
            raise UnknownName(f"no dimension {dimension!r}; there are {', '.join(DIMENSIONS)}")
    for gate in gates_of(further.get("fail_on", ())):
        if not any(gate.told in own["fail_on"] for own in shares):
            raise UnknownName(f"no report has a figure {gate.figure!r}; report NAME --list names those of a report")


def _fixed(rows: pa.Table, title: str) -> Result:
    return Result(lambda: rows, title)
