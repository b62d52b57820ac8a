"""WCS as data. The counts are written by hand: who adds a name changes a number here.

The matrix log is synthetic: invented values in the published block form, every row of the matrix once.
Bodies that no public source shows (pauseStream, StreamKeepAliveEvent, BugReportStatusEvent, TransferStatusEvent,
RegistrationStatusEvent) are guesses there.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics import protocol
from wcsanalytics.protocol import (
    CAUSES,
    ERROR_INFO,
    HOOKS,
    MATRIX,
    STATUSES,
    Cause,
    Invocation,
    cause_of,
    hook_named,
    is_secret_key,
    markdown_matrix,
)

MATRIX_LOG = (Path(__file__).parent / "cases" / "matrix" / "flashphoner.log").read_text(encoding="utf-8")


def test_the_door_shows_what_it_names() -> None:
    assert all(hasattr(protocol, name) for name in protocol.__all__)


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, wcsanalytics.protocol; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert {"numpy", "pandas", "pyarrow", "duckdb", "matplotlib"}.isdisjoint(loaded)


def test_hooks_per_family() -> None:
    assert Counter(hook.family for hook in HOOKS) == {
        "connection": 3,
        "stream": 16,
        "call": 11,
        "data": 10,
        "diagnostic": 6,
    }


def test_hooks_per_kind() -> None:
    assert Counter(hook.kind for hook in HOOKS) == {"connect": 1, "direct": 24, "event": 17, "incoming": 4}


def test_no_spelling_names_two_hooks() -> None:
    names = [name for hook in HOOKS for name in {each.lower() for each in (hook.name, *hook.spellings)}]

    assert len(names) == len(set(names))


def test_every_meaning_is_one_sentence() -> None:
    assert [hook.name for hook in HOOKS if not re.fullmatch(r"[A-Z][^.]*\.", hook.meaning)] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("publishStream", "publishStream"),
        ("PUBLISHSTREAM", "publishStream"),
        ("sendDTMF", "sendDtmf"),
        ("sendBugReport", "submitBugReport"),
        ("ErrorEvent", "ErrorStatusEvent"),
        ("errorevent", "ErrorStatusEvent"),
        ("oncallevent", "OnCallEvent"),
    ],
)
def test_a_hook_is_found_by_any_spelling(name: str, expected: str) -> None:
    hook = hook_named(name)

    assert hook is not None
    assert hook.name == expected


@pytest.mark.parametrize("name", ["", "switchToPlay", "authenticate", "OnRegisterEvent", "sendData", " connect"])
def test_other_names_are_unknown(name: str) -> None:
    assert hook_named(name) is None


@pytest.mark.parametrize(
    ("name", "kind", "family"),
    [
        ("connect", "connect", "connection"),
        ("snapshot", "direct", "stream"),
        ("StreamKeepAliveEvent", "event", "stream"),
        ("OnCallEvent", "incoming", "call"),
        ("OnDataEvent", "incoming", "data"),
        ("pushLogs", "direct", "diagnostic"),
    ],
)
def test_kind_and_family(name: str, kind: str, family: str) -> None:
    hook = hook_named(name)

    assert hook is not None
    assert (hook.kind, hook.family) == (kind, family)


def test_the_matrix_has_every_row() -> None:
    assert len(MATRIX) == 27


def test_every_hook_of_the_matrix_is_known() -> None:
    names = {name for row in MATRIX for name in (row.method, *row.events)}

    assert names - {hook.name for hook in HOOKS} == set()


def test_a_connection_brings_two_events() -> None:
    assert MATRIX[0] == Invocation(
        "establish connection",
        "Flashphoner.createSession()",
        "connect",
        ("ConnectionStatusEvent", "RegistrationStatusEvent"),
    )


def test_tones_and_pushed_logs_bring_no_event() -> None:
    assert [row.method for row in MATRIX if not row.events] == ["sendDtmf", "pushLogs"]


def test_the_matrix_in_markdown() -> None:
    lines = markdown_matrix().split("\n")

    assert len(lines) == 29
    assert lines[:3] == [
        "| What the user does | Client call | REST method | Events |",
        "|---|---|---|---|",
        "| establish connection | `Flashphoner.createSession()` | `connect` "
        "| `ConnectionStatusEvent`, `RegistrationStatusEvent` |",
    ]
    assert "| tone | `call.sendDTMF()` | `sendDtmf` | none |" in lines
    assert lines[-1] == "| server tick while a stream lives | none | `StreamKeepAliveEvent` | `StreamKeepAliveEvent` |"


def test_statuses_per_event() -> None:
    assert {event: len(values) for event, values in STATUSES.items()} == {
        "ConnectionStatusEvent": 3,
        "RegistrationStatusEvent": 4,
        "StreamStatusEvent": 13,
        "StreamKeepAliveEvent": 2,
        "CallStatusEvent": 11,
        "TransferStatusEvent": 5,
        "DataStatusEvent": 2,
        "SessionDebugStatusEvent": 2,
        "MessageStatusEvent": 9,
    }


def test_no_status_stands_twice() -> None:
    assert all(len(values) == len(set(values)) for values in STATUSES.values())


def test_statuses_that_end() -> None:
    assert {"DISCONNECTED", "FAILED"} == protocol.TERMINAL_CONNECTION
    assert {"UNPUBLISHED", "STOPPED", "FAILED"} == protocol.TERMINAL_STREAM
    assert {"FINISH", "BUSY", "FAILED"} == protocol.TERMINAL_CALL
    assert {"PUBLISHING", "PLAYING"} == protocol.STARTED_STREAM


def test_statuses_that_end_are_statuses_of_their_event() -> None:
    assert set(STATUSES["ConnectionStatusEvent"]) >= protocol.TERMINAL_CONNECTION
    assert set(STATUSES["StreamStatusEvent"]) >= protocol.TERMINAL_STREAM | protocol.STARTED_STREAM
    assert set(STATUSES["CallStatusEvent"]) >= protocol.TERMINAL_CALL


def test_a_hook_knows_its_statuses() -> None:
    data, publish = hook_named("DataStatusEvent"), hook_named("publishStream")

    assert data is not None
    assert data.statuses == ("ACCEPTED", "FAILED")
    assert publish is not None
    assert publish.statuses == ()


def test_statuses_and_errors_belong_to_known_hooks() -> None:
    assert set(STATUSES) - {hook.name for hook in HOOKS} == set()
    assert len(ERROR_INFO) == 20
    assert len(set(ERROR_INFO)) == 20


def test_texts_per_group() -> None:
    assert Counter((entry.about, entry.cause_group) for entry in CAUSES) == {
        ("stream", "normal"): 4,
        ("stream", "session_loss"): 3,
        ("stream", "network_setup"): 4,
        ("stream", "media_loss"): 1,
        ("stream", "writer"): 2,
        ("stream", "config"): 4,
        ("stream", "identity"): 5,
        ("stream", "source"): 11,
        ("stream", "cdn"): 5,
        ("stream", "server"): 3,
        ("stream", "local"): 1,
        ("stream", "none"): 1,
        ("call", "normal"): 1,
        ("call", "network_setup"): 5,
        ("call", "media_loss"): 1,
        ("call", "writer"): 1,
        ("call", "config"): 2,
        ("call", "server"): 1,
    }


def test_no_text_stands_twice() -> None:
    assert len({(entry.about, entry.text.lower()) for entry in CAUSES}) == 55


@pytest.mark.parametrize(
    ("info", "about", "cause", "group"),
    [
        ("Stopped by user", "stream", "normal_user", "normal"),
        ("STOPPED BY USER", "stream", "normal_user", "normal"),
        (" Stopped by user\n", "stream", "normal_user", "normal"),
        ("Stopped by rest /terminate", "stream", "normal_admin", "normal"),
        ("Failed by ICE keep alive", "stream", "ice", "session_loss"),
        ("Terminated by keep-alive", "stream", "signalling_loss", "session_loss"),
        ("Failed by DTLS fingerprint error", "stream", "dtls", "network_setup"),
        ("Failed by RTP activity", "stream", "media_inactivity", "media_loss"),
        ("Failed by HLS writer error", "stream", "server_writer", "writer"),
        ("Transcoding required, but disabled", "stream", "negotiation", "config"),
        ("Session not ready", "stream", "signalling_loss", "identity"),
        ("RtspAgent shutdown", "stream", "normal_admin", "source"),
        ("File has wrong format", "stream", "client_misuse", "source"),
        ("Failed to get agent storage", "stream", "upstream", "cdn"),
        ("Stream failed", "stream", "unknown", "server"),
        ("Local error", "stream", "local", "local"),
        ("Normal call clearing", "call", "normal_user", "normal"),
        ("Failed by request timeout", "call", "timeout", "network_setup"),
        ("Failed by session creation", "call", "unknown", "network_setup"),
        ("Unknown", "stream", "none", "none"),
        ("unknown", "call", "none", "none"),
        ("", "stream", "none", "none"),
        ("  ", "call", "none", "none"),
        (None, "stream", "none", "none"),
        ("Stopped by users", "stream", "unknown", "other"),
        ("Normal call clearing", "stream", "unknown", "other"),
        ("Stream not found", "call", "unknown", "other"),
    ],
)
def test_the_cause_of_a_text(info: str | None, about: protocol.About, cause: str, group: str) -> None:
    told = cause_of(info, about)

    assert (told.cause, told.cause_group, told.about) == (cause, group, about)


def test_an_unknown_text_is_kept() -> None:
    assert cause_of("Hall lights out", "call") == Cause("Hall lights out", "unknown", "other", "call")


@given(st.text(), st.sampled_from(["stream", "call"]))
def test_any_text_has_a_cause(info: str, about: protocol.About) -> None:
    assert cause_of(info, about).text.lower() == info.strip().lower()


def test_secret_fields() -> None:
    secret = "Authorization authToken dtmf password rtmpUrl sipMessageRaw sipPassword sipSDP token"

    assert " ".join(sorted(protocol.SECRET_FIELDS, key=str.lower)) == secret
    assert {"constraints", "custom", "inviteParameters", "payload"} == protocol.SHAPE_ONLY_FIELDS
    assert {"sdp", "sipSDP"} == protocol.SDP_FIELDS


@pytest.mark.parametrize(
    "names",
    [
        ("sipPassword", "sippassword", "SIPPASSWORD", "rtmpurl", "RTMPURL", "dtmf"),
        ("pass", "PASS", "passwd", "userpass", "dbPass", "SIPPass", "pass_phrase", "passphrase", "ice-pwd", "icePwd"),
        ("client_secret", "clientSecret2", "ACCESS_TOKEN", "x-csrf-token", "jwt", "Cookie", "set-cookie"),
        ("credentials", "Proxy-Authorization", "basicAuth", "pin", "userPin", "otp"),
        ("api-key", "X-Api-Key", "apiKey", "APIKEY", "private key", "private_key_pem", "accessKeyId"),
    ],
    ids=["fields of WCS", "passwords", "tokens", "credentials", "keys"],
)
def test_names_of_secrets(names: tuple[str, ...]) -> None:
    assert [name for name in names if not is_secret_key(name)] == []


@pytest.mark.parametrize(
    "names",
    [
        ("nodeId", "appKey", "sessionId", "mediaSessionId", "sipLogin", "sipAuthenticationName", "sdp", "custom"),
        ("author", "authority", "authenticated"),
        ("bypass", "passive", "passenger", "compass", "googHighpassFilter"),
        ("pinned", "ping", "opinion"),
        ("keepAlive", "keyframe"),
        ("", " ", "-"),
    ],
    ids=["fields of WCS", "auth", "pass", "pin", "key", "no words"],
)
def test_names_of_no_secrets(names: tuple[str, ...]) -> None:
    assert [name for name in names if is_secret_key(name)] == []


@pytest.mark.parametrize("name", sorted(protocol.SECRET_FIELDS))
def test_declared_fields_are_secret_keys(name: str) -> None:
    assert is_secret_key(name)


class Block(NamedTuple):
    """One half of an exchange of the log."""

    logged: datetime
    thread: str
    direction: str
    hook: str
    body: dict[str, Any]


def blocks() -> list[Block]:
    form = (
        r"(\d\d:\d\d:\d\d,\d{3}) INFO {12}RestClient - (API-ASYNC-pool-\d+-thread-\d+) (SEND|RECEIVED) "
        r"REST OBJECT (?:==>|<==)\nURL:http://localhost:8081/apps/DeskApp/(\w+)\nOBJECT:\n(\{\n.*?\n\}\n)"
    )
    found = list(re.finditer(form, MATRIX_LOG, re.DOTALL))
    assert "".join(match.group() for match in found) == MATRIX_LOG
    return [Block(at(match[1]), match[2], match[3], match[4], json.loads(match[5])) for match in found]


def at(time: str) -> datetime:
    """The instant of a log time: the day and zone of the matrix log."""
    day = datetime.strptime(f"2026-03-14 {time}", "%Y-%m-%d %H:%M:%S,%f")
    return day.replace(tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize("name", sorted({name for row in MATRIX for name in (row.method, *row.events)}))
def test_the_matrix_log_holds_each_method_and_event(name: str) -> None:
    assert f"/{name}\nOBJECT:\n" in MATRIX_LOG


def test_hooks_that_the_matrix_log_holds_more_than_once() -> None:
    sent = Counter(block.hook for block in blocks() if block.direction == "SEND")

    assert sent.total() == 53
    assert {hook: n for hook, n in sent.items() if n > 1} == {
        "ConnectionStatusEvent": 2,
        "RegistrationStatusEvent": 2,
        "playStream": 2,
        "StreamStatusEvent": 9,
        "OnDataEvent": 2,
        "DataStatusEvent": 2,
        "CallStatusEvent": 9,
        "TransferStatusEvent": 3,
        "sessionDebug": 2,
        "SessionDebugStatusEvent": 2,
    }


def test_the_matrix_log_answers_each_request_with_its_echo() -> None:
    waiting: dict[str, Block] = {}
    for block in blocks():
        if block.direction == "SEND":
            assert block.thread not in waiting
            waiting[block.thread] = block
        else:
            question = waiting.pop(block.thread)
            assert (block.hook, block.body) == (question.hook, question.body)
            assert question.logged < block.logged

    assert waiting == {}


def test_the_matrix_log_is_in_order_of_time() -> None:
    times = [block.logged for block in blocks()]

    assert times == sorted(times)


def test_status_paths_of_the_matrix_log() -> None:
    paths: dict[str, list[str]] = {}
    followed = ("ConnectionStatusEvent", "StreamStatusEvent", "CallStatusEvent")
    for block in blocks():
        if block.direction == "SEND" and block.hook in followed:
            subject = block.body.get("mediaType") or block.body.get("callId", "session")
            paths.setdefault(subject, []).append(block.body["status"])

    assert paths == {
        "session": ["ESTABLISHED", "DISCONNECTED"],
        "publish": ["PENDING", "PUBLISHING", "SNAPSHOT_COMPLETE", "UNPUBLISHED"],
        "play": ["PENDING", "PLAYING", "PAUSED", "PLAYING", "STOPPED"],
        "c345cd91-1f81-11f1-9d6c-3b5c7d9e1f2a": ["TRYING", "RING", "ESTABLISHED", "HOLD", "ESTABLISHED", "FINISH"],
        "7731a4e0c92f4b@198.51.100.24": ["RING", "ESTABLISHED", "FINISH"],
    }


def test_statuses_of_the_matrix_log_are_known() -> None:
    seen = {(block.hook, block.body["status"]) for block in blocks() if block.hook in STATUSES}

    assert seen - {(event, status) for event, values in STATUSES.items() for status in values} == set()


def test_create_dates_of_the_matrix_log_tell_its_zone() -> None:
    created = {block.body["createDate"]: block for block in reversed(blocks()) if "createDate" in block.body}

    assert {millis: created[millis].logged.strftime("%H:%M:%S.%f") for millis in sorted(created)} == {
        1773477730229: "10:42:10.241000",
        1773477732036: "10:42:12.048000",
    }
    assert datetime.fromtimestamp(1773477730, UTC).isoformat() == "2026-03-14T08:42:10+00:00"


def test_ids_of_the_matrix_log_agree_with_its_times() -> None:
    first: dict[uuid.UUID, datetime] = {}
    for block in blocks():
        for key in ("mediaSessionId", "callId", "operationId"):
            if (found := block.body.get(key, "")) and "@" not in found:
                first.setdefault(uuid.UUID(found), block.logged)
    epoch = datetime(1582, 10, 15, tzinfo=UTC)
    before = [
        (logged - epoch - timedelta(microseconds=made.time // 10)) // timedelta(milliseconds=1)
        for made, logged in first.items()
        if made.version == 1
    ]

    assert before == [52, 44, 41, 48]


@pytest.mark.parametrize(
    ("planted", "times"),
    [("PLANTED-sip-password-1", 2), ("PLANTED-auth-token-1", 6), ("PLANTED-custom-value-1", 6)],
)
def test_the_matrix_log_holds_planted_secrets(planted: str, times: int) -> None:
    assert MATRIX_LOG.count(planted) == times
