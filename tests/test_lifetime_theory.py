"""Competing risks, Little's law and clocks, against numbers worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.quality import Drift, concurrent, cumulative_incidence, littles_law, one_way, survival, two_way

TIMES = [2, 3, 3, 5, 5, 7, 8, 9, 12, 12]
CAUSES = ["user", "ice", None, "user", "user", "ice", None, "user", None, None]


def test_incidence_by_cause():
    steps = {step.t: step for step in cumulative_incidence(TIMES, CAUSES)}

    assert [(t, round(step.survival, 6)) for t, step in steps.items()] == [
        (2, 0.9),
        (3, 0.8),
        (5, 0.571429),
        (7, 0.457143),
        (9, 0.304762),
    ]
    assert {t: (round(steps[t].incidence["user"], 6), round(steps[t].incidence["ice"], 6)) for t in (3, 5, 7, 9)} == {
        3: (0.1, 0.1),
        5: (0.328571, 0.1),
        7: (0.328571, 0.214286),
        9: (0.480952, 0.214286),
    }


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["user", "ice", "dtls", None])), max_size=40))
def test_survival_and_incidences_add_up_to_1(cases):
    times, causes = [t for t, _ in cases], [cause for _, cause in cases]
    steps = cumulative_incidence(times, causes)

    assert all(step.survival + sum(step.incidence.values()) == pytest.approx(1) for step in steps)
    assert [step.survival for step in steps] == pytest.approx(
        [step.survival for step in survival(times, [cause is not None for cause in causes])]
    )


def test_ends_come_before_starts():
    found = concurrent([0, 10, 20], [10, 20, None], since_s=0, until_s=40)

    assert (found.peak, found.mean, found.integral_s) == (1, 1.0, 40.0)
    assert found.alive.tolist() == [1, 0, 1, 0, 1, 0]


def test_lives_are_counted_within_the_span():
    found = concurrent([0, 5, 30], [100, 15, 35], since_s=10, until_s=20)

    assert (found.peak, found.mean, found.integral_s) == (2, 1.5, 15.0)
    assert concurrent([], [], 0, 10)[2:] == (0, 0.0, 0.0)
    assert concurrent([1], [2], 5, 5).mean is None


def test_littles_law():
    assert littles_law(120, 3600, 90) == 3.0
    assert littles_law(120, 0, 90) is None


def test_offset_from_one_exchange():
    offset = two_way(1000.000, 1000.850, 1000.852, 1000.012)

    assert (round(offset.offset, 6), round(offset.round_trip, 6), round(offset.uncertainty, 6)) == (0.845, 0.010, 0.005)
    assert two_way(0, 5, 7, 1) is None


def test_offset_and_drift_from_one_direction():
    # the second clock is 5 s ahead and gains 1 ms a second; every third message had no delay but the least
    sent = list(range(10))
    received = [t + 5 + 0.001 * t + (0 if t % 3 == 0 else 0.2 * (t % 4)) + 0.01 for t in sent]
    drift = one_way(sent, received)

    assert drift.slope == pytest.approx(0.001)
    assert drift.at(0) == pytest.approx(5.01)


def test_one_instant_tells_no_drift():
    assert one_way([3], [8]) is None
    assert one_way([3, 3], [8, 9]) is None
    assert one_way([3, 4], [8, 9]) == Drift(5.0, 0.0)


@given(
    st.lists(
        st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=2, max_size=30, unique_by=lambda pair: pair[0]
    )
)
def test_no_message_arrives_before_the_line(pairs):
    sent, delays = [t for t, _ in pairs], [delay for _, delay in pairs]
    drift = one_way(sent, [t + delay for t, delay in pairs])

    assert all(delay >= drift.at(t) - 1e-6 for t, delay in zip(sent, delays, strict=True))
