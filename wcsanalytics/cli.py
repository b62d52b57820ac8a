"""The command line: parse, call `api`, echo."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wcsanalytics.errors import (
    BooksError,
    LimitExceeded,
    NotAvailable,
    SourceError,
    StoreError,
    WcsAnalyticsError,
)
from wcsanalytics.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

    from wcsanalytics.api import Report
    from wcsanalytics.intake import Balance
    from wcsanalytics.lake import Lake

EXIT_CODES: tuple[tuple[type[WcsAnalyticsError], int], ...] = (
    (BooksError, 5),
    (StoreError, 3),
    (LimitExceeded, 4),
    (SourceError, 1),
    (WcsAnalyticsError, 2),
)
"""Exit code of each error; the first that fits."""

INCOMPLETE = 1
REPORT_FORMS = ("text", "markdown", "html", "json", "csv", "parquet")
TABLE_FORMS = ("table", "json", "jsonl", "csv", "markdown", "parquet")
_SUFFIXES = {
    ".txt": "text",
    ".md": "markdown",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
}


def main() -> None:
    """Run the program; the one place where errors become messages and exit codes."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        code = problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 128 + signal.SIGINT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 128 + signal.SIGPIPE
    except WcsAnalyticsError as problem:
        _say(f"wcsanalytics: {problem}")
        code = next(code for kind, code in EXIT_CODES if isinstance(problem, kind))
    except OSError as problem:
        _say(f"wcsanalytics: {problem.filename or 'output'}: {problem.strerror or problem}")
        code = 3
    sys.exit(code if isinstance(code, int) else 0)


def _say(text: str) -> None:
    from wcsanalytics import inert

    click.echo(inert.terminal(text), err=True)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _all(*options: Decorator) -> Decorator:
    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


reading_options = _all(
    click.option("--tz", multiple=True, metavar="[GLOB=]ZONE", help="Zone of the server's clock, as Europe/Berlin."),
    click.option("--date", multiple=True, metavar="[GLOB=]DAY", help="Day of the first line."),
    click.option("--as-node", multiple=True, metavar="[GLOB=]NAME", help="Node of records that tell none."),
    click.option("--format", metavar="NAME", help="Format, where it can't be told by looking."),
    click.option("--keep-log", default="WARN", metavar="LEVEL", help="Server lines kept from this level up."),
    click.option("--keep-field", multiple=True, metavar="custom.PATH", help="Application field whose value is kept."),
    click.option("--identifiers", type=click.Choice(["keep", "hmac", "drop"]), default="keep"),
    click.option("--key-file", type=click.Path(dir_okay=False), help="Key of the identifiers' HMAC."),
    click.option("--strict", is_flag=True, help="No record may be rejected."),
    click.option("--max-rejected", metavar="N|P%", help="As many records may be rejected."),
    click.option("--jobs", type=click.IntRange(1), default=1, help="Processes that read."),
)

filters = _all(
    click.option("--since", metavar="TIME", help="ISO, or -2h, -7d back from the last record."),
    click.option("--until", metavar="TIME", help="Up to, and without, this time."),
    click.option("--at", metavar="TIME", help="15 minutes before and after."),
    click.option("--node"),
    click.option("--app"),
    click.option("--session", metavar="ID|KEY"),
    click.option("--call", metavar="ID|KEY"),
    click.option("--stream", metavar="ID|KEY"),
    click.option("--name", metavar="NAME", help="Stream name."),
    click.option("--user", metavar="LOGIN"),
    click.option("--zone", default="UTC", metavar="ZONE", help="Zone of typed and shown times."),
)

table_output = _all(
    click.option("-f", "form", type=click.Choice(TABLE_FORMS), help="Form of the output."),
    click.option(
        "-o", "output", type=click.Path(path_type=Path, dir_okay=False), help="File; its suffix tells the form."
    ),
)

sources = click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="wcsanalytics")
def cli() -> None:
    """Call quality, stream lifetime and session debug from the logs of Flashphoner WCS.

    SOURCE is a store, or captured files, directories, patterns, archives, or - for standard input.
    """


@cli.command()
@sources
@click.option(
    "--store", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where the rows are kept."
)
@click.option("--lock-timeout", default=60.0, metavar="SECONDS", help="How long to wait for another writer.")
@reading_options
@table_output
def ingest(
    sources: Sequence[str],
    store: Path,
    lock_timeout: float,
    form: str | None,
    output: Path | None,
    **reading: Any,
) -> None:
    """Read captures into a store, all in one commit; print the books of each source."""
    from wcsanalytics import api

    balance = api.ingest(sources, store, lock_timeout=lock_timeout, **_reading(reading))
    _write_table(api.books(balance), form, output, "UTC")
    _finish(balance, sources)


@cli.command()
@click.argument("report_name", metavar="NAME")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option("--list", "listed", is_flag=True, help="Name the report's figures, tables and plots.")
@click.option("--table", "table_name", metavar="NAME", help="One table of the report only.")
@click.option("--by", multiple=True, metavar="DIMENSION")
@click.option("--against", metavar="PERIOD")
@click.option("--fail-on", multiple=True, metavar="'FIGURE OP VALUE'")
@click.option("--allow-missing", is_flag=True)
@click.option("-f", "form", type=click.Choice((*REPORT_FORMS, "table", "jsonl")), help="Form of the output.")
@click.option(
    "-o", "output", type=click.Path(path_type=Path), help="File, whose suffix tells the form; a folder for all."
)
@filters
@reading_options
def report(
    report_name: str,
    sources: Sequence[str],
    listed: bool,
    table_name: str | None,
    by: Sequence[str],
    against: str | None,
    fail_on: Sequence[str],
    allow_missing: bool,
    form: str | None,
    output: Path | None,
    **options: Any,
) -> None:
    """Make one report, or all of them.

    NAME is call-quality, stream-lifetime, session-debug, conformance, or all.
    """
    from wcsanalytics import api

    if fail_on or by or against:
        raise NotAvailable("--by, --against and --fail-on are not available yet")
    if listed:
        _write_table(api.listed(report_name), form if form in TABLE_FORMS else None, output, "UTC")
        return
    if not sources:
        raise click.UsageError("a SOURCE is wanted: a store, captured files, or - for standard input")
    chosen = {key: options.pop(key) for key in api.FILTERS}
    lake, balance = api.opened(sources, **_reading(options))
    with lake:
        if report_name == "all":
            _write_all(lake, chosen, sources, output, form or "html")
        else:
            command = api.command_line(report_name, sources, options)
            made = api.report(report_name, lake, **chosen, command=command)
            _write_report(made, table_name, form, output, chosen["zone"])
    _finish(balance, sources)


@cli.command()
@click.argument("words", nargs=-1, required=True, metavar="SOURCE... QUERY")
@click.option("--param", multiple=True, metavar="NAME=VALUE", help="Value of $NAME in the query.")
@click.option("--zone", default="UTC", metavar="ZONE", help="Zone of shown times.")
@table_output
@reading_options
def sql(
    words: Sequence[str],
    param: Sequence[str],
    zone: str,
    form: str | None,
    output: Path | None,
    **reading: Any,
) -> None:
    """Ask one SELECT of the views and tables; QUERY - reads it from standard input."""
    from wcsanalytics import api

    if len(words) < 2:
        raise click.UsageError("a SOURCE and a QUERY are wanted")
    *names, query = words
    given = dict(one.partition("=")[::2] for one in param)
    lake, balance = api.opened(names, **_reading(reading))
    with lake:
        rows = lake.sql(sys.stdin.read() if query == "-" else query, given).arrow()
        _write_table(rows, form, output, zone)
    _finish(balance, names)


@cli.command()
@sources
@click.option("--table", "table_name", metavar="NAME", help="Columns of one view or table.")
@click.option("--files", is_flag=True, help="The committed Parquet files.")
@table_output
@reading_options
def describe(
    sources: Sequence[str],
    table_name: str | None,
    files: bool,
    form: str | None,
    output: Path | None,
    **reading: Any,
) -> None:
    """Views and tables with rows and span; one table's columns; the committed files."""
    from wcsanalytics import api

    if table_name is not None:
        _write_table(api.describe_table(table_name).arrow(), form, output, "UTC")
        return
    lake, balance = api.opened(sources, **_reading(reading))
    with lake:
        rows = api.describe_files(lake) if files else api.describe(lake)
        _write_table(rows.arrow(), form, output, "UTC")
    _finish(balance, sources)


@cli.command()
@click.argument("text")
@sources
@table_output
@reading_options
def find(text: str, sources: Sequence[str], form: str | None, output: Path | None, **reading: Any) -> None:
    """Sessions, streams and calls whose id, name, user or address holds TEXT."""
    from wcsanalytics import api

    lake, balance = api.opened(sources, **_reading(reading))
    with lake:
        rows = api.with_commands(api.find(text, lake).arrow(), sources)
        _write_table(rows, form, output, "UTC")
    _finish(balance, sources)


def _not_yet(name: str, says: str) -> None:
    @cli.command(name, help=f"{says} Not available yet.", context_settings={"ignore_unknown_options": True})
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    def command(words: Sequence[str]) -> None:
        raise NotAvailable(f"{name} is not available yet")


_not_yet("export", "Write views as Parquet by day, CSV or Delta, or a bundle to hand out.")
_not_yet("verify", "Check the store against its log.")
_not_yet("compact", "Merge parts into few large ones.")
_not_yet("forget", "Remove a session or person for good.")


def _reading(options: dict[str, Any]) -> dict[str, Any]:
    """Reading options as `api` takes them, with standard input and, on a terminal, progress."""
    progress = _progress if sys.stderr.isatty() else None
    return {**options, "stdin": sys.stdin.buffer, "progress": progress}


def _progress(name: str, size: int) -> None:
    from wcsanalytics import inert

    click.echo(f"\r{inert.terminal(name)[-60:]} {size / 1e6:,.0f} MB\x1b[K", nl=False, err=True)


def _finish(balance: Balance | None, sources: Sequence[str]) -> None:
    """Tell what was wrong with the inputs; a named one that could not be read makes the exit code 1."""
    from wcsanalytics import api

    if balance is None:
        return
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    for told in api.doubts(balance):
        _say(told)
    if balance.incomplete or any(reading.unknown and reading.name in sources for reading in balance.readings):
        click.get_current_context().exit(INCOMPLETE)


def _write_table(rows: pa.Table, form: str | None, output: Path | None, zone: str) -> None:
    from wcsanalytics import render

    form = form or _form_of(output) or ("table" if sys.stdout.isatty() else "jsonl")
    if form == "parquet":
        _write_parquet(rows, output)
    else:
        _put(render.table(rows, "table" if form == "text" else form, zone), output)


def _write_report(made: Report, table_name: str | None, form: str | None, output: Path | None, zone: str) -> None:
    from wcsanalytics import api, render

    form = form or _form_of(output) or "text"
    if table_name is not None or form in ("csv", "parquet", "table", "jsonl"):
        rows = api.report_table(made, table_name)
        _write_table(rows, "table" if form == "text" else form, output, zone)
        return
    if form == "html" and output is None and sys.stdout.isatty():
        raise click.UsageError("HTML goes to a file: add -o FILE")
    if form == "text":
        _put(render.text(made.data, color=_colours(output), zone=zone), output)
    else:
        _put(api.rendered(made, form, zone), output)


def _write_all(lake: Lake, chosen: dict[str, Any], sources: Sequence[str], output: Path | None, form: str) -> None:
    from wcsanalytics import api

    if output is None:
        raise click.UsageError("all reports go to a folder: add -o DIR")
    for path in api.write_all(lake, chosen, sources, output, form):
        click.echo(path)


def _write_parquet(rows: pa.Table, output: Path | None) -> None:
    import pyarrow.parquet as pq

    if output is not None:
        pq.write_table(rows, output)
    elif sys.stdout.isatty():
        raise click.UsageError("Parquet goes to a file: add -o FILE")
    else:
        pq.write_table(rows, sys.stdout.buffer)


def _put(text: str, output: Path | None) -> None:
    text = text if text.endswith("\n") else f"{text}\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def _form_of(output: Path | None) -> str | None:
    return None if output is None else _SUFFIXES.get(output.suffix.lower())


def _colours(output: Path | None) -> bool:
    return output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
