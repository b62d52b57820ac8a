"""Reports tell what happened: the sample day's truth, hand-counted small logs, and goldens to read."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sample_data.generate import generate
from sample_data.stage import Truth
from tests.support import SAMPLE, lake_of, only, rows, sent, told
from wcsanalytics import api
from wcsanalytics.lake import Lake
from wcsanalytics.reports import REPORTS, Selection, moment
from wcsanalytics.reports.selection import CHOSEN, chosen

CASES = Path(__file__).parent / "cases"
GOLDENS = Path(__file__).parent / "goldens" / "reports"
NAMES = [report.name for report in REPORTS]

PHONE = "/198.51.100.1:1001/203.0.113.10:8443-a"
STUDIO = "/198.51.100.2:1002/203.0.113.11:8443-b"
VIEWER = "/198.51.100.3:1003/203.0.113.10:8443-c"
STUDIO_NODE = "203.0.113.11"


LEG = {"session": PHONE, "call": "c1", "caller": "1001", "callee": "1002"}
HALL = {"session": STUDIO, "stream": "m1", "name": "hall", "published": True}
LOBBY = {"session": VIEWER, "stream": "m2", "name": "lobby", "published": False}


def evening() -> str:
    """Three sessions of an hour each, two hours apart: a phone, a studio on another node, a viewer."""
    phone = (
        told("08:00:00,000", "connect", session=PHONE, sipLogin="1001", answered="08:00:00,020")
        + told("08:00:01,000", "ConnectionStatusEvent", session=PHONE, status="ESTABLISHED")
        + told("08:00:10,000", "call", status="PENDING", answered="08:00:10,500", **LEG)
        + told("08:00:12,000", "CallStatusEvent", status="RING", **LEG)
        + told("08:00:15,000", "CallStatusEvent", status="ESTABLISHED", **LEG)
        + told("08:01:15,000", "hangup", **LEG)
        + told("08:01:16,000", "CallStatusEvent", status="FINISH", **LEG)
        + told("09:00:00,000", "ConnectionStatusEvent", session=PHONE, status="DISCONNECTED")
    )
    studio = (
        told("10:00:00,000", "connect", session=STUDIO)
        + told("10:00:01,000", "ConnectionStatusEvent", session=STUDIO, status="ESTABLISHED")
        + told("10:00:05,000", "publishStream", **HALL)
        + told("10:00:07,000", "StreamStatusEvent", status="PUBLISHING", **HALL)
        + told("10:30:07,000", "StreamStatusEvent", status="FAILED", info="Failed by ICE timeout", **HALL)
        + told("11:00:00,000", "ConnectionStatusEvent", session=STUDIO, status="DISCONNECTED")
    )
    viewer = (
        told("12:00:00,000", "connect", session=VIEWER)
        + told("12:00:01,000", "ConnectionStatusEvent", session=VIEWER, status="ESTABLISHED")
        + sent("12:00:02,000", "playStream", **LOBBY)
        + told("12:00:03,000", "StreamStatusEvent", status="FAILED", info="Stream not found", **LOBBY)
        + told("13:00:00,000", "ConnectionStatusEvent", session=VIEWER, status="DISCONNECTED")
    )
    return phone + studio.replace("203.0.113.10", STUDIO_NODE).replace("defaultApp", "studioApp") + viewer


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    with lake_of(tmp_path_factory.mktemp("evening"), evening()) as lake:
        yield lake


@pytest.fixture(scope="module")
def day(sample_store):
    with api.open(sample_store) as lake:
        yield lake


@pytest.fixture(scope="module")
def truth(tmp_path_factory) -> Truth:
    return generate(tmp_path_factory.mktemp("truth"))


def values(report: api.Report, *names: str) -> list[tuple[float | None, int]]:
    return [(report.figures[name].value, report.figures[name].n) for name in names]


def column(report: api.Report, table: str, name: str) -> list[object]:
    return list(report.tables[table].arrow()[name].to_pylist())


def counts(report: api.Report, table: str, key: str, n: str) -> dict[object, int]:
    found: dict[object, int] = {}
    for kind, count in zip(column(report, table, key), column(report, table, n), strict=True):
        found[kind] = found.get(kind, 0) + int(str(count))
    return found


def test_call_quality_tells_the_truth_of_the_sample_day(day, truth):
    report = api.report("call-quality", day)
    calls, streams = sum(truth.calls.values()), sum(truth.streams.values())
    failed = truth.calls["ineffective"] + truth.calls["media_failed"] + truth.calls["failed"]

    assert counts(report, "outcomes", "outcome", "calls") == truth.calls
    assert values(report, "asr", "setup_failure_rate", "stream_start_failure_rate") == [
        (truth.calls["answered"] / calls, calls),
        (failed / calls, calls),
        (truth.streams["failed_to_start"] / streams, streams),
    ]
    answered = truth.calls["answered"]
    assert values(report, "drop_rate") == [(truth.answered_calls_ended_how["failed"] / answered, answered)]
    assert [report.figures[name].standing for name in ("mos", "loss_ratio")] == ["impossible", "impossible"]
    assert report.figures["mos"].value is None


def test_stream_lifetime_tells_the_truth_of_the_sample_day(day, truth):
    report = api.report("stream-lifetime", day)
    asked = sum(truth.streams.values())

    assert counts(report, "ledger", "outcome", "streams") == truth.streams
    assert counts(report, "ledger", "ended_how", "streams") == truth.streams_ended_how
    assert values(report, "start_rate", "start_failure_rate", "left_before_start_rate") == [
        ((asked - 10) / asked, asked), (truth.streams["failed_to_start"] / asked, asked), (1 / asked, asked)
    ]  # fmt: skip


def test_session_debug_and_conformance_tell_the_truth_of_the_sample_day(day, truth):
    debug, conformance = api.report("session-debug", day), api.report("conformance", day)
    bad = truth.sessions["refused"] + truth.sessions["failed"] + truth.sessions["vanished"]
    sessions = sum(truth.sessions.values())

    assert values(debug, "bad_session_rate") == [(bad / sessions, sessions)]
    assert sum(map(int, column(conformance, "hooks", "hooks"))) == truth.exchanges
    assert sum(map(int, column(conformance, "hooks", "errors"))) == truth.errors
    assert values(conformance, "unanswered_rate") == [(truth.unanswered / truth.exchanges, truth.exchanges)]


def test_figures_of_a_small_log_are_those_counted_by_hand(small):
    calls, streams = api.report("call-quality", small), api.report("stream-lifetime", small)

    assert values(calls, "asr", "drop_rate", "post_dial_p50_ms", "setup_p50_ms", "acd_s", "hook_wait_p95_ms") == [
        (1.0, 1), (0.0, 1), (2000.0, 1), (5000.0, 1), (61.0, 1), (500.0, 1)
    ]  # fmt: skip
    assert values(streams, "start_rate", "start_failure_rate", "drop_rate", "startup_p50_ms", "lifetime_median_s") == [
        (0.5, 2), (0.5, 2), (1.0, 1), (2000.0, 1), (1800.0, 1)
    ]  # fmt: skip
    assert (
        calls.data.verdict
        == "1 of 1 calls answered, 0 failed to set up, 0 dropped; 1 of 2 streams failed to start, 1 dropped."
    )
    assert [(one.severity, one.subject, one.says) for one in streams.findings] == [
        ("error", "hall", "publish dropped after 1800 s: Failed by ICE timeout"),
        ("notice", "lobby", "play did not start: Stream not found"),
    ]


def test_hours_without_anything_stand_in_the_hourly_tables(small):
    calls, streams = api.report("call-quality", small), api.report("stream-lifetime", small)

    assert [at.hour for at in column(calls, "hours", "hour_at")] == [8, 9, 10, 11, 12]
    assert column(calls, "hours", "bad") == [0, 0, 1, 0, 1]
    assert column(streams, "concurrency", "most_at_once") == [1]


def test_a_stream_that_runs_for_hours_is_counted_in_each(tmp_path):
    log = (
        told("08:10:00,000", "publishStream", session="s", stream="m", name="a", published=True)
        + told(
            "08:10:01,000", "StreamStatusEvent", session="s", stream="m", name="a", published=True, status="PUBLISHING"
        )
        + told(
            "11:50:00,000", "StreamStatusEvent", session="s", stream="m", name="a", published=True, status="UNPUBLISHED"
        )
    )
    with lake_of(tmp_path, log) as lake:
        report = api.report("stream-lifetime", lake)

    assert column(report, "concurrency", "most_at_once") == [1, 1, 1, 1]


SESSIONS = {"phone": PHONE, "studio": STUDIO, "viewer": VIEWER}


@pytest.mark.parametrize(
    ("filters", "chosen"),
    [
        ({}, "phone studio viewer"),
        ({"since": "2026-03-14T10:00"}, "studio viewer"),
        ({"since": "2026-03-14T10:00:05.001"}, "viewer"),
        ({"until": "2026-03-14T10:00"}, "phone"),
        ({"since": "2026-03-14T09:00", "until": "2026-03-14T12:00"}, "studio"),
        ({"since": "-3h"}, "studio viewer"),
        ({"since": "2026-03-14T11:00", "zone": "Europe/Berlin"}, "studio viewer"),
        ({"at": "2026-03-14T10:10"}, "studio"),
        ({"at": "2026-03-14T10:16"}, ""),
        ({"node": f"Qa1Ws2Ed3Rf4Tg5Yh6Uj7Ik8Ol9Pz0Xc@{STUDIO_NODE}"}, "studio"),
        ({"app": "studioApp"}, "studio"),
        ({"session": PHONE}, "phone"),
        ({"call": "c1"}, "phone"),
        ({"stream": "m2"}, "viewer"),
        ({"name": "hall"}, "studio"),
        ({"user": "1001"}, "phone"),
        ({"user": "1002"}, "phone"),
        ({"user": "nobody"}, ""),
        ({"name": "hall", "app": "defaultApp"}, ""),
    ],
)
def test_filters_choose_by_start(small, filters, chosen):
    report = api.report("conformance", small, **filters)
    hooks = {"phone": 8, "studio": 6, "viewer": 5}

    assert sum(map(int, column(report, "hooks", "hooks"))) == sum(hooks[name] for name in chosen.split())


@pytest.mark.parametrize(
    ("filters", "chosen"),
    [
        ({"since": "2026-03-14T08:30", "until": "2026-03-14T09:30"}, "phone"),
        ({"since": "2026-03-14T09:00:00.001", "until": "2026-03-14T10:00"}, ""),
        ({"since": "2026-03-14T10:59", "until": "2026-03-14T12:00:00.001"}, "studio viewer"),
        ({"at": "2026-03-14T10:40"}, "studio"),
        ({"session": VIEWER}, "viewer"),
        ({"user": "1001"}, "phone"),
        ({"name": "hall"}, "studio"),
    ],
)
def test_session_debug_and_find_choose_by_overlap(small, filters, chosen):
    wanted = [SESSIONS[name] for name in chosen.split()]
    shown = api.report("session-debug", small, **filters)
    found = api.find("8443", small, **filters).arrow()["id"].to_pylist()

    assert (shown.figures["bad_session_rate"].n, sorted(found)) == (len(wanted), sorted(wanted))


@pytest.mark.parametrize(
    ("filters", "calls", "streams"),
    [
        ({}, 1, 2),
        ({"call": "c1"}, 1, 0),
        ({"stream": "m1"}, 0, 1),
        ({"name": "lobby"}, 0, 1),
        ({"user": "1002"}, 1, 0),
        ({"session": STUDIO}, 0, 1),
        ({"since": "2026-03-14T10:00:05"}, 0, 2),
        ({"since": "2026-03-14T10:00:05.001"}, 0, 1),
        ({"until": "2026-03-14T08:00:10.001"}, 1, 0),
        ({"until": "2026-03-14T08:00:10"}, 0, 0),
        ({"app": "studioApp"}, 0, 1),
    ],
)
def test_filters_choose_calls_and_streams(small, filters, calls, streams):
    report = api.report("call-quality", small, **filters)

    assert (report.tables["calls"].arrow().num_rows, report.figures["stream_start_failure_rate"].n) == (calls, streams)


def test_a_session_is_debugged_by_its_key_and_its_id(small):
    key = (
        small.sql("select session_key from sessions where session_id = $id", id=STUDIO)
        .arrow()["session_key"][0]
        .as_py()
    )

    assert api.report("session-debug", small, session=key).tables["events"].arrow() == (
        api.report("session-debug", small, session=STUDIO).tables["events"].arrow()
    )


def test_the_timeline_of_a_session_is_whole_in_order_and_shows_its_places(small):
    report = api.report("session-debug", small, session=STUDIO)
    events = (
        report.tables["events"].arrow().select(["after_s", "about", "what", "detail", "severity", "line"]).to_pylist()
    )

    assert [tuple(event.values()) for event in events] == [
        (0.0, None, "connect", None, "info", 173),
        (1.0, None, "ConnectionStatusEvent", "ESTABLISHED", "info", 189),
        (5.0, "hall", "publishStream", None, "info", 207),
        (7.0, "hall", "StreamStatusEvent", "PUBLISHING", "info", 229),
        (1807.0, "hall", "StreamStatusEvent", "FAILED · Failed by ICE timeout", "error", 253),
        (3600.0, None, "ConnectionStatusEvent", "DISCONNECTED", "info", 279),
    ]
    assert report.data.verdict == (
        "Session of 198.51.100.2: established, 1 error, 0 warnings; "
        "first: hall, StreamStatusEvent: FAILED · Failed by ICE timeout (at +1807.0 s)."
    )


def test_the_next_command_debugs_the_session_of_the_gravest_finding(small):
    key = (
        small.sql("select session_key from sessions where session_id = $id", id=STUDIO)
        .arrow()["session_key"][0]
        .as_py()
    )
    report = api.report("call-quality", small, command="wcsanalytics report call-quality store")

    assert report.data.next_command == f"wcsanalytics report session-debug store --session {key}"


def test_reports_of_one_lake_do_not_disturb_each_other(small):
    first = [str(api.report(name, small)) for name in NAMES]
    api.report("session-debug", small, session=STUDIO)
    api.find("hall", small)

    assert [str(api.report(name, small)) for name in NAMES] == first


def test_what_is_asked_for_is_chosen_alike_out_of_all_streams_and_out_of_those_near_it(sample_store):
    with api.open(sample_store) as whole:
        of_each_kind = rows(
            whole,
            "streams s left join streams p on p.stream_key = s.publisher_key "
            "group by s.role, s.outcome, s.ended_how, p.ended_how",
            "min(s.session_key)",
            "max(s.media_session_id)",
        )
        (call,) = only(whole, "calls", "max(call_id)")
        asked = [Selection(session=key) for key, _ in of_each_kind] + [
            Selection(stream=stream) for _, stream in of_each_kind[:3]
        ]
        with chosen(whole, Selection(), overlapping=True):
            assert {"streams", "sessions"} <= whole.kept
        for selection in (*asked, Selection(call=call)):
            told_by = []
            with api.open(sample_store) as fresh:
                for lake in (whole, fresh):
                    with chosen(lake, selection, overlapping=True):
                        told_by.append([rows(lake, name, "*") for name in CHOSEN])
                assert {"streams", "sessions"}.isdisjoint(fresh.kept)

            assert told_by[0] == told_by[1]
            assert told_by[0][0]
    assert len(of_each_kind) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_lake_has_valid_reports(tmp_path, name):
    with lake_of(tmp_path) as lake:
        report = api.report(name, lake)

    assert all(figure.value is None or figure.n for figure in report.figures.values())
    assert "read     0 files, 0 records, no times" in str(report)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", ["matrix", "evening"])
def test_reports_read_as_in_the_golden_files(tmp_path, monkeypatch, case, name):
    monkeypatch.chdir(tmp_path)
    if case == "matrix":
        shutil.copyfile(CASES / "matrix" / "flashphoner.log", "flashphoner.log")
    else:
        Path("flashphoner.log").write_text(evening(), encoding="utf-8")
    command = f"wcsanalytics report {name} flashphoner.log"
    report = api.report(name, "flashphoner.log", date="2026-03-14", tz="UTC", command=command)

    assert str(report) == (GOLDENS / f"{case}-{name}.txt").read_text(encoding="utf-8")


def faults(folder: Path, *texts: str) -> list[tuple[str, str, str]]:
    with lake_of(folder, *texts) as lake:
        found = api.report("conformance", lake).findings
    return [(one.rule.removeprefix("conformance."), one.severity, one.subject) for one in found]


def on(clock: str, hook: str, **fields: object) -> str:
    return told(clock, hook, session="s", **fields)


CONNECTED = on("10:00:00,000", "connect") + on("10:00:01,000", "ConnectionStatusEvent", status="ESTABLISHED")
GONE = on("10:30:00,000", "ConnectionStatusEvent", status="DISCONNECTED")
STREAM = {"stream": "m", "name": "hall", "published": True}
CALL = {"call": "c", "caller": "1", "callee": "2"}
ASKED = on("10:01:00,000", "publishStream", **STREAM)
UP = on("10:01:01,000", "StreamStatusEvent", status="PUBLISHING", **STREAM)
DOWN = on("10:02:00,000", "StreamStatusEvent", status="UNPUBLISHED", **STREAM)
CALLED = on("10:05:00,000", "call", status="PENDING", **CALL)
HUNG_UP = on("10:06:00,000", "CallStatusEvent", status="FINISH", **CALL)
WHOLE = CONNECTED + ASKED + UP + DOWN + CALLED + HUNG_UP + GONE


def test_traffic_that_keeps_the_rules_has_no_fault(tmp_path):
    assert faults(tmp_path, WHOLE) == []


LATER = on("10:20:00,000", "OnDataEvent", operationId="o")
MELTED = on("10:01:30,000", "StreamStatusEvent", status="MELTED", **STREAM)
UP_AGAIN = on("10:03:00,000", "StreamStatusEvent", status="PUBLISHING", **STREAM)
RINGING_AGAIN = on("10:07:00,000", "CallStatusEvent", status="RING", **CALL)
UP_UNASKED = on("10:01:01,000", "StreamStatusEvent", status="PUBLISHING", createDate=1773482460000, **STREAM)
REFUSED = on("10:00:02,000", "OnDataEvent", operationId="o", error=True)
UNANSWERED = sent("10:00:02,000", "OnDataEvent", session="s", operationId="o")
MUCH_LATER = told("22:30:00,000", "OnDataEvent", session="t", operationId="o")


@pytest.mark.parametrize(
    ("log", "fault"),
    [
        (CONNECTED + on("10:00:02,000", "danceEvent") + GONE, ("unknown_hook", "notice", "danceEvent")),
        (CONNECTED + ASKED + UP + MELTED + DOWN + GONE, ("unknown_status", "notice", "StreamStatusEvent")),
        (CONNECTED + ASKED + UP + DOWN + UP_AGAIN + GONE, ("out_of_order", "warning", "hall")),
        (CONNECTED + CALLED + HUNG_UP + RINGING_AGAIN + GONE, ("out_of_order", "warning", "call to 2")),
        (CONNECTED + ASKED + LATER, ("missing_event", "warning", "hall")),
        (CONNECTED + CALLED + LATER, ("missing_event", "warning", "call to 2")),
        (CONNECTED + UP_UNASKED + DOWN + GONE, ("missing_method", "warning", "hall")),
        (CONNECTED + MUCH_LATER, ("unterminated", "warning", "s")),
        (CONNECTED + REFUSED + GONE, ("backend_error", "error", "OnDataEvent")),
        (CONNECTED + UNANSWERED + GONE, ("unanswered", "notice", "OnDataEvent")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_each_rule_finds_its_fault_and_no_other(tmp_path, log, fault):
    assert faults(tmp_path, log) == [fault]


def test_an_answer_without_its_request_is_found(tmp_path):
    request, answer = on("10:00:02,000", "OnDataEvent", operationId="o").split("10:00:02,000")[1:]

    assert request
    assert faults(tmp_path, CONNECTED + f"10:00:02,000{answer}" + GONE) == [("orphan_answer", "notice", "OnDataEvent")]


def test_an_answer_of_a_session_of_which_nothing_else_is_known_is_found(tmp_path):
    answer = told("10:00:02,000", "OnDataEvent", session="elsewhere", operationId="o").split("10:00:02,000")[2]

    assert faults(tmp_path, WHOLE + f"10:00:02,000{answer}") == [("orphan_answer", "notice", "OnDataEvent")]


def test_a_hook_of_whose_answer_only_the_server_s_event_log_tells_counts(tmp_path):
    exported = {"sendTime": 1773482402000, "responseTime": 1773482402008, "method": "OnDataEvent", "sessionId": "s"}
    with lake_of(tmp_path, CONNECTED + UNANSWERED + GONE, json.dumps(exported) + "\n") as lake:
        report, debug = api.report("conformance", lake), api.report("session-debug", lake, session="s")

    assert column(report, "hooks", "hook") == ["ConnectionStatusEvent", "OnDataEvent", "connect"]
    assert column(report, "hooks", "hooks") == column(debug, "backend", "hooks") == [2, 1, 1]
    assert column(report, "hooks", "unanswered") == [0, 0, 0]
    assert list(report.findings) == []


def test_a_hook_that_the_capture_s_end_cuts_off_is_no_fault(tmp_path):
    assert faults(tmp_path, CONNECTED + sent("10:00:02,000", "OnDataEvent", session="s", operationId="o")) == []


def test_conformance_counts_what_breaks_the_rules(tmp_path):
    log = CONNECTED + ASKED + UP + DOWN + on("10:03:00,000", "StreamStatusEvent", status="PUBLISHING", **STREAM) + GONE
    with lake_of(tmp_path, log) as lake:
        report = api.report("conformance", lake)

    assert values(report, "fitness") == [(0.5, 2)]


def test_the_whole_matrix_is_seen_in_its_case():
    with api.open(CASES / "matrix") as lake:
        report = api.report("conformance", lake)
        typed = (len(lake.hooks), len(lake.other_hooks), len(lake.sql("from hooks where extra is not null")))

    assert typed == (53, 0, 0)
    assert set(column(report, "matrix", "standing")) == {"seen"}
    assert len(column(report, "matrix", "row")) == 27
    assert report.findings == ()


@pytest.mark.parametrize(
    "scenario", sorted(path.parent.name for path in (SAMPLE / "captures").glob("*/flashphoner.log"))
)
def test_the_real_client_breaks_no_rule(scenario):
    report = api.report("conformance", SAMPLE / "captures" / scenario / "flashphoner.log", date="2026-03-14", tz="UTC")

    assert report.findings == ()


@pytest.mark.parametrize("name", NAMES)
def test_the_first_screen_of_each_report_fits_a_terminal(sample_store, name):
    with api.open(sample_store) as lake:
        report = api.report(name, lake, command=f"wcsanalytics report {name} store")
    screen = str(report).splitlines()[:24]

    assert max(map(len, screen)) <= 80
    assert f"verdict  {report.data.verdict}"[:70] in screen[5] + screen[4] + screen[6] + screen[7]
    assert "1 node: Tq3Y…@203.0.113.10" in "".join(screen)
    assert screen[-3:] != [""] * 3
    assert [line for line in screen[4:9] if line.startswith("verdict") and line.endswith("…")] == []


def test_a_moment_can_be_told_in_many_ways():
    berlin, last = ZoneInfo("Europe/Berlin"), datetime(2026, 3, 14, 12, tzinfo=UTC)

    assert moment("2026-03-14T09:15:20Z", berlin, last) == datetime(2026, 3, 14, 9, 15, 20, tzinfo=UTC)
    assert moment("2026-03-14T09:15", berlin, last) == datetime(2026, 3, 14, 8, 15, tzinfo=UTC)
    assert moment("2026-03-14", berlin, last) == datetime(2026, 3, 13, 23, tzinfo=UTC)
    assert moment("-90m", berlin, last) == datetime(2026, 3, 14, 10, 30, tzinfo=UTC)
    assert moment("-2d", berlin, last) == datetime(2026, 3, 12, 12, tzinfo=UTC)
    assert moment(datetime(2026, 3, 14, 9), berlin, last) == datetime(2026, 3, 14, 8, tzinfo=UTC)


def test_a_selection_knows_whether_it_is_about_one():
    assert Selection(call="c").is_about_one
    assert not Selection(node="n", app="a").is_about_one


def test_what_a_lake_shows_is_the_same_before_and_after_reports(tmp_path):
    def shown(lake: Lake) -> list[list[tuple[object, ...]]]:
        views = ("sessions", "streams", "calls")
        return [
            [tuple(row.values()) for row in lake.sql(f"select * from {view} order by all").arrow().to_pylist()]
            for view in views
        ]

    with lake_of(tmp_path, evening()) as lake:
        before = shown(lake)
        api.report("call-quality", lake)

        assert shown(lake) == before
