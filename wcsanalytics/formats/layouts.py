"""Records that stand one a line, their fields parted by a character: what a layout is, and how its lines become rows.

Free text may hold the separator itself, so that a line is anchored at both ends. A line that names the columns may
stand at the head, with columns in another order or more of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics import redact
from wcsanalytics.formats.decoding import redacted
from wcsanalytics.formats.keys import key_columns
from wcsanalytics.formats.reading import Batch, Chunks, Context, Resume
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.wall_clock import first_day, in_zone
from wcsanalytics.formats.whole_lines import Block, WholeLines, head_lines
from wcsanalytics.tables import Table, arrow_schema

Pieces = dict[str, pa.Array]
"""Text of each field of some lines; null where it is empty or the layout has no such field."""

MAX_HEADER = 512
_NAMES = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class Field(NamedTuple):
    """A field: its name in a line that names the columns, what it looks like, and by what other name it goes.

    `loosely` is what it may look like in a line that does not fit otherwise.
    """

    name: str
    pattern: str
    other_name: str = ""
    loosely: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A kind of record. `columns` makes the columns of the table of a line's pieces.

    `ended` is how a line looks that has no line end and is whole all the same; `doubt` says what is not sure of a
    source, by its header and first day.
    """

    table: Table
    separator: str
    fields: tuple[Field, ...]
    columns: Callable[[Pieces], dict[str, pa.Array]]
    ended: str
    doubt: Callable[[Resume], str]


def recognised(layouts: Sequence[Layout], head: bytes) -> Layout | None:
    """The layout that most lines of the head have, if it is most lines; of equal ones the first."""
    texts = [text for text in head_lines(head).to_pylist() if text]
    if not texts:
        return None
    lines = pa.array(texts, pa.string())
    counts = {id(layout): _count(layout, lines, texts) for layout in layouts}
    best = max(layouts, key=lambda layout: counts[id(layout)])
    return best if 2 * counts[id(best)] > len(texts) else None


def _count(layout: Layout, lines: pa.Array, texts: list[str]) -> int:
    header = next((names for text in texts[:1] if (names := _header(layout, text))), ())
    named = bool(header) and sum(field.name in header or field.other_name in header for field in layout.fields)
    return int(pc.sum(pc.is_valid(_parsed(layout, header, lines))).as_py()) + named


def read(layout: Layout, chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of the layout's table and of `rejected`."""
    reader = _Reader(layout, context)
    lines = WholeLines(context.resume.byte_offset, context.resume.line)
    for chunk in chunks:
        for block in lines.feed(chunk):
            yield from reader.take(block)
    rest = lines.rest()
    held: str | None = rest.texts[0].as_py() if len(rest.texts) else None
    is_whole = held is not None and re.search(layout.ended, held) is not None
    if is_whole:
        yield from reader.take(rest)
    elif len(rest.texts) and held != "":
        context.books.halves += 1
        context.books.pending += 1
    yield from reader.end()
    end = lines.byte_offset + (int(rest.lengths[0]) if is_whole else 0)
    context.reached = replace(reader.state, byte_offset=end, line=lines.line)


class _Reader:
    """The walk over one file of records."""

    def __init__(self, layout: Layout, context: Context) -> None:
        self._layout = layout
        self._context = context
        self._refusals = Refusals(context)
        zone = context.options.zone
        self._header = _header(layout, context.resume.header)
        self.state = Resume(first_day=context.resume.first_day, header=context.resume.header)
        if zone is not None:
            self.state = replace(self.state, zone=str(zone), dated_by="option")

    def take(self, block: Block) -> Iterator[Batch]:
        """Rows of these lines. A line that names columns holds for those after it."""
        start = 0
        for index, text in self._headers(block):
            yield from self._rows(block, start, index)
            self._header = _header(self._layout, text)
            self.state = replace(self.state, header=text)
            self._context.books.other_lines += 1
            start = index + 1
        yield from self._rows(block, start, len(block.texts))

    def end(self) -> Iterator[Batch]:
        """What was refused."""
        doubt = self._layout.doubt(self.state) if self._context.books.halves else ""
        self._context.doubts += [doubt] if doubt else []
        yield from self._refusals.finish()

    def _headers(self, block: Block) -> list[tuple[int, str]]:
        names = [re.escape(self._layout.fields[-1].name), re.escape(self._layout.fields[-2].name)]
        likely = pc.match_substring_regex(block.texts, "^[A-Za-z][A-Za-z0-9_; ,]*$")
        likely = pc.and_(likely, pc.match_substring_regex(block.texts, "|".join(names)))
        places = pc.indices_nonzero(pc.fill_null(likely, False)).to_pylist()
        told = [(index, block.texts[index].as_py()) for index in places]
        return [(index, text) for index, text in told if _header(self._layout, text)]

    def _rows(self, block: Block, start: int, stop: int) -> Iterator[Batch]:
        texts = block.texts[start:stop]
        parsed = _parsed(self._layout, self._header, texts)
        good = pc.is_valid(parsed)
        told = pc.fill_null(pc.not_equal(texts, ""), True)
        self._refuse(block, start, pc.and_(pc.invert(good), told))
        kept = pc.indices_nonzero(good)
        if not len(kept):
            return
        books = self._context.books
        books.halves += len(kept)
        books.kept += len(kept)
        places = [start + index for index in kept.to_pylist()]
        yield self._batch(block, places, _pieces(parsed.take(kept)))

    def _refuse(self, block: Block, start: int, bad: pa.Array) -> None:
        for index in pc.indices_nonzero(bad).to_pylist():
            self._context.books.halves += 1
            self._context.books.rejected += 1
            reason = "other_layout" if block.texts[start + index].is_valid else "too_long"
            self._refusals.add(block.place(start + index), reason)

    def _batch(self, block: Block, places: list[int], pieces: Pieces) -> Batch:
        table, options = self._layout.table, self._context.options
        columns = self._layout.columns(pieces)
        rows = len(places)
        columns |= {
            "source_id": pa.repeat(pa.scalar(self._context.source_id), rows),
            "line": pa.array([block.line + place for place in places], pa.int64()),
            "byte_offset": pa.array(block.byte_offsets[places], pa.int64()),
            "node_id": pa.repeat(pa.scalar(options.node, pa.string()), rows),
            "extra": _extra(pieces, self._layout),
        }
        for column in table.columns:
            if column.care != "none":
                columns[column.name] = redacted(columns[column.name], column.care)
        nothing = pa.nulls(rows, pa.string())
        ids = (columns.get(name, nothing) for name in ("node_id", "session_id", "media_session_id", "call_id"))
        columns |= key_columns(*ids)
        self.state = replace(self.state, first_day=first_day(columns, self.state.first_day))
        columns |= in_zone(columns, options.zone)
        schema = arrow_schema(table)
        arrays = [columns[field.name].cast(field.type) for field in schema]
        return Batch(table.name, pa.RecordBatch.from_arrays(arrays, schema=schema))


@lru_cache(maxsize=64)
def _header(layout: Layout, text: str) -> tuple[str, ...]:
    """The column names that a line consists of; none if it is another line."""
    if len(text) > MAX_HEADER:
        return ()
    names = tuple(name.strip() for name in text.rstrip(layout.separator + " ").split(layout.separator))
    known = all(field.name in names or field.other_name in names for field in layout.fields)
    is_header = known and len(set(names)) == len(names) and all(map(_NAMES.fullmatch, names))
    return names if is_header else ()


@lru_cache(maxsize=64)
def _pattern(layout: Layout, header: tuple[str, ...], loosely: bool) -> str:
    """Pattern of a whole line, each field a group of its name; without a header, what comes after is `more`."""
    sep = re.escape(layout.separator)
    forms = {field: field.loosely if loosely and field.loosely else field.pattern for field in layout.fields}
    by_name = {name: form for field, form in forms.items() for name in (field.name, field.other_name) if name}
    names = header or tuple(field.name for field in layout.fields)
    groups = [f"(?P<{name}>{by_name.get(name, f'[^{layout.separator}]*')})" for name in names]
    more = "" if header else f"(?:{sep}(?P<more>.*?))?"
    return "^" + sep.join(f" *{group} *" for group in groups) + f"{more}{sep}?$"


def _parsed(layout: Layout, header: tuple[str, ...], texts: pa.Array) -> pa.Array:
    parsed = pc.extract_regex(texts, _pattern(layout, header, loosely=False))
    if not parsed.null_count or not any(field.loosely for field in layout.fields):
        return parsed
    loosely = pc.extract_regex(texts, _pattern(layout, header, loosely=True))
    return pc.if_else(pc.is_valid(parsed), parsed, loosely)


def _pieces(parsed: pa.Array) -> Pieces:
    pieces = {}
    for index, field in enumerate(parsed.type):
        text = pc.utf8_trim(parsed.field(index), " ")
        pieces[field.name] = pc.if_else(pc.equal(text, ""), None, text)
    return pieces


def _extra(pieces: Pieces, layout: Layout) -> pa.Array:
    known = {field.name if field.name in pieces else field.other_name for field in layout.fields}
    names = [name for name in pieces if name not in known]
    rows = len(next(iter(pieces.values())))
    if all(pieces[name].null_count == rows for name in names):
        return pa.nulls(rows, pa.string())
    told = zip(*(pieces[name].to_pylist() for name in names), strict=True)
    held = [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in told]
    return pa.array([redact.json_text(redact.body(row)) if row else None for row in held], pa.string())
