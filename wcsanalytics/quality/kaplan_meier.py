"""How long things live, where some still live when the capture ends."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, sqrt
from typing import NamedTuple

from wcsanalytics.quality.intervals import Z_95


class Step(NamedTuple):
    """One step of a survival curve: at `t`, `ended` of `at_risk` ended; `low` and `high` are the log-log interval."""

    t: float
    at_risk: int
    ended: int
    survival: float
    low: float | None
    high: float | None


def survival(times: Sequence[float], ended: Sequence[bool], z: float = Z_95) -> list[Step]:
    """Kaplan-Meier estimate; a time that is not `ended` is censored. Ends come before censorings at equal times.

    S(t) = product of (1 - d/n), variance by Greenwood, interval S^exp(+-z * sqrt(V) / ln S)
    (E. L. Kaplan and P. Meier, 1958).

    >>> [(step.t, round(step.survival, 3)) for step in survival([1, 2, 3], [True, False, True])]
    [(1, 0.667), (3, 0.0)]
    """
    ends: dict[float, int] = {}
    leaves: dict[float, int] = {}
    for t, over in zip(times, ended, strict=True):
        ends[t] = ends.get(t, 0) + bool(over)
        leaves[t] = leaves.get(t, 0) + 1
    steps = []
    at_risk, alive, spread = len(times), 1.0, 0.0
    for t in sorted(leaves):
        if d := ends[t]:
            alive *= 1 - d / at_risk
            spread += d / (at_risk * (at_risk - d)) if d < at_risk else 0.0
            steps.append(Step(t, at_risk, d, alive, *_bounds(alive, spread, z)))
        at_risk -= leaves[t]
    return steps


def _bounds(alive: float, spread: float, z: float) -> tuple[float | None, float | None]:
    if not 0 < alive < 1:
        return None, None
    width = z * sqrt(spread) / log(alive)
    low, high = sorted((alive ** exp(width), alive ** exp(-width)))
    return low, high


def median_survival(steps: Sequence[Step]) -> float | None:
    """First time at which no more than half are alive; None if that is not reached."""
    return next((step.t for step in steps if step.survival <= 0.5), None)
