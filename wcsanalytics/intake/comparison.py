"""Sources held against each other, record by record, by DuckDB."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pyarrow as pa

from wcsanalytics.errors import StoreError
from wcsanalytics.intake.tellings import asked_before, telling, within
from wcsanalytics.store import Telling, Writing
from wcsanalytics.tables import HOOK_TABLES, Table, arrow_schema

MEMORY = "256MB"
"""A comparison takes no more; what does not fit goes to the disk for a while."""

EVER = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


@dataclass(slots=True)
class Compared:
    """A lineage to be compared.

    Its `node` is that of records that name none. From `reached` on its records are unfinished. What stands from
    `fresh_from` on is read in this run, as the `turn`-th; 0 is none of it. What it told last before that and another
    one keeps is `given_away`. Its clock is set `ahead`, and what is looked
    at lies in `window` by the clock that is set.
    """

    source_id: str
    node: str
    reached: int
    turn: int
    fresh_from: int
    is_sure: bool
    given_away: tuple[Telling, ...] = ()
    ahead: timedelta = timedelta()
    window: tuple[datetime, datetime] | None = None

    @property
    def unset(self) -> tuple[datetime, datetime]:
        """What is looked at, by the clock as it was read; all where there is no window."""
        return EVER if self.window is None else (self.window[0] - self.ahead, self.window[1] - self.ahead)


@contextmanager
def comparison_of(writing: Writing, sources: Sequence[Compared], removed: Iterable[str]) -> Iterator[Comparison]:
    """A comparison of these sources, over all parts but the `removed`. Raises StoreError where it can't be done."""
    import duckdb  # only where sources overlap: most runs need none

    with tempfile.TemporaryDirectory(prefix="wcsanalytics-spill-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "temp_directory": spill,
            "threads": 1,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        try:
            with duckdb.connect(config=settings) as con:
                con.execute("set TimeZone = 'UTC'")
                yield Comparison(con, writing, sources, frozenset(removed))
        except duckdb.Error as problem:
            says = str(problem).split("\n", 1)[0]
            raise StoreError(f"{writing.path}: sources that overlap could not be compared: {says}") from None


class Comparison:
    """Sources side by side; they go by their numbers in the order given."""

    def __init__(self, con: Any, writing: Writing, sources: Sequence[Compared], removed: frozenset[str]) -> None:
        self._con = con
        self._writing = writing
        self._removed = removed
        self._sources = sources
        self._span = (min(one.unset[0] for one in sources), max(one.unset[1] for one in sources))
        con.register("given", _as_rows(sources))
        con.execute("create table sources as from given")
        con.execute(_text("told"))

    def apart(self, least: int) -> list[tuple[int, timedelta]]:
        """How far ahead the clocks of sources without a sure date are to be set, as `least` requests and more say."""
        for table in HOOK_TABLES:
            self._each(table, "insert into fresh_sessions select distinct r.session_id", "s.turn > 0")
        for table in HOOK_TABLES:
            self._each(table, telling(table), "r.session_id in (from fresh_sessions)")
        found = self._con.execute(_text("dated_apart"), {"least": least}).fetchall()
        return [(source, timedelta(microseconds=ahead_us)) for source, ahead_us in found]

    def judged(self, tables: Iterable[Table]) -> pa.Table:
        """Of records that are told twice: `source`, `byte_offset`, whether it `goes`, and its halves `known` before."""
        for table in tables:
            for asked in asked_before(table):
                self._each(*asked)
            self._each(table, telling(table), within(table))
        given = [(number, *told) for number, one in enumerate(self._sources) for told in one.given_away]
        if given:
            self._con.executemany(_text("given_before"), given)
        self._con.execute(f"create table judged as {_text('told_twice')}")
        return self._con.table("judged").to_arrow_table()

    def given_away(self) -> list[tuple[int, Telling]]:
        """Of what was judged: what sources that are read now told last and others keep."""
        return [(source, tuple(told)) for source, *told in self._con.execute(_text("given_away")).fetchall()]

    def _each(self, table: Table, into: str, where: str) -> None:
        """Run a query for the rows `r` of a table and their sources `s`."""
        if paths := self._paths(table):
            self._con.register("nothing", arrow_schema(table).empty_table())
            # columns that a part lacks, since an older program wrote it, are null
            rows = "from nothing union all by name from read_parquet($paths, union_by_name = true)"
            self._con.execute(
                f"{into} from ({rows}) r join sources s on s.source_id = r.source_id where {where}", {"paths": paths}
            )

    def _paths(self, table: Table) -> list[str]:
        self._writing.parts.settle(table.name)
        since, until = self._span
        return [
            str(self._writing.path / part.path)
            for part in (*self._writing.before.parts, *self._writing.parts.parts)
            if part.table == table.name
            and part.path not in self._removed
            and (part.first_at is None or part.first_at <= until)
            and (part.last_at is None or part.last_at >= since)
        ]


def _as_rows(sources: Sequence[Compared]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "source": number,
                "source_id": one.source_id,
                "node": one.node,
                "reached": one.reached,
                "turn": one.turn,
                "fresh_from": one.fresh_from,
                "is_sure": one.is_sure,
                "ahead_us": one.ahead // timedelta(microseconds=1),
                "from_at": one.unset[0],
                "until_at": one.unset[1],
            }
            for number, one in enumerate(sources)
        ],
        _SOURCES,
    )


_INSTANT = pa.timestamp("us", tz="UTC")
_SOURCES = pa.schema(
    [
        ("source", pa.int32()),
        ("source_id", pa.string()),
        ("node", pa.string()),
        *((name, pa.int64()) for name in ("reached", "turn", "fresh_from")),
        ("is_sure", pa.bool_()),
        ("ahead_us", pa.int64()),
        ("from_at", _INSTANT),
        ("until_at", _INSTANT),
    ]
)


def _text(name: str) -> str:
    return (files("wcsanalytics") / "sql" / "intake" / f"{name}.sql").read_text(encoding="utf-8")
