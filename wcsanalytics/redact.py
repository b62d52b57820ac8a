"""Secrets out, before anything leaves the parser.

Two layers: the structure (`protocol` names the fields whose values are dropped, or of which only keys and types are
kept) and patterns over values (SDP keys and addresses, credentials in URLs, tokens in free text).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from wcsanalytics.protocol import SDP_FIELDS, SECRET_FIELDS, SHAPE_ONLY_FIELDS, is_secret_key

REMOVED = "(removed)"
DEPTH = 200
"""Deeper structures are not read at all."""

KEPT_PATHS = frozenset({"payload.command"})
"""What is kept of shape-only fields: the command of the room API, which no person writes."""

# Python's re and RE2 (used by Arrow on whole columns) both understand these patterns.
_URL = (
    (r"([A-Za-z][A-Za-z0-9+.-]*://)[^/\s@\"'<>]+@", r"\1"),
    (
        r"(?i)([?&;](?:[\w.-]*(?:token|pass|pwd|secret|auth|signature|credential|jwt|key|session)[\w.-]*|sig|code)=)"
        r"[^&\s\"'#;<>\\]+",
        r"\1(removed)",
    ),
)
_SDP = (
    (r"(ice-(?:pwd|ufrag):)[^\s\"\\]+", r"\1(removed)"),
    (r"(?i)(\b(?:ufrag|pwd|password|usernameFragment)[ :=\"\\]+)[A-Za-z0-9+/]{4,}", r"\1(removed)"),
    (r"(fingerprint:[\w-]+ )[0-9A-Fa-f:]+", r"\1(removed)"),
    (r"(inline:)[A-Za-z0-9+/=|:^]+", r"\1(removed)"),
    (r"((?:o=\S+ \d+ \d+|c=) ?IN IP[46] )[^\s\"\\]+", r"\1(removed)"),
    (r"(candidate:\S+ \d+ \w+ \d+ )\S+ \d+( typ \w+)(?: raddr \S+ rport \d+)?", r"\1(removed)\2"),
    (r"(a=rtcp:\d+ IN IP[46] )[^\s\"\\]+", r"\1(removed)"),
)
_TEXT = (
    *_URL,
    *_SDP,
    (
        r"(?i)(\\*[\"'][\w.-]*(?:pass|pwd|token|secret|cookie|credential|authorization|api_?key|private_?key)[\w.-]*"
        r"\\*[\"']\s*:\s*\\*[\"'])(?:[^\"'\\]|\\+[^\"'\\])*",
        r"\1(removed)",
    ),
    (r"(?i)\b((?:proxy-)?authorization\s*[:=]\s*)[^\r\n\"\\]+", r"\1(removed)"),
    (r"(?i)\b(bearer|basic|digest|wcs) +[A-Za-z0-9._~+/=-]{8,}", r"\1 (removed)"),
    (
        r"(?i)\b([\w.-]*(?:password|passwd|passphrase|pwd|token|secret|cookie|credential|api_?key)[\w.-]*\s*[=:]\s*)"
        r"[^\s,;&\"'\\(]+",
        r"\1(removed)",
    ),
    (r"[A-Za-z0-9+/]{256,}={0,2}", "(data removed)"),
)
PATTERNS: Mapping[str, tuple[tuple[str, str], ...]] = {"url": _URL, "sdp": _SDP, "text": _TEXT}
"""Pattern and replacement, in order, by the care a column asks for."""

_COMPILED = {
    care: tuple((re.compile(pattern), replacement) for pattern, replacement in pairs)
    for care, pairs in PATTERNS.items()
}


def text(value: str, care: str = "text") -> str:
    """The text without credentials, SDP keys and addresses.

    >>> text("rtsp://admin:4711@198.51.100.4/cam?token=abc&fps=5", "url")
    'rtsp://198.51.100.4/cam?token=(removed)&fps=5'
    """
    for pattern, replacement in _COMPILED[care]:
        value = pattern.sub(replacement, value)
    return value


def shape(value: Any, path: str = "", kept: frozenset[str] = KEPT_PATHS) -> Any:
    """The value with each leaf replaced by the name of its JSON type, but for the paths kept.

    >>> shape({"token": "abc", "n": [1, 2]}, "custom")
    {'token': 'string', 'n': ['number', 'number']}
    """
    if path in kept and isinstance(value, str | int | float | bool):
        return text(value) if isinstance(value, str) else value
    if isinstance(value, dict):
        return {text(key): shape(inner, f"{path}.{key}", kept) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner, path, kept) for inner in value]
    if value is None:
        return None
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"


def body(value: Any, key: str = "", kept: frozenset[str] = KEPT_PATHS) -> Any:
    """A hook's body, or a part of it under `key`, without secrets."""
    if key in SHAPE_ONLY_FIELDS:
        return shape(value, key, kept)
    if key in SECRET_FIELDS or is_secret_key(key):
        return None if value is None else REMOVED
    if isinstance(value, dict):
        return {text(name): body(inner, name, kept) for name, inner in value.items()}
    if isinstance(value, list):
        return [body(inner, "", kept) for inner in value]
    if isinstance(value, str):
        return text(value, "sdp") if key in SDP_FIELDS else text(value)
    return value


def json_text(value: Any) -> str:
    """Canonical JSON text: sorted keys, no blanks; a lone surrogate is written as its escape."""
    written = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        written.encode()
    except UnicodeEncodeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    return written
