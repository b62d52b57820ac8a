"""The verbs: what the command line and a notebook call."""

from __future__ import annotations

import shlex
import shutil
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date as Day
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from wcsanalytics import charts, render
from wcsanalytics.errors import DoubtfulFigure, NotAvailable, SourceError, UnknownName, WcsAnalyticsError
from wcsanalytics.formats import FORMATS, Context
from wcsanalytics.intake import Balance, Progress, Settings
from wcsanalytics.intake import ingest as take_in
from wcsanalytics.lake import Lake, Result, schema_of, sql_text
from wcsanalytics.reports import NOT_YET, REPORTS, Figure, Finding, ReportData, Selection, made, moment
from wcsanalytics.reports import Report as Declared
from wcsanalytics.sources import Source, Unreadable, found
from wcsanalytics.store import Store
from wcsanalytics.tables import TABLES, VIEWS

Names = str | Path | Sequence[str | Path]


class Report:
    """A finished report: figures, tables, findings, pictures; shows itself in a notebook."""

    def __init__(self, data: ReportData) -> None:
        """`data` is all there is; nothing is computed later."""
        self.data = data

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

    def plot(self, name: str, ax: Any = None) -> Any:
        """Draw one of the report's plots; returns the axes. Raises UnknownName if it has none of that name."""
        plot = next((plot for plot in self.data.plots if plot.name == name), None)
        if plot is None:
            names = ", ".join(plot.name for plot in self.data.plots)
            raise UnknownName(f"{self.data.report} has no plot {name!r}; there are {names}")
        return charts.draw(plot, self.data.tables[plot.table].rows, ax)

    def to_html(self, path: str | Path) -> None:
        """Write the report as one HTML file."""
        Path(path).write_text(render.html(self.data), encoding="utf-8")

    def to_markdown(self, path: str | Path) -> None:
        """Write the report as Markdown."""
        Path(path).write_text(render.markdown(self.data), encoding="utf-8")

    def to_json(self, path: str | Path) -> None:
        """Write the report as JSON."""
        Path(path).write_text(render.json(self.data), encoding="utf-8")

    def __str__(self) -> str:
        return render.text(self.data)

    def __repr__(self) -> str:
        return f"<Report {self.data.report}: {len(self.figures)} figures, {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        return render.frame(self.data)


def open(
    sources: Names,
    *,
    memory_limit: str | None = None,
    threads: int | None = None,
    **reading: Any,
) -> Lake:
    """A store, or captured files read into a temporary one, as a Lake; a context manager.

    `reading` are the options of `ingest`. What is doubtful about the captures is told by warnings. Raises SourceError
    if nothing could be read.
    """
    lake, balance = opened(sources, memory_limit=memory_limit, threads=threads, **reading)
    for told in doubts(balance):
        warnings.warn(told, DoubtfulFigure, stacklevel=2)
    return lake


def opened(
    sources: Names, *, memory_limit: str | None = None, threads: int | None = None, **reading: Any
) -> tuple[Lake, Balance | None]:
    """As `open`, with the books of the reading; None for a store, which was read before."""
    names = _names(sources)
    if len(names) == 1 and Store.is_store(Path(names[0])):
        return Lake(Store(Path(names[0])), memory_limit=memory_limit, threads=threads), None
    path = Path(tempfile.mkdtemp(prefix="wcsanalytics-"))
    try:
        balance = ingest(names, path, **reading)
        if not any(one.format for one in balance.readings):
            raise SourceError("; ".join(doubts(balance)) or f"nothing to read in {', '.join(names)}")
        return Lake(Store(path), memory_limit=memory_limit, threads=threads, owned=True), balance
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


def doubts(balance: Balance | None) -> list[str]:
    """What was wrong with the inputs, or assumed about them: a sentence each."""
    told = []
    for reading in balance.readings if balance else ():
        unknown = "no format recognises it" if reading.unknown else None
        told += [f"{reading.name}: {says}" for says in (reading.problem, unknown, *reading.doubts) if says]
    return told


def ingest(
    sources: Names,
    store: str | Path,
    *,
    tz: str | Sequence[str] = (),
    date: str | Sequence[str] = (),
    as_node: str | Sequence[str] = (),
    format: str | None = None,
    keep_log: str = "WARN",
    keep_field: str | Sequence[str] = (),
    identifiers: str = "keep",
    key_file: str | Path | None = None,
    strict: bool = False,
    max_rejected: str | int | None = None,
    jobs: int = 1,
    lock_timeout: float = 60.0,
    stdin: BinaryIO | None = None,
    progress: Progress | None = None,
) -> Balance:
    """Read captures into the store, all in one commit; returns the books of each source.

    `tz`, `date` (of the first line) and `as_node` are a value, or `GLOB=VALUE` for files of that name, or several.
    Raises StoreError, LimitExceeded, BooksError: nothing is changed then.
    """
    if identifiers != "keep" or key_file is not None:
        raise NotAvailable("--identifiers hmac and drop are not available yet")
    if jobs != 1:
        raise NotAvailable("--jobs is not available yet: one process reads")
    settings = Settings(
        dates=tuple((glob, _day(value)) for glob, value in _by_glob(date)),
        zones=tuple((glob, _zone(value)) for glob, value in _by_glob(tz)),
        nodes=tuple(_by_glob(as_node)),
        format=_known_format(format),
        keep_log=keep_log.upper(),
        kept_fields=frozenset([keep_field] if isinstance(keep_field, str) else keep_field),
        **_limits(strict, max_rejected),
    )
    target = Store(Path(store))
    target.create()
    names = _names(sources)
    for name in names:
        if Store.is_store(Path(name)):
            raise NotAvailable(f"{name}: reading one store into another is not available yet")
    return take_in(found(names, stdin), target, settings, lock_timeout_s=lock_timeout, progress=progress)


def read(sources: Names, **reading: Any) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Record batches of the stored tables, with the table's name; no store is needed.

    `reading` are `tz`, `date`, `as_node`, `format`, `keep_log`, `keep_field` as for `ingest`. A source that can't be
    read, or that no format recognises, raises SourceError.
    """
    zones, days, nodes = (_by_glob(reading.get(name, ())) for name in ("tz", "date", "as_node"))
    settings = Settings(
        dates=tuple((glob, _day(value)) for glob, value in days),
        zones=tuple((glob, _zone(value)) for glob, value in zones),
        nodes=tuple(nodes),
        keep_log=str(reading.get("keep_log", "WARN")).upper(),
    )
    wanted = _known_format(reading.get("format"))
    for source in found(_names(sources)):
        if isinstance(source, Unreadable):
            raise SourceError(f"{source.path}: {source.reason}")
        yield from _batches(source, settings, wanted)


def _batches(source: Source, settings: Settings, wanted: str | None) -> Iterator[tuple[str, pa.RecordBatch]]:
    chunks = source.chunks()
    head = next(chunks, b"")
    if not head:
        return
    known = (
        one for one in FORMATS if one.name == wanted or (wanted is None and one.recognises(head, source.file_name))
    )
    format_ = next(known, None)
    if format_ is None:
        raise SourceError(f"{source.name}: no format recognises it")
    context = Context(source.name, source.file_name, source.mtime, settings.options(source))
    yield from format_.read(_after(head, chunks), context)


def _after(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from chunks


def report(
    report_name: str,
    sources: Lake | Names,
    /,
    *,
    since: str | datetime | None = None,
    until: str | datetime | None = None,
    at: str | datetime | None = None,
    node: str | None = None,
    app: str | None = None,
    session: str | None = None,
    call: str | None = None,
    stream: str | None = None,
    name: str | None = None,
    user: str | None = None,
    zone: str = "UTC",
    by: str | Sequence[str] = (),
    against: str | None = None,
    command: str = "",
    **reading: Any,
) -> Report:
    """One report over a lake, a store or captures. Raises UnknownName if there is no report of that name."""
    declared = report_named(report_name)
    if by or against:
        raise NotAvailable("--by and --against are not available yet")
    if not isinstance(sources, Lake):
        with open(sources, **reading) as lake:
            return report(
                report_name, lake, since=since, until=until, at=at, node=node, app=app, session=session, call=call,
                stream=stream, name=name, user=user, zone=zone, command=command,
            )  # fmt: skip
    selection = Selection(None, None, node, app, session, call, stream, name, user)
    selection = _in_time(selection, sources, since, until, at, _zone(zone))
    return Report(made(declared, sources, selection, selection.told(), command))


def _in_time(
    selection: Selection,
    lake: Lake,
    since: str | datetime | None,
    until: str | datetime | None,
    at: str | datetime | None,
    zone: ZoneInfo,
) -> Selection:
    last = max((segment.last_at for segment in lake.snapshot.segments if segment.last_at), default=None)
    if at is not None:
        instant = moment(at, zone, last)
        return replace(selection, since=instant - AROUND, until=instant + AROUND)
    return replace(
        selection,
        since=None if since is None else moment(since, zone, last),
        until=None if until is None else moment(until, zone, last),
    )


AROUND = timedelta(minutes=15)
"""`at` stands for as much before and after an instant."""


def report_named(name: str) -> Declared:
    """The report of that name; `_` may stand for `-`. Raises UnknownName or NotAvailable."""
    wanted = name.replace("_", "-")
    if wanted in NOT_YET:
        raise NotAvailable(f"the report {wanted} is not available yet")
    found_ = next((one for one in REPORTS if one.name == wanted), None)
    if found_ is None:
        raise UnknownName(f"no report {name!r}; there are {', '.join(one.name for one in REPORTS)}")
    return found_


def find(text: str, lake: Lake) -> Result:
    """Sessions, streams and calls whose id, name, user or address holds the text, with what debugs each."""
    return lake.sql(sql_text("questions", "find"), text=text)


def describe(lake: Lake) -> Result:
    """Views and tables with their rows, first and last time."""
    return lake.sql(
        " union all ".join(_counted(name) for name in (*VIEWS, *(set(TABLES) - set(VIEWS)))) + " order by name"
    )


def describe_table(name: str) -> Result:
    """Columns of a view or table: type, unit, meaning, and place in the hook's body."""
    told = [
        {
            "column": field.name,
            "type": str(field.type),
            **{key.decode(): value.decode() for key, value in (field.metadata or {}).items()},
        }
        for field in schema(name)
    ]
    columns = [(key, pa.string()) for key in ("column", "type", "unit", "description", "body_path", "form")]
    return _fixed(pa.Table.from_pylist(told, pa.schema(columns)), name)


def describe_files(lake: Lake) -> Result:
    """The committed Parquet files: what other programs may read."""
    rows = {
        "table": [part.table for part in lake.snapshot.parts],
        "path": [str(lake.path / part.path) for part in lake.snapshot.parts],
        "rows": [part.rows for part in lake.snapshot.parts],
        "size": [part.size for part in lake.snapshot.parts],
        "sha256": [part.sha256 for part in lake.snapshot.parts],
    }
    return _fixed(pa.table(rows), "files")


def _counted(name: str) -> str:
    """Query for the rows and the span of one view or table of ours."""
    declared = VIEWS.get(name) or TABLES[name]
    instant = next((column.name for column in declared.columns if column.type == "instant"), None)
    first, last = (f'{ask}("{instant}")' if instant else "null::timestamptz" for ask in ("min", "max"))
    kind = "view" if name in VIEWS else "table"
    meaning = declared.meaning.replace("'", "''")
    return f"""
        select '{name}' as name, '{kind}' as kind, count(*) as row_count, {first} as first_at, {last} as last_at,
               '{meaning}' as meaning
        from "{name}"
    """  # noqa: S608 - all names are our own declarations


def schema(name: str) -> pa.Schema:
    """Arrow schema of a view or table, with unit and description in the field metadata."""
    return schema_of(name)


def _fixed(rows: pa.Table, title: str) -> Result:
    return Result(lambda: rows, title)


def _names(sources: Names) -> list[str]:
    return [str(sources)] if isinstance(sources, str | Path) else [str(name) for name in sources]


def _by_glob(values: str | Iterable[str]) -> list[tuple[str, str]]:
    pairs = [value.rpartition("=") for value in ([values] if isinstance(values, str) else values)]
    return [(glob or "*", value) for glob, _, value in pairs]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownName(f"no time zone {name!r}; zones are named like Europe/Berlin") from None


def _day(text: str) -> Day:
    try:
        return Day.fromisoformat(text)
    except ValueError:
        raise WcsAnalyticsError(f"{text!r} is no day; days are written like 2026-03-14") from None


def _known_format(name: str | None) -> str | None:
    if name is not None and name not in {one.name for one in FORMATS}:
        raise UnknownName(f"no format {name!r}; there are {', '.join(one.name for one in FORMATS)}")
    return name


def _limits(strict: bool, max_rejected: str | int | None) -> dict[str, float]:
    if max_rejected is None:
        return {"max_rejected": 0} if strict else {}
    text = str(max_rejected)
    try:
        if text.endswith("%"):
            return {"max_rejected_ratio": float(text[:-1]) / 100}
        return {"max_rejected": int(text)}
    except ValueError:
        raise WcsAnalyticsError(f"{text!r} is no limit; it is a number of records or a share like 1%") from None


FILTERS = ("since", "until", "at", "node", "app", "session", "call", "stream", "name", "user", "zone")
"""Filters of a report, as the command line and `report` name them."""


def books(balance: Balance) -> pa.Table:
    """The books of an ingest, a row a source. All counts are halves of exchanges, but for other_lines."""
    rows = [
        {
            "source": reading.name,
            "format": reading.format or ("unknown" if reading.unknown else None),
            "records": reading.records,
            "new": reading.new,
            "already_stored": reading.known,
            "rejected": reading.counts.rejected,
            "pending": reading.counts.pending,
            "other_lines": reading.counts.other_lines,
            "balanced": reading.balanced,
            "problem": reading.problem,
        }
        for reading in balance.readings
    ]
    counts = ("records", "new", "already_stored", "rejected", "pending", "other_lines")
    schema = pa.schema(
        [
            ("source", pa.string()),
            ("format", pa.string()),
            *((name, pa.int64()) for name in counts),
            ("balanced", pa.bool_()),
            ("problem", pa.string()),
        ]
    )
    return pa.Table.from_pylist(rows, schema)


def listed(name: str) -> pa.Table:
    """What a report holds: its figures, tables and plots, with unit and meaning."""
    declared = report_named(name)
    rows = [("figure", one.name, one.unit, f"{one.label}: {one.meaning}, of {one.of}") for one in declared.measures]
    rows += [("table", one.name, "", one.title) for one in declared.tables]
    rows += [("plot", one.name, "", one.says or one.title) for one in declared.plots]
    return pa.table(dict(zip(("kind", "name", "unit", "meaning"), map(list, zip(*rows, strict=True)), strict=True)))


def report_table(made_report: Report, name: str | None) -> pa.Table:
    """One table of a report; its largest, the last, where none is named. Raises UnknownName."""
    tables = made_report.data.tables
    wanted = name or list(tables)[-1]
    if wanted not in tables:
        raise UnknownName(f"{made_report.data.report} has no table {wanted!r}; there are {', '.join(tables)}")
    return tables[wanted].rows


def rendered(made_report: Report, form: str, zone: str = "UTC") -> str:
    """The report as text, markdown, html or json."""
    data = made_report.data
    if form == "json":
        return render.json(data)
    if form == "html":
        return render.html(data, zone)
    return render.markdown(data, zone) if form == "markdown" else render.text(data, zone=zone)


def write_all(lake: Lake, filters: Mapping[str, Any], sources: Names, folder: Path, form: str) -> list[Path]:
    """Write every report into the folder, with an index.html; returns the paths."""
    suffix = {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json"}.get(form)
    if suffix is None:
        raise UnknownName(f"all reports can be text, markdown, html or json, not {form}")
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for declared in REPORTS:
        one = report(declared.name, lake, **filters, command=command_line(declared.name, sources, {}))
        written[f"{declared.name}{suffix}"] = one.data
        (folder / f"{declared.name}{suffix}").write_text(rendered(one, form, filters["zone"]), encoding="utf-8")
    (folder / "index.html").write_text(render.index(written), encoding="utf-8")
    return [*(folder / name for name in written), folder / "index.html"]


def command_line(report_name: str, sources: Names, options: Mapping[str, Any]) -> str:
    """The command that makes a report of these sources with these reading options, ready to paste."""
    words = ["wcsanalytics", "report", report_name.replace("_", "-"), *_names(sources)]
    for option in ("tz", "date", "as_node"):
        for value in options.get(option, ()):
            words += [f"--{option.replace('_', '-')}", value]
    return shlex.join(words)


def with_commands(rows: pa.Table, sources: Names) -> pa.Table:
    """The rows of `find`, each with the command that debugs it."""
    start = command_line("session-debug", sources, {})
    commands = [f"{start} {choice}" for choice in rows["debug"].to_pylist()]
    return rows.set_column(rows.column_names.index("debug"), "debug", pa.array(commands, pa.string()))
