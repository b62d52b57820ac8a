"""Hook captures. All captures here are synthetic."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wcsanalytics.formats import FORMATS, Options
from wcsanalytics.formats.values import Values

CASES = Path(__file__).parent / "cases" / "hook_capture"
COUNTS = ("halves", "pairs", "kept", "rejected", "pending", "other_lines")
SENT = datetime(2026, 3, 14, 9, 15, 20, 655_000, tzinfo=UTC)
BODY = {"nodeId": "n1", "sessionId": "s1", "callId": "c1"}
cases = pytest.mark.parametrize(
    "capture", sorted(CASES.glob("*.expected.ndjson")), ids=lambda path: path.name.split(".")[0]
)
Read = Callable[..., Any]


def given_in(expected: Path) -> bytes:
    return expected.with_name(expected.name.replace(".expected", "")).read_bytes()


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


@cases
def test_case(capture: Path, read: Read) -> None:
    books, *expected = map(json.loads, capture.read_text(encoding="utf-8").splitlines())

    reading = read("hook_capture", given_in(capture))

    compared = [{name: plain(row.get(name)) for name in one} for row, one in zip(reading.rows, expected, strict=False)]
    assert compared == expected
    assert len(reading.rows) == len(expected)
    found = {name: getattr(reading.context.books, name) for name in COUNTS}
    assert found == {**dict.fromkeys(found, 0), **books["books"]}


@cases
def test_is_recognised(capture: Path) -> None:
    assert [format_.name for format_ in FORMATS if format_.recognises(given_in(capture), "")] == ["hook_capture"]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b"{",
        b'{"ts":"2026-03-14T09:15:20Z","conn":1,"direction":"in","raw":"{}"}\n',
        b'{"url":"/index.html","data":{"status":200}}\n',
        b'{"requestBodyMD5":"0","url":"/x/connect","body":{}}\n',
    ],
    ids=["nothing", "array of nothing", "brace", "websocket", "access log", "event log"],
)
def test_is_not_recognised(head: bytes) -> None:
    hook_capture = next(format_ for format_ in FORMATS if format_.name == "hook_capture")

    assert not hook_capture.recognises(head, "rest.ndjson")


def test_a_first_value_longer_than_the_head_is_recognised() -> None:
    hook_capture = next(format_ for format_ in FORMATS if format_.name == "hook_capture")
    head = b'{"url":"http://localhost/EchoApp/pushLogs","body":{"logs":"' + b"x" * 70_000

    assert hook_capture.recognises(head[: 64 << 10], "")


@pytest.mark.parametrize("key", ["ts", "time", "timestamp", "@timestamp"])
@pytest.mark.parametrize(
    "written",
    ["2026-03-14T09:15:20.655Z", "2026-03-14T11:15:20.655+02:00", 1773479720655, 1773479720.655, "1773479720655"],
)
def test_time_of_an_envelope(read: Read, key: str, written: object) -> None:
    reading = read("hook_capture", line(**{key: written}, hook="hangup", body=BODY))

    assert [(row["sent_at"], row["dated_by"]) for row in reading.hooks] == [(SENT, "record")]


def test_a_time_without_a_zone_is_told_in_the_zone_of_the_user(read: Read) -> None:
    options = Options(zone=ZoneInfo("Europe/Berlin"))

    reading = read("hook_capture", line(ts="2026-03-14T10:15:20.655", hook="hangup", body=BODY), options=options)

    assert reading.hooks[0]["sent_at"] == SENT


@pytest.mark.parametrize("key", ["url", "uri", "path"])
def test_url_of_an_envelope(read: Read, key: str) -> None:
    reading = read("hook_capture", line(**{key: "https://u:p@host/EchoApp/index.php/hangup?x=1"}, body=BODY))

    assert reading.hooks[0]["hook"] == "hangup"
    assert reading.hooks[0]["url"] == "https://host/EchoApp/index.php/hangup?x=1"


@pytest.mark.parametrize("key", ["method", "hook", "event"])
def test_hook_of_an_envelope(read: Read, key: str) -> None:
    reading = read("hook_capture", line(**{key: "SENDDTMF"}, body=BODY))

    assert reading.hooks[0]["hook"] == "sendDtmf"
    assert "url" not in reading.hooks[0]


def test_a_verb_is_no_hook(read: Read) -> None:
    reading = read("hook_capture", line(method="POST", event="hold", body=BODY))

    assert reading.hooks[0]["hook"] == "hold"


def test_a_proxy_may_have_one_url_for_all_hooks(read: Read) -> None:
    reading = read("hook_capture", line(url="https://proxy/hooks", hook="hold", body=BODY))

    assert reading.hooks[0]["hook"] == "hold"


@pytest.mark.parametrize("key", ["body", "object", "data", "payload", "request"])
@pytest.mark.parametrize("body", [BODY, json.dumps(BODY), json.dumps(BODY, indent=2), f"\n {json.dumps(BODY)}"])
def test_body_of_an_envelope(read: Read, key: str, body: object) -> None:
    reading = read("hook_capture", line(hook="hangup", **{key: body}))

    assert [reading.hooks[0][name] for name in ("node_id", "session_id", "call_id")] == ["n1", "s1", "c1"]


@pytest.mark.parametrize(
    ("direction", "half"),
    [
        *[(word, "send") for word in ("SEND", "sent", "request", "==>", "from WCS")],
        *[(word, "answer") for word in ("RECEIVED", "response", "Answer", "<==", "error")],
    ],
)
def test_direction_of_an_envelope(read: Read, direction: str, half: str) -> None:
    reading = read("hook_capture", line(ts=1773479720655, direction=direction, hook="hangup", body=BODY))

    assert reading.hooks[0]["half"] == half
    assert reading.hooks[0]["sent_at" if half == "send" else "answered_at"] == SENT


@pytest.mark.parametrize("key", ["answer", "response"])
@pytest.mark.parametrize("latency", [{"latency_ms": 9}, {"answered_at": 1773479720664}, {"response_ts": 1773479720664}])
def test_an_exchange_in_one_value(read: Read, key: str, latency: dict[str, Any]) -> None:
    reading = read("hook_capture", line(ts=1773479720655, hook="hangup", body=BODY, **{key: BODY}, **latency))

    assert reading.hooks[0]["answer"] == "echo"
    assert reading.hooks[0]["answered_at"] == SENT.replace(microsecond=664_000)


@pytest.mark.parametrize("latency", [-1, 1e300, "soon", None, True])
def test_a_latency_that_is_none(read: Read, latency: object) -> None:
    reading = read("hook_capture", line(ts=1773479720655, hook="hangup", body=BODY, answer=BODY, latency_ms=latency))

    assert "answered_at" not in reading.hooks[0]


def test_halves_of_one_thread_belong_together(read: Read) -> None:
    told = [("SEND", "a", "t1"), ("SEND", "b", "t2"), ("RECEIVED", "x", "t1"), ("ERROR", "y", "t2")]
    capture = b"".join(
        line(direction=direction, hook="hangup", body={"callId": call}, thread=thread)
        for direction, call, thread in told
    )

    reading = read("hook_capture", capture)

    assert [(row["call_id"], row["answer"], row["thread"]) for row in reading.hooks] == [
        ("a", "changed", "t1"),
        ("b", "error", "t2"),
    ]


def test_hold_and_unhold_of_one_call_are_told_apart_without_a_url(read: Read) -> None:
    told = [("SEND", "hold"), ("SEND", "unhold"), ("RECEIVED", "hold")]

    reading = read("hook_capture", b"".join(line(direction=way, hook=hook, body=BODY) for way, hook in told))

    assert [(row["hook"], row.get("answer")) for row in reading.hooks] == [("hold", "echo"), ("unhold", None)]


@pytest.mark.parametrize("name", ["connect.ndjson", "2026-03-14-CONNECT-0001.json", "hooks.connect"])
def test_the_name_of_the_file_tells_the_hook(read: Read, name: str) -> None:
    reading = read("hook_capture", line(nodeId="n1", sessionId="s1"), file_name=name)

    assert reading.hooks[0]["hook"] == "connect"


def test_a_bare_body_without_a_hook_is_rejected(read: Read) -> None:
    reading = read("hook_capture", line(nodeId="n1", sessionId="s1"), file_name="hooks.ndjson")

    assert [row["reason"] for row in reading.rows] == ["no_hook"]


def test_a_payload_that_looks_like_a_body_stays_one(read: Read) -> None:
    capture = line(hook="OnDataEvent", nodeId="n1", payload="{no json") + line(
        hook="OnDataEvent", payload={"nodeId": "n2"}
    )

    reading = read("hook_capture", capture)

    assert [(row["node_id"], row.get("payload")) for row in reading.hooks] == [("n1", '"string"'), ("n2", None)]


def test_the_time_of_the_file_dates_a_record_that_tells_none(read: Read) -> None:
    reading = read("hook_capture", line(hook="hangup", body=BODY), mtime=SENT)

    assert [(row["sent_at"], row["dated_by"]) for row in reading.hooks] == [(SENT, "mtime")]
    assert reading.context.doubts == ["some records tell no time; they are dated by their file or not at all"]


@pytest.mark.parametrize("created", [0, -1, True, "1773479720301", 10**30])
def test_a_create_date_that_is_none_dates_nothing(read: Read, created: object) -> None:
    reading = read("hook_capture", line(hook="StreamStatusEvent", body={"status": "PLAYING", "createDate": created}))

    assert [row["dated_by"] for row in reading.hooks] == ["assumed"]
    assert "sent_at" not in reading.hooks[0]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@cases
def test_any_cut_into_chunks_gives_the_same(capture: Path, read: Read) -> None:
    data = given_in(capture)
    whole = read("hook_capture", data)
    for size in (1, 7, 1000) if len(data) < 10_000 else (999, 60_000):
        split = read("hook_capture", pieces(data, size))

        assert split.rows == whole.rows
        assert split.context.books == whole.context.books
        assert split.context.reached == whole.context.reached


@pytest.mark.parametrize("data", [b'{\n"":1} o\n{"hook":"connect"}\n', b'{"":{\n}}0.6', b'[{"a":1},\n 12.5e3, true]\n'])
def test_no_cut_makes_another_value_of_what_is_none(data: bytes, read: Read) -> None:
    whole = read("hook_capture", data)
    for cut in range(len(data)):
        split = read("hook_capture", [data[:cut], data[cut:]])

        assert (split.rows, split.context.books) == (whole.rows, whole.context.books), cut


ARRAY = (CASES / "array_an_element_a_line.ndjson").read_bytes()
PRETTY = (CASES / "pretty_one_after_the_other.ndjson").read_bytes()
LINES = (CASES / "halves_a_line.ndjson").read_bytes()


@settings(max_examples=60)
@given(st.sampled_from([ARRAY, PRETTY, LINES]), st.data())
def test_nothing_is_lost_where_a_capture_is_read_in_two_parts(read: Read, capture: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(capture)))
    before = read("hook_capture", capture[:cut])
    reached = before.context.reached
    after = read("hook_capture", capture[reached.byte_offset :], resume=reached)

    def places(*readings: Any) -> set[tuple[str, int, int]]:
        rows = [row for reading in readings for row in reading.rows]
        told = {(row.get("half", "send"), row["byte_offset"], row["line"]) for row in rows}
        return told | {
            ("answer", row["answer_byte_offset"], row["answer_line"]) for row in rows if "answer_line" in row
        }

    whole = read("hook_capture", capture)
    assert places(before, after) == places(whole)
    assert after.context.reached == whole.context.reached
    assert not before.of("rejected")
    assert not after.of("rejected")


@pytest.mark.parametrize("nest", ["{body}", '"{body}"'], ids=["object", "text"])
def test_what_is_nested_too_deeply_is_rejected(read: Read, nest: str) -> None:
    body = '{"custom":' + "[" * 100_000 + "]" * 100_000 + "}"
    quoted = body.replace('"', '\\"') if nest.startswith('"') else body

    reading = read("hook_capture", b'{"hook":"connect","body":' + nest.replace("{body}", quoted).encode() + b"}\n")

    assert [row["reason"] for row in reading.rows] == ["too_deep"]


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("long", [b'{"a":"' + b"x" * 300 + b'"}', b"y" * 300])
def test_a_value_that_is_too_long_is_passed_by(size: int, long: bytes) -> None:
    capture = b'{"a":1}\n' + long + b'\n{"b":2}\n' + long
    cut = Values(0, 1, limit=200)

    values = [value for piece in pieces(capture, size) for value in cut.feed(piece)]
    values += cut.feed(b"", last=True)

    assert [(value.text, value.reason, *value.place) for value in values] == [
        (b'{"a":1}', "", 1, 0, 7),
        (b"", "too_long", 2, 8, len(long)),
        (b'{"b":2}', "", 3, 9 + len(long), 7),
        (b"", "too_long", 4, 17 + len(long), len(long)),
    ]
    assert cut.reached == len(capture)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_pretty_value_that_is_too_long_is_passed_by(size: int) -> None:
    long = b'{\n  "a": [\n' + b"    1,\n" * 50 + b"    {\n    }\n  ]\n}"
    capture = b'[\n{\n  "a": 1\n},\n' + long + b',\n{\n  "b": 2\n}\n]\n'
    cut = Values(0, 1, limit=200)

    values = [value for piece in pieces(capture, size) for value in cut.feed(piece)]
    values += cut.feed(b"", last=True)

    assert [(value.text[:1], value.reason, value.place.line, value.place.byte_offset) for value in values] == [
        (b"{", "", 2, 2),
        (b"", "too_long", 5, 16),
        (b"{", "", 61, 18 + len(long)),
    ]


def test_a_flood_of_garbage_is_counted_in_few_rows(read: Read) -> None:
    reading = read("hook_capture", b'garbage\n{"a":1}\n' * 1500)

    rejected = reading.of("rejected")
    assert reading.context.books.rejected == 3000
    assert len(rejected) == 1002
    assert sorted((row["reason"], row["line"], row["length"], row["n_lines"]) for row in rejected)[-1] == (
        ("no_hook", 1002, 7000, 1000)
    )
    assert sum(row["n_lines"] for row in rejected) == 3000
    assert sum(row["length"] for row in rejected) == 1500 * 14


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_broken_element_of_an_array_ends_where_the_next_one_begins(size: int) -> None:
    capture = b'[\n  {\n    "a": 1\n  },\n  {\n    "b": \n  },\n  {\n    "c": [\n      {}\n    ]\n  }\n]\n'
    cut = Values(0, 1)

    values = [value for piece in pieces(capture, size) for value in cut.feed(piece)]
    values += cut.feed(b"", last=True)

    assert [(value.text[:9], value.reason, value.place.line) for value in values] == [
        (b'{\n    "a"', "", 2),
        (b"", "invalid_json", 5),
        (b'{\n    "c"', "", 8),
    ]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_values_without_indent_are_told_apart(size: int) -> None:
    written = [json.dumps({"a": [{"b": 1}, {"c": 2}]}, indent=0).encode(), json.dumps({"d": {}}, indent=0).encode()]
    cut = Values(0, 1)

    values = [value for piece in pieces(b"\n".join(written), size) for value in cut.feed(piece)]

    assert [value.text for value in [*values, *cut.feed(b"", last=True)]] == written


HOSTILE = st.binary(max_size=20) | st.sampled_from(
    [
        b'{"hook":"connect","body":{"sessionId":"s"}}',
        b'{"hook":"connect","body":{"sessionId":"\xff"}}',
        b'{"hook":"connect","body":{"custom":"\xff"}}',
        b'{"hook":"connect","body":{"custom":1e999}}',
        b'{"hook":"connect","body":{"token":[1e999],"sipPort":"1e999"}}',
        b'{"hook":"connect","body":{"custom":' + b"[" * 300 + b"]" * 300 + b"}}",
        b'{"hook":"connect","body":{"custom":' + b"9" * 5000 + b"}}",
        b'{"hook":"connect","body":"{\\"custom\\":' + b"9" * 5000 + b'}"}',
        b'{"hook":"connect","ts":' + b"9" * 400 + b',"body":{}}',
        b'{"hook":"connect","ts":' + b"[" * 2000 + b"]" * 2000 + b',"body":{}}',
        b'{"url":"\\ud800","body":{"a":"\\ud800"}}',
        b'{"url":"\xff","body":{}}',
        b'{"\xff":1}',
        b"[" * 3000,
        b"\n",
        b"\r\n",
        b"\xef\xbb\xbf",
        b"\0",
        b"{",
        b"]",
        b",",
    ]
)


@given(st.lists(HOSTILE, max_size=12), st.integers(1, 50))
def test_nothing_stops_the_reading(read: Read, parts: list[bytes], size: int) -> None:
    reading = read("hook_capture", pieces(b"".join(parts), size))

    assert all(row["reason"] for row in reading.of("rejected"))


@given(st.lists(st.sampled_from([LINES, b"garbage\n", b'{"a":1}\n', b"\n", b"\0\0\n"]), max_size=5), st.data())
def test_good_lines_are_read_whatever_stands_between(read: Read, parts: list[bytes], data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, sum(map(len, parts))), max_size=5))
    edges = sorted({0, *cuts, sum(map(len, parts))})

    reading = read("hook_capture", (b"".join(parts)[start:stop] for start, stop in pairwise(edges)))

    assert reading.context.books.pairs == 2 * parts.count(LINES)
    assert reading.context.books.rejected == parts.count(b"garbage\n") + parts.count(b'{"a":1}\n')
