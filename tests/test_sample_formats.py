"""Formats that hold measured values. All captures here are synthetic, but for those of the real client where named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.formats import FORMATS, Caps, Context, Options
from wcsanalytics.formats.getstats_forms import samples_in
from wcsanalytics.formats.reading import Place
from wcsanalytics.formats.samples import Samples

CASES = Path(__file__).parent / "cases"
OURS = ("getstats", "metric_messages", "stream_metrics", "stat_page", "webrtc_internals", "rtcstats")
WRITTEN = datetime(2026, 3, 14, 9, 20, tzinfo=UTC)
COUNTS = ("halves", "kept", "rejected", "pending", "other_lines")
EXPECTED = sorted(path for name in OURS for path in (CASES / name).glob("*.expected.ndjson"))
Read = Callable[..., Any]
cases = pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")


def given_in(expected: Path) -> bytes:
    (path,) = (one for one in expected.parent.glob(f"{expected.name.split('.')[0]}.*") if one != expected)
    return path.read_bytes()


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in row.items()}


def paired(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """What was expected and not found, and the other way round; a row is found that has all that is expected of it."""
    left, missing = list(found), []
    for row in expected:
        match = next((one for one in left if all(one.get(name) == value for name, value in row.items())), None)
        if match is None:
            missing.append(row)
        else:
            left.remove(match)
    return missing, left


@cases
def test_case(expected: Path, read: Read) -> None:
    books, *rows = map(json.loads, expected.read_text(encoding="utf-8").splitlines())

    reading = read(expected.parent.name, given_in(expected), mtime=WRITTEN)

    table = "server_samples" if expected.parent.name == "stat_page" else "media_samples"
    assert paired([plain(row) for row in reading.rows], [{"table": table, **row} for row in rows]) == ([], [])
    assert {name: getattr(reading.context.books, name) for name in COUNTS} == {
        **dict.fromkeys(COUNTS, 0),
        **books["books"],
    }


def test_each_case_is_recognised_by_its_format_alone() -> None:
    inputs = [path for path in sorted(CASES.glob("*/*")) if path.is_file() and ".expected" not in path.name]
    told = {
        path.relative_to(CASES).as_posix(): [
            one.name for one in FORMATS if one.recognises(path.read_bytes(), path.name)
        ]
        for path in inputs
    }
    wanted = {name: ["server_log"] if name.startswith("matrix") else [name.split("/")[0]] for name in told}

    assert told == wanted


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b'{"ts":1,"conn":"c1","direction":"client->server","raw":"{\\"message\\":\\"webRTCMetricsBatch\\"}"}\n',
        b'{"ts":1,"page":"player","event":"stream","detail":{"status":"PLAYING"}}\n',
        b'{"ts":1,"id":"x","impairment":{},"packets":{"up":3,"down":4}}\n',
        b'{"stream":{"id":5,"width":3},"connection":{"id":1}}\n',
        b"--- a/file\n+++ b/file\nx=1\n",
        b'["a","b","c"]\n',
        b'{"type":"event","id":"1","timestamp":1773479720000,"value":4}\n',
        b'{"log":{"version":"1.2","entries":[]}}',
        b'12:00:00,000 INFO            RestClient - t SEND REST OBJECT ==>\nOBJECT:\n{\n  "inboundStream" : {}\n}\n',
    ],
    ids=["nothing", "no array", "websocket", "callback", "proxy", "objects", "diff", "array", "event", "har", "log"],
)
def test_what_holds_no_measured_values_is_not_recognised(head: bytes) -> None:
    assert [one.name for one in FORMATS if one.name in OURS and one.recognises(head, "")] == []


def test_a_result_longer_than_the_head_is_recognised() -> None:
    head = b'{"samples":[' + b'{"id":"A","type":"inbound-rtp","timestamp":1773479720000,"packetsLost":1},' * 900

    assert [one.name for one in FORMATS if one.recognises(head[: 64 << 10], "")] == ["getstats"]


@cases
def test_chunks_may_be_cut_anywhere(expected: Path, read: Read) -> None:
    name, data = expected.parent.name, given_in(expected)
    whole = read(name, data, mtime=WRITTEN)

    for cut in range(0, len(data), 7):
        parted = read(name, [data[:cut], data[cut:]], mtime=WRITTEN)
        assert (parted.rows, parted.context.books) == (whole.rows, whole.context.books)
    assert read(name, [data[at : at + 1] for at in range(len(data))], mtime=WRITTEN).rows == whole.rows


@pytest.mark.parametrize(
    "case",
    ["getstats/default_form", "metric_messages/messages", "metric_messages/http_bodies", "stream_metrics/polled",
     "stat_page/polled", "rtcstats/named", "rtcstats/numbered"],
)  # fmt: skip
def test_a_source_that_grows_is_read_on(case: str, read: Read) -> None:
    name, data = case.split("/")[0], given_in(CASES / f"{case}.expected.ndjson")
    whole = read(name, data)

    for cut in [at for at in range(len(data)) if data[at - 1 : at] == b"\n"] + [len(data) // 2]:
        first = read(name, data[:cut])
        reached = first.context.reached
        rest = read(name, data[reached.byte_offset :], resume=reached)
        settled = [row for row in first.rows if row["byte_offset"] < reached.byte_offset]
        assert sorted(settled + rest.rows, key=repr) == sorted(whole.rows, key=repr)
        books = [one.context.books for one in (first, rest)]
        assert sum(one.kept for one in books) == whole.context.books.kept


def test_a_dump_that_grows_is_read_on(read: Read) -> None:
    dump = (CASES / "webrtc_internals" / "dump.json").read_bytes()
    first = read("webrtc_internals", dump)
    reached = first.context.reached
    assert reached.byte_offset == len(dump)

    blank = read("webrtc_internals", b"\n \n", resume=reached)
    again = read("webrtc_internals", dump, resume=reached)

    assert (blank.rows, blank.context.books.halves, blank.context.reached.byte_offset) == ([], 0, len(dump) + 3)
    assert blank.context.reached.line == reached.line + 2
    assert {row["byte_offset"] for row in again.rows} == {len(dump)}
    assert len(again.rows) == len(first.rows)


@pytest.mark.parametrize("case", ["getstats/default_form", "stat_page/polled", "rtcstats/named"])
def test_a_cap_holds_in_every_format(case: str, read: Read) -> None:
    name, data = case.split("/")[0], given_in(CASES / f"{case}.expected.ndjson")
    small = max(map(len, data.splitlines())) - 1

    reading = read(name, data, options=Options(caps=Caps(record_bytes=small)))

    assert "too_long" in {row["reason"] for row in reading.rows if row["table"] == "rejected"}


@pytest.mark.parametrize(("record_bytes", "is_read"), [(440, True), (439, False)])
def test_a_dump_may_be_four_times_as_long_as_a_record(record_bytes: int, is_read: bool, read: Read) -> None:
    dump = (CASES / "webrtc_internals" / "dump.json").read_bytes()
    assert len(dump) == 1758

    reading = read("webrtc_internals", dump, options=Options(caps=Caps(record_bytes=record_bytes)))

    refused = [row["reason"] for row in reading.rows if row["table"] == "rejected"]
    assert (refused, reading.context.books.kept) == (([], 1) if is_read else (["too_long"], 0))


def test_a_mark_of_the_byte_order_is_no_text(read: Read) -> None:
    page = given_in(CASES / "stat_page" / "page.expected.ndjson")

    assert len(read("stat_page", b"\xef\xbb\xbf" + page).rows) == len(read("stat_page", page).rows)


SECRETS = ("s3cret", "198.51.100.7", "DCXx", "5F:4B:F5", "anna", "camera of")


@cases
def test_no_address_key_or_name_is_kept(expected: Path, read: Read) -> None:
    data = given_in(expected).replace(b"{", b'{"authToken":"s3cret","apiKey":4711,', 1)

    reading = read(expected.parent.name, data)

    told = json.dumps([plain(row) for row in reading.rows]) + (reading.context.reached.state or "")
    assert [secret for secret in (*SECRETS, "4711") if secret in told] == []


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["type", "id", "timestamp", "ssrc", "kind", "codecId", "packetsLost", "inboundStream", "audio", "stats",
             "qualityLimitationDurations", "incomingStreams", "mediaSessionId", "page", "ts", "metrics", "headers",
             "PeerConnections", "A-packetsLost", "A-ssrc", "A-timestamp", "statsType", "values", "connections_stats"]
        )
        | st.text(max_size=3),
        inner | st.sampled_from(["inbound-rtp", "ssrc", "chrome", "codec", "[1,2]", "1773479720000"]),
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@given(json_values)
def test_no_json_is_too_strange(value: Any) -> None:
    samples = Samples("source")
    samples.add(samples_in(value, None), Place(1, 0, 0))
    assert all(batch.rows.num_rows for batch in samples.batch())


@given(st.sampled_from(OURS), st.lists(json_values, max_size=4))
def test_no_source_is_too_strange(name: str, values: list[Any]) -> None:
    data = "\n".join(json.dumps(value) for value in values).encode()
    context = Context("source")
    format_ = next(one for one in FORMATS if one.name == name)
    format_.recognises(data, "")
    assert [batch for batch in format_.read(iter([data]), context) if not batch.rows.num_rows] == []
    assert context.books.balanced()
