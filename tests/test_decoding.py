"""Hook bodies to columns, the answer's changes, and the macro that tells them from stored halves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wcsanalytics import redact
from wcsanalytics.formats.decoding import canonical, decode
from wcsanalytics.formats.exchanges import changed, hook_and_family
from wcsanalytics.formats.keys import key_columns
from wcsanalytics.lake.lake import sql_text
from wcsanalytics.protocol import HOOKS, SECRET_FIELDS
from wcsanalytics.tables import HOOK_TABLES, Column, Table

BY_FAMILY: dict[str, Table] = {str(table.family): table for table in HOOK_TABLES}
NOTHING: frozenset[str] = frozenset()


def row(family: str, body: dict[str, Any] | bytes, kept: frozenset[str] = NOTHING) -> dict[str, Any]:
    """Columns of one body that are not null, with `extra` as it is stored."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    decoded = decode(BY_FAMILY[family], [text], kept)
    assert not decoded.bad
    found = {name: array[0].as_py() for name, array in decoded.columns.items()} | {"extra": decoded.extra[0].as_py()}
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize(
    ("family", "body", "columns"),
    [
        (
            "connection",
            {"sipPort": "5060", "sipRegisterRequired": "true"},
            {"sip_port": 5060, "sip_register_required": True},
        ),
        ("connection", {"sipContactParams": 0, "keepAlive": "False"}, {"sip_contact_params": "0", "keep_alive": False}),
        ("stream", {"hasVideo": "TRUE", "width": " 640 ", "fps": 25.0}, {"has_video": True, "width": 640, "fps": 25}),
        ("stream", {"timeShift": -1, "gop": "-1"}, {"time_shift": -1, "gop": -1}),
        (
            "stream",
            {"audioState": {"muted": "true"}, "videoState": {"muted": False}},
            {"audio_muted": True, "video_muted": False},
        ),
        (
            "stream",
            {"createDate": 1773479720301},
            {"created_at": datetime(2026, 3, 14, 9, 15, 20, 301_000, tzinfo=UTC)},
        ),
        ("stream", {"name": 42}, {"name": "42"}),
        ("call", {"sipStatus": "486"}, {"sip_status": 486}),
        ("data", {"expires": "60", "terminate": "false"}, {"expires_s": 60, "terminate": False}),
        ("stream", {"name": None, "width": None, "custom": None, "audioState": None}, {}),
        ("stream", {"audioState": {}, "videoState": {"muted": None}}, {}),
        (
            "connection",
            {"mediaProviders": ["WebRTC", "MSE"], "clientInfo": {}},
            {"media_providers": '["WebRTC","MSE"]', "client_info": "{}"},
        ),
    ],
)
def test_loose_values_are_read_as_what_they_mean(family: str, body: dict[str, Any], columns: dict[str, Any]) -> None:
    assert row(family, body) == columns


@pytest.mark.parametrize(
    ("family", "body", "extra"),
    [
        ("stream", {"width": "wide"}, {"width": "wide"}),
        ("stream", {"width": 2**64}, {"width": 2**64}),
        ("stream", {"width": 1.5}, {"width": 1.5}),
        ("stream", {"width": True}, {"width": True}),
        ("stream", {"hasVideo": 1}, {"hasVideo": 1}),
        ("stream", {"hasVideo": "yes"}, {"hasVideo": "yes"}),
        ("stream", {"name": ["a"]}, {"name": ["a"]}),
        ("stream", {"name": True}, {"name": True}),
        ("stream", {"createDate": 0}, {"createDate": 0}),
        ("stream", {"createDate": "soon"}, {"createDate": "soon"}),
        ("stream", {"audioState": {"muted": 3, "level": 5}}, {"audioState": {"level": 5, "muted": 3}}),
        ("stream", {"audioState": {"muted": True, "level": 5}}, {"audioState": {"level": 5}}),
        ("stream", {"audioState": "muted"}, {"audioState": "muted"}),
        ("stream", {"zoom": {"x": [1, None]}, "gone": None}, {"zoom": {"x": [1, None]}}),
        ("other", {"name": "lobby", "width": 2}, {"name": "lobby", "width": 2}),
    ],
)
def test_what_does_not_fit_and_what_has_no_column_is_extra(family: str, body: dict[str, Any], extra: object) -> None:
    assert json.loads(row(family, body)["extra"]) == extra


def test_a_value_that_does_not_fit_leaves_the_others_in_their_columns() -> None:
    assert row("stream", {"name": "lobby", "width": "wide", "height": 480}) == {
        "name": "lobby",
        "height": 480,
        "extra": '{"width":"wide"}',
    }


@pytest.mark.parametrize("secret", sorted(SECRET_FIELDS))
@pytest.mark.parametrize("family", sorted(BY_FAMILY))
def test_secret_fields_are_left_out(family: str, secret: str) -> None:
    assert row(family, {secret: "hunter2", "sessionId": "s"}) == {"session_id": "s"}
    assert row(family, {secret: ["hunter2"], "sessionId": "s", "more": 1}) == {"session_id": "s", "extra": '{"more":1}'}


def test_of_application_data_keys_and_types_are_kept() -> None:
    body = {"custom": {"user": {"id": 7, "name": "ann", "vip": True}}, "payload": [{"command": "join"}, "x", None]}

    assert row("stream", body) == {
        "custom": '{"user":{"id":"number","name":"string","vip":"boolean"}}',
        "payload": '[{"command":"join"},"string",null]',
    }


def test_what_the_user_asks_for_of_application_data_is_kept() -> None:
    body = {"custom": {"user": {"id": 7, "name": "ann"}}, "payload": {"command": "join"}}

    kept = row("stream", body, kept=frozenset({"custom.user.id"}))

    assert kept == {"custom": '{"user":{"id":7,"name":"string"}}', "payload": '{"command":"join"}'}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"{'a':1}", "invalid_json"),
        (b'{"a":1,}', "invalid_json"),
        (b'{"a":NaN}', "invalid_json"),
        (b'{"a":1e999}', "invalid_json"),
        (b'{"custom":{"a":-Infinity}}', "invalid_json"),
        (b'{"custom":{"a":1e999}}', "invalid_json"),
        (b'{"custom":' + b"9" * 5000 + b"}", "invalid_json"),
        (b'{"a":"\xff"}', "invalid_utf8"),
        (b'{"custom":"\xff"}', "invalid_utf8"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"a":' + b"[" * 200 + b"]" * 200 + b"}", "too_deep"),
        (b'{"custom":' + b"[" * 200 + b"]" * 200 + b"}", "too_deep"),
        (b'{"custom":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep"),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else value,
)
def test_a_body_that_cannot_be_kept(body: bytes, reason: str) -> None:
    decoded = decode(BY_FAMILY["stream"], [b'{"name":"a"}', body, b'{"name":"b"}'], NOTHING)

    assert decoded.bad == {1: reason}
    assert [decoded.columns["name"][index].as_py() for index in (0, 2)] == ["a", "b"]


@pytest.mark.parametrize("key", ["a", "custom"])
def test_a_body_that_is_nested_as_deeply_as_allowed(key: str) -> None:
    body = f'{{"{key}":{"[" * 199}{"]" * 199}}}'

    assert body.split(":")[1][:-1] in row("stream", body.encode()).get("extra" if key == "a" else "custom", "")


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        (b'{"name":"a","name":"b"}', {"name": "b"}),
        (b'{"name":"\\ud800x"}', {"name": "\\ud800x"}),
        (b'{"custom":{"\\ud800":1}}', {"custom": '{"\\\\ud800":"number"}'}),
        (b'{"more":"\\ud800"}', {"extra": '{"more":"\\\\ud800"}'}),
        (b'{"name":"a\\u0000b"}', {"name": "a\0b"}),
        (b'{"width":9007199254740993}', {"width": 2**53 + 1}),
        (b'{"more":' + b"9" * 40 + b"}", {"extra": '{"more":' + "9" * 40 + "}"}),
        (b'{"":1,"__proto__":{"a.b":2}}', {"extra": '{"":1,"__proto__":{"a.b":2}}'}),
        (b'{"name":"x\xe2\x80\xa8y"}', {"name": "x\u2028y"}),
    ],
)
def test_odd_bodies_are_kept(body: bytes, columns: dict[str, Any]) -> None:
    assert row("stream", body) == columns


SCALARS = st.none() | st.booleans() | st.integers(-(2**66), 2**66) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=8) | st.sampled_from(
    ["true", "5060", "-1", "rtsp://u:p@h/x?token=a", "WebRTC", "IN IP4 1.2.3.4"]
)
ANYTHING = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FITTING = {
    "text": TEXTS,
    "int": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "instant": st.integers(1_000_000_000_000, 2_000_000_000_000),
    "json": ANYTHING,
}


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A family and a body of it: its own fields, most of them as they should be, and secrets."""
    family = draw(st.sampled_from(sorted(BY_FAMILY)))
    columns = draw(st.lists(st.sampled_from(BY_FAMILY[family].body_columns()), max_size=8))
    body: dict[str, Any] = {}
    for column in columns:
        value = draw(FITTING[column.type] if draw(st.integers(0, 9)) else ANYTHING)
        key, _, child = column.path.partition(".")
        body[key] = {child: value} if child else value
    return family, body | draw(st.dictionaries(st.sampled_from(sorted(SECRET_FIELDS)), ANYTHING, max_size=2))


@settings(max_examples=300)
@given(bodies())
def test_the_fast_and_the_slow_way_give_the_same(given_body: tuple[str, dict[str, Any]]) -> None:
    family, body = given_body

    usual = row(family, body)
    slow = row(family, {**body, "unknown key": 1})

    extra = json.loads(slow.pop("extra"))
    assert extra.pop("unknown key") == 1
    assert extra == json.loads(usual.pop("extra", "{}"))
    assert slow == usual


@given(st.dictionaries(st.text(max_size=4) | st.sampled_from(["custom", "name", "sdp", "token"]), ANYTHING, max_size=4))
def test_no_object_raises_anything(body: dict[str, Any]) -> None:
    text = json.dumps(body).encode()

    assert decode(BY_FAMILY["stream"], [text], NOTHING).bad == {}
    assert canonical(text) == canonical(canonical(text).encode())


@given(st.binary(max_size=40))
def test_bytes_raise_nothing(body: bytes) -> None:
    bad = decode(BY_FAMILY["stream"], [body], NOTHING).bad

    assert set(bad.values()) <= {"invalid_json", "invalid_utf8", "not_an_object", "too_deep"}


FIELDS = {
    "connection": """
        mediaProviders clientVersion clientOSVersion clientBrowserVersion clientInfo msePacketizationVersion keepAlive
        useWsTunnel useWsTunnelPacketization2 useBase64BinaryEncoding useSelfSigned authToken sipLogin sipPassword
        sipAuthenticationName sipVisibleName sipDomain sipOutboundProxy sipProxy sipContactParams sipPort
        sipRegisterRequired login urlServer width height supportedResolutions useProxy useDTLS sipMessageRaw""",
    "stream": """
        mediaSessionId name published hasVideo hasAudio status sdp audioCodec videoCodec info record recordName width
        height bitrate minBitrate maxBitrate quality gop fps audioBitrate codecImpl history timeShift transport
        cvoExtension createDate mediaType audioState videoState mediaProvider parentMediaSessionId localMediaInfo
        rtmpUrl constraints custom receiveVideo remoteMediaElementId flashBufferTime token streamerVideoWidth
        streamerVideoHeight type payload origin report""",
    "call": """
        callId parentCallId target incoming status sipStatus caller callee visibleName hasAudio hasVideo receiveVideo
        mediaProvider sdp sipSDP sipMessageRaw inviteParameters isMsrp holdForTransfer rtmpUrl rtmpStream streamName
        rtmpStreamStatus custom localMediaInfo type dtmf""",
    "data": """
        operationId payload status info id from to visibleName body contentType isImdnRequired event expires terminate
        requestBody sipMessageRaw url responseBody""",
    "diagnostic": "text type logs command status file filename info",
    "other": "",
}


@pytest.mark.parametrize("family", sorted(BY_FAMILY))
def test_every_field_that_is_known_has_a_column_or_is_a_secret(family: str) -> None:
    shared = "nodeId appKey sessionId custom status info origin"
    columns = {column.path.partition(".")[0] for column in BY_FAMILY[family].body_columns()}

    assert set(f"{FIELDS[family]} {shared}".split()) - columns - SECRET_FIELDS == set()


@pytest.mark.parametrize(
    ("url", "hook", "family"),
    [
        ("http://localhost:8081/apps/EchoApp/StreamStatusEvent", "StreamStatusEvent", "stream"),
        ("http://localhost/EchoApp/index.php/playhls/?a=/connect#x", "playHLS", "stream"),
        ("sendBugReport", "submitBugReport", "diagnostic"),
        ("http://localhost/apps/EchoApp/%63onnect", "connect", "connection"),
        ("http://localhost/apps/EchoApp/StreamTeleportEvent", "StreamTeleportEvent", "other"),
        (None, None, "other"),
        ("", None, "other"),
    ],
)
def test_hook_and_family_of_a_url(url: str | None, hook: str | None, family: str) -> None:
    assert hook_and_family(url) == (hook, family)


def test_every_known_hook_has_a_table() -> None:
    assert {hook.family for hook in HOOKS} | {"other"} == set(BY_FAMILY)


def test_keys_tell_sessions_of_two_nodes_apart_and_are_null_without_an_id() -> None:
    nodes, ids = pa.array(["n1", "n2", None, None]), pa.array(["s", "s", "s", None])

    made = key_columns(nodes, ids, pa.nulls(4, pa.string()), pa.array([None, None, "c", "c"], pa.string()))

    sessions = made["session_key"].to_pylist()
    assert len(set(sessions)) == 4
    assert sessions[3] is None
    assert made["stream_key"].to_pylist() == [None] * 4
    assert made["call_key"].to_pylist()[:2] == [None, None]
    assert made["call_key"][2].as_py() != made["call_key"][3].as_py()


@pytest.mark.parametrize(
    ("asked", "told", "changes"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {}, {"empty": True}),
        ({}, {}, {}),
        ({"a": 1, "b": 2}, {"b": 3, "c": [1]}, {"set": {"b": 3, "c": [1]}, "removed": ["a"]}),
        ({"a": 1}, {"a": True}, {"set": {"a": True}}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 2, "x": 1}}, {}),
        ({"token": "a"}, {"token": "b"}, {}),
        ({"custom": {"a": "x"}}, {"custom": {"a": "y"}}, {}),
        ({"custom": {"a": "x"}}, {"custom": {"a": 1}}, {"set": {"custom": {"a": "number"}}}),
        ({}, {"sipPassword": "x", "caller": "sip:a:b@h"}, {"set": {"sipPassword": "(removed)", "caller": "sip:a@h"}}),
    ],
)
def test_changes_of_an_answer(asked: dict[str, Any], told: dict[str, Any], changes: dict[str, Any]) -> None:
    assert changed(asked, told) == changes


@pytest.fixture(scope="session")
def macro() -> Any:
    connection = duckdb.connect()
    connection.execute(f"create macro changes_between(asked, told) as {sql_text('views', 'changes_between')}")

    def changes_between(asked: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
        halves = {"asked": canonical(json.dumps(asked).encode()), "told": canonical(json.dumps(told).encode())}
        query = "select changes_between(asked, told) from (select $asked as asked, $told as told)"
        text = connection.sql(query, params=halves).to_arrow_table()[0][0].as_py()
        return {} if text is None else json.loads(text)

    return changes_between


HANDWRITTEN = [
    ({"a": 1}, {"a": 1}),
    ({"a": 1, "b": 2}, {"b": 3, "c": [1]}),
    ({"a": 1}, {"a": 1.0}),
    ({"a": 1}, {"a": True}),
    ({"a": {"x": [1, {"y": None}]}}, {"a": {"x": [1, {"y": 2}]}}),
    ({'k"e.y\\': 1, "$": 1, "*": 1, "": 1, "a[0]": 1}, {'k"e.y\\': 2, "$": 2, "*": 2, "": 2, "a[0]": 2}),
    ({'k"e.y\\': 1, "$": 1, "*": 1, "": 1, "ä": 1, "\U0001f600": 1, "\uffff": 1}, {"x": 1}),
    ({"a": 'é\u2028\0\x7f/\b\n"\\'}, {"a": 'é\u2028\0\x7f/\b\n"\\x'}),
    ({"a": "\ud800"}, {"a": "\ud801"}),
    ({"a": 12345678901234567890123}, {"a": 12345678901234567890124, "b": -0.0, "c": 1e22, "d": 1e-7}),
    ({"sipPassword": "a", "custom": {"a": 1}}, {"sipPassword": "b", "custom": {"a": 2}, "token": "c"}),
    ({"url": "http://u:p@h/x"}, {"url": "http://u:q@h/x"}),
    ({"sdp": "a", "name": None}, {"sdp": "", "name": None, "record": True}),
]


def comparable(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None and key not in ("sdp", "sipSDP")}


@pytest.mark.parametrize(("asked", "told"), HANDWRITTEN)
def test_the_macro_tells_the_same_changes(macro: Any, asked: dict[str, Any], told: dict[str, Any]) -> None:
    expected = json.loads(redact.json_text(changed(comparable(asked), comparable(told))))

    assert macro(asked, told) == expected


KEYS = st.text(max_size=3) | st.sampled_from(["a", "b", "custom", "name", "token", "sdp", 'a"b', "a.b", "$.a", "a\\"])


@given(st.dictionaries(KEYS, ANYTHING, max_size=4), st.dictionaries(KEYS, ANYTHING, max_size=4), st.booleans())
def test_the_macro_tells_the_same_changes_of_any_bodies(
    macro: Any, asked: dict[str, Any], told: dict[str, Any], alike: bool
) -> None:
    told = {**asked, **told} if alike else told
    if not comparable(told):
        return  # the view asks for an empty answer by itself

    expected = json.loads(redact.json_text(changed(comparable(asked), comparable(told))))

    assert macro(asked, told) == expected


@pytest.mark.parametrize(("kind", "value"), [("real", "nan"), ("real", "inf"), ("real", "x"), ("real", True)])
def test_a_real_number_is_finite(kind: Any, value: object) -> None:
    table = Table("t", "", (Column("a", kind, "", "a"),))

    decoded = decode(table, [json.dumps({"a": value}).encode(), b'{"a":"1.5"}', b'{"a":2}'], NOTHING)

    assert decoded.columns["a"].to_pylist() == [None, 1.5, 2.0]
