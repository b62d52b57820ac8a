"""One commit of a store, open for questions: one SELECT at a time, over views, on a locked connection."""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from wcsanalytics.errors import StoreError, UnknownName, WcsAnalyticsError
from wcsanalytics.lake.facts import fact_tables
from wcsanalytics.lake.result import Result
from wcsanalytics.store import Part, Snapshot, Store, columns_digest
from wcsanalytics.tables import TABLES, VIEWS, Table, View, arrow_schema

ORDER = (
    "every_hook",
    "paired_halves",
    "recurrences",
    "renamed_hooks",
    "followed_sessions",
    "capture_ends",
    "session_ends",
    "own_connection_hooks",
    "own_stream_hooks",
    "own_call_hooks",
    "hooks",
    "streams",
    "calls",
    "sessions",
    "registrations",
    "transfers",
    "data_messages",
    "diagnostics",
    "client_log",
    "server_log",
    "timeline",
    "sources",
    "source_names",
    "commits",
    "rejected",
)
"""Views in the order in which they build on each other. Declared views that are not here are empty."""

MADE = ("paired_halves", "recurrences", "renamed_hooks")
"""Of these, what becomes a table once a question needs it: small, and asked for by other views more than once."""

MACROS = {"changes_between": "asked, told", "exact_mean": "seconds"}
"""Macros that views and reports share, with their parameters."""

LONGEST = 1 << 44
"""No source is longer than this many bytes."""

_TYPES = {
    "text": "varchar",
    "json": "varchar",
    "int": "bigint",
    "real": "double",
    "bool": "boolean",
    "instant": "timestamptz",
}


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
        self._store = store
        self.snapshot: Snapshot = store.snapshot()
        self._spill = Path(tempfile.mkdtemp(prefix="wcsanalytics-spill-"))
        self._remove = weakref.finalize(self, _remove, [self._spill, *([store.path] if owned else [])])
        self._con = duckdb.connect()
        self._to_make = list(MADE)
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
        try:
            statements = self._con.extract_statements(query)
        except duckdb.Error as problem:
            raise WcsAnalyticsError(f"the query can't be read: {problem}") from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
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

    def drop(self, name: str) -> None:
        """Take a temporary table away."""
        self._run(f'drop table if exists temp."{name}"', {})

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
        run("create schema stored")
        run("create schema facts")
        for name, rows in fact_tables(self.snapshot).items():
            self._con.register("given", rows)
            run(f'create table facts."{name}" as from given')
            self._con.unregister("given")
        self._lock_down([str(root / part.path) for part in self.snapshot.parts], memory_limit, threads)
        for table in TABLES.values():
            run(f'create view stored."{table.name}" as {_placed(_stored(table, root, parts[table.name]))}')
            if table.name not in VIEWS:
                run(f'create view "{table.name}" as from stored."{table.name}" select {_names(table)}')
        for name, parameters in MACROS.items():
            run(f"create macro {name}({parameters}) as {sql_text('views', name)}")
        for name in ORDER:
            run(f'create view "{name}" as {_typed(VIEWS.get(name), sql_text("views", name))}')
        for view in VIEWS.values():
            if view.name not in ORDER:
                run(f'create view "{view.name}" as {_nothing(view)}')

    def _lock_down(self, paths: list[str], memory_limit: str | None, threads: int | None) -> None:
        """No file but the committed parts, no network, no extension, no setting from here on."""
        run = self._con.execute
        run("set autoinstall_known_extensions = false")
        run("set autoload_known_extensions = false")
        run("set python_enable_replacements = false")
        run(f"set temp_directory = {_quoted(str(self._spill))}")
        if memory_limit:
            run(f"set memory_limit = {_quoted(memory_limit)}")
        if threads:
            run(f"set threads = {int(threads)}")
        run(f"set allowed_paths = [{', '.join(map(_quoted, paths))}]")
        run("set enable_external_access = false")
        run("set lock_configuration = true")

    def _rows(self, query: str, params: Mapping[str, Any]) -> pa.Table:
        self._make_for(query)
        return self._guarded(lambda: self._con.sql(query, params=dict(params) or None).to_arrow_table())

    def _run(self, query: str, params: Mapping[str, Any]) -> None:
        self._make_for(query)
        self._guarded(lambda: self._con.execute(query, dict(params) or None))

    def _make_for(self, query: str) -> None:
        """Turn into tables those of MADE that the query asks for, by itself or through views."""
        asked = _built_on(query)
        for name in [name for name in self._to_make if name in asked]:
            self._to_make.remove(name)
            rows = self._guarded(lambda name=name: self._con.sql(f'from "{name}"').to_arrow_table())  # type: ignore
            self._con.execute(f'drop view "{name}"')
            self._con.register("given", rows)
            self._con.execute(f'create table "{name}" as from given')
            self._con.unregister("given")

    def _guarded(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except (duckdb.IOException, duckdb.InvalidInputException) as problem:
            if str(self.path.resolve()) in str(problem):
                raise StoreError(f"{self.path}: a part can't be read; the store is damaged: {problem}") from None
            raise WcsAnalyticsError(_in_short(problem)) from None
        except duckdb.Error as problem:
            raise WcsAnalyticsError(_in_short(problem)) from None


_WORD = re.compile(r"[a-z_]+")


@cache
def _names_in_view(name: str) -> frozenset[str]:
    """The views that a view asks, by itself or through others."""
    before = ORDER[: ORDER.index(name)]
    told = {word for word in _WORD.findall(sql_text("views", name)) if word in before}
    return frozenset(told.union(*map(_names_in_view, told)))


def _built_on(query: str) -> set[str]:
    """The views that a query may ask: all whose names stand in it, and those under them."""
    told = {word for word in _WORD.findall(query.lower()) if word in ORDER}
    return told.union(*map(_names_in_view, told))


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


def _in_short(problem: duckdb.Error) -> str:
    return str(problem).split("\n\n", maxsplit=1)[0]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _stored(table: Table, root: Path, parts: list[Part]) -> str:
    """The committed parts as one relation; columns that they lack, since an older program wrote them, are null."""
    if not parts:
        return _nothing(table)
    listed = ", ".join(_quoted(str(root / part.path)) for part in parts)
    if all(part.columns == columns_digest(table) for part in parts):
        return f"from read_parquet([{listed}], hive_partitioning = false) select {_names(table)}"
    rows = f"from read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
    return f"from ({_nothing(table)} union all by name {rows}) select {_names(table)}"


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _placed(rows: str) -> str:
    """The rows with their place among all sources: what one instant holds stands in the order of the capture."""
    return (
        f"from ({rows}) h left join facts.sources s on s.source_id = h.source_id "
        f"select h.*, s.turn * {LONGEST} + h.byte_offset as place"
    )


def _nothing(declared: Table | View) -> str:
    columns = ", ".join(f'null::{_TYPES[column.type]} as "{column.name}"' for column in declared.columns)
    return f"select {columns} where false"


def _typed(view: View | None, text: str) -> str:
    """The query of a view, with the columns of its declaration in their types and order."""
    if view is None:
        return text
    columns = ", ".join(f'"{column.name}"::{_TYPES[column.type]} as "{column.name}"' for column in view.columns)
    return f"from ({text}) select {columns}"


def schema_of(name: str) -> pa.Schema:
    """Arrow schema of a view or table. Raises UnknownName if there is none of that name."""
    declared = VIEWS.get(name) or TABLES.get(name)
    if declared is None:
        raise UnknownName(f"no view {name!r}; there are {', '.join(VIEWS)}")
    return arrow_schema(declared)
