"""Whole numbers for people: they sum, and no score is shown in another band than its own."""

from __future__ import annotations

import csv
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.settings import PROJECT_ROOT
from orchestration.whole_points import whole_change, whole_score, whole_shares

SHARES = st.lists(st.floats(0, 20, allow_subnormal=False), min_size=1, max_size=8)


@given(SHARES)
def test_whole_shares_sum_to_the_whole_score_and_none_is_off_by_one(shares: list[float]) -> None:
    score = math.fsum(shares)
    whole = whole_shares(shares, score)
    assert sum(whole) == whole_score(score)
    assert all(abs(share - number) < 1 for share, number in zip(shares, whole, strict=True))
    assert all(number == 0 for share, number in zip(shares, whole, strict=True) if share == 0)


@given(SHARES)
def test_a_larger_share_is_never_shown_smaller_than_one_with_a_lesser_remainder(
    shares: list[float],
) -> None:
    whole = whole_shares(shares, math.fsum(shares))
    raised = [n for n, share in enumerate(shares) if whole[n] > share]
    kept = [n for n, share in enumerate(shares) if whole[n] == math.floor(share)]
    for up in raised:
        for down in kept:
            assert shares[up] % 1 >= shares[down] % 1


def test_what_is_missing_goes_to_the_largest_remainders_the_earlier_of_equal_ones() -> None:
    assert whole_shares([10.25, 10.5, 10.5, 10.75], 42.0) == [10, 11, 10, 11]
    assert whole_shares([0.0, 39.9958], 39.9958) == [0, 39]
    assert whole_shares([], 0.0) == []


@pytest.mark.parametrize(
    ("score", "shown"),
    [(0.0, 0), (39.9958, 39), (39.99999999949, 39), (39.9999999999, 40), (40.0, 40), (99.99, 99)],
)
def test_a_score_is_shown_as_the_points_that_it_has_reached(score: float, shown: int) -> None:
    assert whole_score(score) == shown


@given(st.floats(0, 100))
def test_what_is_shown_lies_in_the_band_of_the_score(score: float) -> None:
    with (PROJECT_ROOT / "seeds/scoring/score_bands.csv").open(encoding="utf-8") as file:
        bands = sorted(float(row["minimum_score"]) for row in csv.DictReader(file))

    def band(value: float) -> float:
        return max(minimum for minimum in bands if round(value, 9) >= minimum)

    assert band(whole_score(score)) == band(score)


def test_a_change_is_that_of_what_was_shown() -> None:
    assert whole_change(40.1, 0.2) == 1
    assert whole_change(40.9, 0.8) == 0
    assert whole_change(12.0, -3.5) == -3
