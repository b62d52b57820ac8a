"""Times of a wall clock that tell a date and no zone: kept as they are, and as instants where a zone is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics import clock

LOCAL = "_local_us"
"""A column `x_local_us` holds what the clock showed, `x_at` the instant."""

_EPOCH = date(1970, 1, 1)


def wall_us(texts: pa.Array, form: str = "%Y-%m-%d %H:%M:%S") -> pa.Array:
    """µs since 1970 by the clock that wrote the texts; null where a text tells no time.

    >>> wall_us(pa.array(["1970-01-01 00:00:02", "1970-02-30 00:00:00"])).to_pylist()
    [2000000, None]
    """
    times = pc.strptime(texts, format=form, unit="us", error_is_null=True)
    seconds = pc.floor_temporal(times, unit="second")
    exact = pc.equal(pc.utf8_slice_codeunits(pc.strftime(seconds, format=form), 0, 19), texts)
    return pc.if_else(exact, times.cast(pa.int64()), None)


def to_utc(wall: pa.Array, zone: tzinfo) -> pa.Array:
    """Instants of what a clock of that zone showed."""
    ms, us = np.divmod(pc.fill_null(wall, 0).to_numpy(zero_copy_only=False), 1000)
    dating = clock.Dating(_EPOCH, zone, "option", "option")
    instants = clock.to_utc_us(ms // clock.DAY_MS, ms % clock.DAY_MS, dating) + us
    return pc.if_else(pc.is_valid(wall), pa.array(instants, pa.int64()), None)


def in_zone(columns: dict[str, pa.Array], zone: tzinfo | None) -> dict[str, pa.Array]:
    """The instants of all local times that have none yet, and `zone_by`."""
    local = [name for name in columns if name.endswith(LOCAL)]
    rows = len(columns[local[0]])
    made = {}
    told = columns.get("zone_by", pa.nulls(rows, pa.string()))
    for name in local:
        at = name.removesuffix(LOCAL) + "_at"
        own = columns.get(at, pa.nulls(rows, pa.int64()))
        made[at] = own if zone is None else pc.coalesce(own, to_utc(columns[name], zone))
    made["zone_by"] = told if zone is None else pc.coalesce(told, pa.scalar("option"))
    return made


def first_day(columns: dict[str, pa.Array], before: date | None) -> date | None:
    """The first day by the clock, of these columns and those before."""
    least = [pc.min(column).as_py() for name, column in columns.items() if name.endswith(LOCAL)]
    days = [(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).date() for us in least if us is not None]
    return min([*days, *([before] if before else [])], default=None)
