"""The connection quality that the client of WCS shows and never sends, reproduced from what it is computed of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

ConnectionQuality = Literal["PERFECT", "GOOD", "BAD"]

SMALL_RATE = 50_000
"""Below it, in bit/s, rates may differ much without harm."""


class QualityStep(NamedTuple):
    """Filtered rates in bit/s, how far they differ (0..2), and the grade; None where both rates are 0."""

    client_bps: float
    server_bps: float
    difference: float | None
    quality: ConnectionQuality | None


@dataclass(slots=True)
class UnitKalman:
    """One-dimensional Kalman filter with noises of 1, as the client has it."""

    x: float | None = None
    p: float = 1.0

    def filtered(self, z: float) -> float:
        """The estimate after one more measurement."""
        if self.x is None:
            self.x = z
            return z
        predicted = self.p + 1
        gain = predicted / (predicted + 1)
        self.x += gain * (z - self.x)
        self.p = predicted - gain * predicted
        return self.x


def graded(client_bps: float, server_bps: float) -> QualityStep:
    """The grade of two filtered rates: d = |s - c| / ((s + c) / 2).

    >>> graded(400_000, 500_000).quality, round(graded(400_000, 500_000).difference, 4)
    ('GOOD', 0.2222)
    """
    mean = (server_bps + client_bps) / 2
    if mean == 0:
        return QualityStep(client_bps, server_bps, None, None)
    difference = abs(server_bps - client_bps) / mean
    if min(client_bps, server_bps) < SMALL_RATE:
        quality: ConnectionQuality = "BAD" if difference > 1.5 else "PERFECT"
    else:
        quality = "BAD" if difference > 0.5 else "GOOD" if difference > 0.2 else "PERFECT"
    return QualityStep(client_bps, server_bps, difference, quality)


def wcs_connection_quality(video_bytes: Sequence[float], server_video_bps: Sequence[float]) -> list[QualityStep | None]:
    """The grade after each video rate message (one a second, or it is not right): bytes in all, and the server's rate.

    The first message only sets the base; one without new bytes is passed over, as by the client; fewer bytes than
    before are a new base. These are None.
    """
    client, server = UnitKalman(), UnitKalman()
    steps: list[QualityStep | None] = []
    for at, (total, rate) in enumerate(zip(video_bytes, server_video_bps, strict=True)):
        bits = (total - video_bytes[at - 1]) * 8 if at else 0
        steps.append(graded(client.filtered(bits), server.filtered(rate)) if bits > 0 else None)
    return steps
