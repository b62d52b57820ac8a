"""Client metric batches: the rules by which they are decoded, and the real frames of the captures."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from wcsanalytics import clock
from wcsanalytics.formats.decoding import BadBody
from wcsanalytics.formats.metric_batches import MetricBatches
from wcsanalytics.formats.reading import Place
from wcsanalytics.formats.samples import Run, Samples

CAPTURES = Path(__file__).parents[1].parent / "shared" / "captures"
AT = 1_773_479_720_000_000
STREAM = "52d84560-1f86-11f1-ab7d-5a3c91e07b24"
SENT, RTT = "outbound-rtp.OT01V7.packetsSent", "remote-inbound-rtp.RIV7.roundTripTime"


def described(*headers: str, **more: Any) -> MetricBatches:
    batches = MetricBatches()
    batches.description({"headers": ",".join(headers), "mediaSessionId": STREAM, **more})
    return batches


def batch(*rows: str) -> dict[str, Any]:
    return {"mediaSessionId": STREAM, "metrics": json.dumps(rows)}


def rows_of(runs: list[Run]) -> list[tuple[Any, ...]]:
    """Second before or after AT, whether that is estimated, metric, and value or word of each sample, in order."""
    samples = Samples("source")
    samples.add(runs, Place(1, 0, 0))
    return sorted(
        (
            None if row["sampled_at"] is None else round(row["sampled_at"].timestamp() - AT / 1e6, 3),
            row["estimated"],
            row["metric"],
            row["value"] if row["text"] is None else row["text"],
        )
        for made in samples.batch()
        for row in made.rows.to_pylist()
    )


def test_a_batch_goes_by_the_latest_description_of_its_stream() -> None:
    batches = described(SENT)
    batches.description({"headers": RTT, "mediaSessionId": "another"})
    assert rows_of(batches.batch(AT, batch("120"))) == [(0.0, True, "packetsSent", 120.0)]

    batches.description({"headers": RTT, "mediaSessionId": STREAM})

    assert rows_of(batches.batch(AT, batch("0.041"))) == [(0.0, True, "roundTripTime", 0.041)]


def test_an_id_with_a_dot_has_no_column() -> None:
    batches = described(SENT, "codec.C.1.clockRate", RTT)

    assert rows_of(batches.batch(AT, batch("120;0.041"))) == [
        (0.0, True, "packetsSent", 120.0),
        (0.0, True, "roundTripTime", 0.041),
    ]


def test_an_empty_value_is_that_of_the_row_before_within_its_batch() -> None:
    batches = described(SENT, RTT)

    first = rows_of(batches.batch(AT, batch("120;0.041", "158;", ";0.05")))
    second = rows_of(batches.batch(AT, batch("190;")))

    assert first == [
        (-2.0, True, "packetsSent", 120.0), (-2.0, True, "roundTripTime", 0.041),
        (-1.0, True, "packetsSent", 158.0), (-1.0, True, "roundTripTime", 0.041),
        (0.0, True, "packetsSent", 158.0), (0.0, True, "roundTripTime", 0.05),
    ]  # fmt: skip
    assert second == [(0.0, True, "packetsSent", 190.0)]


def test_objects_are_metrics_of_their_own_and_switches_are_numbers() -> None:
    batches = described("outbound-rtp.OT01V7.qualityLimitationDurations", "outbound-rtp.OT01V7.isOn", SENT)

    assert rows_of(batches.batch(AT, batch('{"cpu":0.5,"none":1};true;7'))) == [
        (0.0, True, "isOn", 1.0),
        (0.0, True, "packetsSent", 7.0),
        (0.0, True, "qualityLimitationDurations.cpu", 0.5),
        (0.0, True, "qualityLimitationDurations.none", 1.0),
    ]


def test_a_text_may_hold_the_separator() -> None:
    batches = described("inbound-rtp.IT01A7.sdpFmtpLine", "inbound-rtp.IT01A7.packetsLost")

    assert rows_of(batches.batch(AT, batch("minptime=10;useinbandfec=1;3"))) == [(0.0, True, "packetsLost", 3.0)]
    assert batches.bad_rows == 0


def test_a_row_that_does_not_fit_is_left_out_with_what_goes_back_to_it() -> None:
    batches = described(SENT, RTT)

    runs = batches.batch(AT, batch("120;0.041", "1;2;3", "158;", "160;0.05"))

    assert batches.bad_rows == 1
    assert rows_of(runs) == [
        (-3.0, True, "packetsSent", 120.0),
        (-3.0, True, "roundTripTime", 0.041),
        (-1.0, True, "packetsSent", 158.0),
        (0.0, True, "packetsSent", 160.0),
        (0.0, True, "roundTripTime", 0.05),
    ]


def test_a_time_that_was_asked_for_is_no_estimate() -> None:
    batches = described("outbound-rtp.OT01V7.timestamp", SENT, RTT, "remote-inbound-rtp.RIV7.timestamp")

    assert rows_of(batches.batch(AT, batch("1773479719000.5;120;0.041;1773479718000"))) == [
        (-2.0, False, "roundTripTime", 0.041),
        (-1.0, False, "packetsSent", 120.0),
    ]


def test_the_server_tells_the_time_between_rows() -> None:
    batches = described(SENT)
    batches.setting("webRTCMetricsDescriptionUpdate", {"collect": "on", "sampling": 250})

    assert rows_of(batches.batch(AT, batch("1", "2"))) == [
        (-0.25, True, "packetsSent", 1.0),
        (0.0, True, "packetsSent", 2.0),
    ]
    assert rows_of(batches.batch(None, batch("3"))) == [(None, True, "packetsSent", 3.0)]


def test_a_description_may_be_empty() -> None:
    assert rows_of(described("").batch(AT, batch(""))) == []


def test_what_unpacks_to_too_much_is_refused() -> None:
    bomb = base64.b64encode(gzip.compress(b"[" + b" " * (33 << 20) + b"]")).decode()

    with pytest.raises(BadBody, match="bad_batch"):
        described(SENT, compression="gzip").batch(AT, {"mediaSessionId": STREAM, "metrics": bomb})


@pytest.mark.parametrize("metrics", [None, 5, "", "{}", "[1]", "H4sI!"])
@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_what_is_no_batch_is_refused(metrics: object, compression: str) -> None:
    with pytest.raises(BadBody, match="bad_batch"):
        described(SENT, compression=compression).batch(AT, {"mediaSessionId": STREAM, "metrics": metrics})
    with pytest.raises(BadBody, match="no_description"):
        MetricBatches().batch(AT, {"mediaSessionId": STREAM, "metrics": metrics})


def messages(scenario: str) -> list[tuple[str, dict[str, Any], datetime]]:
    """Name, data and time of each message of the real client about metrics."""
    lines = (CAPTURES / scenario / "ws.ndjson").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    frames = [(json.loads(one["raw"]), one["ts"]) for one in told if "webRTCMetrics" in one.get("raw", "")]
    return [
        (frame["message"], frame["data"][0], datetime.fromisoformat(at))
        for frame, at in frames
        if frame["message"] in ("webRTCMetricsClientDescription", "webRTCMetricsBatch")
    ]


def decoded(scenario: str) -> list[dict[str, Any]]:
    batches, samples = MetricBatches(), Samples("source")
    for line, (name, data, at) in enumerate(messages(scenario), 1):
        at_us = clock.instant(at.isoformat())
        if name == "webRTCMetricsBatch":
            samples.add(batches.batch(at_us, data), Place(line, line, 0))
        else:
            batches.description(data)
    assert batches.bad_rows == 0
    return [row for made in samples.batch() for row in made.rows.to_pylist()]


@pytest.mark.skipif(not CAPTURES.exists(), reason="the captures are not beside this repository")
@pytest.mark.parametrize("scenario", ["rtc_metrics_ws_none", "rtc_metrics_ws_gzip"])
def test_each_frame_of_a_capture_decodes_to_the_values_it_holds(scenario: str) -> None:
    headers: dict[str, list[str]] = {}
    wanted = []
    for name, data, at in messages(scenario):
        stream = data["mediaSessionId"]
        if name == "webRTCMetricsClientDescription":
            headers[stream] = data["headers"].split(",")
            continue
        packed = data["metrics"]
        table = json.loads(gzip.decompress(base64.b64decode(packed)) if scenario.endswith("gzip") else packed)
        before = [""] * len(headers[stream])
        for index, row in enumerate(table):
            before = [new or old for new, old in zip(row.split(";"), before, strict=True)]
            seconds = at.timestamp() - (len(table) - 1 - index)
            for header, value in zip(headers[stream], before, strict=True):
                _, report_id, metric = header.split(".")
                values = json.loads(value) if value.startswith("{") else {"": value}
                wanted += [
                    (stream, report_id, f"{metric}.{part}".rstrip("."), str(one), round(seconds, 3))
                    for part, one in values.items()
                ]

    found = [
        (row["media_session_id"], row["report_id"], row["metric"], row["text"] or row["value"], row["sampled_at"])
        for row in decoded(scenario)
    ]

    def comparable(rows: list[Any]) -> list[Any]:
        return sorted((*row[:3], str(float(row[3])) if row[3] != "none" else "none", row[4]) for row in rows)

    assert len(found) > 600
    assert comparable([(*row[:4], round(row[4].timestamp(), 3)) for row in found]) == comparable(wanted)
    assert all(row["estimated"] for row in decoded(scenario))


@pytest.mark.skipif(not CAPTURES.exists(), reason="the captures are not beside this repository")
def test_the_first_full_batch_of_the_player() -> None:
    """Three rows of 20 columns, of which the last two repeat what has not changed."""
    rows = [row for row in decoded("rtc_metrics_ws_none") if row["media_session_id"].startswith("5a032f50")]
    first = min(row["line"] for row in rows if row["report_id"] == "IT01A3553204252")
    told = {
        metric: [row["value"] for row in sorted(rows, key=lambda row: row["sampled_at"])
                 if row["line"] == first and row["metric"] == metric and row["report_id"] == report]
        for report, metric in [("IT01A3553204252", "packetsReceived"), ("IT01A3553204252", "jitter"),
                               ("IT01V1176806434", "framesDecoded"), ("IT01V1176806434", "packetsLost")]
    }  # fmt: skip

    assert told == {
        "packetsReceived": [51, 101, 151],
        "jitter": [0.001, 0, 0.001],
        "framesDecoded": [21, 40, 60],
        "packetsLost": [0, 0, 0],
    }
