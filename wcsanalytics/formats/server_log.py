"""The server log: `flashphoner.log`, `flashphoner_manager.log` and session logs with the same blocks.

A REST block is a header line, `URL:`, `OBJECT:` and pretty JSON. Blocks are found by their headers, so that a torn
block never swallows the next one. Other lines are counted; those of the level kept and above become `server_log`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from wcsanalytics import redact
from wcsanalytics.formats.dating import Dater
from wcsanalytics.formats.exchanges import Exchanges, Refused, Rows
from wcsanalytics.formats.pairing import Direction, Half
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.tables import SERVER_LOG

MAX_EVENT = 32 << 20
"""A block or a run of lines without a time that is longer is refused unread."""

MAX_TEXT = 64 << 10
"""A stack trace is kept up to this length."""

_TIME = rb"(\d\d:\d\d:\d\d,\d{3})"
_HEADER = re.compile(
    rb"[ \t]*" + _TIME + rb"\s+(?:(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\s+)?(?:\S+\s+-\s+(\S.*?)\s+)?"
    rb"(SEND REST OBJECT ==>|RECEIVED REST OBJECT <==|Got exception in REST)\s*"
)
_PREAMBLE = re.compile(rb"\s*URL:[ \t]*([^\r\n]*?)[ \t]*\r?\n\s*OBJECT:[ \t]*\r?\n?\s*")
_LINE = re.compile(rb"(?m)^" + _TIME + rb" +(TRACE|DEBUG|INFO|WARN|ERROR|FATAL) +(\S.*?) - (\S+) ?(.*)$")
_EVENT_START = re.compile(rb"[ \t]*\d\d:\d\d:\d\d,\d{3}\s")
_MARKERS = (b" REST OBJECT ", b"Got exception in REST")
_DIRECTIONS: dict[bytes, Direction] = {
    b"SEND REST OBJECT ==>": "send",
    b"RECEIVED REST OBJECT <==": "answer",
    b"Got exception in REST": "error",
}
LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_BOM = b"\xef\xbb\xbf"


def recognises(head: bytes, file_name: str) -> bool:
    """Whether the head has a REST block, or most of its lines have the server's prefix."""
    if any(_HEADER.fullmatch(line) for line in head.removeprefix(_BOM).split(b"\n")):
        return True
    lines = [line for line in head.split(b"\n")[:200] if _EVENT_START.match(line)]
    return bool(lines) and 2 * sum(_LINE.match(line) is not None for line in lines) > len(lines)


class _Header(NamedTuple):
    start: int
    end: int
    time: bytes
    thread: str | None
    direction: Direction


class _Line(NamedTuple):
    """A line of `server_log`."""

    place: Place
    time: bytes
    level: str
    logger: str
    thread: str
    text: str


@dataclass(slots=True)
class _Found:
    """What one stretch of the log holds, in its order."""

    halves: list[Half]
    times: list[bytes]
    lines: list[_Line]

    def add(self, header: _Header, half: Half) -> None:
        """Note a half and the time of its header."""
        self.halves.append(half)
        self.times.append(header.time)


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of the hook tables, `server_log` and `rejected`."""
    reader = _Reader(context)
    for chunk in chunks:
        yield from reader.feed(chunk)
    yield from reader.finish()


class _Reader:
    """The walk over one log: keeps what the end of a chunk cuts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._carry = b""
        self._offset = context.resume.byte_offset
        self._line = context.resume.line
        self._exchanges = Exchanges(context)
        self._dater = Dater(context)
        self._refusals = Refusals(context)
        kept = LEVELS.index(context.options.keep_log) if context.options.keep_log in LEVELS else len(LEVELS)
        self._kept_levels = frozenset(level.encode() for level in LEVELS[kept:])

    def feed(self, chunk: bytes) -> Iterator[Batch]:
        data = self._carry + chunk if self._carry else chunk
        limit = _last_event(data)
        if limit == 0 and len(data) > MAX_EVENT:
            limit = data.rfind(b"\n") + 1
            self._refuse_long(data, limit)
        else:
            yield from self._walk(data, limit, final=False)
        self._carry = data[limit:]

    def finish(self) -> Iterator[Batch]:
        yield from self._walk(self._carry, len(self._carry), final=True)
        yield from self._batches(self._exchanges.finish())
        yield from self._dater.finish()
        yield from self._refusals.finish()
        self._context.reached = self._dater.dated(self._context.reached)

    def _refuse_long(self, data: bytes, limit: int) -> None:
        self._refusals.add(Place(self._line, self._offset, limit), "too_long", data.count(b"\n", 0, limit))
        self._context.books.halves += 1
        self._context.books.rejected += 1
        self._move(data, limit)

    def _move(self, data: bytes, limit: int) -> None:
        self._offset += limit
        self._line += data.count(b"\n", 0, limit)

    def _walk(self, data: bytes, limit: int, final: bool) -> Iterator[Batch]:
        """Read the events of `data[:limit]`; at the end of the input the last one may be unfinished."""
        found = _Found([], [], [])
        headers = [*_headers(data, limit)]
        position, line = len(_BOM) if self._offset == 0 and data.startswith(_BOM) else 0, self._line
        reached = limit
        for index, header in enumerate(headers):
            self._other(data, position, header.start, line, found)
            line += data.count(b"\n", position, header.start)
            end = headers[index + 1].start if index + 1 < len(headers) else limit
            last = final and index + 1 == len(headers)
            position = self._block(data, header, end, line, found, last)
            if position < 0:
                position = reached = header.start
                break
            line += data.count(b"\n", header.start, position)
        else:
            self._other(data, position, limit, line, found)
        if final:
            reached = min(reached, self._unfinished(data, position, limit, found))
            self._context.reached = replace(
                self._context.reached,
                byte_offset=self._offset + reached,
                line=self._line + data.count(b"\n", 0, reached),
            )
        yield from self._emit(found)
        self._move(data, limit)

    def _unfinished(self, data: bytes, position: int, limit: int, found: _Found) -> int:
        """Where to go on once the input has grown: the start of its last event, if that may still grow."""
        reached = limit
        if limit > position and not data.endswith(b"\n"):
            reached = data.rfind(b"\n", 0, limit) + 1
        if found.lines and found.lines[-1].place.byte_offset - self._offset >= position:
            last = found.lines[-1].place
            if not any(_EVENT_START.match(line) for line in data[last.byte_offset - self._offset :].split(b"\n")[1:]):
                reached = min(reached, last.byte_offset - self._offset)
        return max(reached, 0)

    def _block(self, data: bytes, header: _Header, end: int, line: int, found: _Found, last: bool) -> int:
        """Read one block; returns where it ends, or -1 if it is unfinished at the end of the input."""
        books = self._context.books
        books.halves += 1
        if header.direction == "error":
            error, stop = _error_text(data, header.end, end)
            if last and error is None and _torn_end(data, header, end) == end:
                books.pending += 1
                return -1
            found.add(header, self._half(header, line, stop)._replace(error=error))
            return stop
        preamble = _PREAMBLE.match(data, header.end, end)
        body_end = _body_end(data, preamble.end(), end) if preamble else None
        if preamble and body_end is None and header.direction == "answer" and not data[preamble.end() : end].strip():
            body_end = None if last else preamble.end()
        if preamble is None or body_end is None:
            stop = _torn_end(data, header, end)
            if last and stop == end:
                books.pending += 1
                return -1
            books.rejected += 1
            place = Place(line, self._offset + header.start, stop - header.start)
            self._refusals.add(place, "torn_block", data.count(b"\n", header.start, stop))
            return stop
        half = self._half(header, line, body_end)
        found.add(header, half._replace(url=_plain(preamble[1]), body=data[preamble.end() : body_end]))
        return body_end

    def _half(self, header: _Header, line: int, end: int) -> Half:
        offset = self._offset + header.start
        return Half(header.direction, None, header.thread, None, None, line, offset, end - header.start)

    def _other(self, data: bytes, start: int, end: int, line: int, found: _Found) -> None:
        """Count the lines between two blocks, and keep those of the level kept."""
        gap = data[start:end]
        if not gap or gap.isspace():
            return
        self._context.books.other_lines += sum(not one.isspace() and bool(one) for one in gap.split(b"\n"))
        if not any(level in gap for level in self._kept_levels):
            return
        matches = [*_LINE.finditer(gap)]
        stops = [match.start() for match in matches[1:]] + [len(gap)]
        for match, stop in zip(matches, stops, strict=True):
            if match[2] in self._kept_levels:
                offset = self._offset + start + match.start()
                place = Place(line + gap.count(b"\n", 0, match.start()), offset, stop - match.start())
                text = _plain((match[5] + gap[match.end() : stop])[:MAX_TEXT]).replace("\r", "")
                level, logger, thread = (_plain(match[group]) for group in (2, 3, 4))
                found.lines.append(_Line(place, match[1], level, logger, thread, text))

    def _emit(self, found: _Found) -> Iterator[Batch]:
        order = [half.byte_offset for half in found.halves] + [line.place.byte_offset for line in found.lines]
        times = found.times + [line.time for line in found.lines]
        local = self._dater.local(times, order)
        halves = [half._replace(at=None if at < 0 else int(at)) for half, at in zip(found.halves, local, strict=False)]
        yield from self._batches(self._exchanges.feed(halves))
        if found.lines:
            yield from self._dater.feed(_line_rows(found.lines, local[len(halves) :], self._context.source_id))

    def _batches(self, rows: Iterator[Rows | Refused]) -> Iterator[Batch]:
        for item in rows:
            if isinstance(item, Refused):
                self._refusals.add(item.place, item.reason)
            else:
                yield from self._dater.feed(item)


def _plain(text: bytes) -> str:
    return text.decode("utf-8", "backslashreplace").strip()


def _last_event(data: bytes) -> int:
    """Start of the last line that begins an event: all before it is whole."""
    end = len(data)
    while end > 0:
        start = data.rfind(b"\n", 0, end - 1) + 1 if end > 1 else 0
        if _EVENT_START.match(data, start):
            return start
        end = start
    return 0


def _headers(data: bytes, limit: int) -> Iterator[_Header]:
    """Header lines of the blocks in `data[:limit]`, in order."""
    places = []
    for marker in _MARKERS:
        place = data.find(marker, 0, limit)
        while place >= 0:
            places.append(place)
            place = data.find(marker, place + len(marker), limit)
    for place in sorted(places):
        start = data.rfind(b"\n", 0, place) + 1
        end = data.find(b"\n", place, limit)
        end = limit if end < 0 else end
        if data.startswith(_BOM, start):
            start += len(_BOM)
        if match := _HEADER.fullmatch(data, start, end):
            thread = None if match[2] is None else _plain(match[2])
            yield _Header(start, min(end + 1, limit), match[1], thread, _DIRECTIONS[match[3]])


def _body_end(data: bytes, start: int, end: int) -> int | None:
    """End of the JSON that starts at `start`; None if there is no whole value."""
    if data.startswith((b"{ }", b"{}"), start):
        return data.index(b"}", start) + 1
    if data.startswith((b'{\n  "', b'{\r\n  "'), start):
        close = data.find(b"\n}", start, end)
        if close >= 0 and data[close + 2 : close + 3] in (b"", b"\n", b"\r"):
            return close + 2
    try:
        _, length = json.JSONDecoder().raw_decode(data[start:end].decode("latin-1"))
    except (ValueError, RecursionError):
        return None
    return start + int(length)


def _error_text(data: bytes, start: int, end: int) -> tuple[str | None, int]:
    """First line of the stack that follows a `Got exception` line, and where that line ends."""
    stop = data.find(b"\n", start, end)
    line = data[start : end if stop < 0 else stop]
    if stop < 0 or not line.strip() or _EVENT_START.match(line):
        return None, start
    return _plain(line), stop + 1


def _torn_end(data: bytes, header: _Header, end: int) -> int:
    """Where a torn block ends: before the next line that has a time."""
    position = header.end
    while position < end:
        if _EVENT_START.match(data, position):
            return position
        stop = data.find(b"\n", position, end)
        position = end if stop < 0 else stop + 1
    return end


def _line_rows(lines: list[_Line], local: np.ndarray, source_id: str) -> Rows:
    text = pa.array([redact.text(line.text) for line in lines], pa.string())
    columns = {
        "source_id": pa.repeat(pa.scalar(source_id), len(lines)),
        "line": pa.array([line.place.line for line in lines], pa.int64()),
        "byte_offset": pa.array([line.place.byte_offset for line in lines], pa.int64()),
        "level": pa.array([line.level for line in lines], pa.string()),
        "logger": pa.array([line.logger for line in lines], pa.string()),
        "thread": pa.array([line.thread for line in lines], pa.string()),
        "text": text,
    }
    logged = pa.array(local, pa.int64(), mask=local < 0)
    return Rows(SERVER_LOG, columns, {"logged_at": logged}, pa.nulls(len(lines), pa.string()))
