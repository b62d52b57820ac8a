"""HAR files of a browser: the WebSocket messages that they hold in `_webSocketMessages`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wcsanalytics.formats import websocket_rows
from wcsanalytics.formats.found_samples import FoundSamples
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.rows import batches_of_objects, epoch_us, refused
from wcsanalytics.formats.websocket import DIRECTIONS, envelope_of
from wcsanalytics.formats.websocket_rows import Message

TEXT_FRAME = 1
"""Opcode of the frames that hold text."""

_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:\s*\{\s*"(?:version|creator|browser|pages|entries|comment)"')


def recognises(head: bytes, file_name: str) -> bool:
    """Whether it begins as a HAR does."""
    return _HEAD.match(head) is not None


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `client_messages` and of the samples inside them."""
    samples = FoundSamples(context)

    def rows(objects: list[tuple[Place, dict[str, Any]]], refusals: Refusals) -> Iterator[Batch]:
        def refuse(place: Place, reason: str) -> None:
            """A message is refused beside the record that it stands in, which is kept."""
            context.books.halves += 1
            context.books.rejected += 1
            refusals.add(place, reason)

        for place, fields in objects:
            entries = _entries(fields)
            if entries is None:
                refused(context, refusals, place, "no_message")
                continue
            messages = list(_messages(entries, place, context))
            yield from websocket_rows.batches(messages, context, samples, refuse)

    yield from batches_of_objects(chunks, context, rows)
    samples.end()


def _entries(fields: Mapping[str, Any]) -> list[Any] | None:
    log = fields.get("log")
    entries = log.get("entries") if isinstance(log, dict) else None
    return entries if isinstance(entries, list) else None


def _messages(entries: list[Any], place: Place, context: Context) -> Iterator[Message]:
    """The messages of all sockets; a socket is named by its turn among the entries that hold any."""
    nth = 0
    for number, frames in enumerate(filter(None, map(_frames, entries)), 1):
        times = epoch_us([frame.get("time") for frame in frames], context)
        for frame, at in zip(frames, times, strict=True):
            envelope = envelope_of(frame["data"]) if frame.get("opcode", TEXT_FRAME) == TEXT_FRAME else None
            direction = DIRECTIONS.get(str(frame.get("type")))
            told = envelope and websocket_rows.message(envelope, place, nth + 1, at, f"socket {number}", direction)
            if told:
                nth += 1
                yield told
            else:
                context.books.other_lines += 1


def _frames(entry: object) -> list[dict[str, Any]]:
    found = entry.get("_webSocketMessages") if isinstance(entry, dict) else None
    if not isinstance(found, list):
        return []
    return [frame for frame in found if isinstance(frame, dict) and isinstance(frame.get("data"), str)]
