"""Which legs may enter a quality rate: each is given one class, the first that fits, and all classes are counted."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa

from wcsanalytics.quality.arrays import FloatArray, floats

Admission = Literal["unanswered", "no_data", "short", "no_rtp", "no_media", "low_sample", "rated"]

ADMISSIONS: tuple[Admission, ...] = get_args(Admission)
"""In the order in which they are tried."""

ENTER_RATES: frozenset[Admission] = frozenset({"rated", "no_rtp"})
"""Classes that count in a quality rate; `no_rtp`, media one way only, is poor."""

SHORTEST_S = 5.0
FEWEST_PACKETS = 250
SILENT, FLOWING = 0.10, 0.50
"""Shares of the packets expected under which a direction is silent, and from which on it flows."""


def admit(
    *, talk_s: Any, packets_in: Any, packets_out: Any, expected_in: Any, expected_out: Any, answered: Any = True
) -> pa.Array:
    """The class of each leg, as an Arrow column of strings; columns or numbers, null where something is not known.

    `expected_in` and `expected_out` are packets, as talk time over packet time gives them. Without counts of packets,
    or without a duration, a leg is `no_data`: nothing stands in for a measurement. A direction whose expectation is
    not known is silent only if no packet at all went that way, and is not said to flow. The sample is that of the
    direction with more packets; a stream of one direction leaves the other null.

    >>> counted = {"packets_in": [3000, 90], "packets_out": 3000, "expected_in": 3000, "expected_out": 3000}
    >>> admit(talk_s=[60, 2], **counted).to_pylist()
    ['rated', 'short']
    """
    columns = [floats(each) for each in (talk_s, packets_in, packets_out, expected_in, expected_out)]
    picked_up = np.asarray(answered.to_numpy(False) if isinstance(answered, pa.Array) else answered, dtype=bool)
    talk, got, sent, due_in, due_out, picked = np.broadcast_arrays(
        *(np.atleast_1d(each) for each in (*columns, picked_up))
    )
    conditions = (
        ~picked,
        np.isnan(talk) | (np.isnan(got) & np.isnan(sent)),
        talk < SHORTEST_S,
        _silent(got, due_in) & (sent >= FLOWING * due_out) & (due_out > 0),
        (_silent(got, due_in) | np.isnan(got)) & (_silent(sent, due_out) | np.isnan(sent)),
        np.fmax(got, sent) < FEWEST_PACKETS,
    )
    return pa.array(np.select(conditions, ADMISSIONS[:-1], ADMISSIONS[-1]), type=pa.string())


def _silent(packets: FloatArray, expected: FloatArray) -> Any:
    return np.where(np.isnan(expected), packets == 0, packets < SILENT * expected)
