"""R and MOS against the numbers of the standards and of those who read them; figures of products by name."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.quality import (
    CODECS,
    LOOKAHEAD_MS,
    OPUS,
    Circuit,
    Codec,
    Mos,
    MosKey,
    burst_ratio,
    by_kind,
    codec_named,
    cole_rosenbluth,
    disagreement,
    e_model,
    idd,
    ie_eff,
    livekit,
    livekit_smoothed,
    mean_mos,
    mos_of_r,
    mouth_to_ear,
    opus,
    pingplotter_r,
    product_scores,
    r_of_mos,
    rate,
    rate_columns,
    rtcscore_r,
    satisfaction,
    twilio_r,
    voipmonitor_g711_mos,
)
from wcsanalytics.quality.opinion import opinion_polynomial

LOSSES = [0, 0.5, 1, 2, 3, 5, 10]
DELAYS = [50, 100, 150, 200, 250, 300, 400, 500]
G711 = CODECS["G.711+PLC"]


def shown(values, digits=2):
    return [round(float(value), digits) for value in values]


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("no", -61.1792),
        ("ro", 94.7688),
        ("iolr", 0.4402),
        ("ist", -0.0007),
        ("iq", 0.9741),
        ("simultaneous", 1.4136),
        ("idle", 0.1490),
        ("idte", 0.0),
        ("idd", 0.0),
        ("r", 93.2062),
        ("mos", 4.4094),
    ],
)
def test_the_default_circuit_has_the_terms_of_g107(term, value):
    assert round(float(getattr(e_model(0.0), term)), 4) == value


@pytest.mark.parametrize(
    ("ie", "bpl", "scores", "r_at_2_percent"),
    [
        (0, 25.1, [4.4094, 4.3707, 4.3282, 4.2350, 4.1344, 3.9231, 3.4112], 86.195),
        (0, 4.3, [4.4094, 4.1427, 3.8339, 3.2564, 2.7944, 2.1696, 1.4810], 63.047),
        (11, 19, [4.1046, 4.0260, 3.9465, 3.7876, 3.6321, 3.3400, 2.7456], 74.206),
    ],
    ids=["G.711 with PLC", "G.711", "G.729A"],
)
def test_loss_costs_what_the_codec_table_says(ie, bpl, scores, r_at_2_percent):
    terms = e_model(np.zeros(7), ie_eff(ie, bpl, np.array(LOSSES, dtype=float)))

    assert shown(terms.mos, 4) == scores
    assert round(float(terms.r[3]), 3) == r_at_2_percent


@pytest.mark.parametrize(
    ("delay_ms", "codec", "loss_percent", "burst_r", "equipment", "r", "mos"),
    [
        (150, "G.729A+VAD", 1, 1, 15.20, 74.34, 3.79),
        (100, "G.711+PLC", 2, 1, 7.011, 83.65, 4.15),
        (100, "G.711+PLC", 2, 2, 7.280, 83.38, None),
        (100, "G.711", 2, 1, 30.159, 60.51, 3.13),
    ],
)
def test_delay_and_loss_together(delay_ms, codec, loss_percent, burst_r, equipment, r, mos):
    row = CODECS[codec]
    score = rate(row, loss_percent / 100, 1000, one_way_ms=delay_ms, burst_r=burst_r)

    assert score is not None
    assert ie_eff(row.ie, row.bpl, float(loss_percent), burst_r) == pytest.approx(equipment, abs=0.0005)
    assert round(score.r, 2) == r
    assert mos is None or round(score.value, 2) == mos


@pytest.mark.parametrize(
    ("delay_ms", "codec", "loss_ratio", "r", "mos"),
    [(150, "G.729A+VAD", 0.01, 74.40, 3.796), (100, "G.711+PLC", 0.02, 83.79, 4.159)],
)
def test_the_simplified_model(delay_ms, codec, loss_ratio, r, mos):
    score = rate(CODECS[codec], loss_ratio, 1000, one_way_ms=delay_ms, delay_term="cole_rosenbluth")

    assert (round(score.r, 2), round(score.value, 3)) == (r, mos)


def test_three_terms_for_delay():
    delays = np.array(DELAYS, dtype=float)

    assert shown(e_model(delays).delay) == [1.60, 2.69, 3.82, 7.55, 14.18, 20.69, 31.11, 38.55]
    assert shown(idd(delays)) == [0, 0, 0.16, 3.04, 8.92, 14.76, 24.07, 30.64]
    assert shown(cole_rosenbluth(delays)) == [1.20, 2.40, 3.60, 7.30, 14.00, 20.70, 34.10, 47.50]


@pytest.mark.parametrize("stmr", [8.9, 20.1])
def test_a_sidetone_beyond_the_formulas_is_refused(stmr):
    with pytest.raises(ValueError, match=r"outside 9\.\.20"):
        Circuit(stmr=stmr)


@pytest.mark.parametrize(
    ("r", "mos"), [(90, 4.339), (80, 4.024), (70, 3.597), (60, 3.100), (50, 2.575), (20, 1.252), (0, 1), (100, 4.5)]
)
def test_r_to_mos(r, mos):
    assert round(float(mos_of_r(float(r))), 3) == mos


def test_the_polynomial_is_not_followed_below_1():
    # 3.22 is where it gives its least; it comes back to 1 above 6.51
    assert shown(opinion_polynomial(np.array([0.5, 3.22])), 4) == [0.9968, 0.9888]
    assert shown(mos_of_r(np.array([0.5, 3.22, 6.5, -3.0])), 4) == [1, 1, 1, 1]
    assert mos_of_r(6.52) > 1


@pytest.mark.parametrize("r", [10, 20, 50, 60, 70, 80, 90, 93.2])
def test_mos_to_r_is_exact(r):
    assert r_of_mos(float(mos_of_r(float(r)))) == pytest.approx(r, abs=1e-9)


@pytest.mark.parametrize("mos", [0.99, 4.51, math.nan])
def test_beyond_the_scale_there_is_no_r(mos):
    assert r_of_mos(mos) is None


@given(st.floats(6.51, 100))
def test_mos_to_r_undoes_r_to_mos(r):
    assert r_of_mos(float(mos_of_r(r))) == pytest.approx(r, abs=0.01)


@given(st.floats(-200, 200))
def test_mos_stays_within_1_and_4_5(r):
    assert 1 <= mos_of_r(r) <= 4.5


@given(
    st.sampled_from([row for row in CODECS.values() if row.bpl]), st.floats(0, 1), st.floats(0, 1), st.floats(0, 900)
)
def test_more_loss_never_gives_more_r(row, one, other, delay_ms):
    less, more = sorted([one, other])

    assert rate(row, more, 1, one_way_ms=delay_ms).r <= rate(row, less, 1, one_way_ms=delay_ms).r + 1e-9


@pytest.mark.parametrize(
    ("r", "band"),
    [
        (93.2, "very satisfied"),
        (89.9, "satisfied"),
        (74, "some dissatisfied"),
        (60, "many dissatisfied"),
        (50, "nearly all dissatisfied"),
        (-1, "not recommended"),
    ],
)
def test_bands_of_g109(r, band):
    assert satisfaction(r) == band


@pytest.mark.parametrize(("ie", "mos"), [(0, 4.5), (1, 4.4940), (8, 4.4206), (13, 4.3371), (41, 3.5123), (56, 2.9220)])
def test_wideband_without_loss(ie, mos):
    row = Codec("wideband", "WB", ie, None, "standard", "test")

    assert round(rate(row, 0.0, 1).value, 4) == mos


def test_wideband_under_loss():
    score = rate(CODECS["AMR-WB 12.65 diotic"], 0.02, 1)

    assert (round(129 - score.r, 4), round(score.value, 4)) == (43.8095, 3.4062)


def test_fullband_under_loss_and_delay():
    score, late = (rate(CODECS["EVS-SWB 24.4"], 0.02, 1, one_way_ms=ms) for ms in (None, 300.0))

    assert (round(148 - score.r, 4), round(score.r, 4), round(score.value, 4)) == (25.8269, 122.1731, 4.1166)
    assert score.r - late.r == pytest.approx(1.48 * 14.76, abs=0.01)
    assert late.key == MosKey("FB", "CQ", "g107.2", "secondary", "one secondary source", "idd")


@pytest.mark.parametrize(
    ("rates", "ies"),
    [
        ("", [8, 1, 3, 5, 7, 10, 13, 26, 41]),
        (" diotic", [10, 8, None, None, 17, None, 20, 41, 56]),
    ],
)
def test_rows_of_amr_wb(rates, ies):
    kbps = ("23.85", "23.05", "19.85", "18.25", "15.85", "14.25", "12.65", "8.85", "6.6")
    rows = [CODECS.get(f"AMR-WB {rate}{rates}") for rate in kbps]

    assert [row and row.ie for row in rows] == ies


@pytest.mark.parametrize(
    ("name", "ie", "bpl"),
    [
        ("G.711+PLC", 0, 25.1), ("G.711", 0, 4.3), ("G.729A+VAD", 11, 19.0), ("G.729", 10, None),
        ("G.723.1+VAD 6.3", 15, 16.1), ("GSM-EFR", 5, 10.0), ("AMR-NB", None, None), ("G.722", None, None),
        ("Speex", None, None), ("Opus", None, None), ("AMR-WB 23.85 diotic", 10, 4.9), ("AMR-WB 23.05 diotic", 8, 4.6),
        ("AMR-WB 12.65 diotic", 20, 4.3), ("EVS-SWB 24.4", 7.2, 11.4),
    ],
)  # fmt: skip
def test_rows_of_codecs(name, ie, bpl):
    assert (CODECS[name].ie, CODECS[name].bpl) == (ie, bpl)


# M. Alahmadi, 2021: kbit/s, Ie, Bpl under random and under bursty loss
OPUS_PUBLISHED = {
    "NB": [(6, 23.00, 24.56, 15.36), (8, 16.02, 20.26, 13.48), (9, 11.74, 18.91, 12.44)],
    "WB": [(11, 28.41, 23.94, 20.12), (12, 23.30, 22.22, 18.90), (13, 19.96, 19.50, 16.92)],
    "SWB": [
        (16, 30.16, 11.83, 10.06), (19, 23.81, 10.67, 8.92), (22, 20.22, 10.47, 8.57), (25, 20.21, 11.28, 9.18),
        (28, 18.48, 10.63, 8.91), (31, 16.83, 10.44, 8.82), (34, 14.76, 10.12, 8.54), (37, 12.08, 10.38, 8.30),
        (40, 10.67, 9.79, 8.04),
    ],
}  # fmt: skip


@pytest.mark.parametrize("bandwidth", OPUS_PUBLISHED)
def test_rows_of_opus(bandwidth):
    rows = [(kbps, opus(bandwidth, kbps), opus(bandwidth, kbps, bursty=True)) for kbps, *_ in OPUS_PUBLISHED[bandwidth]]

    assert [(kbps, row.ie, row.bpl, bursty.bpl) for kbps, row, bursty in rows] == OPUS_PUBLISHED[bandwidth]


def test_opus_is_provisional_and_lies_between_measured_rates():
    row, bursty = opus("SWB", 28), opus("SWB", 28, bursty=True)

    assert (row.ie, row.bpl, row.scale, row.standing) == (18.48, 10.63, "FB", "provisional")
    assert bursty.bpl == 8.91
    assert opus("NB", 7).ie == pytest.approx((23.00 + 16.02) / 2)
    assert [len(points) for points in OPUS.values()] == [3, 3, 9]


@pytest.mark.parametrize(("bandwidth", "kbps"), [("NB", 5.9), ("NB", 10), ("SWB", 40.1), ("WB", math.nan)])
def test_opus_beyond_its_table_has_no_row(bandwidth, kbps):
    assert opus(bandwidth, kbps) is None


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("PCMU", "G.711+PLC"),
        ("pcma", "G.711+PLC"),
        ("G.711", "G.711"),
        ("G729", "G.729"),
        ("opus", "Opus"),
        ("H264", None),
    ],
)
def test_codecs_by_their_names_in_rtp(name, row):
    found = codec_named(name)

    assert (found and found.name) == row


def test_a_receiver_that_does_not_conceal():
    assert codec_named("PCMU", concealing=False).name == "G.711"


@pytest.mark.parametrize(
    ("codec", "loss_ratio", "why"),
    [
        ("G.711+PLC", None, "packet loss was not measured"),
        ("G.711+PLC", 1.2, "packet loss is outside 0..1"),
        ("G.729", 0.01, "no robustness to loss (Bpl) is published for the codec"),
        ("Opus", 0.0, "no equipment impairment (Ie) is published for the codec"),
    ],
)
def test_without_what_it_takes_there_is_no_score_but_a_reason(codec, loss_ratio, why):
    score = rate(CODECS[codec], loss_ratio, 7)

    assert (score.value, score.r, score.n, score.why) == (None, None, 7, why)


def test_a_codec_without_any_row_has_no_scale_to_be_rated_on():
    assert rate(None, 0.0, 1) is None


def test_a_column_of_streams():
    table = rate_columns(
        pa.chunked_array([["PCMU", "opus", None], ["G729", "opus", "PCMA"]]),
        pa.array([0.02, 0.01, 0.1, 0.1, None, 0.0]),
        one_way_ms=[100, None, 3, 3, 3, 300],
        kbps=[64, 32, None, 8, 32, 64],
        opus_bandwidth="SWB",
    )

    assert table["codec_row"].to_pylist() == [
        "G.711+PLC",
        "Opus SWB 32 (31..34)",
        None,
        "G.729",
        "Opus SWB 32 (31..34)",
        "G.711+PLC",
    ]
    assert table["scale"].to_pylist() == ["NB", "FB", None, "NB", "FB", "NB"]
    assert table["scope"].to_pylist() == ["CQ", "LQ", None, "CQ", "CQ", "CQ"]
    assert table["standing"].to_pylist() == ["secondary", "provisional", None, "secondary", "provisional", "secondary"]
    assert [mos and round(mos, 2) for mos in table["mos"].to_pylist()] == [4.15, 4.10, None, None, None, 3.72]
    assert table["why"].to_pylist() == [
        None,
        None,
        "no E-model row is known for the codec",
        "no robustness to loss (Bpl) is published for the codec",
        "packet loss was not measured",
        None,
    ]


def test_opus_is_rated_only_if_asked_for():
    (row,) = rate_columns(["opus"], [0.0], kbps=32).to_pylist()

    assert (row["mos"], row["why"]) == (None, "no equipment impairment (Ie) is published for the codec")


def test_a_column_says_how_far_the_terms_for_delay_are_apart():
    low, mos, high = (
        rate_columns(["PCMU"], [0.0], one_way_ms=[400.0])[name][0].as_py() for name in ("mos_low", "mos", "mos_high")
    )

    assert shown([low, mos, high], 3) == shown(mos_of_r(np.array([93.2 - 34.10, 93.3552 - 31.11, 93.3552 - 24.07])), 3)


def test_no_streams_no_rows():
    assert rate_columns([], []).num_rows == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*CODECS]), st.none() | st.floats(0, 1), st.none() | st.floats(0, 800), st.floats(1, 4)
        ),
        max_size=12,
    )
)
def test_a_column_says_the_same_as_one_by_one(cases):
    codecs, losses, delays, bursts = zip(*cases, strict=True) if cases else ((), (), (), ())
    table = rate_columns(list(codecs), list(losses), one_way_ms=list(delays), burst_r=list(bursts))

    for row, (name, loss, delay_ms, burst) in zip(table.to_pylist(), cases, strict=True):
        score = rate(CODECS[name], loss, 1, one_way_ms=delay_ms, burst_r=burst)
        assert (row["r"], row["mos"], row["why"]) == (score.r, score.value, score.why)
        assert (row["scale"], row["scope"], row["delay_term"]) == (
            score.key.scale,
            score.key.scope,
            score.key.delay_term,
        )


def test_bursts_of_loss():
    assert burst_ratio(20, 10, 2.0) == 1.96
    assert burst_ratio(10, 10, 50.0) == 1.0
    assert burst_ratio(0, 0, 0.0) is None


def test_the_way_from_mouth_to_ear():
    delay = mouth_to_ear(
        [100, 100, None], [40, None, 40], [10, 10, 10], ptime_ms=20, lookahead_ms=LOOKAHEAD_MS["G.711"]
    )

    assert np.array_equal(delay.delay_ms, [110.25, 90.25, math.nan], equal_nan=True)
    assert delay.estimated.tolist() == [False, True, False]


NB = MosKey("NB", "LQ", "g107", "secondary", "a table")
WB = MosKey("WB", "LQ", "g107.1", "standard", "a table")


def test_scores_of_one_kind_have_a_mean_over_those_there_are():
    scores = [Mos(NB, 4.0, 80.0, 100), Mos(NB, 3.0, 58.0, 100), Mos(NB, None, None, 0, "no loss")]

    assert mean_mos(scores) == Mos(NB, 3.5, None, 2)
    assert mean_mos(scores[2:]) == Mos(NB, None, None, 0, "none of the scores could be computed")
    assert mean_mos([]) is None


def test_scores_of_several_kinds_are_never_mixed():
    one, other = Mos(NB, 4.0, 80.0, 100), Mos(WB, 4.1, 110.0, 100)

    with pytest.raises(ValueError, match="scores of 2 kinds have no common mean: scale, model, standing differ"):
        mean_mos([one, other])
    with pytest.raises(TypeError):
        one < other  # noqa: B015 - the comparison itself is what raises
    with pytest.raises(TypeError):
        sum([one, other])
    assert by_kind([other, one, other]) == {NB: [one], WB: [other, other]}
    assert Mos(NB, 3.9, 78.0, 5) < one


@pytest.mark.parametrize(("value", "why"), [(None, None), (4.0, "no loss"), (4.6, None), (0.9, None)])
def test_a_score_has_a_value_on_its_scale_or_a_reason(value, why):
    with pytest.raises(ValueError, match=r"a reason why not|is no MOS"):
        Mos(NB, value, None, 1, why)


@pytest.mark.parametrize(
    ("formula", "case", "r", "mos"),
    [
        (pingplotter_r, (100.0, 10.0, 1.0), 87.45, 4.27),
        (pingplotter_r, (400.0, 30.0, 3.0), 50.70, 2.61),
        (twilio_r, (100.0, 10.0, 1.0), 89.02, 4.31),
        (twilio_r, (400.0, 30.0, 3.0), 52.27, 2.69),
        (twilio_r, (960.0, 20.0, 0.0), 0.0, 1.0),
        (twilio_r, (400.0, 30.0, 22.0), 6.52, 1.0),
        (twilio_r, (400.0, 30.0, 25.0), 0.0, 1.0),
    ],
)
def test_r_of_products(formula, case, r, mos):
    assert (round(float(formula(*case)), 2), round(float(mos_of_r(formula(*case))), 2)) == (r, mos)


@pytest.mark.parametrize(("loss_percent", "mos"), [(1.0, 4.09), (5.0, 3.59), (0.0, 4.5), (50.1, 1.0)])
def test_voipmonitor(loss_percent, mos):
    assert round(float(voipmonitor_g711_mos(loss_percent)), 2) == mos


@pytest.mark.parametrize(
    ("case", "score", "word"),
    [
        ((100, 10, 1), 90.25, "EXCELLENT"),
        ((100, 10, 2.5), 78.25, "GOOD"),
        ((400, 30, 3), 62.0, "GOOD"),
        ((400, 30, 6), 38.0, "POOR"),
        ((400, 30, 9), 14.0, "LOST"),
    ],
)
def test_livekit(case, score, word):
    assert livekit(*case) == (score, word)


def test_livekit_falls_fast_and_rises_slowly():
    assert livekit_smoothed(80, 40) == 48
    assert livekit_smoothed(40, 80) == 56


def test_rtcscore():
    # d = 20 + 30 + 50 = 100: 3; Ie of an unknown rate 6, of DTX 8; loss 10 of Bpl 10: half of what is left
    assert rtcscore_r(100, 30, 0) == pytest.approx(91)
    assert rtcscore_r(100, 30, 10, dtx=True) == pytest.approx(100 - (8 + 46) - 3)
    assert rtcscore_r(100, 30, 20, fec=True) == pytest.approx(100 - (6 + 47) - 3)


def test_how_far_models_are_apart():
    scores = product_scores(100, 10, 1, g711=True)

    assert {name: round(mos, 2) for name, mos in scores.items()} == {
        "pingplotter": 4.27,
        "twilio": 4.31,
        "voipmonitor_g711": 4.09,
    }
    assert shown(disagreement(scores)[:2]) == [4.09, 4.31]
    assert product_scores(100, 10, 0, g711=True)["voipmonitor_g711"] is None
    assert disagreement(product_scores(100, None, None)) is None
