"""Formulas of products, by name, to compare with what those products show. None of them is a standard.

Delays and jitter in ms, loss in per cent. Their flaws are kept, for else they would not compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Any, Literal, NamedTuple

import numpy as np

from wcsanalytics.quality.arrays import BoolArray, FloatArray, Numbers, floats
from wcsanalytics.quality.opinion import mos_of_r

Coding = Literal["opus", "opus_fec", "red", "video"]

LIVEKIT_LOSS_WEIGHTS: dict[Coding, float] = {"opus": 8, "opus_fec": 5.33, "red": 4, "video": 10}


def pingplotter_r(rtt_ms: Numbers, jitter_ms: Numbers, loss_percent: Numbers, base: float = 93.2) -> Numbers:
    """R as PingPlotter explains it and webrtc-issue-detector computes it.

    >>> f"{pingplotter_r(100.0, 10.0, 1.0):.2f}"
    '87.45'
    """
    latency = rtt_ms + 2 * jitter_ms + 10
    r: Any = np.where(np.less(latency, 160), base - latency / 40, base - (latency - 120) / 10) - 2.5 * loss_percent
    factor: Numbers = r[()]
    return factor


def twilio_r(rtt_ms: Numbers, jitter_ms: Numbers, loss_percent: Numbers) -> Numbers:
    """R of twilio-voice.js (`mos.ts`): PingPlotter's from 94.768, at least 6.52, 0 where too late or too much lost.

    >>> f"{twilio_r(100.0, 10.0, 1.0):.2f}"
    '89.02'
    """
    latency = rtt_ms + 2 * jitter_ms + 10
    without_loss = pingplotter_r(rtt_ms, jitter_ms, 0 * loss_percent, base=94.768)
    bearable = np.less(latency, 1000) & np.less_equal(loss_percent, without_loss / 2.5)
    r: Any = np.where(bearable, np.maximum(without_loss - 2.5 * loss_percent, 6.52), 0.0 * (latency + loss_percent))
    factor: Numbers = r[()]
    return factor


def voipmonitor_g711_mos(loss_percent: Numbers, burst_r: Numbers | float = 1.0) -> Numbers:
    """MOS that VoIPmonitor gives G.711, from loss alone.

    It says 4.5 where nothing was lost, though its cubic gives 4.298 there.

    >>> f"{voipmonitor_g711_mos(1.0):.2f}"
    '4.09'
    """
    r = 93.2062 - 95 * loss_percent / (loss_percent / burst_r + 17.2647)
    curve = np.clip(2.06405 + 0.031738 * r - 0.000356641 * r**2 + 2.93143e-6 * r**3, 1, 4.5)
    held: Any = np.where(np.equal(loss_percent, 0), 4.5, np.where(np.greater(loss_percent, 50), 1.0, curve))
    score: Numbers = held[()]
    return score


def rtcscore_r(
    rtt_ms: float,
    jitter_buffer_ms: float,
    loss_percent: float,
    *,
    bits_per_second: float | None = None,
    dtx: bool = False,
    fec: bool = False,
) -> float:
    """R of rtcscore for audio. Its term for delay is negative, so a gain, for 150..1500 ms: see `rtcscore_delay_ms`.

    >>> round(rtcscore_r(100, 30, 0, bits_per_second=32000), 2)
    89.72
    """
    delay = rtcscore_delay_ms(rtt_ms, jitter_buffer_ms)
    late = 0.03 * delay + (0.1 * delay - 150 if delay > 150 else 0)
    ie = 6.0 if bits_per_second is None else min(max(55 - 4.6 * log(bits_per_second), 0.0), 30.0)
    ie = 8.0 if dtx else ie
    return 100 - (ie + (100 - ie) * loss_percent / (loss_percent + (20 if fec else 10))) - late


def rtcscore_delay_ms(rtt_ms: float, jitter_buffer_ms: float) -> float:
    """The delay that rtcscore reckons with."""
    return 20 + jitter_buffer_ms + rtt_ms / 2


class LiveKitScore(NamedTuple):
    """A score of 0..100, which is no MOS, and its word."""

    score: float
    word: Literal["EXCELLENT", "GOOD", "POOR", "LOST"]


def livekit(rtt_ms: float, jitter_ms: float, loss_percent: float, coding: Coding = "opus") -> LiveKitScore:
    """LiveKit's connection quality of one window, before it is smoothed over time.

    LiveKit itself says 100 of a muted track; here nothing is known of one.

    >>> livekit(100, 10, 1)
    LiveKitScore(score=90.25, word='EXCELLENT')
    """
    score = float(livekit_score(rtt_ms, jitter_ms, loss_percent, LIVEKIT_LOSS_WEIGHTS[coding]))
    return LiveKitScore(
        score, "EXCELLENT" if score > 80 else "GOOD" if score > 40 else "POOR" if score > 20 else "LOST"
    )


def livekit_score(rtt_ms: Numbers, jitter_ms: Numbers, loss_percent: Numbers, loss_weight: Numbers | float) -> Numbers:
    """The score alone, with the weight of a per cent of loss as `LIVEKIT_LOSS_WEIGHTS` has it."""
    delay = rtt_ms / 2 + 2 * jitter_ms
    late: Any = np.where(np.less_equal(delay, 160), delay / 40, (delay - 120) / 10)
    score: Numbers = 100 - late[()] - loss_weight * loss_percent
    return score


def livekit_smoothed(before: float, now: float) -> float:
    """LiveKit's score after a window: it follows fast downwards (0.8) and slowly upwards (0.4)."""
    return before + (0.4 if now > before else 0.8) * (now - before)


class Disagreement(NamedTuple):
    """How far models are apart on the same stream: a verdict between `low` and `high` hangs on the model alone."""

    low: float
    high: float
    by_model: dict[str, float]


def disagreement(by_model: Mapping[str, float | None]) -> Disagreement | None:
    """Least and greatest MOS of those models that give one; None where no model does.

    >>> disagreement({"g107": 4.1, "twilio": 4.31, "rtcscore": None})[:2]
    (4.1, 4.31)
    """
    told = {model: mos for model, mos in by_model.items() if mos is not None}
    return Disagreement(min(told.values()), max(told.values()), told) if told else None


def product_columns(
    rtt_ms: FloatArray, jitter_ms: FloatArray, loss_percent: FloatArray, *, g711: BoolArray, burst_r: float = 1.0
) -> dict[str, FloatArray]:
    """MOS by the products, a column each; NaN where an input is. VoIPmonitor speaks of G.711 under loss only.

    Where nothing is lost VoIPmonitor leaves its own cubic, which is not followed.
    """
    cubic = np.where(g711 & (loss_percent > 0), voipmonitor_g711_mos(loss_percent, burst_r), np.nan)
    return {
        "pingplotter": mos_of_r(pingplotter_r(rtt_ms, jitter_ms, loss_percent)),
        "twilio": mos_of_r(twilio_r(rtt_ms, jitter_ms, loss_percent)),
        "voipmonitor_g711": cubic,
    }


def product_scores(
    rtt_ms: float | None,
    jitter_ms: float | None,
    loss_percent: float | None,
    *,
    g711: bool = False,
    burst_r: float = 1.0,
) -> dict[str, float | None]:
    """The same of one stream; None where an input is."""
    told = (floats([value]) for value in (rtt_ms, jitter_ms, loss_percent))
    columns = product_columns(*told, g711=np.array([g711]), burst_r=burst_r)
    return {model: None if np.isnan(score[0]) else float(score[0]) for model, score in columns.items()}
