"""Ends of lines, counted."""

from __future__ import annotations


def ends_in(data: bytes, start: int = 0, stop: int | None = None) -> int:
    """How many lines end in a part of the data. A search passes by a very long line many times faster than a count."""
    first = data.find(b"\n", start, stop)
    return data.count(b"\n", first, stop) if first >= 0 else 0
