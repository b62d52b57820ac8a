"""Detail records and logs of HLS agents. All lines here are synthetic."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.formats import Options
from wcsanalytics.formats.whole_lines import WholeLines

CASES = Path(__file__).parent / "cases" / "records"
COUNTS = ("halves", "pairs", "kept", "rejected", "pending", "other_lines")
LOGS = sorted(CASES.glob("*/*.log"))
BERLIN = Options(zone=ZoneInfo("Europe/Berlin"))
NO_ZONE = Options()
STREAM = "2026-03-14 11:15:20;WebRTC;lobby-cam;52d84560-1f86-11f1-ab7d-5a3c91e07b24;00:04:42;UNPUBLISHED;;PUBLISH;2;\n"
Read = Callable[..., Any]
logs = pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log.parent.name}-{log.stem}")


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@logs
def test_case(log: Path, read: Read) -> None:
    told = log.with_suffix(".expected.ndjson").read_text(encoding="utf-8")
    books, *expected = map(json.loads, told.splitlines())

    reading = read(log.parent.name, log.read_bytes(), NO_ZONE)

    compared = [{name: plain(row.get(name)) for name in one} for row, one in zip(reading.rows, expected, strict=False)]
    assert compared == expected
    assert len(reading.rows) == len(expected)
    found = {name: getattr(reading.context.books, name) for name in COUNTS}
    assert found == {**dict.fromkeys(found, 0), **books["books"]}


@logs
@pytest.mark.parametrize("size", [1, 7])
def test_any_cut_into_chunks_gives_the_same(log: Path, size: int, read: Read) -> None:
    whole = read(log.parent.name, log.read_bytes(), BERLIN)

    split = read(log.parent.name, pieces(log.read_bytes(), size), BERLIN)

    assert split.rows == whole.rows
    assert split.context.books == whole.context.books
    assert split.context.reached == whole.context.reached


@logs
def test_a_file_that_grew_is_read_on_where_the_first_reading_ended(log: Path, read: Read) -> None:
    data = log.read_bytes()
    whole = read(log.parent.name, data, NO_ZONE)
    for cut in range(0, len(data), 11):
        first = read(log.parent.name, data[:cut], NO_ZONE)
        reached = first.context.reached

        second = read(log.parent.name, data[reached.byte_offset :], NO_ZONE, resume=reached)

        assert [*first.rows, *second.rows] == whole.rows
        counts = [
            sum(getattr(one.context.books, name) for one in (first, second))
            for name in ("kept", "rejected", "other_lines")
        ]
        assert counts == [getattr(whole.context.books, name) for name in ("kept", "rejected", "other_lines")]


@pytest.mark.parametrize("log", sorted(CASES.glob("*/secrets.log")), ids=lambda log: log.parent.name)
def test_secrets_go_before_rows_are_made(log: Path, read: Read) -> None:
    assert b"PLANTED" in log.read_bytes()
    assert "PLANTED" not in str(read(log.parent.name, log.read_bytes()))


def test_a_zone_that_the_user_tells_makes_instants_with_summer_time(read: Read) -> None:
    lines = STREAM + STREAM.replace("2026-03-14", "2026-03-30")

    rows = read("sdr", lines.encode(), BERLIN).rows

    assert [(row["started_at"], row["zone_by"]) for row in rows] == [
        (datetime(2026, 3, 14, 10, 15, 20, tzinfo=UTC), "option"),
        (datetime(2026, 3, 30, 9, 15, 20, tzinfo=UTC), "option"),
    ]


def test_a_message_keeps_the_zone_it_tells_and_takes_the_user_s_where_it_tells_none(read: Read) -> None:
    lines = b"Sat Mar 14 11:22:40 UTC 2026,1,a,b,SENT\nSat Mar 14 11:22:40 CST 2026,2,a,b,SENT\n"

    rows = read("mdr", lines, BERLIN).rows

    assert [(row["happened_at"].hour, row["zone_by"]) for row in rows] == [(11, "record"), (10, "option")]


@pytest.mark.parametrize(
    ("format_name", "data", "doubts"),
    [
        ("sdr", STREAM, []),
        (
            "sdr",
            STREAM.replace("2026", "2018"),
            ["it has records from before 2019, whose first column may be the end"],
        ),
        (
            "sdr",
            "end;mediaProvider;name;mediaSessionId;duration;disposition;info;type;subscribers;\n" + STREAM,
            ["its first column is named end: starts are reckoned back from it"],
        ),
        (
            "conndr",
            "2026-03-14 11:15:18;s;DISCONNECTED;;301;\n",
            ["its layout is not documented: it is read as far as it is known"],
        ),
    ],
    ids=["documented", "old", "named end", "not documented"],
)
def test_what_is_not_sure_of_a_layout_is_said(read: Read, format_name: str, data: str, doubts: list[str]) -> None:
    assert read(format_name, data.encode(), NO_ZONE).context.doubts == doubts


def test_a_line_that_no_one_can_hold_is_refused_by_its_place(read: Read) -> None:
    long = STREAM.replace("lobby-cam", "x" * (1 << 20))
    rows = read("sdr", pieces((STREAM + long + STREAM).encode(), 70_000)).rows

    assert [(row["table"], row["line"], row["byte_offset"]) for row in rows] == [
        ("stream_records", 1, 0),
        ("rejected", 2, len(STREAM)),
        ("stream_records", 3, len(STREAM + long)),
    ]
    assert (rows[1]["reason"], rows[1]["length"]) == ("too_long", len(long))


def test_the_level_kept_counts_for_agents_too(read: Read) -> None:
    log = (CASES / "hls_log" / "agent.log").read_bytes()

    levels = {
        level: [row["level"] for row in read("hls_log", log, Options(keep_log=level)).rows]
        for level in ("INFO", "ERROR", "none")
    }

    assert levels == {"INFO": ["WARN", "INFO", "WARN", "WARN", "ERROR"], "ERROR": ["ERROR"], "none": []}


@given(
    st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r\n", b"", b"\xff", b"\xef\xbb\xbf", b"dddddddd"]), max_size=40)
)
def test_lines_are_cut_alike_however_the_bytes_come(parts: list[bytes]) -> None:
    data = b"".join(parts)
    cut, whole = WholeLines(0, 1, limit=6), WholeLines(0, 1, limit=6)

    def told(*blocks: Any) -> list[tuple[Any, ...]]:
        return [(text, *block.place(n)) for block in blocks for n, text in enumerate(block.texts.to_pylist())]

    by_parts = [line for part in parts for line in told(*cut.feed(part))] + told(cut.rest())

    assert by_parts == told(*whole.feed(data), whole.rest())
    assert [data[offset : offset + length] for _, _, offset, length in by_parts] == data.splitlines(keepends=True) or (
        b"\r" in data
    )
