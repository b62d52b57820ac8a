"""The grade that a client makes of its connection, held against what real clients showed."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import wcsanalytics as wcs
from wcsanalytics import api
from wcsanalytics.lake import Lake
from wcsanalytics.reports.connection_grades import NOT_BY_SECOND, NOT_COUNTED

CAPTURE = Path(__file__).parents[1].parent / "shared" / "captures" / "publish_play_stop"
NOON = "2026-03-14T12:00"


def lines_of(name: str) -> list[dict[str, Any]]:
    """The records of one file of the capture."""
    return [json.loads(line) for line in (CAPTURE / name).read_text().splitlines()]


def grades(lake: Lake, **options: Any) -> list[dict[str, Any]]:
    """The rows of the table, those that are null left out."""
    told = api.report("call-quality", lake, **options).tables["connection_quality"].arrow().to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in told]


@pytest.mark.skipif(not CAPTURE.exists(), reason="the captures are not beside this repository")
def test_the_grades_are_those_that_the_clients_showed(tmp_path: Path) -> None:
    streams = {}
    for frame in lines_of("ws.ndjson"):
        raw = json.loads(frame.get("raw") or "{}")
        if raw.get("message") in ("publishStream", "playStream"):
            streams[raw["message"]] = raw["data"][0]["mediaSessionId"]
    with (tmp_path / "getstats.ndjson").open("w") as measured:
        for told in lines_of("getstats.ndjson"):
            stream = streams["publishStream" if told["page"] == "publisher" else "playStream"]
            measured.write(json.dumps(told | {"mediaSessionId": stream}) + "\n")
    shown = lines_of("client_callbacks.ndjson")
    seen = {
        page: Counter(one["detail"]["q"] for one in shown if one["page"] == page and one["event"].endswith(":CQ"))
        for page in ("player", "publisher")
    }
    assert seen == {"player": {"GOOD": 7}, "publisher": {"BAD": 1, "GOOD": 6}}

    with wcs.open([CAPTURE / "ws.ndjson", CAPTURE / "rest.ndjson", tmp_path / "getstats.ndjson"]) as lake:
        told = [
            (row["direction"], row["n"], row["perfect_ratio"], row["good_ratio"], row["bad_ratio"], row["mostly_bad"])
            for row in grades(lake)
        ]
        rated = api.report("call-quality", lake, rules="wcs").tables["media"].arrow().to_pylist()

    assert told == [("in", 7, 0.0, 1.0, 0.0, 0), ("out", 7, 0.0, 6 / 7, 1 / 7, 0)]
    # a difference above 0.2 is a warning only
    assert {row["direction"] for row in rated if row["kind"] == "video" and row["verdict"] == "good"} == {"in", "out"}


def rate(second: float, bps: int) -> str:
    """What the server tells a player of the video that it sends."""
    raw = json.dumps({"message": "outboundVideoRate", "data": [{"mediaSessionId": "m1", "videoRate": bps}]})
    line = {"ts": f"{NOON}:{second:06.3f}Z", "conn": "1", "direction": "server->client", "raw": raw}
    return json.dumps(line) + "\n"


def counted(second: float, received: int) -> str:
    """What the player's browser counted."""
    report = {"id": "V", "type": "inbound-rtp", "kind": "video", "ssrc": 7, "bytesReceived": received,
              "packetsReceived": received // 1000, "packetsLost": 0}  # fmt: skip
    line = {"ts": f"{NOON}:{second:06.3f}Z", "mediaSessionId": "m1", "native": {"inbound-rtp": [report]}}
    return json.dumps(line) + "\n"


def played(clock: str, status: str) -> str:
    """What the backend was told of the stream."""
    told = {"nodeId": "n", "sessionId": "s1", "mediaSessionId": "m1", "status": status, "published": False}
    line = {"ts": f"{NOON}:{clock}Z", "direction": "SEND", "method": "StreamStatusEvent", "body": told}
    return json.dumps(line) + "\n"


STREAM = played("00.100", "PLAYING") + played("40.000", "STOPPED")


def test_bytes_that_were_counted_between_messages_count_by_their_share(tmp_path: Path) -> None:
    # 100 kB/s in the first two seconds, then 25 kB/s; the server tells 800 kbit/s throughout, half a second later:
    # 800 kbit/s are seen as such (PERFECT), then 500 kbit/s of both halves, filtered to 600 (GOOD), then 200 (BAD)
    received = [0, 100_000, 200_000, 225_000, 250_000]
    (tmp_path / "getstats.ndjson").write_text("".join(counted(at + 1, total) for at, total in enumerate(received)))
    (tmp_path / "ws.ndjson").write_text("".join(rate(at + 1.5, 800_000) for at in range(4)))
    (tmp_path / "rest.ndjson").write_text(STREAM)
    with wcs.open(tmp_path) as lake:
        (row,) = grades(lake)

    third = pytest.approx(1 / 3)
    assert row == {
        **{"direction": "in", "streams": 1, "n": 3, "mostly_bad": 0},
        **{"perfect_ratio": third, "good_ratio": third, "bad_ratio": third},
    }


@pytest.mark.parametrize(
    ("told", "measured", "why"),
    [
        ([1.5, 6.5, 11.5], [1, 2, 3, 4, 5, 6, 7], NOT_BY_SECOND),
        ([1.5, 2.5, 3.5], [1, 11], NOT_COUNTED),
        ([1.5, 2.5, 3.5], [], NOT_COUNTED),
    ],
    ids=["a rate each 5 s", "bytes each 10 s", "no bytes"],
)
def test_without_rates_and_bytes_by_the_second_there_is_no_grade(
    tmp_path: Path, told: list[float], measured: list[int], why: str
) -> None:
    (tmp_path / "getstats.ndjson").write_text("".join(counted(at, at * 100_000) for at in measured))
    (tmp_path / "ws.ndjson").write_text("".join(rate(at, 800_000) for at in told))
    (tmp_path / "rest.ndjson").write_text(STREAM)
    with wcs.open(tmp_path) as lake:
        assert grades(lake) == [{"direction": "in", "why": why, "streams": 1, "n": 0, "mostly_bad": 0}]
