"""The only loop: sources and formats to batches, parts, and one commit."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from wcsanalytics.errors import LimitExceeded, SourceError, StoreError
from wcsanalytics.formats import FORMATS, Batch, Context, Format, Resume, format_named
from wcsanalytics.intake.balance import Balance, Progress, Reading
from wcsanalytics.intake.books import Seen, check, check_new
from wcsanalytics.intake.content import Content, Measure
from wcsanalytics.intake.forgotten import Forgetting
from wcsanalytics.intake.identifiers import without_identifiers
from wcsanalytics.intake.older_copies import Held
from wcsanalytics.intake.overlaps import Fresh, told_twice
from wcsanalytics.intake.settings import Settings
from wcsanalytics.intake.side_by_side import SideBySide, stretches
from wcsanalytics.intake.storing import Storing
from wcsanalytics.sources import Source, Unreadable
from wcsanalytics.store import Counts, Part, Segment, SourceName, Store, Writing

HEAD = 256
"""A lineage is first known by this many bytes: fewer than a whole block has."""

SNIFFED = 64 << 10
"""A format is known by this many bytes."""


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
    with store.writing(lock_timeout_s) as writing, _no_cycles_sought():
        _refuse_other_identifiers(writing.before.identifiers, settings.identifiers, store)
        run = _Run(writing, settings, progress)
        for item in inputs:
            run.take(item)
        _judge(run.readings, settings)
        commit = run.commit()
    return Balance(tuple(run.readings), commit)


@contextmanager
def _no_cycles_sought() -> Iterator[None]:
    """Without the search for cycles in memory: reading makes millions of objects and no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _refuse_other_identifiers(before: str, now: str, store: Store) -> None:
    """A store in which the same person goes by two names would count them as two."""
    if before and before != now:
        words = {"keep": "as they are", "drop": "removed"}
        was = words.get(before, "pseudonyms under a key")
        will = words.get(now, "pseudonyms under " + ("another key" if before.startswith("hmac") else "a key"))
        raise StoreError(
            f"{store.path}: its persons and addresses are {was}, and would now be {will}; "
            "read all captures of a store with the same --identifiers and key"
        )


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
        self._known: dict[str, list[Segment]] = {}
        for segment in writing.before.segments:
            self._known.setdefault(segment.source_id, []).append(segment)
        self._forgetting = Forgetting(writing.before.forgotten) if writing.before.forgotten else None
        self._names = {(name.source_id, name.path, name.member) for name in writing.before.names}
        self._fresh: list[Fresh] = []
        self._stored_by: list[int] = []
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
        if not (self._fresh or self._new_names):
            return None
        self._keep_once()
        segments = [one.segment for one in self._fresh]
        return self._writing.commit(segments, self._new_names, self._removed, self._settings.identifiers).number

    def _keep_once(self) -> None:
        """Take out what other sources tell too, and set the books right."""
        twice = told_twice(self._writing, self._fresh, self._removed)
        if twice.gone:
            latest = {one.segment.source_id: one.segment for one in self._fresh}
            latest = self._writing.before.latest() | latest
            provisional = {path for segment in latest.values() for path in segment.provisional}
            self._removed += self._writing.without(twice.gone, self._removed, provisional)
        for nth, known in enumerate(twice.known):
            given_away = tuple(twice.given_away.get(self._fresh[nth].segment.source_id, ()))
            if known or given_away:
                segment = self._fresh[nth].segment
                counts = replace(segment.counts, known=known)
                check_new(self.readings[self._stored_by[nth]].name, counts)
                self._fresh[nth] = Fresh(replace(segment, counts=counts, given_away=given_away), self._fresh[nth].start)
                reading = self._stored_by[nth]
                self.readings[reading] = replace(self.readings[reading], counts=counts)

    def _read(self, source: Source) -> Reading:
        content = Content(source, self._progress)
        if not content.head:
            return Reading(source.name, None)
        alike = [segments for segments in self._known.values() if _begins(content.head, segments[0])]
        before = None
        if alike:
            measure = content.measured(segment.size for segments in alike for segment in segments)
            for segments in alike:
                if (known := _known_at(segments, measure)) is not None:
                    return self._again(source, content, segments[-1], known)
            grown = [segments[-1] for segments in alike if measure.at.get(segments[-1].size) == segments[-1].digest]
            before = max(grown, key=lambda segment: segment.size, default=None)
            for last in (segments[-1] for segments in alike if before is None and segments[-1].size > measure.size):
                if (known := self._held(source, content, last)) is not None:
                    return self._again(source, content, last, known)
        named = before.format if before else self._settings.format
        format_ = format_named(named) if named else _format_of(content.head, source.file_name)
        if format_ is None:
            return Reading(source.name, None, unknown=True)
        return self._new(source, content, before, format_)

    def _again(self, source: Source, content: Content, segment: Segment, known: int) -> Reading:
        """Note one more name of content that is stored."""
        self._name(source, segment.source_id)
        size, reached = content.measure.size, segment.resume["byte_offset"]
        return Reading(
            source.name, segment.format, known, problem=content.problem, size=size, reached=int(reached or 0)
        )

    def _held(self, source: Source, content: Content, last: Segment) -> int | None:
        """Halves in an older, shorter copy of a lineage; None if the lineage does not hold each record at its place."""
        context = self._context(source, last.source_id, None)
        held = Held(lambda table, columns: self._writing.rows(table, last.source_id, columns))
        for table, rows in self._batches(format_named(last.format), content.chunks(), context):
            if not held.has(table, rows):
                return None
        if held.is_cut_off_before(context.reached.byte_offset):
            return None
        if context.books.kept and not held.was_asked():  # what was kept may be other records
            return None
        return 2 * context.books.pairs + context.books.kept

    def _batches(
        self, format_: Format, chunks: Iterator[bytes], context: Context, seen: Seen | None = None
    ) -> Iterator[Batch]:
        """What a format reads, as it may be stored; all of it is seen."""
        batches = without_identifiers(format_.read(chunks, context), self._settings.pseudonyms)
        noted = batches if seen is None else seen.noted(batches)
        return self._forgetting.without(noted) if self._forgetting else noted

    def _context(self, source: Source, source_id: str, before: Segment | None) -> Context:
        options = self._settings.options(source)
        return Context(source_id, source.file_name, source.mtime, options, _resume(before), path=source.name)

    def _new(self, source: Source, content: Content, before: Segment | None, format_: Format) -> Reading:
        """Store what no reading has stored: all of the source, or what came after the last reading of its lineage."""
        source_id = before.source_id if before else self._new_id(content.head)
        context = self._context(source, source_id, before)
        sizes = [before.size] if before else []
        seen, provisional = self._stored(source, content, format_, context, sizes)
        if before and content.measure.at.get(before.size) != before.digest:
            raise StoreError(f"{source.name}: it changed while it was read; nothing was stored, try again")
        check(source.name, format_.name, context, content, seen)
        segment = _segment(context, format_, content, before, seen, provisional)
        if before:
            self._removed += before.provisional
        known = sum(earlier.counts.parsed for earlier in self._known.get(source_id, ()))
        self._known.setdefault(source_id, []).append(segment)
        self._fresh.append(Fresh(segment, context.resume.byte_offset))
        self._stored_by.append(len(self.readings))
        self._name(source, source_id)
        size, reached, told = segment.size, context.reached.byte_offset, segment.doubts
        return Reading(
            source.name, format_.name, known, segment.counts, content.problem, doubts=told, size=size, reached=reached
        )

    def _stored(
        self, source: Source, content: Content, format_: Format, context: Context, sizes: list[int]
    ) -> tuple[Seen, list[Part]]:
        """Store the rows of one reading; those that the next reading makes anew come back as parts of their own."""
        start, jobs = context.resume.byte_offset, self._settings.jobs
        # what is to be forgotten is known to this process alone
        places = stretches(source, format_, start, jobs) if jobs > 1 and not self._forgetting else []
        if len(places) > 2:
            side_by_side = SideBySide(source, format_, context, places, self._settings.pseudonyms)
            if stored := side_by_side.stored(self._writing, content, sizes):
                return stored
        before = self._forgetting.rows if self._forgetting else 0
        seen, storing = Seen(), Storing(self._writing.parts)
        storing.take(self._batches(format_, content.chunks(sizes, start=start), context, seen))
        seen.forgotten = self._forgetting.rows - before if self._forgetting else 0
        return seen, storing.finish(context.reached.byte_offset)

    def _new_id(self, head: bytes) -> str:
        base = hashlib.sha256(head[:HEAD]).hexdigest()[:16]
        number = 1
        while (name := base if number == 1 else f"{base}-{number}") in self._known:
            number += 1
        return name

    def _name(self, source: Source, source_id: str) -> None:
        path, member = source.path.encode("utf-8", "backslashreplace").decode(), source.member
        member = None if member is None else member.encode("utf-8", "backslashreplace").decode()
        if (source_id, path, member) not in self._names:
            self._names.add((source_id, path, member))
            self._new_names.append(SourceName(source_id, path, member))


def _segment(
    context: Context, format_: Format, content: Content, before: Segment | None, seen: Seen, provisional: list[Part]
) -> Segment:
    books = context.books
    return Segment(
        context.source_id,
        format_.name,
        before.head if before else hashlib.sha256(content.head[:HEAD]).hexdigest(),
        before.head_size if before else min(len(content.head), HEAD),
        content.measure.size,
        content.measure.digest,
        Counts(books.halves, books.pairs, books.kept, books.rejected, books.pending, books.other_lines, seen.forgotten),
        _state(context.reached),
        tuple(sorted(seen.nodes)),
        tuple(part.path for part in provisional),
        seen.first_at,
        seen.last_at,
        content.problem is None,
        content.problem,
        tuple(dict.fromkeys(context.doubts)),
    )


def _begins(head: bytes, segment: Segment) -> bool:
    size = segment.head_size
    return len(head) >= size and hashlib.sha256(head[:size]).hexdigest() == segment.head


def _known_at(segments: list[Segment], measure: Measure) -> int | None:
    """Halves that a lineage held when it was what was measured; None if it never was."""
    known = 0
    for segment in segments:
        known += segment.counts.parsed
        if segment.size == measure.size and segment.digest == measure.digest:
            return known
    return None


def _format_of(head: bytes, file_name: str) -> Format | None:
    return next((format_ for format_ in FORMATS if format_.recognises(head[:SNIFFED], file_name)), None)


def _state(reached: Resume) -> dict[str, str | int | None]:
    first_day = None if reached.first_day is None else reached.first_day.isoformat()
    return {**asdict(reached), "first_day": first_day}


def _resume(before: Segment | None) -> Resume:
    if before is None:
        return Resume()
    state: dict[str, Any] = dict(before.resume)
    first_day = state.pop("first_day")
    return replace(Resume(**state), first_day=None if first_day is None else date.fromisoformat(first_day))
