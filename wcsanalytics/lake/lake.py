"""One commit of a store, open for questions: one SELECT at a time, over views, on a locked connection."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wcsanalytics.errors import StoreError, UnknownName, WcsAnalyticsError
from wcsanalytics.lake.facts import fact_tables
from wcsanalytics.lake.relations import counted_once, every_telling, names, nothing, placed, quoted, stored, typed
from wcsanalytics.lake.result import Result
from wcsanalytics.store import Part, Snapshot, Store
from wcsanalytics.tables import HOOK_TABLES, MEDIA_SAMPLES, SERVER_SAMPLES, TABLES, VIEWS, arrow_schema

if TYPE_CHECKING:
    import duckdb  # loaded by the first lake: an ingest opens none

ORDER = (
    "paired_halves",
    "same_as",
    "every_hook",
    "recurrences",
    "renamed_hooks",
    "followed_sessions",
    "capture_ends",
    "session_ends",
    "own_connection_hooks",
    "own_stream_hooks",
    "own_call_hooks",
    "session_agents",
    "record_sources",
    "known_ids",
    "logged_calls",
    "hooks",
    "backend_calls",
    "told_streams",
    "streams",
    "calls",
    "sessions",
    "registrations",
    "transfers",
    "data_messages",
    "linked_sources",
    "file_zones",
    "client_messages",
    "diagnostics",
    "debug_windows",
    "client_log",
    "server_events",
    "server_log",
    "stream_records",
    "call_records",
    "message_records",
    "connection_records",
    "lives_of_streams",
    "linked_samples",
    "media_samples",
    "server_samples",
    "rtp_samples",
    "rtp_steps",
    "media_rates",
    "media_reports",
    "media_intervals",
    "media_quality",
    "timeline",
    "capture_spans",
    "hook_channels",
    "stream_tellings",
    "session_tellings",
    "call_tellings",
    "reconciliation",
    "sources",
    "source_names",
    "commits",
    "rejected",
)
"""Views in the order in which they build on each other. Declared views that are not here are empty."""

UNBOUND = "with (defer_binding)"
"""A view is looked into once it is asked: when it is made, and in each that builds on it, that would take long."""

MADE = frozenset({"paired_halves", "same_as", "recurrences", "renamed_hooks", "record_sources", "logged_calls"})
"""Of these, what becomes a table once a question needs it: small, and asked for by other views more than once."""

COUNTED_ONCE = frozenset(table.name for table in (*HOOK_TABLES, MEDIA_SAMPLES, SERVER_SAMPLES))
"""Tables with rows that may stem from a second telling of a hook."""

MACROS = {
    "us_between": "since, until",
    "order_of": "happened_at, place",
    "deciding_order": "nth, ends",
    "tells_publishing": "hook, published, media_type",
    "changes_between": "asked, told",
    "exact_sum": "value",
    "exact_mean": "value",
    "instant_of": "local_us, zone, ahead_min",
    "apart_s": "happened_at, first_at, last_at",
    "mos_grade": "mos",
    "is_bad_mos": "mos",
    "is_loss": "metric",
    "lost_of": "packets_lost",
    "steps_in": "relation",
    "part": "dimension, node := null, app := null, browser := null, os := null, role := null, direction := null, "
    "codec := null, transport := null, provider := null, began_at := null::timestamptz",
}
"""Macros that views and reports share, with their parameters."""

_WRITES_OR_RUNS = re.compile(
    r'"type":"[A-Z]+_QUERY_NODE"|"function_name":"(?:query|json_execute_serialized_sql)"', re.IGNORECASE
)
"""In a parsed query: statements that change something, and functions that run SQL out of a text."""


def sql_text(folder: str, name: str) -> str:
    """Text of a query that ships with the package."""
    return (files("wcsanalytics") / "sql" / folder / f"{name}.sql").read_text(encoding="utf-8")


class Lake:
    """A store as of one commit; a context manager. Views are attributes: `lake.streams`.

    Raises StoreError if the store can't be read.
    """

    def __init__(
        self, store: Store, *, memory_limit: str | None = None, threads: int | None = None, owned: bool = False
    ) -> None:
        """`owned`: the store is a temporary one that goes when the lake is closed."""
        import duckdb

        self._store = store
        self.snapshot: Snapshot = store.snapshot()
        self._spill = Path(tempfile.mkdtemp(prefix="wcsanalytics-spill-"))
        self._remove = weakref.finalize(self, _remove, [self._spill, *([store.path] if owned else [])])
        self._con = duckdb.connect()
        self._to_make = [*ORDER, *(name for name in VIEWS if name not in ORDER)]
        self._asking = threading.Lock()
        self.kept: set[str] = set()
        self._shown: set[str] = set()
        try:
            self._guarded(lambda: self._open(memory_limit, threads))
        except BaseException:
            self.close()
            raise

    @property
    def path(self) -> Path:
        """Where the store is."""
        return self._store.path

    def sql(self, query: str, params: Mapping[str, Any] | None = None, **named: Any) -> Result:
        """The answer to one SELECT; `$name` stands for a parameter. It is run when first looked at.

        Raises WcsAnalyticsError where the query is anything else, or fails when it is run.
        """
        import duckdb

        try:
            statements = self._con.extract_statements(query)
        except duckdb.Error as problem:
            raise WcsAnalyticsError(f"the query can't be read: {problem}") from None
        is_one_select = len(statements) == 1 and statements[0].type == duckdb.StatementType.SELECT
        if not (is_one_select and self._only_reads(query)):
            raise WcsAnalyticsError("one SELECT is wanted, and nothing else")
        given = {**(params or {}), **named}
        return Result(lambda: self._rows(query, given))

    def table(self, name: str) -> Result:
        """All rows of a view or table. Raises UnknownName if there is none of that name."""
        if name not in VIEWS and name not in TABLES:
            raise UnknownName(f"no view {name!r}; there are {', '.join(VIEWS)}")
        return Result(lambda: self._rows(f'from "{name}"', {}), name)

    def __getattr__(self, name: str) -> Result:
        if name in VIEWS or name in TABLES:
            return self.table(name)
        raise AttributeError(f"a lake has no {name!r}; its views are {', '.join(VIEWS)}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *VIEWS, *TABLES})

    def keep(self, name: str, query: str, params: Mapping[str, Any]) -> None:
        """Make the rows of a query of ours a temporary table, which later queries see in the place of a view."""
        self._run(f'create or replace temp table "{name}" as {query}', params)
        self.kept.add(name)

    def show(self, name: str, query: str) -> None:
        """Make a query of ours over temporary tables a temporary view."""
        self._run(f'create or replace temp view "{name}" as {query}', {})
        self.kept.add(name)
        self._shown.add(name)

    def give(self, name: str, rows: pa.Table) -> None:
        """Make these rows a temporary table, as `keep` does those of a query."""
        self._guarded(lambda: self._con.register("given", rows))
        try:
            self._run(f'create or replace temp table "{name}" as from given', {})
        finally:
            self._guarded(lambda: self._con.unregister("given"))

    def drop(self, name: str) -> None:
        """Take a temporary table or view away."""
        kind = "view" if name in self._shown else "table"
        self._run(f'drop {kind} if exists temp."{name}"', {})
        self._shown.discard(name)
        self.kept.discard(name)

    def close(self) -> None:
        """End it, and remove what was only for it; the end of the program does so too."""
        self._con.close()
        self._remove()

    def __enter__(self) -> Lake:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lake at commit {self.snapshot.number}: {', '.join(VIEWS)}>"

    def _open(self, memory_limit: str | None, threads: int | None) -> None:
        run = self._con.execute
        root = self.path.resolve()
        parts: dict[str, list[Part]] = {name: [] for name in TABLES}
        for part in self.snapshot.parts:
            parts[part.table].append(part)
        run("set TimeZone = 'UTC'")
        run("create schema told")
        run("create schema stored")
        run("create schema facts")
        run("create table facts.second_tellings (source_id varchar, byte_offset bigint)")
        facts = fact_tables(self.snapshot)
        self._told_twice = facts["shared_spans"].num_rows > 0
        for name, rows in facts.items():
            self._con.register("given", rows)
            run(f'create table facts."{name}" as from given')
            self._con.unregister("given")
        self._lock_down([str(root / part.path) for part in self.snapshot.parts], memory_limit, threads)
        for table in TABLES.values():
            once = self._told_twice and table.name in COUNTED_ONCE
            rows = counted_once(table) if once else f"from told.{table.name}"
            # this looks into each part, so that one that is damaged is told at once
            run(f'create view told."{table.name}" as {placed(stored(table, root, parts[table.name]))}')
            run(f'create view stored."{table.name}" {UNBOUND} as {rows}')
            if table.name not in VIEWS:
                run(f'create view "{table.name}" {UNBOUND} as from told."{table.name}" select {names(table)}')
        run(f"create view told.hooks {UNBOUND} as {every_telling()}")
        for name, parameters in MACROS.items():
            run(f"create macro {name}({parameters}) as {sql_text('views', name)}")

    def _lock_down(self, paths: list[str], memory_limit: str | None, threads: int | None) -> None:
        """No file but the committed parts, no network, no extension, no setting from here on."""
        run = self._con.execute
        run("set autoinstall_known_extensions = false")
        run("set autoload_known_extensions = false")
        run("set python_enable_replacements = false")
        run("set asof_loop_join_threshold = 0")  # rows that are thought to be few may be many, and take a loop for ever
        run(f"set temp_directory = {quoted(str(self._spill))}")
        if memory_limit:
            run(f"set memory_limit = {quoted(memory_limit)}")
        if threads:
            run(f"set threads = {int(threads)}")
        run(f"set allowed_paths = [{', '.join(map(quoted, paths))}]")
        run("set enable_external_access = false")
        run("set lock_configuration = true")

    def _only_reads(self, query: str) -> bool:
        """Whether a SELECT holds no statement that writes, in a CTE, and no SQL that only its run would show.

        The type of the statement does not tell it: `with x as (copy ... to 'part') from x` passes for a SELECT.
        """
        with self._asking:
            asked = self._con.execute("select json_serialize_sql($query::varchar)", {"query": query}).fetchall()
        tree = str(asked[0][0])
        return tree.startswith('{"error":false') and _WRITES_OR_RUNS.search(tree) is None

    def _rows(self, query: str, params: Mapping[str, Any]) -> pa.Table:
        self._make_for(query)

        def ask() -> pa.Table:
            self._con.execute("begin transaction read only")
            try:
                return self._con.sql(query, params=dict(params) or None).to_arrow_table()
            finally:
                self._con.execute("rollback")

        with self._asking:
            return self._guarded(ask)

    def _run(self, query: str, params: Mapping[str, Any]) -> None:
        self._make_for(query)
        with self._asking:
            self._guarded(lambda: self._con.execute(query, dict(params) or None).fetchall())

    def _make_for(self, query: str) -> None:
        """Make the views that the query asks for, by itself or through others: to prepare all of them takes long."""
        asked = _asked_by(query, self._told_twice)
        with self._asking:
            for name in [name for name in self._to_make if name in asked]:
                self._to_make.remove(name)
                self._guarded(partial(self._make, name))

    def _make(self, name: str) -> None:
        kind, how = ("table", "") if name in MADE else ("view", UNBOUND)
        # a view that bears the name of a table tells of its rows
        has_rows = name not in TABLES or any(part.table == name for part in self.snapshot.parts)
        is_empty = name not in ORDER or not has_rows or (name == "same_as" and not self._told_twice)
        text = nothing(VIEWS[name]) if is_empty else typed(VIEWS.get(name), sql_text("views", name))
        self._con.execute(f'create {kind} "{name}" {how} as {text}').fetchall()
        if name == "same_as":
            # a HAR file is one record: of its messages, only some are told twice
            self._con.execute(
                "insert into facts.second_tellings from same_as select source_id, byte_offset where told_by <> 'har'"
            ).fetchall()

    def _guarded(self, ask: Callable[[], Any]) -> Any:
        import duckdb

        try:
            return ask()
        except (duckdb.IOException, duckdb.InvalidInputException) as problem:
            if str(self.path.resolve()) in str(problem):
                raise StoreError(f"{self.path}: a part can't be read; the store is damaged: {problem}") from None
            raise WcsAnalyticsError(_in_short(problem)) from None
        except duckdb.Error as problem:
            if not all((self.path / part.path).is_file() for part in self.snapshot.parts):
                raise StoreError(
                    f"{self.path}: parts of commit {self.snapshot.number} are gone; open it anew"
                ) from None
            raise WcsAnalyticsError(_in_short(problem)) from None


_WORD = re.compile(r"[a-z_]+")
_COMMENT = re.compile(r"""('[^']*'|"[^"]*"|\$(\w*)\$.*?\$\2\$)|--[^\n]*""", re.DOTALL)
"""A quoted text or a comment."""

_CATALOGUES = frozenset(
    {"show", "describe", "information_schema", "pg_catalog", "duckdb_views", "duckdb_columns", "duckdb_tables"}
)


@cache
def _under(name: str, told_twice: bool) -> frozenset[str]:
    """The views that a view asks, by itself or through others."""
    before = ORDER[: ORDER.index(name)]
    told = _named(_words(sql_text("views", name)), told_twice).intersection(before)
    return frozenset(told.union(*(_under(one, told_twice) for one in told)))


def _words(query: str) -> set[str]:
    """Words of a query that may be names: those of its comments are none, those in quotes may be."""
    return set(_WORD.findall(_COMMENT.sub(lambda found: found[1] or " ", query).lower()))


def _asked_by(query: str, told_twice: bool) -> set[str]:
    """The views that a query may ask: those whose names stand in it, and those under them; all if it asks for names."""
    words = _words(query)
    if not words.isdisjoint(_CATALOGUES):
        return {*VIEWS, *ORDER}
    asked = _named(words, told_twice)
    return asked.union(*(_under(name, told_twice) for name in asked if name in ORDER))


def _named(words: set[str], told_twice: bool) -> set[str]:
    """The views among the words of a query; where hooks may be told twice, what says so if it asks for them."""
    named = words & {*VIEWS, *ORDER}
    return named | {"same_as"} if told_twice and not words.isdisjoint(COUNTED_ONCE) else named


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


def _in_short(problem: duckdb.Error) -> str:
    return str(problem).split("\n\n", maxsplit=1)[0]


def schema_of(name: str) -> pa.Schema:
    """Arrow schema of a view or table. Raises UnknownName if there is none of that name."""
    declared = VIEWS.get(name) or TABLES.get(name)
    if declared is None:
        raise UnknownName(f"no view {name!r}; there are {', '.join(VIEWS)}")
    return arrow_schema(declared)
