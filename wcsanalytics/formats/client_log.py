"""Logs of clients as files: lines of the Web SDK 2, of the 1.x and older JavaScript clients, merged with Flash or not.

Lines are kept as they stand, redacted; the view `client_log` parts them, as it does those that clients pushed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date
from typing import cast
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa

from wcsanalytics.formats.dating import Dater
from wcsanalytics.formats.decoding import redacted
from wcsanalytics.formats.events import NO_TIME
from wcsanalytics.formats.exchanges import Rows
from wcsanalytics.formats.line_groups import Group, LineGroups
from wcsanalytics.formats.reading import Batch, Chunks, Context, Resume
from wcsanalytics.tables import CLIENT_LOG_LINES

_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:UTC )?\d\d:\d\d:\d\d(?:[.:]\d{3})?[ \t]")
_TIME = re.compile(rb"(?:UTC )?(\d\d:\d\d:\d\d)(?:[.:](\d{3}))?[ \t]")
_WEB = re.compile(rb"\d\d:\d\d:\d\d (?:TRACE|DEBUG|INFO|WARN|ERROR) \S[^\n]{0,200}? -[ \r\n]")
_UTC = re.compile(rb"UTC \d\d:\d\d:\d\d\.\d{3} - ")
_DAY_OF_FOLDER = re.compile(r"[/\\!](\d{4}-\d\d-\d\d)[/\\][^/\\]+-\d\d-\d\d-\d\d[/\\][^/\\]*$")


def recognises(head: bytes, file_name: str) -> bool:
    """Whether most of the records that begin with a time are lines of a client."""
    cut = LineGroups(_HEAD, 0, 1)
    groups = [group for group in (*cut.feed(head), cut.last()) if _TIME.match(group.text)]
    known = sum(bool(_WEB.match(group.text) or _UTC.match(group.text)) for group in groups)
    return 2 * known > len(groups)


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `client_log_lines`."""
    groups = LineGroups(_HEAD, context.resume.byte_offset, context.resume.line)
    reader: _Reader | None = None
    for chunk in chunks:
        whole = groups.feed(chunk)
        if whole:
            reader = reader or _Reader(context, whole[0])
            yield from reader.take(whole)
    last = groups.last()
    reader = reader or _Reader(context, last)
    yield from reader.end(last)


class _Reader:
    """The walk over one log: dates its lines by their file, or its folder's day."""

    def __init__(self, context: Context, first: Group) -> None:
        self._context = context
        day = _day_of_folder(context.path)
        options = context.options
        self._dated_by = "file_name" if day and options.date is None else None
        zone = cast(ZoneInfo, UTC) if first.text.startswith(b"UTC ") else options.zone
        dated = replace(options, date=options.date or day, zone=zone)
        self._dater = Dater(replace(context, options=dated))

    def take(self, groups: Sequence[Group]) -> Iterator[Batch]:
        """Batches that these records complete."""
        self._context.books.halves += len(groups)
        self._context.books.kept += len(groups)
        yield from self._batches(groups)

    def end(self, last: Group) -> Iterator[Batch]:
        """Batches of the last record, which may be unfinished, and of all that waits."""
        settled = _is_settled(last.text)
        if last.text.strip():
            self._context.books.halves += 1
            self._context.books.kept += settled
            self._context.books.pending += not settled
            yield from self._batches([last])
        yield from self._dater.finish()
        place = last.place
        reached = Resume(
            place.byte_offset + (place.length if settled else 0), place.line + (last.n_lines if settled else 0)
        )
        self._context.reached = self._dater.dated(reached)

    def _batches(self, groups: Sequence[Group]) -> Iterator[Batch]:
        local = self._dater.local(np.array([_clock(group.text) for group in groups], f"S{len(NO_TIME)}"))
        longest = self._context.options.caps.text_bytes
        columns = {
            "source_id": pa.repeat(pa.scalar(self._context.source_id), len(groups)),
            "line": pa.array([group.place.line for group in groups], pa.int64()),
            "byte_offset": pa.array([group.place.byte_offset for group in groups], pa.int64()),
            "told_by": pa.repeat(pa.scalar("file"), len(groups)),
            "text": redacted(pa.array([_plain(group.text, longest) for group in groups], pa.string()), "text"),
        }
        dated_by = pa.array([self._dated_by] * len(groups), pa.string())
        yield from self._dater.feed(
            Rows(CLIENT_LOG_LINES, columns, {"logged_at": pa.array(local, pa.int64())}, dated_by)
        )


def _day_of_folder(path: str) -> date | None:
    """The day that the server's tree of client logs tells: client_logs/2026-03-14/SESSION-10-15-20/..."""
    found = _DAY_OF_FOLDER.search(path)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _clock(text: bytes) -> bytes:
    """The line's time of day in the form that a server log has."""
    told = _TIME.match(text)
    return told[1] + b"," + (told[2] or b"000") if told else NO_TIME


def _is_settled(text: bytes) -> bool:
    """Whether the last record of a file is whole: its line has an end, or its payload reads as JSON."""
    if not text or text.endswith(b"\n"):
        return True
    _, _, payload = text.rpartition(b" - ")
    try:
        msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _plain(text: bytes, longest: int) -> str:
    return text[:longest].decode("utf-8", "backslashreplace").replace("\r\n", "\n").strip()
