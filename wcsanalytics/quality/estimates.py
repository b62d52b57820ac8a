"""A figure that never goes without its number of cases, and says why where it can't be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wcsanalytics.quality.intervals import wilson

Unit = Literal["ratio", "ms", "s", "erlang", "count", "mean"]

NO_CASES = "no cases"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value in `unit` over `n` cases, with a 95 % interval where it is a share of cases; or why there is none.

    Raises:
        ValueError: both or neither of value and reason are given, or a value stands on no case.

    """

    value: float | None
    unit: Unit
    n: int
    low: float | None = None
    high: float | None = None
    why: str | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.why is None):
            raise ValueError("an estimate has either a value or a reason why not")
        if self.value is not None and self.n <= 0:
            raise ValueError("no value without cases")


def ratio(hits: int, n: int, why_none: str = NO_CASES) -> Estimate:
    """The share hits / n with its Wilson interval; without cases the reason.

    Raises:
        ValueError: there are more hits than cases, or fewer than none.

    """
    share = wilson(hits, n)
    return unknown("ratio", why_none) if share is None else Estimate(share.value, "ratio", n, share.low, share.high)


def mean_of(total: float, n: int, unit: Unit, why_none: str = NO_CASES) -> Estimate:
    """The mean total / n; without cases the reason."""
    return unknown(unit, why_none) if n <= 0 else Estimate(total / n, unit, n)


def unknown(unit: Unit, why: str, n: int = 0) -> Estimate:
    """A figure that can't be computed, and why."""
    return Estimate(None, unit, n, why=why)
