"""How WCS writes a hook: the JSON text of a body in both forms, the head of a log block, a short SDP."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

Body = dict[str, Any]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Text(NamedTuple):
    """One body as the backend sees it (`compact`) and as the server log prints it (`pretty`)."""

    compact: str
    pretty: str


def text_of(body: Body) -> Text:
    """The two forms of one body."""
    return Text(_encode(body), _object(body, ""))


def with_escaped_slashes(text: Text) -> Text:
    r"""The same JSON as PHP writes it: each `/` is `\/`."""
    return Text(text.compact.replace("/", "\\/"), text.pretty.replace("/", "\\/"))


def _object(body: Mapping[str, Any], indent: str) -> str:
    if not body:
        return "{ }"
    inner = indent + "  "
    members = [f"{inner}{_key(key)} : {_value(value, inner)}" for key, value in body.items()]
    return "{\n" + ",\n".join(members) + f"\n{indent}}}"


def _value(value: object, indent: str) -> str:
    if isinstance(value, dict):
        return _object(value, indent)
    if isinstance(value, list):
        return "[ " + ", ".join([_value(item, indent) for item in value]) + " ]" if value else "[ ]"
    return _encode(value)


@lru_cache(maxsize=1024)
def _key(key: str) -> str:
    return _encode(key)


def clock_time(day_ms: int) -> str:
    """Milliseconds since midnight as the log prints them: `HH:mm:ss,SSS`."""
    seconds, millis = divmod(day_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{millis:03}"


def iso_time(epoch_ms: int) -> str:
    """Epoch milliseconds as ISO 8601 in UTC with milliseconds."""
    seconds, millis = divmod(epoch_ms, 1000)
    return f"{_iso_second(seconds)}.{millis:03}Z"


@lru_cache(maxsize=4096)
def _iso_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def log_line(day_ms: int, level: str, logger: str, thread: str, message: str) -> str:
    """One line of the server log; WCS pads the level and right-justifies the logger."""
    return f"{clock_time(day_ms)} {level:<5} {logger[-20:]:>20} - {thread} {message}\n"


_AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 8\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n{security}"
    "a=mid:0\r\na={direction}\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:8 PCMA/8000\r\n"
)
_VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 96 102\r\nc=IN IP4 0.0.0.0\r\n{security}a=mid:1\r\na={direction}\r\n"
    "a=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:102 H264/90000\r\n"
    "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\n"
)


def sdp(rng: Random, number: int, direction: str, *, video: bool) -> str:
    """A short offer as a browser makes it, without candidates; its secrets bear the session's number."""
    fingerprint = ":".join(f"{byte:02X}" for byte in rng.randbytes(20))
    security = (
        f"a=ice-ufrag:{rng.getrandbits(16):04x}\r\na=ice-pwd:PLANTED-ice-pwd-{number:08d}\r\n"
        f"a=fingerprint:sha-1 {fingerprint}\r\na=setup:actpass\r\n"
    )
    media = _AUDIO + _VIDEO if video else _AUDIO
    head = f"v=0\r\no=- {rng.getrandbits(62)} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=msid-semantic: WMS *\r\n"
    return head + media.format(security=security, direction=direction)
