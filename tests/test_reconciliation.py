"""Detail records beside hooks: by which zone they go, whose they are, and where the two disagree."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support import NODE, SAMPLE, body_of, line, new_store, only, put_log, rows, take_in, told
from wcsanalytics.intake import Settings
from wcsanalytics.lake import Lake

UNDATED = Settings()
BERLIN = Settings(zones=(("*", ZoneInfo("Europe/Berlin")),))
UUID = "52d84560-1f86-11f1-ab7d-5a3c91e07b24"
PAIR = "/198.51.100.23:50412/203.0.113.10:8443"
CREATED_MS = 1773479720000
"""2026-03-14 09:15:20 UTC, which the log tells as 10:15:20."""


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-14T{clock}+00:00")


def stream_hooks(stream: str = UUID, *, end: str = "10:20:02,500", status: str = "UNPUBLISHED", **more: Any) -> str:
    """A publish from 10:15:20 (09:15:20 UTC), with media from 10:15:21 on."""
    asked = {"session": PAIR, "stream": stream, "mediaProvider": "WebRTC", "published": True}
    ids = {**asked, "createDate": CREATED_MS}
    return (
        told("10:15:20,000", "publishStream", **asked, name="hall")
        + told("10:15:20,010", "StreamStatusEvent", **ids, status="PENDING")
        + told("10:15:21,000", "StreamStatusEvent", **ids, status="PUBLISHING")
        + (told(end, "StreamStatusEvent", **ids, status=status, **more) if end else "")
    )


def sdr(stream: str = UUID, start: str = "10:15:20", lived: str = "00:04:42", how: str = "UNPUBLISHED;") -> str:
    return f"2026-03-14 {start};WebRTC;hall;{stream};{lived};{how};PUBLISH;0;\n"


BEFORE, AFTER = sdr("before", "10:00:00"), sdr("after", "11:00:00")
"""Records of other streams, between which this one must stand if it is told."""

SOME_LATER_HOOK = told("11:10:00,000", "connect", session="other")


def lake_over(folder: Path, *files: tuple[str, str], settings: Settings = UNDATED) -> Lake:
    """A lake over files of these names and texts, each ingested in its own commit."""
    store = new_store(folder)
    for name, text in files:
        take_in(store, put_log(folder / name, text), settings=settings)
    return Lake(store)


def stream_of(folder: Path, hooks: str, records: str) -> tuple[Any, ...]:
    with lake_over(folder, ("flashphoner.log", hooks + SOME_LATER_HOOK), ("sdr.log", records)) as lake:
        return only(lake, f"reconciliation where id = '{UUID}'", "told_by", "agrees", "differs")


# A folder of a host


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    store = new_store(tmp_path_factory.mktemp("host"))
    take_in(store, SAMPLE / "logs", settings=UNDATED)
    with Lake(store) as lake:
        yield lake


def test_the_folder_of_a_host_is_read_as_it_is(host: Lake) -> None:
    assert rows(host, "sources", "format", "records", "rejected", "pending") == [
        ("cdr", 9, 0, 0),
        ("client_log", 11, 0, 0),
        ("client_log", 15, 0, 0),
        ("client_log", 17, 0, 0),
        ("conndr", 12, 0, 0),
        ("mdr", 2, 0, 0),
        ("sdr", 16, 0, 0),
        ("server_log", 19, 0, 0),
        ("server_log", 305, 0, 0),
    ]


def test_its_zone_is_that_of_its_hooks(host: Lake) -> None:
    assert only(host, "stream_records where name = 'studio-4'", "started_at", "ended_at", "zone_by") == (
        at("08:40:09"),
        at("08:41:35"),
        "ids",
    )
    assert rows(host, "message_records", "happened_at", "zone_by") == [
        (at("09:10:00"), "record"),
        (at("12:30:00"), "record"),
    ]


def test_the_planted_disagreements_are_found_and_no_others(host: Lake) -> None:
    assert rows(host, "reconciliation where not agrees", "about", "id", "told_by", "differs") == [
        ("call", "5d5f58e6c8b138b8@203.0.113.50", "server_log, cdr", "duration: 221 s by hooks, 251 s by cdr"),
        (
            "session",
            "/198.51.100.83:55725/203.0.113.10:8443-56d373e8-0cb2-40c8-b5c5-e1bea509abfd",
            "server_log, conndr",
            "outcome: DISCONNECTED by hooks, FAILED by conndr",
        ),
        (
            "session",
            "/203.0.113.194:53305/203.0.113.10:8443-e67430ef-024b-4539-b58f-1d9dba0b89fa",
            "server_log",
            "record: conndr does not tell of it",
        ),
        (
            "stream",
            "1174587a-1f8d-11f1-8ff2-d16879b97672",
            "server_log, sdr",
            "outcome: FAILED by hooks, STOPPED by sdr",
        ),
        (
            "stream",
            "11b117d1-2454-4104-ad9b-dd760b9fc241",
            "server_log, sdr",
            "duration: 80 s by hooks, 140 s by sdr",
        ),
        ("stream", "406756d8-dd74-452a-87f1-4687fd958193", "sdr", "hooks: none tells of it"),
        ("stream", "6322254e-1f81-11f1-a2d5-b761f5ad09c2", "server_log", "record: sdr does not tell of it"),
    ]


def test_each_stream_in_hooks_and_records_is_told_by_both(host: Lake) -> None:
    assert rows(host, "reconciliation group by about, agrees", "about", "agrees", "count(*)") == [
        ("call", False, 1),
        ("call", True, 8),
        ("session", False, 2),
        ("session", True, 11),
        ("session", None, 2),
        ("stream", False, 4),
        ("stream", True, 13),
    ]


def test_calls_that_went_out_are_known_by_who_whom_and_when(host: Lake) -> None:
    joined = "call_records r join calls c using (call_key) where c.direction = 'out'"

    assert rows(host, joined, "r.call_id = c.call_id", "r.callee = c.callee", "c.outcome", "r.disposition") == [
        (False, True, "abandoned", "NO_ANSWER"),
        (False, True, "busy", "BUSY"),
        (False, True, "ineffective", "FAILED"),
        (False, True, "no_answer", "NO_ANSWER"),
        (False, True, "refused", "FAILED"),
    ]


# Zones


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_ingest_does_not_matter(order: tuple[int, ...], tmp_path: Path) -> None:
    files = [
        ("flashphoner.log", stream_hooks()),
        ("sdr.log", sdr()),
        ("mdr.log", "Sat Mar 14 10:22:40 CST 2026,1,a,b,SENT\n"),
    ]
    with lake_over(tmp_path, *(files[index] for index in order)) as lake:
        assert only(lake, "stream_records", "started_at", "zone_by") == (at("09:15:20"), "ids")
        assert only(lake, "message_records", "happened_at", "zone_by") == (at("09:22:40"), "log")
        assert only(lake, "reconciliation where about = 'stream'", "told_by", "agrees") == ("server_log, sdr", True)


def test_ids_tell_the_zone_beside_hooks_that_tell_none(tmp_path: Path) -> None:
    told = {"ts": "2026-03-14T09:15:20.655Z", "hook": "publishStream", "body": {"mediaSessionId": UUID}}
    capture = json.dumps(told) + "\n"
    agent = "2026-03-14T10:17:02.110 WARNING: Playback speed changed to 0.912\n"
    with lake_over(tmp_path, ("hooks.ndjson", capture), ("sdr.log", sdr()), ("hls.log", agent)) as lake:
        assert only(lake, "stream_records", "started_at", "zone_by") == (at("09:15:20"), "ids")
        assert only(lake, "server_log", "logged_at", "level") == (at("09:17:02.110"), "WARN")


def test_records_alone_are_taken_for_utc_and_say_so(tmp_path: Path) -> None:
    with lake_over(tmp_path, ("sdr.log", sdr())) as lake:
        assert only(lake, "stream_records", "started_at", "zone_by") == (at("10:15:20"), "assumed")
        assert only(lake, "sources", "doubts") == ("its zone is assumed to be UTC; --tz ZONE says it",)


def test_a_zone_that_the_user_tells_counts_most(tmp_path: Path) -> None:
    with lake_over(tmp_path, ("sdr.log", sdr()), settings=BERLIN) as lake:
        assert only(lake, "stream_records", "started_at", "zone_by") == (at("09:15:20"), "option")
        assert only(lake, "sources", "doubts", "first_at") == (None, at("09:15:20"))


def test_a_message_of_an_unknown_zone_is_not_dated_by_guess(tmp_path: Path) -> None:
    with lake_over(tmp_path, ("mdr.log", "Sat Mar 14 10:22:40 CST 2026,1,a,b,SENT\n")) as lake:
        assert only(lake, "message_records", "happened_at", "zone_abbreviation") == (None, "CST")


# Streams


@pytest.mark.parametrize(
    ("hooks", "records", "expected"),
    [
        (stream_hooks(), sdr(), ("server_log, sdr", True, None)),
        (stream_hooks(), sdr(start="10:15:23", lived="00:04:39"), ("server_log, sdr", True, None)),
        (stream_hooks(), sdr() + sdr(), ("server_log, sdr", True, None)),
        (stream_hooks(), sdr(start="10:15:24"), ("server_log, sdr", False, "start: sdr is 3.0 s off")),
        (stream_hooks(), sdr(start="10:15:10"), ("server_log, sdr", False, "start: sdr is 10.0 s off")),
        (
            stream_hooks(),
            sdr(lived="00:04:45"),
            ("server_log, sdr", False, "duration: 281 s by hooks, 285 s by sdr"),
        ),
        (
            stream_hooks(),
            sdr(lived="27:00:09", how="FAILED;Failed by RTP activity"),
            (
                "server_log, sdr",
                False,
                "duration: 281 s by hooks, 97209 s by sdr; outcome: UNPUBLISHED by hooks, FAILED by sdr",
            ),
        ),
        (stream_hooks(), BEFORE + AFTER, ("server_log", None, None)),
        (
            stream_hooks() + stream_hooks("known", end="10:20:03,000"),
            BEFORE + sdr("known") + AFTER,
            ("server_log", False, "record: sdr does not tell of it"),
        ),
        (
            stream_hooks() + stream_hooks("known", end="10:18:00,000"),
            sdr("known", lived="00:02:40"),
            ("server_log", None, None),
        ),
        (stream_hooks(end=""), sdr(), ("server_log, sdr", False, "end: open by hooks, UNPUBLISHED by sdr")),
        (stream_hooks(end=""), BEFORE + AFTER, ("server_log", None, None)),
        (stream_hooks("known"), sdr("known") + sdr(), ("sdr", False, "hooks: none tells of it")),
        (stream_hooks("known"), sdr("known") + sdr(start="09:00:00"), ("sdr", None, None)),
        (stream_hooks("known"), sdr(), ("sdr", None, None)),
    ],
    ids=[
        "alike", "seconds cut", "copied", "starts late", "starts early", "lasts longer", "another end", "other streams",
        "missing", "after the last record", "open", "open and missing", "only in records",
        "before the hooks", "of another host",
    ],
)  # fmt: skip
def test_what_hooks_and_records_tell_of_a_stream(
    hooks: str, records: str, expected: tuple[Any, ...], tmp_path: Path
) -> None:
    assert stream_of(tmp_path, hooks, records) == expected


def test_a_media_provider_of_which_records_never_tell_is_not_missed(tmp_path: Path) -> None:
    hls = stream_hooks().replace("WebRTC", "HLS")

    assert stream_of(tmp_path, hls + stream_hooks("known"), BEFORE + sdr("known") + AFTER) == ("server_log", None, None)


def test_of_lives_under_one_id_the_record_belongs_to_that_of_its_time(tmp_path: Path) -> None:
    again = stream_hooks().replace("10:15:", "12:15:").replace("10:20:", "12:20:")
    hooks = stream_hooks() + again + told("12:30:00,000", "connect", session="other")
    records = sdr() + sdr(start="12:15:20", lived="00:04:50")
    with lake_over(tmp_path, ("flashphoner.log", hooks), ("sdr.log", records)) as lake:
        assert rows(lake, "reconciliation where about = 'stream'", "agrees", "differs") == [
            (False, "duration: 281 s by hooks, 290 s by sdr"),
            (True, None),
        ]


# Lines of the server


def test_a_line_belongs_to_what_it_names(tmp_path: Path) -> None:
    call = {"session": "s2", "call": "fb8801acd3487bf7@203.0.113.50", "incoming": True}
    log = (
        told("10:15:19,000", "connect", session=PAIR)
        + stream_hooks()
        + told("10:15:22,000", "connect", session="s2")
        + told("10:15:23,000", "OnCallEvent", **call, status="RING")
        + line("10:15:30,000", "WARN", f"Stream {UUID} failed: Failed by ICE timeout")
        + line("10:15:31,000", "WARN", f"No pong from {PAIR}, closing")
        + line("10:15:32,000", "ERROR", "BYE of fb8801acd3487bf7@203.0.113.50: unexpected")
        + line("10:15:33,000", "ERROR", "no key frame\n\tat com.example.Decoder.decode(Decoder.java:88)")
        + line("10:15:34,000", "FATAL", f"[{UUID}] Failed by DTLS fingerprint error after Failed by DTLS error")
        + SOME_LATER_HOOK
    )
    named = "l.session_key = (select session_key from sessions where session_id = '{}')"
    with lake_over(tmp_path, ("flashphoner.log", log)) as lake:
        found = rows(
            lake, "server_log l", "logged_at", named.format(PAIR), named.format("s2"), "stream_key is not null",
            "call_key is not null", "cause", "cause_group",
        )  # fmt: skip
        assert found == [
            (at("09:15:30"), True, False, True, False, "ice", "network_setup"),
            (at("09:15:31"), True, False, False, False, None, None),
            (at("09:15:32"), False, True, False, True, None, None),
            (at("09:15:33"), None, None, False, False, None, None),
            (at("09:15:34"), True, False, True, False, "dtls", "network_setup"),
        ]
        assert only(lake, "server_log where level = 'ERROR' and call_key is null", "text") == (
            "no key frame\n\tat com.example.Decoder.decode(Decoder.java:88)",
        )
        timeline = f"timeline where told_by = 'server_log' and {named.format(PAIR).removeprefix('l.')}"
        assert only(lake, timeline, "count(*)") == (3,)


def test_an_id_of_another_node_is_not_meant(tmp_path: Path) -> None:
    other = stream_hooks().replace(NODE, "other@203.0.113.11")
    warned = told("10:15:19,000", "connect", session="s") + line("10:15:30,000", "WARN", f"Stream {UUID} is late")
    with lake_over(tmp_path, ("a.log", other), ("b.log", warned)) as lake:
        assert body_of()["nodeId"] == NODE
        assert only(lake, "server_log", "stream_key", "session_key") == (None, None)


def test_records_stand_in_the_timeline(tmp_path: Path) -> None:
    connection = f"2026-03-14 10:15:18;{PAIR};DISCONNECTED;Normal disconnect;301;\n"
    with lake_over(
        tmp_path, ("flashphoner.log", stream_hooks()), ("sdr.log", sdr()), ("conndr.log", connection)
    ) as lake:
        recorded = "timeline where told_by like '%dr'"
        assert rows(lake, recorded, "happened_at", "clock_error_ms", "what", "detail", "told_by") == [
            (at("09:20:02"), 2000.0, "stream record", "UNPUBLISHED · after 282 s", "sdr"),
            (at("09:20:19"), 2000.0, "connection record", "DISCONNECTED · Normal disconnect · after 301 s", "conndr"),
        ]
        assert only(lake, "timeline where told_by = 'sdr'", "stream_key = (select stream_key from streams)") == (True,)
