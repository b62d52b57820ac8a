"""Measured values in the store: what belongs to a stream, what is counted between two samples, and what they tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from tests.benchmarks.samples import samples_scanned
from tests.support import DATED, lake_of, new_store, only, rows, sent, take_in, told
from wcsanalytics.lake import Lake

CASES = Path(__file__).parent / "cases"
CAPTURES = Path(__file__).parents[1].parent / "shared" / "captures"
STREAM = "52d84560-1f86-11f1-ab7d-5a3c91e07b24"
NOON_MS = 1_773_489_600_000  # 2026-03-14 12:00:00 UTC


def native(second: float, stream: str | None = STREAM, at: float | None = None, **reports: dict[str, Any]) -> str:
    """A line with these reports of one getStats result, at this second after noon; a name `in_rtp_a` is an id."""
    ms = NOON_MS + second * 1000
    made = {name: {"timestamp": ms, **report} for name, report in reports.items()}
    ids = {"mediaSessionId": stream} if stream else {"key": "pl"}
    return json.dumps({"ts": ms if at is None else at, **ids, "stats": made}) + "\n"


def received(packets: int, lost: int, ssrc: int = 5, **more: Any) -> dict[str, Any]:
    return {
        "type": "inbound-rtp",
        "kind": "audio",
        "ssrc": ssrc,
        "packetsReceived": packets,
        "packetsLost": lost,
    } | more


def lake_over(folder: Path, *texts: str) -> Lake:
    return lake_of(folder, *texts)


INTERVALS = ("interval_s", "epoch", "packets_received", "packets_lost", "loss_ratio")


def test_loss_is_lost_of_lost_and_received_between_two_samples(tmp_path: Path) -> None:
    with lake_over(
        tmp_path,
        "".join(
            [
                native(0, A=received(100, 0)),
                native(1, A=received(190, 10)),
                native(3, A=received(190, 10)),
                native(4, A=received(226, 10)),
            ]
        ),
    ) as lake:
        found = [row[1:] for row in rows(lake, "media_intervals", "until_at", *INTERVALS)]
        quality = only(lake, "media_quality", "packets_received", "packets_lost", "loss_ratio", "n", "measured_by")

    assert found == [
        (None, 0, None, None, None),
        (1.0, 0, 90, 10, 0.1),
        (2.0, 0, 0, 0, None),
        (1.0, 0, 36, 0, 0.0),
    ]  # fmt: skip
    assert quality == (226, 10, 10 / 236, 4, "native_stats")


@pytest.mark.parametrize(
    ("second", "why"),
    [(received(40, 1), "less than before"), (received(140, 1, ssrc=6), "another SSRC"),
     (received(140, 1, codecId="C2"), "another codec")],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_an_epoch_is_never_bridged(tmp_path: Path, second: dict[str, Any], why: str) -> None:
    codecs = {name: {"type": "codec", "mimeType": f"audio/{name}"} for name in ("C1", "C2")}
    first = received(100, 5, codecId="C1")
    last = second | {"packetsReceived": second["packetsReceived"] + 50}
    texts = (native(0, A=first, **codecs), native(1, A={"codecId": "C1"} | second, **codecs),
             native(2, A={"codecId": "C1"} | last, **codecs))  # fmt: skip
    with lake_over(tmp_path, "".join(texts)) as lake:
        found = rows(lake, "media_intervals", "until_at", *INTERVALS)
        totals = only(lake, "media_quality", "packets_received", "packets_lost")
        rates = rows(lake, "media_rates", "metric", "epoch", "delta", "rate")

    assert [row[1:4] for row in found] == [(None, 0, None), (None, 1, None), (1.0, 1, 50)], why
    assert totals == (100 + second["packetsReceived"] + 50, 6)
    assert rates == [("packetsLost", 1, 0.0, 0.0), ("packetsReceived", 1, 50.0, 50.0)]


def test_packets_that_came_late_are_no_new_epoch(tmp_path: Path) -> None:
    lines = [native(0, A=received(100, 5)), native(1, A=received(200, 8)), native(2, A=received(300, 3))]
    with lake_over(tmp_path, "".join(lines)) as lake:
        found = rows(lake, "media_intervals", "until_at", *INTERVALS)

    assert [row[2:5] for row in found] == [(0, None, None), (0, 100, 3), (0, 100, -5)]


def test_what_is_told_again_is_no_interval(tmp_path: Path) -> None:
    far = {"type": "remote-inbound-rtp", "kind": "audio", "ssrc": 5, "packetsLost": 1, "timestamp": NOON_MS}
    lines = [native(0, R=far), native(1, R=far), native(2, R=far | {"timestamp": NOON_MS + 2000, "packetsLost": 4})]
    with lake_over(tmp_path, "".join(lines)) as lake:
        found = rows(lake, "media_rates", "interval_s", "delta")

    assert found == [(2.0, 3.0)]


def test_round_trips_are_the_mean_of_an_interval_and_jitter_its_end(tmp_path: Path) -> None:
    def far(second: float, total: float, times: int, jitter: float) -> str:
        out = {"type": "outbound-rtp", "kind": "audio", "ssrc": 5, "packetsSent": int(second * 50) + 50}
        report = {"type": "remote-inbound-rtp", "kind": "audio", "ssrc": 5, "packetsLost": times, "jitter": jitter,
                  "roundTripTime": 9.0, "totalRoundTripTime": total, "roundTripTimeMeasurements": times}  # fmt: skip
        return native(second, O=out, R=report)

    with lake_over(tmp_path, far(0, 0.1, 1, 0.002) + far(1, 0.34, 3, 0.004) + far(2, 0.4, 4, 0.006)) as lake:
        intervals = rows(
            lake, "media_intervals where report_type = 'remote-inbound-rtp'", "until_at", "rtt_ms", "jitter_ms"
        )
        quality = only(lake, "media_quality", "direction", "packets_sent", "loss_ratio", "jitter_p95_ms", "rtt_p50_ms")

    assert [(None if rtt is None else round(rtt, 6), jitter) for _, rtt, jitter in intervals] == [
        (9000.0, 2.0), (120.0, 4.0), (60.0, 6.0),
    ]  # fmt: skip
    assert quality[:3] == ("out", 150, 4 / 150)
    assert [round(value, 6) for value in quality[3:]] == [5.8, 120.0]


def test_what_a_player_made_of_what_came_is_counted_in_each_epoch(tmp_path: Path) -> None:
    def heard(second: float, concealed: int, silent: int, samples: int, held_s: float, **more: Any) -> str:
        counters = {"concealedSamples": concealed, "silentConcealedSamples": silent, "totalSamplesReceived": samples,
                    "insertedSamplesForDeceleration": concealed // 10, "removedSamplesForAcceleration": 0,
                    "jitterBufferDelay": held_s, "jitterBufferEmittedCount": samples}  # fmt: skip
        return native(second, A=received(samples // 960, 0, **counters, **more))

    # one second of 1 % concealed; the player begins anew; one second of 10 %, in a buffer of 200 ms
    lines = [
        heard(0, 0, 0, 48_000, 1920), heard(1, 480, 240, 96_000, 4800),
        heard(2, 100, 0, 1000, 200, ssrc=6), heard(3, 4900, 0, 49_000, 9800, ssrc=6),
    ]  # fmt: skip
    with lake_over(tmp_path, "".join(lines)) as lake:
        intervals = rows(lake, "media_intervals", "until_at", "concealed_ratio", "jitter_buffer_ms")
        quality = only(
            lake, "media_quality", "concealed_ratio", "audible_concealed_ratio", "corrected_ratio", "jitter_buffer_ms"
        )

    assert [(concealed, held and round(held, 6)) for _, concealed, held in intervals] == [
        (None, None), (0.01, 60.0), (None, None), (0.1, 200.0),
    ]  # fmt: skip
    of = 96_000 + 49_000
    assert quality == pytest.approx((5380 / of, 5140 / of, 538 / of, (4800 + 9800) * 1000 / of))


def test_freezes_and_frames_are_as_a_viewer_sees_them(tmp_path: Path) -> None:
    def shown(second: float, freezes: int, frozen: float, between: float, squared: float, **more: Any) -> str:
        counters = {"freezeCount": freezes, "totalFreezesDuration": frozen, "totalInterFrameDelay": between,
                    "totalSquaredInterFrameDelay": squared, "framesPerSecond": 20, **more}  # fmt: skip
        return native(second, V=received(1000, 0, kind="video", **counters))

    # between both: frames 0.04, 0.04 and 0.2 s apart, the last a freeze; a picture is asked for once, packets thrice
    lines = [
        shown(0, 0, 0, 1.0, 0.04, nackCount=2, pliCount=0, firCount=0, bytesReceived=1000),
        shown(2, 1, 0.2, 1.28, 0.0832, nackCount=5, pliCount=1, firCount=0, bytesReceived=26_000),
    ]  # fmt: skip
    with lake_over(tmp_path, "".join(lines)) as lake:
        columns = ("freezes", "frozen_s", "harmonic_fps", "frames_per_second", "bitrate", "nacks", "plis", "firs")
        before, between = rows(lake, "media_intervals", "until_at", *columns)
        names = ("freezes", "frozen_ratio", "freeze_mean_ms", "harmonic_fps", "bitrate", "nacks", "plis")
        quality = only(lake, "media_quality", *names)

    assert before[1:4] + before[6:] == (None, None, None, None, None, None)
    assert between[1:] == pytest.approx((1, 0.2, 0.28 / 0.0432, 20, 100_000, 3, 1, 0))
    assert quality == pytest.approx((1, 0.2 / 1.28, 200, 1.28 / 0.0832, 100_000, 5, 1))


def test_frames_are_counted_where_a_browser_tells_no_rate(tmp_path: Path) -> None:
    # 40 frames in the first two seconds; a second without any, in which Chromium tells no rate; 5 in the last
    told = [{"framesDecoded": 100, "framesPerSecond": 20}, {"framesDecoded": 140, "framesPerSecond": 20},
            {"framesDecoded": 140}, {"framesDecoded": 145, "framesPerSecond": 5}]  # fmt: skip
    lines = [
        native(second, V=received(1000, 0, kind="video", **counters))
        for second, counters in zip((0, 2, 3, 4), told, strict=True)
    ]
    with lake_over(tmp_path, "".join(lines)) as lake:
        told = rows(lake, "media_intervals", "until_at", "frames_per_second")
        assert [frames for _, frames in told] == [20.0, 20.0, 0.0, 5.0]
        assert only(lake, "media_quality", "frames_per_second") == (45 / 4,)


@pytest.mark.parametrize(
    ("lost", "events", "burst"),
    # G.107's own case: 20 lost of 1000 in 10 events; fewer lost than events are told by late packets, not by bursts
    [(20, 10, 1.96), (20, 40, 1.0), (20, None, None), (20, 0, None), (0, 3, None)],
)
def test_losses_in_a_row_are_told_by_concealment(
    tmp_path: Path, lost: int, events: int | None, burst: float | None
) -> None:
    counted = {} if events is None else {"concealmentEvents": events}
    with lake_over(tmp_path, native(1, A=received(1000 - lost, lost, **counted))) as lake:
        (told,) = only(lake, "media_quality", "burst_ratio")
    assert told == (burst and pytest.approx(burst))


@pytest.mark.parametrize(
    ("report", "codec"),
    [
        ({"codecId": "C", "C": {"type": "codec", "mimeType": "audio/opus"}}, "opus"),
        ({"codecId": "COT01_111_minptime=10"}, None),
        ({}, None),
    ],
    ids=["told by its report", "only an id", "not told"],
)
def test_the_codec_is_that_of_the_report(tmp_path: Path, report: dict[str, Any], codec: str | None) -> None:
    told_codecs = {"C": report.pop("C")} if "C" in report else {}
    with lake_over(tmp_path, native(0, A=received(1, 0, **report), **told_codecs)) as lake:
        assert only(lake, "media_quality", "codec") == (codec,)


def test_the_codec_of_the_sdk_is_the_first_of_the_other_side(tmp_path: Path) -> None:
    line = {"ts": NOON_MS, "mediaSessionId": STREAM,
            "sdk": {"inboundStream": {"audio": {"codec": "PCMU", "packetsReceived": 9, "packetsLost": 0}},
                    "outboundStream": {}}}  # fmt: skip
    with lake_over(tmp_path, json.dumps(line) + "\n") as lake:
        assert only(lake, "media_quality", "codec", "jitter_p95_ms", "concealed_ratio") == ("PCMU", None, None)


def test_where_several_measured_it_the_one_that_tells_most_speaks(tmp_path: Path) -> None:
    def both(second: int) -> str:
        line = json.loads(native(second, A=received(100 + second, 0, jitter=0.5)))
        line["sdk"] = {"inboundStream": {"audio": {"packetsReceived": 1000, "packetsLost": 0}}, "outboundStream": {}}
        return json.dumps(line) + "\n"

    with lake_over(tmp_path, both(0) + both(1)) as lake:
        assert only(lake, "media_quality", "measured_by", "packets_received") == ("native_stats", 101)


def test_what_nobody_counted_as_lost_is_no_loss_of_nothing(tmp_path: Path) -> None:
    # the SDK tells how much it sent, and nothing of what the far end lost
    sdk = {"outboundStream": {"audio": {"codec": "PCMU", "packetsSent": 900}}, "inboundStream": {}}
    line = {"ts": NOON_MS, "mediaSessionId": STREAM, "sdk": sdk}
    received_only = native(0, "other", A={"type": "inbound-rtp", "kind": "audio", "ssrc": 5, "packetsReceived": 900})
    with lake_over(tmp_path, json.dumps(line) + "\n", received_only) as lake:
        found = rows(lake, "media_quality", "direction", "packets_sent", "packets_received", "loss_ratio")

    assert found == [("in", None, 900, None), ("out", 900, None, None)]


def test_samples_stand_under_the_key_of_the_stream_that_hooks_tell(tmp_path: Path) -> None:
    hooks = sent("12:00:00,000", "publishStream", session="s1", stream=STREAM, name="cam", published=True)
    with lake_over(tmp_path, hooks, native(1, A=received(1, 0)) + native(2, "another", A=received(1, 0))) as lake:
        keys = rows(lake, "streams", "stream_key", "session_key")
        found = rows(lake, "media_samples", "distinct media_session_id", "stream_key", "session_key")
        (picked,) = rows(lake, f"media_samples where stream_key = '{keys[0][0]}'", "count(*)")

    assert [(row[1], row[2]) for row in found if row[0] == STREAM] == keys
    assert [row[2] for row in found if row[0] == "another"] == [None]
    assert picked == (2,)


def test_a_stream_id_that_is_used_again_parts_its_samples(tmp_path: Path) -> None:
    def life(minute: int) -> Iterable[str]:
        yield told(f"12:{minute:02}:00,000", "playStream", session="s1", stream=STREAM, name="cam", published=False)
        status = {"session": "s1", "stream": STREAM, "name": "cam", "published": False}
        yield told(f"12:{minute:02}:01,000", "StreamStatusEvent", status="PLAYING", **status)
        yield told(f"12:{minute:02}:30,000", "StreamStatusEvent", status="STOPPED", **status)

    samples = "".join(native(second, A=received(second, 0)) for second in (5, 10, 605))
    with lake_over(tmp_path, "".join([*life(0), *life(10)]), samples) as lake:
        lives = rows(lake, "streams", "requested_at", "stream_key")
        found = rows(lake, "media_samples where metric = 'packetsReceived'", "sampled_at", "stream_key")

    assert len({key for _, key in lives}) == 2
    assert [key for _, key in found] == [lives[0][1], lives[0][1], lives[1][1]]


def test_samples_stand_under_the_key_of_the_call_that_hooks_tell(tmp_path: Path) -> None:
    hooks = sent("12:00:00,000", "call", session="s1", call="c1", caller="1001", callee="1002")
    with lake_over(
        tmp_path, hooks, native(1, A=received(1, 0)).replace("mediaSessionId", "callId").replace(STREAM, "c1")
    ) as lake:
        assert rows(lake, "media_samples", "distinct call_key") == rows(lake, "calls", "call_key")


def test_connections_without_an_id_are_told_apart_by_their_names(tmp_path: Path) -> None:
    def of(key: str, packets: int) -> str:
        return native(packets, None, A=received(packets, 0)).replace('"pl"', f'"{key}"')

    with lake_over(tmp_path, of("a", 1) + of("b", 5) + of("a", 11) + of("b", 7)) as lake:
        found = rows(lake, "media_quality", "peer", "stream_key", "packets_received")
        deltas = rows(lake, "media_rates where metric = 'packetsReceived'", "peer", "delta")

    assert found == [("a", None, 11), ("b", None, 7)]
    assert deltas == [("a", 10.0), ("b", 2.0)]


def test_a_file_that_grows_is_stored_once(tmp_path: Path) -> None:
    data = (CASES / "rtcstats" / "named.ndjson").read_text()
    store, path = new_store(tmp_path), tmp_path / "dump"
    for end in (900, 1300, len(data), len(data)):
        path.write_text(data[:end])
        take_in(store, path)
    with Lake(store) as lake:
        grown = rows(lake, "media_samples", "line", "metric", "value", "ssrc", "sampled_at", "codec")
        records = only(lake, "sources", "records", "pending")
    (tmp_path / "whole").mkdir()
    with lake_of(tmp_path / "whole", data) as lake:
        assert grown == rows(lake, "media_samples", "line", "metric", "value", "ssrc", "sampled_at", "codec")

    assert records == (4, 0)


TOTALS = ("kind", "direction", "packets_received", "packets_lost", "packets_sent")


@pytest.mark.parametrize(
    ("dump", "wanted"),
    [
        # SSRC 11: 190 received, 10 lost; SSRC 12: 125 and 5; sent 270, of which the far end lost 3
        ("named.ndjson", [("audio", "in", 315, 15, None), ("audio", "out", None, 3, 270)]),
        # SSRC 501: 260 received, 2 lost; SSRC 502: 70 and 7; sent 400
        ("numbered.txt", [("video", "in", 330, 9, None), ("video", "out", None, None, 400)]),
    ],
)
def test_totals_of_an_rtcstats_dump(tmp_path: Path, dump: str, wanted: list[tuple[Any, ...]]) -> None:
    store = new_store(tmp_path)
    take_in(store, CASES / "rtcstats" / dump)
    with Lake(store) as lake:
        assert rows(lake, "media_quality", *TOTALS) == wanted
        first, last = only(lake, "sources", "first_at", "last_at")

    assert last - first < timedelta(seconds=5)  # the second clock, 486 days off, dates nothing


def test_a_server_is_measured(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, CASES / "stat_page" / "polled.ndjson")
    with Lake(store) as lake:
        found = rows(lake, "server_samples where metric = 'connections'", "value", "metric_group", "estimated")

    assert found == [(14.0, "connections_stats", False), (15.0, "connections_stats", False),
                     (16.0, "connections_stats", False)]  # fmt: skip


needs_captures = pytest.mark.skipif(not CAPTURES.exists(), reason="the captures are not beside this repository")
PHASES = ["clean", "uplink-loss-8pct", "downlink-loss-10pct-delay60-jitter40", "downlink-loss-60pct", "recovered"]


@pytest.fixture(scope="module")
def lossy(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    store = new_store(tmp_path_factory.mktemp("lossy"))
    take_in(store, CAPTURES / "publish_play_loss" / "getstats.ndjson")
    return Lake(store)


def by_hand(page: str, kind: str, form: Callable[[dict[str, Any]], dict[str, Any]]) -> list[tuple[str, int, int]]:
    """Phase, lost and received of each interval between two lines of a page, as its file holds them."""
    lines = (CAPTURES / "publish_play_loss" / "getstats.ndjson").read_text(encoding="utf-8").splitlines()
    of_page = [one for one in map(json.loads, lines) if one["page"] == page]
    counts = [(one["phase"], form(one)) for one in of_page]
    return [
        (phase, now["packetsLost"] - before["packetsLost"], now["packetsReceived"] - before["packetsReceived"])
        for (_, before), (phase, now) in pairwise(counts)
    ]


@needs_captures
@pytest.mark.parametrize("measured_by", ["sdk_stats", "native_stats"])
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_loss_of_each_interval_of_a_real_player(lossy: Lake, kind: str, measured_by: str) -> None:
    def form(line: dict[str, Any]) -> dict[str, Any]:
        if measured_by == "sdk_stats":
            return line["sdk"]["inboundStream"][kind]
        return next(one for one in line["native"]["inbound-rtp"] if one["kind"] == kind)

    wanted = by_hand("player", kind, form)
    query = """select packets_lost, packets_received, loss_ratio from media_intervals
               where peer = 'player/pl' and kind = $kind and measured_by = $by and direction = 'in'
                 and packets_received is not null and since_at is not null order by until_at"""
    found = [tuple(row.values()) for row in lossy.sql(query, kind=kind, by=measured_by).arrow().to_pylist()]

    assert len(found) == 28
    assert found == [(lost, got, lost / (lost + got) if lost + got else None) for _, lost, got in wanted]
    losses = {phase: [lost / (lost + got) for name, lost, got in wanted if name == phase] for phase in PHASES}
    means = [mean(losses[phase]) for phase in PHASES]
    assert means[0] == means[1] == 0 < means[4] < means[2] < means[3]


@needs_captures
def test_totals_of_a_real_player_and_publisher(lossy: Lake) -> None:
    assert rows(
        lossy, "media_quality", "peer", "kind", "direction", "packets_lost", "packets_received", "packets_sent"
    ) == [
        ("player/pl", "audio", "in", 200, 1293, None),
        ("player/pl", "video", "in", 64, 876, None),
        ("publisher/pub", "audio", "out", 22, None, 1506),
        ("publisher/pub", "video", "out", 24, None, 1817),
    ]


@needs_captures
def test_what_a_real_player_made_of_its_packets(lossy: Lake) -> None:
    # the last counters of the player in getstats.ndjson, and a codec report beside them
    query = """select kind, codec, concealed_ratio, audible_concealed_ratio, corrected_ratio, jitter_buffer_ms, freezes,
                      frozen_ratio, freeze_mean_ms, harmonic_fps, nacks, plis
               from media_quality where peer = 'player/pl' order by kind"""
    audio, video = (tuple(row.values()) for row in lossy.sql(query).arrow().to_pylist())

    assert audio[:2] == ("audio", "opus")
    assert audio[2:6] == pytest.approx(
        (194_404 / 1_433_280, 176_764 / 1_433_280, 22_067 / 1_433_280, 122.0895), rel=1e-6
    )
    assert audio[6:] == (None,) * 6
    assert video[:2] == ("video", "VP8")
    assert video[6:] == pytest.approx((10, 5.587 / 29.826, 558.7, 29.826 / 6.141788, 142, 0), rel=1e-6)


def test_one_stream_is_read_back_without_reading_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("parts", "merging"):
        monkeypatch.setattr(f"wcsanalytics.store.{room}.ROW_GROUP", 80)
    store = new_store(tmp_path)
    for number in range(12):
        path = tmp_path / f"{number}.ndjson"
        path.write_text("".join(native(second, f"stream {number}", A=received(second, 0)) for second in range(40)))
        take_in(store, path)
    hooks = tmp_path / "flashphoner.log"
    hooks.write_text(sent("12:00:00,000", "playStream", session="s1", stream="stream 7", name="cam", published=False))
    take_in(store, hooks, settings=DATED)
    with Lake(store) as lake:
        linked = only(lake, "streams", "stream_key")[0]
        (alone,) = rows(lake, "media_samples where media_session_id = 'stream 3'", "distinct stream_key")[0]
        for key in (linked, alone):
            query = f"select value from media_samples where stream_key = '{key}'"
            assert len(lake.sql(query).arrow()) == 80
            assert samples_scanned(lake, query) <= 240
