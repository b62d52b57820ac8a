"""Exports of the server's event log in ClickHouse: JSON a line, CSV or TSV with a header, Parquet.

Of its tables are read: RestHooksEvent, ConnectionEvent, StreamEvent, CDNEvent and MediaSessionEvent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wcsanalytics import clock, redact
from wcsanalytics.formats.decoding import decode
from wcsanalytics.formats.found_samples import FoundSamples
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place, Resume
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.rows import AT_ONCE, batch, batches_of_objects, first_objects, refused
from wcsanalytics.formats.separated_values import Separated, separator_of
from wcsanalytics.tables import HOOK_EVENTS, SERVER_EVENTS, Table

MAX_PARQUET = 256 << 20
"""A Parquet file is read whole; a larger one is refused."""

_PARQUET = b"PAR1"
_TABLE_NAME = re.compile(r"(?:RestHooks|Connection|Stream|MediaSession|CDN)Events?", re.I)
_TIMES = ("sendTime", "responseTime", "timestamp")

Fields = Mapping[str, Any]
Objects = list[tuple[Place, dict[str, Any]]]


def recognises(head: bytes, file_name: str) -> bool:
    """Whether its first values or its header are those of the event log; a Parquet file must be named after a table."""
    if head.startswith(_PARQUET):
        return _TABLE_NAME.search(file_name) is not None
    header = separator_of(head)
    if header:
        return _about(dict.fromkeys(header.columns)) is not None
    return any(_about(fields) is not None for fields in first_objects(head))


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `hook_events`, `server_events` and of media samples."""
    export = _Export(context)
    first = next(chunks, b"")
    opened = chain([first], chunks)
    if first.startswith(_PARQUET) and not context.resume.byte_offset:
        yield from _parquet(opened, context, export)
    elif first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        yield from batches_of_objects(opened, context, export.rows)
    else:
        yield from _separated(opened, context, export)


class _Export:
    """Rows of the event log, whichever form they come in."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._samples = FoundSamples(context)

    def rows(self, objects: Objects, refusals: Refusals) -> Iterator[Batch]:
        """Batches of these rows."""
        hooks: Objects = []
        events: list[tuple[Place, dict[str, Any], str]] = []
        for place, fields in objects:
            about = _about(fields)
            if about is None:
                refused(self._context, refusals, place, "no_event")
            elif about == "hook":
                hooks.append((place, fields))
            elif about == "media":
                self._samples.media_session_event(fields, place)
            else:
                events.append((place, fields, about))
        yield from self._hooks(hooks, refusals)
        yield from self._events(events, refusals)
        yield from self._samples.finish()

    def _hooks(self, rows: Objects, refusals: Refusals) -> Iterator[Batch]:
        places, good, columns = self._columns(HOOK_EVENTS, rows, refusals)
        if good:
            yield batch(HOOK_EVENTS, places, self._context, columns)

    def _events(self, rows: Sequence[tuple[Place, dict[str, Any], str]], refusals: Refusals) -> Iterator[Batch]:
        told = [(place, fields) for place, fields, _ in rows]
        places, good, columns = self._columns(SERVER_EVENTS, told, refusals)
        if good:
            columns |= {"about": [rows[index][2] for index in good]}
            yield batch(SERVER_EVENTS, places, self._context, columns)

    def _columns(
        self, table: Table, rows: Objects, refusals: Refusals
    ) -> tuple[list[Place], list[int], dict[str, pa.Array]]:
        """Places, indices and columns of the rows that can be read; the others are refused."""
        decoded = decode(table, [_body(fields) for _, fields in rows], frozenset())
        for index, reason in sorted(decoded.bad.items()):
            refused(self._context, refusals, rows[index][0], reason)
        good, left = decoded.good(), decoded.without_bad()
        return [rows[index][0] for index in good], good, left.columns | {"extra": left.extra}


def _about(fields: Fields) -> str | None:
    """What a row tells of: hook, media, stream, connection or cdn; None if it is none of the event log."""
    if {"sendTime", "method"} <= fields.keys():
        return "hook"
    if not {"timestamp"} <= fields.keys():
        return None
    if {"mediaSessionId", "videoRate", "audioRate"} <= fields.keys():
        return "media"
    if not {"eventType", "eventPayload"} <= fields.keys():
        return None
    if "mediaSessionId" in fields:
        return "stream"
    return "connection" if "sessionId" in fields else "cdn" if "nodeId" in fields else None


def _body(fields: Fields) -> bytes:
    """The row as JSON, its times as epoch ms."""
    told = {key: value for key, value in fields.items() if value not in (None, "", "\\N")}
    for key in _TIMES:
        if key in told and (ms := _epoch_ms(told[key])) is not None:
            told[key] = ms
    return redact.json_text(told).encode()


def _epoch_ms(value: object) -> int | None:
    if isinstance(value, datetime):
        value = value.isoformat()
    us = clock.instant(value.replace(" ", "T") if isinstance(value, str) else value)
    return None if us is None else us // 1000


def _separated(chunks: Chunks, context: Context, export: _Export) -> Iterator[Batch]:
    """Batches of a CSV or TSV export; without its header, which stands at its very beginning, nothing can be told."""
    refusals = Refusals(context)
    cut = Separated(context.resume.byte_offset, context.resume.line)
    for piece in chain(map(cut.feed, chunks), (cut.last() for _ in range(1))):
        rows = iter(piece)
        while some := list(islice(rows, AT_ONCE)):
            context.books.halves += len(some)
            context.books.kept += len(some)
            for place in (place for place, fields in some if fields is None):
                refused(context, refusals, place, "too_long")
            yield from export.rows([(place, fields) for place, fields in some if fields is not None], refusals)
    if context.resume.byte_offset:
        context.doubts.append("it has grown since it was read, and its header stands before; export it anew")
    yield from refusals.finish()
    context.reached = Resume(cut.reached, cut.line)


def _parquet(chunks: Chunks, context: Context, export: _Export) -> Iterator[Batch]:
    """Batches of a Parquet export; a row's place is its number."""
    refusals = Refusals(context)
    data = b""
    for chunk in chunks:
        data += chunk[: max(0, MAX_PARQUET + 1 - len(data))]
    count = 0
    try:
        for rows in pq.ParquetFile(pa.BufferReader(data)).iter_batches():
            objects = [(Place(count + n, count + n - 1, 1), row) for n, row in enumerate(rows.to_pylist(), 1)]
            count += len(objects)
            context.books.halves += len(objects)
            context.books.kept += len(objects)
            yield from export.rows(objects, refusals)
    except (pa.ArrowException, OSError, ValueError):
        context.books.halves += 1
        context.books.rejected += 1
        refusals.add(Place(1, 0, len(data)), "too_long" if len(data) > MAX_PARQUET else "no_event")
    yield from refusals.finish()
    context.reached = Resume(max(len(data), count), count + 1)
