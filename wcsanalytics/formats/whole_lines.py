"""Text cut into whole lines, blocks of them for each chunk, each line with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.clock import Int64s
from wcsanalytics.formats import blank_runs
from wcsanalytics.formats.reading import Place

MAX_LINE = 1 << 20
"""A longer line is not held, and comes without its text."""

PIECE = 1 << 20
"""No block is much longer."""

_BLANK = " \t\r\0\ufeff"
"""What may stand around a line, a byte order mark among it."""


class Block(NamedTuple):
    """Lines and their places; `texts` is null where a line is too long, and has no blanks around."""

    texts: pa.Array
    line: int
    byte_offsets: Int64s
    lengths: Int64s

    def place(self, index: int) -> Place:
        """Where one of the lines stands."""
        return Place(self.line + index, int(self.byte_offsets[index]), int(self.lengths[index]))


class WholeLines:
    """Cuts chunks into lines; in the end `rest` is the last one, which may be unfinished."""

    def __init__(self, byte_offset: int, line: int, limit: int = MAX_LINE) -> None:
        self.byte_offset, self.line = byte_offset, line
        self._limit = limit
        self._held = b""
        self._dropped = 0

    def feed(self, chunk: bytes) -> list[Block]:
        """The lines that end in this chunk, but for long runs of blank ones."""
        data = self._held + chunk if self._held else chunk
        stop = data.rfind(b"\n") + 1
        self._held = data[stop:]
        blocks: list[Block] = []
        for text, run in blank_runs.between(data[:stop]):
            blocks += map(self._block, _pieces(text))
            self.line += run.n_lines
            self.byte_offset += run.stop - run.start
        if len(self._held) > self._limit:
            self._dropped += len(self._held)
            self._held = b""
        return blocks

    def rest(self) -> Block:
        """What stands after the last line end, as a block of one line, or of none."""
        return self._block(self._held + b"\n" if self._held or self._dropped else b"", unended=1)

    def _block(self, data: bytes, unended: int = 0) -> Block:
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")).astype(np.int64) + 1
        lengths = np.diff(ends, prepend=0)
        texts = pa.array(data.decode("utf-8", "backslashreplace").split("\n")[:-1], pa.string())
        if len(ends) and self._dropped:
            lengths[0] += self._dropped
            self._dropped = 0
        offsets = self.byte_offset + np.cumsum(lengths) - lengths
        lengths = lengths - unended
        texts = pc.if_else(pa.array(lengths <= self._limit), pc.utf8_trim(texts, _BLANK), None)
        block = Block(texts, self.line, offsets, lengths)
        if not unended:
            self.line += len(ends)
            self.byte_offset += int(lengths.sum())
        return block


def _pieces(text: bytes) -> Iterator[bytes]:
    """The text in pieces of whole lines: what is made of short ones takes many times their room."""
    start = 0
    while start < len(text):
        stop = text.rfind(b"\n", start, start + PIECE) + 1 or text.find(b"\n", start + PIECE) + 1
        yield text[start:stop]
        start = stop


def head_lines(head: bytes) -> pa.Array:
    """Texts of the whole lines of a head; of a single line that is cut, if there is no other."""
    cut = WholeLines(0, 1)
    whole = cut.feed(head)
    return pa.concat_arrays([block.texts for block in whole]) if whole else cut.rest().texts
