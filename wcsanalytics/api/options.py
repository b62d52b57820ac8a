"""Options as people type them, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date as Day
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wcsanalytics.api.identity import pseudonyms_of, under_key
from wcsanalytics.errors import UnknownName, WcsAnalyticsError
from wcsanalytics.formats import FORMATS, Caps
from wcsanalytics.intake import Settings
from wcsanalytics.lake import Lake
from wcsanalytics.reports import Selection, moment
from wcsanalytics.sources import Caps as SourceCaps

Names = str | Path | Sequence[str | Path]
Several = str | Sequence[str]
Moment = str | datetime | None

AROUND = timedelta(minutes=15)
"""`at` stands for as much before and after an instant."""

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
"""Levels that `keep_log` takes."""


class Reading(TypedDict, total=False):
    """How captures are read. `tz`, `date`, `as_node` are a value, `GLOB=VALUE` for files of that name, or several."""

    tz: Several
    date: Several
    as_node: Several
    format: str | None
    keep_log: str
    keep_field: Several
    identifiers: str
    key_file: str | Path | None
    strict: bool
    max_rejected: str | int | None
    jobs: int
    cap: Several


class Filters(TypedDict, total=False):
    """What is asked for, and `zone`: that of times without one, and of the times shown."""

    since: Moment
    until: Moment
    at: Moment
    node: str | None
    app: str | None
    session: str | None
    call: str | None
    stream: str | None
    name: str | None
    user: str | None
    zone: str


class Options(Filters, Reading, total=False):
    """Filters and reading options together."""


FILTERS = tuple(Filters.__annotations__)
"""Names of the filters."""


def parted(options: Options) -> tuple[Filters, Reading]:
    """The filters, and the reading options."""
    filters: Any = {name: value for name, value in options.items() if name in FILTERS}
    reading: Any = {name: value for name, value in options.items() if name not in FILTERS}
    return filters, reading


def filters_of(options: dict[str, Any]) -> dict[str, Any]:
    """Take the filters out of the options of a command, by pseudonym where there is a key."""
    filters = {name: options.pop(name) for name in FILTERS}
    keyed: dict[str, Any] = under_key(filters, options["identifiers"], options["key_file"])
    return keyed


def settings_of(
    *,
    tz: Several = (),
    date: Several = (),
    as_node: Several = (),
    format: str | None = None,
    keep_log: str = "WARN",
    keep_field: Several = (),
    identifiers: str = "keep",
    key_file: str | Path | None = None,
    strict: bool = False,
    max_rejected: str | int | None = None,
    jobs: int = 1,
    cap: Several = (),
) -> Settings:
    """Reading options as the intake takes them. Raises WcsAnalyticsError where one makes no sense."""
    if jobs < 1:
        raise WcsAnalyticsError(f"--jobs is a whole number from 1 up, not {jobs}")
    return Settings(
        dates=tuple((glob, _day(value)) for glob, value in _by_glob(date)),
        zones=tuple((glob, zone_named(value)) for glob, value in _by_glob(tz)),
        nodes=tuple(_by_glob(as_node)),
        format=known_format(format),
        keep_log=_level(keep_log),
        kept_fields=frozenset(listed(keep_field)),
        pseudonyms=pseudonyms_of(identifiers, key_file),
        jobs=jobs,
        **_caps(listed(cap)),
        **_limits(strict, max_rejected),
    )


def selected(
    lake: Lake, *, since: Moment = None, until: Moment = None, at: Moment = None, zone: str = "UTC", **named: Any
) -> Selection:
    """The filters as reports take them; times back from the last record count from that of the lake."""
    here = zone_named(zone)
    last = lake.snapshot.last_at
    first_at, end_at = (None if told is None else moment(told, here, last) for told in (since, until))
    if at is not None:
        if first_at or end_at:
            raise WcsAnalyticsError("--at stands alone: it is a quarter of an hour before and after")
        instant = moment(at, here, last)
        first_at, end_at = instant - AROUND, instant + AROUND
    if first_at and end_at and first_at >= end_at:
        raise WcsAnalyticsError(f"--since {first_at.isoformat()} is not before --until {end_at.isoformat()}")
    return Selection(first_at, end_at, **named)


def zone_named(name: str) -> ZoneInfo:
    """The time zone. Raises UnknownName if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownName(f"no time zone {name!r}; zones are named like Europe/Berlin") from None


def known_format(name: str | None) -> str | None:
    """The name. Raises UnknownName if there is no format of that name."""
    if name is not None and name not in {one.name for one in FORMATS}:
        raise UnknownName(f"no format {name!r}; there are {', '.join(one.name for one in FORMATS)}")
    return name


def names_of(sources: Names) -> list[str]:
    """The sources as text, be it one or several."""
    return [str(sources)] if isinstance(sources, str | Path) else [str(name) for name in sources]


def words_of(options: Mapping[str, Any]) -> list[str]:
    """The options that a command needs to read the same captures in the same way, as words of a shell."""
    words: list[str] = []
    for option in ("tz", "date", "as_node"):
        for value in listed(options.get(option, ())):
            words += [f"--{option.replace('_', '-')}", value]
    for option, usual in (("format", None), ("identifiers", "keep"), ("key_file", None)):
        if options.get(option, usual) not in (None, usual):
            words += [f"--{option.replace('_', '-')}", str(options[option])]
    return words


def _caps(told: Sequence[str]) -> dict[str, Any]:
    """Caps as the intake takes them, of NAME=VALUE."""
    kinds: dict[str, Any] = {"caps": Caps(), "source_caps": SourceCaps()}
    known = {one.name: kind for kind, caps in kinds.items() for one in fields(caps)}
    for one in told:
        name, _, value = one.partition("=")
        if name not in known:
            raise UnknownName(f"no cap {name!r}; there are {', '.join(known)}")
        if not value.isdecimal() or int(value) < 1:
            raise WcsAnalyticsError(f"{one!r} is no cap; it is written NAME=VALUE, with a whole number from 1 up")
        kinds[known[name]] = replace(kinds[known[name]], **{name: int(value)})
    return kinds


def listed(values: str | Iterable[str]) -> list[str]:
    """Several values, or the only one, as a list."""
    return [values] if isinstance(values, str) else list(values)


def _by_glob(values: str | Iterable[str]) -> list[tuple[str, str]]:
    pairs = [value.rpartition("=") for value in listed(values)]
    return [(glob or "*", value) for glob, _, value in pairs]


def _day(text: str) -> Day:
    try:
        return Day.fromisoformat(text)
    except ValueError:
        raise WcsAnalyticsError(f"{text!r} is no day; days are written like 2026-03-14") from None


def _level(name: str) -> str:
    if name.upper() not in LEVELS:
        raise UnknownName(f"no level {name!r}; there are {', '.join(LEVELS)}")
    return name.upper()


def _limits(strict: bool, max_rejected: str | int | None) -> dict[str, Any]:
    if max_rejected is None:
        return {"max_rejected": 0} if strict else {}
    text = str(max_rejected)
    told = re.fullmatch(r"(\d+(?:\.\d+)?)%|(\d+)", text)
    if not told:
        raise WcsAnalyticsError(f"{text!r} is no limit; it is a number of records or a share like 1%")
    if strict:
        return {"max_rejected": 0}
    return {"max_rejected_ratio": float(told[1]) / 100} if told[1] else {"max_rejected": float(told[2])}
