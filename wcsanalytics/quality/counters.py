"""Cumulative counters of W3C webrtc-stats, turned into changes that never bridge a reset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wcsanalytics.quality.arrays import BoolArray, FloatArray, IntArray, floats

_NOTHING = np.array(None, dtype=object)
FRAMES_REMEMBERED = 30
"""How many rendered frames the average goes back that a freeze is told from."""


def epochs(counters: Sequence[Any], identities: Sequence[Any] = ()) -> IntArray:
    """Number of the epoch of each sample, from 0, samples in order of time.

    A counter that falls, or an identity (SSRC, report id, codec) that changes, opens a new epoch. Missing values
    open none: what comes next is held against the last one known.

    >>> epochs([[1, 5, 2, 4]], [["a", "a", "a", "b"]]).tolist()
    [0, 0, 1, 2]
    """
    columns = [*map(floats, counters)]
    length = len(columns[0]) if columns else len(identities[0])
    opens = np.zeros(length, dtype=bool)
    for column in columns:
        before = _last_known(column, ~np.isnan(column))
        opens |= column < before
    for identity in identities:
        is_arrow = isinstance(identity, pa.Array | pa.ChunkedArray)
        names = np.array(identity.to_pylist() if is_arrow else list(identity), dtype=object)
        known = np.not_equal(names, _NOTHING).astype(bool)
        before = _last_known(names, known)
        opens |= known & np.not_equal(before, _NOTHING).astype(bool) & (before != names)
    return np.cumsum(opens).astype(np.int64)


def changes(values: Any, epoch: IntArray) -> FloatArray:
    """Value less the one before; NaN for the first sample of an epoch and next to a missing value.

    >>> changes([1, 5, 2, 4], epochs([[1, 5, 2, 4]])).tolist()
    [nan, 4.0, nan, 2.0]
    """
    column = floats(values)
    change = np.full(len(column), np.nan)
    within = epoch[1:] == epoch[:-1]
    change[1:][within] = (column[1:] - column[:-1])[within]
    return change


def per_second(values: Any, at_ms: Any, epoch: IntArray) -> FloatArray:
    """Rate of change in 1/s; NaN where there is no change or no time between two samples.

    >>> per_second([0, 50, 90], [0, 1000, 3000], epochs([[0, 50, 90]])).tolist()
    [nan, 50.0, 20.0]
    """
    return quotient(changes(values, epoch), changes(at_ms, epoch) / 1000)


def quotient(part: Any, whole: Any) -> FloatArray:
    """Part / whole, such as delta concealedSamples / delta totalSamplesReceived; NaN unless the whole is above 0."""
    numerators, denominators = np.broadcast_arrays(floats(part), floats(whole))
    divided = np.full(numerators.shape, np.nan)
    np.divide(numerators, denominators, out=divided, where=denominators > 0)
    return divided


def concealed_ratio(concealed: Any, samples: Any, silent: Any = 0) -> FloatArray:
    """Concealed / received samples (0..1) from deltas; with `silent` (silentConcealedSamples), the audible part.

    >>> float(concealed_ratio(480, 48_000))
    0.01
    """
    return quotient(floats(concealed) - floats(silent), samples)


def round_trip_ms_of(total_s: Any, measurements: Any) -> FloatArray:
    """Mean RTT from delta totalRoundTripTime (s) and delta roundTripTimeMeasurements."""
    return quotient(floats(total_s) * 1000, measurements)


def jitter_buffer_ms(delay_s: Any, emitted: Any) -> FloatArray:
    """Mean delay of the jitter buffer from delta jitterBufferDelay (s) and delta jitterBufferEmittedCount."""
    return quotient(floats(delay_s) * 1000, emitted)


def harmonic_fps(inter_frame_s: Any, squared_inter_frame_s2: Any) -> FloatArray:
    """Frames per second as a viewer feels them: sum d / sum d^2, from deltas of totalInterFrameDelay and its square.

    >>> f"{harmonic_fps(0.28, 0.0432):.2f}"
    '6.48'
    """
    return quotient(inter_frame_s, squared_inter_frame_s2)


def freeze_threshold_ms(mean_frame_ms: Any) -> FloatArray:
    """From which frame duration on it is a freeze: max(3 avg, avg + 150 ms).

    >>> freeze_threshold_ms([40, 100]).tolist()
    [190.0, 300.0]
    """
    mean = floats(mean_frame_ms)
    return np.maximum(3 * mean, mean + 150)


def freezes(frame_ms: Any) -> BoolArray:
    """Which frames were freezes, from the durations of rendered frames; the average is of the 30 before each.

    The first frame has none before it and is none.
    """
    durations = floats(frame_ms)
    sums = np.concatenate([[0.0], np.cumsum(durations)])
    ends = np.arange(len(durations))
    starts = np.maximum(ends - FRAMES_REMEMBERED, 0)
    mean = quotient(sums[ends] - sums[starts], ends - starts)
    frozen: BoolArray = durations >= freeze_threshold_ms(mean)
    return frozen


def freeze_ratio(freezes_s: Any, played_s: Any) -> FloatArray:
    """Share (0..1) of the play time that was frozen, from delta totalFreezesDuration."""
    return quotient(freezes_s, played_s)


def _last_known(column: NDArray[Any], known: BoolArray) -> NDArray[Any]:
    """For each sample the value last known before it; null where there is none."""
    known_at = np.maximum.accumulate(np.where(known, np.arange(len(column)), -1))
    before: NDArray[Any] = np.full(len(column), None).astype(column.dtype)
    has_before = known_at[:-1] >= 0
    before[1:][has_before] = column[known_at[:-1][has_before]]
    return before
