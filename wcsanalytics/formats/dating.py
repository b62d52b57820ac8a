"""Rows whose source tells only times of day wait here until the source is dated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal, cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics import clock
from wcsanalytics.formats.exchanges import Rows
from wcsanalytics.formats.reading import Batch, Context, Resume
from wcsanalytics.tables import ARROW_TYPES, arrow_schema

WAIT_BYTES = 64 << 20
"""Rows wait for evidence until they take as much memory as this."""

SURE = 25
"""So many streams with a createDate date a source for good; more of any evidence make no date better."""

_DAY_US = clock.DAY_MS * 1000
_STARTS = pa.array(["PENDING", "PUBLISHING", "PLAYING"])
_REQUESTS = pa.array(["publishStream", "playStream", "call"])


class Dater:
    """Numbers the days of one source and turns its times of day into instants."""

    def __init__(self, context: Context) -> None:
        self._context = context
        resume = context.resume
        self._tod_ms, self._day = resume.tod_ms, resume.day
        self._dating = _resumed(resume)
        self._waiting: list[Rows] = []
        self._bytes = 0
        self._evidence: dict[str, _Evidence] = {}
        self._tell()

    def local(self, times: npt.NDArray[np.bytes_], asked: npt.NDArray[np.int64] | None = None) -> list[int | None]:
        """Local µs since the source's first midnight of these times, or those asked for; None where one is no time.

        Lines that were late over midnight at the head of a rolled file stand on day -1: their µs are negative.
        """
        tod = clock.parse_tod_ms(times)
        days, self._tod_ms, self._day = clock.day_numbers(tod, self._tod_ms, self._day)
        if asked is not None:
            days, tod = days[asked], tod[asked]
        local = ((days * clock.DAY_MS + tod) * 1000).tolist()
        return [us if known else None for us, known in zip(local, (tod >= 0).tolist(), strict=True)]

    def feed(self, rows: Rows) -> Iterator[Batch]:
        """The rows, dated, once the source can be dated."""
        if self._dating is not None:
            yield self._finished(rows)
            return
        self._waiting.append(rows)
        self._bytes += sum(column.nbytes for column in rows.columns.values())
        if "hook" in rows.columns:
            self._evidence.setdefault(rows.table.name, _Evidence()).take(rows)
        if self._sure():
            yield from self.finish()
        elif self._bytes > WAIT_BYTES:
            yield from self.finish(early=True)

    def finish(self, early: bool = False) -> Iterator[Batch]:
        """All rows that wait, dated by the evidence there is; `early`: the source's last line is not known yet."""
        if self._dating is None:
            self._dating = self._dated(early)
            self._tell()
        waiting, self._waiting = self._waiting, []
        for rows in waiting:
            yield self._finished(rows)

    def dated(self, reached: Resume) -> Resume:
        """Where a later reading goes on, with what it needs to date its rows alike."""
        dating = self._dating
        reached = replace(reached, day=self._day, tod_ms=self._tod_ms)
        if dating is None:
            return reached
        return replace(
            reached,
            first_day=dating.day,
            zone=_zone_name(dating.zone),
            dated_by=dating.dated_by,
            zone_by=dating.zone_by,
        )

    def _tell(self) -> None:
        if self._dating is not None:
            self._context.dated = self.dated(Resume())

    def _sure(self) -> bool:
        options = self._context.options
        told = options.date is not None and options.zone is not None
        return told or any(len(evidence.create_dates) >= SURE for evidence in self._evidence.values())

    def _dated(self, early: bool) -> clock.Dating:
        context = self._context
        anchors = [anchor for evidence in self._evidence.values() for anchor in evidence.anchors()]
        known = clock.Evidence(anchors, context.file_name, context.mtime, self._day, self._tod_ms)
        dating = clock.dated(known, day=context.options.date, zone=context.options.zone)
        if dating.dated_by in ("mtime", "assumed"):
            told = "the file's own time" if dating.dated_by == "mtime" else "an assumption"
            context.doubts.append(f"its day rests on {told}; --date DAY says it")
        if early and dating.dated_by in ("file_name", "mtime"):
            context.doubts.append("its day was reckoned back from a line that is not its last; --date DAY says it")
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


class _Evidence:
    """What the rows of one table tell of the date: by stream or call, the first row that carries an instant."""

    def __init__(self) -> None:
        self.create_dates: list[clock.Anchor] = []
        self._uuids: list[clock.Anchor] = []
        self._seen: set[str] = set()
        self._asked: set[str] = set()

    def take(self, rows: Rows) -> None:
        """Note the evidence of these rows. Much of one kind leaves room for the other."""
        local = pc.coalesce(rows.local["sent_at"], rows.local["answered_at"])
        if "created_at" in rows.columns and len(self.create_dates) < SURE:
            self._take_create_dates(rows.columns, local)
        if len(self._uuids) < SURE:
            self._take_uuids(rows.columns, local)

    def anchors(self) -> list[clock.Anchor]:
        """The evidence, as far as it makes a date better."""
        return self.create_dates[:SURE] + self._uuids[:SURE]

    def _take_create_dates(self, columns: dict[str, pa.Array], local: pa.Array) -> None:
        """A stream keeps its createDate: only where its first row tells of a start is that the time of the row."""
        starts = pc.and_(pc.is_in(columns["status"], value_set=_STARTS), pc.equal(columns["hook"], "StreamStatusEvent"))
        made = columns["created_at"].cast(pa.int64())
        carries = pc.and_(pc.is_valid(made), pc.and_(pc.is_valid(local), pc.is_valid(columns["media_session_id"])))
        told = (array.filter(carries).to_pylist() for array in (columns["media_session_id"], starts, local, made))
        for name, start, at, made_us in zip(*told, strict=True):
            if name not in self._seen:
                self._seen.add(name)
                self.create_dates += [_anchor("create_date", at, made_us)] if start else []

    def _take_uuids(self, columns: dict[str, pa.Array], local: pa.Array) -> None:
        asked = pc.and_(pc.is_in(columns["hook"], value_set=_REQUESTS), pc.is_valid(local))
        names = pc.coalesce(columns["media_session_id"], columns["call_id"])
        for name, at in zip(names.filter(asked).to_pylist(), local.filter(asked).to_pylist(), strict=True):
            if name and name not in self._asked:
                self._asked.add(name)
                made_us = clock.uuid_v1_us(name)
                self._uuids += [] if made_us is None else [_anchor("uuid_v1", at, made_us)]


def _anchor(by: Literal["create_date", "uuid_v1"], local_us: int, made_us: int) -> clock.Anchor:
    day, us = divmod(local_us, _DAY_US)
    return clock.Anchor(by, day, us // 1000, made_us // 1000)


def _resumed(resume: Resume) -> clock.Dating | None:
    if resume.first_day is None or resume.zone is None or resume.dated_by is None:
        return None
    dated_by, zone_by = (cast(clock.DatedBy, by) for by in (resume.dated_by, resume.zone_by or resume.dated_by))
    return clock.Dating(resume.first_day, _zone(resume.zone), dated_by, zone_by)  # as an earlier reading wrote it


def _zone_name(zone: tzinfo) -> str:
    return zone.key if isinstance(zone, ZoneInfo) else datetime(2000, 1, 1, tzinfo=zone).strftime("%z")


def _zone(name: str) -> tzinfo:
    if name == "+0000":
        return UTC
    if name[:1] not in "+-":
        return ZoneInfo(name)
    minutes = int(name[1:3]) * 60 + int(name[3:5])
    return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
