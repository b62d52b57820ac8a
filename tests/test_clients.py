"""Formats of what clients leave, and of the server's event log. All cases here are synthetic."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.formats import FORMATS, Caps, Context, Options, Resume
from wcsanalytics.formats.separated_values import MAX_ROW, separator_of
from wcsanalytics.tables import TABLES, batch_schema

CASES = Path(__file__).parent / "cases" / "clients"
COUNTS = ("halves", "pairs", "kept", "rejected", "pending", "other_lines")
EXPECTED = sorted(CASES.glob("*/*.expected.ndjson"))
SECRETS = ("hunter2", "t0ken", "s3cretice", "203.0.113.9\\", "abc123", "u:p@")
LONE = "\ud800"
LINE_OF_A_ROW = b"x" * 1023 + b"\n"
cases = pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")
Read = Callable[..., Any]


def given_in(expected: Path) -> Path:
    stem = expected.name.removesuffix(".expected.ndjson")
    (found,) = [path for path in expected.parent.glob(f"{stem}.*") if path != expected]
    return found


def format_of(name: str) -> Any:
    return next(format_ for format_ in FORMATS if format_.name == name)


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def reading_of(expected: Path, read: Read, data: Any = None, **options: Any) -> Any:
    path = given_in(expected)
    data = path.read_bytes() if data is None else data
    return read(expected.parent.name, data, file_name=path.name, **options)


@cases
def test_case(expected: Path, read: Read) -> None:
    books, *rows = map(json.loads, expected.read_text(encoding="utf-8").splitlines())

    reading = reading_of(expected, read)

    compared = [{name: plain(row.get(name)) for name in one} for row, one in zip(reading.rows, rows, strict=False)]
    assert compared == rows
    assert len(reading.rows) == len(rows)
    found = {name: getattr(reading.context.books, name) for name in COUNTS}
    assert found == {**dict.fromkeys(found, 0), **books["books"]}


@cases
def test_a_case_is_recognised_by_one_format(expected: Path) -> None:
    path = given_in(expected)

    assert [one.name for one in FORMATS if one.recognises(path.read_bytes(), path.name)] == [expected.parent.name]


@cases
def test_no_secret_is_kept(expected: Path, read: Read) -> None:
    kept = repr(reading_of(expected, read).rows)

    assert [secret for secret in SECRETS if secret in kept] == []


@cases
def test_what_is_read_does_not_depend_on_how_the_bytes_come(expected: Path, read: Read) -> None:
    data = given_in(expected).read_bytes()
    whole = reading_of(expected, read)

    for size in (1, 7, 61, 1000):
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        parts = reading_of(expected, read, pieces)
        assert (parts.rows, parts.context.books) == (whole.rows, whole.context.books)


@cases
def test_batches_are_as_declared(expected: Path) -> None:
    path = given_in(expected)
    for table, rows in format_of(expected.parent.name).read(iter([path.read_bytes()]), Context("source", path.name)):
        rows.validate(full=True)
        assert rows.schema.equals(batch_schema(TABLES[table]), check_metadata=True)


@pytest.mark.parametrize("name", ["websocket/publish", "client_log/web_sdk", "console_log/console"])
def test_a_source_that_grows_is_read_on(name: str, read: Read) -> None:
    expected = CASES / f"{name}.expected.ndjson"
    data = given_in(expected).read_bytes()
    whole = reading_of(expected, read)
    lines = data.splitlines(keepends=True)

    for count in range(1, len(lines)):
        head = b"".join(lines[:count])
        first = reading_of(expected, read, head)
        rest = reading_of(expected, read, data[first.context.reached.byte_offset :], resume=first.context.reached)
        settled = [row for row in first.rows if row["byte_offset"] < first.context.reached.byte_offset]
        assert settled + rest.rows == whole.rows
        assert first.context.books.kept + rest.context.books.kept == whole.context.books.kept


FRAME = json.dumps({"message": LONE, "data": [{LONE: LONE}]})
HOLDING_LONE = (
    ("websocket", {"message": LONE, "data": [{LONE: LONE}]}, "message"),
    ("websocket", {"raw": FRAME}, "message"),
    ("websocket", {"conn": LONE, "message": "hold", "data": []}, "connection"),
    ("har", {"log": {"entries": [{"_webSocketMessages": [{"data": FRAME}]}]}}, "message"),
    ("console_log", {"ts": 1773479720655, "type": "log", "text": LONE}, "text"),
    ("event_export", {"timestamp": 1, "sessionId": LONE, "eventType": 1, "eventPayload": LONE}, "session_id"),
)


@pytest.mark.parametrize(("name", "value", "column"), HOLDING_LONE)
def test_a_lone_surrogate_is_kept_as_the_text_of_its_escape(
    name: str, value: dict[str, Any], column: str, read: Read
) -> None:
    reading = read(name, json.dumps(value).encode() + b"\n")

    assert [row[column] for row in reading.rows] == ["\\ud800"]


@pytest.mark.parametrize(
    "row",
    [b"x" * (MAX_ROW + 1) + b"\n", b'"' + LINE_OF_A_ROW * (MAX_ROW // len(LINE_OF_A_ROW))],
    ids=["of one line", "of an open quote"],
)
@pytest.mark.parametrize("size", [1 << 20, 3 << 20, 1 << 30])
def test_a_row_that_is_too_long_is_refused_unread(row: bytes, size: int, read: Read) -> None:
    header, good = b"timestamp,ip,sessionId,eventType,eventPayload\n", b"1773479720655,,s,3,\n"
    data = header + good + row + good
    reading = read("event_export", (data[at : at + size] for at in range(0, len(data), size)))
    first, refused, last = reading.rows

    assert (refused["table"], refused["reason"]) == ("rejected", "too_long")
    assert (refused["line"], refused["byte_offset"], refused["length"]) == (3, len(header + good), len(row))
    assert (first["line"], last["line"], last["byte_offset"]) == (2, data.count(b"\n"), len(data) - len(good))
    assert reading.context.reached == Resume(len(data), data.count(b"\n") + 1)


def test_the_torn_last_line_of_a_client_log_is_read_again(read: Read) -> None:
    first = read("client_log", b'10:15:20 INFO core - "one"\n10:15:21 INFO core - "tw')
    rest = read("client_log", b'10:15:21 INFO core - "two"\n', resume=first.context.reached)

    assert (first.context.books.kept, first.context.books.pending) == (1, 1)
    assert first.context.reached.byte_offset == 27
    assert [row["text"] for row in rest.rows] == ['10:15:21 INFO core - "two"']


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/x/client_logs/2026-05-01/s1-09-15-00/client.log", datetime(2026, 5, 1, 10, 15, 20, tzinfo=UTC)),
        ("a.zip!client_logs/2026-05-01/s1-09-15-00/client.log", datetime(2026, 5, 1, 10, 15, 20, tzinfo=UTC)),
        ("/x/client.log", datetime(2000, 1, 1, 10, 15, 20, tzinfo=UTC)),
    ],
)
def test_a_folder_of_client_logs_tells_the_day(path: str, told: datetime) -> None:
    context = Context("source", "client.log", path=path)

    batches = list(format_of("client_log").read(iter([b'10:15:20 INFO core - "one"\n']), context))

    assert [row["logged_at"] for _, rows in batches for row in rows.to_pylist()] == [told]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"10:15:20 something else\n10:15:21 again\n",
        b'{"message":"hello","data":{"status":1}}\n',
        b'{"message":"hello","data":[1]}\n',
        b'{"ts":"2026-03-14T09:15:20Z","page":"p","event":"pub:FAILED","detail":"x"}\n',
        b'{"ts":"2026-03-14T09:15:20Z","id":"m","packets":{"up":1}}\n',
        b"a,b\n1,2\n",
        b"PAR1\x15\x04",
        b'{"log":"x"}\n',
        b"# Read me\n",
    ],
)
def test_what_is_not_known_is_not_guessed(head: bytes) -> None:
    assert [one.name for one in FORMATS if one.recognises(head, "what.ndjson")] == []


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'10:15:20 INFO core - "one"\n', "client_log"),
        (b'{"message":"connection","data":[{}]}\n', "websocket"),
        (b"11:15:20,655 INFO            RestClient - Thread-1 SEND REST OBJECT ==>\n", "server_log"),
        (b"My picture froze\n", "bug_report"),
    ],
)
def test_a_report_is_what_it_looks_like(data: bytes, name: str) -> None:
    assert [one.name for one in FORMATS if one.recognises(data, "client-1795471396965.report")] == [name]


def test_parquet_of_the_event_log(read: Read) -> None:
    sent = datetime(2026, 3, 14, 9, 15, 20, 655_000, tzinfo=UTC)
    sink = BytesIO()
    table = pa.table({"sendTime": [1773479720655], "responseTime": [None], "method": ["connect"], "sessionId": ["s1"]})
    pq.write_table(table, sink)

    reading = read("event_export", sink.getvalue(), file_name="RestHooksEvent.parquet")

    assert [(row["sent_at"], row["hook"], row["session_id"], row["line"]) for row in reading.rows] == [
        (sent, "connect", "s1", 1)
    ]
    assert format_of("event_export").recognises(sink.getvalue(), "RestHooksEvent.parquet")


def test_a_torn_parquet_is_one_record_that_is_not_kept(read: Read) -> None:
    reading = read("event_export", b"PAR1 and nothing", file_name="StreamEvent.parquet")

    assert [row["reason"] for row in reading.rows] == ["no_event"]


def test_a_table_that_has_grown_lacks_its_header(read: Read) -> None:
    reading = read("event_export", b'1773479720655,"203.0.113.10","s1",3,""\n', resume=Resume(byte_offset=56, line=2))

    assert [row["reason"] for row in reading.rows] == ["no_event"]
    assert reading.context.doubts == ["it has grown since it was read, and its header stands before; export it anew"]


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"a,b\n", (",", ("a", "b"))),
        (b'\xef\xbb\xbf"a"\t"b"\r\n1\t2', ("\t", ("a", "b"))),
        (b"one\n", None),
        (b"1,2\n", None),
        (b"", None),
    ],
)
def test_a_header_tells_the_separator(head: bytes, found: object) -> None:
    assert separator_of(head) == found


NAMES = st.sampled_from(
    ["connection", "pushLogs", "submitBugReport", "setRemoteSDP", "hold", "webRTCMetricsBatch", "x"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.tuples(NAMES, st.lists(JSON, max_size=2)), max_size=5))
def test_any_message_is_kept(messages: list[tuple[str, list[Any]]]) -> None:
    data = b"".join(json.dumps({"message": name, "data": one}).encode() + b"\n" for name, one in messages)
    context = Context("source", options=Options())

    rows = [row for table, batch in format_of("websocket").read(iter([data]), context) for row in batch.to_pylist()]

    assert context.books.balanced()
    assert [row["message"] for row in rows] == [name for name, _ in messages]


DEEP = '{"a":' * 250 + "1" + "}" * 250
FRAME = '{"message":"sendData","data":[{"operationId":"%s","unknown":%s}]}'
FRAMES = [{"type": "send", "time": 1773482400, "data": FRAME % told} for told in (("o1", DEEP), ("o2", "1"))]


@pytest.mark.parametrize(
    ("format_", "text", "kept", "rejected"),
    [
        ("websocket", json.dumps({"ts": "2026-03-14T10:00:00Z", "conn": "c", "raw": FRAME % ("o1", DEEP)}), 0, 1),
        ("event_export", f'{{"sendTime":"2026-03-14 10:00:00","method":"connect","unknown":{DEEP}}}', 0, 1),
        (
            "event_export",
            f'{{"timestamp":"2026-03-14 10:00:00","eventType":1,"eventPayload":"","mediaSessionId":"m","x":{DEEP}}}',
            0,
            1,
        ),
        ("har", json.dumps({"log": {"version": "1.2", "entries": [{"_webSocketMessages": FRAMES}]}}), 1, 1),
    ],
    ids=["message", "hook of the event log", "event of the event log", "one of two messages"],
)
def test_what_can_not_be_read_is_refused_by_its_place(read: Read, format_: str, text: str, kept: int, rejected: int):
    reading = read(format_, text.encode() + b"\n")
    books = reading.context.books

    assert (books.halves, books.kept, books.rejected) == (kept + rejected, kept, rejected)
    assert [row["reason"] for row in reading.rows if row["table"] == "rejected"] == ["too_deep"]
    assert [row.get("operation_id") for row in reading.rows if row["table"] != "rejected"] == ["o2"] * kept


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("client_log", b"10:00:00 INFO core - " + b"x" * 100 + b"\n"),
        ("console_log", b'{"ts":"2026-03-14T10:00:00Z","type":"log","text":"' + b"x" * 100 + b'"}\n'),
        ("bug_report", b"x" * 100),
    ],
)
def test_texts_are_kept_as_far_as_the_cap_says(read: Read, format_: str, text: bytes) -> None:
    reading = read(format_, text, options=Options(caps=Caps(text_bytes=40)), file_name="a.report")

    assert [len(row["text"]) for row in reading.rows] == [40]


@pytest.mark.parametrize(
    "text",
    [
        '{"text":NaN}', '{"text":1e999}', '{"text":01}', '{"text":"cut', "[]", '"said"', "{}{}",
        '{"text":' + "[" * 100_000 + "]" * 100_000 + "}", '{"text":' + "[" * 200 + "]" * 200 + "}", "a\0\ufffe",
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_report_that_is_no_json_object_is_its_text(text: str, read: Read) -> None:
    reading = read("bug_report", b"\n" + text.encode() + b"\n", file_name="a.report")
    (row,) = reading.rows

    assert (row["table"], row["line"], row["byte_offset"], row["text"]) == ("client_reports", 1, 0, text[:65_535])
    assert (reading.context.books.kept, reading.context.reached.byte_offset) == (1, len(text.encode()) + 2)


@pytest.mark.parametrize(
    ("text", "extra"),
    [
        (b'{"type":{"deep":' + b"[" * 190 + b"]" * 190 + b"}}", '{"type":{"deep":' + "[" * 190 + "]" * 190 + "}}"),
        (b'{"x":123456789012345678901234567890}', '{"x":123456789012345678901234567890}'),
        (b'{"callId":"\\ud800","callId":null,"":"\\ud800"}', '{"":"\\\\ud800"}'),
    ],
    ids=["deep", "a large number", "twice"],
)
def test_a_report_of_odd_values_is_kept(text: bytes, extra: str, read: Read) -> None:
    (row,) = read("bug_report", text, file_name="a.report").rows

    assert (row["table"], row.get("text"), row["extra"]) == ("client_reports", None, extra)


@given(st.dictionaries(st.sampled_from(["text", "type", "sessionId", "x"]), JSON, min_size=1))
def test_any_report_is_one_row(report: dict[str, Any]) -> None:
    context = Context("source", "a.report")
    (batch,) = format_of("bug_report").read(iter([json.dumps(report).encode()]), context)

    assert (batch.table, len(batch.rows), context.books.kept, context.books.rejected) == ("client_reports", 1, 1, 0)


def test_metrics_that_a_socket_tells_wrongly_are_told(read: Read) -> None:
    stream = {"mediaSessionId": "m1"}
    messages = [
        {"message": "webRTCMetricsClientDescription", "data": [stream | {"headers": "outbound-rtp.A.packetsSent"}]},
        {"message": "webRTCMetricsBatch", "data": [stream | {"metrics": '["120","1;2;3"]'}]},
    ]
    reading = read("websocket", "".join(f"{json.dumps(one)}\n" for one in messages).encode())

    assert reading.context.doubts == ["1 rows of metrics don't fit their description and are left out"]
