"""Records that are no hook exchanges to batches of their table, and the books of such a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import msgspec
import pyarrow as pa

from wcsanalytics import clock, redact
from wcsanalytics.formats.decoding import BadBody, parsed
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place, Resume
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.values import Value, Values
from wcsanalytics.tables import ARROW_TYPES, Table, arrow_schema

Rows = Callable[[list[tuple[Place, dict[str, Any]]], Refusals], Iterator[Batch]]
"""Turns some objects into batches; what it refuses, it takes from `kept` to `rejected` itself."""

AT_ONCE = 1 << 15
"""So many records become rows at a time: what is made of a flood of short ones takes many times their room."""


def batches_of_objects(chunks: Chunks, context: Context, rows: Rows) -> Iterator[Batch]:
    """Batches of a source whose records are JSON objects, in the order in which they stand."""
    values = Values(context.resume.byte_offset, context.resume.line, context.options.caps.record_bytes)
    refusals = Refusals(context)
    pieces = chain((values.feed(chunk) for chunk in chunks), (values.feed(b"", last=True) for _ in range(1)))
    for piece in pieces:
        objects = _objects(piece, context, refusals)
        while some := list(islice(objects, AT_ONCE)):
            context.books.kept += len(some)
            yield from rows(some, refusals)
    yield from refusals.finish()
    context.reached = Resume(values.reached, values.line)
    context.books.halves += values.pending
    context.books.pending += values.pending


def refused(context: Context, refusals: Refusals, place: Place, reason: str) -> None:
    """Take a record that was counted as kept for one that is not."""
    context.books.kept -= 1
    context.books.rejected += 1
    refusals.add(place, reason)


def first_objects(head: bytes, limit: int = 20) -> list[dict[str, Any]]:
    """The objects among the first values of a head; the first may be torn, and the last is cut."""
    cut = Values(0, 1)
    values = [*cut.feed(head), *cut.feed(b"", last=True)][:limit]
    return [found for value in values if not value.reason and isinstance(found := object_of(value.text), dict)]


def object_of(text: bytes) -> dict[str, Any] | str:
    """The object, or the reason why there is none. A lone surrogate is the text of its escape: no column takes it."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.ValidationError:
        return "not_an_object"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            return parsed(redact.json_text(parsed(text)).encode())
        except BadBody as problem:
            return str(problem)


def batch(table: Table, places: Sequence[Place], context: Context, columns: Mapping[str, Any]) -> Batch:
    """A batch of the table; columns that are not given are null, lists of instants are epoch µs."""
    given = dict(columns)
    given["source_id"] = pa.repeat(pa.scalar(context.source_id), len(places))
    given["line"] = [place.line for place in places]
    given["byte_offset"] = [place.byte_offset for place in places]
    types = {column.name: ARROW_TYPES[column.type] for column in table.columns}
    arrays = [
        given[name] if isinstance(given.get(name), pa.Array) else _array(given.get(name, [None] * len(places)), kind)
        for name, kind in types.items()
    ]
    return Batch(table.name, pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(table)))


def epoch_us(values: Sequence[object], context: Context) -> list[int | None]:
    """Epoch µs of times as captures write them; None for what is no time."""
    found = clock.instants(values, context.options.zone).tolist()
    return [None if us == clock.NO_INSTANT else us for us in found]


def mtime_us(context: Context) -> int | None:
    """Epoch µs of the source's own time."""
    return None if context.mtime is None else round(context.mtime.timestamp() * 1_000_000)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, kind)


def _objects(values: Iterable[Value], context: Context, refusals: Refusals) -> Iterator[tuple[Place, dict[str, Any]]]:
    for value in values:
        context.books.halves += 1
        found = value.reason or object_of(value.text)
        if isinstance(found, str):
            context.books.rejected += 1
            refusals.add(value.place, found, value.n_lines)
        else:
            yield value.place, found
