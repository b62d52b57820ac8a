"""A source cut into lines, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wcsanalytics.formats import blank_runs
from wcsanalytics.formats.caps import RECORD_BYTES
from wcsanalytics.formats.reading import Place
from wcsanalytics.formats.values import Value

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n\0"


class Lines:
    """Cuts chunks into lines; blank ones are passed over, longer ones than `limit` are refused unread.

    `reached` and `line` say where what is not cut begins.
    """

    def __init__(self, byte_offset: int, line: int, limit: int = RECORD_BYTES) -> None:
        self.reached, self.line = byte_offset, line
        self._limit = limit
        self._held: list[bytes] = []
        self._length = 0

    def feed(self, chunk: bytes) -> Iterator[Value]:
        """The lines that end in this chunk."""
        for text, run in blank_runs.between(chunk):
            start = 0
            while stop := text.find(b"\n", start) + 1:
                yield from self._cut(text[start:stop])
                start = stop
            self.reached += run.stop - run.start
            self.line += run.n_lines
        if rest := text[start:]:
            self._length += len(rest)
            if self._length <= self._limit:
                self._held.append(rest)

    def last(self, is_whole: Callable[[bytes], bool]) -> list[Value]:
        """The line that no end of line ends, if it is whole all the same."""
        held = b"".join(self._held)
        return self._cut(b"") if self._length > self._limit or (held.strip(_BLANK) and is_whole(held)) else []

    @property
    def pending(self) -> bool:
        """Whether a line is unfinished."""
        return any(part.strip(_BLANK) for part in self._held)

    def _cut(self, end: bytes) -> list[Value]:
        length = self._length + len(end)
        place = Place(self.line, self.reached, length)
        text = b"".join([*self._held, end]).removeprefix(_BOM).strip(_BLANK)
        self._held.clear()
        self._length = 0
        self.reached += length
        self.line += end.endswith(b"\n")
        if length > self._limit:
            return [Value(b"", *place, "too_long")]
        return [Value(text, *place)] if text else []
