"""Answers of the REST calls /stream/find and /stream/metrics: one in a file, or polled, one a value with its time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from wcsanalytics import clock
from wcsanalytics.formats.getstats_forms import AT_KEYS
from wcsanalytics.formats.reading import Batch, Chunks, Context
from wcsanalytics.formats.rows import mtime_us
from wcsanalytics.formats.rtc_reports import About, Reports
from wcsanalytics.formats.sampled_values import head_values, read_values
from wcsanalytics.formats.samples import Run, Subject

_METRIC = re.compile(r"(VIDEO|AUDIO)_[A-Z_]{2,30}")
_PAYLOAD_NUMBERS = frozenset({"VIDEO_CODEC", "AUDIO_CODEC"})
_IDS = (("node_id", "nodeId"), ("session_id", "sessionId"), ("media_session_id", "mediaSessionId"), ("peer", "name"))
_DEPTH = 4


def recognises(head: bytes, file_name: str) -> bool:
    """Whether one of the first values holds the metrics of a stream."""
    return any(StreamMetrics().runs(value, None) for value in head_values(head))


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `media_samples` and `rejected`."""
    metrics = StreamMetrics()
    written_us = mtime_us(context)

    def runs_of(value: Any) -> list[Run] | None:
        zone = context.options.zone
        told = value if isinstance(value, dict) else {}
        at = next((us for key in AT_KEYS if (us := clock.instant(told.get(key), zone)) is not None), None)
        return metrics.runs(value, written_us if at is None else at, at is None) or None

    yield from read_values(chunks, context, runs_of)


class StreamMetrics:
    """Finds streams with metrics in answers."""

    def __init__(self) -> None:
        self._reports = Reports("stream_metrics")

    def runs(self, value: object, at: int | None, estimated: bool = False) -> list[Run]:
        """Runs of all streams in an answer, or in a record around one."""
        return list(self._found(value, at, estimated, Subject(), None, _DEPTH))

    def _found(
        self, value: object, at: int | None, estimated: bool, subject: Subject, published: object, depth: int
    ) -> Iterator[Run]:
        if isinstance(value, str):
            value = _parsed(value)
        if isinstance(value, list):
            for one in value:
                yield from self._found(one, at, estimated, subject, published, depth - 1)
        if not isinstance(value, dict) or depth < 0:
            return
        request = value.get("request")
        subject = _told_by(value, _told_by(request, subject) if isinstance(request, dict) else subject)
        published = value.get("published", published)
        metrics = {name: one for name, one in value.items() if _METRIC.fullmatch(name) and name not in _PAYLOAD_NUMBERS}
        if metrics:
            direction = {True: "out", False: "in"}.get(published) if isinstance(published, bool) else None
            for kind in ("video", "audio"):
                of_kind = {name: one for name, one in metrics.items() if name.startswith(kind.upper())}
                what = About("", None, kind, direction, None)
                yield from self._reports.runs_about(of_kind, what, subject, at, estimated) if of_kind else ()
        for inner in value.values():
            if isinstance(inner, dict | list | str):
                yield from self._found(inner, at, estimated, subject, published, depth - 1)


def _told_by(value: Mapping[str, Any], subject: Subject) -> Subject:
    return subject._replace(**{name: value[key] for name, key in _IDS if isinstance(value.get(key), str)})


def _parsed(text: str) -> object:
    if '"VIDEO_' not in text and '"AUDIO_' not in text:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
