"""What a report is about: sessions, streams and calls by time and by name. What is chosen is whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from wcsanalytics.errors import WcsAnalyticsError
from wcsanalytics.lake import Lake, sql_text

CHOSEN = ("chosen_sessions", "chosen_streams", "chosen_calls")


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

    def told(self) -> dict[str, str]:
        """The filters that are set, as text, for the head of a report."""
        return {
            key: value.isoformat() if isinstance(value, datetime) else value
            for key, value in asdict(self).items()
            if value is not None
        }

    @property
    def is_about_one(self) -> bool:
        """Whether a session, stream, call, name or user is asked for."""
        return any((self.session, self.call, self.stream, self.name, self.user))


def choose(lake: Lake, selection: Selection, overlapping: bool) -> None:
    """Make the chosen sessions, streams and calls temporary tables, once for all questions of a report."""
    params = {**asdict(selection), "overlapping": overlapping}
    for name in ("all_sessions", "all_streams", "all_calls", *CHOSEN):
        text = sql_text("reports/selection", name)
        lake.keep(name, text, needed(text, params))


def forget_chosen(lake: Lake) -> None:
    """Take the temporary tables away."""
    for name in ("all_sessions", "all_streams", "all_calls", *CHOSEN):
        lake.drop(name)


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
        return told if told.tzinfo else told.replace(tzinfo=zone)
    back = re.fullmatch(r"-(\d{1,6})([smhdw])", told.strip())
    if back:
        if last is None:
            raise WcsAnalyticsError(f"{told}: nothing in the capture has a time to count back from")
        return last - timedelta(**{_UNITS[back[2]]: int(back[1])})
    try:
        instant = datetime.fromisoformat(told.strip())
    except ValueError:
        raise WcsAnalyticsError(f"{told!r} is no time; write 2026-03-14T09:15:20Z, 2026-03-14 or -2h") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)
