"""The interval of a difference of two ratios."""

from __future__ import annotations

from math import hypot

from wcsanalytics.quality.intervals import Z_95, Interval, wilson


def newcombe(hits_before: int, n_before: int, hits_after: int, n_after: int, z: float = Z_95) -> Interval | None:
    """Ratio after minus ratio before, with the hybrid score interval; None where either has no cases.

    Of two independent ratios, from the Wilson interval of each (R. G. Newcombe, Statistics in Medicine 17, 1998,
    pages 873-890, method 10). It lies within -1..1, and swapping the two negates it.

    >>> [round(bound, 4) for bound in newcombe(48, 80, 56, 70)]
    [0.2, 0.0524, 0.3339]
    """
    before, after = wilson(hits_before, n_before, z), wilson(hits_after, n_after, z)
    if before is None or after is None:
        return None
    return difference(before, after)


def difference(before: Interval, after: Interval) -> Interval:
    """The same from two ratios whose Wilson intervals are known."""
    change = after.value - before.value
    below = hypot(after.value - after.low, before.high - before.value)
    above = hypot(after.high - after.value, before.value - before.low)
    return Interval(change, change - below, change + above)
