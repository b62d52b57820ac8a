"""Gates: conditions on figures under which a run counts as failed."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from wcsanalytics.errors import UnknownName, WcsAnalyticsError
from wcsanalytics.reports.data import Figure
from wcsanalytics.reports.declared import Measure

Part = Literal["value", "low", "high", "change"]

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_GATE = re.compile(
    r"\s*(?P<figure>[a-z][a-z0-9_]*)(?:\.(?P<part>low|high|change))?\s*(?P<op><=|>=|==|!=|<|>)"
    r"\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<cent>%)?\s*"
)


class Gate(NamedTuple):
    """A run fails where the figure, or that part of it, stands so to the limit."""

    told: str
    figure: str
    part: Part
    op: str
    limit: float
    in_per_cent: bool

    @property
    def is_about_change(self) -> bool:
        """Whether it needs a period to compare with."""
        return self.part == "change"


def gate_of(told: str) -> Gate:
    """The gate as typed: `asr.low < 0.9`, `drop_rate > 3%`. Raises WcsAnalyticsError if it is none."""
    found = _GATE.fullmatch(told)
    if found is None:
        raise WcsAnalyticsError(f"{told!r} is no gate; write FIGURE OP VALUE, as 'asr < 0.9' or 'drop_rate.high > 3%'")
    part: Any = found["part"] or "value"
    limit = float(found["number"]) / (100 if found["cent"] else 1)
    return Gate(" ".join(told.split()), found["figure"], part, found["op"], limit, bool(found["cent"]))


def check_gates(gates: Sequence[Gate], measures: Sequence[Measure], *, can_compare: bool) -> None:
    """Raises UnknownName where a gate names no figure, WcsAnalyticsError where its limit makes no sense."""
    by_name = {measure.name: measure for measure in measures}
    for gate in gates:
        if gate.figure not in by_name:
            raise UnknownName(f"no figure {gate.figure!r}; there are {', '.join(by_name)}")
        if gate.is_about_change and not can_compare:
            raise WcsAnalyticsError(f"{gate.told}: a change needs a period to compare with: add --against")
        is_ratio = by_name[gate.figure].unit == "ratio"
        if gate.in_per_cent and not is_ratio:
            raise WcsAnalyticsError(f"{gate.told}: {gate.figure} is no ratio, it is in {by_name[gate.figure].unit}")
        if is_ratio and abs(gate.limit) > 1:
            raise WcsAnalyticsError(f"{gate.told}: ratios are 0 to 1; write {gate.limit:g}% for per cent")


def judged(
    gates: Sequence[Gate],
    figures: Mapping[str, Figure],
    changes: Sequence[Mapping[str, Any]],
    *,
    allow_missing: bool,
) -> tuple[dict[str, Any], ...]:
    """Each gate with what its figure was, and whether it passed; what can't be computed fails unless allowed."""
    moved = {change["name"]: change for change in changes if change["about"] == "figure"}
    return tuple(_judged(gate, figures[gate.figure], moved.get(gate.figure), allow_missing) for gate in gates)


def _judged(gate: Gate, figure: Figure, change: Mapping[str, Any] | None, allow_missing: bool) -> dict[str, Any]:
    value, why = _value(gate, figure, change)
    if value is None:
        outcome = "passed" if allow_missing else "failed"
    else:
        outcome = "failed" if _OPERATORS[gate.op](value, gate.limit) else "passed"
    return {
        "gate": gate.told,
        "outcome": outcome,
        "figure": gate.figure,
        "part": gate.part,
        "value": value,
        "limit": gate.limit,
        "unit": figure.unit,
        "n": figure.n,
        "why": why,
    }


def _value(gate: Gate, figure: Figure, change: Mapping[str, Any] | None) -> tuple[float | None, str | None]:
    """What the gate looks at, or why that can't be had."""
    if gate.part == "change":
        told = change or {"difference": None, "says": figure.why}
        return told["difference"], None if told["difference"] is not None else told["says"]
    if figure.standing == "impossible" or figure.value is None:
        return None, figure.why
    value = {"value": figure.value, "low": figure.low, "high": figure.high}[gate.part]
    return value, None if value is not None else f"{figure.name} has no interval"


def failures(gates: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each gate that failed."""
    return [f"gate {gate['gate']} failed: {_found(gate)}" for gate in gates if gate["outcome"] == "failed"]


def _found(gate: Mapping[str, Any]) -> str:
    what = gate["figure"] if gate["part"] == "value" else f"{gate['figure']}.{gate['part']}"
    if gate["value"] is None:
        return f"{what} can't be computed, {gate['why']}"
    return f"{what} is {gate['value']:.4g}, n {gate['n']}"
