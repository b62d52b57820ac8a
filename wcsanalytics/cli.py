"""The command line: parse, call `api`, echo."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wcsanalytics import memory
from wcsanalytics.errors import BooksError, LimitExceeded, NotAvailable, SourceError, StoreError, WcsAnalyticsError
from wcsanalytics.loading import hidden
from wcsanalytics.version import __version__

if TYPE_CHECKING:
    from wcsanalytics.intake import Balance

EXIT_CODES: tuple[tuple[type[WcsAnalyticsError], int], ...] = (
    (BooksError, 5),
    (StoreError, 3),
    (LimitExceeded, 4),
    (SourceError, 1),
    (WcsAnalyticsError, 2),
)
"""Exit code of each error; the first that fits."""

INCOMPLETE = 1
GATE_FAILED = 4
UNWRITTEN = 3
FAULT = 5
REPORT_FORMS = ("text", "markdown", "html", "json", "csv", "parquet")
TABLE_FORMS = ("table", "json", "jsonl", "csv", "markdown", "parquet")
FOR_FILES = ("html", "parquet")
PARAGRAPH = "\n\n"
_SUFFIXES: dict[str, str | None] = {
    "": None,
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
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's other threads would only spin: nothing here needs them
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started the program
        sys.exit(UNWRITTEN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _stop)
    memory.keep()
    try:
        with hidden("pandas"):  # no command needs it, and it takes a third of a second to load
            code = program.main(standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        code = problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 128 + signal.SIGINT
    except WcsAnalyticsError as problem:
        _say(f"wcsanalytics: {' '.join(str(problem).partition(PARAGRAPH)[0].split())}")
        code = next(code for kind, code in EXIT_CODES if isinstance(problem, kind))
    except OSError as problem:
        _say(f"wcsanalytics: {problem.filename or 'standard output'}: {problem.strerror or problem}")
        code = UNWRITTEN
    except Exception as problem:
        _say(f"wcsanalytics: a fault of the program, please report it: {_place(problem)}")
        code = FAULT
    sys.exit(code if isinstance(code, int) else 0)


def _stop(number: int, frame: object) -> None:
    """End as an exception does, so that temporary stores go."""
    sys.exit(128 + number)


def _place(problem: Exception) -> str:
    """What went wrong where; its message may hold what was captured, and is left out."""
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [frame for frame in frames if "wcsanalytics" in frame.filename] or frames
    return f"{type(problem).__name__} in {Path(ours[-1].filename).name}:{ours[-1].lineno}"


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


lock_option = click.option(
    "--lock-timeout", default=60.0, metavar="SECONDS", help="How long to wait for another writer."
)

reading_options = _all(
    click.option("--tz", multiple=True, metavar="[GLOB=]ZONE", help="Zone of the server's clock, as Europe/Berlin."),
    click.option("--date", multiple=True, metavar="[GLOB=]DAY", help="Day of the first line."),
    click.option("--as-node", multiple=True, metavar="[GLOB=]NAME", help="Node of records that tell none."),
    click.option("--format", metavar="NAME", help="Format, where it can't be told by looking."),
    click.option("--keep-log", default="WARN", metavar="LEVEL", help="Server lines kept from this level up."),
    click.option("--keep-field", multiple=True, metavar="custom.PATH", help="Application field whose value is kept."),
    click.option(
        "--identifiers",
        type=click.Choice(["keep", "hmac", "drop"]),
        default="keep",
        help="Persons and addresses: kept, keyed pseudonyms, or removed.",
    ),
    click.option("--key-file", type=click.Path(dir_okay=False), help="Key of the pseudonyms; else WCSANALYTICS_KEY."),
    click.option("--strict", is_flag=True, help="No record may be rejected."),
    click.option("--max-rejected", metavar="N|P%", help="As many records may be rejected."),
    click.option("--jobs", type=click.IntRange(1), default=1, help="Processes that read."),
    click.option("--cap", multiple=True, metavar="NAME=VALUE", help="Another cap on input; see the README."),
)

zone_option = click.option("--zone", default="UTC", metavar="ZONE", help="Zone of typed and shown times.")

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
    zone_option,
)

table_output = _all(
    click.option("-f", "form", type=click.Choice(TABLE_FORMS), help="Form of the output; json lines in a pipe."),
    click.option(
        "-o", "output", type=click.Path(path_type=Path, dir_okay=False), help="File; its suffix tells the form."
    ),
)

sources = click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="wcsanalytics")
def program() -> None:
    """Call quality, stream lifetime and session debug from the logs of Flashphoner WCS.

    SOURCE is a store, or captured files, directories, patterns, archives, or - for standard input.
    """


@program.command()
@sources
@click.option(
    "--store", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where the rows are kept."
)
@lock_option
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

    form = _form(form, output)
    balance = api.ingest(sources, store, lock_timeout=lock_timeout, **_reading(reading))
    _put(api.table_bytes(api.books(balance), form), output)
    _finish(balance, sources)


@program.command()
@click.argument("report_name", metavar="NAME")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option("--list", "listed", is_flag=True, help="Name the report's figures, tables and plots.")
@click.option("--table", "table_name", metavar="NAME", help="One table of the report only.")
@click.option("--by", multiple=True, metavar="DIMENSION", help="Figures by node, app, browser, hour, ... too.")
@click.option(
    "--against", metavar="PERIOD", help="Compare with it: previous, or filters as 'since=TIME,until=TIME,node=NAME'."
)
@click.option(
    "--fail-on",
    multiple=True,
    metavar="'FIGURE OP VALUE'",
    help="Exit code 4 where that is so: 'asr < 0.9', 'drop_rate.high > 3%', 'mos.change < -0.1'.",
)
@click.option("--allow-missing", is_flag=True, help="A figure that can't be computed fails no gate.")
@click.option(
    "--rules",
    metavar="NAME|FILE",
    help="Rules for good and poor media: cqd (usual), livekit, observertc, twilio, wcs, ..., or a TOML file.",
)
@click.option("--provisional", is_flag=True, help="Score Opus too, by a table of one author: no ITU row exists.")
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
    form: str | None,
    output: Path | None,
    **options: Any,
) -> None:
    """Make one report, or all of them.

    NAME is call-quality, stream-lifetime, session-debug, conformance, or all.
    """
    from wcsanalytics import api

    if listed:
        _put(api.table_bytes(api.describe_report(report_name).arrow(), _form(form, output)), output)
        return
    if not sources:
        raise click.UsageError("a SOURCE is wanted: a store, captured files, or - for standard input")
    if report_name == "all":
        _every_report(sources, form or "html", output, options)
        return
    form = _form(form, output, "text")
    chosen = api.filters_of(options) | {key: options.pop(key) for key in api.FURTHER}
    lake, balance = api.opened(sources, **_reading(options))
    with lake:
        made = api.report(report_name, lake, command=api.command_line(report_name, sources, options), **chosen)
    _put(api.report_bytes(made, form, table=table_name, color=_colours(output)), output)
    _finish(balance, sources, made.failures)


def _every_report(sources: Sequence[str], form: str, output: Path | None, options: dict[str, Any]) -> None:
    from wcsanalytics import api, inert

    if output is None:
        raise click.UsageError("all reports go to a folder: add -o DIR")
    chosen = api.filters_of(options)
    further: Any = {key: options.pop(key) for key in api.FURTHER}
    lake, balance = api.opened(sources, **_reading(options))
    with lake:
        written = api.write_all(
            lake, output, form, lambda name: api.command_line(name, sources, options), further, **chosen
        )
    _put("".join(f"{inert.terminal(f'{path}: {says}')}\n" for path, says in written.paths).encode(), None)
    _finish(balance, sources, written.failures)


@program.command()
@click.argument("words", nargs=-1, required=True, metavar="SOURCE... QUERY")
@click.option("--param", multiple=True, metavar="NAME=VALUE", help="Value of $NAME in the query.")
@zone_option
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
    if query == "-" and "-" in names:
        raise click.UsageError("standard input can't be both SOURCE and QUERY")
    form, given = _form(form, output), _params(param)
    lake, balance = api.opened(names, **_reading(reading))
    with lake:
        rows = lake.sql(sys.stdin.read() if query == "-" else query, given).arrow()
    _put(api.table_bytes(rows, form, zone), output)
    _finish(balance, names)


def _params(told: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in told]
    wrong = next((name for name, equals, _ in pairs if not (name and equals)), None)
    if wrong is not None:
        raise click.UsageError(f"--param is NAME=VALUE, not {wrong!r}")
    return {name: value for name, _, value in pairs}


@program.command()
@sources
@click.option("--table", "table_name", metavar="NAME", help="Columns of one view or table.")
@click.option("--files", is_flag=True, help="The committed Parquet files.")
@zone_option
@table_output
@reading_options
def describe(
    sources: Sequence[str],
    table_name: str | None,
    files: bool,
    zone: str,
    form: str | None,
    output: Path | None,
    **reading: Any,
) -> None:
    """Views and tables with rows and span; one table's columns; the committed files."""
    from wcsanalytics import api

    form = _form(form, output)
    if table_name is not None:
        _put(api.table_bytes(api.describe_table(table_name).arrow(), form), output)
        return
    lake, balance = api.opened(sources, **_reading(reading))
    with lake:
        rows = api.describe(lake, files=files).arrow()
    _put(api.table_bytes(rows, form, zone), output)
    _finish(balance, sources)


@program.command()
@click.argument("text")
@sources
@table_output
@filters
@reading_options
def find(text: str, sources: Sequence[str], form: str | None, output: Path | None, **options: Any) -> None:
    """Sessions, streams and calls whose id, name, user or address holds TEXT."""
    from wcsanalytics import api

    form = _form(form, output)
    chosen = api.filters_of(options)
    lake, balance = api.opened(sources, **_reading(options))
    with lake:
        found = api.find(text, lake, key_file=options["key_file"], **chosen).arrow()
        rows = api.with_commands(found, sources, options)
    _put(api.table_bytes(rows, form, chosen["zone"]), output)
    _finish(balance, sources)


@program.command()
@click.argument("store", type=click.Path(path_type=Path))
@table_output
@lock_option
def compact(store: Path, form: str | None, output: Path | None, lock_timeout: float) -> None:
    """Merge the parts of STORE into one a table. Readers are not disturbed."""
    from wcsanalytics import api

    form = _form(form, output)
    _put(api.table_bytes(api.compact(store, lock_timeout=lock_timeout).arrow(), form), output)


@program.command()
@click.argument("store", type=click.Path(path_type=Path))
@table_output
def verify(store: Path, form: str | None, output: Path | None) -> None:
    """Hold every file of STORE against its log: checksum, size, rows. What is damaged is named."""
    from wcsanalytics import api

    form = _form(form, output)
    files = api.verify(store).arrow()
    _put(api.table_bytes(files, form), output)
    damaged = [one for one in files.to_pylist() if one["damaged"]]
    for one in damaged:
        _say(f"{one['file']}: {one['problem']}")
    if damaged:
        click.get_current_context().exit(UNWRITTEN)


@program.command()
@click.argument("words", nargs=-1, required=True, metavar="[ID] STORE")
@click.option("--before", metavar="TIME", help="Forget all that came before, in the place of an ID.")
@click.option("--yes", is_flag=True, help="Do it; without it, only what would go is counted.")
@click.option("--key-file", type=click.Path(dir_okay=False), help="Key of the store's pseudonyms.")
@lock_option
@zone_option
@table_output
def forget(words: Sequence[str], form: str | None, output: Path | None, yes: bool, **options: Any) -> None:
    """Remove a session, stream, call or person from STORE for good, or all that is older than a time."""
    from wcsanalytics import api

    form = _form(form, output)
    if len(words) != (1 if options["before"] else 2):
        raise click.UsageError("an ID and a STORE are wanted, or a STORE and --before TIME")
    what = None if options["before"] else words[0]
    counted = api.forget(what, words[-1], yes=yes, **options).arrow()
    _put(api.table_bytes(counted, form), output)
    if not counted.num_rows:
        _say("the store holds nothing of it")
    elif not yes:
        _say("nothing was changed yet: add --yes to forget this for good")


def _not_yet(name: str, says: str) -> None:
    @program.command(name, help=f"{says} Not available yet.", context_settings={"ignore_unknown_options": True})
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    def command(words: Sequence[str]) -> None:
        raise NotAvailable(f"{name} is not available yet")


_not_yet("export", "Write views as Parquet by day, CSV or Delta, or a bundle to hand out.")


def _reading(options: dict[str, Any]) -> dict[str, Any]:
    """Reading options as `api` takes them, with standard input and, on a terminal, progress."""
    progress = _progress if sys.stderr.isatty() else None
    return {**options, "stdin": sys.stdin.buffer, "progress": progress}


def _progress(name: str, size: int) -> None:
    from wcsanalytics import inert

    click.echo(f"\r{inert.terminal(name)[-60:]} {size / 1e6:,.0f} MB\x1b[K", nl=False, err=True)


def _finish(balance: Balance | None, sources: Sequence[str], failures: Sequence[str] = ()) -> None:
    """Tell what was wrong with the inputs, and which gates failed: that makes the exit code 4, an unread source 1."""
    from wcsanalytics import api

    if balance is not None:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)
        for told in api.doubts(balance):
            _say(told)
    for told in failures:
        _say(told)
    if failures:
        click.get_current_context().exit(GATE_FAILED)
    if balance is not None and api.is_incomplete(balance, sources):
        click.get_current_context().exit(INCOMPLETE)


def _form(form: str | None, output: Path | None, in_pipe: str = "jsonl") -> str:
    """The form asked for, that of the file's suffix, or what suits a terminal or a pipe."""
    if form is None and output is not None:
        if output.suffix.lower() not in _SUFFIXES:
            raise click.UsageError(f"the form can't be told from {output.suffix}: add -f")
        form = _SUFFIXES[output.suffix.lower()]
    if form in FOR_FILES and output is None and sys.stdout.isatty():
        raise click.UsageError(f"{form} goes to a file: add -o FILE")
    at_terminal = "table" if in_pipe == "jsonl" else in_pipe
    return form or (at_terminal if output is None and sys.stdout.isatty() else in_pipe)


def _put(made: bytes, output: Path | None) -> None:
    """Write to the file or to standard output; a reader that has seen enough ends the program quietly."""
    if output is not None:
        output.write_bytes(made)
        return
    try:
        # an own buffer: with PYTHONUNBUFFERED that of Python writes as much as a pipe takes, and forgets the rest
        with open(sys.stdout.fileno(), "wb", closefd=False) as whole:
            whole.write(made)
    except OSError as problem:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(problem, BrokenPipeError):
            sys.exit(128 + signal.SIGPIPE)
        raise


def _colours(output: Path | None) -> bool:
    return output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
