"""Batches of client metrics (Stream Quality Analyzer) to runs of samples.

A description names the columns of the batches after it; a batch holds rows of values, in which an empty value stands
for "as in the row before". No row tells its time, unless a metric `timestamp` was asked for.
"""

from __future__ import annotations

import binascii
import zlib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from wcsanalytics import clock
from wcsanalytics.formats.decoding import BadBody
from wcsanalytics.formats.rtc_reports import DIRECTIONS, NOT_MEASURED, UNKEPT, About, id_tells, series
from wcsanalytics.formats.samples import Layout, Run, Subject, is_metric, is_number
from wcsanalytics.protocol import TEXTS

DESCRIPTION = "webRTCMetricsClientDescription"
BATCH = "webRTCMetricsBatch"
USER_DATA = "getUserData"
UPDATE = "webRTCMetricsDescriptionUpdate"

MEASURED_BY = "rtc_metrics"
SAMPLING_MS = 1000
"""Time between two rows, unless the server asks for another."""

MAX_BATCH = 32 << 20
"""A batch that unpacks to more bytes is refused."""

_GZIP = 31
_MAY_HOLD_SEPARATOR = frozenset({"sdpFmtpLine"})


class _Column(NamedTuple):
    """A column of a description: its report, and the metric of it."""

    about: About
    metric: str


class _Description(NamedTuple):
    headers: str
    gzip: bool
    columns: tuple[_Column, ...]
    numbers: tuple[tuple[Layout, tuple[int, ...]], ...]
    """Layout and columns of the numbers of each report."""
    words: tuple[tuple[Layout, tuple[int, ...]], ...]
    clocks: Mapping[str | None, int]
    """Column of the time that a report tells of itself."""
    singles: tuple[int, ...]
    """Columns that hold numbers, or objects that hold some."""


class MetricBatches:
    """Decodes the batches of any number of streams, each by the latest description before it.

    `bad_rows` counts rows whose values could not be told apart. They are left out, and so is what later rows of their
    batch hold as unchanged since.
    """

    def __init__(self) -> None:
        self._sampling_us = SAMPLING_MS * 1000
        self._described: dict[str, _Description] = {}
        self._inner: dict[tuple[object, ...], Layout] = {}
        self.bad_rows = 0

    def doubts(self) -> list[str]:
        """What was left out, as a sentence."""
        told = f"{self.bad_rows} rows of metrics don't fit their description and are left out"
        return [told] if self.bad_rows else []

    def setting(self, name: str, data: Mapping[str, Any]) -> None:
        """Take the sampling that a server asks for: of its webRTCMetricsServerDescription, or of an update of it."""
        told = data if name == UPDATE else data.get("webRTCMetricsServerDescription")
        sampling = told.get("sampling") if isinstance(told, dict) else None
        if isinstance(sampling, int | float) and not isinstance(sampling, bool) and 0 < sampling <= clock.DAY_MS:
            self._sampling_us = round(sampling * 1000)

    def description(self, data: Mapping[str, Any]) -> None:
        """Take a description, which holds for the batches after it. Raises BadBody if it is none."""
        stream, headers = data.get("mediaSessionId"), data.get("headers")
        if not isinstance(stream, str) or not isinstance(headers, str):
            raise BadBody("bad_batch")
        subject = Subject(media_session_id=stream)
        self._described[stream] = _description(headers, data.get("compression") == "gzip", subject)

    def batch(self, at_us: int | None, data: Mapping[str, Any]) -> list[Run]:
        """Runs of the samples of a batch that came at this instant. Raises BadBody with a code of REASONS."""
        stream = data.get("mediaSessionId")
        described = self._described.get(stream) if isinstance(stream, str) else None
        if described is None:
            raise BadBody("no_description")
        rows = _rows(data.get("metrics"), described)
        subject = Subject(media_session_id=stream)
        runs: list[Run] = []
        for index, row in enumerate(self._filled(rows, described)):
            if row is not None:
                reckoned = None if at_us is None else at_us - (len(rows) - 1 - index) * self._sampling_us
                runs += self._runs(row, described, subject, reckoned)
        return runs

    def state(self) -> str:
        """What a later reading has to know to go on, as JSON text."""
        described = {stream: [one.headers, one.gzip] for stream, one in self._described.items()}
        return msgspec.json.encode({"sampling_us": self._sampling_us, "described": described}).decode()

    def resume(self, state: str) -> None:
        """Go on where a reading that left this state has ended."""
        told = msgspec.json.decode(state)
        self._sampling_us = told["sampling_us"]
        for stream, (headers, gzip) in told["described"].items():
            self._described[stream] = _description(headers, gzip, Subject(media_session_id=stream))

    def _filled(self, rows: Sequence[str], described: _Description) -> list[list[str | None] | None]:
        """The rows with what they repeat; None for a row whose values can't be told apart."""
        filled: list[list[str | None] | None] = []
        before: list[str | None] = [None] * len(described.columns)
        for row in rows:
            values = _values(row, described.columns)
            if values is None:
                self.bad_rows += 1
                filled.append(None)
                before = [None] * len(described.columns)
                continue
            before = [value or old for value, old in zip(values, before, strict=True)]
            filled.append(before)
        return filled

    def _runs(self, row: list[str | None], described: _Description, subject: Subject, at: int | None) -> list[Run]:
        told = {report: _own_time(row[column]) for report, column in described.clocks.items()}
        known = [us for us in told.values() if us is not None]
        at, estimated = (max(known), False) if known else (at, True)
        objects = {column for column in described.singles if (row[column] or "").startswith("{")}
        runs = []
        for layout, columns in (*described.numbers, *described.words):
            own = told.get(layout.series[0].report_id)
            values = [None if column in objects else row[column] for column in columns]
            runs.append(Run(layout, values, at if own is None else own, estimated))
        for column in objects:
            runs += self._object(row[column] or "", described.columns[column], subject, at, estimated)
        return runs

    def _object(self, text: str, column: _Column, subject: Subject, at: int | None, estimated: bool) -> list[Run]:
        """Runs of an object: its numbers are metrics of their own, as in qualityLimitationDurations.cpu."""
        try:
            held = msgspec.json.decode(text, type=dict[str, object])
        except msgspec.DecodeError:
            return []
        numbers = {name: value for name, value in held.items() if is_metric(name) and is_number(value)}
        known = (subject, column, *numbers)
        layout = self._inner.get(known)
        if layout is None:
            metrics = (f"{column.metric}.{name}" for name in numbers)
            layout = Layout(tuple(series(MEASURED_BY, subject, column.about, metric) for metric in metrics))
            self._inner[known] = layout
        return [Run(layout, list(numbers.values()), at, estimated)] if numbers else []


def _description(headers: str, gzip: bool, subject: Subject) -> _Description:
    """Only names with exactly two dots have values: an id with a dot in it is declared, but never filled."""
    parts = [tuple(name.split(".")) for name in headers.split(",") if name.count(".") == 2]
    columns = tuple(_Column(_about(kind_of, report_id, parts), metric) for kind_of, report_id, metric in parts)
    kept = [
        index
        for index, one in enumerate(columns)
        if one.about.report_type not in UNKEPT and is_metric(one.metric) and one.metric not in NOT_MEASURED
    ]
    clocks = {one.about.report_id: index for index, one in enumerate(columns) if one.metric == "timestamp"}
    singles = tuple(index for index in kept if columns[index].metric not in TEXTS)
    words = tuple(index for index in kept if columns[index].metric in TEXTS)
    numbers = _layouts(columns, singles, subject, bool(clocks))
    return _Description(
        headers, gzip, columns, numbers, _layouts(columns, words, subject, bool(clocks), True), clocks, singles
    )


def _about(report_type: str, report_id: str, parts: Sequence[tuple[str, ...]]) -> About:
    kind, ssrc = id_tells(report_id)
    if kind is None and report_type in ("inbound-rtp", "outbound-rtp"):
        metrics = {metric for _, name, metric in parts if name == report_id}
        kind = "video" if metrics & {"framesEncoded", "framesDecoded", "framesPerSecond", "frameWidth"} else None
    return About(report_type, report_id, kind, DIRECTIONS.get(report_type), ssrc)


def _layouts(
    columns: Sequence[_Column], kept: Sequence[int], subject: Subject, apart: bool, words: bool = False
) -> tuple[tuple[Layout, tuple[int, ...]], ...]:
    """One layout for all columns; one a report if reports tell their own times."""
    many = [tuple(group) for _, group in groupby(kept, lambda index: columns[index].about if apart else None)]

    def layout(group: Sequence[int]) -> Layout:
        told = (columns[index] for index in group)
        return Layout(tuple(series(MEASURED_BY, subject, one.about, one.metric) for one in told), words)

    return tuple((layout(group), group) for group in many)


def _rows(metrics: object, described: _Description) -> list[str]:
    if not isinstance(metrics, str):
        raise BadBody("bad_batch")
    try:
        text = _unpacked(metrics) if described.gzip else metrics
        return msgspec.json.decode(text, type=list[str])
    except (msgspec.DecodeError, binascii.Error, zlib.error, ValueError):
        raise BadBody("bad_batch") from None


def _unpacked(metrics: str) -> bytes:
    unpacking = zlib.decompressobj(_GZIP)
    text = unpacking.decompress(b64decode(metrics, validate=True), MAX_BATCH)
    if not unpacking.eof:
        raise BadBody("bad_batch")
    return text


def _values(row: str, columns: Sequence[_Column]) -> list[str] | None:
    """The values of a row; None if there are more or fewer than columns and nothing tells which was cut."""
    values = row.split(";")
    surplus = len(values) - len(columns)
    if surplus == 0:
        return values
    cut = [index for index, column in enumerate(columns) if column.metric in _MAY_HOLD_SEPARATOR]
    if surplus < 0 or len(cut) != 1:
        return None
    (at,) = cut
    return [*values[:at], ";".join(values[at : at + surplus + 1]), *values[at + surplus + 1 :]]


def _own_time(value: str | None) -> int | None:
    return None if value is None else clock.instant(value)
