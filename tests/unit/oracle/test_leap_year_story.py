"""The oracle against the project's own story: a change of either is a change of the rules."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.oracle import tables
from tests.oracle.product import Result, run_lines
from tests.oracle.rules import load_rules

STORY = Path(__file__).resolve().parents[2] / "stories" / "leap_year"
AS_OF = date(2024, 3, 10)
SITE_DOMAINS = ("harbour.example",)


def story_lines() -> list[str]:
    return (STORY / "story.ndjson").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def result() -> Result:
    return run_lines(story_lines(), AS_OF, load_rules(SITE_DOMAINS))


@pytest.mark.parametrize("name", sorted(tables.TABLES))
def test_the_oracle_reproduces_the_expected_table(result: Result, name: str) -> None:
    tables.assert_same(tables.TABLES[name](result), tables.read(STORY / name))


def test_the_order_of_the_lines_changes_nothing(result: Result) -> None:
    backwards = run_lines(reversed(story_lines()), AS_OF, load_rules(SITE_DOMAINS))
    for name, table in tables.TABLES.items():
        assert table(backwards) == table(result), name


def test_every_record_is_accounted_for(result: Result) -> None:
    log = result.log
    assert (log.records, len(log.events), log.duplicates, log.collided) == (61, 58, 1, 1)
    assert log.rejected == {"more_than_a_day_ahead": 1}


def test_reasons_sum_to_the_scores(result: Result) -> None:
    for person in result.people.values():
        shares = sum(reason.score_share for reason in person.reasons)
        assert shares == pytest.approx(person.intent_score, abs=1e-9)
    for account in result.accounts.values():
        shares = sum(account.person_shares.values()) + account.diversity_share
        assert shares == pytest.approx(account.account_score, abs=1e-9)
