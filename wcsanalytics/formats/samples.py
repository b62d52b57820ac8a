"""Measured values on their way into `media_samples`: whatever form they come in, they are columns from here on.

A reader of statistics makes Runs: the values of one report at one instant, under a Layout that says what each of them
is. Layouts are made once and used again for every later report of the same shape, so that a value costs no more than
its place in a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite, nan
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wcsanalytics import clock, redact
from wcsanalytics.formats.keys import key_columns
from wcsanalytics.formats.reading import Batch, Place
from wcsanalytics.protocol import is_secret_key, measure
from wcsanalytics.tables import ARROW_TYPES, ENCODED_TEXT, MEDIA_SAMPLES, batch_schema

FULL = 1 << 17
"""So many values are handed out at a time."""

Floats = npt.NDArray[np.float64]

_METRIC = re.compile(r"[A-Za-z][\w.]{0,79}", re.ASCII)
_WORDS = {"true": 1.0, "false": 0.0}


class Subject(NamedTuple):
    """Whose media was measured, as far as the record tells."""

    node_id: str | None = None
    session_id: str | None = None
    media_session_id: str | None = None
    call_id: str | None = None
    peer: str | None = None


class Series(NamedTuple):
    """One metric of one report: what all of its samples share."""

    subject: Subject
    measured_by: str
    metric: str
    kind: str | None = None
    direction: str | None = None
    report_type: str | None = None
    report_id: str | None = None
    ssrc: int | None = None
    codec: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """What the values of a run are, in their order; either all numbers, or all words."""

    series: tuple[Series, ...]
    words: bool = False


class Run(NamedTuple):
    """Values measured at one instant (µs, None = unknown); `estimated`: the sample itself does not tell it."""

    layout: Layout
    values: Sequence[object]
    at: int | None
    estimated: bool = False


class Track(NamedTuple):
    """Values of one series over time, where a source keeps them so; `at` is µs or `clock.NO_INSTANT`."""

    series: Series
    values: Floats
    at: clock.Int64s
    estimated: bool = False


def is_metric(name: str) -> bool:
    """Whether this may be the name of a metric: what else stands as a key in statistics is not kept."""
    return _METRIC.fullmatch(name) is not None and not is_secret_key(name)


class Samples:
    """Gathers runs and tracks of one source and hands them out as batches of `media_samples`."""

    def __init__(self, source_id: str, node: str | None = None) -> None:
        """`node` stands for the node that records do not name."""
        self._source_id = source_id
        self._node = node
        self._clear()

    def _clear(self) -> None:
        self._codes: dict[Series, int] = {}
        self._of_layout: dict[Layout, clock.Int64s] = {}
        self._numbers = _Runs()
        self._words = _Runs()
        self._tracks: list[tuple[Track, int, Place]] = []
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether it is time to hand out what was gathered."""
        return self._count >= FULL

    def add(self, runs: Iterable[Run], place: Place) -> None:
        """Take the values that stand at this place of the source."""
        for run in runs:
            codes = self._of_layout.get(run.layout)
            if codes is None:
                codes = np.array([self._code(series) for series in run.layout.series], np.int64)
                self._of_layout[run.layout] = codes
            (self._words if run.layout.words else self._numbers).add(codes, run, place)
            self._count += len(codes)

    def add_tracks(self, tracks: Iterable[Track], place: Place) -> None:
        """The same of values that come a series at a time."""
        for track in tracks:
            self._tracks.append((track, self._code(track.series), place))
            self._count += len(track.values)

    def batch(self) -> Iterator[Batch]:
        """All that was gathered since the last time, if anything."""
        words: dict[str, int] = {}
        parts = [self._numbers.made(None), self._words.made(words), *map(_made_track, self._tracks)]
        made = _mapped(np.concatenate, zip(*parts, strict=True))
        series = list(self._codes)
        self._clear()
        told = np.isfinite(made.value) | (made.word >= 0)
        if not told.all():
            made = _mapped(lambda column: column[told], made)
        if len(made.code):
            yield Batch(MEDIA_SAMPLES.name, self._rows(series, words, made))

    def _code(self, series: Series) -> int:
        return self._codes.setdefault(series, len(self._codes))

    def _rows(self, series: list[Series], words: dict[str, int], made: _Made) -> pa.RecordBatch:
        shared = _series_columns(series, self._node)
        codes = pa.array(made.code)
        columns = {name: _spread(array, codes) for name, array in shared.items()}
        columns["source_id"] = _encoded(np.zeros(len(codes), np.int32), [self._source_id])
        columns["line"], columns["byte_offset"] = pa.array(made.line), pa.array(made.byte_offset)
        columns["sampled_at"] = pa.array(made.at, mask=made.at == clock.NO_INSTANT).cast(ARROW_TYPES["instant"])
        columns["estimated"] = pa.array(made.estimated)
        columns["value"] = pa.array(made.value, from_pandas=True)
        columns["text"] = _encoded(made.word, [*words])
        schema = batch_schema(MEDIA_SAMPLES)
        return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


class _Made(NamedTuple):
    """Columns of samples, a place in each for each value."""

    code: clock.Int64s
    value: Floats
    word: clock.Int64s
    at: clock.Int64s
    estimated: npt.NDArray[np.bool_]
    line: clock.Int64s
    byte_offset: clock.Int64s


def _mapped(make: Callable[[Any], Any], columns: Iterable[Any]) -> _Made:
    return _Made(*map(make, columns))


class _Runs:
    """Runs laid end to end."""

    def __init__(self) -> None:
        self._codes: list[clock.Int64s] = [np.empty(0, np.int64)]
        self._values: list[object] = []
        self._runs: list[tuple[int, int, bool, int, int]] = []

    def add(self, codes: clock.Int64s, run: Run, place: Place) -> None:
        self._codes.append(codes)
        self._values += run.values
        at = clock.NO_INSTANT if run.at is None else run.at
        self._runs.append((len(codes), at, run.estimated, place.line, place.byte_offset))

    def made(self, words: dict[str, int] | None) -> _Made:
        """The columns; the values are words if a dictionary is given to number them in."""
        runs = np.array(self._runs, np.int64).reshape(-1, 5)
        length, at, estimated, line, byte_offset = (np.ascontiguousarray(column) for column in runs.T)
        value = numbers(self._values) if words is None else np.full(len(self._values), nan)
        word = _numbered(self._values, words)
        return _Made(
            np.concatenate(self._codes),
            value,
            word,
            np.repeat(at, length),
            np.repeat(estimated.astype(bool), length),
            np.repeat(line, length),
            np.repeat(byte_offset, length),
        )


def _numbered(values: list[object], words: dict[str, int] | None) -> clock.Int64s:
    """Number of each word, -1 where there is none."""
    if words is None:
        return np.full(len(values), -1)
    clean = (redact.text(one)[:200] if isinstance(one, str) and one else None for one in values)
    return np.array([-1 if one is None else words.setdefault(one, len(words)) for one in clean], np.int64)


def _made_track(gathered: tuple[Track, int, Place]) -> _Made:
    track, code, place = gathered
    many = len(track.values)
    return _Made(
        np.full(many, code, np.int64),
        track.values,
        np.full(many, -1),
        track.at,
        np.full(many, track.estimated),
        np.full(many, place.line, np.int64),
        np.full(many, place.byte_offset, np.int64),
    )


def _spread(array: pa.Array, codes: pa.Array) -> pa.Array:
    """The value of each sample's series."""
    if array.null_count == len(array):
        return pa.nulls(len(codes), ENCODED_TEXT if array.type == pa.string() else array.type)
    if not pa.types.is_string(array.type):
        return array.take(codes)
    encoded = array.dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices.take(codes), encoded.dictionary)


def _encoded(places: npt.NDArray[np.integer[Any]], words: list[str]) -> pa.Array:
    """The words at these places; none where the place is below 0."""
    indices = pa.array(places, pa.int32(), mask=places < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def numbers(values: Sequence[Any]) -> Floats:
    r"""The values as numbers: text that reads as one counts, true is 1, and what is none is not-a-number.

    >>> numbers([3, "90000\r", True, None, "none"]).tolist()
    [3.0, 90000.0, 1.0, nan, nan]
    """
    try:
        made = np.array(values, np.float64)
    except (ValueError, TypeError, OverflowError):
        made = None
    if made is None or made.ndim != 1:  # a list of lists reads as a matrix
        made = np.array([_number(value) for value in values], np.float64)
    return made


def _number(value: object) -> float:
    if isinstance(value, str) and value in _WORDS:
        return _WORDS[value]
    try:
        return float(value) if isinstance(value, int | float | str) else nan
    except (ValueError, OverflowError):
        return nan


def _series_columns(series: list[Series], node: str | None) -> dict[str, pa.Array]:
    """What samples share, a row a series."""
    clean = cache(_clean)  # series share most of what is told of them
    ids = {
        name: pa.array([clean(one, "id") for one in column], pa.string())
        for name, column in zip(Subject._fields, zip(*(one.subject for one in series), strict=True), strict=True)
    }
    ids["node_id"] = ids["node_id"].fill_null(node) if node else ids["node_id"]
    keys = key_columns(ids["node_id"], ids["session_id"], ids["media_session_id"], ids["call_id"])
    names = ("measured_by", "metric", "kind", "direction", "report_type", "report_id", "codec")
    texts = {name: pa.array([clean(getattr(one, name), "text") for one in series], pa.string()) for name in names}
    told = [measure(one.metric) for one in series]
    return {
        **keys,
        **ids,
        **texts,
        "ssrc": pa.array([one.ssrc for one in series], pa.int64()),
        "unit": pa.array([one.unit for one in told], pa.string()),
        "counter": pa.array([one.counter for one in told], pa.bool_()),
    }


def _clean(value: str | None, care: str) -> str | None:
    return None if value is None else redact.text(value.encode("utf-8", "backslashreplace").decode(), care)


def is_number(value: object) -> bool:
    """Whether the value is a number, or text that reads as a finite one."""
    return isfinite(_number(value)) if not isinstance(value, bool) else True
