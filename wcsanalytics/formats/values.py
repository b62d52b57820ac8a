"""A capture cut into JSON values: one a line, pretty-printed one after the other, or the elements of an array.

What is cut does not depend on how the bytes come in. A value that can't be read ends where the next one begins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

import msgspec
import numpy as np

from wcsanalytics.formats import blank_runs
from wcsanalytics.formats.caps import RECORD_BYTES
from wcsanalytics.formats.line_ends import ends_in
from wcsanalytics.formats.reading import Place

PIECE = 1 << 19
"""No piece of lines is much longer: what is made to look through it stays in the processor's cache."""

SHORT = 8
"""Lines that have on average no more bytes than this are looked through for long runs of blank ones."""

_BLANK = b" \t\r\n\0"
_BOM = b"\xef\xbb\xbf"
_VALUE_START = re.compile(r"[^\s,\[\]\xef\xbb\xbf\0]")
_ends_word = re.compile(r"[^-+.\w]").search
_raw_decode = json.JSONDecoder().raw_decode
_read_over = msgspec.json.Decoder(msgspec.Raw).decode


class Value(msgspec.Struct, frozen=True, gc=False):
    """One JSON value of a capture and its place; `reason` says why there is no text."""

    text: bytes
    line: int
    byte_offset: int
    length: int
    reason: str = ""
    n_lines: int = 1

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.line, self.byte_offset, self.length)


class Span(NamedTuple):
    """Where a value stands in the data at hand."""

    start: int
    end: int
    reason: str = ""


class Lines(NamedTuple):
    """Whole lines, a value in each that is not blank: those of the data from `start` on.

    `ends` are the places of their ends; `line` is the number of the first, `byte_offset` the place of the data.
    """

    data: bytes
    start: int
    ends: list[int]
    line: int
    byte_offset: int
    limit: int
    resumed: bool

    def spans(self) -> Iterator[tuple[int, int, int]]:
        """Number, start and end of each line within the data."""
        starts = [self.start, *[end + 1 for end in self.ends]]
        return zip(count(self.line), starts, self.ends, strict=False)

    def value(self, line: int, start: int, end: int) -> Value | None:
        """The value in one of the lines; None if it is blank, or ends an array that an earlier reading began."""
        if end - start > self.limit:
            return Value(b"", line, self.byte_offset + start, end - start, "too_long")
        text = self.data[start:end].strip(_BLANK)
        if text[:3] == _BOM:
            text = text[3:].strip(_BLANK)
        if not text or (self.resumed and text == b"]"):
            return None
        return Value(text, line, self.byte_offset + start, end - start)

    def values(self) -> Iterator[Value]:
        """All of their values."""
        return filter(None, (self.value(*span) for span in self.spans()))


Cut = Callable[[bytes, bool, bool], Iterator[Span]]
"""Values in the data, and at last an empty one where an unfinished one begins; the flags say that no more data will
come, and that the data begins a line."""


class Values:
    """Cuts chunks into values. In the end `reached` and `line` say where the first one not handed out begins."""

    def __init__(self, byte_offset: int, line: int, limit: int = RECORD_BYTES) -> None:
        self.reached, self.line = byte_offset, line
        self.pending = False
        self._begins_line = True
        self._resumed = byte_offset > 0
        self._limit = limit
        self._held = b""
        self._cut: Cut | None = None
        self._long: Place | None = None
        self._long_until = b""

    def feed(self, chunk: bytes, last: bool = False) -> Iterator[Value]:
        """The values that end in this chunk; in the last one, a value may end with the input."""
        for piece in self.pieces(chunk, last):
            yield from piece.values() if isinstance(piece, Lines) else (piece,)

    def pieces(self, chunk: bytes, last: bool = False) -> Iterator[Value | Lines]:
        """What ends in this chunk: values, or whole lines whose values are still to be looked at."""
        if self._long or self._cut is None:
            chunk, self._held = self._held + chunk, b""
        if self._long:
            long, chunk = self._past_long(self._long, chunk, last)
            yield from long
        if self._cut is None:
            self._cut = _way(chunk, last or len(chunk) > self._limit)
        if self._cut is _lines and not self._long and not last:
            yield from self._whole_lines(chunk)
        else:
            data, self._held = self._held + chunk if self._held else chunk, b""
            yield from self._values(data, last)
        self._limit_held()

    def _values(self, data: bytes, last: bool) -> Iterator[Value]:
        position = 0
        for span in self._cut(data, last, self._begins_line) if self._cut and not self._long else ():
            self._pass(data, position, span.start)
            yield from self._value(data, span)
            self._pass(data, span.start, span.end)
            position = span.end
        self._held = data[position:]
        self.pending = last and bool(self._held.strip(_BLANK))

    def _whole_lines(self, chunk: bytes) -> Iterator[Lines]:
        """The line that was begun before, and the others that end in the chunk, which is not copied."""
        start = 0
        if self._held:
            start = chunk.find(b"\n") + 1
            begun, self._held = self._held + (chunk[:start] if start else chunk), b""
            yield from self._piece(begun, 0, len(begun)) if start else ()
            if not start:
                self._held = begun
                return
        end = chunk.rfind(b"\n") + 1
        while start < end:
            stop = chunk.find(b"\n", min(start + PIECE, end - 1)) + 1
            yield from self._piece(chunk, start, stop)
            start = stop
        self._held = chunk[start:]

    def _piece(self, data: bytes, start: int, stop: int) -> Iterator[Lines]:
        is_end = np.frombuffer(data, np.uint8, stop - start, start) == ord("\n")
        if np.count_nonzero(is_end) * SHORT > stop - start:
            for text, run in blank_runs.between(data[start:stop]):
                ends = np.frombuffer(text, np.uint8) == ord("\n")
                yield from self._taken(text, 0, np.flatnonzero(ends).tolist()) if text else ()
                self.line += run.n_lines
                self.reached += run.stop - run.start
        else:
            yield from self._taken(data, start, (np.flatnonzero(is_end) + start).tolist())

    def _taken(self, data: bytes, start: int, ends: list[int]) -> Iterator[Lines]:
        yield Lines(data, start, ends, self.line, self.reached - start, self._limit, self._resumed)
        self.line += len(ends)
        self.reached += ends[-1] + 1 - start

    def _limit_held(self) -> None:
        if len(self._held) > self._limit and not self._long:
            self._long = Place(self.line, self.reached, 0)
            self._long_until = b"\n" if self._cut is _lines else _next_start(self._held.decode("latin-1"), 0).encode()

    def _pass(self, data: bytes, start: int, end: int) -> None:
        self.reached += end - start
        self.line += ends_in(data, start, end)
        if end > start:
            self._begins_line = data[end - 1 : end] == b"\n"

    def _value(self, data: bytes, span: Span) -> list[Value]:
        length, n_lines = span.end - span.start, data.count(b"\n", span.start, span.end) + 1
        reason = "too_long" if length > self._limit else span.reason
        text = data[span.start : span.end].strip(_BLANK).removeprefix(_BOM).strip(_BLANK)
        if not text or (self._resumed and text == b"]"):  # the end of an array that an earlier reading began
            return []
        return [Value(b"" if reason else text, self.line, self.reached, length, reason, n_lines)]

    def _past_long(self, begun: Place, data: bytes, last: bool) -> tuple[list[Value], bytes]:
        """The value that is too long to be held, refused, once its end is found; and what follows."""
        # where no line ends, nothing is sought, and nothing need be held for the next chunk
        line_end = data.find(b"\n")
        end = data.find(self._long_until, line_end) if line_end >= 0 else -1
        refused: list[Value] = []
        over = end >= 0 or last
        if end < 0:
            end = len(data) if last or line_end < 0 else max(0, len(data) - len(self._long_until) + 1)
        if line_end >= 0:
            self._pass(data, 0, end)
        else:  # to look for ends of lines once more would take as long again
            self.reached += end
            self._begins_line = self._begins_line and not end
        if over:
            place = begun._replace(length=self.reached - begun.byte_offset)
            refused.append(Value(b"", *place, "too_long", self.line - begun.line + 1))
            self._long = None
        return refused, data[end:]


def _way(data: bytes, decide: bool) -> Cut | None:
    """How the capture is cut: by its first line, once that is known."""
    head = data.lstrip(_BLANK).removeprefix(_BOM).lstrip(_BLANK)
    if b"\n" not in head and not decide:
        return None
    first = head.split(b"\n", 1)[0].rstrip(_BLANK)
    opens_array = first.startswith((b"[", b",", b"]"))
    goes_on = first.startswith(b"{") and first.endswith((b"{", b"[", b",", b":"))
    return _stream if opens_array or goes_on else _lines


def _lines(data: bytes, last: bool, _: bool) -> Iterator[Span]:
    position = 0
    while (stop := data.find(b"\n", position)) >= 0:
        if stop <= position + 1:  # a blank line, and maybe the first of many
            stop = max(stop, blank_runs.run_at(data, position).stop - 1)
        yield Span(position, stop)
        position = stop + 1
    if last and _is_object(data[position:]):
        yield Span(position, len(data))
        position = len(data)
    yield Span(position, position)


def _stream(data: bytes, last: bool, begins_line: bool) -> Iterator[Span]:
    # blanks in the midst of a line are no indent: something stands for what came before them
    before = 0 if begins_line else 1
    text = "-" * before + data.decode("latin-1")
    position = before
    while found := _VALUE_START.search(text, before + blank_runs.run_at(data, position - before).stop):
        begun = None if last else memoryview(data)[found.start() - before :]
        # what goes on for many chunks is most likely the first; to read over it takes less than to read it
        goes_on = position == before and begun is not None and _is_truncated(begun)
        end, reason = (-1, "") if goes_on else _value_end(text, found.start(), begun)
        if end < 0:
            rest = _with_indent(text, position, found.start()) - before
            break
        yield Span(found.start() - before, end - before, reason)
        position = end
    else:
        rest = (len(text) if last else _with_indent(text, position, len(text))) - before
    yield Span(rest, rest)


def _with_indent(text: str, after: int, start: int) -> int:
    """Where the line begins, if all of it before `start` is indent, by which the end of a broken value is known."""
    line_start = max(text.rfind("\n", 0, start) + 1, after)
    return line_start if text[line_start:start].isspace() else start


def _value_end(text: str, start: int, begun: memoryview | None) -> tuple[int, str]:
    """Where the value ends, and what is wrong with it; -1 if that is not known yet.

    `begun` are the bytes from its start on, if more may come: copies of long ones would take much memory.
    """
    try:
        _, end = _raw_decode(text, start)
        # a number or a word may go on
        ended = text[start] in '{"' or _ends_word(text, end) is not None
        return (end if ended else -1), ""
    except RecursionError:
        reason = "too_deep"
    except ValueError:
        if begun is not None and _is_truncated(begun):
            return -1, ""
        reason = "invalid_json"
    return text.find(_next_start(text, start), start + 1), reason


def _next_start(text: str, start: int) -> str:
    """How the line of the next value begins: at the indent of this one."""
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    return f"\n{indent if indent.isspace() else ''}{{"


def _is_object(line: bytes) -> bool:
    """Whether the line is a whole JSON object."""
    text = line.strip(_BLANK).removeprefix(_BOM).strip(_BLANK).decode("latin-1")
    try:
        return text.startswith("{") and _raw_decode(text)[1] == len(text)
    except (ValueError, RecursionError):
        return False


def _is_truncated(text: memoryview) -> bool:
    """Whether this begins as JSON does, and only lacks its end."""
    try:
        _read_over(text)
    except msgspec.DecodeError as problem:
        return "truncated" in str(problem)
    except RecursionError:
        return False
    return False
