"""The server log cut into events: a line that begins with a time, and the lines up to the next such line.

Cutting by the times alone makes what is read independent of how the bytes come in, and keeps a torn block from
swallowing the next one: no line inside a whole block begins with a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from wcsanalytics.formats.caps import RECORD_BYTES

NO_TIME = b"--:--:--,---"
"""In the place of a time, for the lines before the first event."""

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")

_EVENT = re.compile(
    rb"\n(?=[ \t\d\xef])(\xef\xbb\xbf)?([ \t]{0,64}(\d\d:\d\d:\d\d,\d{3})(?=\s)"
    rb"(?:[ \t]+(" + b"|".join(level.encode() for level in LEVELS) + rb")(?=\s))?"
    # the header of a REST block in its usual form, which needs no second look
    rb"(?:(?:[ \t]+\S+[ \t]+-[ \t]+(\S+))?[ \t]+(SEND REST OBJECT ==>|RECEIVED REST OBJECT <==)\n"
    rb"URL:([^\r\n]*)\nOBJECT:(?=\n))?)"
)
_HEADER_BREAKS = 2
_WIDTH = _EVENT.groups + 1
_LONG = 1 << 20
"""What is held of a longer event is not looked through again."""

_TAIL = 100
"""A line's head of this length tells whether it begins an event."""


class Event(NamedTuple):
    """One event and its place: what its head tells, and what follows it. Both are empty where it is too long.

    `direction` and `url`, and `thread` if there is one, are told of a REST block with a header in its usual form;
    its `rest` begins with the body.
    """

    head: bytes
    time: bytes
    level: bytes | None
    thread: bytes | None
    direction: bytes | None
    url: bytes | None
    rest: bytes
    line: int
    byte_offset: int
    length: int
    n_lines: int

    @property
    def text(self) -> bytes:
        """The whole event, with the line break at its end."""
        text = self.head + self.rest
        return text + b"\n" if len(text) + 1 == self.length else text


class Cut(NamedTuple):
    """Events as columns, one entry an event in each: most of them are never looked at by themselves."""

    heads: list[bytes]
    times: list[bytes]
    levels: list[bytes | None]
    threads: list[bytes | None]
    directions: list[bytes | None]
    urls: list[bytes | None]
    rests: list[bytes]
    lines: list[int]
    byte_offsets: list[int]
    lengths: list[int]
    n_lines: list[int]

    def event(self, index: int) -> Event:
        """One of the events."""
        return Event._make(column[index] for column in self)

    def forget(self, indexes: Iterable[int]) -> None:
        """Keep of these events no more than their places."""
        for index in indexes:
            self.heads[index] = self.rests[index] = b""
            self.levels[index] = self.threads[index] = self.directions[index] = self.urls[index] = None


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
            return self._whole([])
        pieces = _EVENT.split(self._joined() + chunk)
        before = pieces.pop(0)
        if not pieces:
            self._hold(before)
            return self._whole([])
        first = self._headless(before, 1) if before or self._dropped else None
        cut = self._whole(pieces[:-_WIDTH])
        bom, head, self._time, _, _, _, _, rest = pieces[-_WIDTH:]
        self._offset += len(bom or b"")
        self._hold(b"\n" + head + rest)
        columns: tuple[list[Any], ...] = cut
        return cut if first is None else Cut._make([told, *rest] for told, rest in zip(first, columns, strict=True))

    def _begins_in(self, chunk: bytes) -> bool:
        """Whether an event begins in the chunk, or at the end of what is held."""
        seam = self._tail + chunk
        if not chunk.strip(b"\r\n"):
            seam = seam[: 2 * _TAIL]
        return _EVENT.search(seam) is not None

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
        pieces = _EVENT.split(self._joined())
        before = pieces.pop(0)
        if not pieces:
            return self._headless(before, 0)
        last = self._whole(pieces).event(0)
        return last._replace(length=last.length - 1, n_lines=last.n_lines - 1)

    def _hold(self, data: bytes) -> None:
        """Keep an unfinished event; of one that is too long only its last line, which may be the next one's head."""
        if len(data) > self._limit:
            last = data.rfind(b"\n")
            rest = data[last:] if last >= 0 and len(data) - last < _TAIL else b""
            given = 0 if self._dropped else 1
            self._dropped += len(data) - len(rest) - given
            self._dropped_lines += data.count(b"\n") - rest.count(b"\n") - given
            data = rest
        self._held, self._length, self._tail = [data], len(data), data[-_TAIL:]

    def _whole(self, pieces: Sequence[Any]) -> Cut:
        """The events of these matches and what follows each, up to the line break at its end."""
        columns: Iterator[list[Any]] = (list(pieces[at::_WIDTH]) for at in range(_WIDTH))
        boms, heads, times, levels, threads, directions, urls, rests = columns
        lengths = [len(head) + len(rest) + 1 for head, rest in zip(heads, rests, strict=True)]
        n_lines = [
            rest.count(b"\n") + (1 if direction is None else 1 + _HEADER_BREAKS)
            for direction, rest in zip(directions, rests, strict=True)
        ]
        spans = [length + len(bom or b"") for length, bom in zip(lengths, boms, strict=True)]
        *starts, self._offset = accumulate(spans, initial=self._offset)
        *lines, self._line = accumulate(n_lines, initial=self._line)
        offsets = [at + span - length for at, span, length in zip(starts, spans, lengths, strict=True)]
        cut = Cut(heads, times, levels, threads, directions, urls, rests, lines, offsets, lengths, n_lines)
        if max(lengths, default=0) > self._limit:
            cut.forget(index for index, length in enumerate(lengths) if length > self._limit)
        return cut

    def _headless(self, text: bytes, ended: int) -> Event:
        """Lines before the first event, or the end of one whose beginning was dropped."""
        given = 0 if self._dropped else 1
        length = self._dropped + len(text) - given + ended
        n_lines = self._dropped_lines + text.count(b"\n") - given + ended
        rest = b"" if length > self._limit else text[1:]
        event = Event(b"", self._time, None, None, None, None, rest, self._line, self._offset, length, n_lines)
        self._offset += length
        self._line += n_lines
        self._dropped = self._dropped_lines = 0
        return event
