"""Statistics that clients put into their bug reports, where hooks tell of these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.formats.found_samples import FoundSamples
from wcsanalytics.formats.reading import Batch, Context, Place

Given = TypeVar("Given")

_IDS = {"nodeId": "node_id", "sessionId": "session_id", "mediaSessionId": "media_session_id", "callId": "call_id"}


def with_reports(read: Callable[[Given, Context], Iterator[Batch]]) -> Callable[[Given, Context], Iterator[Batch]]:
    """The reading of a format that tells of hooks, and after its bug reports the samples inside them."""

    def reading(given: Given, context: Context) -> Iterator[Batch]:
        samples = FoundSamples(context)
        for batch in read(given, context):
            yield batch
            if batch.table == "diagnostic_hooks":
                _take(batch.rows, samples)
                yield from samples.finish()

    return reading


def _take(rows: pa.RecordBatch, samples: FoundSamples) -> None:
    """Hand over what the reports hold besides their text; an answer alone only repeats its report."""
    reports = pc.and_(pc.equal(rows["hook"], "submitBugReport"), pc.is_valid(rows["extra"]))
    reports = pc.and_(reports, pc.not_equal(pc.fill_null(rows["half"], ""), "answer"))
    for row in rows.filter(reports).to_pylist():
        ids: dict[str, Any] = {key: row[name] for key, name in _IDS.items() if row[name] is not None}
        at = row["sent_at"]
        at_us = None if at is None else round(at.timestamp() * 1_000_000)
        place = Place(row["line"], row["byte_offset"], 0)
        samples.report(ids | msgspec.json.decode(row["extra"], type=dict[str, Any]), at_us, place)
