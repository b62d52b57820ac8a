"""The server's statistics page (`?action=stat`), as text or as JSON: one page, or polled, one a value with its time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from math import isfinite
from typing import Any, NamedTuple

import pyarrow as pa

from wcsanalytics import clock
from wcsanalytics.formats.decoding import BadBody
from wcsanalytics.formats.getstats_forms import AT_KEYS
from wcsanalytics.formats.lines import Lines
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place, Resume
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.rows import mtime_us
from wcsanalytics.formats.sampled_values import decoded, head_values
from wcsanalytics.formats.samples import is_metric, is_number, numbers
from wcsanalytics.formats.values import Value, Values
from wcsanalytics.protocol import measure
from wcsanalytics.tables import ARROW_TYPES, SERVER_SAMPLES, arrow_schema

GROUPS = {
    "connection": "connections_stats",
    "connections": "connections_stats",
    "port": "port_stats",
    "ports": "port_stats",
    "stream": "streams_stats",
    "streams": "streams_stats",
    "native": "native_resources",
    "core": "core_stats",
}
"""Newer name of a group by the older one, which is the first word of its header."""

_HEADER = re.compile(rb"-+[ \t]*([A-Za-z_]+)[A-Za-z_ \t]*-*")
_PAIR = re.compile(rb"([A-Za-z][\w.]*)=(.*)", re.ASCII)
_KNOWN = frozenset({*GROUPS.values(), "degraded_streams_percent"})
_OF_SERVER = re.compile(r"connections|ports_|streams_|core_|native_resources|degraded_streams")
_PAGE_KEYS = ("body", "data", "answer", "response")

_BLANK = b"\xef\xbb\xbf \t\r\n\0"


class Row(NamedTuple):
    """One value of a page, as it stands there."""

    group: str | None
    metric: str
    value: object
    at: int | None
    estimated: bool
    place: Place


Rows = list[Row]


def recognises(head: bytes, file_name: str) -> bool:
    """Whether the head opens a page of groups with their numbers, or holds one."""
    first = head.lstrip(_BLANK)
    if first.startswith(b"-"):
        return _is_page(first)
    return any(_groups(_page(value)) for value in head_values(head))


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `server_samples` and `rejected`."""
    head = b""
    for chunk in chunks:
        head += chunk
        if head.strip(_BLANK):
            break
    walk = _text if context.resume.state == "text" or head.lstrip(_BLANK).startswith(b"-") else _values
    yield from walk(chain([head], chunks), context)


def _values(chunks: Chunks, context: Context) -> Iterator[Batch]:
    values = Values(context.resume.byte_offset, context.resume.line, context.options.caps.record_bytes)
    refusals = Refusals(context)
    books = context.books
    for chunk, last in _with_last(chunks):
        rows: Rows = []
        for value in values.feed(chunk, last):
            page = decoded(value)
            if isinstance(page, BadBody):
                books.halves += 1
                books.rejected += 1
                refusals.add(value.place, str(page), value.n_lines)
                continue
            at, estimated = _at(page, context)
            found = _groups(_page(page))
            books.halves += bool(found)
            books.kept += bool(found)
            books.other_lines += 0 if found else value.n_lines
            rows += [Row(*one, at, estimated, value.place) for one in found]
        yield from _batch(rows, context)
    yield from refusals.finish()
    books.halves += values.pending
    books.pending += values.pending
    context.reached = Resume(values.reached, values.line)


def _text(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Pages of text, one after the other; only the last one is as old as its file."""
    lines = Lines(context.resume.byte_offset, context.resume.line, context.options.caps.record_bytes)
    pages = _Pages(context)
    for chunk in chunks:
        yield from pages.take(lines.feed(chunk))
    yield from pages.take(lines.last(lambda _: True))
    yield from _batch([row._replace(at=mtime_us(context)) for row in pages.rows], context)
    context.reached = Resume(lines.reached, lines.line, state="text")


class _Pages:
    """The walk over pages of text; `rows` are those of the page at hand."""

    def __init__(self, context: Context) -> None:
        self.rows: Rows = []
        self._context = context
        self._group: str | None = None
        self._seen: set[str] = set()

    def take(self, lines: Iterable[Value]) -> Iterator[Batch]:
        """Batches of the pages that end before one of these lines."""
        books = self._context.books
        for line in lines:
            header, pair = _HEADER.fullmatch(line.text), _pair(line.text)
            if header:
                self._group = _newer(header[1].decode())
                if not self._seen or self._group in self._seen:
                    yield from _batch(self.rows, self._context)
                    self.rows, self._seen = [], set()
                    books.halves += 1
                    books.kept += 1
                self._seen.add(self._group)
            elif pair and self._seen:
                self.rows.append(Row(self._group, *pair, None, True, line.place))
            else:
                books.other_lines += 1


def _with_last(chunks: Chunks) -> Iterator[tuple[bytes, bool]]:
    for chunk in chunks:
        yield chunk, False
    yield b"", True


def _is_page(text: bytes) -> bool:
    lines = [line.strip() for line in text.split(b"\n")[:20] if line.strip()]
    pairs = [line for line in lines if _PAIR.fullmatch(line)]
    return bool(lines) and _HEADER.fullmatch(lines[0]) is not None and 2 * len(pairs) >= len(lines) - 1 and bool(pairs)


def _page(value: Any) -> Any:
    """The page in a value: itself, or what stands in the record of a poll."""
    if not isinstance(value, dict):
        return None
    return next((value[key] for key in _PAGE_KEYS if isinstance(value.get(key), dict | str)), value)


def _groups(page: Any) -> list[tuple[str | None, str, object]]:
    """Group, metric and value of each number of a page."""
    if isinstance(page, str):
        return _groups_in_text(page)
    told = {_newer(name): one for name, one in page.items()} if isinstance(page, dict) else {}
    if not _KNOWN & told.keys():
        return []
    found: list[tuple[str | None, str, object]] = []
    for group, inner in told.items():
        members: Mapping[str, Any] = inner if isinstance(inner, dict) else {group: inner}
        found += [(group if isinstance(inner, dict) else None, name, one) for name, one in members.items()]
    found = [one for one in found if is_metric(one[1]) and is_number(one[2])]
    return found if any(_OF_SERVER.match(name) for _, name, _ in found) else []


def _groups_in_text(text: str) -> list[tuple[str | None, str, object]]:
    page = text.encode("utf-8", "replace")
    if page[:1] != b"-" or not _is_page(page):
        return []
    found: list[tuple[str | None, str, object]] = []
    group: str | None = None
    for line in map(bytes.strip, page.split(b"\n")):
        if header := _HEADER.fullmatch(line):
            group = _newer(header[1].decode())
        elif pair := _pair(line):
            found.append((group, *pair))
    return found


def _pair(line: bytes) -> tuple[str, str] | None:
    match = _PAIR.fullmatch(line)
    return None if match is None else (match[1].decode(), match[2].decode("latin-1").strip())


def _newer(group: str) -> str:
    return GROUPS.get(group.lower(), group)


def _at(value: Any, context: Context) -> tuple[int | None, bool]:
    told = value if isinstance(value, dict) else {}
    for key in AT_KEYS:
        if (at := clock.instant(told.get(key), context.options.zone)) is not None:
            return at, False
    return mtime_us(context), True


def _batch(rows: Rows, context: Context) -> Iterator[Batch]:
    named = [row for row in rows if is_metric(row.metric)]
    values = numbers([row.value for row in named]).tolist()
    kept = [row._replace(value=value) for row, value in zip(named, values, strict=True) if isfinite(value)]
    if not kept:
        return
    group, metric, value, at, estimated, place = zip(*kept, strict=True)
    columns = {
        "source_id": pa.repeat(pa.scalar(context.source_id), len(kept)),
        "line": pa.array([one.line for one in place], pa.int64()),
        "byte_offset": pa.array([one.byte_offset for one in place], pa.int64()),
        "node_id": pa.array([context.options.node] * len(kept), pa.string()),
        "sampled_at": pa.array(at, pa.int64()).cast(ARROW_TYPES["instant"]),
        "estimated": pa.array(estimated, pa.bool_()),
        "metric_group": pa.array(group, pa.string()),
        "metric": pa.array(metric, pa.string()),
        "value": pa.array(value, pa.float64()),
        "unit": pa.array([measure(name).unit or "count" for name in metric], pa.string()),
        "measured_by": pa.repeat(pa.scalar("stat_page"), len(kept)),
    }
    schema = arrow_schema(SERVER_SAMPLES)
    yield Batch(
        SERVER_SAMPLES.name, pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)
    )
