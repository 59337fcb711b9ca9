"""The oracle against the golden story, whose answers were worked out independently of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.oracle import tables
from tests.oracle.product import Result, run_lines
from tests.oracle.rules import load_rules

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="module")
def golden(shared_data: Path) -> Path:
    return shared_data / "golden"


@pytest.fixture(scope="module")
def result(golden: Path, shared_data: Path) -> Result:
    """With the default rules, whatever the seeds have become since."""
    defaults = {
        name: shared_data / "defaults" / f"{name}.csv"
        for name in ("scoring_rules", "score_bands", "page_classes", "identity_limits")
    }
    rules = load_rules(("example.com",), replaced=defaults)
    story = (golden / "story.ndjson").read_text(encoding="utf-8")
    return run_lines(story.splitlines(), AS_OF, rules)


@pytest.mark.parametrize(
    "name",
    ["expected_events.csv", "expected_people.csv", "expected_buckets.csv", "expected_accounts.csv"],
)
def test_the_oracle_reproduces_the_expected_table(golden: Path, result: Result, name: str) -> None:
    tables.assert_same(tables.TABLES[name](result), tables.read(golden / name))


def test_every_record_is_accounted_for(result: Result) -> None:
    log = result.log
    assert (log.records, len(log.events), log.duplicates, log.collided) == (78, 77, 1, 0)
