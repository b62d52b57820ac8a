"""The fuzzer, for a moment: nothing is found in the formats, and what is planted is found."""

import math
from collections.abc import Iterator

import pyarrow.compute as pc
import pytest

from tests import fuzz
from wcsanalytics.formats import FORMATS, Batch, Context, Format

READ = {
    "bug_report": 4606,
    "cdr": 1916,
    "client_log": 394,
    "conndr": 1277,
    "console_log": 2122,
    "event_export": 2297,
    "getstats": 1313,
    "har": 3154,
    "hls_log": 1877,
    "hook_capture": 1312,
    "mdr": 1449,
    "metric_messages": 1200,
    "rtcstats": 995,
    "sdr": 1182,
    "server_log": 1051,
    "stat_page": 4863,
    "stream_metrics": 1412,
    "webrtc_internals": 2425,
    "websocket": 1248,
}
"""Captures of each format: a tenth of what two minutes of the fuzzer read on two shared cores in November 2026."""
ENOUGH = 120
"""So many show a fault that is planted."""

LOG = next(format_ for format_ in FORMATS if format_.name == "server_log")


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.name)
def test_no_damage_escapes_the_law(format_: Format) -> None:
    count, found = fuzz.findings(format_, until=math.inf, most=READ[format_.name])

    assert found == {}
    assert count == READ[format_.name]


def test_a_lone_surrogate_in_a_key_stops_nothing() -> None:
    capture = next(format_ for format_ in FORMATS if format_.name == "hook_capture")
    line = b'{"hook":"OnDataEvent","sessionId":"s","a\\ud800":1}\n'

    assert fuzz.read(capture, iter([line])).rows[0]["extra"] == '{"a\\\\ud800":1}'


def losing_a_row(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    for table, rows in LOG.read(chunks, context):
        yield Batch(table, rows.slice(1))


def miscounting(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    yield from LOG.read(chunks, context)
    context.books.halves += context.books.rejected


def misplacing(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    for table, rows in LOG.read(chunks, context):
        lines = pc.add(rows["line"], 1)
        yield Batch(table, rows.set_column(rows.schema.get_field_index("line"), rows.schema.field("line"), lines))


def stopping(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    data = b"".join(chunks)
    data.decode()
    yield from LOG.read(iter([data]), context)


def minding_chunks(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    yield from LOG.read(iter([next(chunks, b"")]), context)


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (losing_a_row, "AssertionError: "),
        (miscounting, "AssertionError: the books don't balance"),
        (misplacing, "AssertionError: line "),
        (stopping, "UnicodeDecodeError"),
        (minding_chunks, "AssertionError: cut at "),
    ],
)
def test_a_planted_fault_is_found(read, kind: str) -> None:
    _, found = fuzz.findings(LOG._replace(read=read), until=math.inf, most=ENOUGH)

    assert any(told.startswith(kind) for told in found), found.keys()
