"""What the views make of hooks: sample day against its truth, small logs by hand."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from sample_data.generate import generate
from sample_data.stage import Truth
from tests.support import (
    NODE,
    block,
    body_of,
    contents,
    lake_of,
    line,
    new_store,
    only,
    put_log,
    rows,
    sent,
    take_in,
    told,
)
from wcsanalytics.intake import Settings
from wcsanalytics.lake import Lake

Made = Callable[..., Lake]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """Makes a lake of logs, each an input of its own; closed at the end of the test."""
    opened: list[Lake] = []

    def make(*texts: str) -> Lake:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        opened.append(lake_of(folder, *texts))
        return opened[-1]

    yield make
    for lake in opened:
        lake.close()


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """One lake of all cases of the tables below. Each is told by a node of its own, and nodes don't mix."""
    folder = tmp_path_factory.mktemp("cases")
    store = new_store(folder)
    paths = [
        put_log(folder / f"{group}-{number}.log", case[0].replace(NODE, node_of(group, name)))
        for group, members in CASES.items()
        for number, (name, case) in enumerate(members.items())
    ]
    take_in(store, *paths)
    with Lake(store) as lake:
        yield lake


def node_of(group: str, name: str) -> str:
    return f"{group}-{re.sub(r'[^A-Za-z0-9]', '', name)}@203.0.113.10"


def of_case(lake: Lake, view: str, group: str, name: str, *columns: str) -> tuple[object, ...]:
    """These columns of the only row of a view that a case made."""
    return only(lake, f"{view} where node_id = '{node_of(group, name)}'", *columns)


def told_at(lake: Lake, view: str, group: str, name: str) -> tuple[object, ...]:
    """Hook and status of the record that the only row of a view stands at."""
    at_record = f"""(select h.hook, h.status from {view} v join hooks h using (source_id, line, byte_offset)
                     where v.node_id = '{node_of(group, name)}')"""
    return only(lake, at_record, "hook", "status")


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-14T{clock}+00:00")


# The sample day


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Truth, Lake, Lake]]:
    """The truth of the sample day, and lakes of its two forms: the server log, the backend's capture."""
    folder = tmp_path_factory.mktemp("day")
    truth = generate(folder)
    lakes = []
    for form in ("day", "backend"):
        (folder / f"of_{form}").mkdir()
        store = new_store(folder / f"of_{form}")
        take_in(store, folder / form, settings=Settings())
        lakes.append(Lake(store))
    yield truth, lakes[0], lakes[1]
    for lake in lakes:
        lake.close()


def counted(lake: Lake, view: str, column: str) -> Counter[str]:
    return Counter(value for (value,) in rows(lake, view, column))


@pytest.mark.parametrize("form", [1, 2], ids=["log", "capture"])
def test_the_sample_day_is_told_as_it_happened(day: tuple[Truth, Lake, Lake], form: int) -> None:
    truth, lake = day[0], day[form]

    assert counted(lake, "sessions", "outcome") == truth.sessions
    assert counted(lake, "streams", "outcome") == truth.streams
    assert counted(lake, "streams", "ended_how") == truth.streams_ended_how
    assert counted(lake, "streams where end_info is not null", "end_info") == truth.stream_infos
    assert counted(lake, "calls", "outcome") == truth.calls
    assert counted(lake, "calls where outcome = 'answered'", "ended_how") == truth.answered_calls_ended_how
    assert counted(lake, "registrations", "status_path") == truth.registrations
    assert len(lake.hooks) == truth.exchanges


def test_the_sample_day_has_the_answers_that_were_given(day: tuple[Truth, Lake, Lake]) -> None:
    truth, log, capture = day
    by_log, by_capture = (counted(lake, "hooks", "answer") for lake in (log, capture))

    assert (by_log["echo"] + by_log["changed"], by_log["error"], by_log["none"]) == (
        truth.answered, truth.errors, truth.unanswered,
    )  # fmt: skip
    assert by_capture["none"] == truth.errors + truth.unanswered  # a backend never hears of an exception
    assert (by_log["orphan"], by_capture["orphan"]) == (0, 0)


def test_log_and_capture_of_the_sample_day_tell_the_same(day: tuple[Truth, Lake, Lake]) -> None:
    _, log, capture = day
    exchange = (
        "hook",
        "kind",
        "session_id",
        "media_session_id",
        "call_id",
        "status",
        "info",
        "url",
        "sent_at",
        "extra",
    )
    answered = ("answered_at", "latency_ms", "answer", "answer_changes")

    assert rows(log, "hooks", *exchange) == rows(capture, "hooks", *exchange)
    heard = "hooks where answer in ('echo', 'changed')"  # a backend never hears of an exception
    assert rows(log, heard, *exchange, *answered) == rows(capture, heard, *exchange, *answered)


@pytest.mark.parametrize(
    "view", ["sessions", "streams", "calls", "registrations", "transfers", "data_messages", "client_log"]
)
def test_log_and_capture_of_the_sample_day_agree_on(day: tuple[Truth, Lake, Lake], view: str) -> None:
    # the log alone knows when an exception ended the wait for the backend
    left_out = {"source_id", "line", "byte_offset", "dated_by", "hook_wait_ms"}

    by_log, by_capture = (contents(lake, left_out, [view]) for lake in day[1:])
    assert by_log == by_capture


def test_secrets_of_the_sample_day_are_in_no_view(day: tuple[Truth, Lake, Lake]) -> None:
    for lake in day[1:]:
        assert "PLANTED" not in repr(contents(lake))


# Sessions


def test_a_session_that_ended(made: Made) -> None:
    lake = made(
        told("10:00:00,000", "connect", session="/198.51.100.7:50412/203.0.113.10:8443", origin="https://example.org",
             clientBrowserVersion="Mozilla/5.0 (Windows NT 10.0) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
             clientVersion="2.0", mediaProviders=["WebRTC", "MSE"], sipLogin="4101")
        + told("10:00:00,500", "ConnectionStatusEvent", session="/198.51.100.7:50412/203.0.113.10:8443", status="ESTABLISHED")
        + told("10:01:00,500", "ConnectionStatusEvent", session="/198.51.100.7:50412/203.0.113.10:8443", status="DISCONNECTED")
    )  # fmt: skip

    assert only(
        lake, "sessions", "outcome", "connected_at", "established_at", "ended_at", "lived_s", "observed_s", "end_status",
        "client_address", "page_origin", "browser", "browser_version", "os", "client_version", "media_providers", "user_id",
        "n_streams", "n_calls", "n_hooks", "app_key",
    ) == (
        "established", at("10:00:00"), at("10:00:00.5"), at("10:01:00.5"), 60.0, 60.5, "DISCONNECTED",
        "198.51.100.7", "https://example.org", "Edge", "131", "Windows", "2.0", "WebRTC, MSE", "4101",
        0, 0, 3, "defaultApp",
    )  # fmt: skip


SESSION_OUTCOMES = {
    "the backend says no": (
        told("10:00:00,000", "connect", session="s", error=True)
        + told("10:00:00,100", "ConnectionStatusEvent", session="s", status="FAILED"),
        "refused",
    ),
    "the backend says no and nothing more is told": (told("10:00:00,000", "connect", session="s", error=True), "refused"),
    "the backend does not answer twice": (
        told("10:00:00,000", "connect", session="s", error=True)
        + told("10:00:15,000", "connect", session="s", answered="10:00:30,000", error=True),
        "refused",
    ),
    "failed later": (
        told("10:00:00,000", "ConnectionStatusEvent", session="s", status="ESTABLISHED")
        + told("10:05:00,000", "ConnectionStatusEvent", session="s", status="FAILED"),
        "failed",
    ),
    "only its end is seen": (
        told("10:05:00,000", "ConnectionStatusEvent", session="s", status="DISCONNECTED"), "established",
    ),
    "going on": (told("10:00:00,000", "ConnectionStatusEvent", session="s", status="ESTABLISHED"), "open"),
    "silent for eleven hours": (
        told("10:00:00,000", "connect", session="s") + told("21:00:00,000", "OnDataEvent", operationId="o"), "open",
    ),
    "silent for more than twelve hours": (
        told("10:00:00,000", "connect", session="s") + told("22:00:01,000", "OnDataEvent", operationId="o"), "vanished",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SESSION_OUTCOMES)
def test_outcome_of_a_session(cases: Lake, name: str) -> None:
    assert of_case(cases, "sessions", "session", name, "outcome") == SESSION_OUTCOMES[name][1:]


def test_a_refusal_that_stands_in_the_next_input_is_one_too(made: Made) -> None:
    log = told("10:00:00,000", "connect", session="s", answered="10:00:15,000", error=True)
    cut = log.index("10:00:15,000")

    assert only(made(log[:cut], log[cut:]), "sessions", "outcome") == ("refused",)


def test_an_id_that_comes_back_after_its_end_is_another_session(made: Made) -> None:
    lake = made(
        told("10:00:00,000", "connect", session="s")
        + told("10:00:10,000", "ConnectionStatusEvent", session="s", status="DISCONNECTED")
        + told("10:00:20,000", "connect", session="s")
        + told("10:00:21,000", "playStream", session="s", stream="m", name="a")
    )

    assert rows(lake, "sessions", "connected_at", "outcome", "n_hooks", "n_streams") == [
        (at("10:00:00"), "established", 2, 0), (at("10:00:20"), "open", 2, 1),
    ]  # fmt: skip
    assert only(lake, "streams s join sessions using (session_key)", "connected_at") == (at("10:00:20"),)
    assert only(lake, "hooks where hook = 'playStream'", "session_key = (select max(session_key) from sessions)") == (
        True,
    )


def test_an_id_that_comes_back_without_an_end_ends_what_was_before(made: Made) -> None:
    lake = made(
        told("10:00:00,000", "connect", session="s")
        + told("10:00:01,000", "StreamStatusEvent", session="s", stream="m", status="PUBLISHING", published=True)
        + told("10:02:00,000", "connect", session="s")
    )

    assert rows(lake, "sessions", "connected_at", "outcome") == [(at("10:00:00"), "vanished"), (at("10:02:00"), "open")]
    assert only(lake, "streams", "outcome", "ended_how", "dropped") == ("vanished", "vanished", None)


def test_a_connect_asked_again_within_a_minute_is_the_same_session(made: Made) -> None:
    lake = made(told("10:00:00,000", "connect", session="s") + told("10:00:45,000", "connect", session="s"))

    assert only(lake, "sessions", "connected_at", "n_hooks") == (at("10:00:00"), 2)


def test_sessions_of_two_nodes_are_two(made: Made) -> None:
    other = told("10:00:05,000", "connect", session="s").replace("203.0.113.10", "203.0.113.11")
    lake = made(told("10:00:00,000", "connect", session="s") + other)

    assert [node[-2:] for (node,) in rows(lake, "sessions", "node_id")] == ["10", "11"]


AGENTS = {
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15": ("Safari", "17", "macOS"),
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0": ("Firefox", "133", "Linux"),
    "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/156.0.0.0 Safari/537.36": ("Chrome", "156", "Linux"),
    "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0.0.0 Safari/537.36 OPR/106.0.0.0": ("Opera", "106", "Windows"),
    "Mozilla/5.0 (Linux; Android 14; wv) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36": ("Chrome", "120", "Android"),
    "Mozilla/5.0 (Linux; Android 10) Chrome/124.0.0.0 Mobile Safari/537.36 EdgA/124.0.2478.104": ("Edge", "124", "Android"),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) CriOS/125.0 Mobile Safari/604.1": ("Chrome", "125", "iOS"),
    "curl/8": ("other", None, "other"),
}  # fmt: skip


@pytest.mark.parametrize("agent", AGENTS, ids=[" ".join(map(str, expected)) for expected in AGENTS.values()])
def test_browser_and_system_are_read_from_the_user_agent(cases: Lake, agent: str) -> None:
    assert of_case(cases, "sessions", "agent", agent, "browser", "browser_version", "os") == AGENTS[agent]


# Streams


def stream(clock: str, status: str, info: str = "", *, key: str = "m", role: str = "play", session: str = "s") -> str:
    """A status of a stream."""
    more = {"info": info} if info else {}
    return told(
        clock,
        "StreamStatusEvent",
        session=session,
        stream=key,
        name="hall",
        published=role == "publish",
        status=status,
        **more,
    )


def asked(clock: str, *, key: str = "m", role: str = "play", session: str = "s", answered: str | None = None) -> str:
    """A publish or play that is asked for."""
    hook = "publishStream" if role == "publish" else "playStream"
    return told(clock, hook, answered=answered, session=session, stream=key, name="hall", published=role == "publish")


def stopped(clock: str, *, key: str = "m", role: str = "play", session: str = "s") -> str:
    """A stream that its client stops."""
    hook = "unPublishStream" if role == "publish" else "stopStream"
    return told(clock, hook, session=session, stream=key, name="hall", published=role == "publish")


def ended_session(clock: str, session: str = "s") -> str:
    """A session that ends."""
    return told(clock, "ConnectionStatusEvent", session=session, status="DISCONNECTED")


def later(clock: str) -> str:
    """Something of another session, which shows that the capture goes on."""
    return told(clock, "OnDataEvent", session="other", operationId="o")


PLAYING = asked("10:00:00,000") + stream("10:00:01,000", "PLAYING")
PUBLISHING = asked("10:00:00,000", role="publish") + stream("10:00:01,000", "PUBLISHING", role="publish")


def test_times_of_a_stream(made: Made) -> None:
    lake = made(
        asked("10:00:00,000", answered="10:00:00,040")
        + stream("10:00:00,050", "PENDING")
        + stream("10:00:01,500", "PLAYING")
        + told(
            "10:00:03,000",
            "StreamKeepAliveEvent",
            session="s",
            stream="m",
            name="hall",
            published=False,
            status="PLAYING",
        )
        + stream("10:00:11,500", "PAUSED")
        + stream("10:00:21,500", "PLAYING")
        + stopped("10:01:01,400")
        + stream("10:01:01,500", "STOPPED", "Stopped by user")
    )

    assert only(
        lake, "streams", "role", "name", "requested_at", "started_at", "ended_at", "startup_ms", "hook_wait_ms", "lived_s",
        "observed_s", "paused_s", "outcome", "ended_how", "dropped", "cause", "cause_group", "keep_alives", "left_truncated",
        "publisher_key",
    ) == (
        "play", "hall", at("10:00:00"), at("10:00:01.5"), at("10:01:01.5"), 1500.0, 40.0, 60.0, 61.5, 10.0, "completed", "asked",
        False, "normal_user", "normal", 1, False, None,
    )  # fmt: skip


STREAM_ENDS = {
    "stopped by its user": (PLAYING + stopped("10:00:08,000") + stream("10:00:09,000", "STOPPED"), "completed", "asked", False),
    "shut down on request": (
        PLAYING + stream("10:00:09,000", "STOPPED", "Requested stream shutdown"), "completed", "asked", False,
    ),
    "failed": (PLAYING + stream("10:00:09,000", "FAILED", "Failed by RTP activity"), "failed", "failed", True),
    "failed for an unknown reason": (PLAYING + stream("10:00:09,000", "FAILED", "Bad luck"), "failed", "failed", True),
    "failed by ICE keep alive": (
        PLAYING + stream("10:00:09,000", "FAILED", "Failed by ICE keep alive"), "failed", "failed", True,
    ),
    "ended by keep-alive": (
        PLAYING + stream("10:00:09,000", "FAILED", "Terminated by keep-alive"), "failed", "session_lost", True,
    ),
    "lost with its session": (
        PUBLISHING + stream("10:00:09,000", "UNPUBLISHED", "Stopped by session disconnect", role="publish"),
        "completed", "session_lost", True,
    ),
    "lost with its session, and nothing told": (PLAYING + ended_session("10:00:09,000"), "completed", "session_lost", True),
    "stopped, then left": (
        PLAYING + stopped("10:00:08,000") + ended_session("10:00:09,000"), "completed", "asked", False,
    ),
    "ended by REST": (
        PUBLISHING + stream("10:00:09,000", "UNPUBLISHED", "Stopped by rest /terminate", role="publish"),
        "completed", "admin", False,
    ),
    "ended by its source": (PLAYING + stream("10:00:09,000", "STOPPED", "Stream not found"), "completed", "far_end", False),
    "failed before its start": (
        asked("10:00:00,000") + stream("10:00:01,000", "FAILED", "Stream not found"), "failed_to_start", "failed", None,
    ),
    "left before its start": (
        asked("10:00:00,000") + stopped("10:00:01,000") + stream("10:00:01,100", "STOPPED", "Stopped by user"),
        "left_before_start", "asked", None,
    ),
    "going on": (PLAYING + later("10:00:40,000"), "open", "open", None),
    "going on in a session that told more": (
        PLAYING + told("21:00:00,000", "OnDataEvent", session="s", operationId="p") + later("23:00:00,000"), "open", "open", None,
    ),
    "silent for more than twelve hours": (PLAYING + later("22:30:00,000"), "vanished", "vanished", None),
    "whose publisher is in no capture": (
        PLAYING + stream("10:00:09,000", "STOPPED", "Stopped by publisher stop"), "completed", "publisher_gone", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAM_ENDS)
def test_how_a_stream_ended(cases: Lake, name: str) -> None:
    assert of_case(cases, "streams", "stream", name, "outcome", "ended_how", "dropped") == STREAM_ENDS[name][1:]


STREAM_RECORDS = {
    "stopped by its user": ("StreamStatusEvent", "STOPPED"),
    "failed": ("StreamStatusEvent", "FAILED"),
    "failed before its start": ("StreamStatusEvent", "FAILED"),
    "going on": ("StreamStatusEvent", "PLAYING"),
}


@pytest.mark.parametrize("name", STREAM_RECORDS)
def test_a_stream_stands_at_the_record_that_ended_it_or_at_the_last(cases: Lake, name: str) -> None:
    assert told_at(cases, "streams", "stream", name) == STREAM_RECORDS[name]


PUBLISHER_ENDS = {
    "asked": (
        stopped("10:00:19,000", key="p", role="publish") + stream("10:00:20,000", "UNPUBLISHED", key="p", role="publish"), False,
    ),
    "failed": (stream("10:00:20,000", "FAILED", "Failed by ICE keep alive", key="p", role="publish"), True),
    "session_lost": (
        stream("10:00:20,000", "UNPUBLISHED", "Stopped by session disconnect", key="p", role="publish"), True,
    ),
    "admin": (stream("10:00:20,000", "UNPUBLISHED", "Stopped by rest /terminate", key="p", role="publish"), False),
    "open": ("", None),
}  # fmt: skip


@pytest.mark.parametrize(("end", "dropped"), PUBLISHER_ENDS.values(), ids=PUBLISHER_ENDS.keys())
def test_a_viewer_was_dropped_if_its_publisher_was(made: Made, end: str, dropped: bool | None) -> None:
    published = asked("09:59:00,000", key="p", role="publish", session="t") + stream(
        "09:59:01,000", "PUBLISHING", key="p", role="publish", session="t"
    )
    lake = made(published + PLAYING + end + stream("10:00:20,010", "STOPPED", "Stopped by publisher stop"))

    assert only(lake, "streams where role = 'play'", "ended_how", "dropped") == ("publisher_gone", dropped)
    assert only(
        lake,
        "streams v join streams p on p.stream_key = v.publisher_key",
        "v.media_session_id as viewer",
        "p.media_session_id as publisher",
    ) == ("m", "p")


def test_a_viewer_watches_the_publisher_that_was_there(made: Made) -> None:
    def published(key: str, begin: str, end: str, status: str = "PUBLISHING") -> str:
        return (
            asked(begin, key=key, role="publish")
            + stream(begin, status, key=key, role="publish")
            + stream(end, "FAILED", "Stream name is already in use", key=key, role="publish")
        )

    lake = made(
        published("before", "09:00:00,000", "09:30:00,000")
        + published("live", "09:59:00,000", "10:01:00,000")
        + PLAYING
        + published("refused", "10:00:05,000", "10:00:05,100", "PENDING")
        + stream("10:00:20,000", "STOPPED", "Stopped by user")
        + published("after", "10:02:00,000", "10:03:00,000")
        + asked("11:00:00,000", key="late")
        + stream("11:00:01,000", "FAILED", "Stream not found", key="late")
    )

    assert rows(
        lake, "streams v left join streams p on p.stream_key = v.publisher_key where v.role = 'play'", "v.media_session_id as viewer",
        "p.media_session_id as publisher",
    ) == [("late", None), ("m", "live")]  # fmt: skip


def beat(clock: str) -> str:
    """A keep-alive of the stream."""
    return told(clock, "StreamKeepAliveEvent", session="s", stream="m", name="hall", published=False, status="PLAYING")


@pytest.mark.parametrize(("last", "outcome"), [("10:00:51,000", "open"), ("10:00:51,001", "vanished")])
def test_a_stream_whose_keep_alives_stop_has_vanished_after_three_times_their_distance(
    made: Made, last: str, outcome: str
) -> None:
    lake = made(PLAYING + beat("10:00:11,000") + beat("10:00:21,000") + later(last))

    assert only(lake, "streams", "outcome", "keep_alives") == (outcome, 2)
    assert only(lake, "sessions where session_id = 's'", "outcome") == (outcome,)


def test_a_session_that_goes_on_has_not_vanished_with_its_stream(made: Made) -> None:
    more = told("10:05:00,000", "playStream", session="s", stream="m2", name="b")
    lake = made(PLAYING + beat("10:00:11,000") + beat("10:00:21,000") + more)

    assert rows(lake, "streams", "outcome") == [("open",), ("vanished",)]
    assert only(lake, "sessions", "outcome") == ("open",)


def test_a_stream_resumed_under_its_id_is_one_stream(made: Made) -> None:
    lake = made(
        PLAYING
        + stream("10:00:11,000", "PAUSED")
        + asked("10:00:30,000")
        + stream("10:00:31,000", "PLAYING")
        + stream("10:01:01,000", "STOPPED", "Stopped by user")
    )

    assert only(lake, "streams", "started_at", "lived_s", "paused_s") == (at("10:00:01"), 60.0, 20.0)


def test_a_pause_lasts_to_the_end_of_the_session(made: Made) -> None:
    lake = made(PLAYING + stream("10:00:11,000", "PAUSED") + ended_session("10:00:31,000"))

    assert only(lake, "streams", "paused_s", "lived_s") == (20.0, 30.0)


def test_a_stream_id_used_again_after_the_end_is_another_stream(made: Made) -> None:
    one = PLAYING + stream("10:00:11,000", "STOPPED", "Stopped by user")
    two = asked("10:05:00,000") + stream("10:05:02,000", "FAILED", "Stream not found")
    lake = made(one + two)

    assert rows(lake, "streams", "requested_at", "outcome") == [
        (at("10:00:00"), "completed"), (at("10:05:00"), "failed_to_start"),
    ]  # fmt: skip


def test_a_request_repeated_for_want_of_an_answer_is_the_same_stream(made: Made) -> None:
    body = body_of(session="s", stream="m", name="hall", published=False)
    lake = made(
        block("10:00:00,000", "SEND", "playStream", body)
        + stream("10:00:01,000", "PLAYING")
        + stream("10:00:05,000", "STOPPED")
        + block("10:00:15,000", "SEND", "playStream", body)
        + block("10:00:15,020", "RECEIVED", "playStream", body)
    )

    assert only(lake, "streams", "requested_at", "outcome", "hook_wait_ms") == (at("10:00:00"), "completed", 15_020.0)


def test_a_stream_seen_from_its_middle_is_left_truncated(made: Made) -> None:
    lake = made(beat("10:00:00,000") + stream("10:00:09,000", "STOPPED", "Stopped by user"))

    assert only(lake, "streams", "left_truncated", "requested_at", "startup_ms", "started_at", "lived_s") == (
        True, None, None, at("10:00:00"), 9.0,
    )  # fmt: skip


def test_the_name_that_the_backend_gave_counts(made: Made) -> None:
    lake = made(
        told("10:00:00,000", "publishStream", session="s", stream="m", name="mine", published=True)
        + told("10:00:01,000", "StreamStatusEvent", session="s", stream="m", name="channel-7", status="PUBLISHING")
    )

    assert only(lake, "streams", "name", "role") == ("channel-7", "publish")


def test_a_first_terminal_status_without_reason_keeps_none(made: Made) -> None:
    lake = made(
        PLAYING + stream("10:00:09,000", "STOPPED") + stream("10:00:10,000", "FAILED", "Failed by RTP activity")
    )

    assert only(lake, "streams", "end_status", "end_info", "ended_at", "cause") == (
        "STOPPED",
        None,
        at("10:00:09"),
        "none",
    )


def test_events_of_one_instant_stand_in_the_order_of_the_capture(made: Made) -> None:
    log = (
        PLAYING
        + stream("10:00:09,000", "STOPPED", "Stopped by user")
        + stream("10:00:09,000", "FAILED", "Failed by error")
    )
    cut = log.rindex("10:00:09,000", 0, log.rindex("10:00:09,000"))

    for texts in ((log,), (log[:cut], log[cut:])):
        assert only(made(*texts), "streams", "end_status", "end_info") == ("STOPPED", "Stopped by user")


# Calls


def call(clock: str, status: str, *, sip: int | None = None, info: str = "", incoming: bool = False) -> str:
    """A status of a call."""
    more = ({"sipStatus": sip} if sip else {}) | ({"info": info} if info else {})
    return told(clock, "CallStatusEvent", session="s", call="c", incoming=incoming, status=status, **more)


def of_call(clock: str, hook: str, **more: object) -> str:
    """What a client asks of its call."""
    return told(clock, hook, session="s", call="c", **more)


OUT = told("10:00:00,000", "call", answered="10:00:00,030", session="s", call="c", caller="4101", callee="4102")
TRYING = OUT + call("10:00:00,100", "TRYING", sip=100)
RINGING = TRYING + call("10:00:01,000", "RING", sip=180)
IN = told(
    "10:00:00,000", "OnCallEvent", session="s", call="c", incoming=True, caller="+49301", callee="4101", status="RING"
)
HANGUP = of_call("10:00:08,000", "hangup")

CALL_OUTCOMES = {
    "answered": (RINGING + call("10:00:05,000", "ESTABLISHED", sip=200), "answered", "path"),
    "busy by status": (TRYING + call("10:00:05,000", "BUSY"), "busy", "path"),
    "busy by SIP": (TRYING + call("10:00:05,000", "BUSY", sip=486), "busy", "sip_status"),
    "busy everywhere": (TRYING + call("10:00:05,000", "FAILED", sip=600), "busy", "sip_status"),
    "declined there": (RINGING + call("10:00:05,000", "FAILED", sip=603), "declined", "sip_status"),
    "declined here": (IN + HANGUP + call("10:00:08,100", "FINISH", sip=487, incoming=True), "declined", "path"),
    "given up by the caller here": (RINGING + HANGUP + call("10:00:08,100", "FINISH", sip=487), "abandoned", "path"),
    "given up by the caller there": (IN + call("10:00:08,100", "FINISH", sip=487, incoming=True), "abandoned", "sip_status"),
    "given up by leaving": (RINGING + ended_session("10:00:08,000"), "abandoned", "path"),
    "not answered by leaving": (IN + ended_session("10:00:08,000"), "no_answer", "path"),
    "not answered by SIP": (RINGING + call("10:00:30,000", "FINISH", sip=480), "no_answer", "sip_status"),
    "rang too long": (RINGING + call("10:00:30,000", "FAILED", sip=408), "no_answer", "sip_status"),
    "rang, then ended": (RINGING + call("10:00:30,000", "FINISH", info="Normal call clearing"), "no_answer", "path"),
    "refused by the backend": (
        told("10:00:00,000", "call", session="s", call="c", error=True) + later("10:01:00,000"), "refused", "path",
    ),
    "refused by the network": (TRYING + call("10:00:01,000", "FAILED", sip=403), "refused", "sip_status"),
    "unknown there": (TRYING + call("10:00:01,000", "FAILED", sip=404), "refused", "sip_status"),
    "no way through": (TRYING + call("10:00:01,000", "FAILED", sip=503), "ineffective", "sip_status"),
    "timed out by SIP": (TRYING + call("10:00:01,000", "FAILED", sip=408), "ineffective", "sip_status"),
    "timed out by its reason": (
        TRYING + call("10:00:01,000", "FAILED", info="Failed by request timeout"), "ineffective", "info",
    ),
    "no media though SIP answered": (
        RINGING + call("10:00:05,000", "FAILED", sip=200, info="Failed by ICE error"), "media_failed", "info",
    ),
    "failed somehow": (TRYING + call("10:00:01,000", "FAILED", info="Failed by session creation"), "failed", "path"),
    "a reason in other letters": (
        TRYING + call("10:00:01,000", "FAILED", info="FAILED BY DTLS ERROR "), "media_failed", "info",
    ),
    "not over yet": (RINGING, "open", "open"),
}  # fmt: skip


@pytest.mark.parametrize("name", CALL_OUTCOMES)
def test_outcome_of_a_call(cases: Lake, name: str) -> None:
    assert of_case(cases, "calls", "call", name, "outcome", "decided_by") == CALL_OUTCOMES[name][1:]


CALL_RECORDS = {
    "answered": ("CallStatusEvent", "ESTABLISHED"),
    "busy by SIP": ("CallStatusEvent", "BUSY"),
    "declined here": ("CallStatusEvent", "FINISH"),
    "given up by leaving": ("CallStatusEvent", "RING"),
    "refused by the backend": ("call", None),
    "no media though SIP answered": ("CallStatusEvent", "FAILED"),
    "not over yet": ("CallStatusEvent", "RING"),
}


@pytest.mark.parametrize("name", CALL_RECORDS)
def test_a_call_stands_at_the_record_that_ended_it_or_at_the_last(cases: Lake, name: str) -> None:
    assert told_at(cases, "calls", "call", name) == CALL_RECORDS[name]


def test_of_two_ends_the_first_tells_status_and_reason_of_a_call(made: Made) -> None:
    lake = made(
        RINGING
        + call("10:00:05,000", "FAILED", sip=503)
        + call("10:00:06,000", "FINISH", sip=200, info="Normal call clearing")
    )

    assert only(lake, "calls", "end_status", "sip_status", "coalesce(end_info, '')") == ("FAILED", 503, "")


def test_times_of_a_call_with_two_holds(made: Made) -> None:
    lake = made(
        RINGING
        + call("10:00:05,000", "ESTABLISHED", sip=200)
        + of_call("10:00:14,900", "hold")
        + call("10:00:15,000", "HOLD")
        + call("10:00:16,000", "HOLD")
        + call("10:00:25,000", "ESTABLISHED")
        + of_call("10:00:26,000", "sendDtmf", type="RFC2833", dtmf="5")
        + of_call("10:00:27,000", "sendDtmf", type="RFC2833", dtmf=7)
        + call("10:00:35,000", "HOLD")
        + call("10:00:37,500", "ESTABLISHED")
        + of_call("10:01:04,900", "hangup")
        + call("10:01:05,000", "FINISH", sip=200, info="Normal call clearing")
    )

    assert only(
        lake, "calls", "direction", "caller", "callee", "invited_at", "ringing_at", "answered_at", "ended_at", "post_dial_ms",
        "setup_ms", "hook_wait_ms", "hold_s", "holds", "talk_s", "dtmf_count", "transfers", "ended_how", "dropped", "end_status",
        "sip_status", "cause", "left_truncated",
    ) == (
        "out", "4101", "4102", at("10:00:00"), at("10:00:01"), at("10:00:05"), at("10:01:05"), 1000.0, 5000.0, 30.0, 12.5, 2,
        47.5, 2, 0, "asked", False, "FINISH", 200, "normal_user", False,
    )  # fmt: skip


ESTABLISHED = RINGING + call("10:00:05,000", "ESTABLISHED", sip=200)
CALL_ENDS = {
    "by the client": (ESTABLISHED + HANGUP + call("10:00:09,000", "FINISH"), "asked", False, 4.0, 0.0),
    "by the other side": (ESTABLISHED + call("10:00:09,000", "FINISH"), "far_end", False, 4.0, 0.0),
    "in failure": (ESTABLISHED + call("10:00:09,000", "FAILED", info="Failed by RTP activity"), "failed", True, 4.0, 0.0),
    "with its session": (ESTABLISHED + ended_session("10:00:09,000"), "session_lost", True, 4.0, 0.0),
    "by hangup and leaving": (ESTABLISHED + HANGUP + ended_session("10:00:09,000"), "asked", False, 4.0, 0.0),
    "on hold, with its session": (
        ESTABLISHED + call("10:00:06,000", "HOLD") + ended_session("10:00:09,000"), "session_lost", True, 1.0, 3.0,
    ),
    "not yet": (ESTABLISHED, "open", None, None, 0.0),
}  # fmt: skip


@pytest.mark.parametrize("name", CALL_ENDS)
def test_how_an_answered_call_ended(cases: Lake, name: str) -> None:
    found = of_case(cases, "calls", "ended", name, "outcome", "ended_how", "dropped", "talk_s", "hold_s")

    assert found == ("answered", *CALL_ENDS[name][1:])


def test_an_incoming_call_has_no_post_dial_delay(made: Made) -> None:
    lake = made(
        IN
        + call("10:00:00,050", "RING", sip=180, incoming=True)
        + of_call("10:00:04,000", "answer", incoming=True)
        + call("10:00:04,200", "ESTABLISHED", sip=200, incoming=True)
    )

    assert only(lake, "calls", "direction", "caller", "callee", "post_dial_ms", "setup_ms") == (
        "in", "+49301", "4101", None, 4200.0,
    )  # fmt: skip


def test_a_call_id_used_again_is_another_call(made: Made) -> None:
    again = told("10:10:00,000", "call", session="s", call="c") + call("10:10:03,000", "ESTABLISHED")
    lake = made(TRYING + call("10:00:05,000", "BUSY", sip=486) + again)

    assert rows(lake, "calls", "invited_at", "outcome") == [(at("10:00:00"), "busy"), (at("10:10:00"), "answered")]
    assert only(lake, "sessions", "n_calls") == (2,)


def test_an_invitation_repeated_after_the_end_is_no_call(made: Made) -> None:
    body = body_of(session="s", call="c", incoming=True, status="RING")
    lake = made(
        block("10:00:00,000", "SEND", "OnCallEvent", body)
        + call("10:00:05,000", "FINISH", sip=480, incoming=True)
        + block("10:00:15,000", "SEND", "OnCallEvent", body)
        + block("10:00:15,010", "RECEIVED", "OnCallEvent", body)
    )

    assert only(lake, "calls", "invited_at", "outcome") == (at("10:00:00"), "no_answer")


def test_one_call_in_two_sessions_is_two_legs(made: Made) -> None:
    lake = made(IN + IN.replace('"s"', '"t"'))

    assert rows(lake, "calls", "session_id", "call_id") == [("s", "c"), ("t", "c")]


# Registrations, transfers, data, diagnostics


def test_registrations(made: Made) -> None:
    def phone(session: str, status: str) -> str:
        asks = told("10:00:00,000", "connect", session=session, sipLogin=session.upper(), sipRegisterRequired=True)
        return asks + told("10:00:00,250", "RegistrationStatusEvent", session=session, status=status)

    lake = made(
        phone("a", "REGISTERED")
        + told("10:09:00,000", "RegistrationStatusEvent", session="a", status="UNREGISTERED")
        + phone("b", "AUTHENTICATION_FAIL")
        + told("10:00:00,000", "connect", session="c", sipLogin="C", sipRegisterRequired="true")
        + told("10:00:00,000", "connect", session="d", sipLogin="D", sipRegisterRequired=False)
    )

    assert rows(lake, "registrations", "session_id", "sip_login", "outcome", "delay_ms", "status_path") == [
        ("a", "A", "registered", 250.0, "REGISTERED UNREGISTERED"),
        ("b", "B", "failed", None, "AUTHENTICATION_FAIL"),
        ("c", "C", "open", None, None),
    ]


def test_transfers_one_after_the_other(made: Made) -> None:
    def status(clock: str, text: str) -> str:
        return of_call(clock, "TransferStatusEvent", status=text)

    lake = made(
        ESTABLISHED
        + of_call("10:00:10,000", "transfer", target="4103")
        + status("10:00:10,100", "ACCEPTED")
        + status("10:00:11,000", "FAILED")
        + of_call("10:00:20,000", "transfer", target="4104")
        + status("10:00:20,100", "ACCEPTED")
        + status("10:00:21,500", "COMPLETED")
        + of_call("10:00:30,000", "transfer", target="4105")
    )

    assert rows(lake, "transfers", "target", "requested_at", "took_ms", "outcome", "status_path") == [
        ("4103", at("10:00:10"), 1000.0, "failed", "ACCEPTED FAILED"),
        ("4104", at("10:00:20"), 1500.0, "completed", "ACCEPTED COMPLETED"),
        ("4105", at("10:00:30"), None, "open", None),
    ]
    assert only(lake, "calls", "transfers") == (3,)


def test_data_messages(made: Made) -> None:
    lake = made(
        told("10:00:00,000", "OnDataEvent", session="s", operationId="o1", payload={"text": "secret"})
        + told("10:00:00,080", "DataStatusEvent", session="s", operationId="o1", status="ACCEPTED")
        + told("10:00:01,000", "OnDataEvent", session="s", operationId="o2", payload=[1, 2])
        + told("10:00:01,500", "DataStatusEvent", session="s", operationId="o2", status="FAILED")
        + told("10:00:02,000", "OnDataEvent", session="s", payload="x")
    )

    assert rows(lake, "data_messages", "operation_id", "sent_at", "took_ms", "outcome", "status_path") == [
        ("o1", at("10:00:00"), 80.0, "accepted", "ACCEPTED"),
        ("o2", at("10:00:01"), 500.0, "failed", "FAILED"),
        (None, at("10:00:02"), None, "open", None),
    ]
    assert "secret" not in repr(rows(lake, "data_messages", "payload"))


def test_diagnostics(made: Made) -> None:
    lake = made(
        told("10:00:00,000", "submitBugReport", session="s", text="no picture", type="no_media")
        + told("10:00:01,000", "BugReportStatusEvent", session="s", filename="client.report", status="STORED")
        + told("10:00:02,000", "pushLogs", session="s", logs='10:00:01 INFO core - "hello"\n')
        + told("10:00:03,000", "sessionDebug", session="s", command="start")
        + told("10:00:04,000", "SessionDebugStatusEvent", session="s", status="STOPPED", file="logs/debug.zip")
        + told("10:00:05,000", "ErrorStatusEvent", session="s", info="SIP_PORTS_BUSY")
    )

    assert rows(lake, "diagnostics", "happened_at", "kind", "status", "file", "text") == [
        (at("10:00:00"), "bug_report", None, None, "no picture"),
        (at("10:00:01"), "bug_report", "STORED", "client.report", None),
        (at("10:00:02"), "log_push", None, None, None),
        (at("10:00:03"), "debug", "start", None, None),
        (at("10:00:04"), "debug", "STOPPED", "logs/debug.zip", None),
        (at("10:00:05"), "error", None, None, "SIP_PORTS_BUSY"),
    ]


PUSHED = {
    '11:15:20 DEBUG core - "Publish stream lobby"': ("11:15:20", "DEBUG", "core", '"Publish stream lobby"'),
    '11:15:20 INFO stats-collector - - "Startup"': ("11:15:20", "INFO", "stats-collector -", '"Startup"'),
    '11:15:21 WARN my - app - {"step":"join","ok":false}': (
        "11:15:21",
        "WARN",
        "my - app",
        '{"step":"join","ok":false}',
    ),
    '11:15:22 INFO chat - "a - b"': ("11:15:22", "INFO", "chat", '"a - b"'),
    "11:15:21 ERROR webrtc - {}": ("11:15:21", "ERROR", "webrtc", "{}"),
    "11:15:21 INFO core - undefined": ("11:15:21", "INFO", "core", "undefined"),
    "11:15:21 INFO core - 12.5": ("11:15:21", "INFO", "core", "12.5"),
    "11:15:21 INFO core - half of {": ("11:15:21", "INFO", "core", "half of {"),
    "UTC 10:15:20.123 - no peer connection": ("10:15:20.123", None, None, "no peer connection"),
    "what is this": (None, None, None, "what is this"),
}


@pytest.mark.parametrize("text", PUSHED)
def test_a_pushed_line_is_parted(cases: Lake, text: str) -> None:
    assert of_case(cases, "client_log", "pushed", text, "clock", "level", "logger", "text") == PUSHED[text]


def test_pushed_lines_keep_their_order(made: Made) -> None:
    lake = made(told("10:15:23,000", "pushLogs", session="s", logs='10:15:20 INFO b - "1"\n\n10:15:21 INFO a - "2"\n'))

    assert rows(lake, "client_log", "nth", "logger", "pushed_at", "logged_at", "session_id") == [
        (1, "b", at("10:15:23"), at("10:15:20"), "s"), (2, "a", at("10:15:23"), at("10:15:21"), "s"),
    ]  # fmt: skip


# Exchanges whose halves stand in different inputs


def halves(changes: dict[str, object] | None, *, direction: str = "RECEIVED") -> tuple[str, str]:
    """A request and its answer, for an input each."""
    body = body_of(session="s", stream="m", name="hall", published=True)
    answer = body if changes is None else {key: value for key, value in (body | changes).items() if value is not ...}
    return block("10:00:00,000", "SEND", "publishStream", body), block(
        "10:00:00,120", direction, "publishStream", answer
    )


ANSWERS = {
    "echo": (halves(None), "echo", None, None),
    "changed": (halves({"name": "channel-1"}), "changed", '{"set":{"name":"channel-1"}}', None),
    "removed": (halves({"published": ...}), "changed", '{"removed":["published"]}', None),
    "both": (
        halves({"name": "x", "extra": 1, "published": ...}), "changed",
        '{"removed":["published"],"set":{"extra":1,"name":"x"}}', None,
    ),
    "error": (halves(None, direction="ERROR"), "error", None, "java.io.IOException: refused"),
}  # fmt: skip


@pytest.mark.parametrize("order", [1, -1], ids=["request first", "answer first"])
@pytest.mark.parametrize(("pair", "answer", "changes", "error"), ANSWERS.values(), ids=ANSWERS.keys())
def test_halves_of_two_inputs_are_one_exchange(made: Made, pair, answer: str, changes, error, order: int) -> None:
    lake = made(*pair[::order])

    assert only(lake, "hooks", "hook", "answer", "answer_changes", "latency_ms", "error", "answered_at") == (
        "publishStream", answer, changes, 120.0, error, at("10:00:00.12"),
    )  # fmt: skip
    assert only(lake, "streams", "hook_wait_ms", "outcome") == (120.0, "open")


def test_changes_are_told_alike_whether_halves_stand_together_or_apart(made: Made) -> None:
    pair = halves({"name": "x", "extra": 1, "published": ...})

    assert only(made(pair[0] + pair[1]), "hooks", "answer_changes") == only(made(*pair), "hooks", "answer_changes")


def test_halves_stay_apart_where_they_do_not_belong_together(made: Made) -> None:
    ask, answer = halves(None)
    lake = made(ask, answer.replace("pool-1-thread-1", "pool-1-thread-2"))

    assert rows(lake, "hooks", "answer", "sent_at", "answered_at") == [
        ("none", at("10:00:00"), None), ("orphan", None, at("10:00:00.12")),
    ]  # fmt: skip


def test_an_answer_long_after_is_no_answer(made: Made) -> None:
    ask, answer = halves(None)
    lake = made(ask, answer.replace("10:00:00,120", "10:15:00,001"))

    assert rows(lake, "hooks", "answer") == [("none",), ("orphan",)]


def test_an_error_alone_belongs_to_the_only_node_of_the_store(made: Made) -> None:
    ask, error = halves(None, direction="ERROR")
    lake = made(told("09:00:00,000", "connect", session="t"), error, ask)

    assert rows(lake, "hooks", "hook", "answer") == [("connect", "echo"), ("publishStream", "error")]


# Lines, timeline, sources


def test_server_lines_from_warn_up(made: Made) -> None:
    lake = made(
        told("10:00:00,000", "connect", session="s")
        + line("10:00:01,000", "INFO", "nothing")
        + line("10:00:02,000", "WARN", "queue is long", logger="WSClient")
        + line("10:00:03,000", "ERROR", "no frame")
        + "\tat com.example.Decoder.decode(Decoder.java:88)\n"
        + later("10:00:04,000")
    )

    assert rows(lake, "server_log", "logged_at", "level", "logger", "thread", "text") == [
        (at("10:00:02"), "WARN", "WSClient", "Worker-1", "queue is long"),
        (
            at("10:00:03"),
            "ERROR",
            "Publication",
            "Worker-1",
            "no frame\n\tat com.example.Decoder.decode(Decoder.java:88)",
        ),
    ]


def test_the_timeline_tells_everything_in_order(made: Made) -> None:
    lake = made(
        told("10:00:00,000", "playStream", answered="10:00:02,500", session="s", stream="m")
        + line("10:00:03,000", "WARN", "queue is long")
        + stream("10:00:04,000", "FAILED", "Failed by RTP activity")
        + told("10:00:05,000", "pushLogs", session="s", logs='10:00:05 ERROR core - "gone"\n')
        + told("10:00:06,000", "stopStream", session="s", stream="m", error=True)
        + sent("10:00:07,000", "sessionDebug", session="s", command="start")
    )

    assert rows(lake, "timeline", "happened_at", "what", "detail", "severity", "told_by") == [
        (at("10:00:00"), "playStream", "answered after 2.5 s", "info", "hook"),
        (at("10:00:03"), "WARN", "Publication · queue is long", "warning", "server_log"),
        (at("10:00:04"), "StreamStatusEvent", "FAILED · Failed by RTP activity", "error", "hook"),
        (at("10:00:05"), "ERROR", '10:00:05 · core · "gone"', "error", "client_log"),
        (at("10:00:05"), "pushLogs", "", "info", "hook"),
        (at("10:00:06"), "stopStream", "backend error: java.io.IOException: refused", "error", "hook"),
        (at("10:00:07"), "sessionDebug", "no answer from the backend", "warning", "hook"),
    ]


def test_sources_tell_what_was_read(made: Made, tmp_path: Path) -> None:
    lake = made(
        told("10:00:00,000", "connect", session="s") + sent("10:00:01,000", "playStream", session="s", stream="m")
    )
    path = tmp_path / "0" / "flashphoner-0.log"

    assert only(
        lake, "sources", "format", "path", "records", "new", "known", "rejected", "pending", "pairs", "halves", "bytes",
        "node_id", "first_at", "last_at", "complete", "doubts",
    ) == (
        "server_log", str(path), 3, 3, 0, 0, 0, 1, 1, path.stat().st_size, body_of()["nodeId"], at("10:00:00"), at("10:00:01"),
        True, None,
    )  # fmt: skip
    assert only(lake, "source_names", "path", "member") == (str(path), None)
    assert only(lake, "commits", "number", "parts", "row_count") == (1, 2, 2)


def test_hooks_of_unknown_name_are_kept(made: Made) -> None:
    lake = made(told("10:00:00,000", "BrandNewEvent", session="s", status="GLAD", mood="high"))

    assert only(lake, "hooks", "hook", "kind", "family", "status", "extra") == (
        "BrandNewEvent", "unknown", "other", "GLAD", '{"mood":"high"}',
    )  # fmt: skip


CASES = {
    "session": SESSION_OUTCOMES,
    "agent": {agent: (told("10:00:00,000", "connect", session="s", clientBrowserVersion=agent),) for agent in AGENTS},
    "stream": STREAM_ENDS,
    "call": CALL_OUTCOMES,
    "ended": CALL_ENDS,
    "pushed": {text: (told("10:15:23,000", "pushLogs", session="s", logs=text + "\n"),) for text in PUSHED},
}
"""Logs, each the first of its case, by group and name."""
