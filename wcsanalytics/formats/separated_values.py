"""Tables as text with a header, cut into rows: CSV, and TSV as ClickHouse writes it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from wcsanalytics.formats import blank_runs
from wcsanalytics.formats.line_ends import ends_in
from wcsanalytics.formats.reading import Place

_NAMES = re.compile(r'"?[A-Za-z_][0-9A-Za-z_]{0,63}"?')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}
MAX_ROW = 4 << 20
"""A row as long as this ends with its line, and is not held."""

Row = tuple[Place, dict[str, Any] | None]
"""A row by the names of its columns; none where it is too long."""


class Header(NamedTuple):
    """How the columns are set apart, and their names."""

    separator: str
    columns: tuple[str, ...]


def separator_of(head: bytes) -> Header | None:
    """What the first line says of the columns; None if it is no header."""
    line, _, _ = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    text = line.decode("utf-8", "replace").rstrip("\r")
    for separator in ("\t", ","):
        names = text.split(separator)
        if len(names) > 1 and all(_NAMES.fullmatch(name.strip()) for name in names):
            return Header(separator, tuple(name.strip().strip('"') for name in names))
    return None


class Separated:
    """Cuts chunks into rows. In the end `reached` and `line` say where the first row not handed out begins."""

    def __init__(self, byte_offset: int, line: int) -> None:
        self.reached, self.line = byte_offset, line
        self._header: Header | None = None if byte_offset == 0 else Header(",", ())
        self._held = b""
        self._dropped = self._dropped_lines = 0

    def feed(self, chunk: bytes) -> Iterator[Row]:
        """The rows that end in this chunk."""
        data = self._held + chunk
        start = 0
        while (stop := self._end(data, start)) >= 0:
            yield from self._row(data[start:stop])
            blank = blank_runs.run_at(data, stop)
            self.reached += blank.stop - stop
            self.line += blank.n_lines
            start = blank.stop
        self._held = data[start:]
        if len(self._held) >= MAX_ROW:
            self._dropped += len(self._held)
            self._dropped_lines += ends_in(self._held)
            self._held = b""

    def last(self) -> list[Row]:
        """The row at the end of the input that has no end of line, if there is one."""
        held, self._held = self._held, b""
        return self._row(held) if held or self._dropped else []

    def _end(self, data: bytes, start: int) -> int:
        """Where the row ends; -1 if that is not known yet. A quoted value of a CSV may hold ends of lines."""
        stop = data.find(b"\n", start) + 1
        quoted = not self._dropped and (self._header is None or self._header.separator == ",")
        quotes = data.count(b'"', start, stop) if quoted else 0
        while quotes % 2 and stop and stop - start < MAX_ROW:
            counted, stop = stop, data.find(b"\n", stop) + 1
            quotes += data.count(b'"', counted, stop)
        return stop or -1

    def _row(self, text: bytes) -> list[Row]:
        place = Place(self.line, self.reached, self._dropped + len(text))
        is_long = place.length >= MAX_ROW
        self.reached += place.length
        self.line += self._dropped_lines + ends_in(text)
        self._dropped = self._dropped_lines = 0
        if self._header is None:
            self._header = (None if is_long else separator_of(text)) or Header(",", ())
            return []
        if is_long:
            return [(place, None)]
        if not text.strip():
            return []
        return [(place, dict(zip(self._header.columns, _values(text, self._header.separator), strict=False)))]


def _values(text: bytes, separator: str) -> list[str]:
    line = text.decode("utf-8", "backslashreplace").rstrip("\r\n")
    if separator == "\t":
        return [value if value == "\\N" else _ESCAPE.sub(_unescaped, value) for value in line.split("\t")]
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []


def _unescaped(escape: re.Match[str]) -> str:
    return _ESCAPED.get(escape[1], escape[1])
