"""The books of an ingest: what became of each input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from wcsanalytics.store import Counts


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one input. Counts are halves of exchanges, but for `other_lines`.

    So many as `before` earlier readings of the same content told. Of `size` decompressed bytes all before `reached`
    are done with.
    """

    name: str
    format: str | None
    before: int = 0
    counts: Counts = field(default_factory=Counts)
    problem: str | None = None
    unknown: bool = False
    doubts: tuple[str, ...] = ()
    size: int = 0
    reached: int = 0

    @property
    def pending_bytes(self) -> int:
        """Bytes that the next reading reads anew: of what may not be finished."""
        return max(self.size - self.reached, 0)

    @property
    def new(self) -> int:
        """Halves that this reading stored."""
        return self.counts.new

    @property
    def known(self) -> int:
        """Halves that were stored before, from the same content or from another source that tells them too."""
        return self.before + self.counts.known

    @property
    def balanced(self) -> bool:
        """Whether each half that was found has an end."""
        counts = self.counts
        return counts.halves == counts.parsed + counts.rejected + counts.pending

    @property
    def records(self) -> int:
        """Halves in the input: all of them, whichever reading stored them."""
        return self.before + self.counts.halves


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
