"""Differences of two ratios: the published examples, and what holds for all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.quality import newcombe, wilson

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("before", "after", "low", "high"),
    [  # R. G. Newcombe, Statistics in Medicine 17 (1998), table II, method 10
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((2, 7), (6, 7), 0.0582, 0.8062),
        ((0, 29), (5, 56), -0.0381, 0.1926),
        ((0, 20), (0, 10), -0.1611, 0.2775),
        ((0, 10), (10, 10), 0.6075, 1.0000),
    ],
)
def test_published_intervals(before, after, low, high):
    found = newcombe(*before, *after)

    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(COUNTS, COUNTS)
def test_swapping_negates_and_the_difference_lies_within(before, after):
    there, back = newcombe(*before, *after), newcombe(*after, *before)

    assert back == (-there.value, -there.high, -there.low)
    assert -1 <= there.low <= there.value <= there.high <= 1


def test_without_cases_there_is_no_difference():
    assert newcombe(0, 0, 1, 2) is None
    assert newcombe(1, 2, 0, 0) is None


@given(st.integers(1, 1000))
def test_none_and_all_reach_the_end(n):
    assert (wilson(0, n).low, wilson(n, n).high) == (0.0, 1.0)
