"""The server log: `flashphoner.log`, `flashphoner_manager.log` and session logs with the same blocks.

A REST block is an event whose first line is a header, with `URL:`, `OBJECT:` and pretty JSON below it. Other lines are
counted; events of the level kept and above become `server_log`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wcsanalytics import clock
from wcsanalytics.formats import blank_runs
from wcsanalytics.formats.dating import Dater
from wcsanalytics.formats.decoding import redacted
from wcsanalytics.formats.events import LEVELS, NO_TIME, WORD, Cut, Event, Events, Places, cut_of, word, words
from wcsanalytics.formats.exchanges import ENOUGH, Exchanges, Refused, Rows
from wcsanalytics.formats.pairing import Direction, Half
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place, Resume
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.remembering import Answers, remembered
from wcsanalytics.tables import SERVER_LOG

_LEVEL = "|".join(LEVELS).encode()
_TIME = rb"[ \t]*\d\d:\d\d:\d\d,\d{3}"
_HEADER = re.compile(
    _TIME + rb"[ \t]+(?:(?:" + _LEVEL + rb")[ \t]+)?(?:\S+[ \t]+-[ \t]+(\S+(?:[ \t]\S+)*?)[ \t]+)?"
    rb"(SEND REST OBJECT ==>|RECEIVED REST OBJECT <==|Got exception in REST)[ \t\r]*(?:\n|\Z)"
)
_DIRECTIONS: dict[bytes, Direction] = {
    b"SEND REST OBJECT ==>": "send",
    b"RECEIVED REST OBJECT <==": "answer",
    b"Got exception in REST": "error",
}
_USUAL = re.compile(
    rb"[ \t]++(?:(?:" + _LEVEL + rb")[ \t]++)?+(?:\S++[ \t]++-[ \t]++(\S++)[ \t]++)?+"
    rb"(SEND REST OBJECT ==>|RECEIVED REST OBJECT <==)\nURL:([^\r\n]*+)\nOBJECT:\n"
)
"""What stands between time and body in the usual form of a REST block; `_block` finds the same in any form."""

_ENOUGH_TEXT = 1 << 20
"""Lines of so much text become rows, few as they may be."""

_FEWEST_LINES = 6
"""Header, URL, OBJECT, and a body of an opening, a member and an end."""

_TIME_LENGTH = len(NO_TIME)

MOST_HEADS = 1 << 14
"""So many heads of blocks are remembered: a busy server has some hundreds, one for each thread, hook and direction."""

_REST = b" REST"
_SMALL_TALK = {b"INFO": b" INFO ", b"DEBUG": b" DEBUG", b"TRACE": b" TRACE"}
"""What stands behind the time of most lines that are not kept."""

_MAY_END_HEADER = np.isin(np.arange(256), list(b">=T \t\r"))
"""Bytes with which the first line of a block may end."""

_PREAMBLE = re.compile(rb"\s*URL:([^\r\n]*)\r?\n\s*OBJECT:\s*")
_STACK = re.compile(rb"\s*(\S[^\n]*)\n?")
_LINE = re.compile(_TIME + rb" +(" + _LEVEL + rb")\b(?: +(\S+) +- +(\S+))?(?s:(.*))")
_BLANK = b" \t\r\n\0\xef\xbb\xbf"
"""What a line may hold and still be blank, a byte order mark among it."""

_BLANK_LINE = re.compile(rb"\n(?=[" + _BLANK.replace(b"\n", b"") + rb"]*+\n)")


def recognises(head: bytes, file_name: str) -> bool:
    """Whether the head has a REST block, or most of its events have the server's prefix."""
    cut = Events(0, 1)
    found = cut.feed(head)
    events = [*(event for one in found for event in one.events(np.arange(len(one.lines)))), cut.last()]
    events = [event for event in events if event.time is not NO_TIME]
    if any(_HEADER.match(event.text) for event in events):
        return True
    prefixes = [_LINE.match(event.text) for event in events]
    return 2 * sum(prefix is not None and prefix[2] is not None for prefix in prefixes) > len(events)


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of the hook tables, `server_log` and `rejected`."""
    reader = _Reader(context)
    events = Events(context.resume.byte_offset, context.resume.line, context.options.caps.record_bytes)
    for chunk in chunks:
        yield from reader.take(events.feed(chunk))
    yield from reader.end(events.last())


def survey(chunks: Chunks) -> tuple[bytes, int]:
    """Of a stretch that begins and ends at borders: ms of day of its events as int32, and how many lines it has."""
    events = Events(0, 1)
    times: list[npt.NDArray[np.int32]] = []
    for chunk in chunks:
        times += [clock.parse_tod_ms(cut.times).astype(np.int32) for cut in events.feed(chunk)]
    last = events.last()
    times.append(clock.parse_tod_ms(last.time).astype(np.int32))
    return b"".join(array.tobytes() for array in times), last.line + last.n_lines - 1


def joined(edges: Iterable[Half], context: Context) -> Iterator[Batch]:
    """Batches of what the stretches of a source, in their order, left for each other."""
    reader = _Reader(context)
    yield from reader.join(edges)


class _Line(NamedTuple):
    """An event that becomes a row of `server_log`; `at` is local µs."""

    line: int
    byte_offset: int
    at: int | None
    level: str | None
    logger: str | None
    thread: str | None
    text: str


class _Reader:
    """The walk over one log, event by event."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._exchanges = Exchanges(context)
        self._dater = Dater(context)
        self._caps = context.options.caps
        self._refusals = Refusals(context)
        kept = LEVELS.index(context.options.keep_log) if context.options.keep_log in LEVELS else len(LEVELS)
        self._kept_levels = frozenset(level.encode() for level in LEVELS[kept:])
        self._small_talk = frozenset(head for level, head in _SMALL_TALK.items() if level not in self._kept_levels)
        self._heads = Answers(_usual, MOST_HEADS, len)
        self._lines: list[_Line] = []
        self._text_length = 0
        context.books.other_lines -= context.resume.other_lines

    def take(self, cuts: Iterable[Cut]) -> Iterator[Batch]:
        """Batches that these events, all of them whole, complete."""
        halves: list[Half] = []
        for cut in cuts:
            self._take(cut, halves)
        yield from self._batches(self._exchanges.feed(halves))
        if len(self._lines) >= ENOUGH or self._text_length >= _ENOUGH_TEXT:
            yield from self._line_batches()

    def _take(self, cut: Cut, halves: list[Half]) -> None:
        books, longest = self._context.books, self._caps.record_bytes
        data, heads = cut.data, self._heads
        last_said: dict[str | None, bytes] = {}  # most answers repeat what their thread said before
        n_usual = 0
        bodies, plain = _usual_bodies(cut, longest), _plain_lines(cut, longest)
        looked_at = np.flatnonzero(~plain | ~_small_talk(cut, plain, self._small_talk))
        books.other_lines += len(cut.lines) - len(looked_at)
        columns = (bodies, plain, cut.starts, cut.ends, cut.lines, cut.byte_offsets)
        places = (column[looked_at].tolist() for column in columns)
        local = self._dater.local(cut.times, looked_at)
        others = cut.events(looked_at[(bodies[looked_at] == 0) & ~plain[looked_at]])
        for index, at, body, is_plain, start, end, line, offset in zip(looked_at.tolist(), local, *places, strict=True):
            if body and (head := heads[data[start + _TIME_LENGTH : body]]):
                direction, thread, url = head
                said = last_said.get(thread, b"")
                if len(said) != end - body or not data.startswith(said, body):
                    last_said[thread] = said = data[body:end]
                halves.append(Half(direction, at, thread, url, said, line, offset, end - start))
                n_usual += 1
                continue
            if is_plain:
                books.other_lines += 1
                self._take_line(_LINE.match(data, start, end), line, offset, at)
                continue
            event = next(cut.events(np.array([index])) if body else others)
            if event.length > longest:
                self._refuse(event, "too_long")
            elif header := _header(event):
                halves.append(self._block(event, header, at))
            else:
                books.other_lines += _lines_after(event, 0)
                self._take_line(_LINE.match(event.text), event.line, event.byte_offset, at)
        books.halves += n_usual

    def _take_line(self, match: re.Match[bytes] | None, line: int, byte_offset: int, at: int | None) -> None:
        """Keep the line that matches, if its level is one that is kept."""
        if match and match[1] in self._kept_levels:
            self._lines.append(_line(line, byte_offset, match, at, self._caps.text_bytes))
            self._text_length += len(self._lines[-1].text)

    def _line_batches(self) -> Iterator[Batch]:
        """Batches of the lines that wait."""
        lines, self._lines, self._text_length = self._lines, [], 0
        if lines:
            yield from self._dater.feed(_line_rows(lines, self._context.source_id))

    def join(self, edges: Iterable[Half]) -> Iterator[Batch]:
        """Batches of halves that stood at the edges of stretches."""
        yield from self._batches(self._exchanges.feed(edges))
        yield from self._batches(self._exchanges.finish())
        yield from self._refusals.finish()

    def end(self, last: Event) -> Iterator[Batch]:
        """Batches of the last event, which may be unfinished, and of all that waits."""
        if self._context.goes_on:
            yield from self.take([cut_of(last._replace(text=last.text.removesuffix(b"\n")))])
            yield from self._batches(self._exchanges.finish())
            yield from self._line_batches()
            yield from self._refusals.finish()
            return
        settled = self._settled(last)
        unfinished = settled == 0 and _header(last) is not None
        if unfinished:
            self._context.books.halves += 1
            self._context.books.pending += 1
        elif last.length:
            yield from self.take([cut_of(last._replace(text=last.text.removesuffix(b"\n")))])
        yield from self._batches(self._exchanges.finish())
        yield from self._line_batches()
        yield from self._dater.finish()
        yield from self._refusals.finish()
        reached = Resume(
            last.byte_offset + settled,
            last.line + (last.text.count(b"\n", 0, settled) if last.text else last.n_lines),
            other_lines=0 if settled or unfinished else _lines_after(last, 0),
        )
        self._context.reached = self._dater.dated(reached)

    def _settled(self, last: Event) -> int:
        """How many bytes of the last event need not be read again once the input has grown."""
        if last.length > self._caps.record_bytes:
            return last.length
        end = 0
        if header := _header(last):
            half, end = _block(last, header, None, self._caps.text_bytes)
            if _may_grow(half, last.text[:end]):
                return 0
        elif (match := _LINE.match(last.text)) and match[1] in self._kept_levels:
            return 0
        return max(end, last.text.rfind(b"\n") + 1)

    def _block(self, event: Event, header: re.Match[bytes], at: int | None) -> Half:
        half, end = _block(event, header, at, self._caps.text_bytes)
        if half.direction == "torn":
            self._refuse(event, "torn_block")
        else:
            self._context.books.halves += 1
            self._context.books.other_lines += _lines_after(event, end)
        return half

    def _refuse(self, event: Event, reason: str) -> None:
        self._context.books.halves += 1
        self._context.books.rejected += 1
        self._refusals.add(Place(event.line, event.byte_offset, event.length), reason, max(event.n_lines, 1))

    def _batches(self, rows: Iterable[Rows | Refused]) -> Iterator[Batch]:
        for item in rows:
            if isinstance(item, Refused):
                self._refusals.add(item.place, item.reason)
            else:
                yield from self._dater.feed(item)


def _usual_bodies(cut: Cut, longest: int) -> Places:
    """Where the body begins in the events whose lines are those of a usual block: one pretty object, and no more; or 0.

    What the first three of the lines say is not looked at.
    """
    at, breaks = np.frombuffer(cut.data, np.uint8), cut.breaks
    bodies = np.zeros(len(cut.starts), np.int64)
    if not len(breaks):
        return bodies
    events = np.flatnonzero((cut.n_lines >= _FEWEST_LINES) & (cut.lengths <= longest) & (at[cut.starts] > ord(" ")))
    before, end = cut.heads[events] + 2, cut.ends[events]
    start, last = breaks[before] + 1, cut.heads[events] + cut.n_lines[events] - 2
    closed = np.cumsum(cut.firsts == ord("}"))
    whole = (at[start] == ord("{")) & (breaks[before + 1] == start + 1) & (breaks[last] == end - 2)
    whole &= (closed[last] - closed[before] == 1) & (at[end - 1] == ord("}"))
    events, start = events[whole], start[whole]
    keyed = (at[start + 2] == ord(" ")) & (at[start + 3] == ord(" ")) & (at[start + 4] == ord('"'))
    bodies[events[keyed]] = start[keyed]
    return bodies


def _plain_lines(cut: Cut, longest: int) -> npt.NDArray[np.bool_]:
    """Which events are but one line that says something and is no header of a block."""
    at = np.frombuffer(cut.data, np.uint8)
    told: npt.NDArray[np.bool_] = (cut.n_lines == 1) & (cut.lengths > _TIME_LENGTH + WORD) & (cut.lengths <= longest)
    told &= at[cut.starts] - ord("0") < 10  # a digit: of the lines before the first time some may be blank
    lines = np.flatnonzero(told)
    doubtful = lines[_MAY_END_HEADER[at[cut.ends[lines] - 1]]]
    places = zip(cut.starts[doubtful].tolist(), cut.ends[doubtful].tolist(), strict=True)
    told[doubtful] = [cut.data.find(_REST, *place) < 0 for place in places]
    return told


def _small_talk(cut: Cut, plain: npt.NDArray[np.bool_], heads: Collection[bytes]) -> npt.NDArray[np.bool_]:
    """Which of the plain lines are only counted, as most of them are."""
    talk = np.zeros(len(plain), bool)
    lines = np.flatnonzero(plain)
    told = words(cut.data)[cut.starts[lines] + _TIME_LENGTH] & word(b"\xff" * len(_SMALL_TALK[b"INFO"]))
    talk[lines] = np.logical_or.reduce([told == word(head) for head in heads]) if heads else False
    return talk


def _usual(head: bytes) -> tuple[Direction, str | None, str | None] | None:
    """Direction, thread and URL that stand between the time of a usual block and its body."""
    found = _USUAL.fullmatch(head)
    if found is None:
        return None
    thread, direction, url = found.groups()
    return _DIRECTIONS[direction], None if thread is None else _plain(thread), _plain(url)


def _header(event: Event) -> re.Match[bytes] | None:
    return _HEADER.match(event.text) if _REST in event.text else None


def _block(event: Event, header: re.Match[bytes], at: int | None, longest: int) -> tuple[Half, int]:
    """The half that a block tells, torn where there is no whole JSON, and where it ends in the event."""
    direction = _DIRECTIONS[header[2]]
    url = body = error = None
    if direction == "error":
        stack = _STACK.match(event.text, header.end())
        error, end = (_plain(stack[1][:longest]), stack.end()) if stack else (None, header.end())
    else:
        preamble = _PREAMBLE.match(event.text, header.end())
        start = preamble.end() if preamble else 0
        end = _body_end(event.text, start, direction) if preamble else 0
        url = _plain(preamble[1]) if preamble else None
        body = event.text[start:end]
    if not end:
        direction, end = "torn", event.length
    thread = None if header[1] is None else _plain(header[1])
    return Half(direction, at, thread, url, body, event.line, event.byte_offset, end, error), end


def _body_end(text: bytes, start: int, direction: Direction) -> int:
    """End of the JSON object that starts at `start`; 0 if there is no whole one. An answer may be empty."""
    if text.startswith((b'{\n  "', b'{\r\n  "'), start):
        close = text.find(b"\n}", start)
        if close >= 0 and text[close + 2 : close + 3] in (b"", b"\n", b"\r"):
            return close + 2
    if direction == "answer" and not text[start:].strip(_BLANK):
        return start
    try:
        value, length = json.JSONDecoder().raw_decode(text[start:].decode("latin-1"))
    except (ValueError, RecursionError):
        return 0
    return start + length if isinstance(value, dict) else 0


def _may_grow(half: Half, text: bytes) -> bool:
    """Whether a block at the end of the input, whose text this is, may still be unfinished."""
    if half.direction == "error":
        return half.error is None or not text.endswith(b"\n")
    return half.direction == "torn" or not half.body


def _lines_after(event: Event, end: int) -> int:
    """How many lines that are not blank end after this place in the event."""
    text = event.text[end:]
    texts = [text] if event.n_lines < blank_runs.LEAST else [text for text, _ in blank_runs.between(text)]
    return sum(text.count(b"\n") - len(_BLANK_LINE.findall(b"\n" + text)) for text in texts)


def _line(line: int, byte_offset: int, match: re.Match[bytes], at: int | None, longest: int) -> _Line:
    level, logger, thread, text = match.groups()
    return _Line(
        line, byte_offset, at, _word(level), _word(logger), _word(thread), _plain(text[:longest]).replace("\r", "")
    )


def _line_rows(lines: list[_Line], source_id: str) -> Rows:
    places, offsets, at, *words = zip(*lines, strict=True)
    columns = {
        "source_id": pa.repeat(pa.scalar(source_id), len(lines)),
        "line": pa.array(places, pa.int64()),
        "byte_offset": pa.array(offsets, pa.int64()),
    }
    columns |= {name: pa.array(told, pa.string()) for name, told in zip(_Line._fields[3:], words, strict=True)}
    columns["text"] = redacted(columns["text"], "text")
    return Rows(SERVER_LOG, columns, {"logged_at": pa.array(at, pa.int64())}, pa.nulls(len(lines), pa.string()))


@remembered(4096)
def _word(text: bytes | None) -> str | None:
    return None if text is None else _plain(text)


def _plain(text: bytes) -> str:
    return text.decode("utf-8", "backslashreplace").strip()
