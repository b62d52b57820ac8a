"""Log formats: each a module with `recognises(head, file_name)` and `read(chunks, context)`.

A new format is one module and one line in FORMATS, which is in sniffing order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from wcsanalytics.formats import detail_records, hls_log, hook_capture, server_log
from wcsanalytics.formats.caps import USUAL, Caps
from wcsanalytics.formats.reading import Batch, Books, Chunks, Context, Options, Resume
from wcsanalytics.formats.refusals import REASONS


class Format(NamedTuple):
    """A log format. `read` gives batches of stored tables and leaves its counts in the context."""

    name: str
    meaning: str
    recognises: Callable[[bytes, str], bool]
    read: Callable[[Chunks, Context], Iterator[Batch]]


FORMATS = (
    Format(
        "hook_capture",
        "hooks as JSON, as a backend or a proxy saw them",
        hook_capture.recognises,
        hook_capture.read,
    ),
    Format("server_log", "flashphoner.log and its kin", server_log.recognises, server_log.read),
    Format(
        "sdr",
        "sdr.log: a line for each stream that is over",
        detail_records.recogniser(detail_records.STREAMS),
        detail_records.reader(detail_records.STREAMS),
    ),
    Format(
        "cdr",
        "cdr.log: a line for each SIP call that is over; its layout is not documented",
        detail_records.recogniser(detail_records.CALLS),
        detail_records.reader(detail_records.CALLS),
    ),
    Format(
        "mdr",
        "mdr.log: a line for each SIP message; its layout is not documented",
        detail_records.recogniser(detail_records.MESSAGES),
        detail_records.reader(detail_records.MESSAGES),
    ),
    Format(
        "conndr",
        "conndr.log: a line for each WebSocket connection that is over; its layout is not documented",
        detail_records.recogniser(detail_records.CONNECTIONS),
        detail_records.reader(detail_records.CONNECTIONS),
    ),
    Format("hls_log", "log of an HLS agent", hls_log.recognises, hls_log.read),
)

__all__ = ["FORMATS", "REASONS", "USUAL", "Batch", "Books", "Caps", "Context", "Format", "Options", "Resume"]
