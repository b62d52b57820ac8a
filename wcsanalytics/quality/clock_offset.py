"""How far two clocks are apart, from instants that both of them told. All in s."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Offset(NamedTuple):
    """The second clock less the first; true within +- `uncertainty`, half the way there and back (`round_trip`)."""

    offset: float
    round_trip: float
    uncertainty: float


def two_way(sent: float, received: float, answered: float, returned: float) -> Offset | None:
    """Offset from one exchange: `sent` and `returned` by the first clock, `received` and `answered` by the second.

    theta = ((t2 - t1) + (t3 - t4)) / 2, delta = (t4 - t1) - (t3 - t2) (RFC 5905). None where delta is negative, which
    no exchange gives.

    >>> [round(value, 6) for value in two_way(1000.000, 1000.850, 1000.852, 1000.012)]
    [0.845, 0.01, 0.005]
    """
    round_trip = (returned - sent) - (answered - received)
    if round_trip < 0:
        return None
    return Offset(((received - sent) + (answered - returned)) / 2, round_trip, round_trip / 2)


class Drift(NamedTuple):
    """Offset at time 0 of the first clock, with the least delay in it, and its growth in s per s."""

    offset: float
    slope: float

    def at(self, t: float) -> float:
        """The offset at a time of the first clock."""
        return self.offset + self.slope * t


def one_way(sent: Sequence[float], received: Sequence[float]) -> Drift | None:
    """Offset and drift from messages of one direction: the line under all delays that is closest to them.

    It is the edge of the lower convex hull over the mean time (S. B. Moon, P. Skelly and D. Towsley, 1999). The least
    delay can't be told from the offset. None for fewer than two instants.

    >>> one_way([0, 1, 2, 3], [5.0, 6.5, 7.0, 8.25])
    Drift(offset=5.0, slope=0.0)
    """
    points = sorted(zip(sent, (there - here for here, there in zip(sent, received, strict=True)), strict=True))
    hull: list[tuple[float, float]] = []
    for point in points:
        if hull and hull[-1][0] == point[0]:
            continue
        while len(hull) > 1 and _turns_down(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    if len(hull) < 2:
        return None
    middle = sum(t for t, _ in points) / len(points)
    (t0, y0), (t1, y1) = next(edge for edge in pairwise(hull) if edge[1][0] >= middle)
    slope = (y1 - y0) / (t1 - t0)
    return Drift(y0 - slope * t0, slope)


def _turns_down(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[1] - a[1]) * (c[0] - a[0]) >= (c[1] - a[1]) * (b[0] - a[0])
