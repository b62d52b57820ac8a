"""The grade that a client of WCS makes of its connection, reproduced for each stream whose video rates are told."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate, groupby
from statistics import median
from typing import Any

import pyarrow as pa

from wcsanalytics.quality import wcs_connection_quality
from wcsanalytics.reports.media_rating import Rating

STEP_S = (0.8, 1.25)
"""The client takes each step for a second: where the usual one is no such thing, its grades are not right."""

NOT_COUNTED = "the client's bytes of video were not counted from second to second"
NOT_BY_SECOND = "rates were not told once a second"

SCHEMA = pa.schema(
    [
        pa.field("stream_key", pa.string()),
        pa.field("direction", pa.string()),
        pa.field("n", pa.int64()),
        pa.field("perfect", pa.int64()),
        pa.field("good", pa.int64()),
        pa.field("bad", pa.int64()),
        pa.field("rate_difference_ratio", pa.float64()),
        pa.field("least_rate_bps", pa.float64()),
        pa.field("why", pa.string()),
    ]
)
"""`n` steps were graded; rates are those of the median step; `why` says why there are none."""


def graded_streams(rating: Rating, steps: pa.Table) -> pa.Table:
    """A row of `SCHEMA` for each stream and direction of these steps, which are in the order of time."""
    rows = groupby(steps.to_pylist(), key=lambda row: (row["stream_key"], row["direction"]))
    return pa.Table.from_pylist([_graded(*leg, list(told)) for leg, told in rows], SCHEMA)


def _graded(stream_key: str, direction: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    leg = {"stream_key": stream_key, "direction": direction, "n": 0, "perfect": 0, "good": 0, "bad": 0}
    if not STEP_S[0] <= median(step["step_s"] for step in steps) <= STEP_S[1]:
        return {**leg, "why": NOT_BY_SECOND}
    counted = [step for step in steps if step["client_bits"] is not None]
    video_bytes = accumulate((step["client_bits"] / 8 for step in counted), initial=0.0)
    rates = [0.0, *(step["server_bps"] for step in counted)]
    graded = [step for step in wcs_connection_quality(list(video_bytes), rates) if step and step.quality]
    if not graded:
        return {**leg, "why": NOT_COUNTED}
    grades = Counter(step.quality for step in graded)
    return {
        **leg,
        "n": len(graded),
        **{quality.lower(): grades[quality] for quality in ("PERFECT", "GOOD", "BAD")},
        "rate_difference_ratio": median(step.difference for step in graded if step.difference is not None),
        "least_rate_bps": median(min(step.client_bps, step.server_bps) for step in graded),
    }
