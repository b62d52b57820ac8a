"""What is asked for besides a report, as people type it: dimensions, a period to compare with, gates, rules."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypedDict

from wcsanalytics.api.options import FILTERS, Several, listed, selected
from wcsanalytics.errors import UnknownName, WcsAnalyticsError
from wcsanalytics.lake import Lake
from wcsanalytics.quality import RuleSet, read_rule_set, rule_set, rule_set_names
from wcsanalytics.reports import Gate, Rating, Selection, Wanted, gate_of


class Further(TypedDict, total=False):
    """`by` a dimension or several; `against` a period; `fail_on` a gate or several; `rules` a set or its file."""

    by: Several
    against: str | None
    fail_on: Several
    allow_missing: bool
    rules: str | Path | None
    provisional: bool


FURTHER = tuple(Further.__annotations__)
"""Names of these."""

_NAMES = tuple(name for name in FILTERS if name != "zone")
_ENTRY = re.compile(rf"(?:^|,)\s*({'|'.join(_NAMES)})=")


def wanted_of(
    lake: Lake,
    selection: Selection,
    *,
    zone: str = "UTC",
    by: Several = (),
    against: str | None = None,
    fail_on: Several = (),
    allow_missing: bool = False,
    rules: str | Path | None = None,
    provisional: bool = False,
) -> Wanted:
    """The same as reports take it. Raises WcsAnalyticsError where a text can't be understood."""
    before = None if against is None else period(lake, selection, against, zone)
    rating = Rating(provisional=provisional) if rules is None else Rating(_rules(rules), provisional)
    return Wanted(tuple(dict.fromkeys(listed(by))), before, gates_of(fail_on), allow_missing, rating)


def _rules(told: str | Path) -> RuleSet:
    """A set that ships with the package, else one of the user's own."""
    if told in rule_set_names():
        return rule_set(str(told))
    if Path(told).suffix != ".toml":
        names = ", ".join(rule_set_names())
        raise UnknownName(f"no rule set {str(told)!r}; there are {names}, and files of your own as NAME.toml")
    return read_rule_set(told)


def gates_of(told: Several) -> tuple[Gate, ...]:
    """Gates as typed."""
    return tuple(gate_of(one) for one in listed(told))


def period(lake: Lake, selection: Selection, told: str, zone: str) -> Selection:
    """`previous`, or filters that take the place of those chosen: `since=…,until=…,node=…`."""
    return _previous(lake, selection) if told.strip() == "previous" else _replaced(lake, selection, told, zone)


def _previous(lake: Lake, selection: Selection) -> Selection:
    """As long a time, just before; it ends where the chosen one begins."""
    last = lake.snapshot.last_at
    until = selection.until or last
    if selection.since is None or until is None or until <= selection.since:
        raise WcsAnalyticsError("--against previous needs --since: it is as long a time before that")
    length = until - selection.since
    if selection.until is None:
        length += timedelta(microseconds=1)  # the last record is in it
    return replace(selection, since=selection.since - length, until=selection.since)


def _replaced(lake: Lake, selection: Selection, told: str, zone: str) -> Selection:
    """Filters named; a time that is named stands for the whole time."""
    pieces = _ENTRY.split(told)
    named: dict[str, Any] = dict(zip(pieces[1::2], (value.strip() for value in pieces[2::2]), strict=True))
    if pieces[0].strip() or not named or not all(named.values()):
        raise WcsAnalyticsError(
            f"{told!r} is no period; write previous, or filters as since=2026-03-13,until=2026-03-14,node=NAME"
        )
    times = {name: named.pop(name) for name in ("since", "until", "at") if name in named}
    if times:
        chosen = selected(lake, **times, zone=zone)
        named |= {"since": chosen.since, "until": chosen.until}
    return replace(selection, **named)
