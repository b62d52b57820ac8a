"""Jitter, round-trip time and loss of intervals, as RFC 3550 defines them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from wcsanalytics.quality.estimates import Estimate, ratio, unknown

NTP_SHORT = 1 << 32
"""Middle 32 bits of an NTP time: 16 of seconds, 16 of fractions; they start again at 0 every 18.2 hours."""


def interarrival_jitter(sent: Sequence[float], received: Sequence[float]) -> list[float]:
    """Running jitter after each packet but the first (RFC 3550 A.8), in the unit of the times (RTP clock units).

    D = (Ri - Ri-1) - (Si - Si-1); J += (|D| - J) / 16. Divide by the clock rate for seconds.

    >>> [round(j, 4) for j in interarrival_jitter([0, 160, 320, 480], [1000, 1170, 1315, 1490])]
    [0.625, 1.5234, 2.3657]
    """
    transits = [arrived - departed for departed, arrived in zip(sent, received, strict=True)]
    jitter, told = 0.0, []
    for before, transit in pairwise(transits):
        jitter += (abs(transit - before) - jitter) / 16
        told.append(jitter)
    return told


def jitter_ms(jitter: float, clock_rate: int) -> float:
    """Jitter of RTP clock units in milliseconds.

    >>> round(jitter_ms(2.3657, 8000), 4)
    0.2957
    """
    return jitter / clock_rate * 1000


def round_trip_ms(arrived: int, last_sr: int, delay_since_last_sr: int) -> float | None:
    """RTT = A - LSR - DLSR (RFC 3550 6.4.1), all three in units of 1/65536 s; None if no SR was received (LSR 0).

    >>> round_trip_ms(0xB710_8000, 0xB705_2000, 0x0005_4000)
    6125.0
    """
    if last_sr == 0:
        return None
    return ((arrived - last_sr - delay_since_last_sr) % NTP_SHORT) / 65.536


def fraction_lost(lost_delta: int, expected_delta: int) -> Estimate:
    """Delta lost / delta expected of one interval (0..1); a negative delta (duplicates) gives no ratio."""
    if expected_delta < lost_delta:
        return unknown("ratio", "more packets were lost than expected")
    if lost_delta < 0:
        return unknown("ratio", "more packets arrived than were sent (duplicates)", n=max(expected_delta, 0))
    return ratio(lost_delta, expected_delta, why_none="no packets were expected")
