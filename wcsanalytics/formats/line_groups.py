"""A text log cut into records: a line that begins as the log's lines do, and the lines up to the next such line.

What is cut does not depend on how the bytes come in.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from wcsanalytics.formats import blank_runs
from wcsanalytics.formats.line_ends import ends_in
from wcsanalytics.formats.reading import Place

MAX_RECORD = 4 << 20
"""Of a longer record the beginning is kept."""

LONGEST_HEAD = 64
"""No pattern of a head matches more bytes."""

_BOM = b"\xef\xbb\xbf"


class Group(NamedTuple):
    """One record: its text, where it stands, and how many lines it takes."""

    text: bytes
    place: Place
    n_lines: int


class LineGroups:
    """Cuts chunks into records; holds the last one, whose end is not seen before the next one begins."""

    def __init__(self, head: re.Pattern[bytes], byte_offset: int, line: int) -> None:
        """`head` matches the beginning of a record, within its first line."""
        self._next = re.compile(rb"\n(?=" + head.pattern + rb")")
        self._offset, self._line = byte_offset, line
        self._begun = self._held = b""
        self._dropped = self._dropped_lines = 0

    def feed(self, chunk: bytes) -> list[Group]:
        """The records that end in this chunk."""
        data = self._held + chunk
        groups = []
        start = 0
        searched = max(0, len(self._held) - LONGEST_HEAD)
        for match in blank_runs.matches(self._next, data, searched) if data.find(b"\n", searched) >= 0 else ():
            groups.append(self._group(data, start, match.end()))
            start = match.end()
        self._held = data[start:]
        if len(self._held) > (LONGEST_HEAD if self._begun else 2 * MAX_RECORD):
            self._drop()
        return [group for group in groups if group.text.strip()]

    def last(self) -> Group:
        """What is left at the end of the input; it may be unfinished, or empty."""
        return self._group(self._held, 0, len(self._held))

    def _group(self, data: bytes, start: int, stop: int) -> Group:
        length = stop - start + self._dropped
        n_lines = ends_in(data, start, stop) + self._dropped_lines
        text = self._begun or data[start : min(stop, start + MAX_RECORD)]
        group = Group(text.removeprefix(_BOM), Place(self._line, self._offset, length), n_lines)
        self._offset += length
        self._line += n_lines
        self._begun, self._dropped, self._dropped_lines = b"", 0, 0
        return group

    def _drop(self) -> None:
        """Let go of a record that is too long, but for its beginning, and its end, where the next head may begin."""
        self._begun = self._begun or self._held[:MAX_RECORD]
        gone = len(self._held) - LONGEST_HEAD
        self._dropped += gone
        self._dropped_lines += ends_in(self._held, 0, gone)
        self._held = self._held[gone:]
