"""How a report is declared: what it answers, its figures with unit and meaning, its tables and plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from wcsanalytics.lake import Lake
from wcsanalytics.quality import wilson
from wcsanalytics.reports.data import Figure, Plot, Verdict
from wcsanalytics.reports.selection import Selection


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure as declared. `of` names the cases behind it; a `target` is the most that is called good."""

    name: str
    label: str
    unit: str
    of: str
    meaning: str
    target: float | None = None

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

    def partly(self, figure: Figure, coverage: float, why: str) -> Figure:
        """The figure, marked as resting on a share of its cases only."""
        return Figure(
            figure.name, figure.label, figure.unit, figure.value, figure.n, figure.of, figure.low, figure.high,
            figure.target, figure.verdict, "partly", coverage, why,
        )  # fmt: skip

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

    `next_session` is what to debug next, if not the session of the gravest finding; `plots` replace the declared ones.
    """

    verdict: str
    figures: tuple[Figure, ...]
    cannot_tell: tuple[str, ...] = ()
    next_session: str | None = None
    tables: Mapping[str, pa.Table] | None = None
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One table of a report: `name` is that of its query, too."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report. `make` gets the lake with what was chosen, and the answers to the queries of its folder.

    The queries `prepared` become temporary tables beforehand, in their order, which the others ask.
    """

    name: str
    title: str
    question: str
    measures: tuple[Measure, ...]
    headline: tuple[str, ...]
    tables: tuple[Asked, ...]
    plots: tuple[Plot, ...]
    make: Callable[[Lake, Selection, Mapping[str, pa.Table]], Made]
    overlapping: bool = False
    prepared: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Where its queries stand."""
        return f"reports/{self.name.replace('-', '_')}"

    def measure(self, name: str) -> Measure:
        """The figure of that name as declared."""
        return next(measure for measure in self.measures if measure.name == name)
