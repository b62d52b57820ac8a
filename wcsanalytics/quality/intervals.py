"""Intervals of ratios."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

Z_95 = 1.959964
"""Standard normal quantile of a two-sided 95 % interval."""


class Interval(NamedTuple):
    """A ratio (0..1) with its bounds."""

    value: float
    low: float
    high: float


def wilson(hits: int, n: int, z: float = Z_95) -> Interval | None:
    """Ratio hits / n with the Wilson score interval (E. B. Wilson, 1927); None where there are no cases.

    >>> [round(bound, 4) for bound in wilson(60, 80)]
    [0.75, 0.6452, 0.8319]
    """
    if n == 0:
        return None
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no ratio")
    p = hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # by rounding, a bound may come to lie beyond the ratio itself
    return Interval(p, max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half)))
