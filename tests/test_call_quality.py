"""Call quality: the real client's calls by hand, the standards' own cases, and what holds whatever happened."""

import json
import random
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_data.generate import generate
from tests.support import lake_of, new_store, take_in, told
from wcsanalytics import api
from wcsanalytics.errors import SourceError, UnknownName, WcsAnalyticsError
from wcsanalytics.intake import Settings
from wcsanalytics.lake import Lake
from wcsanalytics.quality import codec_named, product_scores, rate
from wcsanalytics.reports.call_measures import MEDIA

CAPTURES = Path(__file__).parents[1].parent / "shared" / "captures"
LOSSY = Path(__file__).parents[1] / "sample_data" / "captures" / "publish_play_loss"
RECORDED = Settings(dates=(("*", date(2026, 11, 23)),), zones=(("*", ZoneInfo("UTC")),))
PHONE = "/198.51.100.1:1001/203.0.113.10:8443-a"
MEDIA_NAMES = {measure.name for measure in MEDIA}

# Read off the messages in each scenario's ws.ndjson, by hand; times in ms, of which the hooks may differ by a few,
# since the server tells its backend just before or after it tells the client.
BY_HAND = [
    ("call_outgoing", "840f7f60", {
        "direction": "out", "outcome": "answered", "decided_by": "path", "ended_how": "asked", "dropped": False,
        "sip_status": 200, "holds": 1, "dtmf_count": 3, "transfers": 0,
    }, {"post_dial_ms": 140, "ring_ms": 815, "setup_ms": 955, "hold_ms": 822, "talk_ms": 6604, "disconnect_ms": 16}),
    ("call_incoming", "1fe894cc", {
        "direction": "in", "outcome": "answered", "decided_by": "path", "ended_how": "asked", "dropped": False,
        "sip_status": 200, "holds": 0, "dtmf_count": 0, "transfers": 0,
    }, {"post_dial_ms": None, "ring_ms": 817, "setup_ms": 817, "hold_ms": 0, "talk_ms": 4987, "disconnect_ms": 21}),
    ("call_incoming", "d4d4e6a5", {
        "direction": "in", "outcome": "declined", "decided_by": "path", "ended_how": "asked", "dropped": None,
        "sip_status": 487, "holds": 0, "dtmf_count": 0, "transfers": 0,
    }, {"post_dial_ms": None, "ring_ms": 532, "setup_ms": None, "hold_ms": 0, "talk_ms": None, "disconnect_ms": 12}),
    ("call_transfer", "920edf20", {
        "direction": "out", "outcome": "answered", "decided_by": "path", "ended_how": "far_end", "dropped": False,
        "sip_status": 200, "holds": 1, "dtmf_count": 0, "transfers": 1,
    }, {"post_dial_ms": 139, "ring_ms": 773, "setup_ms": 912, "hold_ms": 968, "talk_ms": 1517, "disconnect_ms": None}),
    ("call_busy_failed_cancel", "8ec53260", {
        "direction": "out", "outcome": "busy", "decided_by": "sip_status", "ended_how": "far_end", "dropped": None,
        "sip_status": 486, "holds": 0, "dtmf_count": 0, "transfers": 0,
    }, {"post_dial_ms": None, "ring_ms": None, "setup_ms": None, "hold_ms": 0, "talk_ms": None, "disconnect_ms": None}),
    ("call_busy_failed_cancel", "8f3e5a00", {
        "direction": "out", "outcome": "refused", "decided_by": "sip_status", "ended_how": "failed", "dropped": None,
        "sip_status": 404, "holds": 0, "dtmf_count": 0, "transfers": 0,
    }, {"post_dial_ms": None, "ring_ms": None, "setup_ms": None, "hold_ms": 0, "talk_ms": None, "disconnect_ms": None}),
    ("call_busy_failed_cancel", "8f968c20", {
        "direction": "out", "outcome": "abandoned", "decided_by": "path", "ended_how": "asked", "dropped": None,
        "sip_status": 487, "holds": 0, "dtmf_count": 0, "transfers": 0,
    }, {"post_dial_ms": 148, "ring_ms": 1056, "setup_ms": None, "hold_ms": 0, "talk_ms": None, "disconnect_ms": 12}),
]  # fmt: skip

FIGURES_BY_HAND = [
    ("call_outgoing", {"asr": (1, 1), "ser": (1, 1), "seer": (1, 1), "isa": (0, 1), "scr": (1, 1), "ira": (0, 1)}),
    ("call_incoming", {"asr": (1, 2), "ner": (2, 2), "ser": None, "drop_rate": (0, 1)}),
    ("call_transfer", {"scr": (1, 1), "transfer_failure_rate": (0, 1), "hold_rate": (1, 1)}),
    ("call_busy_failed_cancel", {"asr": (0, 3), "ner": (1, 3), "ser": (0, 3), "seer": (1, 3), "drop_rate": None}),
]


def captured(scenario: str, folder: Path) -> Lake:
    if not CAPTURES.is_dir():
        pytest.skip("the captures are not beside this repository")
    store = new_store(folder)
    take_in(store, CAPTURES / scenario / "rest.ndjson", settings=RECORDED)
    return Lake(store)


@pytest.mark.parametrize(("scenario", "call", "facts", "times"), BY_HAND, ids=[f"{row[0]}-{row[1]}" for row in BY_HAND])
def test_calls_of_the_real_client_are_as_worked_out_by_hand(tmp_path, scenario, call, facts, times):
    with captured(scenario, tmp_path) as lake:
        rows = api.report("call-quality", lake).tables["calls"].arrow().to_pylist()
    (row,) = (row for row in rows if row["call_id"].startswith(call))
    row |= {f"{name}_ms": None if row[f"{name}_s"] is None else row[f"{name}_s"] * 1000 for name in ("hold", "talk")}

    assert {name: row[name] for name in facts} == facts
    assert {name: row[name] for name in times} == {
        name: None if ms is None else pytest.approx(ms, abs=25) for name, ms in times.items()
    }


@pytest.mark.parametrize(("scenario", "expected"), FIGURES_BY_HAND)
def test_figures_of_the_real_client_are_as_worked_out_by_hand(tmp_path, scenario, expected):
    with captured(scenario, tmp_path) as lake:
        figures = api.report("call-quality", lake).figures

    found = {name: (figures[name].value, figures[name].n) for name in expected}
    assert found == {name: (pytest.approx(of[0] / of[1]), of[1]) if of else (None, 0) for name, of in expected.items()}


Step = tuple[float, str, dict[str, object]]


def clock(seconds: float) -> str:
    whole, ms = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{ms:03}"


def log_of(calls: list[list[Step]], error_at: set[int] = frozenset()) -> str:
    """A log of calls out of one phone, each a list of (second of the day, hook, fields); number 0 is call c0."""
    steps = [
        (
            at,
            number,
            hook,
            {"session": PHONE, "call": f"c{number}", "caller": "1001", "callee": f"2{number:03}", **fields},
        )
        for number, call in enumerate(calls)
        for at, hook, fields in call
    ]
    return "".join(
        told(clock(at), hook, error=hook == "call" and number in error_at, **fields)
        for at, number, hook, fields in sorted(steps, key=lambda step: step[:2])
    )


def ending(at: float, sip: int | None, status: str = "FAILED", **fields: object) -> list[Step]:
    return [
        (at, "call", {"status": "PENDING"}),
        (at + 1, "CallStatusEvent", {"status": status, "sipStatus": sip, **fields}),
    ]


def talking(at: float, talk: float, *, last: tuple[str, str] = ("FINISH", "")) -> list[Step]:
    status, info = last
    return [
        (at, "call", {"status": "PENDING"}),
        (at + 1, "CallStatusEvent", {"status": "ESTABLISHED", "sipStatus": 200}),
        (at + 1 + talk, "CallStatusEvent", {"status": status, "sipStatus": 200, "info": info}),
    ]


def figures_of(folder: Path, log: str, **options: object) -> dict[str, tuple[float | None, int]]:
    with lake_of(folder, log) as lake:
        report = api.report("call-quality", lake, **options)
    return {name: (figure.value, figure.n) for name, figure in report.figures.items()}


def test_the_hundred_invites_of_rfc_6076(tmp_path):
    calls = [talking(36_000 + n, 30) for n in range(57)]
    calls += [talking(36_100 + n, 30, last=("FAILED", "Failed by RTP activity")) for n in range(3)]
    calls += [ending(36_200 + n, sip) for n, sip in enumerate([302] * 5 + [401] * 5 + [402] * 5 + [407] * 5)]
    calls += [ending(36_300 + n, 480, "FINISH") for n in range(4)] + [ending(36_310 + n, 486, "BUSY") for n in range(6)]
    calls += [ending(36_320 + n, 603) for n in range(2)] + [ending(36_330 + n, 408) for n in range(3)]
    calls += [ending(36_340, 503), *(ending(36_350 + n, 487, "FINISH") for n in range(4))]

    found = figures_of(tmp_path, log_of(calls))

    assert len(calls) == 100
    assert {name: found[name] for name in ("ser", "seer", "isa", "scr", "drop_rate_strict")} == {
        "ser": (0.75, 80), "seer": (0.9, 80), "isa": (0.04, 100), "scr": (0.57, 100), "drop_rate_strict": (0.05, 60),
    }  # fmt: skip


def test_the_hundred_bids_of_e_411(tmp_path):
    calls = [talking(36_000 + n, 180) for n in range(60)]
    calls += [ending(36_100 + n, 486, "BUSY") for n in range(10)]
    calls += [ringing_out(36_200 + n) for n in range(12)] + [ending(36_300 + n, 603) for n in range(4)]
    calls += [ending(36_400 + n, 404) for n in range(9)] + [[(36_500 + n, "call", {})] for n in range(5)]

    found = figures_of(tmp_path, log_of(calls, error_at=set(range(95, 100))))

    assert {name: found[name] for name in ("abr", "asr", "ner", "ccr", "acd_s", "busy_hour_erlang", "erlang")} == {
        "abr": (0.6, 100), "asr": (pytest.approx(0.631579, abs=1e-6), 95),
        "ner": (pytest.approx(0.905263, abs=1e-6), 95), "ccr": (0.6, 100),
        "acd_s": (180.0, 60), "busy_hour_erlang": (3.0, 60), "erlang": (3.0, 60),
    }  # fmt: skip


def ringing_out(at: float) -> list[Step]:
    return [
        (at, "call", {"status": "PENDING"}),
        (at + 2, "CallStatusEvent", {"status": "RING", "sipStatus": 180}),
        (at + 32, "CallStatusEvent", {"status": "FINISH", "sipStatus": 480}),
    ]


def test_ringing_counts_for_the_holding_time_and_not_for_the_talk(tmp_path):
    found = figures_of(tmp_path, log_of([ringing_out(36_000), talking(36_100, 90)]))

    assert (found["mht_s"], found["acd_s"], found["ring_p50_ms"]) == ((60.0, 2), (90.0, 1), (30_000.0, 1))


def test_delays_of_refused_calls_are_a_series_of_their_own(tmp_path):
    found = figures_of(tmp_path, log_of([ringing_out(36_000), ending(36_100, 404), ending(36_200, 407)]))

    assert (found["post_dial_p50_ms"], found["failed_dial_p50_ms"]) == ((2000.0, 1), (1000.0, 1))


def test_a_call_that_the_backend_refused_has_no_delay_of_its_session(tmp_path):
    log = log_of([[(36_000, "call", {"status": "PENDING"})]], error_at={0})
    log += told(clock(37_000), "ConnectionStatusEvent", session=PHONE, status="DISCONNECTED")

    assert figures_of(tmp_path, log)["failed_dial_p50_ms"] == (None, 0)


def test_a_call_from_before_the_capture_has_no_delay_of_its_beginning(tmp_path):
    rang: list[Step] = [(at, "CallStatusEvent", {"status": status}) for at, status in ((1, "RING"), (6, "ESTABLISHED"))]
    found = figures_of(tmp_path, log_of([rang]))

    assert {name: found[name] for name in ("post_dial_p50_ms", "setup_p50_ms", "ring_p50_ms")} == {
        "post_dial_p50_ms": (None, 0), "setup_p50_ms": (None, 0), "ring_p50_ms": (5000.0, 1),
    }  # fmt: skip


def test_hours_without_calls_around_them_thin_no_traffic(tmp_path):
    alone = told(clock(3600), "publishStream", session="s", stream="m", name="hall", published=True)

    assert figures_of(tmp_path, alone + log_of([talking(36_000, 1800)]))["erlang"] == (0.5, 1)


def test_traffic_is_shared_out_among_the_hours_of_a_call(tmp_path):
    with lake_of(tmp_path, log_of([talking(35_999 - 1800, 5400), talking(43_199, 3600)])) as lake:
        report = api.report("call-quality", lake)
    hours = report.tables["hours"].arrow().select(["hour", "calls", "erlang"]).to_pylist()

    assert [tuple(hour.values()) for hour in hours] == [(9, 1, 0.5), (10, 0, 1.0), (11, 1, 0.0), (12, 0, 1.0)]
    assert report.figures["erlang"].value == 0.625


def test_a_call_made_again_within_a_minute_is_a_repeat(tmp_path):
    again = [{"caller": "1", "callee": "2"}] * 3
    starts = (36_000, 36_061, 36_200)
    calls = [
        [
            (at, "call", {"status": "PENDING", **who}),
            (at + 1, "CallStatusEvent", {"status": "BUSY", "sipStatus": 486, **who}),
        ]
        for at, who in zip(starts, again, strict=True)
    ]
    with lake_of(tmp_path, log_of(calls)) as lake:
        report = api.report("call-quality", lake)

    assert (report.figures["repeat_rate"].value, report.figures["repeat_rate"].n) == (pytest.approx(1 / 3), 3)
    assert report.tables["calls"].arrow()["is_repeat"].to_pylist() == [False, True, False]


def test_the_other_leg_of_a_call_is_no_repeat(tmp_path):
    who = {"caller": "1", "callee": "2"}
    legs: list[list[Step]] = [
        [(36_000, "call", who), (36_020, "CallStatusEvent", {"status": "FINISH", **who})],
        [
            (36_001, "OnCallEvent", {"incoming": True, **who}),
            (36_020, "CallStatusEvent", {"status": "FINISH", "incoming": True, **who}),
        ],
    ]

    assert figures_of(tmp_path, log_of(legs))["repeat_rate"] == (0.0, 2)


def test_the_worst_calls_are_failures_then_drops_then_refusals_then_the_slow(tmp_path):
    def slow(at: float) -> list[Step]:
        return [
            (at, "call", {}),
            (at + 11, "CallStatusEvent", {"status": "ESTABLISHED"}),
            (at + 20, "CallStatusEvent", {"status": "FINISH"}),
        ]

    calls = [
        slow(36_000), ending(36_100, 404), talking(36_200, 9, last=("FAILED", "Failed by RTP activity")),
        talking(36_300, 9), ending(36_400, 503), [(36_500, "call", {}), (36_501, "CallStatusEvent", {
            "status": "FAILED", "info": "Failed by ICE error",
        })],
    ]  # fmt: skip
    with lake_of(tmp_path, log_of(calls)) as lake:
        worst = api.report("call-quality", lake).tables["worst_calls"].arrow().to_pylist()

    assert [(row["call_id"], row["outcome"], row["ended_how"], row["reason"]) for row in worst] == [
        ("c5", "media_failed", "failed", "Failed by ICE error"),
        ("c4", "ineffective", "failed", "SIP 503"),
        ("c2", "answered", "dropped", "Failed by RTP activity"),
        ("c1", "refused", "failed", "SIP 404"),
        ("c0", "answered", "far_end", None),
    ]
    assert worst[-1]["place"].endswith(".log:47")


def test_sip_statuses_are_counted_as_they_were_told(tmp_path):
    calls = [ending(36_000, 404), ending(36_010, 404), ending(36_020, 503), talking(36_030, 9)]
    with lake_of(tmp_path, log_of(calls)) as lake:
        rows = api.report("call-quality", lake).tables["sip_statuses"].arrow().to_pylist()

    assert {row["sip_status"]: row["calls"] for row in rows} == {404: 2, 503: 1, 200: 1}


def test_failures_that_come_together_are_a_wave(tmp_path):
    ice = ("FAILED", "Failed by ICE error")
    ends = (100, 104, 109, 115, 200, 203)  # three within five seconds of each other, then gaps
    calls = [talking(36_000 + n, end - n, last=ice) for n, end in enumerate(ends)]
    with lake_of(tmp_path, log_of(calls)) as lake:
        report = api.report("call-quality", lake)
    (wave,) = report.tables["waves"].arrow().select(["cause", "failures", "calls", "sessions", "lasted_s"]).to_pylist()

    assert tuple(wave.values()) == ("ice", 3, 3, 1, 9.0)
    assert (report.findings[0].rule, report.findings[0].says) == (
        "call.wave", "3 calls and streams failed within 9.0 s: ice"
    )  # fmt: skip


def test_the_causes_add_up_to_all_of_them(sample_store):
    with api.open(sample_store) as lake:
        causes = api.report("call-quality", lake).tables["causes"].arrow().to_pylist()

    assert causes[-1]["down_to_here_ratio"] == 1.0
    assert [row["n"] for row in causes] == sorted((row["n"] for row in causes), reverse=True)


def test_viewers_that_their_publisher_took_down_have_its_cause(tmp_path):
    hall = {"name": "hall", "appKey": "defaultApp"}
    log = ""
    for key, published, status in (("p", True, "PUBLISHING"), ("v1", False, "PLAYING"), ("v2", False, "PLAYING")):
        hook = "publishStream" if published else "playStream"
        log += told("10:00:00,000", hook, session=key, stream=key, published=published, **hall)
        log += told(
            "10:00:01,000", "StreamStatusEvent", session=key, stream=key, published=published, status=status, **hall
        )
    for key, published, status, info in (
        ("p", True, "FAILED", "Failed by RTP activity"),
        ("v1", False, "STOPPED", "Stopped by publisher stop"),
        ("v2", False, "STOPPED", "Stopped by publisher stop"),
    ):
        end = {"status": status, "info": info, "published": published}
        log += told("10:01:00,000", "StreamStatusEvent", session=key, stream=key, **end, **hall)

    with lake_of(tmp_path, log) as lake:
        report = api.report("call-quality", lake)
    (cause,) = report.tables["causes"].arrow().to_pylist()

    assert len(report.tables["waves"].arrow()) == 0
    assert (cause["about"], cause["cause"], cause["reason"], cause["n"]) == (
        "stream", "media_inactivity", "Failed by RTP activity", 3
    )  # fmt: skip


@pytest.fixture(scope="module")
def day(sample_store):
    with api.open(sample_store) as lake:
        yield lake


def test_attempts_are_the_sum_of_the_outcomes(day):
    report = api.report("call-quality", day)

    assert sum(report.tables["outcomes"].arrow()["calls"].to_pylist()) == report.figures["abr"].n == 27


def test_no_figure_is_without_its_cases(day):
    report = api.report("call-quality", day, by=("node", "browser", "hour"))
    parts = [row for name in ("node", "browser", "hour") for row in report.tables[f"by_{name}"].arrow().to_pylist()]

    assert [one.name for one in report.figures.values() if (one.value is None) != (one.n == 0)] == []
    assert [row for row in parts if (row["value"] is None) != (row["n"] == 0)] == []
    assert [one.name for one in report.figures.values() if one.value is None and not one.why] == []


@pytest.mark.parametrize("dimension", ["node", "app", "browser", "os", "direction", "provider", "hour", "day"])
def test_parts_add_up_to_the_whole(day, dimension):
    report = api.report("call-quality", day, by=dimension)
    rows = report.tables[f"by_{dimension}"].arrow().to_pylist()

    traffic = () if dimension in ("hour", "day") else ("erlang",)
    assert sum(row["value"] for row in rows if row["figure"] in traffic) == pytest.approx(
        report.figures["erlang"].value if traffic else 0
    )
    for name in ("asr", "abr", "setup_failure_rate", "drop_rate", "post_dial_p50_ms", "talk_p95_s", *traffic):
        assert sum(row["n"] for row in rows if row["figure"] == name) == report.figures[name].n
        hits = sum(
            round(row["value"] * row["n"])
            for row in rows
            if row["figure"] == name and row["unit"] == "ratio" and row["n"]
        )
        if report.figures[name].unit == "ratio":
            assert hits == round(report.figures[name].value * report.figures[name].n)


def test_a_dimension_divides_only_what_has_it(day):
    report = api.report("call-quality", day, by=("role", "direction"))

    assert set(report.tables["by_role"].arrow()["role"].to_pylist()) == {"publish", "play"}
    assert {name for name in report.tables["by_role"].arrow()["figure"].to_pylist() if "stream" not in name} == {
        f"startup_p{quantile}_ms" for quantile in (50, 90, 95, 99)
    }
    assert set(report.tables["by_direction"].arrow()["direction"].to_pylist()) == {"in", "out"}


ENDS = st.sampled_from(["FINISH", "BUSY", "FAILED", None])
SIP = st.sampled_from([None, 200, 302, 401, 403, 404, 408, 480, 486, 487, 500, 503, 600, 603])
CALLS = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.booleans(), ENDS, SIP, st.sampled_from(["call", "OnCallEvent"])),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=12)
@given(CALLS)
def test_effectiveness_is_never_below_answers_whatever_happened(tmp_path_factory, scripts):
    calls = []
    for number, (rings, answers, hangs_up, end, sip, hook) in enumerate(scripts):
        at = 36_000 + 100 * number
        call: list[Step] = [(at, hook, {"incoming": hook == "OnCallEvent"})]
        call += [(at + 1, "CallStatusEvent", {"status": "RING"})] if rings else []
        call += [(at + 2, "CallStatusEvent", {"status": "ESTABLISHED"})] if answers else []
        call += [(at + 3, "hangup", {})] if hangs_up else []
        call += [(at + 4, "CallStatusEvent", {"status": end, **({"sipStatus": sip} if sip else {})})] if end else []
        calls.append(call)
    with lake_of(tmp_path_factory.mktemp("calls"), log_of(calls)) as lake:
        report = api.report("call-quality", lake)
    values = {name: figure.value for name, figure in report.figures.items() if figure.value is not None}

    assert values.get("ner", 0) >= values.get("asr", 0) >= values.get("abr", 0)
    assert values.get("seer", 0) >= values.get("ser", 0)
    assert sum(report.tables["outcomes"].arrow()["calls"].to_pylist()) == report.figures["abr"].n == len(calls)
    assert all(
        0 <= values[name] <= 1 for name, figure in report.figures.items() if name in values and figure.unit == "ratio"
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_shuffling_and_splitting_the_input_changes_no_figure(tmp_path, seed):
    generate(tmp_path / "made", sessions=24, seed=5)
    lines = (tmp_path / "made" / "backend" / "hooks.ndjson").read_bytes().splitlines(keepends=True)
    chance = random.Random(seed)
    cuts = sorted(chance.sample(range(1, len(lines)), 3))
    parts = [b"".join(lines[a:b]) for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    chance.shuffle(parts)
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    with lake_of(tmp_path / "whole", b"".join(lines), settings=Settings()) as whole:
        expected = api.report("call-quality", whole, by="hour").data
    with lake_of(tmp_path / "parts", *parts, settings=Settings()) as divided:
        found = api.report("call-quality", divided, by="hour").data

    assert found.figures == expected.figures
    for name, table in expected.tables.items():
        kept = [column for column in table.rows.column_names if column not in ("path", "place", "line")]
        assert found.tables[name].rows.select(kept).equals(table.rows.select(kept)), name


RATED = """
select null::varchar as session_key, null::varchar as stream_key, call_key, null::varchar as media_session_id,
       'audio' as kind, d.direction, 2e-2 as loss_ratio, 12e0 as jitter_p95_ms, 12e0 as jitter_mean_ms,
       80e0 as rtt_p50_ms, 80e0 as rtt_mean_ms, 41e-1 as mos,
       'NB' as scale, 'CQ' as scope, 'G.107' as model, 'poor' as verdict, 'one_way' as poor_because, 300 as n,
       case when d.direction = 'in' then 'no_rtp' else 'rated' end as admission, 'native_stats' as measured_by,
       3000 as packets_received, 3000 as packets_sent, answered_at as first_at, ended_at as last_at, source_id,
       'p' as peer
from calls, (values ('in'), ('out')) d(direction)
where outcome = 'answered'
"""


def give_media(lake, rows):
    """What samples would tell, but for what is null."""
    lake.keep("media_quality", f"({rows}) union all by name select * from main.media_quality where false", {})


def test_media_figures_come_from_media_samples_and_touch_no_others(day):
    without = api.report("call-quality", day)
    give_media(day, RATED)
    try:
        rated = api.report("call-quality", day)
    finally:
        day.drop("media_quality")

    assert {name for name, figure in rated.figures.items() if figure != without.figures[name]} == MEDIA_NAMES
    assert {without.figures[name].standing for name in MEDIA_NAMES} == {"impossible"}
    assert all(without.figures[name].why and without.figures[name].value is None for name in MEDIA_NAMES)
    told = {name: (rated.figures[name].value, rated.figures[name].n) for name in ("mos", "one_way_rate", "loss_ratio")}
    assert told == {
        "mos": (4.1, 28), "one_way_rate": (1.0, 14), "loss_ratio": (0.02, 28),
    }  # fmt: skip
    assert rated.tables["calls"].arrow()["mos"].drop_null().to_pylist() == [4.1] * 14
    scores = rated.tables["scores"].arrow().select(["score", "about", "mos", "n"]).to_pylist()
    assert scores == [{"score": "NB CQ G.107", "about": "call", "mos": 4.1, "n": 28}]


def test_media_of_the_real_client_are_rated_by_the_loss_in_its_statistics(tmp_path):
    # last counters in getstats.ndjson: the player lost 200 and received 1293 packets of audio, the publisher's far end
    # lost 22 of 1506; 0.134 is more than the 0.1 of the rules, 0.0146 is not; 194,404 of 1,433,280 samples were
    # concealed; of video the first rule that can tell is the mean of its frames a second, 17 and 20
    store = new_store(tmp_path)
    take_in(store, LOSSY / "rest.ndjson", LOSSY / "getstats.ndjson", settings=RECORDED)
    with Lake(store) as lake:
        report = api.report("call-quality", lake)
    rows = report.tables["media"].arrow().select(["kind", "direction", "admission", "verdict", "because"]).to_pylist()

    assert [tuple(row.values()) for row in rows if row["kind"] == "audio"] == [
        ("audio", "in", "rated", "poor", "loss: loss_ratio 0.134 > 0.1; concealment: concealed_ratio 0.1356 > 0.07"),
        ("audio", "out", "rated", "good", None),
    ]
    assert {row["verdict"] for row in rows if row["kind"] == "video"} == {"good"}
    assert (report.figures["poor_media_rate"].value, report.figures["poor_media_rate"].n) == (0.25, 4)
    assert report.figures["mos"].why == "no score: no equipment impairment (Ie) is published for the codec"


CODECS = """
select session_key, stream_key, null::varchar as call_key, media_session_id, 'audio' as kind, 'in' as direction,
       0.02 as loss_ratio, 40e0 as jitter_p95_ms, 5e0 as jitter_mean_ms, 140e0 as rtt_p50_ms, 140e0 as rtt_mean_ms,
       null::double as mos, null::varchar as scale,
       null::varchar as scope, null::varchar as model, null::varchar as verdict, null::varchar as poor_because,
       300 as n, null::varchar as admission, 'native_stats' as measured_by, (lived_s * 50)::bigint as packets_received,
       null::bigint as packets_sent, started_at as first_at, ended_at as last_at, source_id, 'p' as peer
from streams
"""


def test_a_stream_of_a_known_codec_has_a_score(tmp_path):
    stream = {"session": PHONE, "stream": "m1", "name": "hall", "published": False}
    told_codec = {"audioCodec": "PCMU", "status": "PLAYING", **stream}
    log = (
        told("10:00:00,000", "playStream", **stream)
        + told("10:00:01,000", "StreamStatusEvent", **told_codec)
        + told("10:01:01,000", "StreamStatusEvent", **{**told_codec, "status": "STOPPED"})
    )
    with lake_of(tmp_path, log) as lake:
        give_media(lake, CODECS)
        report = api.report("call-quality", lake)
        (leg,) = report.tables["media"].arrow().select(["about", "admission", "verdict"]).to_pylist()
        (tmp_path / "ours.toml").write_text(OWN_RULES.replace("loss_ratio > 0.01", "mos_degradation > 0.1"))
        strict = api.report("call-quality", lake, rules=tmp_path / "ours.toml").tables["media"].arrow()

    # G.711 with concealment, 2 % loss, 70 ms + 2 x 5 ms + 20 ms + 0.25 ms from mouth to ear
    mos = report.figures["mos"]
    assert mos.value == pytest.approx(4.15, abs=0.005)
    assert (mos.standing, mos.coverage) == ("partly", 0.0)
    assert mos.why == "the jitter buffer of 1 of 1 scores was not measured: twice the jitter stands for it"
    assert report.tables["scores"].arrow()["score"].to_pylist() == ["NB CQ g107"]
    assert tuple(leg.values()) == ("stream", "rated", "good")
    # of 4.4094 without loss, 4.2350 is left
    assert strict["because"].to_pylist() == ["lossy: mos_degradation 0.1744 > 0.1"]


def test_counters_that_stop_early_are_held_against_the_time_they_tell_of(tmp_path):
    early = CODECS.replace("(lived_s * 50)::bigint", "15000").replace(
        "ended_at as last_at", "started_at + interval 5 minutes as last_at"
    )
    stream = {"session": PHONE, "stream": "m1", "name": "hall", "published": False}
    log = (
        told("10:00:00,000", "playStream", **stream)
        + told("10:00:00,000", "StreamStatusEvent", status="PLAYING", **stream)
        + told("11:00:00,000", "StreamStatusEvent", status="STOPPED", **stream)
    )
    with lake_of(tmp_path, log) as lake:
        give_media(lake, early)
        (leg,) = api.report("call-quality", lake).tables["media"].arrow().select(["admission", "rule_set"]).to_pylist()

    assert tuple(leg.values()) == ("rated", "cqd 2020")


@pytest.mark.parametrize("dimension", ["node", "browser", "direction", "codec", "hour"])
def test_media_are_told_by_part_too(day, dimension):
    give_media(day, RATED)
    try:
        report = api.report("call-quality", day, by=dimension)
    finally:
        day.drop("media_quality")
    rows = report.tables[f"by_{dimension}"].arrow().to_pylist()

    for name in ("mos", "loss_ratio", "poor_media_rate"):
        parts = [row for row in rows if row["figure"] == name]
        assert sum(row["n"] for row in parts) == report.figures[name].n == 28
        assert {row["value"] for row in parts if row["n"]} == {report.figures[name].value}


OWN_RULES = """
name = "ours"
title = "What our customers stand"
version = "3"
source = "agreement with them"

[targets]
poor_ratio = 0.6

[[rules]]
name = "lossy"
kind = "audio"
when = ["loss_ratio > 0.01"]
"""


def test_rules_of_ones_own_decide_what_is_poor_and_how_much_of_it_is_too_much(tmp_path):
    (tmp_path / "ours.toml").write_text(OWN_RULES)
    store = new_store(tmp_path)
    take_in(store, LOSSY / "rest.ndjson", LOSSY / "getstats.ndjson", settings=RECORDED)
    with Lake(store) as lake:
        usual = api.report("call-quality", lake)
        ours = api.report("call-quality", lake, rules=tmp_path / "ours.toml")
    rows = ours.tables["media"].arrow().select(["kind", "direction", "rule_set", "because"]).to_pylist()

    assert [tuple(row.values()) for row in rows if row["kind"] == "audio"] == [
        ("audio", "in", "ours 3", "lossy: loss_ratio 0.134 > 0.01"),
        ("audio", "out", "ours 3", "lossy: loss_ratio 0.0146 > 0.01"),
    ]
    poor = [(one.value, one.target, one.verdict) for one in (each.figures["poor_media_rate"] for each in (usual, ours))]
    assert poor == [(0.25, 0.03, "poor"), (1.0, 0.6, "poor")]
    assert ours.data.parameters["rules"] == "ours 3"
    assert "rules" not in usual.data.parameters


def test_rules_of_samples_in_a_row_are_told_what_they_ask_for(tmp_path):
    # the far end of a publisher tells of 10 % loss at 500 ms in three seconds of sixty; a player hears no sound at all
    def line(second, **reports):
        return json.dumps(
            {"ts": f"2026-11-23T12:00:{second:02}Z", "native": {kind: [one] for kind, one in reports.items()}}
        )

    told = {"id": "R", "type": "remote-inbound-rtp", "kind": "audio", "packetsLost": 0, "jitter": 0.01}
    good, bad = {"roundTripTime": 0.1, "fractionLost": 0.0}, {"roundTripTime": 0.5, "fractionLost": 0.1}
    sent = {"id": "O", "type": "outbound-rtp", "kind": "audio"}
    heard = {"id": "I", "type": "inbound-rtp", "kind": "audio", "packetsLost": 0, "jitter": 0.01,
             "totalAudioEnergy": 0.0, "audioLevel": 0.25}  # fmt: skip
    publisher, player = [], []
    for second in range(60):
        far = told | (bad if second in (30, 31, 32) else good)
        publisher.append(
            line(second, **{"remote-inbound-rtp": far, "outbound-rtp": sent | {"packetsSent": 50 * second}})
        )
        counted = {"packetsReceived": 50 * second, "totalSamplesReceived": 48_000 * second}
        player.append(line(second, **{"inbound-rtp": heard | counted}))
    (tmp_path / "publisher.ndjson").write_text("\n".join(publisher) + "\n")
    (tmp_path / "player.ndjson").write_text("\n".join(player) + "\n")
    with api.open([tmp_path / "publisher.ndjson", tmp_path / "player.ndjson"]) as lake:
        rows = api.report("call-quality", lake, rules="twilio").tables["media"].arrow().to_pylist()

    # R of a bad second by Twilio: 94.768 - (530 - 120) / 10 - 2.5 x 10 = 28.77, whose score is below 3.5
    assert {row["direction"]: (row["verdict"], row["because"]) for row in rows} == {
        "in": ("poor", "silence: silent 1 > 0"),
        "out": (
            "good",
            "warned of warning_round_trip: rtt_samples_ms > 400 in 3 of 5 samples; "
            "warning_mos: twilio_mos_samples < 3.5 in 3 of 5 samples; "
            "warning_loss: loss_samples_ratio > 0.01 in 3 of 5 samples; "
            "warning_loss_mean: loss_mean_7_ratio 0.0429 > 0.03",
        ),
    }


def test_rules_that_are_not_there_and_reports_that_rate_nothing_are_told(day):
    with pytest.raises(UnknownName, match="no rule set 'ours'; there are cqd, livekit, "):
        api.report("call-quality", day, rules="ours")
    with pytest.raises(SourceError, match=r"ours\.toml: the rule set can't be read"):
        api.report("call-quality", day, rules="ours.toml")
    with pytest.raises(WcsAnalyticsError, match="stream-lifetime rates no media"):
        api.report("stream-lifetime", day, rules="twilio")


HEARD = """
select call_key, session_key, d.kind, d.direction, d.received as packets_received, d.sent as packets_sent,
       'PCMU' as codec, case d.direction when 'in' then loss else 0 end as loss_ratio, 5e0 as jitter_mean_ms,
       100e0 as rtt_mean_ms, 60e0 as jitter_buffer_ms, answered_at as first_at, ended_at as last_at,
       'native_stats' as measured_by, 60 as n
from calls
join (values ('c0', 0.01, 3000, 3000), ('c1', 0.25, 2250, 3000), ('c2', 0.0, 3, 3000)) h(call_id, loss, got, gave)
    using (call_id),
    lateral (values ('audio', 'in', got, null), ('audio', 'out', null, gave)) d(kind, direction, received, sent)
"""


def test_a_call_that_nobody_could_understand_is_among_the_worst_and_says_why(tmp_path):
    log = log_of([talking(36_000, 60), talking(36_100, 60), talking(36_200, 60), ending(36_300, 404)])
    with lake_of(tmp_path, log) as lake:
        give_media(lake, HEARD)
        report = api.report("call-quality", lake)
    columns = ["call_id", "outcome", "poor_because"]
    worst = [tuple(row.values()) for row in report.tables["worst_calls"].arrow().select(columns).to_pylist()]
    calls = report.tables["calls"].arrow().select(["call_id", "media_verdict", "admission", "is_one_way"]).to_pylist()
    found = [(one.rule, one.subject, one.says) for one in report.findings]

    assert worst == [
        ("c1", "answered", "audio in degradation: mos_degradation 2.0531 > 1; loss: loss_ratio 0.25 > 0.1"),
        ("c2", "answered", "no_rtp: packets came one way only"),
        ("c3", "refused", None),
    ]
    assert [tuple(row.values()) for row in calls] == [
        ("c0", "good", "rated", False), ("c1", "poor", "rated", False), ("c2", "poor", "no_rtp", True),
        ("c3", None, None, None),
    ]  # fmt: skip
    assert found == [
        ("call.one_way", "call to 2002", "poor media: no_rtp: packets came one way only"),
        (
            "call.poor_media",
            "call to 2001",
            "poor media: audio in degradation: mos_degradation 2.0531 > 1; loss: loss_ratio 0.25 > 0.1",
        ),
    ]
    assert (report.figures["one_way_rate"].value, report.figures["one_way_rate"].n) == (1 / 3, 3)


def test_scores_say_how_far_other_models_are_from_them(tmp_path):
    # 100 ms there and back, 60 ms of buffer, 20 + 0.25 ms to pack: 130.25 ms one way; of c1 25 % is lost
    with lake_of(tmp_path, log_of([talking(36_000, 60), talking(36_100, 60)])) as lake:
        give_media(lake, HEARD)
        report = api.report("call-quality", lake)
    calls = report.tables["calls"].arrow().select(["call_id", "mos", "mos_low", "mos_high", "mos_of"]).to_pylist()
    wanted = [rate(codec_named("PCMU"), loss, 3000, one_way_ms=130.25).value for loss in (0.01, 0.25)]
    others = [product_scores(100, 5, loss, g711=True) for loss in (1, 25)]
    models = {row["model"]: row["n"] for row in report.tables["models"].arrow().to_pylist()}

    assert [row["mos"] for row in calls] == pytest.approx(wanted)
    assert [row["mos_low"] for row in calls] == pytest.approx(
        [min(one, *other.values()) for one, other in zip(wanted, others, strict=True)], abs=0.05
    )
    assert all(row["mos_low"] <= row["mos"] <= row["mos_high"] and row["mos_of"] == "NB CQ g107" for row in calls)
    assert models == {"E-model NB CQ g107": 4, "PingPlotter": 4, "Twilio": 4, "VoIPmonitor (G.711)": 2,
                      "the least of these": 4, "the greatest of these": 4}  # fmt: skip
    mos = report.figures["mos"]
    assert (mos.standing, mos.n) == ("computed", 4)


def test_opus_is_scored_by_its_provisional_table_only_where_that_is_asked_for(tmp_path):
    opus = HEARD.replace("'PCMU' as codec", "'opus' as codec, 32000e0 as bitrate")
    with lake_of(tmp_path, log_of([talking(36_000, 60)])) as lake:
        give_media(lake, opus)
        usual, asked = (api.report("call-quality", lake, provisional=wanted) for wanted in (False, True))
    scores = asked.tables["scores"].arrow().select(["score", "standing", "n"]).to_pylist()

    assert usual.figures["mos"].why == "no score: no equipment impairment (Ie) is published for the codec"
    assert [tuple(row.values()) for row in scores] == [("FB CQ g107.2 provisional", "provisional", 1)] * 2
    assert asked.figures["mos"].n == 2
    assert asked.data.parameters["provisional"] is True


def test_without_calls_the_first_figures_are_those_of_streams_and_media(tmp_path):
    store = new_store(tmp_path)
    take_in(store, LOSSY / "rest.ndjson", LOSSY / "getstats.ndjson", settings=RECORDED)
    with Lake(store) as lake:
        data = api.report("call-quality", lake).data

    assert data.verdict == "0 of 2 streams failed to start, 0 dropped; media were poor in 1 of 4 directions."
    assert data.cannot_tell[-1] == "no SIP calls were captured: only streams are rated"
    assert [name for name in data.headline if data.figures[name].value is None] == ["mos"]
    assert [(one.rule, one.subject) for one in data.findings] == [("stream.poor_media", "lossy-1")]


def test_the_phases_of_a_real_call_are_told_apart_as_time_goes_by(tmp_path):
    store = new_store(tmp_path)
    take_in(store, LOSSY / "rest.ndjson", LOSSY / "getstats.ndjson", settings=RECORDED)
    with Lake(store) as lake:
        rows = api.report("call-quality", lake).tables["media_over_time"].arrow().to_pylist()
    loss = {(row["media"], row["step_at"].second): row["loss_ratio"] for row in rows}

    # lost and received between two lines of the player in getstats.ndjson, the later one in that second
    assert [loss["audio in", second] for second in (25, 31, 34, 41, 45, 48)] == pytest.approx(
        [0, 0, 4 / 52, 26 / 50, 38 / 54, 0]
    )
    # the publisher's far end, in the quarter of a minute in which its packets were lost
    assert [round(loss["video out", second], 4) for second in (25, 27, 34, 48)] == [0.1211, 0.1133, 0, 0]


def test_what_is_not_rated_has_no_score_among_the_scores(day):
    give_media(day, RATED.replace("'no_rtp' else 'rated'", "'short' else 'rated'"))
    try:
        report = api.report("call-quality", day)
    finally:
        day.drop("media_quality")

    assert (report.figures["mos"].value, report.figures["mos"].n) == (4.1, 14)
    assert report.tables["scores"].arrow()["n"].to_pylist() == [14]


def test_scores_of_different_scales_are_not_put_together(day):
    give_media(day, RATED.replace("'NB' as scale", "case when d.direction = 'in' then 'NB' else 'WB' end as scale"))
    try:
        mos = api.report("call-quality", day).figures["mos"]
    finally:
        day.drop("media_quality")

    assert (mos.value, mos.standing, mos.n) == (None, "impossible", 28)
    assert mos.why == (
        "scores of 2 kinds (scale, scope, model, codec table) are not put together: see the table scores"
    )


def test_swapping_the_periods_negates_the_differences(day):
    noon = "2026-03-14T12:00"
    there = api.report("call-quality", day, since=noon, against=f"until={noon}").data.changes
    back = api.report("call-quality", day, until=noon, against=f"since={noon}").data.changes
    turned = {(row["about"], row["name"]): row for row in back}
    opposite = {"new": "gone", "gone": "new", "more": "less", "less": "more"}

    assert len(there) == len(back) > 60
    for row in there:
        other = turned[row["about"], row["name"]]
        assert (other["before"], other["after"], other["n_before"]) == (row["after"], row["before"], row["n_after"])
        assert other["difference"] == (None if row["difference"] is None else -row["difference"])
        assert (other["low"], other["high"]) == (
            (None, None) if row["low"] is None else (-row["high"], -row["low"])
        )  # fmt: skip
        if row["says"] in opposite:
            assert other["says"] == opposite[row["says"]]


def test_the_previous_period_is_as_long_and_ends_where_the_chosen_one_begins(day):
    hours = {"since": "2026-03-14T12:00", "until": "2026-03-14T18:00"}
    previous = api.report("call-quality", day, **hours, against="previous").data
    named = api.report("call-quality", day, **hours, against="since=2026-03-14T06:00,until=2026-03-14T12:00").data

    assert previous.changes == named.changes
    assert [str(at) for at in previous.parameters["against"].values()] == [
        "2026-03-14 06:00:00+00:00", "2026-03-14 12:00:00+00:00"
    ]  # fmt: skip


def test_nodes_and_apps_can_be_compared_over_the_same_time(day):
    changes = api.report("call-quality", day, app="defaultApp", against="app=nothing").data.changes

    assert {row["says"] for row in changes if row["about"] == "causes"} == {"new"}
    assert {row["n_before"] for row in changes} == {0}
