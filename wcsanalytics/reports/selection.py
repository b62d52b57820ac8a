"""What a report is about: sessions, streams and calls by time and by name. What is chosen is whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from wcsanalytics.errors import WcsAnalyticsError
from wcsanalytics.lake import Lake, sql_text
from wcsanalytics.lake.relations import quoted

ABOUT = ("sessions", "streams", "calls")
"""What a report may be about."""

CHOSEN = tuple(f"chosen_{name}" for name in ABOUT)
"""The same as far as it is asked for; made anew for each report."""

HOOKS = "hooks"
"""A report may be about the hooks of these, too, and about those that tell of none."""

REUSED: Mapping[str, tuple[str, ...]] = {
    "capture_ends": ABOUT,
    "session_ends": ("sessions",),
    "session_agents": ABOUT,
    "streams": ("sessions", "streams"),
    "calls": ("sessions", "calls"),
    "sessions": ("sessions",),
}
"""Views that others build on, each with what the reports are about that ask for it.

Their rows are made once for all reports of a lake, each from those before it.
"""

WITH_AGENTS = ("streams", "calls")
"""Of these, what is kept with the browser and system of its session, from which the view itself is told then."""

UNDER: Mapping[str, str] = {"streams": "told_streams"}
"""The view that is kept while one is made of it, for one query that did both would need far more memory."""

NARROWED = ("sessions", "streams", "all_streams")
"""What is made of some streams only where a session, stream or call is asked for: it holds for that question alone."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters; null chooses all. Times are half-open and count by start, or by overlap where `overlapping`."""

    since: datetime | None = None
    until: datetime | None = None
    node: str | None = None
    app: str | None = None
    session: str | None = None
    call: str | None = None
    stream: str | None = None
    name: str | None = None
    user: str | None = None

    def told(self) -> dict[str, str | datetime]:
        """The filters that are set, for the head of a report."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @property
    def is_about_one(self) -> bool:
        """Whether a session, stream, call, name or user is asked for."""
        return any((self.session, self.call, self.stream, self.name, self.user))


@contextmanager
def chosen(
    lake: Lake, selection: Selection, *, overlapping: bool, about: Sequence[str] = ABOUT
) -> Iterator[dict[str, Any]]:
    """Make what is chosen temporary tables for as long as it is asked about; yields the parameters of queries.

    `about` names those of `ABOUT` that are to be asked more than once, and the hooks if these are asked for.
    """
    names = (*CHOSEN, *(f"chosen_{name}" for name in about if name == HOOKS))
    narrow = "streams" not in lake.kept and any((selection.session, selection.stream, selection.call))
    params = {**asdict(selection), "overlapping": overlapping, "is_about_one": selection.is_about_one}
    try:
        _keep_reused(lake, ABOUT if selection.told() else about, selection if narrow else None)
        filtered = bool(selection.told())
        with made_once(lake, "reports/selection", names, params) if filtered else _all_chosen(lake, names):
            yield params
    finally:
        if narrow:
            for name in NARROWED:
                lake.drop(name)


def _keep_reused(lake: Lake, about: Sequence[str], near: Selection | None) -> None:
    for name, askers in REUSED.items():
        if name in lake.kept or not {*askers} & {*about}:
            continue
        under = UNDER.get(name)
        if under:
            _keep(lake, under, "" if near is None else _of_streams_near(lake, near))
        if name in WITH_AGENTS:
            lake.keep(f"all_{name}", sql_text("reports/selection", f"all_{name}"), {})
            lake.show(name, f"select * exclude (browser, os) from all_{name}")  # noqa: S608 - a table of ours
        else:
            _keep(lake, name)
        if under:
            lake.drop(under)


def _keep(lake: Lake, name: str, where: str = "") -> None:
    lake.keep(name, f'select * from main."{name}" {where}', {})  # noqa: S608 - a view of ours, keys are quoted


def _of_streams_near(lake: Lake, selection: Selection) -> str:
    """A condition: only keys that a query spells out are sought in the parts."""
    query = sql_text("reports/selection", "near_streams")
    keys = lake.sql(query, needed(query, asdict(selection))).arrow()["stream_key"]
    return f"where stream_key in ({', '.join(map(quoted, keys.to_pylist())) or 'null'})"


@contextmanager
def _all_chosen(lake: Lake, names: Sequence[str]) -> Iterator[None]:
    """Without a filter the rows that are kept are what is chosen: they need not stand in memory twice."""
    try:
        lake.show("chosen_sessions", "select * from sessions")
        for name in WITH_AGENTS:
            if name in lake.kept:
                lake.show(f"chosen_{name}", f"select * from all_{name}")  # noqa: S608 - a table of ours
        if "chosen_hooks" in names:
            lake.show("chosen_hooks", "select * from hooks")
        yield
    finally:
        for name in names:
            lake.drop(name)


@contextmanager
def made_once(
    lake: Lake,
    folder: str,
    names: Sequence[str],
    params: Mapping[str, Any],
    through: Mapping[str, Callable[[pa.Table], pa.Table]] = MappingProxyType({}),
) -> Iterator[None]:
    """Make these queries temporary tables of their names, in their order, and take them away again.

    The rows of those in `through` go through a function of ours before.
    """
    try:
        for name in names:
            query = sql_text(folder, name)
            if name in through:
                lake.give(name, through[name](lake.sql(query, needed(query, params)).arrow()))
            else:
                lake.keep(name, query, needed(query, params))
        yield
    finally:
        for name in names:
            lake.drop(name)


def found_in(lake: Lake, selection: Selection, *texts: str) -> pa.Table:
    """Sessions, streams and calls of the selection, by overlap, that an id, name, user or address gives away."""
    with chosen(lake, selection, overlapping=True):
        return lake.sql(sql_text("questions", "find"), texts=list(texts)).arrow()


def needed(query: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that the query names: a query must be given those and no others."""
    names = set(re.findall(r"\$([a-z_]+)", query))
    return {name: value for name, value in params.items() if name in names}


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(told: str | datetime, zone: tzinfo, last: datetime | None) -> datetime:
    """An instant as users tell it: ISO 8601, in `zone` where it has none, or -2h, -7d back from the last record.

    Raises WcsAnalyticsError for anything else.
    """
    if isinstance(told, datetime):
        return _in_utc(told, zone)
    back = re.fullmatch(r"-(\d{1,6})([smhdw])", told.strip())
    if back:
        if last is None:
            raise WcsAnalyticsError(f"{told}: nothing in the capture has a time to count back from")
        return _before(last, timedelta(**{_UNITS[back[2]]: int(back[1])}))
    try:
        instant = datetime.fromisoformat(told.strip())
    except ValueError:
        raise WcsAnalyticsError(f"{told!r} is no time; write 2026-03-14T09:15:20Z, 2026-03-14 or -2h") from None
    return _in_utc(instant, zone)


_EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
_LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
"""Between these every zone has a time for every instant."""


def _before(last: datetime, back: timedelta) -> datetime:
    return _EARLIEST if back > last - _EARLIEST else last - back


def _in_utc(instant: datetime, zone: tzinfo) -> datetime:
    placed = instant if instant.tzinfo else instant.replace(tzinfo=zone)
    return min(max(placed, _EARLIEST), _LATEST).astimezone(UTC)
