"""Bug reports that were stored as files: JSON of any shape, or free text. Their layout is not published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from wcsanalytics import clock, redact
from wcsanalytics.formats import client_log, hook_capture, server_log, websocket
from wcsanalytics.formats.decoding import BadBody, decode, parsed
from wcsanalytics.formats.found_samples import FoundSamples
from wcsanalytics.formats.line_ends import ends_in
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place, Resume
from wcsanalytics.formats.rows import batch, mtime_us
from wcsanalytics.tables import CLIENT_REPORTS

MAX_REPORT = 4 << 20
"""Of a longer report the beginning is kept, as text."""

_NAME = re.compile(r"\.report$|^bug[-_ ]?report[^/\\]*\.(?:json|txt|log)$", re.I)
_MADE = re.compile(r"(?<!\d)(1\d{12})(?!\d)")


def recognises(head: bytes, file_name: str) -> bool:
    """Whether the file is named as a report, and is nothing else that is known by looking."""
    if not _NAME.search(file_name) or not head.strip() or b"\0" in head:
        return False
    others = (client_log, server_log, websocket, hook_capture)
    return not any(other.recognises(head, "") for other in others)


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `client_reports` and of the samples inside; the whole source is one report, and none is refused."""
    samples = FoundSamples(context)
    text, length, lines = _whole(chunks)
    context.reached = Resume(context.resume.byte_offset + length, context.resume.line + lines)
    if not text.strip():
        return
    place = Place(context.resume.line, context.resume.byte_offset, length)
    context.books.halves += 1
    context.books.kept += 1
    at, dated_by = _made_at(context)
    fields = _fields(text, context.options.caps.text_bytes)
    decoded = decode(CLIENT_REPORTS, [redact.json_text(fields).encode()], context.options.kept_paths)
    columns = decoded.columns | {"extra": decoded.extra, "happened_at": [at], "dated_by": [dated_by]}
    context.doubts.append("the layout of stored bug reports is not published; it is read as it stands")
    yield batch(CLIENT_REPORTS, [place], context, columns)
    samples.report(fields, at, place)
    yield from samples.finish()


def _whole(chunks: Chunks) -> tuple[bytes, int, int]:
    """The report up to the length that is kept, its whole length, and its lines."""
    kept, length, lines = b"", 0, 0
    for chunk in chunks:
        kept += chunk[: MAX_REPORT - len(kept)]
        length += len(chunk)
        lines += ends_in(chunk)
    return kept, length, lines


def _fields(text: bytes, longest: int) -> dict[str, Any]:
    """The report as an object: what is no JSON object is its text."""
    try:
        return parsed(text.removeprefix(b"\xef\xbb\xbf"))
    except BadBody:
        return {"text": text[:longest].decode("utf-8", "backslashreplace").strip()}


def _made_at(context: Context) -> tuple[int | None, str | None]:
    """When the report was made: its name tells epoch ms, else its file's time counts."""
    for told in _MADE.findall(context.file_name):
        if (at := clock.instant(int(told))) is not None:
            return at, "file_name"
    at = mtime_us(context)
    return at, None if at is None else "mtime"
