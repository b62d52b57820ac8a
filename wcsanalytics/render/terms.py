"""Values in the terms of JSON and CSV: what programs read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from wcsanalytics import inert


def dumped(value: Any, indent: int | None = None) -> str:
    """JSON that a terminal may show; the value is in JSON's terms already."""
    return inert.json(json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False))


def python_values(column: pa.ChunkedArray) -> list[Any]:
    """The values of a column; instants beyond Python's calendar as text."""
    try:
        return list(column.to_pylist())
    except (OverflowError, ValueError):
        return list(column.cast(pa.string()).to_pylist())


def instant(at: datetime, zone: str = "UTC", unit: str = "auto") -> str:
    """ISO 8601 in the zone, `Z` for UTC; microseconds only where there are any. Without a zone it is left as it is."""
    if unit == "auto":
        unit = "microseconds" if at.microsecond % 1000 else "milliseconds"
    if at.tzinfo is None:
        return at.isoformat(timespec=unit)
    there = at.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    return there.isoformat(timespec=unit).replace("+00:00", "Z" if zone == "UTC" else "+00:00")


def plain(value: Any, zone: str = "UTC") -> Any:
    """The value in JSON's terms: instants and dates as text, durations in seconds, NaN and infinity as null."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case datetime():
            return instant(value, zone)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal():
            return _undecimal(value)
        case bytes():
            return value.hex()
        case pa.MonthDayNano():
            return f"P{value.months}M{value.days}DT{value.nanoseconds / 1e9:g}S"
        case Mapping():
            return {str(key): plain(entry, zone) for key, entry in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(entry, zone) for entry in value]
    return str(value)


def _undecimal(value: Decimal) -> int | float | None:
    if not value.is_finite():
        return None
    return int(value) if value == value.to_integral_value() else float(value)
