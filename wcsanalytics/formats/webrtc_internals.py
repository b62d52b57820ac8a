"""Dumps of chrome://webrtc-internals: one JSON object, each metric of each connection a series in text.

The page keeps the last 1000 values of a series. Since Chrome 117 a report's `timestamp` is such a series too; before,
only the first and last instant are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np

from wcsanalytics import clock
from wcsanalytics.formats.line_ends import ends_in
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place, Resume
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.rtc_reports import NOT_MEASURED, UNKEPT, About, about, series
from wcsanalytics.formats.samples import Floats, Samples, Subject, Track, is_metric, numbers
from wcsanalytics.protocol import TEXTS

MEASURED_BY = "webrtc_internals"
KEPT_BY_THE_PAGE = 1000

RECORDS_LONG = 4
"""A dump is a record of all connections: it may be so many times as long as others are."""

_MARK = re.compile(rb'"(PeerConnections|getUserMedia|UserAgent|rtcConfiguration|updateLog|statsType)"\s*:')
_UNREAD = [*(UNKEPT - {"codec"})]
_DERIVED = "["
_ABOUT = ("kind", "mediaType", "codecId", "googCodecName", "isRemote", "remoteSource")


class _Told(NamedTuple):
    """Series of one report, by metric."""

    report_type: str
    values: dict[str, list[Any]]
    span: tuple[int | None, int | None]


def recognises(head: bytes, file_name: str) -> bool:
    """Whether the head opens an object with connections as the page saves them."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and len({*_MARK.findall(head)}) >= 2


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `media_samples` and `rejected`; the whole dump is one record, and so is what grew since."""
    books, refusals, samples = context.books, Refusals(context), Samples(context.source_id, context.options.node)
    before = context.reached = context.resume
    longest = RECORDS_LONG * context.options.caps.record_bytes
    text, size, n_ends = _whole(chunks, longest)
    if size <= longest and not text.strip():
        context.reached = Resume(before.byte_offset + size, before.line + n_ends)
        return
    connections = _connections(text) if size <= longest else "too_long"
    books.halves += 1
    if connections is None:
        books.pending += 1
        return
    place = Place(before.line, before.byte_offset, size)
    if isinstance(connections, str):
        books.rejected += 1
        refusals.add(place, connections, n_ends + 1)
    else:
        books.kept += 1
        for peer, connection in connections.items():
            yield from _samples_of(samples, peer, connection, place, context)
    yield from samples.batch()
    yield from refusals.finish()
    context.reached = Resume(before.byte_offset + size, before.line + n_ends)


def _whole(chunks: Chunks, longest: int) -> tuple[bytearray, int, int]:
    """All of the source, its size and its ends of lines; no text of one that is too long."""
    held = bytearray()
    size = n_ends = 0
    for chunk in chunks:
        size += len(chunk)
        n_ends += ends_in(chunk)
        if size <= longest:
            held += chunk
        else:
            held.clear()
    return held, size, n_ends


def _samples_of(
    samples: Samples, peer: str, connection: Mapping[str, Any], place: Place, context: Context
) -> Iterator[Batch]:
    longest = 0
    reports = _reports(connection)
    codecs = {name: str(told.values["mimeType"][-1]) for name, told in reports.items() if told.values.get("mimeType")}
    for report_id, told in reports.items():
        longest = max(longest, *(len(values) for values in told.values.values()))
        samples.add_tracks(_tracks(report_id, told, Subject(peer=peer[:200]), codecs), place)
        if samples.full:
            yield from samples.batch()
    if longest >= KEPT_BY_THE_PAGE:
        context.doubts.append(f"webrtc-internals keeps {KEPT_BY_THE_PAGE} samples; what came before them is lost")


def _connections(text: bytes | bytearray) -> dict[str, dict[str, Any]] | str | None:
    """Connections of a dump by their names; None of one that is cut off, or the reason why it can't be read."""
    try:
        dump = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as problem:
        return None if "truncated" in str(problem) else "invalid_json"
    except UnicodeDecodeError:
        return "invalid_utf8"
    except RecursionError:
        return "too_deep"
    connections = dump.get("PeerConnections")
    told = connections if isinstance(connections, dict) else {}
    return {peer: one for peer, one in told.items() if isinstance(one, dict)}


def _reports(connection: Mapping[str, Any]) -> dict[str, _Told]:
    """Series by report and metric; what the page has worked out itself is left out."""
    reports: dict[str, _Told] = {}
    stats = connection.get("stats")
    for name, told in stats.items() if isinstance(stats, dict) else ():
        report_id, _, metric = name.rpartition("-")
        if _DERIVED in name or not isinstance(told, dict) or told.get("statsType") in _UNREAD:
            continue
        values = _series(told.get("values"))
        if values:
            span = (clock.instant(told.get("startTime")), clock.instant(told.get("endTime")))
            report = reports.setdefault(report_id, _Told(str(told.get("statsType") or ""), {}, span))
            report.values[metric] = values
    return reports


def _series(text: object) -> list[Any]:
    if isinstance(text, list):
        return text
    try:
        return msgspec.json.decode(text, type=list[Any]) if isinstance(text, str) else []
    except msgspec.DecodeError:
        return []


def _tracks(report_id: str, told: _Told, subject: Subject, codecs: Mapping[str, str]) -> Iterator[Track]:
    if told.report_type in UNKEPT:
        return
    times = _times(told)
    for ssrc, first, end in _counts(told.values.get("ssrc", []), len(times.at)):
        shared = {name: told.values[name][-1] for name in _ABOUT if told.values.get(name)}
        what = about({**told.values, **shared, "type": told.report_type, "ssrc": ssrc}, report_id, codecs)
        for metric, values in told.values.items():
            if metric not in TEXTS and is_metric(metric) and metric not in NOT_MEASURED:
                yield from _track(metric, values, times, (first, end), what, subject)


class _Times(NamedTuple):
    at: clock.Int64s
    estimated: bool


def _times(told: _Told) -> _Times:
    """Instants of a report's samples: as told, or spread evenly between the first and the last."""
    many = max(map(len, told.values.values()))
    if "timestamp" in told.values:
        ms = numbers(told.values["timestamp"])
        at = clock.instants([one if one == one else None for one in ms.tolist()])
        missing = np.full(max(0, many - len(at)), clock.NO_INSTANT)
        return _Times(np.concatenate([missing, at]), False)
    start, end = told.span
    if start is None or end is None:
        return _Times(np.full(many, clock.NO_INSTANT), True)
    return _Times(np.linspace(start, end, many).round().astype(np.int64), True)


def _counts(ssrcs: list[Any], many: int) -> list[tuple[Any, int, int]]:
    """Each SSRC of a report in its turn, with its first sample and the one after its last."""
    padded = [*([ssrcs[0]] * (many - len(ssrcs)) if ssrcs else [None] * many), *ssrcs][-many:]
    starts = [index for index in range(many) if index == 0 or padded[index] != padded[index - 1]]
    return [(padded[start], start, end) for start, end in zip(starts, [*starts[1:], many], strict=True)]


def _track(
    metric: str, values: list[Any], times: _Times, part: tuple[int, int], what: About, subject: Subject
) -> Iterator[Track]:
    """The values of one metric in this part of the samples. A series that is shorter has begun later."""
    late = len(times.at) - len(values)
    first = max(part[0], late)
    end = max(part[1], first)
    told: Floats = numbers(values[first - late : end - late])
    if len(told) and np.isfinite(told).any():
        yield Track(series(MEASURED_BY, subject, what, metric), told, times.at[first:end], times.estimated)
