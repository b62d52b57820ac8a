"""Packet loss as ratios (0..1), with the denominator named, and how bursty it is."""

from __future__ import annotations

from wcsanalytics.quality.estimates import Estimate, ratio, unknown

NOTHING_EXPECTED = "no packets were expected"


def loss_of_expected(lost: int, received: int) -> Estimate:
    """Lost / (lost + received), the share of what was sent: the loss that wcsanalytics reports.

    `lost` may be negative where duplicates arrived (RFC 3550); that gives no ratio.

    >>> round(loss_of_expected(36, 5008).value, 6)
    0.007137
    """
    if lost < 0:
        return unknown("ratio", "more packets arrived than were sent (duplicates)", n=received)
    return ratio(lost, lost + received, why_none=NOTHING_EXPECTED)


def loss_of_received(lost: int, received: int) -> Estimate:
    """Lost / received, as Jitsi reports it; not a share, so it has no interval.

    >>> round(loss_of_received(36, 5008).value, 6)
    0.007188
    """
    if lost < 0:
        return unknown("ratio", "more packets arrived than were sent (duplicates)", n=received)
    if received <= 0:
        return unknown("ratio", "no packets were received")
    return Estimate(lost / received, "ratio", received)


def expected_packets(base_sequence: int, extended_highest: int) -> int:
    """Packets expected since the first (RFC 3550 A.3), from its sequence number and the extended highest one."""
    return extended_highest - base_sequence + 1


def burst_ratio(lost: int, loss_events: int, loss_percent: float) -> float | None:
    """BurstR of G.107: mean length of runs of loss over that of random loss, at least 1; None without any loss.

    >>> burst_ratio(20, 10, 2.0)
    1.96
    """
    if lost <= 0 or loss_events <= 0:
        return None
    return max(1.0, lost / loss_events * (1 - loss_percent / 100))
