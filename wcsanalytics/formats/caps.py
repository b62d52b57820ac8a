"""How large a record may be: the caps of this room that a user may set.

What is held at a time for the sake of memory has fixed bounds, which stand in the formats: a line of detail records, a
line of a client's log, a row of separated values, a batch of metrics; a report or Parquet file read whole.
How deep a record may be nested is `redact.DEPTH`, which can't be raised: what takes secrets out goes down as deep.
"""

from __future__ import annotations

from dataclasses import dataclass

RECORD_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Caps:
    """`record_bytes` hold a line, a block or a JSON value, and a quarter of a dump; a longer one is refused unread.

    Of a log line with its stack trace, of a client, a console or a server, and of a report in words as much is kept as
    `text_bytes` hold. So many records as `rejected_rows` are
    refused with a row each; of a flood, the others are counted in one row for each reason.
    """

    record_bytes: int = RECORD_BYTES
    text_bytes: int = 64 << 10
    rejected_rows: int = 1000


USUAL = Caps()
