"""The only loop: sources and formats to batches, parts, and one commit; with the books of each source."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fnmatch import fnmatch
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.errors import BooksError, LimitExceeded, SourceError, UnknownName
from wcsanalytics.formats import FORMATS, Context, Format, Options, Resume
from wcsanalytics.sources import Source, Unreadable
from wcsanalytics.store import Counts, Part, Segment, SourceName, Store, Writing

HEAD = 4096
"""A lineage is first known by this many bytes."""

SNIFFED = 64 << 10
"""A format is known by this many bytes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How captures are to be read. `dates`, `zones` and `nodes` go by file pattern; the last match counts."""

    dates: tuple[tuple[str, date], ...] = ()
    zones: tuple[tuple[str, Any], ...] = ()
    nodes: tuple[tuple[str, str], ...] = ()
    format: str | None = None
    keep_log: str = "WARN"
    kept_fields: frozenset[str] = frozenset()
    max_rejected: float | None = None
    max_rejected_ratio: float | None = None

    def options(self, source: Source) -> Options:
        """What these settings say about one source."""
        return Options(
            date=_matching(self.dates, source),
            zone=_matching(self.zones, source),
            node=_matching(self.nodes, source),
            keep_log=self.keep_log,
            kept_paths=self.kept_fields,
        )


def _matching(pairs: tuple[tuple[str, Any], ...], source: Source) -> Any:
    names = (source.name, source.file_name)
    return next((value for glob, value in reversed(pairs) if any(fnmatch(name, glob) for name in names)), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one input. Counts are halves of exchanges, but for `other_lines`; `known` were stored before."""

    name: str
    format: str | None
    known: int = 0
    counts: Counts = field(default_factory=Counts)
    problem: str | None = None
    unknown: bool = False
    doubts: tuple[str, ...] = ()

    @property
    def new(self) -> int:
        """Halves that this reading stored."""
        return self.counts.parsed

    @property
    def balanced(self) -> bool:
        """Whether each half that was found has an end."""
        counts = self.counts
        return counts.halves == counts.parsed + counts.rejected + counts.pending

    @property
    def records(self) -> int:
        """Halves in the input: all of them, whichever reading stored them."""
        return self.known + self.counts.halves


@dataclass(frozen=True, slots=True)
class Balance:
    """The books of one ingest; `commit` is None where there was nothing to commit."""

    readings: tuple[Reading, ...]
    commit: int | None

    @property
    def incomplete(self) -> bool:
        """Whether an input was unreadable, broken, or matched nothing."""
        return any(reading.problem for reading in self.readings)


Progress = Callable[[str, int], None]
"""Called with the name of a source and the bytes read of it so far."""


def ingest(
    inputs: Iterable[Source | Unreadable],
    store: Store,
    settings: Settings,
    *,
    lock_timeout_s: float = 60.0,
    progress: Progress | None = None,
) -> Balance:
    """Read the inputs into the store, in one commit.

    Raises StoreError if the store can't be written, LimitExceeded if more was refused than the settings allow, and
    BooksError if the counts of a source don't add up: in each case nothing is committed.
    """
    with store.writing(lock_timeout_s) as writing:
        run = _Run(writing, settings, progress)
        for item in inputs:
            run.take(item)
        _judge(run.readings, settings)
        commit = run.commit()
    return Balance(tuple(run.readings), commit)


def _judge(readings: list[Reading], settings: Settings) -> None:
    rejected = sum(reading.counts.rejected for reading in readings)
    found = sum(reading.counts.halves for reading in readings)
    if settings.max_rejected is not None and rejected > settings.max_rejected:
        raise LimitExceeded(
            f"{rejected} records were rejected, {settings.max_rejected:g} are allowed; nothing was stored"
        )
    if settings.max_rejected_ratio is not None and found and rejected / found > settings.max_rejected_ratio:
        raise LimitExceeded(
            f"{rejected / found:.2%} of the records were rejected, {settings.max_rejected_ratio:.2%} are allowed; "
            "nothing was stored"
        )


class _Run:
    """One ingest: what it has read so far, and what it will commit."""

    def __init__(self, writing: Writing, settings: Settings, progress: Progress | None) -> None:
        self._writing = writing
        self._settings = settings
        self._progress = progress
        self._latest = writing.before.latest()
        self._parsed: dict[str, int] = {}
        for segment in writing.before.segments:
            self._parsed[segment.source_id] = self._parsed.get(segment.source_id, 0) + segment.counts.parsed
        self._names = {(name.source_id, name.path, name.member) for name in writing.before.names}
        self._segments: list[Segment] = []
        self._new_names: list[SourceName] = []
        self._removed: list[str] = []
        self.readings: list[Reading] = []

    def take(self, item: Source | Unreadable) -> None:
        """Read one input, or note why it can't be."""
        if isinstance(item, Unreadable):
            name = item.path if item.member is None else f"{item.path}!{item.member}"
            self.readings.append(Reading(name, None, problem=item.reason))
            return
        try:
            self.readings.append(self._read(item))
        except SourceError as problem:
            self.readings.append(Reading(item.name, None, problem=str(problem).removeprefix(f"{item.name}: ")))

    def commit(self) -> int | None:
        """Publish what was read; nothing new is no commit."""
        if not (self._segments or self._new_names):
            return None
        return self._writing.commit(self._segments, self._new_names, self._removed).number

    def _read(self, source: Source) -> Reading:
        chunks = _Chunks(source, self._progress)
        head = chunks.head()
        if not head:
            return Reading(source.name, None, problem=chunks.problem)
        before, whole = self._lineage(source, head)
        if before is not None and whole == before.size:
            self._name(source, before.source_id)
            return Reading(source.name, before.format, known=self._parsed[before.source_id])
        format_ = _format_named(before.format if before else self._settings.format, head, source.file_name)
        if format_ is None:
            return Reading(source.name, None, unknown=True)
        return self._parse(source, chunks, head, before, format_)

    def _lineage(self, source: Source, head: bytes) -> tuple[Segment | None, int]:
        """The longest lineage that the source begins with, and the source's size if one had to be looked for."""
        able = [
            segment
            for segment in self._latest.values()
            if len(head) >= segment.head_size and hashlib.sha256(head[: segment.head_size]).hexdigest() == segment.head
        ]
        if not able:
            return None, 0
        sizes = sorted({segment.size for segment in able})
        digests, size = _digests_at(source.chunks(), sizes)
        same = [segment for segment in able if digests.get(segment.size) == segment.digest]
        return max(same, key=lambda segment: segment.size, default=None), size

    def _parse(self, source: Source, chunks: _Chunks, head: bytes, before: Segment | None, format_: Format) -> Reading:
        source_id = before.source_id if before else self._new_id(head)
        context = Context(source_id, source.file_name, source.mtime, self._settings.options(source), _resume(before))
        seen = _Seen()
        last: dict[str, pa.RecordBatch] = {}
        for table, rows in format_.read(chunks.from_offset(context.resume.byte_offset), context):
            seen.note(rows)
            if table in last:
                self._writing.parts.add(table, last[table])
            last[table] = rows
        provisional = self._add_last(last, context.reached.byte_offset)
        books = context.books
        if not books.balanced():
            raise BooksError(f"{source.name}: the books don't balance ({books}); nothing stored, please report this")
        counts = Counts(books.halves, books.pairs, books.kept, books.rejected, books.pending, books.other_lines)
        segment = Segment(
            source_id,
            format_.name,
            before.head if before else hashlib.sha256(head[:HEAD]).hexdigest(),
            before.head_size if before else min(len(head), HEAD),
            chunks.size,
            chunks.digest,
            counts,
            _state(context.reached),
            tuple(sorted(seen.nodes)),
            tuple(part.path for part in provisional),
            seen.first_at,
            seen.last_at,
            chunks.problem is None,
            chunks.problem,
            tuple(context.doubts),
        )
        if before:
            self._removed += before.provisional
        known = self._parsed.get(source_id, 0)
        self._parsed[source_id] = known + counts.parsed
        self._latest[source_id] = segment
        self._segments.append(segment)
        self._name(source, source_id)
        return Reading(source.name, format_.name, known, counts, chunks.problem, doubts=segment.doubts)

    def _add_last(self, last: dict[str, pa.RecordBatch], reached: int) -> list[Part]:
        """Store the last batches; rows from where the next reading goes on are kept apart, since it makes them anew."""
        parts = []
        for table, rows in last.items():
            final = pc.less(rows["byte_offset"], reached)
            self._writing.parts.add(table, rows.filter(final))
            apart = rows.filter(pc.invert(final))
            if apart.num_rows:
                parts.append(self._writing.parts.add_apart(table, apart))
        return parts

    def _new_id(self, head: bytes) -> str:
        base = hashlib.sha256(head[:HEAD]).hexdigest()[:16]
        number = 1
        while (name := base if number == 1 else f"{base}-{number}") in self._latest:
            number += 1
        return name

    def _name(self, source: Source, source_id: str) -> None:
        path, member = source.path.encode("utf-8", "backslashreplace").decode(), source.member
        member = None if member is None else member.encode("utf-8", "backslashreplace").decode()
        if (source_id, path, member) not in self._names:
            self._names.add((source_id, path, member))
            self._new_names.append(SourceName(source_id, path, member))


@dataclass(slots=True)
class _Seen:
    """Nodes and span of the rows of one reading."""

    nodes: set[str] = field(default_factory=set)
    first_at: datetime | None = None
    last_at: datetime | None = None

    def note(self, rows: pa.RecordBatch) -> None:
        names = rows.schema.names
        if "node_id" in names:
            self.nodes |= {node for node in pc.unique(rows["node_id"]).to_pylist() if node}
        for name in ("sent_at", "answered_at", "logged_at"):
            if name in names:
                span = pc.min_max(rows[name]).as_py()
                told = [at for at in (self.first_at, self.last_at, span["min"], span["max"]) if at is not None]
                self.first_at, self.last_at = (min(told), max(told)) if told else (None, None)


class _Chunks:
    """The bytes of one source: counted and digested as they pass; a break ends them and is noted."""

    def __init__(self, source: Source, progress: Progress | None) -> None:
        self._name = source.name
        self._chunks = source.chunks()
        self._head = b""
        self._digest = hashlib.sha256()
        self._progress = progress
        self.size = 0
        self.problem: str | None = None

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    def head(self) -> bytes:
        """The first chunk: as much as one reading gives."""
        self._head = next(self._guarded(), b"")
        return self._head

    def from_offset(self, start: int) -> Iterator[bytes]:
        """All bytes from the offset on."""
        for chunk in self._all():
            self._digest.update(chunk)
            self.size += len(chunk)
            if self._progress:
                self._progress(self._name, self.size)
            skipped = max(0, start - (self.size - len(chunk)))
            if skipped < len(chunk):
                yield chunk[skipped:]

    def _all(self) -> Iterator[bytes]:
        yield self._head
        yield from self._guarded()

    def _guarded(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except SourceError as problem:
            self.problem = str(problem).removeprefix(f"{self._name}: ")


def _digests_at(chunks: Iterable[bytes], sizes: list[int]) -> tuple[dict[int, str], int]:
    """SHA-256 of the content up to each of these sizes, in rising order, and the whole size."""
    digest = hashlib.sha256()
    done = 0
    found: dict[int, str] = {}
    waiting = list(sizes)
    for chunk in chunks:
        at = 0
        while waiting and waiting[0] <= done + len(chunk):
            digest.update(chunk[at : waiting[0] - done])
            at = waiting[0] - done
            found[waiting.pop(0)] = digest.hexdigest()
        digest.update(chunk[at:])
        done += len(chunk)
    return found, done


def _format_named(name: str | None, head: bytes, file_name: str) -> Format | None:
    """The format of that name, or the one that recognises the head."""
    if name is not None:
        found = next((format_ for format_ in FORMATS if format_.name == name), None)
        if found is None:
            raise UnknownName(f"no format {name!r}; there are {', '.join(format_.name for format_ in FORMATS)}")
        return found
    return next((format_ for format_ in FORMATS if format_.recognises(head[:SNIFFED], file_name)), None)


def _state(reached: Resume) -> dict[str, str | int | None]:
    return {
        "byte_offset": reached.byte_offset,
        "line": reached.line,
        "day": reached.day,
        "tod_ms": reached.tod_ms,
        "first_day": None if reached.first_day is None else reached.first_day.isoformat(),
        "zone": reached.zone,
        "dated_by": reached.dated_by,
    }


def _resume(before: Segment | None) -> Resume:
    if before is None:
        return Resume()
    state: dict[str, Any] = dict(before.resume)
    first_day = state.pop("first_day")
    return replace(Resume(**state), first_day=None if first_day is None else date.fromisoformat(first_day))
