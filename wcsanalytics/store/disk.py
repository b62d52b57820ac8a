"""A store on disk: one writer at a time, readers bound to one commit."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wcsanalytics.errors import StoreError
from wcsanalytics.store.forgetting import Forgetter, Keep, cleaned, cleaned_name, rows_kept, rows_to_go
from wcsanalytics.store.log import (
    Commit,
    Part,
    Segment,
    Snapshot,
    SourceName,
    flush_directory,
    is_left_over,
    publish,
    read_commits,
    snapshot,
)
from wcsanalytics.store.merging import MOST_RUNS, merged, runs_in, to_merge
from wcsanalytics.store.parts import PartWriter
from wcsanalytics.store.steps import step
from wcsanalytics.tables import REJECTED, TABLES, Table, arrow_schema

POLL_S = 0.05
"""How often a waiting writer asks for the lock."""

PLACE = ("source_id", "byte_offset")
"""Columns that tell where a record stands."""

Places = npt.NDArray[np.int64]
"""Byte offsets of records in one source, in order."""

KEPT_FOR_READERS = timedelta(days=1)
"""Parts that were merged stay so long for those who still read an earlier commit."""


class Store:
    """A directory with `commits/`, `parts/` and a lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @staticmethod
    def is_store(path: Path) -> bool:
        """Whether a store is there, be it an empty one."""
        return (path / "commits").is_dir() and (path / "lock").is_file()

    def create(self) -> None:
        """Make an empty store, readable by its owner only. Raises StoreError if something else is in its place."""
        try:
            if self.is_store(self.path):
                return
            # a lock alone is what a killed run leaves here
            if self.path.exists() and any(path.name != "lock" for path in self.path.iterdir()):
                raise StoreError(f"{self.path}: the directory is not empty and no store")
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.path / "lock").touch(mode=0o600)
            step("make store")
            (self.path / "commits").mkdir(mode=0o700, exist_ok=True)
            flush_directory(self.path)
            flush_directory(self.path.absolute().parent)
        except OSError as problem:
            raise StoreError(f"{self.path}: no store can be made here: {_says(problem)}") from problem

    def snapshot(self) -> Snapshot:
        """The store as of its last commit. Raises StoreError if it is damaged."""
        if not self.is_store(self.path):
            raise StoreError(f"{self.path}: there is no store")
        number = -1
        while True:
            current = snapshot(read_commits(self.path))
            wrong = next((path for path in map(self._cut, current.parts) if path), None)
            if wrong is None:
                return current
            if current.number == number:  # else a writer has just taken it away
                raise StoreError(f"{wrong}: the part is missing or cut; the store is damaged")
            number = current.number

    def _cut(self, part: Part) -> Path | None:
        """The path of the part, if it is not as long as it was written."""
        path = self.path / part.path
        try:
            return None if path.stat().st_size == part.size else path
        except OSError:
            return path

    @contextmanager
    def writing(self, lock_timeout_s: float = 60.0) -> Iterator[Writing]:
        """The right to write, which one program has at a time; leftovers of killed runs are swept first.

        Raises StoreError if another writer keeps the lock for longer than `lock_timeout_s`, and on any failure of the
        disk: the store is unchanged then.
        """
        try:
            with (self.path / "lock").open("rb+") as lock:
                _wait_for(lock.fileno(), self.path, lock_timeout_s)
                before = self.snapshot()
                self._sweep(before)
                yield Writing(self.path, before)
        except OSError as problem:
            raise StoreError(f"{self.path}: the store could not be written: {_says(problem)}") from problem

    def compact(self, lock_timeout_s: float = 60.0) -> Commit | None:
        """Merge the parts of each table into one, in one commit; None if nothing is to be merged.

        Readers of earlier commits go on undisturbed. Raises StoreError as `writing` does.
        """
        with self.writing(lock_timeout_s) as writing:
            return writing.compact()

    def forget(self, decide: Callable[[Snapshot], Forgetter], lock_timeout_s: float = 60.0) -> Commit:
        """Write parts anew without the rows that are to go, and begin the log anew: nothing leads back to them.

        Readers of earlier commits lose their parts. Raises StoreError as `writing` does.
        """
        with self.writing(lock_timeout_s) as writing:
            made = writing.restart(decide(writing.before))
            self._sweep(self.snapshot())
            return made

    def _sweep(self, current: Snapshot) -> None:
        """Remove files that no reader can need. Only ever done under the lock, with the log just read."""
        since = datetime.now(UTC) - KEPT_FOR_READERS
        needed = {part.path for part in current.parts}
        for commit in current.commits:
            if commit.committed_at >= since:
                needed |= {*commit.removed, *(part.path for part in commit.parts)}
        for path in sorted((self.path / "parts").glob("*/*")):
            if path.relative_to(self.path).as_posix() not in needed:
                step("sweep")
                path.unlink()
        for path in sorted((self.path / "commits").glob("*")):
            if is_left_over(path, current):
                step("sweep")
                path.unlink()


class Writing:
    """One change of the store in the making."""

    def __init__(self, path: Path, before: Snapshot) -> None:
        self.path = path
        self.before = before
        self.number = before.number + 1
        self.parts = PartWriter(path, self.number)
        self._shards = 0

    def new_shard(self) -> int:
        """A number by which another process can write parts of this change."""
        self._shards += 1
        return self._shards

    def rows(self, table: str, source_id: str, columns: list[str]) -> pa.Table:
        """Rows of one lineage, committed or in the making."""
        self.parts.settle(table)
        wanted = pc.field("source_id") == source_id
        parts = [part for part in (*self.before.parts, *self.parts.parts) if part.table == table]
        nothing = arrow_schema(TABLES[table]).empty_table().select(columns)
        stored = (
            # of a part from before a column was declared, that column is null
            pq.read_table(
                self.path / part.path,
                columns=columns,
                filters=wanted,
                partitioning=None,
                schema=arrow_schema(TABLES[table]),
            )
            for part in parts
        )
        return pa.concat_tables([nothing, *stored]).combine_chunks()

    def without(self, gone: Mapping[str, Places], removed: Collection[str], provisional: Collection[str]) -> list[str]:
        """Write parts anew without these records, by source; the paths of the parts whose place the new ones take.

        Parts that are `removed` are left alone. So is a `provisional` one, unless all of it goes.
        """
        for table in TABLES:
            self.parts.settle(table)
        stored = {segment.source_id for segment in self.before.segments}
        fresh_only = stored.isdisjoint(gone)
        keep = _without(gone)
        replaced = []
        for part in (*(() if fresh_only else self.before.parts), *self.parts.parts):
            if part.table == REJECTED.name or part.path in removed:
                continue
            going = rows_to_go(self.path, part, keep, PLACE)
            if going == part.rows:
                replaced.append(part.path)
            elif going and part.path not in provisional:
                self.parts.add_runs(part.table, rows_kept(self.path, part, keep))
                replaced.append(part.path)
        return replaced

    def commit(
        self, segments: list[Segment], names: list[SourceName], removed: list[str], identifiers: str = ""
    ) -> Commit:
        """Make all that was written visible at once; parts that have become too many of a size are merged."""
        for table in TABLES:
            self.parts.settle(table)
        gone = set(removed)
        alone = self._provisional(segments)
        while crowds := to_merge(self._parts(gone), alone):
            for crowd in crowds:
                self._merge(crowd, gone)
        return self._publish(segments, names, gone, identifiers)

    def restart(self, forgetter: Forgetter) -> Commit:
        """One commit that tells all that is left of the store."""
        keep, forgotten, clean = forgetter
        parts: dict[str, Part | None] = {part.path: part for part in self.before.parts}
        for part in self.before.parts:
            if going := rows_to_go(self.path, part, keep):
                left = rows_kept(self.path, part, keep)
                parts[part.path] = self.parts.add_runs(part.table, left) if going < part.rows else None
        self.parts.finish()
        made = Commit(
            self.number,
            datetime.now(UTC),
            tuple(part for part in parts.values() if part is not None),
            segments=tuple(cleaned(segment, parts, clean) for segment in self.before.segments),
            names=tuple(cleaned_name(name, clean) for name in self.before.names),
            identifiers=self.before.identifiers,
            restarts=True,
            forgotten=forgotten,
        )
        publish(self.path, made)
        return made

    def compact(self) -> Commit | None:
        """Merge the parts of each table into one; None if there is nothing to merge."""
        gone: set[str] = set()
        alone = self._provisional([])
        for table in TABLES:
            parts = [part for part in self._parts(gone) if part.table == table and part.path not in alone]
            if len(parts) > 1:
                self._merge(parts, gone)
        return self._publish([], [], gone) if gone else None

    def _parts(self, gone: set[str]) -> list[Part]:
        return [part for part in (*self.before.parts, *self.parts.parts) if part.path not in gone]

    def _provisional(self, segments: list[Segment]) -> set[str]:
        """Parts that a later reading of their source takes away."""
        latest = {segment.source_id: segment for segment in (*self.before.segments, *segments)}
        return {path for segment in latest.values() for path in segment.provisional}

    def _merge(self, parts: list[Part], gone: set[str]) -> None:
        table = TABLES[parts[0].table]
        runs = runs_in(self.path, parts)
        gone |= {part.path for part in parts}
        while len(runs) > MOST_RUNS:
            between = self.parts.add_sorted(table.name, merged(self.path, table, runs[:MOST_RUNS]))
            gone.add(between.path)
            runs = runs[MOST_RUNS:] + runs_in(self.path, [between])
        self.parts.add_sorted(table.name, merged(self.path, table, runs))

    def _publish(
        self, segments: list[Segment], names: list[SourceName], gone: set[str], identifiers: str = ""
    ) -> Commit:
        for part in self.parts.parts:
            if part.path in gone:  # merged again before anyone could read it
                (self.path / part.path).unlink()
        self.parts.finish()
        added = tuple(part for part in self.parts.parts if part.path not in gone)
        old = {part.path for part in self.before.parts}
        removed = tuple(sorted(gone & old))
        made = Commit(
            self.number, datetime.now(UTC), added, removed, tuple(segments), tuple(names), identifiers=identifiers
        )
        publish(self.path, made)
        with suppress(OSError):  # the commit stands; the next writer sweeps what is left
            for path in gone - old:
                (self.path / path).unlink(missing_ok=True)
        return made


def _without(gone: Mapping[str, Places]) -> Keep:
    """Tells the rows that don't stand at these places."""

    def keep(_: Table, rows: pa.RecordBatch) -> pa.BooleanArray:
        places, kept = np.asarray(rows["byte_offset"]), np.ones(len(rows), bool)
        for source_id in set(pc.unique(rows["source_id"]).to_pylist()) & gone.keys():
            own = np.asarray(pc.equal(rows["source_id"], source_id))
            nearest = np.searchsorted(gone[source_id], places[own]).clip(max=len(gone[source_id]) - 1)
            kept[own] = gone[source_id][nearest] != places[own]
        return pa.array(kept)

    return keep


def _says(problem: OSError) -> str:
    return os.strerror(problem.errno) if problem.errno else str(problem)


def _wait_for(descriptor: int, path: Path, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise StoreError(f"{path}: another program has been writing for {timeout_s:g} s") from None
        time.sleep(POLL_S)
