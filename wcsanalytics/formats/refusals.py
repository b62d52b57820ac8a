"""Records that are not kept: a pointer and a reason each, never their text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(slots=True)
class _Flood:
    """Those of one reason that are only counted: where the first one stands, and the length and lines of all."""

    first: Place
    length: int = 0
    n_lines: int = 0


class Refusals:
    """Rows of `rejected` of one source."""

    def __init__(self, context: Context) -> None:
        self._source_id = context.source_id
        self._most = context.options.caps.rejected_rows
        self._rows: list[tuple[Place, str, int]] = []
        self._rest: dict[str, _Flood] = {}

    def add(self, place: Place, reason: str, n_lines: int = 1) -> None:
        """Note a record; `reason` is a key of REASONS."""
        assert reason in REASONS, reason
        if len(self._rows) < self._most:
            self._rows.append((place, reason, n_lines))
            return
        flood = self._rest.get(reason) or self._rest.setdefault(reason, _Flood(place))
        flood.length += place.length
        flood.n_lines += n_lines

    def finish(self) -> Iterator[Batch]:
        """The rows noted, if any."""
        floods = ((one.first._replace(length=one.length), why, one.n_lines) for why, one in self._rest.items())
        noted = [*self._rows, *floods]
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
