"""Between good lines stands anything: each bad one is refused by its place and reason, the good ones are all there."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import line, rows, take_in, told
from wcsanalytics.formats import REASONS, Caps, Options, event_export, line_groups
from wcsanalytics.formats import rows as rows_of_objects
from wcsanalytics.formats.events import Events
from wcsanalytics.lake import Lake
from wcsanalytics.store import Store

Read = Callable[..., Any]
CASES = Path(__file__).parent / "cases"
BEFORE, AFTER = (
    json.dumps({"ts": f"2026-03-14T09:15:2{n}Z", "hook": "connect", "body": {"sessionId": f"s{n}"}}).encode() + b"\n"
    for n in (0, 9)
)
HEAD = b'{"hook":"connect","body":{"sessionId":"x","a":'
HTML = b"<html>\n<head><title>502 Bad Gateway</title></head>\n</html>"


def read_between(read: Read, line: bytes, **options: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Sessions of the rows that came out, and reason, line, offset and length of what did not."""
    data = b"\n" + BEFORE + line + b"\n" + AFTER
    reading = read("hook_capture", data, Options(**options)) if options else read("hook_capture", data)
    assert reading.context.books.halves == len(reading.hooks) + reading.context.books.rejected
    refused = [(row["reason"], row["line"] - 3, row["byte_offset"] - len(BEFORE) - 1, row["length"])
               for row in reading.of("rejected")]  # fmt: skip
    return [row.get("session_id") for row in reading.hooks], refused


BAD = {
    "garbage": (b"garbage", "invalid_json"),
    "cut": (b'{"a":1', "invalid_json"),
    "comma": (b'{"a":1,}', "invalid_json"),
    "single quotes": (b"{'a':1}", "invalid_json"),
    "a comment": (b'{"a":1} // said', "invalid_json"),
    "two objects": (BEFORE.strip() + b" " + AFTER.strip(), "invalid_json"),
    "invalid UTF-8": (HEAD + b'"\xff"}}', "invalid_utf8"),
    "a surrogate in UTF-8": (HEAD + b'"\xed\xa0\x80"}}', "invalid_utf8"),
    "NaN": (HEAD + b"NaN}}", "invalid_json"),
    "Infinity": (HEAD + b"-Infinity}}", "invalid_json"),
    "beyond a double": (HEAD + b"1e999}}", "invalid_json"),
    "5000 digits": (HEAD + b"9" * 5000 + b"}}", "invalid_json"),
    "a lone CR": (HEAD + b'"\r"}}', "invalid_json"),
    "a tab in a text": (HEAD + b'"\t"}}', "invalid_json"),
    "nested": (HEAD + b"[" * 100_000 + b"]" * 100_000 + b"}}", "too_deep"),
    "nested and cut": (HEAD + b"[" * 100_000, None),
    "an array": (b"[]", "not_an_object"),
    "a text": (b'"x"', "not_an_object"),
    "a number": (b"1", "not_an_object"),
    "null": (b"null", "not_an_object"),
    "true": (b"true", "not_an_object"),
    "a body that is none": (b'{"hook":"connect","body":"{no"}', "invalid_json"),
    "no hook": (b'{"a":1}', "no_hook"),
}


@pytest.mark.parametrize(("line", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_refused_by_its_place(read: Read, line: bytes, reason: str | None) -> None:
    sessions, ((told_reason, *place),) = read_between(read, line)

    assert (sessions, place) == (["s0", "s9"], [0, 0, len(line)])
    assert told_reason == reason or (reason is None and told_reason in ("too_deep", "invalid_json"))


def test_a_page_of_a_proxy_is_refused_line_by_line(read: Read) -> None:
    sessions, refused = read_between(read, HTML)

    assert sessions == ["s0", "s9"]
    assert refused == [("invalid_json", 0, 0, 6), ("invalid_json", 1, 7, 43), ("invalid_json", 2, 51, 7)]


def test_a_line_beyond_the_cap_is_refused_unread(read: Read) -> None:
    sessions, refused = read_between(read, HEAD + b'"' + b"x" * 2000 + b'"}}', caps=Caps(record_bytes=1000))

    assert (sessions, refused) == (["s0", "s9"], [("too_long", 0, 0, 2050)])


GOOD = {
    "line ends of other kinds": ('"\u2028\u2029\x85"', '"\u2028\u2029\x85"'),
    "control characters": ('"\\u000b\\f\\u001c"', '"\\u000b\\f\\u001c"'),
    "lone surrogate": ('"\\ud800"', '"\\\\ud800"'),
    "escaped NUL": ('"a\\u0000b"', '"a\\u0000b"'),
    "2 to the 53 and 1": ("9007199254740993", "9007199254740993"),
    "40 digits": ("1" * 40, "1" * 40),
    "every type": ('[1,1.5,"x",true,null,{}]', '[1,1.5,"x",true,null,{}]'),
    "nested 150": ("[" * 150 + "]" * 150, "[" * 150 + "]" * 150),
    "a key of 70 KB": (json.dumps({"k" * 70_000: 1}), '{"(data removed)":1}'),
    "14000 keys": (json.dumps({f"k{n}": n for n in range(14_000)}), None),
    "odd keys": ('{"":1,"a.b":2,"__proto__":3}', '{"":1,"__proto__":3,"a.b":2}'),
}


@pytest.mark.parametrize(("value", "kept"), GOOD.values(), ids=GOOD.keys())
def test_an_odd_value_is_kept_to_the_letter(read: Read, value: str, kept: str | None) -> None:
    line = HEAD + value.encode() + b"}}"
    reading = read("hook_capture", BEFORE + line + b"\n" + AFTER)

    assert [row.get("session_id") for row in reading.hooks] == ["s0", "x", "s9"]
    assert reading.of("rejected") == []
    extra = reading.hooks[1]["extra"]
    if kept is not None:
        assert extra == f'{{"a":{kept}}}'
    else:
        assert json.loads(extra) == {"a": json.loads(line)["body"]["a"]}


@pytest.mark.parametrize("blank", [b"", b"   \t", b"\0\0\0", b"\r", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r"])
def test_a_blank_line_is_nothing(read: Read, blank: bytes) -> None:
    assert read_between(read, blank) == (["s0", "s9"], [])


def test_a_record_behind_a_hole_is_recovered(read: Read) -> None:
    assert read_between(read, bytes(4096) + HEAD + b"1}}") == (["s0", "x", "s9"], [])


@pytest.mark.parametrize(
    "written",
    [
        '""', "-1", "0", "1e18", '"+10000-01-01T00:00:00Z"', '"2026-02-30T10:00:00Z"', '"soon"', "null", "true", "{}",
        "1773479720", "1773479720000", '"1970-01-01T00:00:00Z"', '"2038-01-19T03:14:08Z"', '"2016-12-31T23:59:60Z"',
    ],
)  # fmt: skip
def test_a_record_of_any_time_is_kept(read: Read, written: str) -> None:
    line = f'{{"ts":{written},"hook":"connect","body":{{"sessionId":"x"}}}}'.encode()

    assert read_between(read, line) == (["s0", "x", "s9"], [])


def test_of_keys_that_stand_twice_the_last_one_counts_on_every_road(read: Read) -> None:
    fast = (
        b'{"hook":"connect","body":{"sessionId":"y","sessionId":"x","appKey":"b","sipPassword":"1","sipPassword":"2"}}'
    )
    slow = fast.replace(b'"appKey"', b'"own":1,"own":2,"appKey"')
    reading = read("hook_capture", fast + b"\n" + slow)

    assert [(row["session_id"], row["app_key"], row.get("extra")) for row in reading.hooks] == [
        ("x", "b", None),
        ("x", "b", '{"own":2}'),
    ]


def test_a_record_that_stands_twice_is_two_rows(read: Read) -> None:
    reading = read("hook_capture", AFTER + BEFORE + AFTER)

    assert [row["session_id"] for row in reading.hooks] == ["s9", "s0", "s9"]


@pytest.mark.parametrize("form", ["hook_capture", "server_log"])
def test_either_line_end_gives_the_same_rows_at_their_own_places(read: Read, form: str) -> None:
    log = told("10:00:00,000", "connect", session="s1") + told("10:00:01,000", "playStream", session="s1", stream="m")
    data = BEFORE + b"garbage\n" + AFTER if form == "hook_capture" else log.encode()
    unix, windows = read(form, data), read(form, data.replace(b"\n", b"\r\n"))

    def without_place(reading: Any) -> list[dict[str, Any]]:
        places = ("byte_offset", "answer_byte_offset", "length")
        return [{name: value for name, value in row.items() if name not in places} for row in reading.rows]

    assert without_place(windows) == without_place(unix)
    assert [row["byte_offset"] for row in windows.rows] == [
        row["byte_offset"] + row["line"] - 1 for row in unix.rows
    ]  # fmt: skip


def test_each_reason_is_tested_and_documented() -> None:
    here = Path(__file__).parent
    tests = "".join(path.read_text() for path in [*here.glob("test_*.py"), *here.glob("cases/*/*/*.ndjson")])
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")

    assert [reason for reason in REASONS if f'"{reason}"' not in tests] == []
    assert [reason for reason, meaning in REASONS.items() if f"| `{reason}` | {meaning} |" not in readme] == []


def test_caps_are_set_on_the_command_line(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "hooks.ndjson").write_bytes(BEFORE + b"x\n" * 5 + HEAD + b'"' + b"y" * 500 + b'"}}\n' + AFTER)
    words = ("--cap", "record_bytes=300", "--cap", "rejected_rows=2")
    ended = run("ingest", tmp_path / "hooks.ndjson", "--store", tmp_path / "store", *words)

    assert (json.loads(ended.out)["new"], json.loads(ended.out)["rejected"]) == (2, 6)
    with Lake(Store(tmp_path / "store")) as lake:
        assert rows(lake, "rejected", "line", "reason", "n_lines") == [
            (2, "invalid_json", 1),
            (3, "invalid_json", 1),
            (4, "invalid_json", 3),
            (7, "too_long", 1),
        ]


def test_an_unfinished_last_line_is_completed_by_the_next_reading(tmp_path: Path) -> None:
    store, path = Store(tmp_path / "store"), tmp_path / "hooks.ndjson"
    store.create()
    path.write_bytes(BEFORE + AFTER[:-9])
    first = take_in(store, path).readings[0]
    path.write_bytes(BEFORE + AFTER)
    second = take_in(store, path).readings[0]

    assert (first.new, first.counts.pending, first.counts.rejected) == (1, 1, 0)
    assert (second.new, second.known, second.counts.pending) == (1, 1, 0)
    with Lake(store) as lake:
        assert rows(lake, "hooks", "session_id") == [("s0",), ("s9",)]
        assert rows(lake, "rejected", "reason") == []


def test_a_flood_of_garbage_takes_little_room(tmp_path: Path) -> None:
    store, path = Store(tmp_path / "store"), tmp_path / "hooks.ndjson"
    store.create()
    path.write_bytes(BEFORE + b"x\n" * 100_000 + AFTER)
    (reading,) = take_in(store, path).readings
    size = sum(one.stat().st_size for one in store.path.rglob("*") if one.is_file())

    assert (reading.new, reading.counts.rejected) == (2, 100_000)
    assert size <= 4 * path.stat().st_size + 2_000_000
    with Lake(store) as lake:
        assert rows(lake, "rejected", "reason", "n_lines")[-2:] == [("invalid_json", 1), ("invalid_json", 99_000)]


CUT_BY_LINES = (
    "server_log/pair.log", "server_log/other_lines.log", "hook_capture/exchange_a_line.ndjson",
    "hook_capture/pretty_one_after_the_other.ndjson", "records/sdr/with_header.log", "records/cdr/plain.log",
    "records/mdr/zones.log", "records/conndr/plain.log", "records/hls_log/agent.log", "clients/client_log/web_sdk.log",
    "clients/client_log/old_clients.log", "clients/console_log/console.ndjson", "clients/websocket/publish.ndjson",
    "clients/event_export/connections.csv", "clients/event_export/streams.tsv",
    "clients/event_export/rest_hooks.ndjson", "stat_page/page.txt", "stat_page/polled.ndjson", "rtcstats/named.ndjson",
    "rtcstats/numbered.txt",
)  # fmt: skip
PLACES = ("byte_offset", "answer_byte_offset")
LINES = ("line", "answer_line")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("case", CUT_BY_LINES)
def test_a_run_of_blank_lines_moves_no_record_from_its_place(read: Read, case: str, end: bytes) -> None:
    path = CASES / case
    text = path.read_bytes().replace(b"\r\n", b"\n").rstrip(b"\n").replace(b"\n", end) + end
    with_one = read(path.parent.name, text + end + text)
    assert max(row["byte_offset"] for row in with_one.rows) > len(text)
    for size in (63, 64, 65, 200, 70_000):
        data = text + end * size + text
        at_once = read(path.parent.name, data)
        in_pieces = read(path.parent.name, (data[at : at + 997] for at in range(0, len(data), 997)))

        back = dict.fromkeys(LINES, size - 1) | dict.fromkeys(PLACES, (size - 1) * len(end))
        moved_back = [
            row | {name: row[name] - back[name] for name in back if name in row and row["byte_offset"] >= len(text)}
            for row in at_once.rows
        ]
        assert moved_back == with_one.rows
        assert at_once.context.books == with_one.context.books
        assert at_once.context.reached.byte_offset == with_one.context.reached.byte_offset + back["byte_offset"]
        assert at_once.context.reached.line == with_one.context.reached.line + back["line"]
        assert in_pieces.rows == at_once.rows
        assert in_pieces.context.reached == at_once.context.reached


@pytest.mark.parametrize(
    "case",
    [
        "clients/websocket/publish.ndjson",
        "clients/event_export/connections.csv",
        "clients/event_export/streams.tsv",
        "clients/console_log/console.ndjson",
    ],
)
def test_a_flood_of_short_lines_becomes_rows_some_at_a_time(
    monkeypatch: pytest.MonkeyPatch, read: Read, case: str
) -> None:
    at_once: list[int] = []
    path = CASES / case

    def some(*given: Any) -> list[Any]:
        taken = list(itertools.islice(*given))
        at_once.append(len(taken))
        return taken

    for module in (rows_of_objects, event_export):
        monkeypatch.setattr(module, "AT_ONCE", 100)
        monkeypatch.setattr(module, "islice", some)
    flooded = read(path.parent.name, path.read_bytes() + b"{}\n" * 3000)

    assert max(at_once) == 100
    assert sum(at_once) >= 3000
    assert flooded.context.books.rejected >= 3000
    assert len(flooded.of("rejected")) <= 1000 + len(REASONS)
    assert sum(row["n_lines"] for row in flooded.of("rejected")) == flooded.context.books.rejected


@pytest.mark.parametrize("size", [1, 7, 64, 997, 10_000])
@pytest.mark.parametrize("filling", [b"x" * 3000, b"\tat Decoder.java:88\n" * 150, b"x" * 2999 + b"\n"])
def test_a_record_that_is_very_long_is_let_go_but_for_its_beginning(
    monkeypatch: pytest.MonkeyPatch, filling: bytes, size: int
) -> None:
    monkeypatch.setattr(line_groups, "MAX_RECORD", 100)
    first, second = b"10:00:00 INFO a - ", b"10:00:01 INFO b - c\n"
    data = first + filling + b"\n" + second
    cut = line_groups.LineGroups(re.compile(rb"\d\d:\d\d:\d\d "), 0, 1)

    groups = [group for at in range(0, len(data), size) for group in cut.feed(data[at : at + size])] + [cut.last()]

    assert groups == [
        (data[:100], (1, 0, len(data) - 20), 1 + filling.count(b"\n")),
        (second, (2 + filling.count(b"\n"), len(data) - 20, 20), 1),
    ]


@pytest.mark.parametrize("size", [1, 7, 64, 997, 10_000])
@pytest.mark.parametrize("filling", [b"x" * 3000, b"\tat Decoder.java:88\n" * 150, b"x" * 2999 + b"\n"])
def test_an_event_that_is_too_long_is_not_held(filling: bytes, size: int) -> None:
    first, second, third = b"10:00:00,000 INFO a - ", b"10:00:01,000 INFO b - c\n", b"10:00:02,000 INFO d"
    data = first + filling + b"\n" + second + third
    cut = Events(0, 1, limit=200)

    found = [
        (event.text, event.line, event.byte_offset, event.length, event.n_lines)
        for at in range(0, len(data), size)
        for columns in cut.feed(data[at : at + size])
        for event in columns.events(np.arange(len(columns.starts)))
    ]

    n_lines, length = 1 + filling.count(b"\n"), len(first) + len(filling) + 1
    assert [told[1:] for told in found] == [(1, 0, length, n_lines), (1 + n_lines, length, len(second), 1)]
    assert [told[0].strip() for told in found] == [b"", second.strip()]
    assert cut.last().byte_offset == length + len(second)


@pytest.mark.parametrize(
    "filling", [b"\n", b"\tat com.example.Decoder.decode(Decoder.java:88)\n"], ids=["blank", "trace"]
)
def test_what_follows_a_very_long_event_is_found_however_the_bytes_come(read, filling: bytes) -> None:
    begun = line("10:00:00,000", "ERROR", "Can't decode").encode()
    data = begun + filling * (1_200_000 // len(filling)) + told("10:00:01,000", "connect", session="s").encode()
    at_once = read("server_log", data)
    seam = len(data) - 1000
    cuts = [range(0, seam, 400_000), range(seam, len(data))]
    places = [*(at for cut in cuts for at in cut), len(data)]
    in_pieces = read("server_log", (data[one:two] for one, two in itertools.pairwise(places)))

    assert [row["session_id"] for row in at_once.hooks] == ["s"]
    assert in_pieces.rows == at_once.rows
    assert in_pieces.context.reached == at_once.context.reached
