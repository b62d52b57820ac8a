"""The bytes of one input: read more than once, measured as they pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from blake3 import blake3

from wcsanalytics.errors import SourceError
from wcsanalytics.intake.balance import Progress
from wcsanalytics.sources import Source


class Measure:
    """Size and BLAKE3 of bytes as they pass; `at` has the digests up to the sizes asked for."""

    def __init__(self, sizes: Iterable[int]) -> None:
        self._digest = blake3()
        self._waiting = sorted(set(sizes))
        self.size = 0
        self.at: dict[int, str] = {}

    @property
    def digest(self) -> str:
        """BLAKE3 of all that has passed."""
        return self._digest.hexdigest()

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        done = 0
        while self._waiting and self._waiting[0] <= self.size + len(chunk):
            cut = self._waiting[0] - self.size
            self._digest.update(chunk[done:cut])
            self.at[self._waiting.pop(0)] = self.digest
            done = cut
        self._digest.update(chunk[done:])
        self.size += len(chunk)


class Content:
    """The bytes of one source, from the start as often as asked; a break after the first ends them and is noted.

    `ended` tells whether the last who asked for them took all.
    """

    def __init__(self, source: Source, progress: Progress | None) -> None:
        self._source = source
        self._progress = progress
        self._opened: Iterator[bytes] | None = source.chunks()
        self.head = next(self._opened, b"")
        self.measure = Measure(())
        self.problem: str | None = None
        self.ended = False

    def measured(self, sizes: Iterable[int], stop: int | None = None) -> Measure:
        """What the content measures, up to `stop`."""
        for _ in self.chunks(sizes, stop=stop):
            pass
        return self.measure

    def chunks(self, sizes: Iterable[int] = (), start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to `stop`; all of them and those before are measured."""
        opened, self._opened = self._opened, None
        passing = self._source.chunks() if opened is None else chain([self.head], opened)
        self.measure, self.problem, self.ended = Measure(sizes), None, False
        try:
            for passed in passing:
                chunk = passed if stop is None else passed[: stop - self.measure.size]
                if not chunk:
                    break
                skipped = max(0, start - self.measure.size)
                self.measure.add(chunk)
                if self._progress:
                    self._progress(self._source.name, self.measure.size)
                if skipped < len(chunk):
                    yield chunk[skipped:]
        except SourceError as problem:
            if not self.measure.size:
                raise
            self.problem = str(problem).removeprefix(f"{self._source.name}: ")
        self.ended = True
