"""A long source read by several processes, a stretch each; what comes out does not depend on where it is cut."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from wcsanalytics import clock
from wcsanalytics.errors import SourceError, StoreError
from wcsanalytics.formats import Books, Context, Format, Refusals, Resume
from wcsanalytics.formats.reading import Place
from wcsanalytics.intake.books import Seen
from wcsanalytics.intake.content import Content
from wcsanalytics.intake.identifiers import without_identifiers
from wcsanalytics.intake.storing import Storing
from wcsanalytics.intake.stretch import (
    Answer,
    Failed,
    Question,
    Read,
    Reading,
    Refusal,
    Survey,
    Surveyed,
    got,
    put,
    without_refused,
)
from wcsanalytics.pseudonyms import Pseudonyms
from wcsanalytics.sources import Source, file_chunks, is_plain
from wcsanalytics.store import Part, Writing

ENDED = "a process that read a stretch ended; nothing was stored"

SHORTEST = 32 << 20
"""A stretch is at least as long as this: less is not worth a process."""

LOOKED_THROUGH = 64 << 20
"""A border, and the evidence for a date, is looked for in so many bytes."""


def stretches(source: Source, format_: Format, start: int, jobs: int, shortest: int = SHORTEST) -> list[int]:
    """Where the stretches of a source begin, and where the last one ends; none where it can't be cut."""
    if format_.stretching is None or source.member is not None or not is_plain(source.path):
        return []
    path = Path(source.path)
    size = path.stat().st_size
    count = min(jobs, (size - start) // shortest)
    places = [start]
    with path.open("rb") as file:
        for number in range(1, count):
            nominal = start + (size - start) * number // count
            file.seek(nominal)
            found = format_.stretching.border(file.read(LOOKED_THROUGH), 0)
            if found is not None and nominal + found > places[-1]:
                places.append(nominal + found)
    return [*places, size]


class Reader(Protocol):
    """Reads stretches: one question, one answer."""

    def ask(self, question: Question) -> None:
        """Take a question; the answer is fetched later."""

    def answer(self, kind: type[Any]) -> Any:
        """The answer to the last question. Raises SourceError or StoreError where there is none."""


class SideBySide:
    """Reads one source by as many readers as it has stretches; `places` are where these begin and end."""

    def __init__(
        self, source: Source, format_: Format, context: Context, places: Sequence[int], pseudonyms: Pseudonyms | None
    ) -> None:
        assert format_.stretching is not None
        self._source = source
        self._format = format_
        self._stretching = format_.stretching
        self._context = context
        self._spans = list(pairwise(places))
        self._pseudonyms = pseudonyms

    def stored(
        self,
        writing: Writing,
        content: Content,
        sizes: Sequence[int],
        new_reader: Callable[[ExitStack], Reader] | None = None,
    ) -> tuple[Seen, list[Part]] | None:
        """Store the rows of the source, as one reader would; None if it must be read to its end to be dated.

        The readers are processes, or what `new_reader` makes; they end with the stack that it is given.
        """
        dated = self._dated()
        if dated is None:
            return None
        with ExitStack() as ended:
            readers = [(new_reader or _Process)(ended) for _ in self._spans]
            resumes = self._resumes(readers, dated)
            for number, reader in enumerate(readers):
                reader.ask(self._reading(writing, number, resumes[number]))
            content.measured(sizes, stop=self._spans[-1][1])
            answers = [reader.answer(Read) for reader in readers]
        return self._joined(writing, answers, resumes[0])

    def _dated(self) -> Resume | None:
        """How the source is dated, by its beginning: as soon as the first rows come out of a reading of it."""
        trial = replace(self._context, books=Books(), doubts=[])
        seen_all = False

        def beginning() -> Iterator[bytes]:
            nonlocal seen_all
            start, stop = self._spans[0][0], min(self._spans[0][0] + LOOKED_THROUGH, self._spans[-1][1])
            yield from file_chunks(self._source.path, start, stop)
            seen_all = True

        for _ in self._format.read(beginning(), trial):
            break
        if trial.dated is None or seen_all:
            return None
        self._context.doubts += trial.doubts
        return trial.dated

    def _resumes(self, readers: Sequence[Reader], dated: Resume) -> list[Resume]:
        """Where each stretch goes on: its line, and the day and time of day before it."""
        first = self._context.resume
        resumes = [
            replace(first, first_day=dated.first_day, zone=dated.zone, dated_by=dated.dated_by, zone_by=dated.zone_by)
        ]
        asked = list(zip(readers, self._spans[:-1], strict=False))
        for reader, (start, stop) in asked:
            reader.ask(Survey(self._source.path, start, stop, self._format.name))
        line, tod_ms, day = first.line, first.tod_ms, first.day
        for reader, (_, stop) in asked:
            told = reader.answer(Surveyed)
            _, tod_ms, day = clock.day_numbers(np.frombuffer(told.times, np.int32).astype(np.int64), tod_ms, day)
            line += told.lines
            resumes.append(
                replace(resumes[0], byte_offset=stop, line=line, day=day, tod_ms=tod_ms, other_lines=0)
            )  # fmt: skip
        return resumes

    def _reading(self, writing: Writing, number: int, resume: Resume) -> Reading:
        context, (start, stop) = self._context, self._spans[number]
        return Reading(
            path=self._source.path,
            start=start,
            stop=stop,
            format=self._format.name,
            store=str(writing.path),
            commit=writing.number,
            shard=writing.new_shard(),
            source_id=context.source_id,
            file_name=context.file_name,
            name=context.path,
            mtime=context.mtime,
            options=context.options,
            resume=resume,
            goes_on=number + 1 < len(self._spans),
            replaced=self._pseudonyms is not None,
            key=None if self._pseudonyms is None else self._pseudonyms.key,
        )

    def _joined(self, writing: Writing, answers: Sequence[Read], first: Resume) -> tuple[Seen, list[Part]]:
        """Add up what the readers tell, and store what they left at the edges of their stretches."""
        context = self._context
        refused: list[Refusal] = []
        seen, storing = Seen(), Storing(writing.parts)
        for answer in answers:
            for name in Books.__slots__:
                setattr(context.books, name, getattr(context.books, name) + getattr(answer.books, name))
            refused += answer.refused
            seen.join(answer.seen)
            writing.parts.parts += answer.parts
            context.doubts += answer.doubts
        edges = [half for answer in answers for half in answer.edges]
        joining = replace(context, resume=replace(first, other_lines=0))
        joined = without_identifiers(self._stretching.joined(edges, joining), self._pseudonyms)
        storing.take(seen.noted(without_refused(joined, refused)))
        refusals = Refusals(context)
        for line, byte_offset, length, reason, n_lines in refused:
            refusals.add(Place(line, byte_offset, length), reason, n_lines)
        storing.take(seen.noted(refusals.finish()))
        storing.finish()
        context.reached = answers[-1].reached
        return seen, [part for part in answers[-1].parts if part.path in answers[-1].provisional]


_PROGRAM = """
import sys
sys.path[:] = sys.argv[1:]
from wcsanalytics import memory
from wcsanalytics.loading import hidden
memory.keep()
with hidden("pandas"):
    from wcsanalytics.intake.stretch import main
    main()
"""


class _Process:
    """A process that reads stretches. What it would print in its death is ours to say."""

    def __init__(self, ended: ExitStack) -> None:
        # it imports from where we do: without -P, a module that lies in the folder of the captures would come first
        command = [sys.executable, "-P", "-c", _PROGRAM, *sys.path]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        ended.callback(self._end)

    def ask(self, question: Question) -> None:
        try:
            put(_pipe(self._process.stdin), question)
        except BrokenPipeError:
            raise StoreError(ENDED) from None

    def answer(self, kind: type[Any]) -> Any:
        try:
            told = got(_pipe(self._process.stdout), Answer)
        except EOFError:
            told = None
        if isinstance(told, kind):
            return told
        if isinstance(told, Failed):
            raise SourceError(told.says) if told.of_source else StoreError(told.says)
        raise StoreError(ENDED)

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was not sent to it any more
                _pipe(pipe).close()


def _pipe(pipe: IO[bytes] | None) -> Any:
    assert pipe is not None
    return pipe
