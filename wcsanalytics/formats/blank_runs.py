"""Long runs of blank lines: passed at once, since to look at each of millions costs more than all records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

LEAST = 63
"""Fewer blank lines are no run. An odd number, by which ends of the other kind are searched in strides."""

_STEPS = {end: (end * (64 << 10), end * LEAST) for end in (b"\n", b"\r\n")}
"""Ends of lines, each with the steps by which a run of it is passed: long ones, then short ones."""


class Run(NamedTuple):
    """Where blank lines stand, from the beginning of the first to the end of the last, and how many."""

    start: int
    stop: int
    n_lines: int


def between(data: bytes) -> Iterator[tuple[bytes, Run]]:
    """Text and the run after it, over and over; the last run is empty. A text before a run ends with its line."""
    start = 0
    for run in chain(_runs(data), [Run(len(data), len(data), 0)]):
        yield data[start : run.start], run
        start = run.stop


def run_at(data: bytes, start: int) -> Run:
    """The run that begins at `start`; it may be empty."""
    for end, (_, least) in _STEPS.items():
        if data.startswith(least, start):
            return _run(data, start, end)
    return Run(start, start, 0)


def matches(border: re.Pattern[bytes], data: bytes, start: int = 0) -> Iterator[re.Match[bytes]]:
    """Where the border is found; it begins with an end of line, which no other one follows."""
    for run in _runs(data):
        if run.stop > start:
            yield from border.finditer(data, start, run.start)
            start = max(start, run.stop - 1)
    yield from border.finditer(data, start)


def _runs(data: bytes) -> list[Run]:
    """All runs. A search for text is quick, where one by pattern would cost as much as the reading."""
    found: list[Run] = []
    start = 0
    for run in [*_runs_of(b"\n", data, 0, len(data)), Run(len(data), len(data), 0)]:
        found += _runs_of(b"\r\n", data, start, run.start)  # a search through the run itself would be slow
        found += [run] if run.n_lines else []
        start = run.stop - 1
    return found


def _runs_of(end: bytes, data: bytes, start: int, stop: int) -> Iterator[Run]:
    sought = b"\n" + _STEPS[end][-1]
    while (at := data.find(sought, start, stop)) >= 0:
        run = _run(data, at + 1, end)
        yield run
        start = run.stop - 1


def _run(data: bytes, start: int, end: bytes) -> Run:
    stop = start
    for step in _STEPS[end]:
        while data.startswith(step, stop):
            stop += len(step)
    return Run(start, stop, (stop - start) // len(end))
