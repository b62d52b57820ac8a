"""No secret leaves the parser. Every secret here is made up and unique, and looked for in all that comes out."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wcsanalytics import redact
from wcsanalytics.formats.decoding import redacted
from wcsanalytics.formats.refusals import REASONS

Read = Callable[..., Any]

SDP = (
    "v=0\r\no=- 4611 2 IN IP4 10.99.1.1\r\ns=-\r\nc=IN IP6 fd00:99::1\r\nk=clear:SDPKEYx001\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtcp:9 IN IP4 10.99.1.2\r\na=ice-ufrag:UFRAGx002\r\n"
    "a=ice-pwd:ICEPWDx003/+\r\na=fingerprint:sha-1 0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9:0A:1B:2C:3D\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:INLINEx004/+==|2^20|1:32\r\na=key-mgmt:mikey MIKEYx005==\r\n"
    "a=candidate:1 1 udp 2122260223 10.99.1.3 56143 typ host generation 0 ufrag UFRAGx002 network-id 1\r\n"
    "a=candidate:2 1 tcp 1518280447 b1f0-99.local 9 typ srflx raddr 10.99.1.4 rport 9 tcptype active\r\n"
    "a=remote-candidates:1 10.99.1.5 9\r\na=sendrecv\r\n"
)
IN_SDP = ("10.99.", "fd00:99", "-99.local", "SDPKEYx", "UFRAGx", "ICEPWDx", "4E:5F:60", "INLINEx", "MIKEYx")
HIDDEN = "rtsp://admin:HEXPWx020@cam.example/1"
TEXT = (
    "password=PLAINx030 Password: 'QUOTEDx031' token=\"TOKx032\" Authorization: Bearer BEARx033\n"
    'Proxy-Authorization: Digest username="ann", response="DIGESTx034", uri="x"\n'
    "Cookie: a=1; sid=COOKIEx035\nGET http://ann:URLPWx036@host/x?access_token=QUERYx037&fps=5\n"
    'sent {"sipPassword":"JSONx038\\"x039","authToken" : "JSONx040","pin":1}\n'
    r'sent "{\"sipPassword\":\"DEEPx041\\\"x042\",\"n\":1}"'
    f"\n{json.dumps(SDP)}\n{json.dumps(json.dumps({'sdp': SDP}))}\n"
    f"sip:ann:SIPPWx043@sip.example api_key: KEYx044 WCS {'0a' * 16}\n"
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJKV1R4MDQ1In0.SflKxwRJ done\n"
)
IN_TEXT = (
    *IN_SDP,
    *("PLAINx", "QUOTEDx", "TOKx", "BEARx", "DIGESTx", "COOKIEx", "URLPWx", "QUERYx", "JSONx", "DEEPx"),
    *("x039", "x042", "SIPPWx", "KEYx044", "0a0a0a", "eyJzdWI"),
)
CONNECT = {
    "sessionId": "s1",
    "authToken": "CONx050",
    "sipLogin": "ann",
    "sipPassword": "CONx051",
    "custom": {"user": "CONx052", "list": ["CONx053", 987600054]},
    "apiKey": "CONx055",
    "more": {"X-Auth-Token": "CONx056", "deep": [{"userPassword": "CONx057"}], "text": "token=CONx058"},
    "Payload": {"a": "CONx059"},
    "sipOutboundProxy": "sip:ann:CONx060@proxy",
    "origin": "http://ann:CONx061@page.example",
}
PLAY = {
    "sessionId": "s1",
    "mediaSessionId": f"m1-{HIDDEN.encode().hex()}-HLS",
    "name": "rtsp://admin:STREAMx070@cam.example/1?token=STREAMx071&fps=5",
    "sdp": SDP,
    "sipSDP": SDP,
    "rtmpUrl": "rtmp://host/app/STREAMx072",
    "token": "STREAMx073",
    "constraints": {"deviceId": "STREAMx074"},
    "payload": "STREAMx075",
    "info": TEXT,
    "status": "FAILED",
    "remoteMediaElementId": {"secret": "STREAMx076", "sdp": SDP},
}
CALL = {
    "callId": "c1",
    "dtmf": "987600080",
    "type": "INFO",
    "sipMessageRaw": "CALLx081",
    "callee": "sip:bob:CALLx082@h",
}
DATA = {"operationId": "o1", "payload": {"options": {"message": "DATAx090"}}, "body": TEXT, "from": "sip:x:DATAx091@h"}
REPORT = {"text": TEXT, "type": "password=REPORTx100", "details": {"note": TEXT, "Cookie": "REPORTx101"}}
LOGS = {"sessionId": "s1", "logs": TEXT}
BODIES: dict[str, dict[str, Any]] = {
    "connect": CONNECT,
    "playStream": PLAY,
    "sendDtmf": CALL,
    "sendMessage": DATA,
    "submitBugReport": REPORT,
    "pushLogs": LOGS,
    "TeleportEvent": {**CONNECT, **PLAY, **CALL, "text": TEXT},
}
URL = "http://back:URLx110@host/apps/EchoApp;jsessionid=URLx111/{}?token=URLx112"
SECRETS = (
    *IN_TEXT,
    *("CONx05", "CONx06", "STREAMx07", b"HEXPWx".hex(), "CALLx08", "DATAx09", "REPORTx10", "URLx11", "9876000"),
    *("ERRORx12", "LINEx13"),
)


FORMS = [
    form
    for secret in SECRETS
    for form in (secret, secret.encode().hex(), base64.b64encode(secret.encode()).decode().rstrip("="))
]


def leaks(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Table, column and secret of each one that came through."""
    everything = "\n".join(str(value) for row in rows for value in row.values())
    out = [form for form in FORMS if form in everything]
    return [(row["table"], name, form) for form in out for row in rows for name in row if form in str(row[name])]


def block(clock: str, marker: str, hook: str, body: object, thread: int) -> str:
    text = json.dumps(body, indent=2, separators=(",", " : "))
    prefix = f"{clock} INFO            RestClient - pool-1-thread-{thread}"
    arrow = "==>" if marker == "SEND" else "<=="
    return f"{prefix} {marker} REST OBJECT {arrow}\nURL:{URL.format(hook)}\nOBJECT:\n{text}\n"


def server_log() -> bytes:
    """Each body asked and echoed, asked and changed, asked alone, told alone, failed and broken; and other lines."""
    log = ""
    for number, (hook, body) in enumerate(BODIES.items()):
        changed = {**body, "status": "x", "token": "STREAMx077", "custom": ["CONx062"], "info": "token=CONx063"}
        log += block("10:00:00,000", "SEND", hook, body, 1) + block("10:00:00,001", "RECEIVED", hook, body, 1)
        log += block("10:00:01,000", "SEND", hook, body, 1) + block("10:00:01,001", "RECEIVED", hook, changed, 1)
        log += block("10:00:02,000", "SEND", hook, body, 2) + block("10:00:02,001", "RECEIVED", hook, body, 10 + number)
        log += "10:00:03,000 ERROR           RestClient - pool-1-thread-2 Got exception in REST \n"
        log += "java.io.IOException: http://u:ERRORx120@host?token=ERRORx121 password=ERRORx122\n"
        log += block("10:00:04,000", "SEND", hook, body, 3)
        log += block("10:00:04,500", "SEND", hook, body, 4).replace('"', "'", 9)
    return f"{log}10:00:05,000 WARN            Rtp - main password=LINEx130\n{TEXT}".encode()


def hook_capture() -> bytes:
    lines = []
    for hook, body in BODIES.items():
        url = URL.format(hook)
        lines += [{"url": url, "body": body, "answer": {**body, "status": "x", "token": "STREAMx078"}}]
        lines += [{"url": url, "body": json.dumps(body)}, {"url": url, "body": body, "direction": "RECEIVED"}]
        lines += [{"url": url, "body": body, "error": "refused http://u:ERRORx123@host token=ERRORx124"}]
        lines += [{**body, "hook": hook, "nodeId": "n1"}]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


CAPTURES = {"server_log": server_log(), "hook_capture": hook_capture()}
formats = pytest.mark.parametrize("format_name", CAPTURES)


@formats
def test_the_secrets_are_there_to_be_found(format_name: str) -> None:
    capture = CAPTURES[format_name].decode()

    assert {secret for secret in SECRETS if secret not in capture} <= {"LINEx13"}


@formats
def test_no_secret_comes_out_of_whole_records(read: Read, format_name: str) -> None:
    reading = read(format_name, CAPTURES[format_name])

    assert {"connection_hooks", "stream_hooks", "call_hooks", "data_hooks", "diagnostic_hooks", "other_hooks"} <= {
        row["table"] for row in reading.rows
    }
    assert leaks(reading.rows) == []


@formats
@settings(max_examples=60)
@given(data=st.data())
def test_no_secret_comes_out_of_broken_records(read: Read, format_name: str, data: st.DataObject) -> None:
    capture = CAPTURES[format_name]
    start, stop = sorted(data.draw(st.tuples(*2 * [st.integers(0, len(capture))])))
    lines = capture[start:stop].split(b"\n")
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(lines) - 1))
        cut = data.draw(st.integers(0, len(lines[at])))
        lines[at : at + data.draw(st.integers(0, 2))] = [lines[at][:cut], lines[at][cut:]]

    reading = read(format_name, b"\n".join(lines))

    # a line break in the middle of a key is not seen through
    assert [leak for leak in leaks(reading.rows) if leak[:2] != ("server_log", "text")] == []


@formats
def test_a_rejected_record_is_a_place_and_a_reason(read: Read, format_name: str) -> None:
    capture = CAPTURES[format_name].replace(b'"sessionId"', b"sessionId")

    rejected = read(format_name, capture).of("rejected")

    assert rejected
    assert {name for row in rejected for name in row} == {
        *("table", "source_id", "line", "byte_offset", "length", "reason", "n_lines"),
    }
    assert {row["reason"] for row in rejected} <= set(REASONS)


@pytest.mark.parametrize(
    ("value", "care", "clean"),
    [
        ("rtsp://ann:pw@cam/1", "url", "rtsp://cam/1"),
        ("rtsp://ann:p@w@cam/1", "url", "rtsp://cam/1"),
        ("rtsp://ann:p/w?x#y@cam/1", "url", "rtsp://cam/1"),
        ("rtsp:\\/\\/ann:pw@cam", "url", "rtsp:\\/\\/cam"),
        ("http://host:8081/apps/EchoApp/connect", "url", "http://host:8081/apps/EchoApp/connect"),
        ("http://host:8081/a@b?mail=x@y", "url", "http://host:8081/a@b?mail=x@y"),
        ("live?token=a&fps=5&Signature=b;code=c#access_token=d", "url", None),
        ("lobby-cam", "text", "lobby-cam"),
        ("Failed by DTLS fingerprint error", "text", "Failed by DTLS fingerprint error"),
        ("Stopped by user", "text", "Stopped by user"),
        ("java.net.SocketTimeoutException: Read timed out", "text", "java.net.SocketTimeoutException: Read timed out"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0", "text", "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0"),
        ("bypass=1 compass: north", "text", "bypass=1 compass: north"),
        ("user_pass=a userPass=b pass:c PIN: 1234", "text", None),
        ("IN IP4 10.0.0.1\r\na=rtpmap:111 opus/48000/2", "sdp", "IN IP4 (removed)\r\na=rtpmap:111 opus/48000/2"),
        ("m1-" + HIDDEN.encode().hex() + "-HLS", "id", "m1-" + b"rtsp://cam.example/1".hex() + "-HLS"),
        ("m1-" + b"plain name".hex() + "-HLS", "id", "m1-" + b"plain name".hex() + "-HLS"),
        ("A" * 300, "text", "(data removed)"),
    ],
)
def test_text(value: str, care: str, clean: str | None) -> None:
    if clean is None:
        kept = re.sub(r"(?<=[=:])( ?)[^ &;#]+", r"\1(removed)", value).replace("fps=(removed)", "fps=5")
        assert redact.text(value, care) == kept
    else:
        assert redact.text(value, care) == clean


FRAGMENTS = st.sampled_from(
    [
        *(
            "password",
            "Token",
            "sipPassword",
            "=",
            ":",
            " : ",
            '"',
            '\\"',
            '\\\\\\"',
            "\\",
            "'",
            "{",
            "}",
            ",",
            "&",
            "?",
        ),
        *("://", "rtsp://", "http://", "@", "sip:", "SIPS:", "a", "B2", "0", " ", "\t", "\r\n", "\n", "/", "#", ";"),
        *("IN IP4 ", "candidate:1 1 udp 1 ", "1.2.3.4 9", " raddr ", "inline:", "ice-pwd:", "ice-ufrag:", "ufrag "),
        *("AB:" * 16, "eyJabcdefgh.abcdefgh.x", "x" * 260, "Bearer ", "Authorization", "Cookie", "(removed)", "pin"),
        *("\u017f", "\u212a", "\u0130", "\u0131", "\u00e9", "\v", "\x1c", "\u2028", "\u00a0", "\0", "k=clear:", "WCS "),
        *("-HLS", "pass", "_", "-", ".", "key-mgmt:mikey ", "remote-candidates:", "0a" * 16, "BASIC ", "userPass"),
    ]
)
ALIKE = st.lists(FRAGMENTS | st.text(max_size=3), max_size=12).map("".join)
PATTERNS = [(care, *pair) for care in ("url", "sdp", "text") for pair in redact.PATTERNS[care]]


@settings(max_examples=200)
@given(ALIKE)
def test_arrow_and_python_understand_the_patterns_alike(value: str) -> None:
    for care, pattern, replacement, needle in PATTERNS:
        by_arrow = pc.replace_substring_regex(pa.array([value]), pattern, replacement)[0].as_py()

        assert by_arrow == re.sub(pattern, replacement, value, flags=re.ASCII), (care, pattern)
        assert needle in value or by_arrow == value, (care, pattern)
        told = care == "sdp" or any(re.search(telltale, value, re.ASCII) for telltale in redact.TELLTALES[care])
        assert told or by_arrow == value, (care, pattern)


@given(ALIKE)
def test_arrow_and_python_know_suspects_alike(value: str) -> None:
    for telltale in {one for telltales in redact.TELLTALES.values() for one in telltales}:
        by_arrow = pc.match_substring_regex(pa.array([value]), telltale)[0].as_py()

        assert by_arrow == bool(re.search(telltale, value, re.ASCII)), telltale


@given(ALIKE, st.sampled_from(["url", "sdp", "text"]))
def test_a_column_is_redacted_as_a_single_text_is(value: str, care: str) -> None:
    long = "z" * redact.SHORT + " "

    assert redacted(pa.array([value, None, long + value]), care).to_pylist() == [
        redact.text(value, care),
        None,
        redact.text(long + value, care),
    ]


@settings(max_examples=300)
@given(ALIKE, st.sampled_from(["url", "sdp", "text"]))
def test_what_is_redacted_stays_as_it_is(value: str, care: str) -> None:
    once = redact.text(value, care)

    assert redact.text(once, care) == once


LEAVES = st.none() | st.booleans() | st.integers() | ALIKE
KEYS = st.sampled_from(["custom", "CUSTOM", "payload", "command", "token", "sdp", "a", "apiKey", "password=x"])
JSON = st.recursive(
    LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(KEYS, one, max_size=3), max_leaves=8
)


@given(st.dictionaries(KEYS, JSON, max_size=4))
def test_a_body_that_is_redacted_stays_as_it_is(body: dict[str, Any]) -> None:
    once = redact.body(body)

    assert redact.body(once) == once


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NO_BLANK = st.text(st.characters(codec="ascii", exclude_characters=" &\"'\\\t\r\n\v\f\x1c\x1d\x1e\x1f"), max_size=12)
IN_URL = st.text(st.characters(codec="ascii", categories=["L", "P", "S"], exclude_characters="\"'<>\\"), max_size=12)
KEY = st.sampled_from(
    ["password", "sipPassword", "authToken", "X-API-Key", "client_secret", "SESSION_COOKIE", "passphrase"]
)


def marked(middle: str) -> str:
    """A secret whose beginning and end can be looked for."""
    return f"Zx9{middle}9xZ"


CONTEXTS: dict[str, tuple[st.SearchStrategy[str], Callable[[str, str], str]]] = {
    "json": (ANY, lambda key, secret: json.dumps({"a": 1, key: secret, "b": "x"})),
    "json in json": (ANY, lambda key, secret: json.dumps({"log": json.dumps({"a": "b", key: secret})})),
    "pretty json": (ANY, lambda key, secret: json.dumps({"a": {key: secret}}, indent=2, separators=(",", " : "))),
    "escaped json": (ANY, lambda key, secret: json.dumps({key: secret}, ensure_ascii=False)),
    "assignment": (NO_BLANK, lambda key, secret: f"set {key}={secret} ok"),
    "header": (NO_BLANK, lambda key, secret: f"{key}: {secret}\r\nnext: 1"),
    "quoted assignment": (ANY.filter(lambda text: "\n" not in text), lambda key, secret: f"{key}={json.dumps(secret)}"),
    "query": (
        NO_BLANK.filter(lambda text: not set(text) & set("#;<>")),
        lambda key, secret: f"/x?a=b&{key}={secret}&c",
    ),
    "url": (IN_URL, lambda key, secret: f"GET rtsp://{key}:{secret}@cam/1"),
    "sip": (IN_URL.filter(lambda text: not set(text) & set("@;")), lambda key, secret: f"<sip:{key}:{secret}@host>"),
    "bearer": (st.just("abcDEF123"), lambda key, secret: f"Authorization: Bearer {secret}, {key}"),
}


@pytest.mark.parametrize("context", CONTEXTS)
@settings(max_examples=150)
@given(data=st.data(), key=KEY, around=st.sampled_from(["", "12:00 ", "x" * 300 + " ", "\n", '"', "{"]))
def test_a_secret_in_text_is_taken_out(context: str, data: st.DataObject, key: str, around: str) -> None:
    middles, written = CONTEXTS[context]

    clean = redact.text(around + written(key, marked(data.draw(middles))))

    assert "Zx9" not in clean
    assert "9xZ" not in clean


BAIT = [
    *("a", "?", "?a", "?token", "token", "a.", "a-", "password ", '"', '\\"', "\\", '"a', "o=o=", "candidate:", "AB:"),
    *("://", "a://", "a://b", "a://b:c", "sip:", "sip:a", " ", "IN IP4 ", "'a", 'cookie:"', "x://u:", "eyJa", "k="),
    *('"password":"', '"password', '\\"pass', "Authorization: ", '"\\"', "passwordpassword=", "\t", "(removed)"),
]


@pytest.mark.parametrize("bait", BAIT, ids=repr)
def test_long_texts_of_one_kind_are_read_to_their_end(bait: str) -> None:
    text = bait * (40_000 // len(bait))

    assert len(redact.text(text)) <= 10 * len(text)


def test_keys_are_texts_too() -> None:
    assert redact.body({"password=x": {"token=y": 1}, "custom": {"pin=z": 2}}) == {
        "password=(removed)": "(removed)",
        "custom": {"pin=(removed)": "number"},
    }
    assert redact.body({"a": {"see http://u:p@h": 1}}) == {"a": {"see http://h": 1}}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": [None, True, "é\u2028"]}, '{"a":[null,true,"é\u2028"],"b":1}'),
        ({"a": "\ud800\udc00 \udfff"}, '{"a":"\\\\ud800\\\\udc00 \\\\udfff"}'),
        ("\x00\x7f/", '"\\u0000\x7f/"'),
    ],
)
def test_json_text(value: object, written: str) -> None:
    assert redact.json_text(value) == written
    assert json.loads(redact.json_text(value)) is not None
