"""What clients and server of the captures said, kept beside the repository: all files of all scenarios together."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support import new_store, only, rows, take_in
from wcsanalytics.intake import Balance, Settings
from wcsanalytics.lake import Lake

CAPTURES = Path(__file__).parents[1].parent / "shared" / "captures"
RECORDED = Settings(dates=(("*", date(2026, 11, 23)),), zones=(("*", ZoneInfo("UTC")),))
NOT_RECORDS_OF_WCS = {"README.md", "client_callbacks.ndjson", "proxy.ndjson"}
"""The harness's own: prose, what callbacks reported, what the relay of packets counted."""

pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captures are not beside this repository")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Balance, Lake]:
    store = new_store(tmp_path_factory.mktemp("everything"))
    balance = take_in(store, CAPTURES, settings=RECORDED)
    return balance, Lake(store)


def test_all_files_are_read_together_and_what_is_left_is_named(everything: tuple[Balance, Lake]) -> None:
    balance, lake = everything
    unknown = {Path(reading.name).name for reading in balance.readings if reading.unknown}

    assert unknown - {"getstats.ndjson"} == NOT_RECORDS_OF_WCS
    assert [reading.name for reading in balance.readings if reading.problem or reading.counts.rejected] == []
    assert rows(lake, "rejected", "reason") == []


@pytest.mark.parametrize(
    ("name", "format_"),
    [("ws.ndjson", "websocket"), ("client_console.ndjson", "console_log"), ("rest.ndjson", "hook_capture")],
)
def test_each_kind_of_file_has_its_format_and_no_line_is_lost(
    everything: tuple[Balance, Lake], name: str, format_: str
) -> None:
    for reading in (one for one in everything[0].readings if Path(one.name).name == name):
        lines = len(Path(reading.name).read_text(encoding="utf-8").splitlines())
        assert (reading.format, reading.new) == (format_, lines)


def test_each_message_that_has_a_hook_is_told_by_that_hook(everything: tuple[Balance, Lake]) -> None:
    """But for the sockets that spoke of no stream, call or data: their session is not known."""
    same = (
        "h.hook = m.hook and h.session_key = m.session_key "
        "and h.media_session_id is not distinct from m.media_session_id "
        "and h.call_id is not distinct from m.call_id and h.status is not distinct from m.status "
        "and abs(date_diff('millisecond', m.happened_at, h.sent_at)) < 2000"
    )
    alone = f"client_messages m where m.hook is not null and not exists (from hooks h where {same})"

    assert rows(everything[1], f"(select hook, session_key, count(*) as n from {alone} group by all)", "*") == [
        ("ConnectionStatusEvent", None, 6),
        ("connect", None, 4),
    ]


def test_the_lines_of_the_debugged_and_the_logged_session(everything: tuple[Balance, Lake]) -> None:
    lines = "(select distinct pushed_at, logger, level, text from client_log where told_by = 'push')"
    told = rows(everything[1], lines, "logger", "level", "text")

    assert len(told) == 80
    assert [one for one in told if one[0] == "my - app"] == [("my - app", "INFO", '"dash - in - source"')]
    assert ("app", "DEBUG", "undefined") in told
    assert ("app", "ERROR", "{}") in told
    assert ("app", "WARN", '{"code":7,"nested":{"a":[1]}}') in told
    assert {only(everything[1], "client_log where told_by = 'push'", "max(zone_offset_min)")} == {(0,)}


def test_lines_from_before_the_debugging_came_with_its_first_line(everything: tuple[Balance, Lake]) -> None:
    first = "(select distinct text from client_log where told_by = 'push' and text like '%nitialized%')"

    assert rows(everything[1], first, "text") == [('"Initialized"',)]
    (window,) = rows(everything[1], "debug_windows", "lasted_s", "file")
    assert window == (2.078, "client-1795471396965.report")


def test_the_reports_that_no_hook_tells_of(everything: tuple[Balance, Lake]) -> None:
    told = "diagnostics where kind = 'bug_report' and told_by = 'websocket'"

    assert rows(everything[1], told, "text", "linked_by") == [
        ("a bare string", "session_and_time"),
        (None, "session_and_time"),
    ]
