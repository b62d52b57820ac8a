"""Two periods beside each other: what changed, by how much, how surely, and what is new or gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from wcsanalytics.quality import Interval, difference
from wcsanalytics.reports.data import Figure
from wcsanalytics.reports.declared import Compared


class Period(NamedTuple):
    """What a report found in a period."""

    figures: Mapping[str, Figure]
    tables: Mapping[str, pa.Table]


Change = dict[str, Any]


def changes_of(before: Period, after: Period, compared: tuple[Compared, ...]) -> tuple[Change, ...]:
    """Each figure that either period has, then the rows of the compared tables that only one of them has."""
    pairs = [(before.figures[name], figure) for name, figure in after.figures.items()]
    told = [_change(was, now) for was, now in pairs if was.value is not None or now.value is not None]
    for one in compared:
        told += _new_and_gone(one, *(_counts(one, period.tables[one.table]) for period in (before, after)))
    return tuple(told)


def _change(before: Figure, after: Figure) -> Change:
    """A ratio's change has the interval of Newcombe; of a quantile or a mean no interval is told."""
    moved = None if before.value is None or after.value is None else after.value - before.value
    bounds = _bounds(before, after)
    return {
        "name": after.name,
        "before": before.value,
        "after": after.value,
        "difference": moved,
        "low": bounds.low if bounds else None,
        "high": bounds.high if bounds else None,
        "unit": after.unit,
        "n_before": before.n,
        "n_after": after.n,
        "says": _says(before, after, bounds),
        "about": "figure",
    }


def _bounds(before: Figure, after: Figure) -> Interval | None:
    was, now = _interval(before), _interval(after)
    return None if was is None or now is None else difference(was, now)


def _interval(figure: Figure) -> Interval | None:
    if figure.value is None or figure.low is None or figure.high is None:
        return None
    return Interval(figure.value, figure.low, figure.high)


def _says(before: Figure, after: Figure, bounds: Interval | None) -> str:
    for when, figure in (("before", before), ("after", after)):
        if figure.value is None:
            return f"{when}: {figure.why}"
    if bounds is None:
        return ""
    return "more" if bounds.low > 0 else "less" if bounds.high < 0 else "may be chance"


def _counts(one: Compared, rows: pa.Table) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key, n in zip(rows[one.key].to_pylist(), rows[one.n].to_pylist(), strict=True):
        counts[str(key)] = counts.get(str(key), 0) + int(n)
    return counts


def _new_and_gone(one: Compared, before: dict[str, int], after: dict[str, int]) -> Iterator[Change]:
    totals = sum(before.values()), sum(after.values())
    for says, here, there in (("new", after, before), ("gone", before, after)):
        for key in sorted(here.keys() - there.keys(), key=lambda key: (-here[key], key)):
            was, now = before.get(key, 0), after.get(key, 0)
            yield {
                "name": key,
                "before": was,
                "after": now,
                "difference": now - was,
                "low": None,
                "high": None,
                "unit": "count",
                "n_before": totals[0],
                "n_after": totals[1],
                "says": says,
                "about": one.table,
            }
