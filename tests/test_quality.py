"""Intervals and survival, against numbers worked out elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.quality import median_survival, survival, wilson

# E. L. Kaplan and P. Meier's estimate of the 6-MP arm of Freireich et al., 1963: weeks in remission
TIMES = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [True, True, True, False, True, False, True, False, False, True, True, False, False, False, True, True] + [
    False
] * 5


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (60, 80, 0.6452, 0.8319),
        (72, 80, 0.8149, 0.9485),
        (4, 100, 0.0157, 0.0984),
        (0, 20, 0.0, 0.1611),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_a_ratio_has_its_wilson_interval(hits, n, low, high):
    interval = wilson(hits, n)

    assert interval is not None
    assert interval.value == hits / n
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_without_cases_there_is_no_ratio():
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("hits", "n"), [(-1, 3), (4, 3)])
def test_more_hits_than_cases_are_no_ratio(hits, n):
    with pytest.raises(ValueError, match="is no ratio"):
        wilson(hits, n)


def test_survival_is_that_of_the_textbook():
    steps = survival(TIMES, ENDED)

    assert [(step.t, step.at_risk, step.ended, round(step.survival, 4)) for step in steps] == [
        (6, 21, 3, 0.8571),
        (7, 17, 1, 0.8067),
        (10, 15, 1, 0.7529),
        (13, 12, 1, 0.6902),
        (16, 11, 1, 0.6275),
        (22, 7, 1, 0.5378),
        (23, 6, 1, 0.4482),
    ]
    assert [(round(step.low or 0, 4), round(step.high or 0, 4)) for step in steps] == [
        (0.6197, 0.9516),
        (0.5631, 0.9228),
        (0.5032, 0.8894),
        (0.4316, 0.8491),
        (0.3675, 0.8049),
        (0.2678, 0.7468),
        (0.1881, 0.6801),
    ]
    assert median_survival(steps) == 23


def test_the_order_of_cases_does_not_matter():
    assert survival(TIMES[::-1], ENDED[::-1]) == survival(TIMES, ENDED)


def test_at_equal_times_ends_come_before_censorings():
    (step,) = survival([5, 5], [True, False])

    assert (step.at_risk, step.ended, step.survival) == (2, 1, 0.5)


def test_a_curve_that_stays_up_has_no_median():
    assert median_survival(survival([1, 2, 3], [True, False, False])) is None


def test_where_nothing_ended_there_is_no_step():
    assert survival([1, 2], [False, False]) == []
    assert survival([], []) == []


def test_at_the_end_of_all_there_is_no_interval():
    (step,) = survival([4, 4], [True, True])

    assert (step.survival, step.low, step.high) == (0.0, None, None)


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=60))
def test_survival_only_falls_and_stays_within_its_bounds(cases):
    steps = survival([t for t, _ in cases], [over for _, over in cases])

    assert [step.t for step in steps] == sorted({t for t, over in cases if over})
    assert sum(step.ended for step in steps) == sum(over for _, over in cases)
    levels = [1.0, *(step.survival for step in steps)]
    assert levels == sorted(levels, reverse=True)
    assert all(
        step.low <= step.survival <= step.high for step in steps if step.low is not None and step.high is not None
    )
