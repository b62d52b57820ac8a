"""The server log cut into events: a line that begins with a time, and the lines up to the next such line.

Cutting by the times alone makes what is read independent of how the bytes come in, and keeps a torn block from
swallowing the next one: no line inside a whole block begins with a time.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from wcsanalytics.formats.caps import RECORD_BYTES

NO_TIME = b"--:--:--,---"
"""In the place of a time, for the lines before the first event."""

_BOM = rb"(?:\xef\xbb\xbf)?"
_TIMED = rb"([ \t]{0,64}(\d\d:\d\d:\d\d,\d{3})\s)"
_FIRST = re.compile(_BOM + _TIMED)
_NEXT = re.compile(rb"\n(?=[ \t\d\xef])" + _BOM + _TIMED)  # a look ahead costs a third of a try on blank lines
_TAIL = 100
"""A line's head of this length tells whether it begins an event."""


class Event(NamedTuple):
    """One event and its place. `text` is empty where it is too long to be held."""

    text: bytes
    time: bytes
    line: int
    byte_offset: int
    length: int
    n_lines: int


class Events:
    """Cuts chunks into events; holds the last event, whose end is not seen before the next one begins.

    An event longer than the limit comes without its text.
    """

    def __init__(self, byte_offset: int, line: int, limit: int = RECORD_BYTES) -> None:
        self._limit = limit
        self._offset, self._line = byte_offset, line
        self._held = b""
        self._time = NO_TIME
        self._dropped = self._dropped_lines = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that end in this chunk."""
        data = self._held + chunk if self._held else chunk
        start = self._first(data)
        events = []
        for match in _NEXT.finditer(data, max(start, len(self._held) - _TAIL)):  # what was held before has no other
            events.append(self._event(data, start, match.start() + 1))
            start, self._time = match.start(1), match[2]
            self._offset += start - match.start() - 1  # a byte order mark belongs to no event
        self._held = data[start:] if start else data
        if len(self._held) > self._limit:
            self._drop()
        return [event for event in events if event.length]

    def last(self) -> Event:
        """What is left at the end of the input; it may be unfinished, or empty."""
        return self._event(self._held, 0, len(self._held))

    def _first(self, data: bytes) -> int:
        """Where the event begins that `data` begins with: after a byte order mark at the head of the input."""
        if self._time is NO_TIME and not self._dropped and (match := _FIRST.match(data)):
            self._time = match[2]
            self._offset += match.start(1)
            return match.start(1)
        return 0

    def _event(self, data: bytes, start: int, stop: int) -> Event:
        length, n_lines = stop - start + self._dropped, data.count(b"\n", start, stop) + self._dropped_lines
        text = b"" if length > self._limit else data[start:stop]
        event = Event(text, self._time, self._line, self._offset, length, n_lines)
        self._offset += length
        self._line += n_lines
        self._dropped = self._dropped_lines = 0
        return event

    def _drop(self) -> None:
        """Forget the held event but for its last line, which may become the head of the next one."""
        last = self._held.rfind(b"\n")
        rest = self._held[last:] if last >= 0 and len(self._held) - last < _TAIL else b""
        self._dropped += len(self._held) - len(rest)
        self._dropped_lines += self._held.count(b"\n") - rest.count(b"\n")
        self._held = rest
