"""What one JSON value of a capture tells: an exchange, or half of one.

A value is an envelope (time, URL or hook, direction, body) or a bare body, whose hook a key or the file name tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from wcsanalytics import redact
from wcsanalytics.formats.decoding import BadBody, parsed
from wcsanalytics.formats.exchanges import hook_and_family
from wcsanalytics.formats.pairing import Direction, Half
from wcsanalytics.formats.reading import Place
from wcsanalytics.protocol import HOOKS, hook_named

AT_KEYS = ("ts", "time", "timestamp", "@timestamp")
ANSWERED_KEYS = ("answered_at", "response_ts", "responseTime", "response_time")
URL_KEYS = ("url", "uri", "path")
HOOK_KEYS = ("method", "hook", "event")
BODY_KEYS = ("body", "object", "data", "payload", "request")
ANSWER_KEYS = ("answer", "response")
ID_KEYS = frozenset({"nodeId", "appKey", "sessionId", "mediaSessionId", "callId"})
FOREIGN_KEYS = frozenset({"requestBodyMD5", "sendTime"})
"""Keys of an event log that tells of hooks in columns of its own."""

FOREIGN_URL = re.compile(
    r"/rest-api/\w+/(?:find|find_all|metrics)$|/(?:webRTCMetrics(?:ClientDescription|Batch)|(?:in|out)boundVideoRate)$"
)
"""What the REST API is asked, and what is measured: no hooks, though their bodies have ids."""

DIRECTIONS: dict[str, Direction] = {
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
VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_KNOWN_HOOKS = {hook.name.lower() for hook in HOOKS}
_FILE_WORDS = re.compile(r"[A-Za-z]+")
_OBJECT_AS_TEXT = re.compile(rb'"\s*(?:\\[nrt]\s*)*\{')
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode

Fields = Mapping[str, msgspec.Raw]


class Told(msgspec.Struct, frozen=True, gc=False):
    """What one value says of an exchange: its halves, and the times still as written."""

    send: Half | None
    answer: Half | None
    sent: object = None
    answered: object = None
    latency_ms: float | None = None


def told(text: bytes, place: Place, file_name: str) -> Told | None:
    """What the value says; None if it tells no hook. Raises BadBody and UnicodeDecodeError."""
    fields = _fields(text)
    if FOREIGN_KEYS & fields.keys() or FOREIGN_URL.search(_text(_first(fields, URL_KEYS)) or ""):
        return None
    hook = next((name for key in HOOK_KEYS if (name := _text(fields.get(key))) and name.upper() not in VERBS), None)
    url = _text(_first(fields, URL_KEYS))
    body_key = next((key for key in BODY_KEYS if _is_body(fields.get(key))), None)
    if _is_bare(fields, body_key):
        return _bare(text, fields, place, hook, url, file_name)
    if not (url or (hook and body_key)):
        return None
    if body_key is None and hook_and_family(url or hook)[1] == "other":
        return None
    body = None if body_key is None else _body(fields[body_key])
    return _exchange(fields, _half(fields, place, *hook_or_url(hook, url), body))


def is_hook(one: Told) -> bool:
    """Whether a hook is told beyond doubt: its name is known, or its body has ids of WCS."""
    half = one.send or one.answer
    assert half is not None
    named = hook_and_family(half.hook or half.url)[1] != "other"
    return named or any(f'"{key}"'.encode() in (half.body or b"") for key in ID_KEYS)


def _fields(text: bytes) -> Fields:
    try:
        return _read_fields(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        values = parsed(text).items()
        return {_encodable(key): msgspec.Raw(redact.json_text(value).encode()) for key, value in values}


def _encodable(key: str) -> str:
    """The key with a lone surrogate as the text of its escape."""
    return key.encode("utf-8", "backslashreplace").decode()


def _is_bare(fields: Fields, body_key: str | None) -> bool:
    """Whether the hook's fields stand in the value itself; then a payload is one of them."""
    if body_key not in (None, "payload") or not ID_KEYS & fields.keys():
        return False
    try:
        return body_key is None or not ID_KEYS & _fields(_body(fields[body_key])).keys()
    except BadBody:
        return True


def _bare(text: bytes, fields: Fields, place: Place, hook: str | None, url: str | None, file_name: str) -> Told | None:
    """A body without an envelope: its hook stands in a key, in the URL or in the file's name."""
    known = hook if hook and hook_named(hook) else None
    url = url if not known and hook_and_family(url)[1] != "other" else None
    name = known or (None if url else _hook_of_file(file_name))
    if not (url or name):
        return None
    of_envelope = {key for key in (*AT_KEYS, "direction", "thread") if key in fields}
    of_envelope |= {key for key in (*HOOK_KEYS, *URL_KEYS) if key in fields and _text(fields[key]) in (known, url)}
    rest = {key: raw for key, raw in fields.items() if key not in of_envelope}
    half = _half(fields, place, name, url, msgspec.json.encode(rest) if of_envelope else text)
    return _exchange({key: fields[key] for key in of_envelope}, half)


def _hook_of_file(file_name: str) -> str | None:
    return next((word for word in _FILE_WORDS.findall(file_name) if word.lower() in _KNOWN_HOOKS), None)


def hook_or_url(hook: str | None, url: str | None) -> tuple[str | None, str | None]:
    """The hook, unless the URL tells it: a proxy may post every hook to one URL of its own."""
    if url and (hook is None or hook_named(hook) is None or hook_and_family(url)[1] != "other"):
        return None, url
    return hook, url


def _half(fields: Fields, place: Place, hook: str | None, url: str | None, body: bytes | None) -> Half:
    direction = DIRECTIONS.get((_text(fields.get("direction")) or "send").lower(), "send")
    return Half(direction, None, _text(fields.get("thread")), url, body, *place, hook=hook)


def _exchange(fields: Fields, half: Half) -> Told:
    sent = _scalar(_first(fields, AT_KEYS))
    if half.direction == "error":
        return Told(None, replace(half, error=_text(fields.get("error"))), sent=None, answered=sent)
    if half.direction == "answer":
        return Told(None, half, answered=sent)
    answer = _answer_half(fields, half)
    latency_ms = _scalar(fields.get("latency_ms")) if answer else None
    return Told(
        half,
        answer,
        sent,
        _scalar(_first(fields, ANSWERED_KEYS)) if answer else None,
        latency_ms if isinstance(latency_ms, int | float) else None,
    )


def _answer_half(fields: Fields, send: Half) -> Half | None:
    """The answer that stands in the same value as its request, or the error in its place."""
    error = _text(fields.get("error"))
    if error:
        return replace(send, direction="error", body=None, error=error)
    answer = _first(fields, ANSWER_KEYS)
    if answer is None or bytes(answer) == b"null":
        return None
    return replace(send, direction="answer", body=_body(answer) if _is_body(answer) else None)


def _first(fields: Fields, keys: Sequence[str]) -> msgspec.Raw | None:
    return next((fields[key] for key in keys if key in fields), None)


def _scalar(raw: msgspec.Raw | None) -> str | int | float | None:
    try:
        value = None if raw is None else msgspec.json.decode(raw)
    except msgspec.DecodeError:  # a number beyond a double, say
        return None
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _text(raw: msgspec.Raw | None) -> str | None:
    value = _scalar(raw)
    return value if isinstance(value, str) and value else None


def _is_body(raw: msgspec.Raw | None) -> bool:
    """An object, or JSON text that begins like one."""
    start = b"" if raw is None else bytes(raw)[:64].lstrip()
    return start.startswith(b"{") or _OBJECT_AS_TEXT.match(start) is not None


def _body(raw: msgspec.Raw) -> bytes:
    text = bytes(raw).strip()
    return msgspec.json.decode(text, type=str).encode() if text.startswith(b'"') else text
