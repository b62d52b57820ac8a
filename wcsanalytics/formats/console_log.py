"""Consoles of browsers, captured by a test harness or an extension: a line of JSON for each entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from wcsanalytics.formats.decoding import redacted
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.rows import batch, batches_of_objects, epoch_us, first_objects, mtime_us, refused
from wcsanalytics.tables import CLIENT_LOG_LINES

AT_KEYS = ("ts", "time", "timestamp")
LEVELS = {
    "log": None,
    "verbose": "DEBUG",
    "debug": "DEBUG",
    "trace": "TRACE",
    "info": "INFO",
    "warn": "WARN",
    "warning": "WARN",
    "error": "ERROR",
    "assert": "ERROR",
}
"""Kinds of console entries, and their levels; a plain log has the level of the line that it shows, if any."""


def recognises(head: bytes, file_name: str) -> bool:
    """Whether most of the first values are console entries."""
    found = first_objects(head)
    return 2 * sum(_text(fields) is not None for fields in found) > len(found)


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `client_log_lines`."""

    def rows(objects: list[tuple[Place, dict[str, Any]]], refusals: Refusals) -> Iterator[Batch]:
        entries = [(place, fields) for place, fields in objects if _text(fields) is not None]
        for place in {place for place, _ in objects} - {place for place, _ in entries}:
            refused(context, refusals, place, "no_line")
        told = epoch_us(
            [next((fields[key] for key in AT_KEYS if key in fields), None) for _, fields in entries], context
        )
        at = [own if own is not None else mtime_us(context) for own in told]
        longest = context.options.caps.text_bytes
        texts = pa.array([_kept(_text(fields) or "", longest) for _, fields in entries], pa.string())
        yield batch(
            CLIENT_LOG_LINES,
            [place for place, _ in entries],
            context,
            {
                "logged_at": at,
                "dated_by": [
                    "record" if own is not None else None if then is None else "mtime"
                    for own, then in zip(told, at, strict=True)
                ],
                "told_by": ["console"] * len(entries),
                "level": [LEVELS[_kind(fields)] for _, fields in entries],
                "text": redacted(texts, "text"),
            },
        )

    yield from batches_of_objects(chunks, context, rows)


def _kind(fields: dict[str, Any]) -> str:
    kind = fields.get("type", fields.get("level"))
    return kind.lower() if isinstance(kind, str) else ""


def _text(fields: dict[str, Any]) -> str | None:
    """The text of a console entry; None for anything else."""
    text = fields.get("text", fields.get("message"))
    if not isinstance(text, str) or _kind(fields) not in LEVELS or not any(key in fields for key in AT_KEYS):
        return None
    return text


def _kept(text: str, longest: int) -> str:
    """As much of a text as may be kept."""
    cut = text[:longest].encode("utf-8", "backslashreplace")[:longest]
    return cut.decode("utf-8", "ignore").replace("\r\n", "\n").strip()
