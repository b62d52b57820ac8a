"""Rows whose source tells only times of day wait here until the source is dated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics import clock
from wcsanalytics.formats.exchanges import Rows
from wcsanalytics.formats.reading import Batch, Context, Resume
from wcsanalytics.tables import ARROW_TYPES, arrow_schema

WAIT_BYTES = 64 << 20
"""Rows wait for evidence until they take as much memory as this."""

ANCHORS = 200
"""More anchors than this make no date better."""

_DAY_US = clock.DAY_MS * 1000
_STARTS = pa.array(["PENDING", "PUBLISHING", "PLAYING"])
_REQUESTS = pa.array(["publishStream", "playStream", "call"])


class Dater:
    """Numbers the days of one source and turns its times of day into instants."""

    def __init__(self, context: Context) -> None:
        self._context = context
        resume = context.resume
        self._tod_ms, self._day = resume.tod_ms, resume.day
        self._dating = _resumed(resume.first_day, resume.zone, resume.dated_by)
        self._waiting: list[Rows] = []
        self._bytes = 0
        self._anchors: list[clock.Anchor] = []
        self._seen: set[str] = set()

    def local(self, times: Sequence[bytes], offsets: Sequence[int]) -> clock.Int64s:
        """Local µs since the source's first midnight of lines at these offsets, -1 where the time is none."""
        if not times:
            return np.zeros(0, np.int64)
        order = np.argsort(np.array(offsets, np.int64), kind="stable")
        tod = clock.parse_tod_ms(b"".join(times))[order]
        days, self._tod_ms, self._day = clock.day_numbers(tod, self._tod_ms, self._day)
        local = np.empty(len(tod), np.int64)
        local[order] = np.where(tod >= 0, (days * clock.DAY_MS + tod) * 1000, -1)
        return local

    def feed(self, rows: Rows) -> Iterator[Batch]:
        """The rows, dated, once the source can be dated."""
        if self._dating is None:
            self._waiting.append(rows)
            self._bytes += sum(column.nbytes for column in rows.columns.values())
            self._anchors += _anchors(rows, self._seen)
            sure = any(anchor.by == "create_date" for anchor in self._anchors)
            if sure or self._bytes > WAIT_BYTES:
                yield from self.finish()
        else:
            yield self._finished(rows)

    def finish(self) -> Iterator[Batch]:
        """All rows that wait, dated by the evidence there is."""
        if self._dating is None:
            self._dating = self._dated()
        waiting, self._waiting = self._waiting, []
        for rows in waiting:
            yield self._finished(rows)

    def dated(self, reached: Resume) -> Resume:
        """Where a later reading goes on, with what it needs to date its rows alike."""
        dating = self._dating
        reached = replace(reached, day=self._day, tod_ms=self._tod_ms)
        if dating is None:
            return reached
        return replace(reached, first_day=dating.day, zone=_zone_name(dating.zone), dated_by=dating.dated_by)

    def _dated(self) -> clock.Dating:
        context = self._context
        evidence = clock.Evidence(self._anchors[:ANCHORS], context.file_name, context.mtime, self._day, self._tod_ms)
        dating = clock.dated(evidence, day=context.options.date, zone=context.options.zone)
        if dating.dated_by in ("mtime", "assumed"):
            told = "the file's own time" if dating.dated_by == "mtime" else "an assumption"
            context.doubts.append(f"its day rests on {told}; --date DAY says it")
        if dating.zone_by == "assumed":
            context.doubts.append("its zone is assumed to be UTC; --tz ZONE says it")
        return dating

    def _finished(self, rows: Rows) -> Batch:
        dating = self._dating
        assert dating is not None

        def to_utc(local: clock.Int64s) -> clock.Int64s:
            ms, us = np.divmod(local, 1000)
            return clock.to_utc_us(ms // clock.DAY_MS, ms % clock.DAY_MS, dating) + us

        return finished(rows, to_utc, dating.dated_by)


def finished(rows: Rows, to_utc: Callable[[clock.Int64s], clock.Int64s], dated_by: str) -> Batch:
    """The rows as a batch of their table, with instants in UTC."""
    schema = arrow_schema(rows.table)
    columns = dict(rows.columns)
    for name, local in rows.local.items():
        told = pc.is_valid(local)
        us = to_utc(pc.fill_null(local, 0).to_numpy(zero_copy_only=False))
        columns[name] = pc.if_else(told, pa.array(us, pa.int64()), None).cast(ARROW_TYPES["instant"])
    columns["dated_by"] = pc.coalesce(rows.dated_by, pa.scalar(dated_by))
    arrays = [columns[field.name] if field.name in columns else pa.nulls(len(rows), field.type) for field in schema]
    return Batch(rows.table.name, pa.RecordBatch.from_arrays(arrays, schema=schema))


def _anchors(rows: Rows, seen: set[str]) -> list[clock.Anchor]:
    """Rows that carry an instant of their own, the first of each stream or call."""
    sent = rows.local.get("sent_at")
    if sent is None:
        return []
    columns = rows.columns
    found: list[tuple[str, str, int, int]] = []
    if "created_at" in columns:
        starts = pc.and_(pc.is_in(columns["status"], value_set=_STARTS), pc.equal(columns["hook"], "StreamStatusEvent"))
        chosen = pc.and_(starts, pc.and_(pc.is_valid(columns["created_at"]), pc.is_valid(sent)))
        ids, at, made = (
            array.filter(chosen).to_pylist()
            for array in (columns["media_session_id"], sent, columns["created_at"].cast(pa.int64()))
        )
        found += [("create_date", str(name), local, us // 1000) for name, local, us in zip(ids, at, made, strict=True)]
    asked = pc.and_(pc.is_in(columns["hook"], value_set=_REQUESTS), pc.is_valid(sent))
    names = pc.coalesce(columns["media_session_id"], columns["call_id"]).filter(asked).to_pylist()
    for name, local in zip(names, sent.filter(asked).to_pylist(), strict=True):
        if name and (us := clock.uuid_v1_us(name)) is not None:
            found.append(("uuid_v1", name, local, us // 1000))
    anchors = []
    for by, name, local, at_ms in found:
        if f"{by} {name}" not in seen and len(seen) < 2 * ANCHORS:
            seen.add(f"{by} {name}")
            day, us = divmod(local, _DAY_US)
            anchors.append(clock.Anchor(by, day, us // 1000, at_ms))  # type: ignore[arg-type]
    return anchors


def _resumed(first_day: date | None, zone: str | None, dated_by: str | None) -> clock.Dating | None:
    if first_day is None or zone is None or dated_by is None:
        return None
    return clock.Dating(first_day, _zone(zone), dated_by, dated_by)  # type: ignore[arg-type]


def _zone_name(zone: tzinfo) -> str:
    return zone.key if isinstance(zone, ZoneInfo) else datetime(2000, 1, 1, tzinfo=zone).strftime("%z")


def _zone(name: str) -> tzinfo:
    if name == "+0000":
        return UTC
    if name[:1] not in "+-":
        return ZoneInfo(name)
    minutes = int(name[1:3]) * 60 + int(name[3:5])
    return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
