"""Suggested weights: what is fitted, how it is brought to size, and what may be written where."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingestion.errors import UserError
from orchestration.backtest.history import Flags, Floats, Ints
from orchestration.backtest.measures import MEASURES, Contest, Estimate
from orchestration.backtest.scoring import Rules, points_of_rules, score_people
from orchestration.backtest.weights.evidence import split_of, units_of
from orchestration.backtest.weights.findings import verdict
from orchestration.backtest.weights.fitting import Problem
from orchestration.backtest.weights.scaling import plain, plain_days, size_of
from orchestration.backtest.weights.seed_files import (
    SEEDS,
    check_folder,
    read_seeds,
    with_rules,
    write_seeds,
)
from orchestration.backtest.weights.suggestion import (
    SUGGESTED,
    TODAY,
    Fitted,
    Judged,
    Looked,
    Suggestion,
)
from orchestration.backtest.weights.variants import Variant

SCALE = 40.0
TRUE_FACTORS = (3.0, 1.0, 0.25)


def drawn(
    people: int, factors: tuple[float, ...] = TRUE_FACTORS, seed: int = 4
) -> tuple[Ints, Floats, Flags]:
    """Days, points by unit and conversions, which the score by points times `factors` decides."""
    lot = np.random.Generator(np.random.PCG64(seed))
    points = lot.gamma(0.5, 20, size=(people, len(factors)))
    score = 1 - 2.0 ** (-np.maximum(points @ np.array(factors), 0) / SCALE)
    logit = 4 * score - 4
    converted = lot.random(people) < 1 / (1 + np.exp(-logit))
    return np.sort(lot.integers(100, 104, size=people)), points, converted


def fitted(day: Ints, points: Floats, converted: Flags) -> Floats:
    every = np.ones(points.shape[1], np.bool_)
    return Problem(day, points, converted, every, SCALE).fit().factors


def some_rules(**other: object) -> Rules:
    rules = Rules(
        weight=np.array([10.0, 4.0, 2.0, 1.0]),
        half_life_days=np.array([14.0, 7.0, 7.0, 30.0]),
        daily_cap=np.array([2, 1, 3, 5]),
        saturation=np.array([30.0, 12.0, 6.0, 3.0]),
        is_hand_raise=np.zeros(4, np.bool_),
        group=np.array([-1, 0, -1, 0]),
        group_caps=np.array([10.0]),
        bands=[("hot", 70.0), ("warm", 40.0), ("cool", 15.0), ("cold", 0.0)],
        person_score_scale=SCALE,
        forget_after_half_lives=20,
        hand_raise_days=14,
        identifier_limits={},
        traffic_rules=frozenset(),
        traffic_thresholds={},
    )
    return replace(rules, **other)  # type: ignore[arg-type]


def test_with_much_evidence_the_factors_are_those_that_decide() -> None:
    assert fitted(*drawn(60_000)) == pytest.approx(np.array(TRUE_FACTORS), rel=0.25)


def test_without_evidence_weights_stay_exactly_as_they_are() -> None:
    day, points, converted = drawn(400)
    assert fitted(day, np.zeros_like(points), converted).tolist() == [1.0, 1.0, 1.0]


def test_the_less_evidence_the_nearer_are_factors_to_today() -> None:
    apart = [float(np.abs(np.log(fitted(*drawn(people)))).sum()) for people in (60, 1_000, 30_000)]
    assert apart == sorted(apart)
    assert apart[0] < 0.35 * apart[-1]


def test_a_rule_that_speaks_against_converting_gets_less_and_never_less_than_nothing() -> None:
    found = fitted(*drawn(20_000, factors=(2.0, 1.0, -2.0)))
    assert 0 < found[2] < 0.2
    assert found[0] > found[1] > found[2]


def test_a_week_in_which_many_convert_says_nothing_of_what_was_done_in_it() -> None:
    lot = np.random.Generator(np.random.PCG64(3))
    day = np.repeat([100, 107], 2_000)
    points = np.ones((4_000, 2)) * 5
    points[2_000:, 1] = 25  # everybody did more of the second thing in the week of the fair
    converted = lot.random(4_000) < np.where(day == 107, 0.3, 0.03)
    busy, calm = fitted(day, points, converted)
    assert busy == pytest.approx(calm, rel=0.01)
    assert busy == pytest.approx(1, abs=0.05)


def test_units_that_may_not_change_keep_their_weight_and_count_all_the_same() -> None:
    day, points, converted = drawn(20_000)
    may_change = np.array([True, False, True])
    found = Problem(day, points, converted, may_change, SCALE).fit().factors
    assert found[1] == 1.0
    assert found[0] > 1 > found[2]


def test_where_nothing_may_change_nothing_does() -> None:
    day, points, converted = drawn(300)
    found = Problem(day, points, converted, np.zeros(3, np.bool_), SCALE).fit()
    assert found.factors.tolist() == [1.0, 1.0, 1.0]


def test_who_counts_twice_counts_as_two() -> None:
    day, points, converted = drawn(300)
    every = np.ones(3, np.bool_)
    times = np.arange(300) % 3
    again = np.repeat(np.arange(300), times)
    twice = Problem(day, points, converted, every, SCALE).fit(times.astype(np.float64))
    # the level that the dates are drawn to is that of all rows, so it is not quite the same
    assert twice.factors == pytest.approx(
        fitted(day[again], points[again], converted[again]), rel=0.02
    )
    assert twice.factors != pytest.approx(fitted(day, points, converted), rel=0.05)


def test_the_dates_held_out_are_the_last_third_and_no_label_of_the_others_reaches_into_them() -> (
    None
):
    split = split_of(range(1_000, 1_000 + 26 * 7, 7))
    assert len(split.held_out) == 9
    assert split.held_out[-1] == 1_175
    assert max(split.fitted) + 30 <= split.held_out[0] < max(split.fitted) + 7 + 30
    assert len(split.fitted) == 13


def test_of_a_few_dates_none_is_left_to_fit_on() -> None:
    assert split_of([7, 14, 21]).fitted == []


def test_rules_of_a_capped_group_change_as_one() -> None:
    assert [unit.rules for unit in units_of(some_rules())] == [(0,), (1, 3), (2,)]


def test_points_are_linear_in_a_factor_of_weight_and_ceiling() -> None:
    rules = some_rules()
    twice = replace(
        rules, weight=rules.weight * 2, saturation=rules.saturation * 2,
        group_caps=rules.group_caps * 2,
    )  # fmt: skip
    lot = np.random.Generator(np.random.PCG64(1))
    person, rule, day = (lot.integers(most, size=200) for most in (9, 4, 50))
    given = (9, person, rule, day, np.ones(200, np.int64), 50)
    assert score_people(twice, *given).points == pytest.approx(
        2 * score_people(rules, *given).points, rel=1e-9
    )


def test_a_variant_changes_half_lives_ceilings_and_caps_of_rules_that_may_change() -> None:
    changes = np.array([True, True, False, True])
    found = Variant(half_life=2, saturation=0.5, daily_cap=0.5).rules(some_rules(), changes)
    assert found.half_life_days.tolist() == [28, 14, 7, 60]
    assert found.saturation.tolist() == [15, 6, 6, 1.5]
    assert found.daily_cap.tolist() == [1, 1, 3, 2]
    assert found.group_caps.tolist() == [5]
    assert Variant().loss == 0
    assert Variant(half_life=2).loss == pytest.approx(0.5)


def test_as_many_people_reach_the_band_as_today() -> None:
    today = np.array([80.0, 75, 71, 20, 10, 5])
    fitted_points = np.array([4.0, 1, 9, 8, 0, 2])
    times = np.ones(6)
    size = size_of(today, np.zeros(6), fitted_points, 70.0, times)
    assert int((size * fitted_points >= 70 - 1e-9).sum()) == 3
    assert size == pytest.approx(70 / 4)


def test_what_stays_as_it_is_counts_when_the_size_is_found() -> None:
    today = np.array([80.0, 75, 20, 10])
    others = np.array([70.0, 0, 0, 0])
    fitted_points = np.array([1.0, 5, 7, 2])
    # the first is there by other rules alone, and one more may reach it
    assert size_of(today, others, fitted_points, 70.0, np.ones(4)) == pytest.approx(10)


def test_where_no_band_can_be_the_measure_the_mean_stays_what_it_is() -> None:
    today, fitted_points = np.array([4.0, 2, 0]), np.array([1.0, 1, 1])
    assert size_of(today, np.zeros(3), fitted_points, None, np.ones(3)) == pytest.approx(2)
    assert size_of(today, np.zeros(3), np.zeros(3), None, np.ones(3)) == 1.0


def test_numbers_are_such_as_somebody_would_write() -> None:
    assert [plain(value, 15) for value in (18.2, 15.4, 14.1, 7.7, 0.37, 0.01, 131)] == [
        20, 15, 15, 8, 0.4, 0, 120
    ]  # fmt: skip
    assert plain(44, 45) == 45
    assert [plain_days(value) for value in (10.5, 28, 3.5, 0.75, 0.002)] == [10, 28, 4, 0.75, 0.01]


def loaded_rules() -> Rules:
    """Rules as they are loaded from the seeds of this checkout."""
    with (SEEDS / "scoring" / "scoring_rules.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["rule_id"])

    def column(name: str) -> Floats:
        return np.array([float(row[name]) for row in rows])

    return some_rules(
        weight=column("weight"),
        half_life_days=column("half_life_days"),
        daily_cap=column("daily_cap").astype(np.int64),
        saturation=column("saturation"),
        group=np.full(len(rows), -1),
        group_caps=np.zeros(0),
    )


def test_the_files_differ_from_todays_in_the_suggested_cells_alone(tmp_path: Path) -> None:
    rules = loaded_rules()
    seeds = read_seeds(rules)
    at = seeds.rule_ids.index("pricing_view")
    weight, half_life = rules.weight.copy(), rules.half_life_days.copy()
    weight[at], half_life[at] = 20, 28
    suggested = replace(rules, weight=weight, half_life_days=half_life)
    write_seeds(with_rules(seeds, rules, suggested), tmp_path / "suggested")
    old = (SEEDS / "scoring" / "scoring_rules.csv").read_text("utf-8").splitlines()
    new = (tmp_path / "suggested" / "scoring_rules.csv").read_text("utf-8").splitlines()
    assert [(one, other) for one, other in zip(old, new, strict=True) if one != other] == [
        ("pricing_view,60,page,,pricing,15,14,2,45,false,,Viewed pricing",
         "pricing_view,60,page,,pricing,20,28,2,45,false,,Viewed pricing")
    ]  # fmt: skip
    groups = Path("scoring") / "scoring_groups.csv"
    assert (tmp_path / "suggested" / groups.name).read_bytes() == (SEEDS / groups).read_bytes()


def test_what_a_rule_is_for_is_known_to_convert() -> None:
    seeds = read_seeds(loaded_rules())
    converts = [name for name, is_one in zip(seeds.rule_ids, seeds.is_conversion, strict=True)
                if is_one]  # fmt: skip
    assert converts == [
        "contact_sales", "demo_request", "report_form_submit", "signup", "trial_start"
    ]  # fmt: skip


def test_seeds_that_have_changed_since_they_were_loaded_are_told() -> None:
    rules = loaded_rules()
    with pytest.raises(UserError, match=r"has changed since the last refresh.*intent refresh"):
        read_seeds(replace(rules, weight=rules.weight + 1))


def test_so_are_seeds_in_which_a_number_is_none_by_now(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    shutil.copytree(SEEDS, seeds)
    path = seeds / "scoring" / "scoring_rules.csv"
    path.write_text(path.read_text("utf-8").replace("pricing,15,", "pricing,lots,"), "utf-8")
    with pytest.raises(UserError, match="has changed since the last refresh"):
        read_seeds(loaded_rules(), seeds)


def test_nothing_is_ever_written_into_the_seeds(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(SEEDS)
    for folder in (SEEDS, SEEDS / "scoring", SEEDS / "mine", tmp_path / "link" / "scoring"):
        with pytest.raises(UserError, match="a suggestion is not adopted by itself"):
            check_folder(folder)


def test_nor_over_anything_else(tmp_path: Path) -> None:
    (tmp_path / "scoring_rules.csv").touch()
    for folder in (tmp_path, tmp_path / "scoring_rules.csv"):
        with pytest.raises(UserError, match="name a new or empty folder"):
            check_folder(folder)
    check_folder(tmp_path / "new")


def test_points_of_rules_are_those_that_scores_are_made_of() -> None:
    rules = some_rules(group=np.full(4, -1), group_caps=np.zeros(0))
    lot = np.random.Generator(np.random.PCG64(2))
    person, rule, day = (lot.integers(most, size=300) for most in (9, 4, 50))
    count = np.ones(300, np.int64)
    given = points_of_rules(rules, person, rule, day, count, 50)
    together = np.bincount(given.person, weights=given.points, minlength=9)
    assert score_people(rules, 9, person, rule, day, count, 50).points == pytest.approx(together)


def judged(by: tuple[float, float, float], auc: tuple[float, float, float]) -> Suggestion:
    """A suggestion whose AUC is `auc`, and `by` more than that of today's, each with its ends."""
    rules = some_rules()
    fitted_rules = replace(rules, weight=rules.weight * 2)
    difference = dict.fromkeys(MEASURES, Estimate(*by))
    figures = {name: dict.fromkeys(MEASURES, Estimate(*auc)) for name in (SUGGESTED, TODAY)}
    return Suggestion(
        rules,
        Looked([100], 200, 40),
        Looked([150], 200, 40),
        Fitted(
            fitted_rules, Variant(), np.ones(4, np.bool_), np.full(4, 50), [None] * 4
        ),
        Judged(Contest(figures, {TODAY: difference}), {TODAY: [1, 1], SUGGESTED: [1, 1]}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("by", "auc", "words"),
    [
        ((0.02, 0.001, 0.04), (0.7, 0.6, 0.8), "The suggested weights tell better than today's"),
        ((0.02, 0.0, 0.04), (0.7, 0.6, 0.8), "Nothing better than today's weights is shown"),
        ((-0.02, -0.04, -0.001), (0.7, 0.6, 0.8), "Nothing better than today's weights is shown"),
        ((0.02, 0.001, 0.04), (0.52, 0.5, 0.54), "Nothing better than today's weights is shown"),
    ],
)
def test_a_suggestion_is_made_only_where_the_later_dates_show_it_to_be_better(
    by: tuple[float, float, float], auc: tuple[float, float, float], words: str
) -> None:
    suggestion = judged(by, auc)
    assert verdict(suggestion)[0].startswith(words)
    assert suggestion.is_suggested == words.startswith("The suggested")


def test_where_the_fit_comes_back_to_todays_weights_it_says_so() -> None:
    suggestion = judged((0, 0, 0), (0.7, 0.6, 0.8))
    assert suggestion.fitted is not None
    same = replace(suggestion, fitted=replace(suggestion.fitted, rules=suggestion.today))
    assert verdict(same) == [
        "Nothing better than today's weights is shown, and nothing is suggested: the weights that"
        " were fitted are today's."
    ]
