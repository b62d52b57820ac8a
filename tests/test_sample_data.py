"""The generator of the sample day: its bytes, its books, and what a reader can count on finding."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sample_data.generate import generate
from sample_data.host import generate_host
from sample_data.stage import Truth
from sample_data.wire import text_of

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"
FILES = ("day/flashphoner.log.2026-03-14", "day/flashphoner.log", "backend/hooks.ndjson")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("made")
    return folder, generate(folder)


def log_of(folder: Path) -> str:
    return "".join((folder / name).read_text(encoding="utf-8") for name in FILES[:2])


def asked(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / FILES[2]).read_text(encoding="utf-8").splitlines()
    return [line for line in map(json.loads, lines) if line["direction"] == "SEND"]


def test_the_committed_day_is_what_the_generator_writes(made: tuple[Path, Truth]) -> None:
    for name in FILES:
        assert (made[0] / name).read_bytes() == (SAMPLE / name).read_bytes()


def test_the_committed_host_is_what_the_generator_writes(tmp_path: Path) -> None:
    generate_host(tmp_path)
    made, kept = (
        {path.relative_to(folder): path.read_bytes() for path in sorted((folder / "logs").rglob("*")) if path.is_file()}
        for folder in (tmp_path, SAMPLE)
    )

    assert made == kept
    assert sum(map(len, kept.values())) < 300_000
    assert {path.parts[1] for path in kept} == {"server_logs", "cdr", "client_logs"}


def test_the_books_of_a_host_disagree_with_its_hooks_where_that_was_planted(tmp_path: Path) -> None:
    planted = generate_host(tmp_path, seed=7)
    sdr = (tmp_path / "logs" / "cdr" / "sdr.log").read_text(encoding="utf-8")
    log = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "logs" / "server_logs").iterdir())
    where = {(about, differs): name for about, name, differs in planted}

    assert sorted((one.about, one.differs) for one in planted) == [
        ("call", "duration"), ("session", "outcome"), ("session", "record"), ("stream", "duration"),
        ("stream", "hooks"), ("stream", "outcome"), ("stream", "record"),
    ]  # fmt: skip
    assert where["stream", "record"] in log
    assert where["stream", "record"] not in sdr
    assert where["stream", "hooks"] in sdr
    assert where["stream", "hooks"] not in log


def test_another_seed_gives_another_day(made: tuple[Path, Truth], tmp_path: Path) -> None:
    generate(tmp_path, seed=1)

    for name in FILES:
        assert (tmp_path / name).read_bytes() != (made[0] / name).read_bytes()


def test_the_script_writes_the_same_day_and_its_truth(made: tuple[Path, Truth], tmp_path: Path) -> None:
    script = [sys.executable, str(SAMPLE / "generate.py"), str(tmp_path), "--truth", str(tmp_path / "truth.json")]
    subprocess.run(script, check=True, cwd=tmp_path)

    assert (tmp_path / FILES[0]).read_bytes() == (made[0] / FILES[0]).read_bytes()
    told = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert {name: value for name, value in told.items() if name != "planted"} == vars(made[1])
    assert told["planted"][0] == {
        "about": "session",
        "id": "/203.0.113.194:53305/203.0.113.10:8443-e67430ef-024b-4539-b58f-1d9dba0b89fa",
        "differs": "record",
    }


def test_log_and_capture_hold_the_same_halves(made: tuple[Path, Truth]) -> None:
    folder, truth = made
    log, capture = log_of(folder), (folder / FILES[2]).read_text(encoding="utf-8")

    assert log.count(" SEND REST OBJECT ==>\n") == capture.count('"direction":"SEND"') == truth.exchanges
    assert log.count(" RECEIVED REST OBJECT <==\n") == capture.count('"direction":"RECEIVED"') == truth.answered
    assert log.count(" Got exception in REST \n") == truth.errors
    assert truth.exchanges == truth.answered + truth.errors + truth.unanswered


def test_the_blocks_of_the_log_are_the_bodies_of_the_capture(made: tuple[Path, Truth]) -> None:
    blocks = re.findall(r"^URL:(\S+)\nOBJECT:\n(\{\n.*?^\})$", log_of(made[0]), re.DOTALL | re.MULTILINE)
    lines = map(json.loads, (made[0] / FILES[2]).read_text(encoding="utf-8").splitlines())

    assert [(url, json.loads(text)) for url, text in blocks] == [(line["url"], line["body"]) for line in lines]


def test_outcomes_add_up_to_what_was_asked(made: tuple[Path, Truth]) -> None:
    folder, truth = made
    hooks = asked(folder)
    ids: dict[str, set[object]] = {"callId": set(), "mediaSessionId": set()}
    for hook in hooks:
        for name, seen in ids.items():
            if name in hook["body"]:
                seen.add(hook["body"][name])

    assert sum(truth.sessions.values()) == Counter(hook["method"] for hook in hooks)["connect"] == 61
    assert sum(truth.streams.values()) == sum(truth.streams_ended_how.values()) == len(ids["mediaSessionId"])
    assert sum(truth.calls.values()) == len(ids["callId"]) == 27
    assert truth.calls["answered"] == sum(truth.answered_calls_ended_how.values())


def test_the_day_has_the_outcomes_that_its_scenes_tell(made: tuple[Path, Truth]) -> None:
    truth = made[1]

    assert truth.sessions == {"established": 52, "refused": 2, "failed": 1, "vanished": 2, "open": 4}
    assert truth.streams == {
        "completed": 36, "failed": 3, "failed_to_start": 9, "left_before_start": 1, "vanished": 2, "open": 2,
    }  # fmt: skip
    assert truth.calls == {
        "answered": 14, "busy": 1, "no_answer": 3, "abandoned": 1, "declined": 2, "refused": 3, "ineffective": 2,
        "media_failed": 1,
    }  # fmt: skip
    assert truth.registrations == {"REGISTERED": 7, "AUTHENTICATION_FAIL": 1}


@pytest.mark.parametrize(
    "text",
    [
        "Stopped by user",
        "Stopped by session disconnect",
        "Failed by ICE timeout",
        "Failed by DTLS fingerprint error",
        "Failed by RTP activity",
        "Failed by RTMP writer error",
        "No common codecs",
        "Stream name is already in use",
        "Rtsp stream not found",
        "Failed to connect to origin stream",
        "Failed by error",
    ],
)
def test_each_class_of_info_occurs(made: tuple[Path, Truth], text: str) -> None:
    assert f'"info" : "{text}"' in log_of(made[0])


def test_the_log_is_rolled_between_a_question_and_its_answer(made: tuple[Path, Truth]) -> None:
    old, new = ((made[0] / name).read_text(encoding="utf-8") for name in FILES[:2])
    last, first = old.rstrip().rsplit("REST OBJECT", 1), new.split("REST OBJECT", 1)

    assert made[1].cut_by_rotation == 1
    assert last[0].endswith(" SEND ")
    assert first[0].startswith("00:00:00,")
    assert first[0].endswith(" RECEIVED ")
    assert last[1].removeprefix(" ==>").strip() in new


@pytest.mark.parametrize("name", FILES[:2])
def test_time_does_not_go_back_within_a_file(made: tuple[Path, Truth], name: str) -> None:
    times = re.findall(r"^\d\d:\d\d:\d\d,\d{3}", (made[0] / name).read_text(encoding="utf-8"), re.MULTILINE)

    assert times == sorted(times)
    assert len(times) > 100


@pytest.mark.parametrize("kind", ["sip-password", "auth-token", "custom-token", "rtsp-password", "ice-pwd"])
def test_secrets_are_planted_in_both_forms(made: tuple[Path, Truth], kind: str) -> None:
    assert f"PLANTED-{kind}" in log_of(made[0])
    assert f"PLANTED-{kind}" in (made[0] / FILES[2]).read_text(encoding="utf-8")


def test_a_larger_day_has_as_many_sessions_as_asked(tmp_path: Path) -> None:
    truth = generate(tmp_path, sessions=1000)
    methods = Counter(hook["method"] for hook in asked(tmp_path))

    assert 1000 <= methods["connect"] <= 1002
    assert sum(truth.sessions.values()) == methods["connect"]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("busy")
    generate(folder, sessions=150, busy=True)
    return folder


BUSY_SHARES = {
    "connections": (0.11, {"connect", "ConnectionStatusEvent"}),
    "stream status": (0.31, {"StreamStatusEvent"}),
    "keep-alives": (0.29, {"StreamKeepAliveEvent"}),
    "publish and play": (0.18, {"publishStream", "playStream", "stopStream", "unPublishStream"}),
    "calls": (0.09, {"call", "hangup", "CallStatusEvent"}),
}


@pytest.mark.parametrize("what", BUSY_SHARES)
def test_a_busy_day_has_the_mix_of_a_big_node(busy: Path, what: str) -> None:
    share, methods = BUSY_SHARES[what]
    asked_for = Counter(hook["method"] for hook in asked(busy))

    assert sum(asked_for[method] for method in methods) / asked_for.total() == pytest.approx(share, abs=0.02)


def test_a_busy_log_is_three_tenths_other_lines_and_three_tenths_offers(busy: Path) -> None:
    log = (busy / FILES[0]).read_text(encoding="utf-8")
    blocks = re.findall(r"^\S+ INFO +RestClient - .*\nURL:.*\nOBJECT:\n\{\n(?s:.*?)^\}\n", log, re.MULTILINE)
    offers = re.findall(r'^  "sdp" : "(.*)",?$', log, re.MULTILINE)

    assert 1 - sum(map(len, blocks)) / len(log) == pytest.approx(0.30, abs=0.02)
    assert sum(map(len, offers)) / len(log) == pytest.approx(0.28, abs=0.02)
    assert 1200 < sum(map(len, blocks)) / len(blocks) < 1800
    assert log.count("Caused by: ") > 100


def test_an_event_of_a_busy_stream_tells_what_later_servers_tell(busy: Path) -> None:
    statuses = [hook["body"] for hook in asked(busy) if hook["method"] == "StreamStatusEvent"]

    assert {len(body) for body in statuses[:-20]} <= {32, 33}
    assert {"gop", "fps", "audioBitrate", "codecImpl", "timeShift", "history", "cvoExtension"} <= statuses[0].keys()


def test_log_and_capture_of_a_busy_day_hold_the_same_halves(busy: Path) -> None:
    log, capture = log_of(busy), (busy / FILES[2]).read_text(encoding="utf-8")

    for direction in ("SEND", "RECEIVED"):
        assert log.count(f" {direction} REST OBJECT ") == capture.count(f'"direction":"{direction}"') > 3000


def test_a_body_is_printed_as_wcs_does() -> None:
    text = text_of({"a": 1, "b": ["x", 'é"'], "c": {}, "d": [], "e": {"f": True}, "g": [{"h": None}, {"i": "/"}]})

    assert text.compact == '{"a":1,"b":["x","é\\""],"c":{},"d":[],"e":{"f":true},"g":[{"h":null},{"i":"/"}]}'
    assert text.pretty == (
        '{\n  "a" : 1,\n  "b" : [ "x", "é\\"" ],\n  "c" : { },\n  "d" : [ ],\n  "e" : {\n    "f" : true\n  },\n'
        '  "g" : [ {\n    "h" : null\n  }, {\n    "i" : "/"\n  } ]\n}'
    )
