"""WebSocket messages to rows of `client_messages`: shared by captures and HAR files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from wcsanalytics import clock, redact
from wcsanalytics.formats.decoding import decode, redacted
from wcsanalytics.formats.found_samples import METRIC_MESSAGES, RATE_MESSAGES, SETTING_MESSAGES, FoundSamples
from wcsanalytics.formats.reading import Batch, Context, Place
from wcsanalytics.formats.rows import batch
from wcsanalytics.protocol import Direction, client_message
from wcsanalytics.tables import CLIENT_MESSAGES

FIRST_OF_PAIR = frozenset({"setRemoteSDP", "notifyAudioCodec"})
"""Messages whose data is [id, value] instead of an object."""

MADE_BY_CLIENT = frozenset({"publishStream", "playStream", "call", "sendData"})
"""Requests whose id is a version 1 UUID that the client makes at that moment."""

SUMMED_UP = METRIC_MESSAGES | frozenset({"webRTCMetricsTokenRefresh"})
"""Messages whose data is measurements or a secret: their names are kept, their data becomes samples or nothing."""

_STATUS = {"getUserData": "ESTABLISHED", "registered": "REGISTERED"}
_NORMAL_CODES = range(1000, 1016)


class Message(NamedTuple):
    """One message, or an event of the socket; `at_us` is null where the record tells no time."""

    place: Place
    nth: int
    at_us: int | None
    connection: str | None
    direction: Direction | None
    name: str
    data: Mapping[str, Any]


def message(
    envelope: Mapping[str, Any],
    place: Place,
    nth: int,
    at_us: int | None,
    connection: str | None,
    direction: Direction | None,
) -> Message | None:
    """What an envelope `{"message", "data"}` says; None if it is none."""
    name, data = envelope.get("message"), envelope.get("data")
    if not isinstance(name, str) or not isinstance(data, list | None):
        return None
    known = client_message(name, direction)
    way = direction or (known.direction if known else None)
    return Message(place, nth, at_us, connection, way, name, _data(name, data or []))


def socket_event(
    fields: Mapping[str, Any], place: Place, nth: int, at_us: int | None, connection: str | None
) -> Message:
    """The opening or the end of a socket."""
    headers = fields.get("headers")
    told = {"code": fields.get("code"), "info": fields.get("reason") or None}
    if isinstance(headers, dict):
        told["clientBrowserVersion"] = headers.get("user-agent")
    return Message(place, nth, at_us, connection, None, str(fields["event"]), told)


def batches(
    told: Sequence[Message], context: Context, samples: FoundSamples, refuse: Callable[[Place, str], None]
) -> Iterator[Batch]:
    """Batches of `client_messages` and of the samples found inside them; what can't be read is refused."""
    decoded = decode(CLIENT_MESSAGES, [_body(one) for one in told], context.options.kept_paths)
    for index, reason in sorted(decoded.bad.items()):
        refuse(told[index].place, reason)
    messages, decoded = [told[index] for index in decoded.good()], decoded.without_bad()
    if messages:
        at = [_dated(one) for one in messages]
        yield batch(
            CLIENT_MESSAGES,
            [one.place for one in messages],
            context,
            decoded.columns
            | {
                "extra": decoded.extra,
                "nth": [one.nth for one in messages],
                "happened_at": [us for us, _ in at],
                "dated_by": [by for _, by in at],
                "connection": redacted(pa.array([one.connection for one in messages], pa.string()), "id"),
                "direction": [one.direction for one in messages],
                "message": redacted(pa.array([one.name[:200] for one in messages], pa.string()), "text"),
                "hook": [_hook(one) for one in messages],
            },
        )
        for one in messages:
            _sample(one, samples)
    yield from samples.finish()


def _data(name: str, data: list[Any]) -> Mapping[str, Any]:
    """The message's data as an object, whatever its shape."""
    first = data[0] if data else None
    if name in FIRST_OF_PAIR and len(data) == 2:
        return {"mediaSessionId": first, "sdp" if name == "setRemoteSDP" else "codec": data[1]}
    if isinstance(first, dict):
        if name == "availableStream" and "id" in first and "mediaSessionId" not in first:
            return {**first, "mediaSessionId": first["id"]}
        return first
    if name == "submitBugReport" and isinstance(first, str):
        return {"text": first}
    return {} if first is None else {"payload": first}


def _body(one: Message) -> bytes:
    if one.name in SUMMED_UP:
        return redact.json_text({"mediaSessionId": one.data.get("mediaSessionId")}).encode()
    told = {key: value for key, value in one.data.items() if value is not None}
    if one.name in _STATUS:
        told.setdefault("status", _STATUS[one.name])
    if one.name == "ws-close" and told.get("code") in _NORMAL_CODES:
        told["status"] = "DISCONNECTED"
    return redact.json_text(told).encode()


def _hook(one: Message) -> str | None:
    if one.name == "ws-close":
        return "ConnectionStatusEvent" if one.data.get("code") in _NORMAL_CODES else None
    known = client_message(one.name, one.direction)
    return known.hook if known else None


def _dated(one: Message) -> tuple[int | None, str | None]:
    if one.at_us is not None:
        return one.at_us, "record"
    if one.name in MADE_BY_CLIENT:
        for key in ("mediaSessionId", "callId", "operationId"):
            name = one.data.get(key)
            if isinstance(name, str) and (at := clock.uuid_v1_us(name)) is not None:
                return at, "uuid_v1"
    return None, None


def _sample(one: Message, samples: FoundSamples) -> None:
    if one.name in METRIC_MESSAGES | RATE_MESSAGES | SETTING_MESSAGES:
        samples.message(one.name, one.data, one.at_us, one.place)
    elif one.name == "submitBugReport":
        samples.report(one.data, one.at_us, one.place)
