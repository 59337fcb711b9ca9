"""The rules that the published scores were made by, as they are published beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import duckdb

from orchestration.rows import records

# not the seeds: these may have been edited since the scores were made
_RULES = """
select
    rule_id, reason, weight, half_life_days, daily_cap, saturation, is_hand_raise,
    score_group, group_cap
from dim_scoring_rules
order by rule_id
"""
_BANDS = "select band, minimum_score from dim_score_bands order by minimum_score desc"
_NUMBERS = """
select
    ruleset_id, person_score_scale, forget_after_half_lives, hand_raise_days,
    account_score_scale, account_rank_decay, diversity_bonus, diversity_people_cap,
    active_people_days
from dim_rulesets
"""
HOTTEST = "hot"
"""What a raised hand makes of a person, whatever the bands are called."""


@dataclass(frozen=True)
class Rule:
    """What an event of a kind is worth: a row of seeds/scoring/scoring_rules.csv."""

    rule_id: str
    reason: str
    """In the past tense: Viewed pricing."""
    weight: float
    half_life_days: float
    daily_cap: int
    saturation: float
    is_hand_raise: bool
    score_group: str | None
    """None also for a group without a cap."""
    group_cap: float | None


@dataclass(frozen=True)
class Band:
    """The lowest score, rounded to nine places, of a band."""

    band: str
    minimum_score: float


@dataclass(frozen=True)
class Numbers:
    """The lone numbers of the rules: vars of dbt_project.yml."""

    ruleset_id: str
    person_score_scale: float
    forget_after_half_lives: float
    hand_raise_days: int
    account_score_scale: float
    account_rank_decay: float
    diversity_bonus: float
    diversity_people_cap: int
    active_people_days: int


@dataclass(frozen=True)
class Ruleset:
    """All that turns counts of events into a score and a band; bands the highest first."""

    rules: tuple[Rule, ...]
    bands: tuple[Band, ...]
    numbers: Numbers

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        """The rules by their names."""
        return {rule.rule_id: rule for rule in self.rules}

    def band_of(self, score: float) -> str:
        """The highest band that a score reaches, as `score_band` of the models has it."""
        rounded = round(score, 9)
        return next(
            (each.band for each in self.bands if rounded >= each.minimum_score),
            self.bands[-1].band,
        )

    def band_above(self, band: str) -> Band | None:
        """The next higher band; None above the highest, and of a band that is none."""
        places = [place for place, each in enumerate(self.bands) if each.band == band]
        return self.bands[places[0] - 1] if places and places[0] > 0 else None


def read_ruleset(connection: duckdb.DuckDBPyConnection) -> Ruleset:
    """The rules that the scores of this connection were made by."""
    [numbers] = records(Numbers, connection, _NUMBERS)
    return Ruleset(
        rules=tuple(records(Rule, connection, _RULES)),
        bands=tuple(records(Band, connection, _BANDS)),
        numbers=numbers,
    )
