"""What the way from mouth to ear takes, and what that costs on the R scale: delays in ms, impairments in R."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from wcsanalytics.quality.arrays import BoolArray, FloatArray, Numbers, floats

DelayTerm = Literal["full", "idd", "cole_rosenbluth", "none"]
"""Which term stands for delay: all of G.107, its Idd alone, the line of Cole and Rosenbluth, or none (scope LQ)."""

LOOKAHEAD_MS = {"G.711": 0.25, "G.729": 5.0, "Opus": 6.5}
"""What a coder waits beyond its frame."""


def idd(one_way_ms: Numbers, sensitivity: float = 1.0, threshold_ms: float = 100.0) -> Numbers:
    """Impairment by too long absolute delay (G.107 Idd); 0 up to `threshold_ms`. Assumes perfect echo control.

    `sensitivity` and `threshold_ms` are sT and mT of G.107.

    >>> f"{idd(300.0):.2f}"
    '14.76'
    """
    x = np.log2(np.maximum(one_way_ms, threshold_ms) / threshold_ms)
    k = 6 * sensitivity
    impairment: Numbers = 25 * ((1 + x**k) ** (1 / k) - 3 * (1 + (x / 3) ** k) ** (1 / k) + 2)
    return impairment


def cole_rosenbluth(one_way_ms: Numbers) -> Numbers:
    """Impairment by delay in two straight lines (R. G. Cole and J. H. Rosenbluth, 2001); too much above 300 ms.

    >>> f"{cole_rosenbluth(200.0):.1f}"
    '7.3'
    """
    impairment: Numbers = 0.024 * one_way_ms + 0.11 * np.maximum(one_way_ms - 177.3, 0)
    return impairment


class MouthToEar(NamedTuple):
    """One-way delay in ms, NaN where no round trip was measured; `estimated` where 2 x jitter stands for a buffer."""

    delay_ms: FloatArray
    estimated: BoolArray


def mouth_to_ear(
    rtt_ms: Any, jitter_buffer_ms: Any, jitter_ms: Any, *, ptime_ms: Any, lookahead_ms: Any = 0.0
) -> MouthToEar:
    """RTT / 2 + jitter buffer + packet time + look-ahead, over columns or numbers in ms.

    Without the measured delay of the jitter buffer (delta jitterBufferDelay / delta jitterBufferEmittedCount of W3C
    webrtc-stats) twice the jitter stands for it, and the result is marked. Without a round trip there is no delay.

    >>> mouth_to_ear(100, [40, None], 10, ptime_ms=20).delay_ms.tolist()
    [110.0, 90.0]
    """
    rtt, buffer, jitter = floats(rtt_ms), floats(jitter_buffer_ms), floats(jitter_ms)
    no_buffer = np.isnan(buffer)
    delay = rtt / 2 + np.where(no_buffer, 2 * jitter, buffer) + floats(ptime_ms) + floats(lookahead_ms)
    return MouthToEar(delay, np.logical_and(no_buffer, ~np.isnan(delay)))
