"""A competitor as docs/rules.md adds one: flagged, out of one list, and nothing else."""

from __future__ import annotations

import csv
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingestion.settings import PROJECT_ROOT, Settings
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.oracle.rules import SEEDS, load_rules
from tests.told_stories import AS_OF, Story

SITE_DOMAINS = ("example.com",)
RULES = load_rules(SITE_DOMAINS)
GIVEN = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)

STORY = Story(
    name="three people look at prices; one writes from below the competitor's domain",
    events="""
        e01  4 09:00  d1  identify u1 ann@eu.rival.example   user_id:u1
        e02  4 09:10  d1  page                               user_id:u1
        e03  4 09:00  d2  identify u2 ben@notrival.example   user_id:u2
        e04  4 09:10  d2  page                               user_id:u2
        e05  4 09:00  d3  identify u3 cem@north.example      user_id:u3
        e06  4 09:10  d3  page                               user_id:u3
    """,
    slices="",
)
LISTS = ("sync_people", "sync_new_business", "sync_mailing")


def line_of_the_docs() -> list[str]:
    """The line that docs/rules.md adds to the seed."""
    text = (PROJECT_ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    found = re.search(r"\*\*Adding a competitor\.\*\*.*?^```\n(.*?)\n^```", text, re.S | re.M)
    assert found is not None
    [line] = csv.reader([found[1]])
    return line


def build(models: CompiledModels) -> None:
    models.run(frame_of_events(STORY.rows(RULES), RULES), AS_OF, GIVEN)


def emails_of(models: CompiledModels, table: str) -> set[str]:
    return {email for (email,) in models.rows(f"select email from published.marts.{table}")}


def scores(models: CompiledModels) -> list[tuple[Any, ...]]:
    return models.rows(
        "select primary_email, account_id, points, intent_score, intent_band"
        " from published.marts.dim_people order by all"
    )


@contextmanager
def competitor(models: CompiledModels) -> Generator[None, None, None]:
    """As long as it lasts, the line of the docs stands in the seed."""
    seed = "warehouse.seeds.flagged_domains"
    models.connection.execute(f"insert into {seed} values (?, ?, ?)", line_of_the_docs())
    try:
        yield
    finally:
        models.connection.execute(f"delete from {seed} where flag = 'competitor'")


def test_the_product_ships_no_competitor() -> None:
    with (SEEDS / "flags" / "flagged_domains.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "competitor" not in {row["flag"] for row in rows}
    assert len(line_of_the_docs()) == len(rows[0])


def test_whoever_writes_from_the_domain_or_below_it_is_flagged_with_the_words_of_the_line(
    models: CompiledModels,
) -> None:
    with competitor(models):
        build(models)
    assert models.rows(
        "select primary_email, flag, reason from published.marts.fct_person_flags"
        " join published.marts.dim_people using (person_id)"
    ) == [("ann@eu.rival.example", "competitor", "Sells what we sell (eu.rival.example)")]


def test_a_competitor_is_missing_from_new_business_alone_and_back_without_the_line(
    models: CompiledModels,
) -> None:
    build(models)
    before, score_before = {name: emails_of(models, name) for name in LISTS}, scores(models)
    assert "ann@eu.rival.example" in before["sync_new_business"]
    with competitor(models):
        build(models)
    assert scores(models) == score_before
    assert {name: before[name] - emails_of(models, name) for name in LISTS} == {
        "sync_people": set(),
        "sync_new_business": {"ann@eu.rival.example"},
        "sync_mailing": set(),
    }
    build(models)
    assert {name: emails_of(models, name) for name in LISTS} == before
