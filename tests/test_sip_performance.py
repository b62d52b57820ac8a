"""Signalling figures (RFC 6076, E.411) from counts of calls, against cases counted by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.quality import (
    Estimate,
    OutcomeCounts,
    SessionCounts,
    answer_bid_ratio,
    answer_seizure_ratio,
    average_call_duration,
    call_completion_rate,
    delay_ms,
    ineffective_registration_attempts,
    ineffective_session_attempts,
    mean_holding_time,
    network_effectiveness_ratio,
    ratio,
    session_completion_ratio,
    session_establishment_effectiveness_ratio,
    session_establishment_ratio,
    session_request_side,
    traffic_erlang,
)

# 100 INVITEs, 20 of them redirected or challenged; 57 of the 60 answered end with BYE and 2XX
HUNDRED = SessionCounts(
    {302: 5, 401: 5, 407: 10, 200: 60, 480: 4, 486: 6, 603: 2, 408: 3, 503: 1, 487: 4}, completed=57
)
BIDS = OutcomeCounts(95, answered=60, busy=10, no_answer=12, declined=4, ineffective=6, refused=5, failed=3)


@pytest.mark.parametrize(
    ("figure", "percent", "n"),
    [
        (session_establishment_ratio, 75.0, 80),
        (session_establishment_effectiveness_ratio, 90.0, 80),
        (ineffective_session_attempts, 4.0, 100),
        (session_completion_ratio, 57.0, 100),
    ],
)
def test_a_hundred_calls_by_rfc_6076(figure, percent, n):
    found = figure(HUNDRED)

    assert (found.value * 100, found.n) == (pytest.approx(percent), n)
    assert found.low < found.value < found.high


@pytest.mark.parametrize(
    ("figure", "percent", "n"),
    [
        (answer_bid_ratio, 60.0, 100),
        (answer_seizure_ratio, 63.16, 95),
        (network_effectiveness_ratio, 90.53, 95),
        (call_completion_rate, 0.0, 100),
    ],
)
def test_a_hundred_bids_by_e_411(figure, percent, n):
    found = figure(BIDS)

    assert (round(found.value * 100, 2), found.n) == (percent, n)


def test_times_of_a_hundred_bids():
    assert average_call_duration(10_800, 60) == Estimate(180.0, "s", 60)
    assert mean_holding_time(10_800, 650, 95).value == pytest.approx(120.526, abs=0.001)
    assert traffic_erlang(10_800, 3600, calls=60).value == 3.0


@pytest.mark.parametrize(
    "found",
    [
        session_establishment_ratio(SessionCounts({407: 3})),
        session_establishment_effectiveness_ratio(SessionCounts({})),
        ineffective_session_attempts(SessionCounts({})),
        session_completion_ratio(SessionCounts({})),
        ineffective_registration_attempts({}),
        answer_seizure_ratio(OutcomeCounts(0, refused=3)),
        answer_bid_ratio(OutcomeCounts(0)),
        network_effectiveness_ratio(OutcomeCounts(0)),
        average_call_duration(0, 0),
        mean_holding_time(0, 0, 0),
        traffic_erlang(0, 3600, calls=0),
        traffic_erlang(5, 0, calls=2),
    ],
)
def test_without_cases_there_is_a_reason_and_no_figure(found):
    assert found.value is found.low is found.high is None
    assert found.why


def test_calls_without_any_answer_are_attempts():
    calls = SessionCounts({200: 3}, unanswered=1)

    assert session_establishment_ratio(calls).value == 0.75


def test_registrations_fail_by_what_is_no_challenge():
    found = ineffective_registration_attempts({200: 6, 302: 1, 401: 5, 407: 2, 403: 2, 503: 1, 603: 1}, timeouts=2)

    assert (found.value, found.n) == (0.3, 20)


@pytest.mark.parametrize(
    ("status", "side"),
    [
        (100, None),
        (180, "success"),
        (183, "success"),
        (200, "success"),
        (302, None),
        (401, None),
        (404, "failure"),
        (486, "failure"),
        (500, "failure"),
        (603, "failure"),
    ],
)
def test_answers_that_end_the_session_request_delay(status, side):
    assert session_request_side(status) == side


def test_a_delay_needs_both_instants_in_their_order():
    assert delay_ms(1000, 1250) == 250
    assert delay_ms(None, 1250) is None
    assert delay_ms(1000, None) is None
    assert delay_ms(1250, 1000) is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: SessionCounts({200: -1}), "a count is negative"),
        (lambda: SessionCounts({200: 1}, completed=2), "2 calls completed of 1 established"),
        (lambda: OutcomeCounts(1, busy=-1), "busy is negative"),
        (lambda: OutcomeCounts(1, answered=2), "1 seizures among 2 bids, 2 of them effective"),
        (lambda: OutcomeCounts(3, answered=2), "3 seizures among 2 bids"),
        (lambda: OutcomeCounts(2, answered=2, completed=3), "3 calls completed of 2 answered"),
        (lambda: Estimate(0.5, "ratio", 0), "no value without cases"),
        (lambda: Estimate(None, "ratio", 3), "a reason why not"),
        (lambda: ratio(3, 2), "is no ratio"),
    ],
)
def test_counts_that_cannot_be_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong()


COUNTS = st.integers(0, 500)


@st.composite
def outcomes(draw):
    names = ("answered", "busy", "no_answer", "declined", "abandoned", "refused", "ineffective", "media_failed")
    counts = {name: draw(COUNTS) for name in names}
    effective = sum(counts[name] for name in names[:4])
    return OutcomeCounts(effective + draw(st.integers(0, sum(counts.values()) - effective)), **counts)


@given(outcomes())
def test_the_network_is_never_less_effective_than_calls_are_answered(calls):
    ner, asr, abr = network_effectiveness_ratio(calls), answer_seizure_ratio(calls), answer_bid_ratio(calls)

    assert ner.n == asr.n == calls.seizures
    assert asr.value is None or abr.value <= asr.value <= ner.value <= 1


@given(st.dictionaries(st.integers(200, 699), COUNTS), COUNTS)
def test_no_ratio_of_calls_leaves_0_to_1_or_goes_without_n(final, unanswered):
    calls = SessionCounts(final, unanswered)
    ser, seer = session_establishment_ratio(calls), session_establishment_effectiveness_ratio(calls)

    assert ser.value is None or ser.value <= seer.value
    for found in (ser, seer, ineffective_session_attempts(calls), session_completion_ratio(calls)):
        assert (found.value is None) == (found.n == 0)
        assert found.value is None or 0 <= found.low <= found.value <= found.high <= 1
