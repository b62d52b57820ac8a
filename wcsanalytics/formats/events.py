"""The server log cut into events: a line that begins with a time, and the lines up to the next such line.

Cutting by the times alone makes what is read independent of how the bytes come in, and keeps a torn block from
swallowing the next one: no line inside a whole block begins with a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from wcsanalytics.formats import blank_runs
from wcsanalytics.formats.caps import RECORD_BYTES
from wcsanalytics.formats.line_ends import ends_in

Places = npt.NDArray[np.int64]
Times = npt.NDArray[np.bytes_]

NO_TIME = b"--:--:--,---"
"""In the place of a time, for the lines before the first event."""

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")

_BOM = b"\xef\xbb\xbf"
_BORDER = re.compile(rb"\n(?=(?:\xef\xbb\xbf)?[ \t]{0,64}+\d\d:\d\d:\d\d,\d{3}\s)")
_TIME = re.compile(rb"[ \t]*(\d\d:\d\d:\d\d,\d{3})")

_BREAK = ord("\n")

WORD = 8
"""Bytes of a word: so many are looked at in one step."""

PIECE = 1 << 20
"""So much is looked through at a time: what is made of it stays in the processor's cache."""

_HEAD_LENGTH = len("00:00:00,000 ")
_ODD, _IN_HEAD = (np.isin(np.arange(256), list(some)) for some in (b" \t\xef", b"0123456789:, \t\xbf"))
"""What the head of an event may begin with other than a digit, and what it may hold after that."""
_IS_SPACE = np.isin(np.arange(256), list(b" \t\n\r\f\v"))
_SHORT = 8
"""Where lines have no more bytes than this, to hold the places of all of them takes more than what they say."""

_NONE = np.zeros(0, np.int64)
_LONG = 1 << 20
"""What is held of a longer event is not looked through again."""

_TAIL = 100
"""A line's head of this length tells whether it begins an event."""


def words(data: bytes) -> npt.NDArray[np.uint64]:
    """The word that begins at each place of the data, as a number whose lowest byte is the first."""
    return np.ndarray(max(0, len(data) - WORD + 1), "<u8", data, strides=(1,))


def word(text: bytes) -> np.uint64:
    """The number that stands for so few bytes."""
    return np.uint64(int.from_bytes(text, "little"))


_REST_AT = _HEAD_LENGTH - WORD
_CLOCK, _REST_OF_CLOCK = word(b"00:00:00"), word(b":00,000\0")
_HALF_DIGITS, _HALF_DIGITS_OF_REST = word(b"\xf0\xf0\xff\xf0\xf0\xff\xf0\xf0"), word(b"\xff\xf0\xf0\xff\xf0\xf0\xf0\0")
"""What is looked at of the first and the last word of a head: of its digits the upper half, which they share."""
_DIGITS, _DIGITS_OF_REST = word(b"\1\1\0\1\1\0\1\1"), word(b"\0\1\1\0\1\1\1\0")


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

    `starts` and `ends` are places in the data, without the line break at the end, which lengths and numbers of lines
    count. `breaks` are the places of all line breaks of the data, none where they are too many, `firsts` the bytes that
    follow them, and `heads` tells which of them ends a first line.
    """

    data: bytes
    breaks: Places
    firsts: npt.NDArray[np.uint8]
    heads: Places
    starts: Places
    ends: Places
    times: Times
    lines: Places
    byte_offsets: Places
    lengths: Places
    n_lines: Places

    def events(self, asked: Places) -> Iterator[Event]:
        """The events of these indices, with the line break at their end."""
        whole = self.ends + (self.ends - self.starts + 1 == self.lengths)
        columns = (self.starts, whole, self.times, self.lines, self.byte_offsets, self.lengths, self.n_lines)
        for start, end, *told in zip(*(column[asked].tolist() for column in columns), strict=True):
            yield Event(self.data[start:end], *told)


def cut_of(event: Event) -> Cut:
    """One event that stands alone, with or without the line break that its length counts."""
    data = event.text + b"\n"
    breaks = np.flatnonzero(np.frombuffer(data, np.uint8) == _BREAK) if event.n_lines * _SHORT <= len(data) else _NONE
    head, start, end = (np.array([place]) for place in (0, 0, len(data) - 1))
    times = np.array([event.time], f"S{len(NO_TIME)}")
    line, offset, length, n_lines = (np.array([number]) for number in event[2:])
    firsts = np.frombuffer(data, np.uint8)[breaks[:-1] + 1]
    return Cut(data, breaks, firsts, head, start, end, times, line, offset, length, n_lines)


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

    def feed(self, chunk: bytes) -> list[Cut]:
        """The events that end in this chunk."""
        if self._goes_on_in(chunk):
            return []
        pieces = memoryview(chunk)
        return [cut for start in range(0, len(chunk), PIECE) for cut in self._feed(pieces[start : start + PIECE])]

    def _feed(self, piece: memoryview) -> list[Cut]:
        if self._goes_on_in(piece):
            return []
        data = self._joined() + piece
        borders = _borders(data)
        if not len(borders.places):
            self._hold(data)
            return []
        cuts = []
        before = data[: borders.places[0]]
        if before or self._dropped:
            cuts.append(cut_of(self._headless(before, 1)))
        last = data[borders.places[-1] + 1 :].removeprefix(_BOM)
        cuts.append(self._cut(data, borders))
        self._time = _time_of(last)
        self._hold(b"\n" + last)
        return cuts

    def _goes_on_in(self, piece: bytes | memoryview) -> bool:
        """Whether the event held is a long one and no other begins in the piece, which then is held too."""
        if not self._dropped and self._length <= _LONG:
            return False
        chunk = bytes(piece)
        if next_event(self._tail + chunk[:_TAIL], 0) is not None:
            return False
        if b"\n" in chunk and next_event(chunk, 0) is not None:  # an event begins behind a line break
            return False
        self._add(chunk)
        return True

    def _add(self, chunk: bytes) -> None:
        """Hold the chunk too."""
        self._held.append(chunk)
        self._length += len(chunk)
        self._tail = (self._tail + chunk[-_TAIL:])[-_TAIL:]
        self._limit_held()

    def _joined(self) -> bytes:
        """All that is held."""
        self._held = [b"".join(self._held)]
        return self._held[0]

    def last(self) -> Event:
        """What is left at the end of the input; it may be unfinished, or empty."""
        return self._headless(self._joined(), 0)

    def _hold(self, data: bytes) -> None:
        """Keep an unfinished event."""
        self._held, self._length, self._tail = [data], len(data), data[-_TAIL:]
        self._limit_held()

    def _limit_held(self) -> None:
        """Of an event that is too long keep only its last line, which may be the next one's head."""
        if not self._dropped and self._length <= self._limit:
            return
        last = self._tail.rfind(b"\n")
        rest = self._tail[last:] if last >= 0 else b""
        given = 0 if self._dropped else 1
        self._dropped += self._length - len(rest) - given
        self._dropped_lines += sum(map(ends_in, self._held)) - ends_in(rest) - given
        self._held, self._length, self._tail = [rest], len(rest), rest

    def _cut(self, data: bytes, borders: _Borders) -> Cut:
        """The events between these borders."""
        at = np.frombuffer(data, np.uint8)
        starts = borders.places + 1
        offset, line = self._offset - starts[0], self._line - borders.nth[0]
        starts[at[starts] == _BOM[0]] += len(_BOM)
        self._offset, self._line = int(offset + starts[-1]), int(line + borders.nth[-1])
        starts, ends = starts[:-1], borders.places[1:]
        times = np.ascontiguousarray(at[starts[:, None] + np.arange(len(NO_TIME))]).view(f"S{len(NO_TIME)}")[:, 0]
        for index in np.flatnonzero(_IS_SPACE[at[starts]]).tolist():
            times[index] = _time_of(data[starts[index] : ends[index]])
        lengths = ends - starts + 1
        return Cut(
            data,
            borders.breaks,
            borders.firsts,
            borders.nth[:-1] + 1,
            starts,
            np.where(lengths > self._limit, starts, ends),
            times,
            line + borders.nth[:-1],
            offset + starts,
            lengths,
            np.diff(borders.nth),
        )

    def _headless(self, text: bytes, ended: int) -> Event:
        """An event whose head is not in the text: it came before, was dropped, or there is none."""
        given = 0 if self._dropped else 1
        length = self._dropped + len(text) - given + ended
        n_lines = self._dropped_lines + ends_in(text) - given + ended
        kept = b"" if length > self._limit else text[1:]
        event = Event(kept, self._time, self._line, self._offset, length, n_lines)
        self._offset += length
        self._line += n_lines
        self._dropped = self._dropped_lines = 0
        return event


class _Borders(NamedTuple):
    """The line breaks before events: their places, and how many others stand before each; and the places of all.

    `firsts` are the bytes that follow them.
    """

    places: Places
    nth: Places
    breaks: Places
    firsts: npt.NDArray[np.uint8]


def _borders(data: bytes) -> _Borders:
    """What `_BORDER` matches, looked for in all lines at once unless they are so short that this takes much memory."""
    at = np.frombuffer(data, np.uint8)
    is_break = at == _BREAK
    if np.count_nonzero(is_break) * _SHORT > len(data) + _SHORT:
        places = np.array([found.start() for found in blank_runs.matches(_BORDER, data)], np.int64)
        edges = pairwise([0, *places.tolist()])
        nth = np.cumsum([data.count(b"\n", start, end) for start, end in edges], dtype=np.int64)
        return _Borders(places, nth, _NONE, np.zeros(0, np.uint8))
    breaks = np.flatnonzero(is_break)
    places = breaks[: np.searchsorted(breaks, len(data) - _HEAD_LENGTH)] + 1
    begun = words(data)[places]
    nth = np.flatnonzero((begun & _HALF_DIGITS) == _CLOCK)
    rest = words(data)[places[nth] + _REST_AT]
    formed = ((rest & _HALF_DIGITS_OF_REST) == _REST_OF_CLOCK) & _IS_SPACE[(rest >> 56).astype(np.uint8)]
    for told, digits in ((begun[nth], _DIGITS), (rest, _DIGITS_OF_REST)):
        formed &= ((told & (digits * 0xF)) + digits * 6) & (digits << 4) == 0  # none is more than a 9
    nth = np.sort(np.append(nth[formed], _odd_borders(data, places, begun)))
    return _Borders(breaks[nth], nth, breaks, begun.astype(np.uint8))


def _odd_borders(data: bytes, places: Places, begun: npt.NDArray[np.uint64]) -> Places:
    """Which of the lines begin with a mark or an indent and then as an event does."""
    at = np.frombuffer(data, np.uint8)
    nth = np.flatnonzero(_ODD[begun.astype(np.uint8)] & _IN_HEAD[(begun >> 16).astype(np.uint8)])
    for further in (4, 6, 8, 12):
        nth = nth[_IN_HEAD[at[places[nth] + further]]]
    is_border = [_BORDER.match(data, place - 1) is not None for place in places[nth].tolist()]
    found: Places = nth[np.array(is_border, bool)]
    return found


def _time_of(text: bytes) -> bytes:
    found = _TIME.match(text)
    return found[1] if found else NO_TIME
