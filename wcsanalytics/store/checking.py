"""A store held against its log: what is damaged, and what lies about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from wcsanalytics.errors import StoreError
from wcsanalytics.store.log import Part, Snapshot, is_left_over, read_commits, snapshot


@dataclass(frozen=True, slots=True)
class Checked:
    """One file of a store; `problem` is None where it is as the log says. Leftovers are no damage."""

    path: str
    rows: int | None
    size: int | None
    problem: str | None
    damaged: bool


def checked(store: Path) -> Iterator[Checked]:
    """Every file that the log names, then those that it does not. Nothing is changed, and no lock is taken."""
    try:
        current = snapshot(read_commits(store))
    except StoreError as problem:
        where, _, says = str(problem).rpartition(": ")
        yield Checked(where, None, None, says, True)
        return
    yield from _books(current)
    for part in current.parts:
        wrong = _problem(store, part)
        yield Checked(part.path, part.rows, part.size, wrong, wrong is not None)
    yield from _leftovers(store, current)


def _books(current: Snapshot) -> Iterator[Checked]:
    """The commits whose counts don't add up."""
    names = {name.source_id: name.path for name in reversed(current.names)}
    for commit in current.commits:
        for segment in commit.segments:
            counts, reached = segment.counts, segment.resume.get("byte_offset", 0)
            halves = counts.parsed + counts.rejected + counts.pending
            known = 0 <= counts.known <= counts.parsed
            if counts.halves != halves or not known or not 0 <= int(reached or 0) <= segment.size:
                says = f"the books of {names.get(segment.source_id, segment.source_id)} don't balance"
                yield Checked(f"commits/{commit.number:08d}.json", None, None, says, True)


def _problem(store: Path, part: Part) -> str | None:
    path = store / part.path
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
        if size != part.size:
            return f"it has {size} bytes, not {part.size}"
        if digest != part.sha256:
            return "its content is not what was written"
        rows = pq.read_metadata(path).num_rows
        return None if rows == part.rows else f"it has {rows} rows, not {part.rows}"
    except FileNotFoundError:
        return "it is missing"
    except (OSError, pa.ArrowException) as problem:
        return f"it can't be read: {getattr(problem, 'strerror', None) or type(problem).__name__}"


def _leftovers(store: Path, current: Snapshot) -> Iterator[Checked]:
    known = {part.path for part in current.parts}
    merged = {path for commit in current.commits for path in commit.removed}
    for path in sorted(
        path for path in (store / "parts").glob("*/*") if path.relative_to(store).as_posix() not in known
    ):
        name = path.relative_to(store).as_posix()
        says = "kept for readers of earlier commits" if name in merged else "left by a run that did not end"
        yield Checked(name, None, path.stat().st_size, says, False)
    for path in sorted((store / "commits").iterdir()):
        if is_left_over(path, current):
            yield Checked(f"commits/{path.name}", None, path.stat().st_size, "left by a run that did not end", False)
