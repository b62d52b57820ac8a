"""How many live at once, and whether that agrees with how many come and how long they stay."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from wcsanalytics.quality.arrays import FloatArray, floats


class Concurrency(NamedTuple):
    """Numbers alive from each instant on; the greatest, the mean weighted by time, and their integral."""

    at_s: FloatArray
    alive: FloatArray
    peak: int
    mean: float | None
    integral_s: float


def concurrent(began_s: Any, ended_s: Any, since_s: float, until_s: float) -> Concurrency:
    """Lives at once within a span, in s; without an end (null) a life goes on to the end of the span.

    At equal times ends come first, so that one who follows another is not counted with him.

    >>> concurrent([0, 10], [10, None], 0, 20)[2:]
    (1, 1.0, 20.0)
    """
    began = np.clip(floats(began_s), since_s, until_s)
    ended = np.clip(np.nan_to_num(floats(ended_s), nan=until_s), since_s, until_s)
    lived = ended > began
    began, ended = began[lived], ended[lived]
    at = np.concatenate([began, ended])
    change = np.concatenate([np.ones(len(began)), -np.ones(len(ended))])
    order = np.lexsort((change, at))
    at, alive = at[order], np.cumsum(change[order])
    integral, span = float(np.sum(ended - began)), until_s - since_s
    mean = integral / span if span > 0 else None
    return Concurrency(at, alive, int(alive.max(initial=0)), mean, integral)


def littles_law(arrivals: int, span_s: float, mean_lifetime_s: float) -> float | None:
    """L = lambda W (J. D. C. Little, 1961): how many should live at once; None where the span has no length.

    What is counted otherwise shows lost starts or ends.

    >>> littles_law(120, 3600, 90)
    3.0
    """
    return None if span_s <= 0 else arrivals / span_s * mean_lifetime_s
