"""A store without identifiers: none in any form, and yet what belongs together is found together."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from tests.support import block, body_of, contents, line, told
from tests.test_secrets import answers, decoded, files
from wcsanalytics import api

DATED = ("--date", "2026-03-14", "--tz", "UTC")
CLIENT, SERVER, SIX = "198.51.100.9", "203.0.113.10", "2001:db8:0:0:0:0:0:77"
SESSION = f"/{CLIENT}:4711/{SERVER}:8443-5b1c"
SECOND = f"/{SIX}:4712/{SERVER}:8443-5b1d"
PERSONS = ("annlee1001", "bobroe1002", "carolpoe", "ann.lee@mail.example", "+49 30 7654321", "davedoe")
IDENTIFIERS = (CLIENT, SERVER, SIX, "Ann Lee of Accounts", *PERSONS)
NODE = f"Qa1Ws2@{SERVER}"


def body(**fields: object) -> dict[str, object]:
    return {**body_of(**fields), "nodeId": NODE}


def log() -> str:
    connected = body(
        session=SESSION, sipLogin=PERSONS[0], sipAuthenticationName=PERSONS[0], sipVisibleName="Ann Lee of Accounts",
        sipDomain=SERVER, mediaProviders=["WebRTC"], origin=f"https://{CLIENT}", custom={"login": PERSONS[0]},
        clientInfo={"userAgentData": {}}, ownKey={"owner": {"userName": PERSONS[5], "phone": PERSONS[4]}, "via": CLIENT},
    )  # fmt: skip
    call = body(
        session=SESSION, call=f"c1@{CLIENT}", caller=f"sip:{PERSONS[0]}@{SERVER}", callee=PERSONS[1], incoming=False
    )
    changed = {**connected, "sipLogin": PERSONS[2]}
    hidden = "x-" + f"rtsp://camera:x@{CLIENT}/cam".encode().hex() + "-HLS"
    return "".join((
        block("10:00:00,000", "SEND", "connect", connected),
        block("10:00:00,010", "RECEIVED", "connect", changed),
        told("10:00:01,000", "ConnectionStatusEvent", session=SESSION, status="ESTABLISHED", nodeId=NODE),
        told("10:00:02,000", "connect", session=SECOND, sipLogin=PERSONS[1], nodeId=NODE),
        block("10:00:03,000", "SEND", "call", call),
        block("10:00:03,010", "RECEIVED", "call", call),
        told("10:00:04,000", "CallStatusEvent", **{**dict(session=SESSION, call=f"c1@{CLIENT}"), "status": "FAILED",
             "caller": PERSONS[0], "callee": PERSONS[1], "info": f"no route to {PERSONS[3]} via {SERVER}", "nodeId": NODE}),
        told("10:00:05,000", "playStream", session=SESSION, stream=hidden, name=f"rtsp://{CLIENT}/live", nodeId=NODE),
        told("10:00:06,000", "pushLogs", session=SESSION, nodeId=NODE,
             logs=f'10:00:00 INFO core - {{"login":"{PERSONS[0]}","peer":"{CLIENT}"}}\n10:00:01 WARN core - tel:{PERSONS[4]}\n'),
        told("10:00:07,000", "submitBugReport", session=SESSION, text="I am Ann Lee of Accounts", nodeId=NODE),
        told("10:00:08,000", "guessEvent", session=SESSION, caller=PERSONS[2], peer=f"[{SIX}]:99", mail=PERSONS[3], nodeId=NODE),
        line("10:00:09,000", "WARN", f"registration of user={PERSONS[0]} sip:{PERSONS[1]}@{SERVER} from {CLIENT} failed"),
        line("10:00:10,000", "ERROR", f"caller '{PERSONS[5]}' <{PERSONS[3]}> {PERSONS[4]} unknown").replace("caller '", "caller='"),
        block("10:00:11,000", "SEND", "hangup", call),
    ))  # fmt: skip


def guesses(text: str) -> set[bytes]:
    """The text as it is, and as anybody could digest it."""
    plain = {text, text.lower(), "".join(letter for letter in text if letter.isdigit() or letter == "+") or text}
    made = {one.encode() for one in plain if len(one) > 5}
    for one in [text.encode(), text.lower().encode()]:
        for way in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.blake2b):
            made |= {way(one).hexdigest().encode()[:20], base64.b64encode(way(one).digest())[:16]}
        made |= {one.hex().encode(), base64.b64encode(one).rstrip(b"=")[:-2]}
    return made


def left(haystacks: dict[str, bytes]) -> list[tuple[str, str]]:
    looked_for = [(text, guess) for text in IDENTIFIERS for guess in guesses(text)]
    return sorted({(text, where) for where, data in haystacks.items() for text, guess in looked_for if guess in data})


@pytest.fixture
def key(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TZ", "UTC")
    path = tmp_path / "key"
    path.write_text("a key that nobody guesses\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def capture(tmp_path) -> Path:
    path = tmp_path / "flashphoner.log"
    path.write_text(log())
    return path


def test_the_identifiers_are_in_a_store_that_keeps_them(run, capture, tmp_path) -> None:
    run("ingest", capture, "--store", tmp_path / "store", *DATED)

    assert {text for text, _ in left(decoded(tmp_path / "store"))} == set(IDENTIFIERS)


@pytest.mark.parametrize("way", ["hmac", "drop"])
def test_no_identifier_is_left_in_any_form(run, capture, key, tmp_path, way) -> None:
    words = ("--identifiers", way, *(("--key-file", key) if way == "hmac" else ()))
    ended = run("ingest", capture, "--store", tmp_path / "store", *words, *DATED)
    shown = answers(run, tmp_path / "store", tmp_path / "out", SESSION[:2])

    assert (ended.code, json.loads(ended.out)["rejected"]) == (0, 0)
    assert left({**files(tmp_path / "store"), **decoded(tmp_path / "store"), **files(tmp_path / "out"), **shown}) == []


def test_what_belongs_together_is_still_found_together(capture, key, tmp_path) -> None:
    plain = api.open(capture, date="2026-03-14", tz="UTC")
    keyed = api.open(capture, date="2026-03-14", tz="UTC", identifiers="hmac", key_file=key)
    asked = (
        "select count(distinct session_key) as sessions, count(distinct call_key) as calls, count(*) as hooks from hooks",
        "select outcome, n_streams, n_calls, n_hooks, client_address is null as is_nowhere from sessions order by all",
        "select count(*) as n from calls c join sessions s using (session_key) where c.caller like '%' || s.sip_login || '%'",
        "select answer, count(*) as n from hooks group by all order by all",
        "select count(*) as n from connection_hooks c join call_hooks h on h.callee = c.sip_login",
    )
    with plain, keyed:
        told_alike = [(lake.sql(query).arrow().to_pylist()) for query in asked for lake in (plain, keyed)]
        n_joined = keyed.sql(asked[4]).arrow()["n"][0].as_py()

    assert told_alike[::2] == told_alike[1::2]
    assert n_joined > 0


def test_halves_of_two_inputs_still_find_each_other(key, tmp_path) -> None:
    asked = told("10:00:01,000", "connect", answered="10:00:01,010", session=SESSION, sipLogin=PERSONS[0], nodeId=NODE)
    at = asked.index("10:00:01,010")
    for way, words in (("hmac", {"key_file": key}), ("drop", {})):
        store = tmp_path / way
        for part, text in enumerate((asked[:at], asked[at:])):
            path = tmp_path / f"{way}-{part}.log"
            path.write_text(text)
            api.ingest(path, store, date="2026-03-14", tz="UTC", identifiers=way, **words)
        with api.open(store) as lake:
            assert [row["answer"] for row in lake.hooks.arrow().to_pylist()] == ["echo"], way


def test_reading_again_under_the_same_key_adds_nothing(capture, key, tmp_path) -> None:
    options = {"date": "2026-03-14", "tz": "UTC", "identifiers": "hmac", "key_file": key}
    api.ingest(capture, tmp_path / "store", **options)
    text = capture.read_text()
    capture.write_text(text[: text.index("10:00:08,000")])
    shorter = api.ingest(capture, tmp_path / "store", **options)
    capture.write_text(text + told("10:00:20,000", "hangup", session=SESSION, call="c2"))
    api.ingest(capture, tmp_path / "store", **options)

    with api.open(tmp_path / "store") as lake, api.open(capture, **options) as whole:
        assert contents(lake) == contents(whole)
    assert shorter.readings[0].new == 0


def test_find_takes_names_and_addresses_with_the_key(run, capture, key, tmp_path, monkeypatch) -> None:
    run("ingest", capture, "--store", tmp_path / "store", "--identifiers", "hmac", "--key-file", key, *DATED)

    def kinds(*words: str | Path) -> list[str]:
        return [json.loads(one)["kind"] for one in run("find", *words, tmp_path / "store").out.splitlines()]

    assert kinds(PERSONS[0]) == []
    assert kinds(PERSONS[0].upper(), "--key-file", key) == ["session", "call"]
    assert sorted(kinds(CLIENT, "--key-file", key)) == ["call", "session", "stream"]
    assert kinds(SIX, "--key-file", key) == kinds("2001:db8::77", "--key-file", key) == ["session"]
    monkeypatch.setenv("WCSANALYTICS_KEY", "a key that nobody guesses")
    assert kinds(PERSONS[1]) == ["session", "call"]
    monkeypatch.setenv("WCSANALYTICS_KEY", "another key altogether")
    assert kinds(PERSONS[1]) == []


def test_filters_take_names_and_ids_with_the_key(run, capture, key, tmp_path) -> None:
    run("ingest", capture, "--store", tmp_path / "store", "--identifiers", "hmac", "--key-file", key, *DATED)

    def calls(*words: str | Path) -> int:
        shown = run("report", "call-quality", tmp_path / "store", "--table", "calls", "-f", "jsonl", *words).out
        return len(shown.splitlines())

    everything = calls()
    assert calls("--user", PERSONS[1]) == calls("--session", SESSION) == 0 < everything
    assert calls("--user", PERSONS[1], "--key-file", key) == everything
    assert calls("--session", SESSION, "--key-file", key) == everything
    assert calls("--call", f"c1@{CLIENT}", "--key-file", key) == everything
    with api.open(tmp_path / "store") as lake:
        by_key = api.report("call-quality", lake, user=PERSONS[1], key_file=key)
        assert len(by_key.tables["calls"]) == everything


def test_the_next_command_names_the_key_s_file_and_not_the_key(run, capture, key) -> None:
    shown = run("report", "call-quality", capture, "--identifiers", "hmac", "--key-file", key, *DATED).out

    assert "--identifiers hmac" in shown
    assert "nobody guesses" not in shown


def test_a_key_must_be_worth_something(run, capture, key, tmp_path, monkeypatch) -> None:
    def says(*words: str | Path) -> str:
        ended = run("ingest", capture, "--store", tmp_path / "store", "--identifiers", "hmac", *words)
        assert (ended.code, (tmp_path / "store").exists()) == (2, False)
        return ended.err

    assert "needs a key" in says()
    monkeypatch.setenv("WCSANALYTICS_KEY", "short")
    assert "shorter than 16 bytes" in says()
    key.chmod(0o640)
    assert "others may read the key: chmod 600" in says("--key-file", key)
    key.chmod(0o600)
    key.write_text("  \n")
    assert "shorter than 16 bytes" in says("--key-file", key)
    run("ingest", capture, "--store", tmp_path / "other", *DATED)
    inside = tmp_path / "other" / "key"
    inside.write_text("a key that lies with the lock")
    inside.chmod(0o600)
    assert "the key lies within a store" in says("--key-file", inside)


def test_record_batches_are_without_identifiers_too(capture, key) -> None:
    rows = list(api.read(capture, date="2026-03-14", tz="UTC", identifiers="hmac", key_file=key))

    assert left({table: str(batch.to_pylist()).encode() for table, batch in rows}) == []
