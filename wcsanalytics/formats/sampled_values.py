"""The walk over a source of JSON values that hold samples of media: shared by the formats of such sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from wcsanalytics.formats.decoding import BadBody
from wcsanalytics.formats.reading import Batch, Chunks, Context, Resume
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.samples import Run, Samples
from wcsanalytics.formats.values import Value, Values

LOOKED_AT = 20
"""So many values of a head are looked at."""

RunsOf = Callable[[Any], list[Run] | None]
"""Runs of a decoded value; None if it is no record of the format. Raises BadBody with a reason code."""


def read_values(chunks: Chunks, context: Context, runs_of: RunsOf) -> Iterator[Batch]:
    """Batches of `media_samples` and `rejected`; each value that has samples is a record."""
    values = Values(context.resume.byte_offset, context.resume.line, context.options.caps.record_bytes)
    samples = Samples(context.source_id, context.options.node)
    refusals = Refusals(context)
    for chunk in chunks:
        _take(values.feed(chunk), context, samples, refusals, runs_of)
        if samples.full:
            yield from samples.batch()
    _take(values.feed(b"", last=True), context, samples, refusals, runs_of)
    yield from samples.batch()
    yield from refusals.finish()
    context.reached = Resume(values.reached, values.line)
    context.books.halves += values.pending
    context.books.pending += values.pending


def head_values(head: bytes) -> list[Any]:
    """The first values of a head, decoded; what can't be is left out."""
    cut = Values(0, 1)
    told = [decoded(value) for value in [*cut.feed(head), *cut.feed(b"", last=True)][:LOOKED_AT]]
    return [value for value in told if not isinstance(value, BadBody)]


def _take(values: Iterable[Value], context: Context, samples: Samples, refusals: Refusals, runs_of: RunsOf) -> None:
    books = context.books
    for value in values:
        read = decoded(value)
        try:
            if isinstance(read, BadBody):
                raise read
            runs = runs_of(read)
        except BadBody as problem:
            books.halves += 1
            books.rejected += 1
            refusals.add(value.place, str(problem), value.n_lines)
            continue
        if runs is None:
            books.other_lines += value.n_lines
            continue
        books.halves += 1
        books.kept += 1
        samples.add(runs, value.place)


def decoded(value: Value) -> Any:
    """The value, or what is wrong with it."""
    if value.reason:
        return BadBody(value.reason)
    try:
        return msgspec.json.decode(value.text)
    except UnicodeDecodeError:
        return BadBody("invalid_utf8")
    except msgspec.DecodeError:
        return BadBody("invalid_json")
    except RecursionError:
        return BadBody("too_deep")
