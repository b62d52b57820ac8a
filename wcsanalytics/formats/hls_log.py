"""The log of an HLS agent: lines with a local date and time, but no zone; from the level kept up, `server_log`."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.formats.decoding import redacted
from wcsanalytics.formats.events import LEVELS
from wcsanalytics.formats.reading import Batch, Chunks, Context, Resume
from wcsanalytics.formats.wall_clock import first_day, in_zone, wall_us
from wcsanalytics.formats.whole_lines import Block, WholeLines, head_lines
from wcsanalytics.tables import SERVER_LOG, arrow_schema

_LINE = r"^(?P<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(?P<millis>\d{3}) (?P<level>INFO|WARNING|ERROR): (?P<text>.*)$"
_LEVELS = {"INFO": "INFO", "WARNING": "WARN", "ERROR": "ERROR"}


def recognises(head: bytes, file_name: str) -> bool:
    """Whether most lines of the head are those of an HLS agent."""
    texts = pc.drop_null(head_lines(head))
    texts = texts.filter(pc.not_equal(texts, ""))
    return 2 * (pc.sum(pc.match_substring_regex(texts, _LINE)).as_py() or 0) > len(texts)


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `server_log`. A last line without an end is left to a later reading."""
    lines = WholeLines(context.resume.byte_offset, context.resume.line)
    day = context.resume.first_day
    for chunk in chunks:
        for block in lines.feed(chunk):
            for rows in _rows(block, context):
                day = first_day({"logged_local_us": rows.rows["logged_local_us"]}, day)
                yield rows
    pending = any(lines.rest().texts.to_pylist())
    context.books.halves += pending
    context.books.pending += pending
    zone = context.options.zone
    context.reached = Resume(
        lines.byte_offset,
        lines.line,
        first_day=day,
        zone=str(zone) if zone else None,
        dated_by="option" if zone else None,
    )


def _rows(block: Block, context: Context) -> Iterator[Batch]:
    parsed = pc.extract_regex(block.texts, _LINE)
    levels = parsed.field(2)
    kept = pc.and_(pc.is_valid(parsed), pc.is_in(levels, value_set=_kept_levels(context.options.keep_log)))
    places = pc.indices_nonzero(kept).to_numpy()
    context.books.other_lines += len(block.texts) - len(places) - _blank(block.texts)
    if not len(places):
        return
    context.books.halves += len(places)
    context.books.kept += len(places)
    second, millis, level, text = (parsed.field(index).take(pa.array(places)) for index in range(4))
    local = pc.add(wall_us(second, "%Y-%m-%dT%H:%M:%S"), pc.multiply(millis.cast(pa.int64()), 1000))
    columns = {
        "source_id": pa.repeat(pa.scalar(context.source_id), len(places)),
        "line": pa.array(places + block.line, pa.int64()),
        "byte_offset": pa.array(block.byte_offsets[places], pa.int64()),
        "dated_by": pa.repeat(pa.scalar("record"), len(places)),
        "level": pa.array([_LEVELS[name] for name in level.to_pylist()], pa.string()),
        "text": redacted(text, "text"),
        "logged_local_us": local,
    }
    columns |= in_zone(columns, context.options.zone)
    schema = arrow_schema(SERVER_LOG)
    nothing = pa.nulls(len(places), pa.string())
    arrays = [columns.get(field.name, nothing).cast(field.type) for field in schema]
    yield Batch(SERVER_LOG.name, pa.RecordBatch.from_arrays(arrays, schema=schema))


def _blank(texts: pa.Array) -> int:
    return int(pc.sum(pc.equal(texts, "")).as_py() or 0)


def _kept_levels(least: str) -> pa.Array:
    kept = LEVELS[LEVELS.index(least) :] if least in LEVELS else ()
    return pa.array([told for told, level in _LEVELS.items() if level in kept], pa.string())
