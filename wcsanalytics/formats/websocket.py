"""WebSocket captures: a line of JSON for each message or event of a socket, or the bare frames themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from wcsanalytics.formats import websocket_rows
from wcsanalytics.formats.found_samples import METRIC_MESSAGES, RATE_MESSAGES, SETTING_MESSAGES, FoundSamples
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.rows import batches_of_objects, epoch_us, first_objects, object_of, refused
from wcsanalytics.formats.websocket_rows import Message
from wcsanalytics.protocol import Direction, client_message

AT_KEYS = ("ts", "time", "timestamp")
CONNECTION_KEYS = ("conn", "connection", "socket", "requestId")
RAW_KEYS = ("raw", "payload", "payloadData", "frame")
EVENTS = frozenset({"ws-open", "ws-close", "ws-error"})
DIRECTIONS: Mapping[str, Direction] = {
    "client->server": "to_server",
    "to_server": "to_server",
    "send": "to_server",
    "sent": "to_server",
    "out": "to_server",
    "server->client": "to_client",
    "to_client": "to_client",
    "receive": "to_client",
    "received": "to_client",
    "in": "to_client",
}
"""How captures write which way a message went."""

_COLLECTED = METRIC_MESSAGES | RATE_MESSAGES | SETTING_MESSAGES
"""What a collector of measurements keeps of all messages."""


def recognises(head: bytes, file_name: str) -> bool:
    """Whether one of the first values is a message of WCS, in a line of a capture or bare."""
    return any(_is_known(fields) for fields in first_objects(head))


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `client_messages` and of the samples inside them."""
    samples = FoundSamples(context)

    def rows(objects: list[tuple[Place, dict[str, Any]]], refusals: Refusals) -> Iterator[Batch]:
        times = epoch_us([_first(fields, AT_KEYS) for _, fields in objects], context)
        messages = []
        for (place, fields), at in zip(objects, times, strict=True):
            one = _message(fields, place, at)
            if isinstance(one, str):
                refused(context, refusals, place, one)
            else:
                messages.append(one)
        yield from websocket_rows.batches(messages, context, samples, partial(refused, context, refusals))

    yield from batches_of_objects(chunks, context, rows)
    samples.end()


def envelope_of(raw: str) -> dict[str, Any] | None:
    """The envelope in the text of a frame; None if there is none."""
    found = object_of(raw.encode())
    return found if isinstance(found, dict) else None


def _message(fields: Mapping[str, Any], place: Place, at_us: int | None) -> Message | str:
    """The message of a line, or the reason why there is none."""
    connection = _text(_first(fields, CONNECTION_KEYS))
    if fields.get("event") in EVENTS:
        return websocket_rows.socket_event(fields, place, 1, at_us, connection)
    envelope = _envelope(fields)
    if envelope is None:
        return "invalid_json"
    direction = DIRECTIONS.get(str(fields.get("direction", fields.get("type"))).lower())
    return websocket_rows.message(envelope, place, 1, at_us, connection, direction) or "no_message"


def _envelope(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "message" in fields:
        return fields
    raw = _first(fields, RAW_KEYS)
    if isinstance(raw, dict):
        return raw
    return envelope_of(raw) if isinstance(raw, str) else {}


def _is_known(fields: Mapping[str, Any]) -> bool:
    """Whether it is a message of WCS; one that only carries measurements may stand in a collection of these."""
    if fields.get("event") in EVENTS:
        return True
    if fields.get("message") in _COLLECTED:
        return False
    envelope = _envelope(fields) or {}
    name, data = envelope.get("message"), envelope.get("data")
    both: tuple[Direction, Direction] = ("to_server", "to_client")
    return (
        isinstance(name, str)
        and isinstance(data, list)
        and any(client_message(name, direction) is not None for direction in both)
    )


def _first(fields: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((fields[key] for key in keys if key in fields), None)


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) else None
