"""No secret of a capture gets anywhere: not into the store, a report, an answer, a message or a temporary file."""

import base64
import gzip
import json
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest

from tests.support import NODE, SAMPLE, URL, block, body_of, told
from wcsanalytics import api
from wcsanalytics.tables import TABLES, VIEWS

CASES = Path(__file__).parent / "cases"
SESSION = "/198.51.100.9:4711/203.0.113.10:8443-x"
DATED = ("--date", "2026-03-14", "--tz", "UTC")
REPORTS = ("call-quality", "stream-lifetime", "session-debug", "conformance")

SECRETS = {
    name: f"Hidden{number:02d}Zq7{name.title().replace('_', '')}Vx4"
    for number, name in enumerate(
        (
            "sip_password", "auth_token", "custom_token", "custom_name", "answer_password", "answer_config", "ice_pwd",
            "sdes_key", "pushed_ice_pwd", "pushed_bearer", "pushed_password", "bug_password", "url_query", "url_user",
            "stream_user", "stream_query", "payload_text", "dtmf", "torn_password", "torn_sdp", "broken_password",
            "broken_bearer", "unknown_pin", "unknown_cookie", "warned_bearer", "warned_query", "info_query",
            "error_query", "raw_message", "rtmp_key", "cut_line", "constraint",
            "escaped_password", "escaped_key_password", "odd_case", "nested_token", "text_in_text", "hidden_user",
            "hidden_query", "pushed_cookie", "pushed_query", "pushed_sdes", "pushed_api_key", "pushed_basic",
            "pushed_single_quoted", "quoted_url_user", "second_password", "changed_token", "torn_url", "stack_query",
            "report_url", "header_in_info", "proxy_user", "sip_uri_password", "wcs_token", "jwt_signature",
        )
    )
}  # fmt: skip
"""A unique text for each place in which a capture may hold a secret."""


def sdp(password: str, key: str) -> str:
    return (
        f"v=0\r\no=- 1 2 IN IP4 198.51.100.9\r\na=ice-ufrag:{password[:8]}\r\na=ice-pwd:{password}\r\n"
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}\r\n"
    )


def connect() -> dict[str, object]:
    return body_of(
        session=SESSION, sipLogin="1001", sipPassword=SECRETS["sip_password"], authToken=SECRETS["auth_token"],
        custom={"token": SECRETS["custom_token"], "who": {"name": SECRETS["custom_name"]}}, origin="https://example.org",
    )  # fmt: skip


def answer() -> dict[str, object]:
    config = {"restClientConfig": {"connect": {"password": SECRETS["answer_config"]}}}
    return {**connect(), "sipPassword": SECRETS["answer_password"], **config}


def escaped(secret: str) -> str:
    """The secret as JSON may also write it."""
    return "".join(f"\\u{ord(letter):04x}" for letter in secret)


def with_odd_writings(block_of_connect: str) -> str:
    """The block of a connect with secrets written in ways that a JSON writer may choose."""
    odd = (
        f'"sipPassword" : "{escaped(SECRETS["escaped_password"])}",\n'
        f'  "{escaped("sipPassword")}" : "{SECRETS["escaped_key_password"]}",\n'
        f'  "SIPPASSWORD" : "{SECRETS["odd_case"]}",\n'
        f'  "sipPassword" : "{SECRETS["second_password"]}",\n'
        f'  "own" : {{"deep": [{{"x": [{{"access_token": "{SECRETS["nested_token"]}"}}]}}],\n'
        f'  "text": "{{\\"a\\":\\"{{\\\\\\"password\\\\\\":\\\\\\"{SECRETS["text_in_text"]}\\\\\\"}}\\"}}"}},\n'
        f'  "sipOutboundProxy" : "sip:proxy:{SECRETS["proxy_user"]}@203.0.113.9",\n  "nodeId"'
    )
    return block_of_connect.replace('"nodeId"', odd)


def pushed() -> str:
    basic = base64.b64encode(f"app:{SECRETS['pushed_basic']}".encode()).decode()
    return (
        f"10:00:01 INFO core - Set-Cookie: JSESSIONID={SECRETS['pushed_cookie']}; Path=/\n"
        f"10:00:01 INFO core - GET https://h/x?fps=5&auth_token={SECRETS['pushed_query']}&y=1\n"
        f"10:00:01 INFO core - a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{SECRETS['pushed_sdes']}|2^20|1:32\n"
        f"10:00:01 INFO core - X-Api-Key: {SECRETS['pushed_api_key']}\n"
        f"10:00:01 INFO core - authorization: Basic {basic}\n"
        f"10:00:01 INFO core - {{'password': '{SECRETS['pushed_single_quoted']}'}}\n"
        f"10:00:02 INFO core - Authorization: WCS {SECRETS['wcs_token'].encode().hex()}\n"
        f"10:00:02 INFO core - got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{SECRETS['jwt_signature']}\n"
        f'10:00:04 DEBUG webrtc - offer {{"sdp":"v=0\\r\\na=ice-pwd:{SECRETS["pushed_ice_pwd"]}\\r\\n"}}\n'
        f"10:00:05 WARN core - Authorization: Bearer {SECRETS['pushed_bearer']}\n"
        f'10:00:06 ERROR core - {{"sipPassword":"{SECRETS["pushed_password"]}"}}\n'
    )


STREAM = {
    "session": SESSION, "stream": "m1",
    "name": f"rtsp://admin:{SECRETS['stream_user']}@203.0.113.60/live?token={SECRETS['stream_query']}",
}  # fmt: skip
HIDDEN = f"rtsp://admin:{SECRETS['hidden_user']}@203.0.113.60/live?token={SECRETS['hidden_query']}".encode().hex()

GOOD = (
    ("publishStream", body_of(**STREAM, published=True, sdp=sdp(SECRETS["ice_pwd"], SECRETS["sdes_key"]),
                              constraints={"audio": {"deviceId": SECRETS["constraint"]}},
                              rtmpUrl=f"rtmp://203.0.113.61/live/{SECRETS['rtmp_key']}")),
    ("StreamStatusEvent", body_of(**STREAM, published=True, status="FAILED",
                                  info=f"Failed: http://203.0.113.62/a?access_token={SECRETS['info_query']}")),
    ("pushLogs", body_of(session=SESSION, logs=pushed())),
    ("submitBugReport", body_of(session=SESSION, text=f"my password: {SECRETS['bug_password']}")),
    ("OnDataEvent", body_of(session=SESSION, operationId="o", payload={"text": SECRETS["payload_text"]})),
    ("sendDtmf", body_of(session=SESSION, call="c1", dtmf=SECRETS["dtmf"], caller="1001", callee="1002")),
    ("CallStatusEvent", body_of(session=SESSION, call="c1", caller="1001", callee="1002", status="ESTABLISHED",
                                sipMessageRaw=f"INVITE\r\nAuthorization: Digest response={SECRETS['raw_message']}")),
    ("playHLS", body_of(session=SESSION, stream=f"5b1c-{HIDDEN}-HLS", name="hall")),
    ("playStream", body_of(session=SESSION, stream="m7", name=f"rtmp://u:{quote('/' + SECRETS['quoted_url_user'])}@h/live")),
    ("call", body_of(session=SESSION, call="c7", caller="1001", callee=f"sip:u:{SECRETS['sip_uri_password']}@203.0.113.9")),
    ("BugReportStatusEvent", body_of(session=SESSION, filename=f"https://h/r.zip?signature={SECRETS['report_url']}",
                                     info=f"Proxy-Authorization: Digest response=\"{SECRETS['header_in_info']}\"")),
    ("guessEvent", body_of(session=SESSION, pin=SECRETS["unknown_pin"], headers={"Cookie": SECRETS["unknown_cookie"]})),
)  # fmt: skip


def server_log() -> str:
    exchanges = "".join(
        block(f"10:00:{second:02d},000", direction, hook, body)
        for second, (hook, body) in enumerate(GOOD, 1)
        for direction in ("SEND", "RECEIVED")
    )
    with_query = told("10:00:20,000", "connect", session="t").replace(
        URL, f"http://app:{SECRETS['url_user']}@localhost:8081/apps/EchoApp/"
    )
    lines = (
        f"10:00:21,000 WARN             Publication - Worker-1 Authorization: Bearer {SECRETS['warned_bearer']}\n"
        f"10:00:22,000 ERROR           Publication - Worker-1 GET http://h/x?secret={SECRETS['warned_query']} failed\n"
        "10:00:23,000 ERROR           RestClient - pool-1-thread-1 Got exception in REST \n"
        f"java.io.IOException: Server returned HTTP response code: 403 for URL: http://h/x?jwt={SECRETS['error_query']}\n"
        f"\tat http://app:{SECRETS['stack_query']}@h/y\n"
    )
    broken = block("10:00:30,000", "SEND", "connect", body_of(session="u", sipPassword=SECRETS["broken_password"]))
    torn = block(
        "10:00:40,000",
        "SEND",
        "publishStream",
        body_of(sipPassword=SECRETS["torn_password"], sdp=sdp(SECRETS["torn_sdp"], "k")),
    )
    unfinished = block("10:00:29,000", "SEND", f"connect?token={SECRETS['torn_url']}", body_of(session="w"))
    changing = block(
        "10:00:28,010", "RECEIVED", "connect", {**body_of(session="x"), "own": {"token": SECRETS["changed_token"]}}
    )
    return (
        with_odd_writings(block("10:00:27,000", "SEND", "connect", body_of(session="y")))
        + block("10:00:28,000", "SEND", "connect", body_of(session="x"))
        + changing
        + unfinished[: unfinished.index("OBJECT:")]
        + block("10:00:00,000", "SEND", "connect", connect())
        + block("10:00:00,010", "RECEIVED", "connect", answer())
        + exchanges
        + with_query.replace("/connect", f"/connect?token={SECRETS['url_query']}")
        + lines
        + broken.replace('"nodeId" :', f'"authorization" : "Bearer {SECRETS["broken_bearer"]}", nodeId')
        + torn[:-8]
    )


def hook_capture() -> bytes:
    def half(second: int, direction: str, hook: str, body: object) -> str:
        told_at = f"2026-03-14T10:00:{second:02d}.000Z"
        url = f"http://app:{SECRETS['url_user']}@h/apps/EchoApp/{hook}?token={SECRETS['url_query']}"
        return json.dumps({"ts": told_at, "direction": direction, "url": url, "method": hook, "body": body}) + "\n"

    exchanges = "".join(
        half(at, way, hook, body) for at, (hook, body) in enumerate(GOOD, 1) for way in ("SEND", "RECEIVED")
    )
    first = half(0, "SEND", "connect", connect()) + half(0, "RECEIVED", "connect", answer())
    broken = half(30, "SEND", "connect", body_of(session="u", sipPassword=SECRETS["broken_password"])).replace(
        '"body": {', '"body": {{'
    )
    cut = half(40, "SEND", "connect", body_of(session="v", sipPassword=SECRETS["cut_line"]))
    return (first + exchanges + broken + cut[:-3]).encode()


def disguises(secret: str) -> set[bytes]:
    """The secret as it is, reversed, and in the codes in which it might be written down."""
    raw = secret.encode()
    shifted = (base64.b64encode(b"x" * skip + raw)[4 if skip else 0 :].rstrip(b"=")[:-2] for skip in (0, 1, 2))
    as_hex = raw.hex().encode()
    codes = {raw, as_hex, as_hex.upper(), quote(f"={secret}").encode(), *shifted}
    codes |= {
        "".join(form.format(ord(letter)) for letter in secret).encode() for form in ("%{:02x}", "%{:02X}", "\\u{:04x}")
    }
    codes |= {raw.lower(), raw.upper(), secret.encode("utf-16-le"), base64.b32encode(raw)[:32], raw[3:-3]}
    codes |= {code[::-1] for code in codes}
    return {code for code in codes if len(code) >= 12}


def leaks(haystacks: dict[str, bytes], secrets: dict[str, str]) -> list[tuple[str, str]]:
    looked_for = [(name, code) for name, secret in secrets.items() for code in disguises(secret)]
    return sorted({(name, where) for where, text in haystacks.items() for name, code in looked_for if code in text})


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def decoded(folder: Path) -> dict[str, bytes]:
    """Each Parquet part with its values, schema and statistics, as text."""
    texts = {}
    for path in folder.rglob("*.parquet"):
        rows = pq.read_table(path)
        texts[f"{path.name} decoded"] = f"{rows.to_pylist()}{rows.schema}{pq.read_metadata(path).to_dict()}".encode()
    return texts


def answers(run, store: Path, out: Path, session: str = SESSION) -> dict[str, bytes]:
    """All that the program tells of a store, in every form."""
    shown = {}

    def ask(*words: str | Path) -> None:
        ended = run(*words)
        shown[" ".join(map(str, words))] = (ended.out + ended.err).encode()

    ask("report", "all", store, "-o", out, "-f", "html")
    ask("report", "session-debug", store, "--session", session)
    with api.open(store) as lake:
        for name in REPORTS:
            made = api.report(name, lake)
            shown |= {f"{name} {form}": api.report_bytes(made, form) for form in ("text", "markdown", "json")}
            shown |= {f"{name} {table}": api.report_bytes(made, "csv", table=table) for table in made.tables}
        for name in {*VIEWS, *TABLES}:
            shown[name] = api.table_bytes(lake.table(name).arrow(), "csv")
    ask("sql", store, "select * from hooks")
    for words in (("describe",), ("describe", "--files"), ("find", "a"), ("find", session)):
        ask(*words, store)
    return shown


@pytest.fixture(params=["server log", "hook capture"])
def capture(request, tmp_path):
    folder = tmp_path / "captures"
    folder.mkdir()
    if request.param == "hook capture":
        (folder / "hooks.ndjson").write_bytes(hook_capture())
    else:
        (folder / "flashphoner.log").write_text(server_log(), encoding="utf-8")
    return folder


def test_the_secrets_are_in_the_captures():
    assert {name for name, _ in leaks({"": server_log().encode() + hook_capture()}, SECRETS)} == set(SECRETS)
    assert len(SECRETS) >= 50


def test_planted_secrets_get_nowhere(run, capture, tmp_path, monkeypatch):
    scratch, store, out = (tmp_path / name for name in ("scratch", "store", "out"))
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    ingested = run("ingest", capture, "--store", store, "--keep-log", "TRACE", *DATED)
    of_files = run("report", "session-debug", capture, "--keep-log", "TRACE", *DATED)
    shown = answers(run, store, out)
    told_of_it = {"ingest": f"{ingested}".encode(), "of files": f"{of_files}".encode()}

    assert (
        leaks({**files(store), **decoded(store), **shown, **told_of_it, **files(out), **files(scratch)}, SECRETS) == []
    )
    assert ingested.code == 0
    assert json.loads(ingested.out)["rejected"] >= 1
    assert len(files(out)) == len(REPORTS) + 1


def test_planted_secrets_of_a_packed_log_get_nowhere(run, tmp_path, monkeypatch):
    scratch, store, packed = (tmp_path / name for name in ("scratch", "store", "flashphoner.log.gz"))
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    packed.write_bytes(gzip.compress(server_log().encode(), mtime=0))
    ingested = run("ingest", packed, "--store", store, "--keep-log", "TRACE", *DATED)
    of_file = run("report", "session-debug", packed, "--keep-log", "TRACE", *DATED)
    told_of_it = {"ingest": f"{ingested}".encode(), "of file": f"{of_file}".encode()}

    assert leaks({**files(store), **decoded(store), **told_of_it, **files(scratch)}, SECRETS) == []
    assert (ingested.code, of_file.code) == (0, 0)


def test_what_stands_beside_a_secret_is_kept(run, tmp_path):
    (tmp_path / "flashphoner.log").write_text(server_log(), encoding="utf-8")
    run("ingest", tmp_path / "flashphoner.log", "--store", tmp_path / "store", *DATED)
    shown = run(
        "sql",
        tmp_path / "store",
        "select name, status from streams s join hooks h using (stream_key) where hook like 'Stream%'",
    ).out

    assert json.loads(shown) == {"name": "rtsp://203.0.113.60/live?token=(removed)", "status": "FAILED"}
    assert (
        NODE
        in run("describe", tmp_path / "store", "--files").out + run("report", "conformance", tmp_path / "store").out
    )


def test_the_sample_data_s_secrets_get_nowhere(run, sample_store, tmp_path):
    run(
        "ingest",
        CASES / "matrix",
        SAMPLE / "backend",
        SAMPLE / "logs",
        CASES / "records",
        "--store",
        tmp_path / "store",
    )
    shown = answers(run, sample_store, tmp_path / "out")
    everything = {
        **files(sample_store),
        **decoded(sample_store),
        **files(tmp_path),
        **decoded(tmp_path / "store"),
        **shown,
    }

    assert [where for where, text in everything.items() if b"PLANTED" in text or b"DETNALP" in text] == []
