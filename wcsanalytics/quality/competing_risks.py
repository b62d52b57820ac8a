"""How likely each cause is to end a life by a given time, where several compete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple


class IncidenceStep(NamedTuple):
    """At `t`, of `at_risk` lives: those that go on (0..1), and by cause those that have ended by then (0..1)."""

    t: float
    at_risk: int
    survival: float
    incidence: Mapping[str, float]


def cumulative_incidence(times: Sequence[float], causes: Sequence[str | None]) -> list[IncidenceStep]:
    """Aalen-Johansen estimate; a time whose cause is None is censored. Survival and incidences always add up to 1.

    F_k(t) = sum of S(t-) d_k / n, with S over all causes (O. Aalen and S. Johansen, 1978). Taking the other causes
    for censorings instead gives each cause too much.

    >>> [dict(step.incidence) for step in cumulative_incidence([1, 2], ["user", "ice"])]
    [{'ice': 0.0, 'user': 0.5}, {'ice': 0.5, 'user': 0.5}]
    """
    ended: dict[float, dict[str, int]] = {}
    leaves: dict[float, int] = {}
    for t, cause in zip(times, causes, strict=True):
        leaves[t] = leaves.get(t, 0) + 1
        if cause is not None:
            ended.setdefault(t, {})[cause] = ended.get(t, {}).get(cause, 0) + 1
    reached = dict.fromkeys(sorted({cause for cause in causes if cause is not None}), 0.0)
    steps, at_risk, alive = [], len(times), 1.0
    for t in sorted(leaves):
        if t in ended:
            for cause, n in ended[t].items():
                reached[cause] += alive * n / at_risk
            alive *= 1 - sum(ended[t].values()) / at_risk
            steps.append(IncidenceStep(t, at_risk, alive, MappingProxyType(dict(reached))))
        at_risk -= leaves[t]
    return steps
