"""How a report is declared: what it answers, its figures with unit and meaning, its tables and plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import pyarrow as pa

from wcsanalytics.lake import Lake
from wcsanalytics.quality import wilson
from wcsanalytics.reports.data import Figure, Plot, Verdict
from wcsanalytics.reports.media_rating import Rating
from wcsanalytics.reports.selection import ABOUT, Selection


class Share(NamedTuple):
    """Where a ratio comes from: the query that counts, and its columns."""

    query: str
    hits: str
    n: str


class Value(NamedTuple):
    """Where a number comes from: the query, its columns, and the place in the column's list, if that holds lists."""

    query: str
    value: str
    n: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure as declared. `of` names the cases behind it; a `target` is the most that is called good.

    `source` says which columns of a query that counts make it; without one the report's `make` does.
    """

    name: str
    label: str
    unit: str
    of: str
    meaning: str
    target: float | None = None
    source: Share | Value | None = None

    def figure(self, row: Mapping[str, Any]) -> Figure:
        """The figure from a row of its source."""
        if isinstance(self.source, Share):
            return self.ratio(row[self.source.hits], row[self.source.n])
        assert self.source is not None
        value = row[self.source.value]
        if self.source.at is not None and value:
            value = value[self.source.at]
        return self.number(value, row[self.source.n])

    def ratio(self, hits: int | None, n: int | None) -> Figure:
        """Hits / n with its Wilson interval, or why there is none."""
        interval = wilson(hits or 0, n or 0)
        if interval is None:
            return self.impossible(f"there are no {self.of}")
        value, low, high = interval
        return Figure(
            self.name, self.label, self.unit, value, n or 0, self.of, low, high, self.target, self._judged(value)
        )

    def number(self, value: float | None, n: int | None, why: str | None = None) -> Figure:
        """A value from n cases, or why there is none."""
        if value is None or not n:
            return self.impossible(why or f"there are no {self.of}")
        return Figure(
            self.name, self.label, self.unit, float(value), n, self.of, target=self.target, verdict=self._judged(value)
        )

    def impossible(self, why: str, n: int = 0) -> Figure:
        """The figure that can't be had, with the reason."""
        return Figure(self.name, self.label, self.unit, None, n, self.of, standing="impossible", why=why)

    def _judged(self, value: float) -> Verdict:
        if self.target is None:
            return "unrated"
        return "good" if value <= self.target else "poor"


@dataclass(frozen=True, slots=True)
class Made:
    """What a report's page of Python makes of the answers to its questions.

    `figures` are those without a source, and those that take the place of what their source says.
    `next_session` is what to debug next, if not the session of the gravest finding; `plots` and `headline` replace the
    declared ones.
    """

    verdict: str
    figures: tuple[Figure, ...] = ()
    cannot_tell: tuple[str, ...] = ()
    next_session: str | None = None
    tables: Mapping[str, pa.Table] | None = None
    plots: tuple[Plot, ...] = ()
    headline: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One table of a report: `name` is that of its query, too; `shown` are the columns on a page, if not all."""

    name: str
    title: str
    shown: tuple[str, ...] = ()


class Compared(NamedTuple):
    """A table whose rows two periods may have or lack: what names a row, and its column of cases."""

    table: str
    key: str
    n: str


DIMENSIONS = {
    "node": "WCS node",
    "app": "Application key",
    "browser": "Browser of the session",
    "os": "Operating system of the session",
    "role": "publish or play",
    "direction": "Calls out of the client, or in to it",
    "codec": "Audio and video codec of the stream; of media, their own",
    "transport": "UDP or TCP",
    "provider": "Media provider: WebRTC, HLS, ...",
    "hour": "Clock hour of the beginning, UTC",
    "day": "Day of the beginning, UTC",
}
"""By what figures may be divided."""

OF_ALL = ("node", "app", "hour", "day")
OF_SESSIONS = (*OF_ALL, "browser", "os")
OF_TRAFFIC = ("node", "app", "browser", "os", "direction", "provider")
OF_CALLS = (*OF_SESSIONS, "direction", "provider")
OF_STREAMS = (*OF_SESSIONS, "role", "codec", "transport", "provider")
OF_MEDIA = (*OF_STREAMS, "direction")
"""Dimensions of what is counted."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report. `make` gets the lake with what was chosen, and the answers to the queries of its folder.

    `about` says what of sessions, streams and calls its queries ask more than once, and whether of hooks.
    The queries `prepared` become temporary tables beforehand, in their order, which the others ask; the rows of those
    in `through` go through a function before, that is told by what media are to be rated. `targets` names the measures
    whose target the rule set may set, each with the rule set's name of it. `divided` names the queries that count by
    part, each with its dimensions: they take `$by`, null for the whole, and give a `part`.
    """

    name: str
    title: str
    question: str
    measures: tuple[Measure, ...]
    headline: tuple[str, ...]
    tables: tuple[Asked, ...]
    plots: tuple[Plot, ...]
    make: Callable[[Lake, Selection, Mapping[str, pa.Table]], Made]
    about: tuple[str, ...] = ABOUT
    overlapping: bool = False
    prepared: tuple[str, ...] = ()
    through: Mapping[str, Callable[[Rating, pa.Table], pa.Table]] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    divided: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    compared: tuple[Compared, ...] = ()

    def measures_by(self, rating: Rating) -> tuple[Measure, ...]:
        """The measures, with the targets of the rule set where it has them."""
        told = {name: rating.rules.targets.get(target) for name, target in self.targets.items()}
        return tuple(replace(one, target=told.get(one.name) or one.target) for one in self.measures)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """By what its figures may be divided."""
        able = {name for names in self.divided.values() for name in names}
        return tuple(name for name in DIMENSIONS if name in able)

    @property
    def folder(self) -> str:
        """Where its queries stand."""
        return f"reports/{self.name.replace('-', '_')}"
