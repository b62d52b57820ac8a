"""From what a capture says about time to instants in UTC: epoch microseconds, or NO_INSTANT.

Envelopes carry whole instants. A server log carries only times of day: they are numbered into days, the file is
dated by the best evidence there is, and both together give instants.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from statistics import median_low
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Int64s: TypeAlias = npt.NDArray[np.int64]
DatedBy: TypeAlias = Literal["record", "option", "create_date", "uuid_v1", "file_name", "mtime", "assumed"]

NO_INSTANT = int(np.iinfo(np.int64).min)  # not-a-time, where the column is viewed as datetime64[us]
DAY_MS = 86_400_000
MINUTE_MS = 60_000
QUARTER_MS = 15 * MINUTE_MS  # every zone offset in use is a whole number of quarter hours
ASSUMED_DAY = date(2000, 1, 1)  # before the first WCS, so that nobody takes it for true; the same on every run

_FIRST_US = 631_152_000_000_000  # 1990-01-01: what is dated before it, is not dated
_END_US = 4_102_444_800_000_000  # 2100-01-01
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_GREGORIAN = 0x01B21DD213814000  # 100 ns from 1582-10-15, where UUIDs count from, to 1970 (RFC 9562, 5.1)


def instants(values: Sequence[object], zone: tzinfo | None = None) -> Int64s:
    """Epoch µs of times as captures write them; what is no time between 1990 and 2100 is NO_INSTANT.

    ISO 8601 text (without offset: in `zone`, else UTC), or s, ms or µs since 1970 as a number or as text, told apart
    by size. A column of one common form, such as 2026-03-14T09:15:20.655Z, is read at once.
    """
    uniform = _uniform_instants(values)
    if uniform is not None:
        return uniform
    return np.array([NO_INSTANT if us is None else us for us in (instant(value, zone) for value in values)], np.int64)


def instant(value: object, zone: tzinfo | None = None) -> int | None:
    """Epoch µs of one time as captures write it, or None; see `instants`."""
    if isinstance(value, str):
        text = value.strip()
        if not re.fullmatch(r"[0-9]{9,16}(\.[0-9]{1,9})?", text):
            return _iso_us(text, zone)
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return next((round(value * unit) for unit in (1_000_000, 1_000, 1) if _FIRST_US <= value * unit < _END_US), None)


def _iso_us(text: str, zone: tzinfo | None) -> int | None:
    if len(text) <= len("2026-03-14"):  # a day is no instant
        return None
    try:
        at = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    us = ((at if at.tzinfo else at.replace(tzinfo=zone or UTC)) - _EPOCH) // _MICROSECOND
    return us if _FIRST_US <= us < _END_US else None


def _uniform_instants(values: Sequence[object]) -> Int64s | None:
    """The instants if all values are UTC text of one length with ms or µs, else None."""
    width = len(values[0]) if len(values) and isinstance(values[0], str) else 0
    try:
        joined = "".join(values).encode("ascii")  # type: ignore[arg-type]  # no text: TypeError
    except (TypeError, ValueError):
        return None
    return uniform_instants(joined, width) if len(joined) == width * len(values) else None


def uniform_instants(joined: bytes, width: int) -> Int64s | None:
    """The same of such texts of that width as they stand one after the other."""
    if width not in (24, 27) or not _common_form(np.frombuffer(joined, np.uint8).reshape(-1, width)):
        return None
    try:
        us = np.frombuffer(joined, f"S{width}").astype(f"S{width - 1}").astype("datetime64[us]").astype(np.int64)
    except ValueError:
        return None
    return np.where((us >= _FIRST_US) & (us < _END_US), us, NO_INSTANT)


def _common_form(rows: npt.NDArray[np.uint8]) -> bool:
    """Whether all rows of characters read 0000-00-00T00:00:00.000Z, with any digits and any number after the dot."""
    form = np.frombuffer(b"0000-00-00T00:00:00.".ljust(rows.shape[1] - 1, b"0") + b"Z", np.uint8)
    is_digit = form == ord("0")
    return bool((rows[:, ~is_digit] == form[~is_digit]).all() and (rows[:, is_digit] - ord("0") <= 9).all())


def uuid_v1_us(text: str) -> int | None:
    """Epoch µs at which a UUID of version 1 was made, by its maker's clock; None for any other text."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        return None
    value = uuid.UUID(text)
    us = (value.time - _GREGORIAN) // 10
    return us if value.version == 1 and _FIRST_US <= us < _END_US else None


def parse_tod_ms(texts: bytes | npt.NDArray[np.bytes_]) -> Int64s:
    """Ms since midnight of times `HH:MM:SS,mmm` (comma or dot), joined or as an S12 array; -1 for what is none.

    24:00:00 and a leap second :60 are counted on, so that a result of DAY_MS or more marks the odd ones.
    """
    joined = texts if isinstance(texts, bytes) else texts.astype("S12").tobytes()
    rows = np.frombuffer(joined, np.uint8).reshape(-1, 12)
    digits = (rows[:, (0, 1, 3, 4, 6, 7, 9, 10, 11)] - ord("0")).astype(np.int64)
    formed = (digits <= 9).all(axis=1) & (rows[:, (2, 5)] == ord(":")).all(axis=1)
    formed &= (rows[:, 8] == ord(",")) | (rows[:, 8] == ord("."))
    hour, minute, second = (digits[:, at] * 10 + digits[:, at + 1] for at in (0, 2, 4))
    in_day = (hour < 24) & (minute < 60) & (second <= 60)
    midnight = (hour == 24) & (minute == 0) & (second == 0)
    ms = ((hour * 60 + minute) * 60 + second) * 1000 + digits[:, 6:] @ np.array([100, 10, 1])
    return np.where(formed & (in_day | midnight), ms, -1)


def day_numbers(tod_ms: Int64s, previous: int | None = None, day: int = 0) -> tuple[Int64s, int | None, int]:
    """The day of each line, counted from the first, with the last time of day and day to go on from.

    A fall by more than 12 h is midnight. A rise to within 10 minutes of 24 h is a line that was late over midnight,
    and belongs to the day before, also as the first lines of a file that was rolled at midnight. Any smaller step
    back is threads out of order, or summer time. A time of -1 stands in the day of the line before it.
    """
    known = np.flatnonzero(tod_ms >= 0)
    if not len(known):
        return np.full(len(tod_ms), day, np.int64), previous, day
    times = tod_ms[known]
    rise = np.diff(times, prepend=times[0] if previous is None else previous)
    steps = np.zeros(len(tod_ms), np.int64)
    steps[known] = (rise < -DAY_MS // 2).astype(np.int64) - (rise > DAY_MS - 10 * MINUTE_MS)
    days = day + np.cumsum(steps)
    return days, int(times[-1]), int(days[-1])


class Anchor(NamedTuple):
    """A log line whose record carries an instant: WCS's createDate, or the browser's clock in a UUID v1.

    `day` and `tod_ms` are those of the line, `day` counted from the file's first line; `at_ms` is epoch ms. Of a
    stream or call only the first line should be given: later ones repeat the same instant.
    """

    by: Literal["create_date", "uuid_v1"]
    day: int
    tod_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about the date of a log file; `last_day` and `last_tod_ms` are those of its last line."""

    anchors: Sequence[Anchor] = ()
    file_name: str = ""
    mtime: datetime | None = None
    last_day: int = 0
    last_tod_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Dating:
    """The date of a file's first line and the zone of its clock, each with what it rests on."""

    day: date
    zone: tzinfo
    dated_by: DatedBy
    zone_by: DatedBy


def dated(evidence: Evidence, *, day: date | None = None, zone: tzinfo | None = None) -> Dating:
    """Date a file by the best there is: options, createDate, UUIDs v1, its name, its mtime, or an assumption.

    `day` (of the first line) and `zone` are what the user said; either replaces only its own half of the answer.
    """
    anchors = _best_anchors(evidence.anchors)
    zone_by: DatedBy = "option" if zone else anchors[0].by if anchors else "assumed"
    zone = zone or (timezone(_offset(anchors, day)) if anchors else UTC)
    if day:
        return Dating(day, zone, "option", zone_by)
    first_day, dated_by = _first_day(evidence, anchors, zone, zone_by)
    return Dating(first_day, zone, dated_by, zone_by)


def _best_anchors(anchors: Sequence[Anchor]) -> list[Anchor]:
    plausible = [anchor for anchor in anchors if _FIRST_US <= anchor.at_ms * 1000 < _END_US]
    return [anchor for anchor in plausible if anchor.by == "create_date"] or plausible


def _offset(anchors: list[Anchor], day: date | None) -> timedelta:
    """The zone's offset: log time less instant, to the quarter hour, as most anchors have it."""
    return timedelta(milliseconds=median_low(_offset_ms(anchor, day) for anchor in anchors))


def _offset_ms(anchor: Anchor, day: date | None) -> int:
    """One anchor's offset, from -12:00 to +14:00.

    Without a day -10:15 can't be told from +13:45: the choice runs from -10:00 to +13:45, where people live.
    """
    first_ms = _epoch_day(day) * DAY_MS if day else 0
    exact = _rounded(first_ms + anchor.day * DAY_MS + anchor.tod_ms - anchor.at_ms, QUARTER_MS)
    if day and -12 * 60 * MINUTE_MS <= exact <= 14 * 60 * MINUTE_MS:
        return exact
    west = 10 * 60 * MINUTE_MS
    return (exact + west) % DAY_MS - west


def _first_day(evidence: Evidence, anchors: list[Anchor], zone: tzinfo, zone_by: DatedBy) -> tuple[date, DatedBy]:
    """The date of the first line; that of the last one, less its number, where the evidence is about the end."""
    if anchors:
        return _day_of(median_low(_anchor_day(anchor, zone) for anchor in anchors)), anchors[0].by
    if named := _day_in_name(evidence.file_name):
        return named - timedelta(days=evidence.last_day), "file_name"
    if evidence.mtime and evidence.last_tod_ms is not None:
        # no line is younger than its file; a zone that is only assumed may be half a day wrong
        slack_ms = DAY_MS // 2 if zone_by == "assumed" else 5 * MINUTE_MS
        behind_ms = _local_ms(evidence.mtime, zone) + slack_ms - evidence.last_tod_ms
        return _day_of(behind_ms // DAY_MS - evidence.last_day), "mtime"
    return ASSUMED_DAY, "assumed"


def _anchor_day(anchor: Anchor, zone: tzinfo) -> int:
    """The epoch day of the first line: the one that brings the anchor's line nearest to its instant."""
    at = _EPOCH + timedelta(milliseconds=anchor.at_ms)
    return _rounded(_local_ms(at, zone) - anchor.tod_ms, DAY_MS) // DAY_MS - anchor.day


def _day_in_name(file_name: str) -> date | None:
    """The day that rotation put at the end of a name: flashphoner.log.2026-03-14, or with an hour, ...-14-09."""
    suffix = re.search(r"\.([0-9]{4}-[0-9]{2}-[0-9]{2})(-[0-9]{2})?$", file_name)
    try:
        return date.fromisoformat(suffix[1]) if suffix else None
    except ValueError:
        return None


def _rounded(value: int, unit: int) -> int:
    return (value + unit // 2) // unit * unit


def _local_ms(at: datetime, zone: tzinfo) -> int:
    """Ms since 1970 as the wall clock of `zone` counts them."""
    return (at.astimezone(zone).replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


def _epoch_day(day: date) -> int:
    return (day - _EPOCH.date()).days


def _day_of(epoch_day: int) -> date:
    return _EPOCH.date() + timedelta(days=epoch_day)


def to_utc_us(day_index: Int64s, tod_ms: Int64s, dating: Dating) -> Int64s:
    """Epoch µs of lines by their day and time of day; NO_INSTANT where the time of day is -1.

    By a zone with rules, an hour that comes twice is taken as the first (summer time), and a time in the hour that
    is left out is moved on by the gap, as zoneinfo does with fold=0. Rules are asked once for each quarter hour.
    """
    local_ms = (_epoch_day(dating.day) + day_index) * DAY_MS + tod_ms
    quarters = local_ms // QUARTER_MS
    starts = np.flatnonzero(np.diff(quarters, prepend=NO_INSTANT))  # of the runs of lines of one quarter hour
    offsets = [_offset_of(quarter, dating.zone) for quarter in quarters[starts].tolist()]
    offset = np.repeat(np.array(offsets, np.int64), np.diff(starts, append=len(quarters)))
    return np.where(tod_ms >= 0, (local_ms - offset) * 1000, NO_INSTANT)


@lru_cache(maxsize=1024)
def _offset_of(quarter: int, zone: tzinfo) -> int:
    """The zone's offset in ms at a local quarter hour since 1970."""
    local = _EPOCH.replace(tzinfo=zone) + timedelta(milliseconds=quarter * QUARTER_MS)
    return (local.utcoffset() or timedelta()) // timedelta(milliseconds=1)
