"""The server log. All logs here are synthetic, in the published block form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wcsanalytics.formats import FORMATS, Caps, Context, Options
from wcsanalytics.formats.events import NO_TIME, Events, _borders, next_event
from wcsanalytics.formats.exchanges import ENOUGH_BYTES

CASES = Path(__file__).parent / "cases" / "server_log"
ALL_CASES = b"".join(log.read_bytes() for log in sorted(CASES.glob("*.log")))
COUNTS = ("halves", "pairs", "kept", "rejected", "pending")
Read = Callable[..., Any]

PLAY = b"""{time} INFO            RestClient - API-ASYNC-pool-4-thread-{thread} {direction}
URL:http://localhost:8081/apps/EchoApp/{hook}
OBJECT:
{body}
"""


def block(time: str, direction: str, hook: str, body: dict[str, Any], thread: int = 1) -> bytes:
    told = {"SEND": "SEND REST OBJECT ==>", "RECEIVED": "RECEIVED REST OBJECT <=="}[direction]
    text = json.dumps(body, indent=2, separators=(",", " : "))
    form = PLAY.decode().replace("{direction}", told)
    for name, value in (("time", time), ("thread", str(thread)), ("hook", hook), ("body", text)):
        form = form.replace(f"{{{name}}}", value)
    return form.encode()


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("log", sorted(CASES.glob("*.log")), ids=lambda log: log.stem)
def test_case(log: Path, read: Read) -> None:
    told = log.with_suffix(".expected.ndjson").read_text(encoding="utf-8")
    books, *expected = map(json.loads, told.splitlines())

    reading = read("server_log", log.read_bytes())

    compared = [{name: plain(row.get(name)) for name in one} for row, one in zip(reading.rows, expected, strict=False)]
    assert compared == expected
    assert len(reading.rows) == len(expected)
    found = {name: getattr(reading.context.books, name) for name in (*COUNTS, "other_lines")}
    assert found == {**dict.fromkeys(found, 0), **books["books"]}


@pytest.mark.parametrize("log", sorted(CASES.glob("*.log")), ids=lambda log: log.stem)
def test_is_recognised(log: Path) -> None:
    recognised = [format_.name for format_ in FORMATS if format_.recognises(log.read_bytes(), "")]

    assert recognised == ["server_log"]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"2026-03-14 10:00:00,000 INFO a - b another kind of log\n",
        b"10:00:00,000 something else\n10:00:01,000 that tells times\n",
        b'{"ts":"2026-03-14T10:00:00Z","url":"/x/connect","body":{}}\n',
    ],
    ids=["nothing", "log with dates", "times alone", "capture"],
)
def test_is_not_recognised(head: bytes) -> None:
    server_log = next(format_ for format_ in FORMATS if format_.name == "server_log")

    assert not server_log.recognises(head, "flashphoner.log")


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("log", sorted(CASES.glob("*.log")), ids=lambda log: log.stem)
def test_byte_by_byte_gives_the_same(log: Path, read: Read) -> None:
    whole = read("server_log", log.read_bytes())

    split = read("server_log", pieces(log.read_bytes(), 1))

    assert split.rows == whole.rows
    assert split.context.books == whole.context.books
    assert split.context.reached == whole.context.reached


@pytest.fixture(scope="session")
def whole(read: Read) -> Any:
    return read("server_log", ALL_CASES)


@settings(max_examples=40)
@given(st.lists(st.integers(0, len(ALL_CASES)), max_size=30))
def test_any_cut_into_chunks_gives_the_same(read: Read, whole: Any, cuts: list[int]) -> None:
    edges = sorted({0, *cuts, len(ALL_CASES)})

    split = read("server_log", (ALL_CASES[start:stop] for start, stop in pairwise(edges)))

    assert split.rows == whole.rows
    assert split.context.books == whole.context.books


def halves(rows: list[dict[str, Any]]) -> dict[tuple[str, int], tuple[Any, ...]]:
    """Every half by its place, with its instant and line, whether it stands alone or in a pair."""
    found: dict[tuple[str, int], tuple[Any, ...]] = {}
    for row in rows:
        if row.get("half") != "answer":
            found["send", row["byte_offset"]] = (row.get("sent_at"), row["hook"], row["line"])
        if row.get("half") == "answer":
            found["answer", row["byte_offset"]] = (row.get("answered_at"), row["line"])
        elif "answer_byte_offset" in row:
            found["answer", row["answer_byte_offset"]] = (row.get("answered_at"), row["answer_line"])
    return found


def short(time: str, thread: int, direction: str) -> str:
    return f"{time} {direction}\nURL:/hangup\nOBJECT:\n{{ }}\n".replace(" ", f" INFO R - t{thread} ", 1)


SEND, RECEIVED = "SEND REST OBJECT ==>", "RECEIVED REST OBJECT <=="
GROWING = (
    "00:00:00,001 INFO W - m rolled\n"
    + short("23:59:59,999", 1, SEND)  # late, at the head of a file that was rolled at midnight
    + short("00:00:00,002", 1, RECEIVED)
    + "10:00:00,000 WARN W - m no packets\n\tat a.B\n\n\tat a.C\n"
    + short("10:00:01,000", 1, SEND)[:-4]
    + short("10:00:02,000", 1, SEND).replace("\n", "\r\n")
    + short("10:00:03,000", 2, SEND)
    + short("10:00:03,001", 2, RECEIVED)
    + "10:00:04,000 ERROR R - t1 Got exception in REST \njava.io.IOException: x\n\tat a.D\n"
    + "\ufeff"
    + short("09:00:00,000", 1, RECEIVED)
    + short("01:00:00,000", 1, RECEIVED)[:-5]
    + "\n10:00:06,000 ERROR W - m end\n"
).encode()


def test_nothing_is_lost_where_a_log_is_read_in_two_parts(read: Read) -> None:
    whole = read("server_log", GROWING)
    for cut in range(len(GROWING) + 1):
        before = read("server_log", GROWING[:cut])
        reached = before.context.reached
        after = read("server_log", GROWING[reached.byte_offset :], resume=reached)

        kept = [row for row in before.rows if row["byte_offset"] < reached.byte_offset] + after.rows
        tables = [[row for row in rows if not row["table"].endswith("_hooks")] for rows in (kept, whole.rows)]
        hooks = [[row for row in rows if row["table"].endswith("_hooks")] for rows in (kept, whole.rows)]
        assert tables[0] == tables[1], cut
        assert halves(hooks[0]) == halves(hooks[1]), cut
        assert before.context.books.other_lines + after.context.books.other_lines == whole.context.books.other_lines, (
            cut
        )
        assert after.context.books.pending == whole.context.books.pending, cut
        assert after.context.reached == whole.context.reached, cut


def test_lines_of_a_warning_that_is_still_being_written_are_counted_once(read: Read) -> None:
    log = b"10:00:00,000 WARN            Rtp - main no packets\n\tat a.B\n\tat a.C\n"

    first = read("server_log", log[:-8])
    second = read("server_log", log[first.context.reached.byte_offset :], resume=first.context.reached)

    assert first.context.books.other_lines == 2
    assert first.rows[0]["text"] == "no packets\n\tat a.B"
    assert second.context.books.other_lines == 1
    assert second.rows[0]["text"] == "no packets\n\tat a.B\n\tat a.C"


@pytest.mark.parametrize(("level", "found"), [("DEBUG", 4), ("INFO", 3), ("WARN", 2), ("FATAL", 0), ("none", 0)])
def test_lines_from_the_level_kept_up_are_kept(read: Read, level: str, found: int) -> None:
    log = b"".join(
        f"10:00:00,000 {name}            Rtp - main told\n".encode() for name in ("DEBUG", "INFO", "WARN", "ERROR")
    )

    reading = read("server_log", log, options=Options(date=date(2026, 3, 14), zone=ZoneInfo("UTC"), keep_log=level))

    assert len(reading.of("server_log")) == found
    assert reading.context.books.other_lines == 4


@pytest.mark.parametrize("ending", ["", " ", "\t", "\r", " \t\r"])
@pytest.mark.parametrize(
    ("header", "books"),
    [
        ("SEND REST OBJECT ==>", (1, 1)),
        ("RECEIVED REST OBJECT <==", (1, 1)),
        ("Got exception in REST", (1, 0)),
        ("INFO REST OBJECT told of", (0, 0)),
    ],
)
def test_a_header_that_is_all_of_its_block_is_no_other_line(
    read: Read, header: str, books: tuple[int, int], ending: str
) -> None:
    line = "10:00:00,000 INFO            RestClient - t-1 "

    told = read("server_log", f"{line}{header}{ending}\n{line}goes on\n".encode()).context.books

    assert (told.halves, told.rejected) == books
    assert told.other_lines == 2 - told.halves


@pytest.mark.parametrize("blank", [b" " * 40, b"\t" * 40, b"\0" * 40, b"\xef\xbb\xbf" + b" " * 40])
def test_a_blank_line_before_the_first_time_is_not_counted(read: Read, blank: bytes) -> None:
    assert (
        read("server_log", blank + b"\n10:00:00,000 INFO            Rtp - main told\n").context.books.other_lines == 1
    )


def test_a_line_that_is_too_long_is_rejected(read: Read) -> None:
    line = b"10:00:00,000 WARN            Rtp - main "

    reading = read(
        "server_log", line + b"x" * 300 + b"\n" + line + b"y\n", options=Options(caps=Caps(record_bytes=300))
    )

    assert [row.get("reason") or row["text"] for row in reading.rows] == ["too_long", "y"]


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_an_event_that_is_too_long_is_passed_by(size: int) -> None:
    log = b"head\n10:00:00,001 INFO a\n10:00:00,002 INFO b\n" + b"x" * 300 + b"\n\ny\n  10:00:00,003 INFO c\n"
    cut = Events(0, 1, limit=200)

    found = [one for piece in pieces(log, size) for one in cut.feed(piece)]
    events = [event for one in found for event in one.events(np.arange(len(one.lines)))]

    assert [(event.time, event.line, event.byte_offset, event.length, event.n_lines) for event in events] == [
        (NO_TIME, 1, 0, 5, 1),
        (b"10:00:00,001", 2, 5, 20, 1),
        (b"10:00:00,002", 3, 25, 324, 4),
    ]
    assert [event.text for event in events] == [b"head\n", b"10:00:00,001 INFO a\n", b""]
    last = cut.last()
    assert (last.text, last.time) == (b"  10:00:00,003 INFO c\n", b"10:00:00,003")
    assert last[-4:] == (7, 349, 22, 1)


HEADS = st.lists(
    st.sampled_from(
        [b"\n", b" ", b"\t", b"\r", b"x", b"\xef\xbb\xbf", b"10:00:00,000", b"10:00:00", b",00", b'  "', b"}"]
    ),
    max_size=40,
).map(b"".join)


@given(data=HEADS)
@example(data=b"\n" + b" " * 64 + b"10:00:00,000 \n" + b" " * 65 + b"10:00:00,000 ")
@example(data=b"\n10:00:00,000")
def test_events_begin_where_next_event_finds_them(data: bytes) -> None:
    found, start = [], 0
    while (border := next_event(data, start)) is not None:
        found.append(border)
        start = border

    borders = _borders(data)

    assert (borders.places + 1).tolist() == found
    assert borders.nth.tolist() == [data.count(b"\n", 0, place - 1) for place in found]


def test_a_line_without_an_end_is_not_held() -> None:
    cut = Events(0, 1, limit=1000)

    for _ in range(1000):
        assert not cut.feed(b"x" * 1000)

    assert len(cut._held) <= 2000
    assert cut.last()[-4:] == (1, 0, 1_000_000, 0)


def test_a_block_that_is_too_long_is_rejected(read: Read) -> None:
    options = Options(caps=Caps(record_bytes=300))
    long = block("10:00:00,000", "SEND", "connect", {"sessionId": "s" * 300})
    good = block("10:00:01,000", "SEND", "hangup", {"callId": "c"})

    reading = read("server_log", long + good, options=options)

    assert [row.get("reason") or row["hook"] for row in reading.rows] == ["too_long", "hangup"]
    assert reading.rows[0]["length"] == len(long)


@pytest.mark.parametrize("changed", [False, True])
def test_exchanges_become_rows_before_they_take_much_memory(changed: bool) -> None:
    def exchange(number: int) -> bytes:
        at, asked = f"10:00:{number:02d},000", {"callId": f"c{number}"}
        told = {**asked, "custom": {"text": "x" * 999_000}}
        return block(at, "SEND", "hangup", asked if changed else told) + block(at, "RECEIVED", "hangup", told)

    read = next(form.read for form in FORMATS if form.name == "server_log")
    context = Context("s", options=Options(date=date(2026, 3, 14), zone=ZoneInfo("UTC")))
    rows, waiting = 0, []
    for batch in read(map(exchange, range(59)), context):
        waiting.append(context.books.halves / 2 - rows)
        rows += batch.rows.num_rows

    assert rows == 59
    assert max(waiting) * 1_000_000 < 1.2 * ENOUGH_BYTES


HOSTILE = st.binary(max_size=30) | st.sampled_from(
    [
        b"10:00:00,000 INFO            RestClient - t-1 SEND REST OBJECT ==>\n",
        b"10:00:00,001 INFO            RestClient - t-1 RECEIVED REST OBJECT <==\n",
        b"10:00:00,002 ERROR           RestClient - t-1 Got exception in REST \n",
        b"10:00:00,003 WARN            Rtp - main told\n",
        b"URL:http://localhost/connect\n",
        b"OBJECT:\n",
        b'{\n  "sessionId" : "s"\n}\n',
        b'{\n  "sessionId" : "s\xff"\n}\n',
        b'{\n  "custom" : {"a": 1e999}\n}\n',
        b"{" * 300,
        b"[" * 2000,
        b"\n}\n",
        b"\r\n",
        b"\xef\xbb\xbf",
        b"\0\0\0",
    ]
)


@given(st.lists(HOSTILE, max_size=12), st.integers(1, 50))
def test_nothing_stops_the_reading(read: Read, parts: list[bytes], size: int) -> None:
    data = b"".join(parts)

    reading = read("server_log", pieces(data, size))

    assert reading.context.books == read("server_log", data).context.books


def stream(time: str, name: str, created: datetime, status: str = "PUBLISHING") -> bytes:
    body = {"mediaSessionId": name, "status": status, "createDate": round(created.timestamp() * 1000)}
    return block(time, "SEND", "StreamStatusEvent", body) + block(time, "RECEIVED", "StreamStatusEvent", body)


CREATED = datetime(2026, 3, 14, 9, 15, 20, 301_000, tzinfo=UTC)


def test_create_dates_date_a_log(read: Read) -> None:
    reading = read("server_log", stream("11:15:21,301", "m1", CREATED), options=Options())

    assert [(row["sent_at"], row["dated_by"]) for row in reading.hooks] == [
        (CREATED + timedelta(seconds=1), "create_date")
    ]
    assert reading.context.doubts == []


def test_a_stream_that_began_in_an_earlier_file_dates_nothing(read: Read) -> None:
    log = stream("08:00:00,000", "old", CREATED, "PAUSED") + stream("08:30:00,000", "old", CREATED, "PLAYING")

    reading = read("server_log", log + stream("11:15:20,301", "new", CREATED), options=Options())

    assert reading.hooks[2]["sent_at"] == CREATED


def test_an_answer_whose_request_was_lost_dates_a_log_too(read: Read) -> None:
    answer = stream("11:15:21,301", "m1", CREATED).partition(b"11:15:21,301")[2].partition(b"11:15:21,301")
    reading = read("server_log", answer[1] + answer[2], options=Options())

    assert [(row["answered_at"], row["dated_by"]) for row in reading.hooks] == [
        (CREATED + timedelta(seconds=1), "create_date")
    ]


UUID_V1 = "52d84560-1f86-11f1-ab7d-5a3c91e07b24"


def uuids(count: int) -> bytes:
    """Requests whose UUIDs were made at 09:15:20.118 on 2026-03-14, by the client's clock."""
    return b"".join(
        block("11:15:20,301", "SEND", "playStream", {"mediaSessionId": f"{0x52D84560 + number:08x}{UUID_V1[8:]}"})
        for number in range(count)
    )


def test_a_create_date_counts_more_than_many_uuids_before_it(read: Read) -> None:
    reading = read("server_log", uuids(500) + stream("11:15:20,301", "m1", CREATED.replace(day=13)), options=Options())

    assert {row["dated_by"] for row in reading.hooks} == {"create_date"}
    assert reading.hooks[0]["sent_at"] == CREATED.replace(day=13)


def test_uuids_date_a_log_without_create_dates(read: Read) -> None:
    reading = read("server_log", uuids(3), options=Options())

    assert {row["dated_by"] for row in reading.hooks} == {"uuid_v1"}
    assert reading.hooks[0]["sent_at"] == CREATED.replace(microsecond=301_000)


def test_the_time_of_the_file_dates_its_last_line(read: Read) -> None:
    log = block("23:00:00,000", "SEND", "hangup", {"callId": "c"}) + b"01:00:00,000 INFO            WCS - main idle\n"

    reading = read("server_log", log, options=Options(zone=ZoneInfo("UTC")), mtime=datetime(2026, 3, 15, 1, tzinfo=UTC))

    assert (reading.hooks[0]["sent_at"], reading.hooks[0]["dated_by"]) == (
        datetime(2026, 3, 14, 23, tzinfo=UTC),
        "mtime",
    )
    assert reading.context.doubts == ["its day rests on the file's own time; --date DAY says it"]


def test_a_day_that_is_reckoned_before_the_last_line_is_doubted(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wcsanalytics.formats.dating.WAIT_BYTES", 0)
    log = block("23:00:00,000", "SEND", "hangup", {"callId": "c"}) * 2

    reading = read("server_log", pieces(log, 100), options=Options(), file_name="flashphoner.log.2026-03-14")

    assert "its day was reckoned back from a line that is not its last; --date DAY says it" in reading.context.doubts


def test_a_later_reading_dates_its_rows_as_the_first_did(read: Read) -> None:
    log = stream("23:59:59,000", "m1", datetime(2026, 3, 14, 21, 59, 59, tzinfo=UTC))
    first = read("server_log", log, options=Options())

    more = block("00:00:01,000", "SEND", "hangup", {"callId": "c"})
    second = read("server_log", more, options=Options(), resume=first.context.reached)

    assert second.hooks[0]["sent_at"] == datetime(2026, 3, 14, 22, 0, 1, tzinfo=UTC)
    assert second.hooks[0]["dated_by"] == "create_date"


def test_the_node_that_the_user_names_is_only_for_records_that_name_none(read: Read) -> None:
    log = block("10:00:00,000", "SEND", "hangup", {"callId": "c"})
    log += block("10:00:01,000", "SEND", "hangup", {"callId": "c", "nodeId": "n"})

    reading = read("server_log", log, options=Options(node="edge-1"))

    assert [row["node_id"] for row in reading.hooks] == ["edge-1", "n"]
