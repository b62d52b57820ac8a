"""A hook that is told over two channels counts once; what one channel tells twice is two hooks."""

import json
from collections.abc import Sequence
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import wcsanalytics as wcs
from sample_data.generate import generate
from tests.support import NODE, SAMPLE, body_of, contents, new_store, only, rows, sent, take_in, told
from wcsanalytics.intake import Settings
from wcsanalytics.lake import Lake

CAPTURES = Path(__file__).parents[1].parent / "shared" / "captures"
NOON_S = 1_773_489_600
"""12:00 of the day that the logs are of, in epoch seconds."""
STREAM = {"session": "s1", "stream": "m1"}


def seen(clock: str, hook: str, direction: str = "SEND", **fields: Any) -> str:
    """One half as the backend saw it."""
    at = f"2026-03-14T{clock}Z"
    return json.dumps({"ts": at, "direction": direction, "method": hook, "body": body_of(**fields)}) + "\n"


def exchanged(clock: str, hook: str, **fields: Any) -> str:
    """A request and its echo as the backend saw them."""
    return seen(clock, hook, **fields) + seen(clock, hook, "RECEIVED", **fields)


def passed(clock: str, message: str, **data: Any) -> str:
    """A message from the client as a WebSocket capture has it."""
    raw = json.dumps({"message": message, "data": [data]})
    line = {"ts": f"2026-03-14T{clock}Z", "conn": "1", "direction": "client->server", "raw": raw}
    return json.dumps(line) + "\n"


def lake_over(folder: Path, files: Sequence[tuple[str, str]]) -> Lake:
    """A lake over these files, each ingested in its own commit."""
    store = new_store(folder)
    for name, text in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        take_in(store, folder / name)
    return Lake(store)


def counted(folder: Path, *files: tuple[str, str]) -> tuple[int, int]:
    """How many hooks count, and how many tellings say what others say."""
    with lake_over(folder, files) as lake:
        return only(lake, "hooks", "count(*)")[0], only(lake, "same_as", "count(*)")[0]


def test_both_forms_of_a_day_give_the_figures_of_the_log(tmp_path: Path) -> None:
    with wcs.open(SAMPLE / "day") as day, wcs.open([SAMPLE / "day", SAMPLE / "backend"]) as both:
        for name in ("call-quality", "stream-lifetime", "conformance", "session-debug"):
            for lake, form in ((day, "day"), (both, "both")):
                wcs.report(name, lake).to_json(tmp_path / f"{form}.json")
            alone, twice = (json.loads((tmp_path / f"{form}.json").read_bytes()) for form in ("day", "both"))
            for about_reading in ("capture", "next"):
                del alone[about_reading], twice[about_reading]

            assert twice == alone, name

        assert only(both, "same_as", "count(*)") == (658,)
        assert only(both, "reconciliation", "count(*) filter (where agrees)", "count(*)") == (141, 141)


@pytest.mark.parametrize("seed", [3, 8])
def test_the_order_of_ingest_changes_nothing(tmp_path: Path, seed: int) -> None:
    made = tmp_path / "made"
    generate(made, sessions=12, seed=seed)
    files = [made / "day" / "flashphoner.log.2026-03-14", made / "day" / "flashphoner.log", made / "backend"]
    told_by_order = []
    for number, order in enumerate([files, files[::-1]]):
        (tmp_path / str(number)).mkdir()
        store = new_store(tmp_path / str(number))
        for path in order:
            take_in(store, path)
        with Lake(store) as lake:
            told_by_order.append(contents(lake, set()))

    assert told_by_order[0] == told_by_order[1]


def test_what_a_log_and_a_backend_tell_counts_once_as_the_log_tells_it(tmp_path: Path) -> None:
    log = told("12:00:00,000", "connect", answered="12:00:00,030", session="s1")
    capture = exchanged("12:00:01.200", "connect", session="s1")
    with lake_over(tmp_path, [("hooks.ndjson", capture), ("flashphoner.log", log)]) as lake:
        assert only(lake, "hooks", "latency_ms", "answer") == (30.0, "echo")
        assert only(lake, "sessions", "n_hooks") == (1,)
        assert only(lake, "same_as", "told_by", "same_told_by", "line", "same_line", "apart_ms") == (
            *("hook_capture", "server_log"),
            *(1, 1),
            1200.0,
        )
        assert only(lake, "reconciliation", "told_by", "agrees") == ("hook_capture, server_log", True)
        assert only(lake, "connection_hooks", "count(*)") == (2,)


def test_one_channel_has_nothing_told_twice(tmp_path: Path) -> None:
    log = told("12:00:00,000", "StreamKeepAliveEvent", **STREAM)
    with lake_over(tmp_path, [("a.log", log), ("b.log", told("12:00:30,000", "connect", session="s1"))]) as lake:
        assert rows(lake, "same_as", "line") == []
        assert rows(lake, "facts.shared_spans", "source_id") == []


RETRY = sent("12:00:00,000", "connect", session="s1") + told("12:00:02,000", "connect", session="s1")
SAME_RETRY = seen("12:00:00.000", "connect", session="s1") + exchanged("12:00:02.000", "connect", session="s1")
LOG_OF_THREE = "".join(told(f"12:00:{second},000", "StreamKeepAliveEvent", **STREAM) for second in ("00", "20", "40"))


@pytest.mark.parametrize(
    ("log", "capture", "expected"),
    [
        (RETRY, SAME_RETRY, (2, 2)),
        (RETRY, exchanged("12:00:02.000", "connect", session="s1"), (2, 1)),
        (told("12:00:02,000", "connect", session="s1"), SAME_RETRY, (2, 1)),
        (LOG_OF_THREE, exchanged("12:00:20.100", "StreamKeepAliveEvent", **STREAM), (3, 1)),
        (told("12:00:05,000", "connect", session="s1"), exchanged("12:00:00.000", "connect", session="s1"), (1, 1)),
        (told("12:00:05,001", "connect", session="s1"), exchanged("12:00:00.000", "connect", session="s1"), (2, 0)),
        (told("12:00:00,000", "call", session="s1"), exchanged("12:00:00.000", "call", session="s2"), (2, 0)),
        (
            told("12:00:00,000", "StreamStatusEvent", status="PLAYING", **STREAM),
            exchanged("12:00:00.000", "StreamStatusEvent", status="STOPPED", **STREAM),
            (2, 0),
        ),
    ],
    ids=[
        "a retry that both tell",
        "a retry of which the backend saw one",
        "a retry of which the log has one",
        "one of three keep-alives",
        "clocks 5 s apart",
        "clocks more than 5 s apart",
        "of another session",
        "of another status",
    ],
)
def test_tellings_pair_in_order_of_time(tmp_path: Path, log: str, capture: str, expected: tuple[int, int]) -> None:
    for number, order in enumerate(permutations([("flashphoner.log", log), ("hooks.ndjson", capture)])):
        (tmp_path / str(number)).mkdir()

        assert counted(tmp_path / str(number), *order) == expected


def test_hooks_of_two_nodes_are_two(tmp_path: Path) -> None:
    capture = exchanged("12:00:00.000", "connect", session="s1").replace(NODE, "other@203.0.113.11")
    log = told("12:00:00,000", "connect", session="s1")

    assert counted(tmp_path, ("flashphoner.log", log), ("hooks.ndjson", capture)) == (2, 0)


def test_an_excerpt_of_a_log_adds_nothing(tmp_path: Path) -> None:
    blocks = [told(f"12:00:{second:02},000", "StreamKeepAliveEvent", **STREAM) for second in range(0, 9, 3)]
    excerpt = blocks[1]

    assert counted(tmp_path, ("flashphoner.log", "".join(blocks)), ("excerpt.log", excerpt)) == (3, 0)


def test_a_log_of_one_session_repeats_the_server_s(tmp_path: Path) -> None:
    own = told("12:00:00,000", "connect", session="s1") + told("12:00:09,000", "StreamEvent", **STREAM)
    log = told("11:59:59,000", "connect", session="s2") + own
    folder = "client_logs/2026-03-14/s1-12-00-00/flashphoner.log"

    assert counted(tmp_path, (folder, own), ("flashphoner.log", log)) == (3, 0)


def test_a_request_cut_from_its_answer_takes_that_of_the_other_channel(tmp_path: Path) -> None:
    log = told("12:00:00,000", "connect", session="s1") + sent("12:00:09,000", "playStream", **STREAM)
    capture = exchanged("12:00:09.000", "playStream", **STREAM)
    with lake_over(tmp_path, [("flashphoner.log", log), ("hooks.ndjson", capture)]) as lake:
        assert rows(lake, "hooks", "hook", "answer") == [("connect", "echo"), ("playStream", "echo")]


def test_an_answer_without_its_request_goes_with_the_exchange_of_the_other_channel(tmp_path: Path) -> None:
    log = told("12:00:00,000", "connect", session="s1")
    capture = seen("12:00:00.040", "connect", "RECEIVED", session="s1")
    with lake_over(tmp_path, [("flashphoner.log", log), ("hooks.ndjson", capture)]) as lake:
        assert rows(lake, "hooks", "hook", "answer") == [("connect", "echo")]


def test_hooks_that_one_channel_tells_alone_are_named(tmp_path: Path) -> None:
    clocks = ("12:00:00", "12:00:10", "12:00:20")
    log = "".join(told(f"{clock},000", "StreamStatusEvent", status="PLAYING", **STREAM) for clock in clocks)
    capture = "".join(
        exchanged(f"{clock}.000", "StreamStatusEvent", status="PLAYING", **STREAM) for clock in clocks[::2]
    )
    with lake_over(tmp_path, [("flashphoner.log", log), ("hooks.ndjson", capture)]) as lake:
        assert only(lake, "reconciliation where about = 'stream'", "told_by", "agrees", "differs") == (
            "hook_capture, server_log",
            False,
            "hooks: 1 by server_log alone",
        )


def test_statistics_in_a_report_count_once_though_a_socket_tells_them_too(tmp_path: Path) -> None:
    stats = {"inboundStream": {"audio": {"packetsLost": 7, "packetsReceived": 93}}}
    log = told("12:00:00,000", "submitBugReport", session="s1", text="it froze", stats=stats)
    capture = exchanged("12:00:00.100", "submitBugReport", session="s1", text="it froze", stats=stats)
    socket = passed("12:00:00.050", "submitBugReport", text="it froze", stats=stats)
    (tmp_path / "alone").mkdir()
    with lake_over(tmp_path / "alone", [("flashphoner.log", log)]) as lake:
        expected = rows(lake, "media_samples", "metric", "value")
    assert ("packetsLost", 7.0) in expected

    files = [("flashphoner.log", log), ("hooks.ndjson", capture), ("ws.ndjson", socket)]
    with lake_over(tmp_path, files) as lake:
        assert rows(lake, "media_samples", "metric", "value") == expected
        assert only(lake, "diagnostics", "text") == ("it froze",)
        assert rows(lake, "same_as", "told_by", "same_told_by") == [
            ("hook_capture", "server_log"),
            ("websocket", "server_log"),
        ]


def test_a_line_that_was_pushed_and_stands_in_a_file_counts_once(tmp_path: Path) -> None:
    lines = ['12:00:01 INFO core - "Play"', '12:00:01 INFO core - "Play"', '12:00:02 WARN core - "Late"']
    log = told("12:00:00,000", "connect", session="s1") + told(
        "12:00:03,000", "pushLogs", session="s1", logs="\n".join(lines[1:])
    )
    folder = "client_logs/2026-03-14/s1-12-00-00/client.log"
    with lake_over(tmp_path, [("flashphoner.log", log), (folder, "\n".join(lines) + "\n")]) as lake:
        assert rows(lake, "client_log", "clock", "level", "told_by") == [
            ("12:00:01", "INFO", "file"),
            ("12:00:01", "INFO", "push"),
            ("12:00:02", "WARN", "push"),
        ]
        assert only(lake, "client_log_lines", "count(*)") == (3,)


def har_of(*told: tuple[float, str, dict[str, Any]]) -> str:
    """A HAR file of one socket with these messages from the client, each at a second of the day's noon."""
    frames = [
        {"type": "send", "opcode": 1, "time": NOON_S + at, "data": json.dumps({"message": name, "data": [data]})}
        for at, name, data in told
    ]
    return json.dumps({"log": {"version": "1.2", "entries": [{"_webSocketMessages": frames}]}})


def test_each_message_of_a_har_file_is_told_twice_by_itself(tmp_path: Path) -> None:
    log = told("12:00:00,000", "playStream", **STREAM) + told("12:00:03,000", "stopStream", **STREAM)
    stats = [{"id": "i", "type": "inbound-rtp", "kind": "video", "timestamp": 1.0, "framesDecoded": 25}]
    har = har_of(
        (0.25, "playStream", {"mediaSessionId": "m1"}),
        (2.0, "submitBugReport", {"mediaSessionId": "m1", "text": "it froze", "stats": stats}),
        (3.5, "stopStream", {"mediaSessionId": "m1"}),
    )
    with lake_over(tmp_path, [("flashphoner.log", log), ("browser.har", har)]) as lake:
        assert rows(lake, "same_as", "hook", "told_by", "same_told_by", "apart_ms") == [
            ("playStream", "har", "server_log", 250.0),
            ("stopStream", "har", "server_log", 500.0),
        ]
        # a browser tells of a part of the hooks only: what it leaves out is no disagreement
        assert only(lake, "reconciliation where about = 'stream'", "told_by", "differs") == ("har, server_log", None)
        # nobody else tells the report, nor what was measured in it
        assert rows(lake, "media_samples", "metric", "value") == [("framesDecoded", 25.0)]


@pytest.mark.skipif(not CAPTURES.exists(), reason="the captures are not beside this repository")
def test_all_captures_together_tell_each_event_once(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, CAPTURES, settings=Settings(dates=(("*", date(2026, 11, 23)),), zones=(("*", ZoneInfo("UTC")),)))
    with Lake(store) as lake:
        assert rows(lake, "hooks join sources using (source_id)", "distinct format") == [("server_log",)]
        assert only(lake, "hooks", "count(*)") == (330,)
        assert rows(lake, "same_as", "distinct told_by", "same_told_by") == [
            ("hook_capture", "server_log"),
            ("websocket", "server_log"),
        ]
        assert only(lake, "reconciliation", "count(*) filter (where not agrees)") == (0,)
        assert only(lake, "rejected", "count(*)") == (0,)
