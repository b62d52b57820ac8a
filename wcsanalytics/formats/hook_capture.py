"""Hook captures: JSON as a backend, a proxy or `jq` leaves it; an exchange, or half of one, a value.

A value is an envelope (time, URL or hook, direction, body) or a bare body whose hook a key or the file name tells.
Values stand one a line, pretty-printed one after the other, or in an array.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec

from wcsanalytics import clock
from wcsanalytics.formats.dating import finished
from wcsanalytics.formats.exchanges import Exchanges, Refused, Rows, hook_and_family
from wcsanalytics.formats.pairing import Direction, Exchange, Half
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.protocol import HOOKS, hook_named

MAX_VALUE = 32 << 20
"""A longer value is refused unread."""

AT_KEYS = ("ts", "time", "timestamp", "@timestamp")
ANSWERED_KEYS = ("answered_at", "response_ts", "responseTime", "response_time")
URL_KEYS = ("url", "uri", "path")
HOOK_KEYS = ("method", "hook", "event")
BODY_KEYS = ("body", "object", "data", "payload", "request")
ANSWER_KEYS = ("answer", "response")
ID_KEYS = frozenset({"nodeId", "appKey", "sessionId", "mediaSessionId", "callId"})
FOREIGN_KEYS = frozenset({"requestBodyMD5", "sendTime"})
"""Keys of an event log that tells of hooks in columns of its own."""

_DIRECTIONS: dict[str, Direction] = {
    "send": "send",
    "sent": "send",
    "request": "send",
    "==>": "send",
    "received": "answer",
    "response": "answer",
    "answer": "answer",
    "<==": "answer",
    "error": "error",
    "exception": "error",
}
_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_BLANK = b" \t\r\n"

_KNOWN_HOOKS = {hook.name.lower() for hook in HOOKS}
_VALUE_START = re.compile(r"[^\s,\[\]\xef\xbb\xbf\0]")
_FILE_WORDS = re.compile(r"[A-Za-z]+")
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Value(NamedTuple):
    """One JSON value of a capture and its place. `text` is None where no value could be read."""

    text: bytes | None
    place: Place
    reason: str = ""


class Told(NamedTuple):
    """What one value says of an exchange: its halves, and the times still as written."""

    send: Half | None
    answer: Half | None
    sent: object
    answered: object


def recognises(head: bytes, file_name: str) -> bool:
    """Whether the first value of the head tells of a hook."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(_BLANK + b"[,")
    try:
        _, end = json.JSONDecoder().raw_decode(start.decode("latin-1"))
        return _told(Value(start[:end], Place(1, 0, end)), file_name) is not None
    except (ValueError, RecursionError):
        return False


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of the hook tables and `rejected`."""
    exchanges = Exchanges(context)
    refusals = Refusals(context)
    splitter = _Splitter(context)
    doubted = False
    for values in splitter.values(chunks):
        told = [(value, _told_or_reason(value, context.file_name)) for value in values]
        good = [one for _, one in told if isinstance(one, Told)]
        for value, one in told:
            context.books.halves += _count(one)
            if isinstance(one, str):
                context.books.rejected += 1
                refusals.add(value.place, one)
        dated = _dated(good, context)
        doubted = doubted or any(half.dated_by in ("mtime", "assumed") for half in _halves(dated))
        yield from _batches(_rows(exchanges, dated), refusals)
    yield from _batches(exchanges.finish(), refusals)
    yield from refusals.finish()
    if doubted:
        context.doubts.append("some records tell no time; they are dated by their file or not at all")
    context.reached = replace(context.reached, byte_offset=splitter.reached, line=splitter.line)
    if splitter.pending:
        context.books.halves += 1
        context.books.pending += 1


def _count(one: Told | str) -> int:
    return 1 if isinstance(one, str) else (one.send is not None) + (one.answer is not None)


def _halves(told: Sequence[Told]) -> Iterator[Half]:
    for one in told:
        yield from (half for half in (one.send, one.answer) if half is not None)


def _rows(exchanges: Exchanges, told: Sequence[Told]) -> Iterator[Rows | Refused]:
    whole = [Exchange(one.send, one.answer) for one in told if one.send and one.answer]
    if whole:
        yield from exchanges.rows(whole)
    yield from exchanges.feed(one.send or one.answer for one in told if not (one.send and one.answer))  # type: ignore[misc]


def _batches(rows: Iterator[Rows | Refused], refusals: Refusals) -> Iterator[Batch]:
    for item in rows:
        if isinstance(item, Refused):
            refusals.add(item.place, item.reason)
        else:
            yield finished(item, lambda local: local, "record")


def _told_or_reason(value: Value, file_name: str) -> Told | str:
    if value.text is None:
        return value.reason
    try:
        return _told(value, file_name) or "no_hook"
    except msgspec.ValidationError:
        return "not_an_object"
    except msgspec.DecodeError:
        return "invalid_json"
    except UnicodeDecodeError:
        return "invalid_utf8"
    except RecursionError:
        return "too_deep"


def _told(value: Value, file_name: str) -> Told | None:
    """What the value says; None if it tells no hook. Raises what msgspec raises."""
    text = value.text or b""
    fields = _fields(text)
    if FOREIGN_KEYS & fields.keys():
        return None
    url = _text(_first(fields, URL_KEYS))
    hook = next((name for key in HOOK_KEYS if (name := _text(fields.get(key))) and name.upper() not in _VERBS), None)
    body_key = next((key for key in BODY_KEYS if _is_body(fields.get(key))), None)
    if url is None and (body_key is None or hook is None):
        return _bare(value, fields, hook, file_name)
    if body_key is None and hook_and_family(url or hook)[1] == "other":
        return None
    body = None if body_key is None else _body(fields[body_key])
    thread = _text(fields.get("thread"))
    direction = _DIRECTIONS.get((_text(fields.get("direction")) or "send").lower(), "send")
    half = Half(direction, None, thread, url, body, *value.place, hook=None if url else hook)
    sent = _scalar(_first(fields, AT_KEYS))
    answer = _answer_half(fields, half)
    if answer is not None and direction == "send":
        return Told(half, answer, sent, _answered(fields, sent))
    if direction == "send":
        return Told(half, None, sent, None)
    if direction == "error":
        half = half._replace(error=_text(fields.get("error")) or "error")
    return Told(None, half, None, sent)


def _answer_half(fields: Mapping[str, msgspec.Raw], send: Half) -> Half | None:
    """The answer that stands in the same value as its request, or the error in its place."""
    error = _text(fields.get("error"))
    if error:
        return send._replace(direction="error", body=None, error=error)
    told = _first(fields, ANSWER_KEYS)
    if told is None:
        return None
    return send._replace(direction="answer", body=_body(told) if _is_body(told) else None)


def _answered(fields: Mapping[str, msgspec.Raw], sent: object) -> object:
    told = _scalar(_first(fields, ANSWERED_KEYS))
    latency = _scalar(fields.get("latency_ms"))
    return told if told is not None else (sent, latency) if isinstance(latency, int | float) else None


def _bare(value: Value, fields: Mapping[str, msgspec.Raw], hook: str | None, file_name: str) -> Told | None:
    """A body without an envelope: its hook stands in a key or in the file's name."""
    if not ID_KEYS & fields.keys():
        return None
    name = hook if hook and hook_named(hook) else _hook_of_file(file_name)
    if name is None:
        return None
    kept = {key: raw for key, raw in fields.items() if not (key in HOOK_KEYS and _text(raw) == name)}
    own_time = {key: kept.pop(key) for key in AT_KEYS if key in kept}
    body = value.text if len(kept) == len(fields) else msgspec.json.encode(kept)
    half = Half("send", None, None, None, body, *value.place, hook=name)
    return Told(half, None, _scalar(_first(own_time, AT_KEYS)), None)


def _hook_of_file(file_name: str) -> str | None:
    return next((word for word in _FILE_WORDS.findall(file_name) if word.lower() in _KNOWN_HOOKS), None)


def _first(fields: Mapping[str, msgspec.Raw], keys: Sequence[str]) -> msgspec.Raw | None:
    return next((fields[key] for key in keys if key in fields), None)


def _scalar(raw: msgspec.Raw | None) -> object:
    value = None if raw is None else msgspec.json.decode(raw)
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _text(raw: msgspec.Raw | None) -> str | None:
    value = _scalar(raw)
    return value if isinstance(value, str) and value else None


def _is_body(raw: msgspec.Raw | None) -> bool:
    """An object, or JSON text that begins like one."""
    start = b"" if raw is None else bytes(raw)[:64].lstrip(_BLANK)
    return start.startswith(b"{") or re.match(rb'"\s*(?:\\[nrt]\s*)*\{', start) is not None


def _body(raw: msgspec.Raw) -> bytes:
    text = bytes(raw).strip()
    return msgspec.json.decode(text, type=str).encode() if text.startswith(b'"') else text


def _dated(told: Sequence[Told], context: Context) -> list[Told]:
    """The halves with their instants; a record that tells no time is dated by its ids or its file."""
    zone = context.options.zone
    sent = clock.instants([one.sent for one in told], zone)
    answered = clock.instants([None if isinstance(one.answered, tuple) else one.answered for one in told], zone)
    made = []
    for one, sent_us, answered_us in zip(told, sent, answered, strict=True):
        at = None if sent_us == clock.NO_INSTANT else int(sent_us)
        answered_at = None if answered_us == clock.NO_INSTANT else int(answered_us)
        if isinstance(one.answered, tuple) and at is not None:
            answered_at = at + round(float(one.answered[1]) * 1000)
        send = one.send and _with_time(one.send, at, context)
        answer = one.answer and _with_time(one.answer, answered_at, context)
        made.append(Told(send, answer, None, None))
    return made


def _with_time(half: Half, at: int | None, context: Context) -> Half:
    if at is not None or half.direction != "send":
        return half._replace(at=at)
    estimate, dated_by = _estimated(half.body or b"", context)
    return half._replace(at=estimate, dated_by=dated_by)


def _estimated(body: bytes, context: Context) -> tuple[int | None, str]:
    """Instant of a record that tells none: its createDate, its UUID, its file's time."""
    try:
        fields: dict[str, Any] = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None, "assumed"
    created = fields.get("createDate")
    if isinstance(created, int) and fields.get("status") in ("PENDING", "PUBLISHING", "PLAYING"):
        return created * 1000, "create_date"
    for key in ("mediaSessionId", "callId", "operationId"):
        if isinstance(fields.get(key), str) and (at := clock.uuid_v1_us(fields[key])) is not None:
            return at, "uuid_v1"
    if context.mtime is not None:
        return round(context.mtime.timestamp() * 1_000_000), "mtime"
    return None, "assumed"


class _Splitter:
    """Cuts a capture into values, a list of them for each chunk; `reached` is where the last whole one ended."""

    def __init__(self, context: Context) -> None:
        self.reached = context.resume.byte_offset
        self.line = context.resume.line
        self.pending = False

    def values(self, chunks: Chunks) -> Iterator[list[Value]]:
        data = b""
        cut = None
        for chunk in chunks:
            data += chunk
            cut = cut or (self._lines if _one_a_line(data) else self._stream)
            values, rest = cut(data, False)
            data = data[rest:]
            yield values
        values, rest = (cut or self._lines)(data, True)
        self.pending = bool(data[rest:].strip(_BLANK + b"]"))
        yield values

    def _passed(self, data: bytes, start: int, end: int) -> None:
        self.reached += end - start
        self.line += data.count(b"\n", start, end)

    def _lines(self, data: bytes, final: bool) -> tuple[list[Value], int]:
        values = []
        position = 0
        while position < len(data):
            stop = data.find(b"\n", position)
            if stop < 0 and not (final and _is_whole(data[position:])):
                if len(data) - position <= MAX_VALUE:
                    break
                stop = len(data)
            end = len(data) if stop < 0 else stop
            line = data[position:end].removeprefix(b"\xef\xbb\xbf").strip(_BLANK + b"\0")
            if line:
                place = Place(self.line, self.reached, end - position)
                long = len(line) > MAX_VALUE
                values.append(Value(None if long else line, place, "too_long" if long else ""))
            after = min(end + 1, len(data))
            self._passed(data, position, after)
            position = after
        return values, position

    def _stream(self, data: bytes, final: bool) -> tuple[list[Value], int]:
        text = data.decode("latin-1")
        decoder = json.JSONDecoder()
        values = []
        position = 0
        while True:
            found = _VALUE_START.search(text, position)
            start = found.start() if found else len(text)
            self._passed(data, position, start)
            position = start
            if start >= len(text):
                break
            try:
                _, end = decoder.raw_decode(text, start)
                value = data[start:end]
            except (ValueError, RecursionError):
                end = _next_value(text, start)
                if end < 0 and len(text) - start <= MAX_VALUE:
                    break
                end = len(text) if end < 0 else end
                value = None
            values.append(Value(value, Place(self.line, self.reached, end - start), "invalid_json"))
            self._passed(data, start, end)
            position = end
        return values, position


def _one_a_line(data: bytes) -> bool:
    """Whether the first line that is not blank holds a whole value."""
    first = data.removeprefix(b"\xef\xbb\xbf").lstrip(_BLANK).split(b"\n", 1)[0]
    return not first.startswith((b"[", b",", b"]")) and (not first.startswith(b"{") or _is_whole(first))


def _is_whole(line: bytes) -> bool:
    try:
        msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf").strip(_BLANK + b"\0"), type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _next_value(text: str, start: int) -> int:
    """Where a value begins after one that can't be read: a brace at the same indent on a later line."""
    line_start = text.rfind("\n", 0, start) + 1
    return text.find("\n" + text[line_start:start] + "{", start + 1)
