"""Messages of clients and server that carry measured values, as a collector or a proxy stored them, one a value.

Metric batches come as WebSocket messages or as HTTP bodies, whose URL ends with the message's name; bare bodies are
told by their keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from wcsanalytics import clock
from wcsanalytics.formats.decoding import BadBody, parsed
from wcsanalytics.formats.getstats_forms import AT_KEYS
from wcsanalytics.formats.metric_batches import BATCH, DESCRIPTION, UPDATE, USER_DATA, MetricBatches
from wcsanalytics.formats.reading import Batch, Chunks, Context
from wcsanalytics.formats.sampled_values import head_values, read_values
from wcsanalytics.formats.samples import Run
from wcsanalytics.formats.video_rates import DIRECTIONS, VideoRates

_NAME_KEYS = ("message", "url", "uri", "path")
_DATA_KEYS = ("data", "body", "payload", "object")


class _Message(NamedTuple):
    name: str
    data: Mapping[str, Any]
    at: int | None


def recognises(head: bytes, file_name: str) -> bool:
    """Whether one of the first values is such a message."""
    told = (_message(value, None) for value in head_values(head))
    return any(one is not None and one.name not in (USER_DATA, UPDATE) for one in told)


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `media_samples` and `rejected`."""
    batches, rates = MetricBatches(), VideoRates()
    undated = 0
    if context.resume.state is not None:
        batches.resume(context.resume.state)

    def runs_of(value: Any) -> list[Run] | None:
        nonlocal undated
        one = _message(value, context)
        if one is None:
            return None
        if one.name == BATCH:
            undated += one.at is None
            return batches.batch(one.at, one.data)
        if one.name == DESCRIPTION:
            batches.description(one.data)
            return []
        if one.name in DIRECTIONS:
            return rates.rate(one.at, one.name, one.data)
        batches.setting(one.name, one.data)
        return None

    yield from read_values(chunks, context, runs_of)
    context.reached = replace(context.reached, state=batches.state())
    if undated:
        context.doubts.append(f"{undated} batches of metrics tell no time of arrival; only what tells its own is dated")
    context.doubts += batches.doubts()


def _message(value: Any, context: Context | None) -> _Message | None:
    """The message that a value is, if any."""
    if not isinstance(value, dict) or "raw" in value:
        return None
    zone = context.options.zone if context else None
    at = next((us for key in AT_KEYS if (us := clock.instant(value.get(key), zone)) is not None), None)
    named = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    if named is None:
        name = DESCRIPTION if "headers" in value else BATCH
        told = isinstance(value.get("mediaSessionId"), str) and isinstance(
            value.get("headers", value.get("metrics")), str
        )
        return _Message(name, value, at) if told else None
    name = named.split("?", 1)[0].rsplit("/", 1)[-1]
    if name not in (DESCRIPTION, BATCH, USER_DATA, UPDATE, *DIRECTIONS):
        return None
    data = _object(next((value[key] for key in _DATA_KEYS if key in value), None))
    return None if data is None else _Message(name, data, at)


def _object(data: object) -> Mapping[str, Any] | None:
    """The object that is a message's data: itself, in an array, or as text."""
    if isinstance(data, list):
        data = data[0] if data else None
    if isinstance(data, str):
        try:
            data = parsed(data.encode())
        except (BadBody, UnicodeEncodeError):
            return None
    return data if isinstance(data, dict) else None
