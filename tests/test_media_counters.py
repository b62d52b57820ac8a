"""Jitter, loss, bursts and the counters of getStats, against numbers worked out by hand or by others."""

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.quality import (
    BurstMachine,
    burst_and_gap,
    burst_periods,
    changes,
    concealed_ratio,
    epochs,
    expected_packets,
    fraction_lost,
    freeze_ratio,
    freeze_threshold_ms,
    freezes,
    graded,
    harmonic_fps,
    interarrival_jitter,
    jitter_buffer_ms,
    jitter_ms,
    loss_of_expected,
    loss_of_received,
    loss_runs,
    per_second,
    round_trip_ms,
    round_trip_ms_of,
    wcs_connection_quality,
)

NAN = math.nan
LOSSY_CALL = Path(__file__).parents[1].parent / "shared" / "captures" / "publish_play_loss" / "getstats.ndjson"
PHASES = ["clean", "uplink-loss-8pct", "downlink-loss-10pct-delay60-jitter40", "downlink-loss-60pct", "recovered"]


def same(found, expected):
    return np.array_equal(np.asarray(found), np.asarray(expected, dtype=float), equal_nan=True)


def test_jitter_of_rfc_3550():
    jitters = interarrival_jitter([0, 160, 320, 480], [1000, 1170, 1315, 1490])

    assert [round(jitter, 4) for jitter in jitters] == [0.6250, 1.5234, 2.3657]
    assert round(jitter_ms(jitters[-1], 8000), 4) == 0.2957


def test_one_packet_has_no_jitter():
    assert interarrival_jitter([0], [5]) == []


def test_round_trip_of_rfc_3550():
    # the example of RFC 3550 6.4.1: A 46864.500 s, LSR 46853.125 s, DLSR 5.250 s
    assert round_trip_ms(0xB710_8000, 0xB705_2000, 0x0005_4000) == 6125
    assert round_trip_ms(0x0000_8000, 0xFFFF_8000, 0x0000_4000) == 750  # over the end of the clock
    assert round_trip_ms(0xB710_8000, 0, 0) is None


def test_the_two_denominators_of_loss():
    assert round(loss_of_expected(36, 5008).value, 6) == 0.007137
    assert round(loss_of_received(36, 5008).value, 6) == 0.007188
    assert loss_of_expected(36, 5008).n == 5044


@pytest.mark.parametrize("loss", [loss_of_expected, loss_of_received])
def test_loss_without_packets_or_with_duplicates_is_no_figure(loss):
    assert loss(0, 0).value is None
    assert loss(-3, 100).why == "more packets arrived than were sent (duplicates)"


def test_loss_of_an_interval():
    assert fraction_lost(1, 50).value == 0.02
    assert fraction_lost(0, 0).why == "no packets were expected"
    assert fraction_lost(-1, 50).value is None
    assert fraction_lost(3, 2).value is None
    assert expected_packets(65_530, 65_546) == 17


def test_the_machine_of_rfc_3611():
    machine = BurstMachine(gmin=2).feed("111011100011X")
    metrics = machine.metrics(packet_ms=10)

    assert (machine.c11, machine.c13, machine.c14, machine.c33) == (8, 1, 2, 2)
    assert metrics.burst_ms + metrics.gap_ms == 14 * 10  # ctotal
    assert metrics == (13, 78, 19, 255, 51, 30.0, 110.0)


def test_the_machine_can_be_fed_bit_by_bit():
    whole = BurstMachine(gmin=2).feed("111011100011X")

    assert BurstMachine(gmin=2).feed("11101110").feed("0011X") == whole


def test_without_a_burst_there_is_no_duration_of_one():
    metrics = BurstMachine().feed("1" * 100).metrics(20)

    assert metrics == (100, 0, 0, None, None, None, None)
    assert BurstMachine().metrics(20).loss_rate is None


def test_a_packet_is_received_lost_or_discarded():
    with pytest.raises(ValueError, match="'2' is neither '1'"):
        BurstMachine().feed("112")


def test_bursts_by_definition():
    # 64 packets of 10 ms: a burst of 12 with 4 bad ones, two bad ones alone, 16 or more received between
    arrivals = list("1" * 64)
    for at in (4, 29, 34):
        arrivals[at] = "0"
    for at in (23, 27, 53):
        arrivals[at] = "X"
    burst, gap = burst_and_gap(arrivals)

    assert burst_periods(arrivals) == [(23, 34)]
    assert (burst.duration_ms(10), burst.bad, round(burst.density, 2)) == (120, 4, 0.33)
    assert (gap.duration_ms(10), gap.bad, round(gap.density, 2)) == (520, 2, 0.04)
    assert (burst.periods, gap.periods) == (1, 2)


def test_nothing_but_a_burst():
    burst, gap = burst_and_gap("010", gmin=16)

    assert (burst, gap) == ((3, 2, 1), (0, 0, 0))
    assert gap.density is None


@given(st.text(alphabet="10X", max_size=80), st.integers(1, 16))
def test_bursts_and_gaps_hold_every_packet(arrivals, gmin):
    burst, gap = burst_and_gap(arrivals, gmin)

    assert burst.packets + gap.packets == len(arrivals)
    assert burst.bad + gap.bad == len(arrivals) - arrivals.count("1")
    assert sum(length * n for length, n in loss_runs(arrivals).items()) == burst.bad + gap.bad


def test_an_epoch_ends_where_a_counter_falls_or_a_name_changes():
    lost = [1, 5, 2, 4, 6]
    ssrc = [7, 7, 7, 7, 8]
    epoch = epochs([lost], [ssrc])

    assert epoch.tolist() == [0, 0, 1, 1, 2]
    assert same(changes(lost, epoch), [NAN, 4, NAN, 2, NAN])


def test_a_fall_or_a_new_name_after_a_gap_is_seen():
    assert epochs([[9, None, 3, 4]]).tolist() == [0, 0, 1, 1]
    assert epochs([], [[None, "a", None, "a", None, "b"]]).tolist() == [0, 0, 0, 0, 0, 1]
    assert epochs([[]], [[]]).tolist() == []
    assert epochs([pa.array([1, None, 2])], [pa.array(["a", None, "a"])]).tolist() == [0, 0, 0]
    assert same(changes([9, None, 10], np.zeros(3, dtype=np.int64)), [NAN, NAN, NAN])


def test_rates_are_over_the_time_that_passed():
    epoch = epochs([[0, 50, 90, 90]])

    assert same(per_second([0, 50, 90, 90], [0, 1000, 3000, 3000], epoch), [NAN, 50, 20, NAN])


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), min_size=1, max_size=4))
def test_changes_within_epochs_add_up_to_what_was_counted(runs):
    counted = [np.cumsum(run) for run in runs]
    values = np.concatenate(counted)
    names = np.repeat(np.arange(len(runs)), [len(run) for run in runs])
    found = changes(values, epochs([values], [names]))

    assert np.nansum(found) == sum(int(run[-1] - run[0]) for run in counted)
    assert not (found < 0).any()


def test_figures_of_deltas():
    assert float(concealed_ratio(480, 48_000)) == 0.01
    assert float(concealed_ratio(480, 48_000, silent=240)) == 0.005
    assert round(float(harmonic_fps(0.04 + 0.04 + 0.2, 0.04**2 + 0.04**2 + 0.2**2)), 2) == 6.48
    assert round(float(per_second([0, 3], [0, 280], epochs([[0, 3]]))[1]), 2) == 10.71  # the plain mean of the same
    assert float(round_trip_ms_of(1.5, 10)) == 150
    assert float(jitter_buffer_ms(96.0, 2400)) == 40
    assert float(freeze_ratio(3, 60)) == 0.05
    assert same(concealed_ratio([0, 5], [0, None]), [NAN, NAN])


def test_from_where_on_a_frame_is_a_freeze():
    assert freeze_threshold_ms([40, 100]).tolist() == [190, 300]
    assert freezes([40] * 5 + [189, 40]).tolist() == [False] * 7
    assert freezes([40] * 5 + [190, 40]).tolist() == [False] * 5 + [True, False]
    assert freezes([10_000]).tolist() == [False]


def test_only_the_last_30_frames_count_for_a_freeze():
    assert freezes([1000] + [40] * 30 + [190]).tolist()[-1] is True
    assert freezes([1000] + [40] * 29 + [190]).tolist()[-1] is False


@pytest.mark.parametrize(
    ("client", "server", "quality"),
    [
        (400_000, 500_000, "GOOD"),
        (450_000, 500_000, "PERFECT"),
        (200_000, 500_000, "BAD"),
        (49_999, 200_000, "PERFECT"),
        (10_000, 200_000, "BAD"),
        (0, 0, None),
    ],
)
def test_the_grade_that_the_client_shows(client, server, quality):
    assert graded(client, server).quality == quality


def test_the_difference_of_rates():
    assert round(graded(400_000, 500_000).difference * 100, 2) == 22.22
    assert graded(0, 0).difference is None


def test_the_client_smooths_what_it_measures():
    # both filters: x = z at first, P = 1; then K = 2/3, so 100 000 -> 160 000 gives 140 000
    base, first, second = wcs_connection_quality([1000, 13_500, 33_500], [0, 100_000, 160_000])

    assert base is None
    assert (first.client_bps, first.server_bps, first.quality) == (100_000, 100_000, "PERFECT")
    assert (round(second.client_bps), round(second.server_bps)) == (140_000, 140_000)


def test_messages_without_new_bytes_are_passed_over():
    steps = wcs_connection_quality([1000, 1000, 500, 13_000], [5, 5, 5, 100_000])

    assert [step is None for step in steps] == [True, True, True, False]
    assert steps[-1].server_bps == 100_000


@pytest.mark.skipif(not LOSSY_CALL.exists(), reason="the captures are not beside this repository")
@pytest.mark.parametrize(
    ("kind", "lost_by_phase", "received_by_phase"),
    [
        ("audio", [0, 0, 46, 151, 3], [206, 360, 366, 106, 205]),
        ("video", [0, 0, 20, 42, 2], [140, 269, 311, 64, 43]),
    ],
)
def test_the_phases_of_a_real_call_are_told_apart_by_its_counters(kind, lost_by_phase, received_by_phase):
    rows = [json.loads(line) for line in LOSSY_CALL.read_text(encoding="utf-8").splitlines()]
    played = [row for row in rows if row["page"] == "player"]
    reports = [next(each for each in row["native"]["inbound-rtp"] if each["kind"] == kind) for row in played]
    received, lost = ([report[name] for report in reports] for name in ("packetsReceived", "packetsLost"))
    epoch = epochs([received], [[report["ssrc"] for report in reports]])
    phase_of = np.array([row["phase"] for row in played])

    def by_phase(values):
        return [int(np.nansum(changes(values, epoch)[phase_of == phase])) for phase in PHASES]

    assert epoch[-1] == 0
    assert by_phase(lost) == lost_by_phase
    assert by_phase(received) == received_by_phase
    assert sum(lost_by_phase) == lost[-1]
