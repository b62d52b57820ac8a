"""Bursts and gaps of packet loss: the machine of RFC 3611 appendix A.2, and the periods by its definition (4.7.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Arrival = Literal["1", "0", "X"]
"""A packet that was received, lost, or discarded by the receiver (late or early)."""

GMIN = 16
"""How many packets in a row must arrive for a gap: the value that RFC 3611 recommends."""


class BurstMetrics(NamedTuple):
    """Fields of the VoIP metrics block. Rates and densities are in 1/256, durations in ms; None: it can't be told."""

    packets: int
    loss_rate: int | None
    discard_rate: int | None
    burst_density: int | None
    gap_density: int | None
    burst_ms: float | None
    gap_ms: float | None


@dataclass(slots=True)
class BurstMachine:
    """Counts of transitions between gap (1, isolated loss 4) and burst (received 2, lost 3), packet by packet."""

    gmin: int = GMIN
    received_run: int = 0
    bad_run: int = 1
    lost: int = 0
    discarded: int = 0
    received: int = 0
    c11: int = 0
    c13: int = 0
    c14: int = 0
    c22: int = 0
    c23: int = 0
    c33: int = 0

    def feed(self, arrivals: Iterable[Arrival | str]) -> BurstMachine:
        """Take in the next packets in sequence order; returns itself.

        Raises:
            ValueError: a packet is neither "1", "0" nor "X".

        """
        for arrival in arrivals:
            if arrival == "1":
                self.received += 1
                self.received_run += 1
            elif arrival in ("0", "X"):
                self.lost += arrival == "0"
                self.discarded += arrival == "X"
                self._bad()
            else:
                raise ValueError(f"{arrival!r} is neither '1' (received), '0' (lost) nor 'X' (discarded)")
        return self

    def _bad(self) -> None:
        if self.received_run >= self.gmin:
            if self.bad_run == 1:
                self.c14 += 1
            else:
                self.c13 += 1
            self.bad_run = 1
            self.c11 += self.received_run
        else:
            self.bad_run += 1
            if self.received_run == 0:
                self.c33 += 1
            else:
                self.c23 += 1
                self.c22 += self.received_run - 1
        self.received_run = 0

    def metrics(self, packet_ms: float) -> BurstMetrics:
        """The fields of the block so far, for packets of so many ms.

        >>> BurstMachine(gmin=2).feed("111011100011X").metrics(10)[:5]
        (13, 78, 19, 255, 51)
        """
        packets = self.received + self.lost + self.discarded
        gap_packets, bursts = self.c11 + self.c14, self.c13
        total = self.c11 + self.c14 + 2 * self.c13 + self.c22 + 2 * self.c23 + self.c33
        gap_ms = (gap_packets + self.c13) * packet_ms / bursts if bursts else None
        return BurstMetrics(
            packets=packets,
            loss_rate=256 * self.lost // packets if packets else None,
            discard_rate=256 * self.discarded // packets if packets else None,
            burst_density=self._burst_density(),
            gap_density=min(256 * self.c14 // gap_packets, 255) if gap_packets else None,
            burst_ms=None if gap_ms is None else total * packet_ms / bursts - gap_ms,
            gap_ms=gap_ms,
        )

    def _burst_density(self) -> int | None:
        from_burst = self.c13 + self.c23 + self.c33
        if not from_burst:
            return None
        p32 = self.c23 / from_burst
        p23 = 1.0 if self.c22 + self.c23 < 1 else 1 - self.c22 / (self.c22 + self.c23)
        return min(int(256 * p23 / (p23 + p32)), 255) if p23 + p32 else None


class Periods(NamedTuple):
    """Packets of all bursts, or of all gaps, how many of them were lost or discarded, and how many periods."""

    packets: int
    bad: int
    periods: int

    @property
    def density(self) -> float | None:
        """The share (0..1) of lost and discarded packets; None without such a period."""
        return self.bad / self.packets if self.packets else None

    def duration_ms(self, packet_ms: float) -> float:
        """How long these periods last together."""
        return self.packets * packet_ms


def burst_periods(arrivals: Sequence[Arrival | str], gmin: int = GMIN) -> list[tuple[int, int]]:
    """First and last packet (from 0) of each burst by definition.

    A burst begins and ends with a bad packet, holds no run of `gmin` received ones, and has more than one bad packet.

    >>> burst_periods("1101101111", gmin=3)
    [(2, 5)]
    """
    found: list[tuple[int, int]] = []
    bad = [at for at, arrival in enumerate(arrivals) if arrival != "1"]
    for at in bad:
        if found and at - found[-1][1] - 1 < gmin:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return [(first, last) for first, last in found if last > first]


def burst_and_gap(arrivals: Sequence[Arrival | str], gmin: int = GMIN) -> tuple[Periods, Periods]:
    """Bursts and gaps by definition; what is in no burst is in a gap, single bad packets too."""
    found = burst_periods(arrivals, gmin)
    inside = sum(last - first + 1 for first, last in found)
    bad_inside = sum(arrival != "1" for first, last in found for arrival in arrivals[first : last + 1])
    bad = sum(arrival != "1" for arrival in arrivals)
    edges = [-1, *(edge for period in found for edge in period), len(arrivals)]
    gaps = sum(after - before > 1 for before, after in zip(edges[::2], edges[1::2], strict=True))
    return Periods(inside, bad_inside, len(found)), Periods(len(arrivals) - inside, bad - bad_inside, gaps)


def loss_runs(arrivals: Iterable[Arrival | str]) -> dict[int, int]:
    """How many runs of consecutive lost or discarded packets there are of each length.

    >>> loss_runs("1001011000")
    {1: 1, 2: 1, 3: 1}
    """
    runs: dict[int, int] = {}
    length = 0
    for arrival in [*arrivals, "1"]:
        if arrival != "1":
            length += 1
        elif length:
            runs[length] = runs.get(length, 0) + 1
            length = 0
    return dict(sorted(runs.items()))
