"""The server log cut into events: a line that begins with a time, and the lines up to the next such line.

Cutting by the times alone makes what is read independent of how the bytes come in, and keeps a torn block from
swallowing the next one: no line inside a whole block begins with a time.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from wcsanalytics.formats import blank_runs
from wcsanalytics.formats.caps import RECORD_BYTES

NO_TIME = b"--:--:--,---"
"""In the place of a time, for the lines before the first event."""

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")

_BOM = b"\xef\xbb\xbf"
_BORDER = re.compile(rb"\n(?=(?:\xef\xbb\xbf)?[ \t]{0,64}+\d\d:\d\d:\d\d,\d{3}\s)")
_TIME = re.compile(rb"[ \t]*(\d\d:\d\d:\d\d,\d{3})")
_LONG = 1 << 20
"""What is held of a longer event is not looked through again."""

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


class Cut(NamedTuple):
    """Events as columns, one entry an event in each, since most are never looked at by themselves.

    The texts lack the line break at the end, which lengths and numbers of lines count.
    """

    texts: list[bytes]
    times: list[bytes]
    lines: list[int]
    byte_offsets: list[int]
    lengths: list[int]
    n_lines: list[int]

    def event(self, index: int) -> Event:
        """One of the events, with the line break at its end."""
        event = Event._make(column[index] for column in self)
        return event._replace(text=event.text + b"\n") if len(event.text) + 1 == event.length else event


def next_event(data: bytes, start: int) -> int | None:
    """Where the first event begins that begins after `start`; None if there is none."""
    found = next(blank_runs.matches(_BORDER, data, start), None)
    return None if found is None else found.end()


class Events:
    """Cuts chunks into events; holds the last event, whose end is not seen before the next one begins.

    An event longer than the limit comes without its text.
    """

    def __init__(self, byte_offset: int, line: int, limit: int = RECORD_BYTES) -> None:
        self._limit = limit
        self._offset, self._line = byte_offset, line
        self._dropped = self._dropped_lines = 0
        self._held: list[bytes] = []
        self._length, self._tail = 0, b""
        self._hold(b"\n")  # an event is known by the line break before it, so the first one is given one
        self._time = NO_TIME

    def feed(self, chunk: bytes) -> Cut:
        """The events that end in this chunk."""
        if self._length > _LONG and not self._begins_in(chunk):
            self._add(chunk)
            return self._cut([])
        before, *texts = blank_runs.split(_BORDER, self._joined() + chunk)
        if not texts:
            self._hold(before)
            return self._cut([])
        first = self._headless(before, 1) if before or self._dropped else None
        last = texts.pop()
        cut = self._cut(texts)
        if last.startswith(_BOM):
            last = last[len(_BOM) :]
            self._offset += len(_BOM)
        self._time = _time_of(last)
        self._hold(b"\n" + last)
        columns: tuple[list[Any], ...] = cut
        return cut if first is None else Cut._make([told, *rest] for told, rest in zip(first, columns, strict=True))

    def _begins_in(self, chunk: bytes) -> bool:
        """Whether an event begins in the chunk, or at the end of what is held."""
        return next_event(self._tail + chunk, 0) is not None

    def _add(self, chunk: bytes) -> None:
        """Hold the chunk too."""
        if self._length + len(chunk) > self._limit:
            self._hold(self._joined() + chunk)
        else:
            self._held.append(chunk)
            self._length += len(chunk)
            self._tail = (self._tail + chunk[-_TAIL:])[-_TAIL:]

    def _joined(self) -> bytes:
        """All that is held."""
        self._held = [b"".join(self._held)]
        return self._held[0]

    def last(self) -> Event:
        """What is left at the end of the input; it may be unfinished, or empty."""
        return self._headless(self._joined(), 0)

    def _hold(self, data: bytes) -> None:
        """Keep an unfinished event; of one that is too long only its last line, which may be the next one's head."""
        if self._dropped or len(data) > self._limit:
            last = data.rfind(b"\n")
            rest = data[last:] if last >= 0 and len(data) - last < _TAIL else b""
            given = 0 if self._dropped else 1
            self._dropped += len(data) - len(rest) - given
            self._dropped_lines += data.count(b"\n") - rest.count(b"\n") - given
            data = rest
        self._held, self._length, self._tail = [data], len(data), data[-_TAIL:]

    def _cut(self, texts: list[bytes]) -> Cut:
        """The events of these texts, each of which a line break ends."""
        times = [text[:12] for text in texts]
        skipped: dict[int, int] = {}
        heads = np.frombuffer(b"".join(times), "S1").reshape(-1, 12)[:, 0]
        for index in np.flatnonzero((heads < b"0") | (heads > b"9")).tolist():  # a mark, or an indent
            if texts[index].startswith(_BOM):
                texts[index] = texts[index][len(_BOM) :]
                skipped[index] = len(_BOM)
            times[index] = _time_of(texts[index])
        lengths = [len(text) + 1 for text in texts]
        n_lines = [text.count(b"\n") + 1 for text in texts]
        *lines, self._line = accumulate(n_lines, initial=self._line)
        *offsets, self._offset = accumulate(lengths, initial=self._offset)
        if skipped:
            marks = list(accumulate(skipped.get(index, 0) for index in range(len(texts))))
            offsets = [offset + before for offset, before in zip(offsets, marks, strict=True)]
            self._offset += marks[-1]
        cut = Cut(texts, times, lines, offsets, lengths, n_lines)
        if max(lengths, default=0) > self._limit:
            for index in [index for index, length in enumerate(lengths) if length > self._limit]:
                texts[index] = b""
        return cut

    def _headless(self, text: bytes, ended: int) -> Event:
        """An event whose head is not in the text: it came before, was dropped, or there is none."""
        given = 0 if self._dropped else 1
        length = self._dropped + len(text) - given + ended
        n_lines = self._dropped_lines + text.count(b"\n") - given + ended
        kept = b"" if length > self._limit else text[1:]
        event = Event(kept, self._time, self._line, self._offset, length, n_lines)
        self._offset += length
        self._line += n_lines
        self._dropped = self._dropped_lines = 0
        return event


def _time_of(text: bytes) -> bytes:
    found = _TIME.match(text)
    return found[1] if found else NO_TIME
