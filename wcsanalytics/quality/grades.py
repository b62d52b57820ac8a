"""Grades of a narrowband MOS: made on the score of two decimals, half up, so that SQL and Python say the same."""

from __future__ import annotations

from math import floor

import numpy as np
import pyarrow as pa

from wcsanalytics.quality.arrays import floats
from wcsanalytics.quality.opinion import G109

HALF = 0.500000001
"""A half and a little: 4.335 has no exact double, and is meant as a half."""


def two_decimals(mos: float) -> float:
    """The score as it is printed, half up; the same sum of doubles as in `sql/views/mos_grade.sql`.

    >>> [two_decimals(mos) for mos in (4.3349, 4.335, 4.0149)]
    [4.33, 4.34, 4.01]
    """
    return floor(mos * 100 + HALF) / 100


def grade(mos: float) -> str:
    """The band of G.109 of a narrowband MOS (no other scale has published bands).

    >>> grade(4.335), grade(4.334)
    ('very satisfied', 'satisfied')
    """
    printed = two_decimals(mos)
    return next((band.name for band in G109 if printed >= band.least_mos), G109[-1].name)


def grade_column(mos: pa.Array, scale: pa.Array) -> pa.Array:
    """The grade of each score whose scale is NB, null for the others and for those without a score."""
    scores = floats(mos)
    printed = np.floor(scores * 100 + HALF) / 100
    named = np.select([printed >= band.least_mos for band in G109], [band.name for band in G109], G109[-1].name)
    narrowband = np.array(scale.to_pylist(), dtype=object) == "NB"
    return pa.array(named, type=pa.string(), mask=np.isnan(scores) | ~narrowband)
