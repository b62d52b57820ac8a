"""Records that are not kept: a pointer and a reason each, never their text."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from wcsanalytics.formats.reading import Batch, Context, Place
from wcsanalytics.tables import REJECTED, arrow_schema

REASONS = {
    "torn_block": "a REST block without a whole JSON body",
    "invalid_json": "not JSON",
    "invalid_utf8": "not UTF-8",
    "not_an_object": "JSON, but not an object",
    "too_deep": "nested too deeply",
    "too_long": "longer than any record may be",
    "other_layout": "a line that does not have the layout of its file",
    "no_description": "a batch of metrics that no description of its columns comes before",
    "bad_batch": "a batch of metrics whose values can't be told apart",
    "no_hook": "neither the record nor its file name tells the hook",
    "no_line": "JSON, but no line of a browser's console",
    "no_message": "neither a WebSocket message nor an event of the socket",
    "no_event": "not a row of the server's event log",
}
"""Every reason a record can be refused for."""


class Refusals:
    """Rows of `rejected` of one source."""

    def __init__(self, context: Context) -> None:
        self._source_id = context.source_id
        self._most = context.options.caps.rejected_rows
        self._rows: list[tuple[Place, str, int]] = []
        self._rest: dict[str, tuple[Place, str, int]] = {}

    def add(self, place: Place, reason: str, n_lines: int = 1) -> None:
        """Note a record; `reason` is a key of REASONS."""
        assert reason in REASONS, reason
        if len(self._rows) < self._most:
            self._rows.append((place, reason, n_lines))
            return
        first, _, counted = self._rest.get(reason, (place._replace(length=0), reason, 0))
        self._rest[reason] = (first._replace(length=first.length + place.length), reason, counted + n_lines)

    def finish(self) -> Iterator[Batch]:
        """The rows noted, if any."""
        noted = [*self._rows, *self._rest.values()]
        if not noted:
            return
        rows = {
            "source_id": [self._source_id] * len(noted),
            "line": [place.line for place, _, _ in noted],
            "byte_offset": [place.byte_offset for place, _, _ in noted],
            "length": [place.length for place, _, _ in noted],
            "reason": [reason for _, reason, _ in noted],
            "n_lines": [n_lines for _, _, n_lines in noted],
        }
        yield Batch(REJECTED.name, pa.RecordBatch.from_pydict(rows, schema=arrow_schema(REJECTED)))
