"""Lift, capture, AUC and their intervals, on frames that a person can follow."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from orchestration.backtest.frames import Frames
from orchestration.backtest.measures import (
    AUC,
    CAPTURE,
    COUNT,
    LIFT,
    MEASURES,
    RECENCY,
    SCORE,
    Ranking,
    compare,
    promising,
    steps_of,
)
from tests.unit.orchestration.backtests import BANDS, Seen, drawn, frames_of


def measured(frames: Frames, ranking: str = SCORE) -> dict[str, float]:
    rows = np.arange(len(frames))
    found = Ranking(frames.day, promising(frames, ranking), frames.converted, rows)
    return dict(zip(MEASURES, found.measures(np.ones(len(frames))).tolist(), strict=True))


def auc_by_pairs(frames: Frames) -> float:
    """Each pair of a converted and another person of the same date, one by one."""
    points = []
    for one, other in product(range(len(frames)), repeat=2):
        is_pair = frames.converted[one] and not frames.converted[other]
        if is_pair and frames.day[one] == frames.day[other]:
            better = frames.score[one] - frames.score[other]
            points.append(1.0 if better > 0 else 0.5 if better == 0 else 0.0)
    return sum(points) / len(points)


def test_who_ranks_all_who_convert_first_has_the_highest_lift_there_is() -> None:
    frames = frames_of(Seen(one, 100 - one, converts_after=int(one < 10)) for one in range(100))
    assert measured(frames) == {LIFT: pytest.approx(10.0), CAPTURE: 1.0, AUC: 1.0}


def test_who_ranks_them_last_has_none() -> None:
    frames = frames_of(Seen(one, one, converts_after=int(one < 10)) for one in range(100))
    assert measured(frames) == {LIFT: 0.0, CAPTURE: 0.0, AUC: 0.0}


def test_people_ranked_alike_are_no_better_than_chance() -> None:
    frames = frames_of(Seen(one, 5, converts_after=int(one % 7 == 0)) for one in range(70))
    assert measured(frames) == {
        LIFT: pytest.approx(1.0), CAPTURE: pytest.approx(0.2), AUC: pytest.approx(0.5)
    }  # fmt: skip


def test_a_tie_that_the_tenth_cuts_counts_in_part() -> None:
    # one person above, then four alike of whom one converts: the tenth holds one and a fifth
    rows = [Seen(0, 90), *(Seen(one, 50, converts_after=int(one == 1)) for one in range(1, 5))]
    frames = frames_of([*rows, *(Seen(one, 0) for one in range(5, 12))])
    assert measured(frames)[LIFT] == pytest.approx(0.05 / 0.1)


def test_auc_is_that_of_all_pairs_of_one_date() -> None:
    frames = drawn(people=30, seed=3, converts=(1.5, 0, 0), weeks=3)
    assert measured(frames)[AUC] == pytest.approx(auc_by_pairs(frames))


def test_a_week_in_which_many_convert_makes_no_ranking_look_good() -> None:
    # scores are higher in the second week and so are conversions; within each they tell nothing
    rows = [
        Seen(one, 10 + 50 * week, converts_after=int(one % 10 < 1 + 5 * week), day=100 + 7 * week)
        for week in range(2)
        for one in range(50)
    ]
    assert measured(frames_of(rows))[AUC] == pytest.approx(0.5)


def test_who_is_drawn_twice_counts_twice_with_all_their_rows() -> None:
    rows = [
        Seen(one, (one + day) % 9, converts_after=int(one % 4 == 0), day=day)
        for one in range(40)
        for day in (100, 107)
    ]
    times = np.array([one % 3 for one in range(40)], np.float64)
    repeated = frames_of(row for row in rows for _ in range(int(times[row.person])))
    frames = frames_of(rows)
    found = Ranking(frames.day, frames.score, frames.converted, frames.node).measures(times)
    assert found.tolist() == pytest.approx(list(measured(repeated).values()))


def test_recency_ranks_who_came_last_first_and_the_count_who_left_most_events() -> None:
    rows = [Seen(one, 0, converts_after=int(one < 5), idle_days=one, event_count=one)
            for one in range(50)]  # fmt: skip
    assert measured(frames_of(rows), RECENCY)[AUC] == 1.0
    assert measured(frames_of(rows), COUNT)[AUC] == 0.0


def test_who_stands_in_several_weeks_is_drawn_as_one_person() -> None:
    once = drawn(people=300, seed=5, converts=(1, 0, 0), weeks=1)
    # the same people five times over: nothing more is known than before
    again = Frames(**{
        name: np.concatenate([getattr(once, name)] * 5) for name in Frames.__dataclass_fields__
    })  # fmt: skip
    again.day[:] = np.repeat(np.arange(5) * 7, len(once))
    one, five = (compare(frames, len(BANDS)).figures[SCORE][AUC] for frames in (once, again))
    assert five.value == pytest.approx(one.value)
    assert five.high - five.low == pytest.approx(one.high - one.low)


@pytest.mark.slow
def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Of 60 logs in which nothing tells anything, nearly all intervals hold 0.5 and 1."""
    found = [
        compare(drawn(people=250, seed=seed, converts=(0, 0, 0)), len(BANDS), draws=100)
        for seed in range(60)
    ]
    for measure, chance in ((AUC, 0.5), (LIFT, 1.0)):
        held = sum(not each.figures[SCORE][measure].excludes(chance) for each in found)
        assert held >= 52, measure


def test_the_same_seed_draws_the_same_intervals() -> None:
    frames = drawn(people=100, seed=1, converts=(1, 0, 0))
    assert compare(frames, len(BANDS), draws=20) == compare(frames, len(BANDS), draws=20)


def test_rates_of_bands_are_those_of_their_rows() -> None:
    rows = [Seen(one, 80, converts_after=int(one < 3)) for one in range(10)]
    rows += [Seen(10 + one, 20, converts_after=int(one < 1)) for one in range(10)]
    rates = compare(frames_of(rows), len(BANDS), draws=50).band_rates
    assert [rate and rate.value for rate in rates] == [0.3, None, 0.1, None]


def test_steps_hold_a_tenth_each_and_keep_one_score_together() -> None:
    rows = [Seen(one, one, converts_after=int(one >= 90)) for one in range(100)]
    steps = steps_of(frames_of(rows))
    assert [step.row_count for step in steps] == [10] * 10
    assert [step.rate for step in steps] == [0] * 9 + [1]
    cold = [Seen(one, 0 if one < 60 else one) for one in range(100)]
    assert [step.row_count for step in steps_of(frames_of(cold))] == [60, 10, 10, 10, 10]
