"""The fast way to read envelopes: a Struct for the keys that a capture uses. `envelopes.told` says the same, slower."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import msgspec

from wcsanalytics.formats.envelopes import (
    AT_KEYS,
    BODY_KEYS,
    DIRECTIONS,
    FOREIGN_URL,
    HOOK_KEYS,
    URL_KEYS,
    VERBS,
    Told,
    hook_or_url,
    told,
)
from wcsanalytics.formats.pairing import Half
from wcsanalytics.formats.reading import Place
from wcsanalytics.remembering import LONGEST

_NO_RAW = msgspec.Raw(b"")
_AMBIGUOUS = "payload"
"""A body key that may be a field of a bare body instead."""

Decode = Callable[[bytes], Any]


class Envelopes:
    """Reads the values of one capture. Its first value tells the keys; what does not fit them goes the slow way."""

    def __init__(self, file_name: str) -> None:
        self._file_name = file_name
        self._decode: Decode | None = None
        self._is_learnt = False

    def told(self, text: bytes, place: Place) -> Told | None:
        """As `envelopes.told`."""
        if not self._is_learnt:
            self._is_learnt = True
            self._decode = _learnt(text)
        one = self._usual(text, place) if self._decode else None
        return told(text, place, self._file_name) if one is None else one

    def _usual(self, text: bytes, place: Place) -> Told | None:
        assert self._decode is not None
        try:
            one = self._decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        body, hook = bytes(one.body), one.hook or None
        if len(text) - len(body) > LONGEST:  # what stands around a usual body is remembered
            return None
        direction = _direction(one.direction)
        if body[:1] != b"{" or direction == "error" or not (hook or one.url) or _is_unusual(hook, one.url):
            return None
        hook, url = _hook_or_url(hook, one.url or None)
        half = Half(direction, None, one.thread or None, url, body, *place, None, hook)
        return Told(None, half, None, one.at) if direction == "answer" else Told(half, None, one.at)


def _learnt(text: bytes) -> Decode | None:
    """How envelopes with the keys of this one are read; None where a key may mean more than one thing."""
    try:
        keys = msgspec.json.decode(text, type=dict[str, msgspec.Raw]).keys()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    chosen = [[key for key in group if key in keys] for group in (AT_KEYS, URL_KEYS, HOOK_KEYS, BODY_KEYS)]
    if any(len(found) > 1 for found in chosen) or chosen[-1] in ([], [_AMBIGUOUS]):
        return None
    return _decoder(*(found[0] if found else None for found in chosen))


@cache
def _decoder(at: str | None, url: str | None, hook: str | None, body: str | None) -> Decode:
    names = {"at": at, "url": url, "hook": hook, "body": body, "direction": "direction", "thread": "thread"}
    kinds: dict[str, tuple[Any, Any]] = {
        **dict.fromkeys(names, (str | None, None)),
        "at": (str | int | float | None, None),
        "body": (msgspec.Raw, _NO_RAW),
    }
    made = msgspec.defstruct(
        "Envelope",
        [(name, *kind) for name, kind in kinds.items()],
        rename={name: key or f"no {name}" for name, key in names.items()},
        forbid_unknown_fields=True,
        gc=False,
    )
    return msgspec.json.Decoder(made).decode


@lru_cache(maxsize=256)
def _direction(told: str | None) -> Any:
    return DIRECTIONS.get((told or "send").lower(), "send")


@lru_cache(maxsize=4096)
def _is_unusual(hook: str | None, url: str | None) -> bool:
    return (hook is not None and hook.upper() in VERBS) or FOREIGN_URL.search(url or "") is not None


_hook_or_url = lru_cache(maxsize=4096)(hook_or_url)
