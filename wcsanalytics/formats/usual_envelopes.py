"""The fast way to read envelopes: by what stands around time and body, which recurs. `envelopes.told` is the slow one.

One of the first envelopes of a capture tells how time and body are written. All else of an envelope is its head, and
each head that differs is read once, by the slow way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo
from itertools import islice
from typing import NamedTuple

import msgspec

from wcsanalytics import clock
from wcsanalytics.formats.decoding import BadBody
from wcsanalytics.formats.envelopes import AT_KEYS, BODY_KEYS, told
from wcsanalytics.formats.pairing import Direction, Half
from wcsanalytics.formats.reading import Place
from wcsanalytics.formats.values import Lines, Value
from wcsanalytics.remembering import Answers

_AMBIGUOUS = "payload"
"""A body key that may be a field of a bare body instead."""

LOOKED_AT = 20
"""A form is sought in so many of the first values: that of a cut capture may be torn."""

MOST_HEADS = 1 << 14
"""So many heads are remembered: a busy server has some hundreds, one for each of its threads, hooks and directions."""

_PLAIN = re.compile(rb"[ !#-\[\]-~]*+")
"""What a JSON string may hold as it is, as far as it is ASCII."""

_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_over = msgspec.json.Decoder(msgspec.Raw).decode


class Head(NamedTuple):
    """What an envelope tells beside time and body."""

    direction: Direction
    thread: str | None
    url: str | None
    hook: str | None


class Form(NamedTuple):
    """How time and body are written: what stands before them, and how long the time is."""

    before_at: bytes
    width: int
    is_text: bool
    before_body: bytes


Usual = tuple[Head | None, bytes, bytes]
"""Head, time and body of a usual envelope."""

_UNUSUAL: Usual = (None, b"", b"")


class Envelopes:
    """Reads the lines of one capture."""

    def __init__(self, file_name: str, zone: tzinfo | None) -> None:
        self._file_name = file_name
        self._zone = zone
        self._form: Form | None = None
        self._is_learnt = False
        self._heads: Mapping[tuple[bytes, bytes], Head | None] = {}

    def read(self, lines: Lines) -> list[Half | Value]:
        """The halves that usual envelopes tell, and the values of the other lines."""
        if not self._is_learnt:
            forms = (_learnt(value.text) for value in islice(lines.values(), LOOKED_AT))
            self._is_learnt, self._form = True, next(filter(None, forms), None)
            if form := self._form:
                self._heads = Answers(lambda key: _head(*key, form, self._file_name), MOST_HEADS, _length)
        if self._form is None:
            return list(lines.values())
        found = self._found(lines, self._form)
        instants = self._instants([at for _, at, _ in found], self._form)
        told: list[Half | Value] = []
        offset = lines.byte_offset
        for (line, start, end), (head, _, body), at in zip(lines.spans(), found, instants, strict=True):
            if head is not None and at is not None:
                direction, thread, url, hook = head
                told.append(Half(direction, at, thread, url, body, line, offset + start, end - start, None, hook))
            elif value := lines.value(line, start, end):
                told.append(value)
        return told

    def _found(self, lines: Lines, form: Form) -> list[Usual]:
        """Of each line with a usual envelope its head, time and body."""
        data, limit, heads = lines.data, lines.limit, self._heads
        before_at, width, _, before_body = form
        to_at, to_body = len(before_at), len(before_body) - 1
        found: list[Usual] = []
        last = b""
        for _, start, end in lines.spans():
            usual = _UNUSUAL
            body_at = data.find(before_body, start, end)
            at = data.find(before_at, start, body_at) + to_at if body_at > 0 else 0
            if at >= to_at and data.endswith(b"}}", start, end) and end - start <= limit:
                after = at + width
                head = heads[data[start:at], data[after:body_at]]
                body = data[body_at + to_body : end - 1]
                if body == last:  # most answers echo the request before them
                    body = last
                # without a usual head, what stands in the place of the time may be shorter than one
                if head is not None and (body is last or _is_object(body)):
                    usual = head, data[at:after], body
                    last = body
            found.append(usual)
        return found

    def _instants(self, times: list[bytes], form: Form) -> list[int | None]:
        """Epoch µs of the times; None where one is not plainly written, or is no time."""
        joined = b"".join(times)
        at_once = clock.uniform_instants(joined, form.width) if form.is_text else None
        if at_once is not None:
            found = at_once.tolist()
        elif not (_PLAIN.fullmatch(joined) if form.is_text else joined.isdigit()):
            return [None] * len(times)
        else:
            text = joined.decode()
            told = [text[start : start + form.width] for start in range(0, len(text), form.width)]
            found = clock.instants(told if form.is_text else [int(at) for at in told], self._zone).tolist()
        if len(found) < len(times):
            rest = iter(found)
            found = [next(rest) if at else clock.NO_INSTANT for at in times]
        return [None if us == clock.NO_INSTANT else us for us in found]


def _length(key: tuple[bytes, bytes]) -> int:
    return len(key[0]) + len(key[1])


def _learnt(text: bytes) -> Form | None:
    """The form of this envelope; None if it has none that others could share."""
    try:
        fields = _read_fields(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    at_keys, body_keys = ([key for key in group if key in fields] for group in (AT_KEYS, BODY_KEYS))
    if len(at_keys) != 1 or len(body_keys) != 1 or body_keys == [_AMBIGUOUS]:
        return None
    at = re.search(rb'"%s"[ \t]*:[ \t]*("?)' % at_keys[0].encode(), text)
    body = re.search(rb'"%s"[ \t]*:[ \t]*\{' % body_keys[0].encode(), text)
    if at is None or body is None or at.end() > body.start():
        return None
    width = len(bytes(fields[at_keys[0]])) - 2 * len(at[1])
    return Form(at[0], width, bool(at[1]), body[0]) if width else None


def _head(before: bytes, after: bytes, form: Form, file_name: str) -> Head | None:
    """What an envelope with this head tells, whatever its time and body; None if that depends on them."""
    at = b"0" * form.width if form.is_text else b"1" * form.width
    try:
        one = told(before + at + after + form.before_body + b"}}", Place(0, 0, 0), file_name)
    except (BadBody, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    half = None if one is None or (one.send and one.answer) else one.send or one.answer
    if one is None or half is None or half.direction == "error" or half.body != b"{}":
        return None
    if (one.sent if one.send else one.answered) != (at.decode() if form.is_text else int(at)):
        return None
    return Head(half.direction, half.thread, half.url, half.hook)


def _is_object(body: bytes) -> bool:
    try:
        _read_over(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
