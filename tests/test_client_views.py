"""Views of what clients leave, of bug reports and debugging, and of the server's event log."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest

from tests.support import body_of, contents, new_store, only, rows, sent, take_in, told
from wcsanalytics.lake import Lake

MEDIA = "52d84560-1f86-11f1-ab7d-5a3c91e07b24"
SDP = (
    "v=0\\r\\no=- 1 2 IN IP4 203.0.113.9\\r\\nm=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\na=rtpmap:111 opus/48000/2\\r\\n"
    "a=candidate:1 1 udp 2122194687 203.0.113.9 50901 typ host\\r\\n"
    "a=candidate:2 1 udp 1 203.0.113.9 50902 typ srflx\\r\\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\\r\\na=rtpmap:96 VP8/90000\\r\\n"
    "a=candidate:3 1 udp 1 203.0.113.9 50903 typ host\\r\\n"
)
Over = Callable[..., Lake]


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-14T{clock}").replace(tzinfo=UTC)


def zipped(members: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 14, 10, 0, 0)), data)
    return sink.getvalue()


def frame(clock: str, way: str, name: str, data: object, conn: str = "c1") -> str:
    raw = json.dumps({"message": name, "data": [data]})
    return json.dumps({"ts": f"2026-03-14T{clock}Z", "conn": conn, "direction": way, "raw": raw}) + "\n"


@pytest.fixture
def over(tmp_path: Path) -> Over:
    """A lake over these files, all of them in one commit or, `one_by_one`, each in its own."""
    made = []

    def make(files: Mapping[str, str | bytes], one_by_one: bool = False) -> Lake:
        folder = tmp_path / str(len(made))
        paths = []
        for name, text in files.items():
            path = folder / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
            paths.append(path)
        store = new_store(folder)
        for some in [[path] for path in paths] if one_by_one else [paths]:
            take_in(store, *some)
        made.append(Lake(store))
        return made[-1]

    return make


def pushed(clock: str, logs: str, session: str = "s") -> str:
    return told(clock, "pushLogs", session=session, logs=logs)


# Client logs


@pytest.mark.parametrize(
    ("line", "offset_min", "logged"),
    [
        ("10:15:20", 0, "10:15:20"),
        ("12:15:20", 120, "10:15:20"),
        ("04:45:20", -330, "10:15:20"),
        ("15:45:20", 330, "10:15:20"),
        ("23:59:00", 825, "10:14:00"),
        ("00:15:20", -600, "10:15:20"),
    ],
)
def test_the_zone_of_a_browser_is_that_of_the_line_pushed_soonest(
    over: Over, line: str, offset_min: int, logged: str
) -> None:
    lake = over({"a.log": pushed("10:15:20,400", f'{line} INFO core - "one"\n')})

    assert only(lake, "client_log", "zone_offset_min", "logged_at") == (offset_min, at(logged))


def test_lines_that_came_late_keep_their_time(over: Over) -> None:
    lake = over(
        {
            "a.log": pushed("10:20:00,000", '11:14:59 INFO core - "Initialized"\n')
            + pushed("10:20:00,100", '11:20:00 DEBUG core - "Publish stream a"\n')
        }
    )

    assert rows(lake, "client_log", "logged_at", "pushed_at", "zone_offset_min", "late_s") == [
        (at("10:14:59"), at("10:20:00"), 60, 301.0),
        (at("10:20:00"), at("10:20:00.100"), 60, 0.1),
    ]


def test_a_line_from_before_midnight_that_came_after_it(over: Over) -> None:
    lake = over(
        {
            "a.log": pushed("00:00:10,000", '23:59:58 INFO core - "Initialized"\n')
            + pushed("00:00:11,000", '00:00:11 INFO core - "now"\n')
        }
    )

    assert rows(lake, "client_log", "logged_at") == [
        (datetime(2026, 3, 13, 23, 59, 58, tzinfo=UTC),),
        (at("00:00:11"),),
    ]


def test_each_session_has_its_own_zone(over: Over) -> None:
    lake = over(
        {
            "a.log": pushed("10:15:20,400", '12:15:20 INFO core - "one"\n', "s")
            + pushed("10:15:21,400", '05:15:21 INFO core - "two"\n', "t")
        }
    )

    assert rows(lake, "client_log", "session_id", "zone_offset_min") == [("s", 120), ("t", -300)]


def test_old_clients_tell_utc_and_their_messages_span_lines(over: Over) -> None:
    logs = "UTC 10:15:20.123 - first\nsecond line\n\nUTC 10:15:21.000 - onCall NaN, 5\n"
    lake = over({"a.log": pushed("10:15:23,000", logs)})

    assert rows(lake, "client_log", "nth", "clock", "logged_at", "text", "zone_offset_min") == [
        (1, "10:15:20.123", at("10:15:20.123"), "first\nsecond line", 0),
        (2, "10:15:21.000", at("10:15:21"), "onCall NaN, 5", 0),
    ]


@pytest.mark.parametrize(
    ("line", "logger", "text"),
    [
        ('INFO a - b - "c - d"', "a - b", '"c - d"'),
        ("INFO a - b - c", "a", "b - c"),
        ('INFO a - "x" - "y"', 'a - "x"', '"y"'),
        ('INFO stats-collector - - {"a":" - 1"}', "stats-collector -", '{"a":" - 1"}'),
        ("INFO core - -5", "core", "-5"),
        ("INFO core - true", "core", "true"),
        ("INFO core -  two blanks - of a console", "core", "two blanks - of a console"),
        ('INFO http - "Authorization: Basic Zm9vOmJhcg=="', "http", '"Authorization: (removed)'),
    ],
)
def test_a_line_is_cut_where_the_rest_is_json(over: Over, line: str, logger: str, text: str) -> None:
    lake = over({"a.log": pushed("10:15:20,400", f"10:15:20 {line}\n")})

    assert only(lake, "client_log", "logger", "text") == (logger, text)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (f"Offer SDP:\\n{SDP}", "Offer SDP: audio, video; codecs VP8, opus; candidates 2 host, 1 srflx"),
        (SDP, "audio, video; codecs VP8, opus; candidates 2 host, 1 srflx"),
        ("Offer SDP:\\nv=0\\r\\ns=-\\r\\n", "Offer SDP: no media; codecs none; candidates none"),
    ],
)
def test_a_session_description_is_told_in_short(over: Over, message: str, text: str) -> None:
    lake = over({"a.log": pushed("10:15:20,400", f'10:15:20 DEBUG core - "{message}"\n')})

    assert only(lake, "client_log", "text") == (f'"{text}"',)
    assert "203.0.113.9" not in repr(rows(lake, "diagnostic_hooks", "logs"))


UUID = "147c2aab-4bad-4c5f-80e7-489d916df2ee"


@pytest.mark.parametrize(
    ("session", "folder"),
    [
        ("/198.51.100.23:50412/203.0.113.10:8443", "198.51.100.23_50412_203.0.113.10_8443"),
        (f"/198.51.100.23:50412/203.0.113.10:8443-{UUID}", UUID),
        (UUID, UUID),
    ],
)
def test_a_log_in_the_folder_of_a_session_belongs_to_it(over: Over, session: str, folder: str) -> None:
    files = {
        "logs/server_logs/flashphoner.log": told("10:00:00,000", "connect", session=session),
        f"logs/client_logs/2026-03-14/{folder}-10-00-00/client.log": '10:00:01 INFO core - "one"\n',
        "elsewhere/client.log": '10:00:02 INFO core - "two"\n',
    }
    key = only(lake := over(files), "sessions", "session_key")[0]

    assert rows(lake, "client_log", "text", "session_key", "session_id", "told_by") == [
        ('"one"', key, session, "file"), ('"two"', None, None, "file"),
    ]  # fmt: skip
    linked = ("sessions", "client_log", "timeline")
    at_once = contents(lake, views=linked)
    for order in permutations(files.items()):
        assert contents(over(dict(order), one_by_one=True), views=linked) == at_once


@pytest.mark.parametrize(
    ("clocks", "logged"),
    [
        (["11:00:01", "11:04:50"], ["10:00:01", "10:04:50"]),
        (["10:00:01", "10:04:50"], ["10:00:01", "10:04:50"]),
        (["04:39:00", "05:00:01", "05:04:50"], ["09:39:00", "10:00:01", "10:04:50"]),
    ],
    ids=["an hour ahead", "at UTC", "page opened long before, five hours behind"],
)
def test_the_clock_of_a_log_is_set_by_its_session(over: Over, clocks: list[str], logged: list[str]) -> None:
    log = told("10:00:00,000", "connect", session="s1") + told(
        "10:05:00,000", "ConnectionStatusEvent", session="s1", status="DISCONNECTED"
    )
    lines = "".join(f"{clock} INFO core - {nth}\n" for nth, clock in enumerate(clocks))
    lake = over({"a.log": log, "client_logs/2026-03-14/s1-10-00-00/client.log": lines})

    assert rows(lake, "client_log", "logged_at") == [(at(clock),) for clock in logged]
    assert rows(lake, "timeline where told_by = 'client_log'", "happened_at") == [(at(clock),) for clock in logged]


def test_a_push_over_websocket_counts_where_no_hook_tells_of_it(over: Over) -> None:
    line = '12:15:20 INFO core - "one"\n'
    log = told("10:15:19,000", "publishStream", session="s", stream=MEDIA)
    frames = frame("10:15:19", "client->server", "publishStream", {"mediaSessionId": MEDIA}) + frame(
        "10:15:20.300", "client->server", "pushLogs", {"logs": line}
    )

    alone = over({"ws.ndjson": frames})
    without = over({"a.log": log, "ws.ndjson": frames})
    both = over({"a.log": log + pushed("10:15:20,400", line), "ws.ndjson": frames})

    assert rows(alone, "client_log", "session_id", "logged_at", "text") == [(None, at("10:15:20"), '"one"')]
    assert rows(without, "client_log", "session_id", "logged_at") == [("s", at("10:15:20"))]
    assert rows(both, "client_log", "session_id", "pushed_at") == [("s", at("10:15:20.400"))]


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ('INFO core - "Missing 3 pings from server, connection seems to be down"', "warning"),
        ('DEBUG core - "WS connection timeout"', "warning"),
        ('ERROR core - "gone"', "error"),
        ('WARN core - "slow"', "warning"),
        ('INFO core - "Publish stream a"', "info"),
    ],
)
def test_the_timeline_weighs_what_a_client_logs(over: Over, line: str, severity: str) -> None:
    lake = over({"a.log": pushed("10:15:20,400", f"10:15:20 {line}\n")})

    assert only(lake, "timeline where told_by = 'client_log'", "severity") == (severity,)


def test_the_timeline_leaves_out_a_client_s_small_talk(over: Over) -> None:
    lake = over(
        {"a.log": pushed("10:15:20,400", '10:15:20 DEBUG core - "Reset missing pings counter by talk message"\n')}
    )

    assert rows(lake, "timeline where told_by = 'client_log'", "detail") == []
    assert only(lake, "client_log", "level") == ("DEBUG",)


# WebSocket messages


def test_a_socket_belongs_to_the_session_of_its_streams_and_calls(over: Over) -> None:
    log = told("10:00:01,000", "publishStream", session="s", stream=MEDIA) + told(
        "10:00:02,000", "call", session="t", call="k1"
    )
    frames = (
        frame("10:00:00", "client->server", "connection", {"appKey": "defaultApp"})
        + frame("10:00:01", "client->server", "publishStream", {"mediaSessionId": MEDIA})
        + frame("10:00:02", "client->server", "call", {"callId": "k1"}, "c2")
        + frame("10:00:03", "client->server", "ping", None, "c3")
    )
    lake = over({"a.log": log, "ws.ndjson": frames})
    stream, call = only(lake, "streams", "stream_key")[0], only(lake, "calls", "call_key")[0]

    assert rows(lake, "client_messages", "line", "hook", "session_id", "stream_key", "call_key") == [
        (1, "connect", "s", None, None), (2, "publishStream", "s", stream, None), (3, "call", "t", None, call),
        (4, None, None, None, None),
    ]  # fmt: skip


def test_messages_change_no_figure_of_the_hooks(over: Over) -> None:
    log = told("10:00:01,000", "publishStream", session="s", stream=MEDIA)
    frames = frame("10:00:01", "client->server", "publishStream", {"mediaSessionId": MEDIA})
    views = ("hooks", "sessions", "streams", "calls", "timeline")

    with_frames, alone = over({"a.log": log, "ws.ndjson": frames}), over({"a.log": log})

    assert contents(with_frames, views=views) == contents(alone, views=views)


def test_the_timeline_tells_of_refusals_and_closed_sockets(over: Over) -> None:
    close = {"ts": "2026-03-14T10:00:01Z", "conn": "c1", "event": "ws-close", "code": 4403, "reason": "refused"}
    frames = frame("10:00:00", "server->client", "fail", {"apiMethod": "connect", "info": "Authentication failed"})
    lake = over({"ws.ndjson": frames + json.dumps(close) + "\n"})

    assert rows(lake, "timeline", "happened_at", "what", "detail", "severity", "told_by") == [
        (at("10:00:00"), "fail", "connect · Authentication failed", "error", "websocket"),
        (at("10:00:01"), "ws-close", "4403 · refused", "warning", "websocket"),
    ]


# Bug reports and debugging


def test_a_bug_report_is_about_what_it_names_or_what_ran(over: Over) -> None:
    log = (
        told("10:00:00,000", "connect", session="s")
        + told("10:00:01,000", "publishStream", session="s", stream=MEDIA)
        + told("10:00:02,000", "submitBugReport", session="t", text=f"freeze in {MEDIA}.")
        + told("10:00:03,000", "submitBugReport", session="s", text="no picture", type="no_media")
        + told("10:00:04,000", "StreamStatusEvent", session="s", stream=MEDIA, status="UNPUBLISHED")
        + told("10:00:05,000", "submitBugReport", session="s", text="all is well again")
        + told("10:00:06,000", "submitBugReport", session="s", call="k1", text="callId in a field")
        + told("10:00:07,000", "call", session="s", call="k1")
    )
    lake = over({"a.log": log})
    stream, call = only(lake, "streams", "stream_key")[0], only(lake, "calls", "call_key")[0]

    assert rows(lake, "diagnostics", "happened_at", "text", "report_type", "linked_by", "stream_key", "call_key") == [
        (at("10:00:02"), f"freeze in {MEDIA}.", None, "id", stream, None),
        (at("10:00:03"), "no picture", "no_media", "session_and_time", stream, None),
        (at("10:00:05"), "all is well again", None, "session", None, None),
        (at("10:00:06"), "callId in a field", None, "id", None, call),
    ]


def test_a_report_that_is_no_object_is_told_by_the_socket_alone(over: Over) -> None:
    log = told("10:00:00,000", "publishStream", session="s", stream=MEDIA) + told(
        "10:00:01,000", "submitBugReport", session="s", text="told twice"
    )
    frames = (
        frame("10:00:00", "client->server", "publishStream", {"mediaSessionId": MEDIA})
        + frame("10:00:00.990", "client->server", "submitBugReport", {"text": "told twice"})
        + frame("10:00:02", "client->server", "submitBugReport", None)
        + frame("10:00:03", "client->server", "submitBugReport", "bare words")
    )
    lake = over({"a.log": log, "ws.ndjson": frames})

    assert rows(lake, "diagnostics", "happened_at", "text", "told_by", "session_id") == [
        (at("10:00:01"), "told twice", "hook", "s"),
        (at("10:00:02"), None, "websocket", "s"),
        (at("10:00:03"), "bare words", "websocket", "s"),
    ]


def test_an_archive_that_an_event_names_is_read_member_by_member(over: Over) -> None:
    inner = zipped({"deeper.log": b'10:00:02 INFO core - "two"\n'})
    files = {
        "a.log": told("10:00:00,000", "connect", session="s")
        + told("10:00:05,000", "BugReportStatusEvent", session="s", status="SUCCESSFUL", filename="bug_report_1.zip"),
        "bug_report_1.zip": zipped(
            {"client.log": b'10:00:01 INFO core - "one"\n', "inner.zip": inner, "note.report": b"no picture"}
        ),
    }
    lake = over(files)

    assert rows(lake, "client_log", "logged_at", "session_id", "text") == [
        (at("10:00:01"), "s", '"one"'), (at("10:00:02"), "s", '"two"'),
    ]  # fmt: skip
    assert rows(lake, "diagnostics", "told_by", "session_id", "text", "file") == [
        ("file", "s", "no picture", None), ("hook", "s", None, "bug_report_1.zip"),
    ]  # fmt: skip


def test_a_report_file_tells_its_session_by_its_name(over: Over) -> None:
    lake = over(
        {
            "a.log": told("10:00:00,000", "connect", session="s1"),
            "client-s1-2026.03.14.10.00.03-1773482403000.report": '{"text":"froze","mood":"low"}',
        }
    )

    assert only(lake, "diagnostics", "kind", "happened_at", "session_id", "text", "linked_by") == (
        "bug_report", at("10:00:03"), "s1", "froze", "session",
    )  # fmt: skip


def test_windows_of_debugging(over: Over) -> None:
    log = (
        sent("10:00:00,000", "sessionDebug", session="s", command="start")
        + told("10:00:01,000", "SessionDebugStatusEvent", session="s", status="STARTED")
        + sent("10:00:09,000", "sessionDebug", session="s", command="stop")
        + told("10:00:10,000", "SessionDebugStatusEvent", session="s", status="STOPPED", file="client/debug.report")
        + told("10:00:11,000", "pushLogs", session="s", logs='10:00:11 INFO core - "still here"\n')
        + told("10:00:20,000", "SessionDebugStatusEvent", session="s", status="STARTED")
        + told("10:00:30,000", "SessionDebugStatusEvent", session="t", status="STOPPED", file="")
    )
    lake = over({"a.log": log, "debug.report": "a report of which no layout is known"})

    told_of = ("session_id", "requested_at", "started_at", "stopped_at", "lasted_s", "file", "n_files_read")
    assert rows(lake, "debug_windows", *told_of) == [
        ("s", at("10:00:00"), at("10:00:01"), at("10:00:10"), 9.0, "client/debug.report", 1),
        ("s", None, at("10:00:20"), None, None, None, 0),
        ("t", None, None, at("10:00:30"), None, None, 0),
    ]  # fmt: skip


# The server's event log


def test_the_event_log_tells_how_long_a_hook_took(over: Over) -> None:
    rest = [
        {"sendTime": 1773482401002, "responseTime": 1773482401250, "method": "publishStream", "sessionId": "s"},
        {"sendTime": 1773482405000, "responseTime": 1773482405007, "method": "publishStream", "sessionId": "s"},
    ]
    log = sent("10:00:01,000", "publishStream", session="s", stream=MEDIA) + sent(
        "10:00:02,000", "publishStream", session="s", stream="m2"
    )
    lake = over({"a.log": log, "rest.ndjson": "".join(json.dumps(row) + "\n" for row in rest)})

    assert rows(lake, "hooks", "sent_at", "latency_ms", "answer") == [
        (at("10:00:01"), 248.0, None), (at("10:00:02"), None, "none"),
    ]  # fmt: skip
    assert rows(lake, "backend_calls", "sent_at", "latency_ms", "hook_byte_offset") == [
        (at("10:00:01.002"), 248.0, 0), (at("10:00:05"), 7.0, None),
    ]  # fmt: skip


def test_the_event_log_leaves_a_latency_that_was_captured(over: Over) -> None:
    rest = {"sendTime": 1773482401002, "responseTime": 1773482401250, "method": "connect", "sessionId": "s"}
    lake = over(
        {
            "a.log": told("10:00:01,000", "connect", answered="10:00:01,120", session="s"),
            "rest.ndjson": json.dumps(rest),
        }
    )

    assert only(lake, "hooks", "latency_ms", "answer") == (120.0, "echo")


def test_events_of_the_server_stand_in_the_timeline_of_their_session(over: Over) -> None:
    events = (
        "timestamp,ip,sessionId,mediaSessionId,streamName,eventType,eventPayload\n"
        f"1773482401500,203.0.113.10,s,{MEDIA},lobby,7,\n"
    )
    log = told("10:00:01,000", "publishStream", session="s", stream=MEDIA)
    lake = over({"a.log": log, "StreamEvent.csv": events})
    keys = only(lake, "streams", "session_key", "stream_key")

    told_of = ("happened_at", "what", "detail", "session_key", "stream_key")
    assert rows(lake, "timeline where told_by = 'event_log'", *told_of) == [
        (at("10:00:01.500"), "stream event 7", "lobby", *keys),
    ]  # fmt: skip
    assert body_of()["nodeId"] == only(lake, "server_events", "node_id")[0]


# Sources that begin alike


def har(*names: str) -> str:
    frames = [
        {"type": "send", "time": 1773482400 + at, "opcode": 1, "data": json.dumps({"message": name, "data": [{}]})}
        for at, name in enumerate(names)
    ]
    creator = {"name": "WebInspector", "version": "537.36", "comment": "x" * 300}
    return json.dumps({"log": {"version": "1.2", "creator": creator, "entries": [{"_webSocketMessages": frames}]}})


def test_a_shorter_file_that_begins_alike_is_another_one(over: Over) -> None:
    files = {"a.har": har("connection", "hold", "unhold"), "b.har": har("hangup", "answer")}

    for order in permutations(files.items()):
        lake = over(dict(order), one_by_one=True)
        assert rows(lake, "client_messages", "message") == [
            ("answer",), ("connection",), ("hangup",), ("hold",), ("unhold",),
        ]  # fmt: skip


def test_an_older_shorter_copy_of_a_log_adds_nothing(over: Over) -> None:
    lines = [f'10:{minute:02d}:00 INFO core - "{"x" * 30} {minute}"\n' for minute in range(20)]
    files = {"client.log": "".join(lines), "client.log.1": "".join(lines[:12])}

    assert only(over(files, one_by_one=True), "client_log", "count(*)") == (20,)
