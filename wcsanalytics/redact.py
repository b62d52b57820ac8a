"""Secrets out, before anything leaves the parser.

Two layers: the structure (`protocol` names the fields whose values are dropped, or of which only keys and types are
kept) and patterns over values (SDP keys and addresses, credentials in URLs, tokens in free text).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from wcsanalytics.protocol import SDP_FIELDS, SHAPE_ONLY_FIELDS, is_secret_key
from wcsanalytics.remembering import remembered

REMOVED = "(removed)"
DEPTH = 200
"""Deeper structures are not read at all."""

KEPT_PATHS = frozenset({"payload.command"})
"""What is kept of shape-only fields: the command of the room API, which no person writes."""

_JSON_TYPES = frozenset({"string", "number", "boolean"})
_SHAPE_ONLY_LOWER = frozenset(name.lower() for name in SHAPE_ONLY_FIELDS)
_SDP_LOWER = frozenset(name.lower() for name in SDP_FIELDS)


def _any_case(words: str) -> str:
    """A group of the words in any case. `(?i)` folds letters beyond ASCII, and not the same ones everywhere."""
    return f"(?:{re.sub(r'[a-z]', lambda letter: f'[{letter[0].upper()}{letter[0]}]', words)})"


# Python's re (with ASCII) and RE2, which Arrow uses on whole columns, take these patterns alike: no (?i), no \s.
# Repeats that may start anywhere are bounded, since Python would try each of their beginnings to the end.
_S = r"[ \t\r\n]"
_SCHEME = r"[A-Za-z][0-9A-Za-z+.-]{0,16}:(?:\\{0,3}/){2}"
_NAME = r"[0-9A-Za-z_.-]{0,40}"
_QUERY_KEYS = _any_case("token|pass|pwd|secret|auth|signature|credential|jwt|key|session")
_KEYS = _any_case(
    "passw|passphrase|passcode|pwd|token|secret|cookie|credential|authorization|jwt|bearer|dtmf|rtmpurl"
    "|api[_-]?key|access[_-]?key|private[_-]?key"
)
_SHORT_KEYS = rf"(?:\b|[_.-]|\\[nrt]){_any_case('pass|pin|otp')}|[a-z]Pass"


class Pattern(NamedTuple):
    """What is looked for and what replaces it. Without the `needle` a text can't match, and needs no closer look."""

    pattern: str
    replacement: str
    needle: str = ""


_URL = (
    # an unescaped password may hold a slash or a question mark, a port is no password
    Pattern(
        rf"({_SCHEME})[^/?#:@ \t\r\n\"'<>\\]{{1,64}}:"
        r"(?:[^0-9@ \t\r\n\"'<>\\]|[0-9]{1,5}[^0-9/?#@ \t\r\n\"'<>\\])[^ \t\r\n\"'<>\\]{0,64}@",
        r"\1",
        "@",
    ),
    Pattern(rf"({_SCHEME})[^/?# \t\r\n\"'<>\\]*@", r"\1", "@"),
    Pattern(rf"({_any_case('sips?')}:[^:@;<> \t\r\n\"'\\]+):[^@;<> \t\r\n\"'\\]{{1,64}}@", r"\1@", "@"),
    Pattern(
        rf"([?&;#](?:{_NAME}{_QUERY_KEYS}{_NAME}|{_any_case('sig|code')})=)[^&#;<> \t\r\n\"'\\]+",
        r"\1(removed)",
        "=",
    ),
)
_SDP = (
    Pattern(r"(ice-(?:pwd|ufrag):)[^ \t\r\n\"'\\]+", r"\1(removed)", "ice-"),
    Pattern(
        rf"({_any_case('ufrag|pwd|password|usernamefragment')}[ :=\"'\\]{{1,8}})[A-Za-z0-9+/]{{4,}}", r"\1(removed)"
    ),
    Pattern(r"(?:[0-9A-Fa-f]{2}:){15}[0-9A-Fa-f:]*", "(removed)"),
    Pattern(r"(inline:)[A-Za-z0-9+/=|:^]+", r"\1(removed)", "inline:"),
    Pattern(r"(k=(?:clear|base64|uri):|key-mgmt:[a-z]{1,16} )[^ \t\r\n\"'\\]+", r"\1(removed)"),
    Pattern(r"(IN IP[46] )[^ \t\r\n\"'\\]+", r"\1(removed)", "IN IP"),
    Pattern(r"(candidate:[^ \t\r\n]{1,64} \d+ \w+ \d+ )[^ \t\r\n]+ \d+", r"\1(removed)", "candidate:"),
    Pattern(r"( raddr )[^ \t\r\n\"'\\]+", r"\1(removed)", " raddr "),
    Pattern(r"(remote-candidates:)[^\r\n\"'\\]+", r"\1(removed)", "remote-candidates:"),
)
_QUOTED_KEYS = (
    # as JSON, as JSON within a JSON string, as JSON deeper down; each with its own way to write a quote in a value
    Pattern(
        rf"(\"[^\"\\]{{0,64}}{_KEYS}[^\"\\]{{0,64}}\"{_S}{{0,8}}:{_S}{{0,8}})"
        r"(?:\"(?:[^\"\\]|\\[^\r\n])*\"?|[^ \t\r\n\"',{}\[\]\\]+)",
        r'\1"(removed)"',
        '"',
    ),
    Pattern(
        rf"(\\\"[^\"\\]{{0,64}}{_KEYS}[^\"\\]{{0,64}}\\\"{_S}{{0,8}}:{_S}{{0,8}})"
        r"(?:\\\"(?:[^\"\\]|\\[^\"\\]|\\\\(?:\\[\"\\]|[^\"\\]))*(?:\\\")?|[^ \t\r\n\"',{}\[\]\\]+)",
        r'\1\\"(removed)\\"',
        '\\"',
    ),
    Pattern(
        rf"(\\{{2,16}}\"[^\"\\]{{0,64}}{_KEYS}[^\"\\]{{0,64}}\\{{2,16}}\"{_S}{{0,8}}:{_S}{{0,8}}\\{{2,16}}\")"
        r"(?:[^\"\\]|\\{1,16}[^\"\\])*",
        r"\1(removed)",
    ),
    Pattern(
        rf"('[^'\\]{{0,64}}{_KEYS}[^'\\]{{0,64}}'{_S}{{0,8}}:{_S}{{0,8}})"
        r"(?:'(?:[^'\\]|\\[^\r\n])*'?|[^ \t\r\n\"',{}\[\]\\]+)",
        r"\1'(removed)'",
        "'",
    ),
)
_TEXT = (
    *_URL,
    *_SDP,
    *_QUOTED_KEYS,
    Pattern(
        rf"({_any_case('(?:proxy-)?authorization|(?:set-)?cookie')}[ \t]{{0,8}}[:=])"
        r"(?:[^\r\n\"\\]|\"(?:[^\"\r\n\\]|\\[^\r\n])*\"?|\\\"[^\"\r\n\\]*)+",
        r"\1 (removed)",
    ),
    Pattern(rf"({_any_case('bearer|basic|digest')} )[A-Za-z0-9._~+/=-]{{8,}}", r"\1(removed)"),
    Pattern(rf"({_any_case('wcs')} )[0-9A-Fa-f]{{16,}}", r"\1(removed)"),
    Pattern(
        rf"((?:{_KEYS}{_NAME}|{_SHORT_KEYS})[ \t]{{0,8}}[=:][ \t]{{0,8}})"
        r"(?:\"(?:[^\"\\]|\\[^\r\n])*|\\\"[^\"\r\n\\]*|'(?:[^'\\]|\\[^\r\n])*|[^& \t\r\n\"'\\]+)",
        r"\1(removed)",
    ),
    Pattern(r"eyJ[\w-]{8,400}\.[\w-]{8,}\.[\w-]*", "(removed)", "eyJ"),
    Pattern(r"[A-Za-z0-9+/_-]{256,}={0,2}", "(data removed)"),
)
PATTERNS: Mapping[str, tuple[Pattern, ...]] = {"url": _URL, "id": _URL, "sdp": _SDP, "text": _TEXT}
"""The patterns, in order, by the care a column asks for."""

_COMPILED = {
    care: tuple((re.compile(one.pattern, re.ASCII), one.replacement, one.needle) for one in patterns)
    for care, patterns in PATTERNS.items()
}
SHORT = 256
_OF_ADDRESSES = r"[@=]|-HLS$"
TELLTALES: Mapping[str, tuple[str, ...]] = {
    "url": (_OF_ADDRESSES,),
    "id": (_OF_ADDRESSES,),
    "text": (
        "|".join(
            (
                _OF_ADDRESSES,
                r"ice-|inline:|k=|key-mgmt:|IN IP|candidate|raddr|[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:|eyJ",
                _any_case("ufrag|usernamefragment|basic|digest|wcs ")
                + f"|{_KEYS}|{_any_case('pass|pin|otp')}[ \t]{{0,8}}[=:]",
            )
        ),
        # RE2 takes the two one by one in less than half the time
        r"[A-Za-z0-9+/_-]{64}",
    ),
}
"""What a text must hold one of to match any pattern of a care: most texts hold none, and need no closer look."""

_TELLTALES = {care: re.compile("|".join(patterns), re.ASCII) for care, patterns in TELLTALES.items()}

_HIDDEN_URL = re.compile(r"(.*-)((?:[0-9A-Fa-f]{2}){8,})(-HLS)")


def text(value: str, care: str = "text") -> str:
    """The text without credentials, SDP keys and addresses.

    >>> text("rtsp://admin:4711@198.51.100.4/cam?token=abc&fps=5", "url")
    'rtsp://198.51.100.4/cam?token=(removed)&fps=5'
    """
    return _cleaned(value, care) if len(value) >= SHORT else _cleaned_short(value, care)


def _cleaned(value: str, care: str) -> str:
    if care in _TELLTALES and not _TELLTALES[care].search(value):
        return value
    for pattern, replacement, needle in _COMPILED[care]:
        if needle in value:
            value = pattern.sub(replacement, value)
    return without_hidden_url(value)


_cleaned_short = lru_cache(maxsize=1 << 14)(_cleaned)


def without_hidden_url(value: str) -> str:
    """An id of an HLS session, which may hold the stream's name in hex, without the credentials of that name.

    >>> bytes.fromhex(without_hidden_url("x-" + b"rtsp://a:b@cam/1".hex() + "-HLS")[2:-4])
    b'rtsp://cam/1'
    """
    hidden = _HIDDEN_URL.fullmatch(value) if value.endswith("-HLS") else None
    if hidden is None:
        return value
    name = bytes.fromhex(hidden[2]).decode("utf-8", "surrogateescape")
    clean = text(name, "url")
    return value if clean == name else hidden[1] + clean.encode("utf-8", "surrogateescape").hex() + hidden[3]


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
    if isinstance(value, str):
        return value if value in _JSON_TYPES else "string"
    return "number"


def body(value: Any, key: str = "", kept: frozenset[str] = KEPT_PATHS) -> Any:
    """A hook's body, or a part of it under `key`, without secrets."""
    return _body(value, _way(key), key, kept)


def _body(value: Any, way: str, key: str, kept: frozenset[str]) -> Any:
    if way == "shape":
        return shape(value, key, kept)
    if way == "secret":
        return None if value is None else REMOVED
    if isinstance(value, str):
        return text(value, way)
    if isinstance(value, dict):
        return {
            clean: _body(inner, inner_way, name, kept)
            for name, inner in value.items()
            for clean, inner_way in (_clean_key(name),)
        }
    if isinstance(value, list):
        return [_body(inner, "text", "", kept) for inner in value]
    return value


def _way(key: str) -> str:
    """What is done to the value under a key: its care, or `shape` or `secret`."""
    if key.lower() in _SHAPE_ONLY_LOWER:
        return "shape"
    if is_secret_key(key):
        return "secret"
    return "sdp" if key.lower() in _SDP_LOWER else "text"


@remembered(4096)
def _clean_key(key: str) -> tuple[str, str]:
    """A key without secrets, and what is done to the value under it."""
    return text(key), _way(key)


def json_text(value: Any) -> str:
    """Canonical JSON text: sorted keys, no blanks; a lone surrogate becomes the text of its escape."""
    written = _canonical_json(value)
    if written.isascii():
        return written
    return _LONE_SURROGATE.sub(lambda lone: f"\\\\u{ord(lone[0]):04x}", written)


_canonical_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
