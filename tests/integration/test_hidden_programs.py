"""How many of the programs that hide behind a browser's agent the rules of behaviour know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from ingestion import loader, warehouse
from ingestion.settings import Settings
from ingestion.simulator import simulate
from ingestion.simulator.hidden import HIDDEN_TRUTH
from tests.compiled_models import CompiledModels

pytestmark = pytest.mark.slow

AS_OF = date(2026, 6, 30)
SITE_DOMAINS = ("example.com",)
PROGRAMS = 600
RULE_OF_SHAPE = {
    "scraper": "sustained_rate",
    "crawler": "no_pause",
    "walker": "many_pages",
    "monitor": "exact_intervals",
    "mail_filter": "scanned_links",
    "spammer": "spam_referrer",
}
"""The rule that most of the careless ones of a shape are known by."""


class Verdict(NamedTuple):
    """A hidden program of the truth, and the rule that the models know it by, if any."""

    shape: str
    is_careful: bool
    rule: str | None


@pytest.fixture(scope="module")
def truth(models: CompiledModels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The truth of a log of people with programs among them, on which the models were built."""
    folder = tmp_path_factory.mktemp("hidden")
    simulate(10_000, folder / "log", 5, 90, AS_OF, hidden_programs=PROGRAMS)
    settings = Settings(data_dir=folder / "data", site_domains=SITE_DOMAINS)
    with warehouse.connect(settings) as connection:
        loader.load_paths(connection, settings, sorted((folder / "log").glob("*.ndjson")))
    models.run_loaded(settings.warehouse, AS_OF, settings)
    return folder / "log" / "truth" / HIDDEN_TRUTH


@pytest.fixture(scope="module")
def verdicts(models: CompiledModels, truth: Path) -> list[Verdict]:
    """What the models say of each program that left an event."""
    rows = models.rows(
        f"""
        with visitors as (
            select distinct anonymous_id, traffic_rule from published.marts.fct_events
        )
        select shape, is_careful, traffic_rule
        from read_csv('{truth}') as programs
        join visitors using (anonymous_id)
        """
    )
    return [Verdict(*row) for row in rows]


def recall(verdicts: Iterable[Verdict]) -> float:
    """The share of these programs that a rule knows."""
    known = [verdict.rule is not None for verdict in verdicts]
    return sum(known) / len(known)


def test_nobody_but_programs_is_taken_for_one(models: CompiledModels, truth: Path) -> None:
    flagged = models.rows(
        f"""
        select distinct anonymous_id from published.marts.fct_events
        where traffic_flag is not null and anonymous_id not in (
            select anonymous_id from read_csv('{truth}')
        )
        """
    )
    assert flagged == []


def test_four_of_five_careless_programs_are_known(verdicts: list[Verdict]) -> None:
    careless = [verdict for verdict in verdicts if not verdict.is_careful]
    by_shape = {
        shape: recall(verdict for verdict in careless if verdict.shape == shape)
        for shape in RULE_OF_SHAPE
    }
    assert recall(careless) >= 0.8, by_shape
    assert min(by_shape.values()) >= 0.5, by_shape


@pytest.mark.parametrize(("shape", "rule"), RULE_OF_SHAPE.items())
def test_a_shape_is_known_by_its_own_rule(verdicts: list[Verdict], shape: str, rule: str) -> None:
    known = [verdict.rule for verdict in verdicts if verdict.shape == shape and verdict.rule]
    assert known.count(rule) > len(known) / 2


def test_the_rules_let_the_careful_pass_rather_than_flag_a_reader(
    verdicts: list[Verdict],
) -> None:
    careful = [verdict for verdict in verdicts if verdict.is_careful]
    assert {verdict.shape for verdict in careful if verdict.rule} <= {"scraper"}


def test_what_is_known_scores_nothing_and_is_told_as_excluded(
    models: CompiledModels, verdicts: list[Verdict]
) -> None:
    [(least, most, people)] = models.rows(
        """
        select min(intent_score), max(intent_score), count(*)
        from published.marts.dim_people
        where traffic_flag is not null
        """
    )
    assert (least, most) == (0, 0)
    assert people == sum(verdict.rule is not None for verdict in verdicts)
    [(told,)] = models.rows(
        "select sum(event_count) from published.marts.fct_excluded_traffic"
        " where reason in ('link_scanner', 'referrer_spam', 'bot_behaviour')"
    )
    [(flagged,)] = models.rows(
        "select count(*) from published.marts.fct_events where traffic_flag is not null"
    )
    assert told == flagged
