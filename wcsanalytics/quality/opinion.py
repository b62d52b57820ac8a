"""From the transmission rating factor R to the mean opinion score and back (ITU-T G.107 annex B, G.109)."""

from __future__ import annotations

from math import atan2, cos, pi, sqrt
from typing import Any, NamedTuple

import numpy as np

from wcsanalytics.quality.arrays import Numbers

LEAST_MOS, GREATEST_MOS = 1.0, 4.5


class Satisfaction(NamedTuple):
    """A band of G.109: from `least_r` on, and from `least_mos` on once the MOS is rounded to two decimals."""

    name: str
    least_r: float
    least_mos: float


G109: tuple[Satisfaction, ...] = (
    Satisfaction("very satisfied", 90, 4.34),
    Satisfaction("satisfied", 80, 4.02),
    Satisfaction("some dissatisfied", 70, 3.60),
    Satisfaction("many dissatisfied", 60, 3.10),
    Satisfaction("nearly all dissatisfied", 50, 2.58),
    Satisfaction("not recommended", 0, 1.0),
)


def mos_of_r(r: Numbers) -> Numbers:
    """Mean opinion score (1..4.5) of a narrowband R (G.107 annex B), never below 1.

    >>> f"{mos_of_r(93.2062):.4f}"
    '4.4094'
    """
    within = np.where(np.greater_equal(r, 100), GREATEST_MOS, opinion_polynomial(r))
    held: Any = np.where(np.less_equal(r, 0), LEAST_MOS, within)
    score: Numbers = np.maximum(LEAST_MOS, held)[()]
    return score


def opinion_polynomial(r: Numbers) -> Numbers:
    """The cubic of G.107 annex B as it stands, for 0 < R < 100; below R = 6.51 it is less than 1.

    >>> f"{opinion_polynomial(0.5):.4f}", f"{opinion_polynomial(3.22):.4f}"
    ('0.9968', '0.9888')
    """
    return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6


def r_of_mos(mos: float) -> float | None:
    """R (6.51..100) whose MOS this is, by the closed form of the cubic; None outside 1..4.5.

    Below 6.51 the polynomial of G.107 falls under 1 and rises again, so that R can't be told from a MOS.

    C. Hoene, H. Karl and A. Wolisz, 2004; as G.107 appendix I gives it.

    >>> round(r_of_mos(3.1), 3)
    60.0
    """
    if not LEAST_MOS <= mos <= GREATEST_MOS:
        return None
    h = atan2(15 * sqrt(-903522 + 1113960 * mos - 202500 * mos * mos), 18566 - 6750 * mos) / 3
    return min(100.0, 20 / 3 * (8 - sqrt(226) * cos(h + pi / 3)))


def satisfaction(r: float) -> str:
    """The band of G.109 that a narrowband R falls into.

    >>> satisfaction(74.3)
    'some dissatisfied'
    """
    return next((band.name for band in G109 if r >= band.least_r), G109[-1].name)
