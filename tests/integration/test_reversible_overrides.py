"""A decision about who is who, taken back: every table is as if it never had been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestion.settings import Settings
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.integration.test_updates_equal_a_rebuild import published_tables
from tests.oracle.rules import load_rules
from tests.told_stories import AS_OF, Story

RULES = load_rules(("example.com",))

STORY = Story(
    name="u1 and u2 are one person through an address alone, u3 through an alias; u9 is another",
    events="""
        e01  4 09:00  d1  page                          user_id:u1
        e02  4 09:10  d1  identify u1 ann@acme.example  user_id:u1
        e03  4 10:00  d2  page                          user_id:u1
        e04  4 10:10  d2  identify u2 ann@acme.example  user_id:u1
        e05  4 11:00  d3  as u3                         user_id:u1
        e06  4 11:10  -   alias u2 of u3                user_id:u1
        e07  4 12:00  d3  track demo_request            user_id:u1
        e08  5 09:00  d9  identify u9 joe@acme.example  user_id:u9
        e09  5 09:10  d9  page                          user_id:u9
    """,
    slices="",
)


def pair(action: str, first: str, second: str) -> Mapping[str, str]:
    """A row of the seed; what holds an @ is an address."""
    return {
        "action": action,
        "first_type": "email" if "@" in first else "user_id",
        "first_identifier": first,
        "second_type": "email" if "@" in second else "user_id",
        "second_identifier": second,
    }


def tables(models: CompiledModels) -> dict[str, Counter[tuple[Any, ...]]]:
    """Every row of every table and view of the project, but for the history of scores, which
    records what was said."""
    return {
        node.name: Counter(map(_hashable, models.rows(f"from {node.relation}")))
        for node in models.models
        if node.name != "fct_score_history"
    }


def _hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


def people(models: CompiledModels) -> set[frozenset[str]]:
    """The events of each person, by their last figure."""
    owners = models.rows(
        "select string_agg(right(event_id, 1), '') from published.marts.fct_events"
        " group by person_id"
    )
    return {frozenset(events) for (events,) in owners}


DECISIONS = pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        # in order: u1 – ann and ann – u2 make one person of u1, ann, u2, so the later is refused
        pytest.param([pair("forbid", "u1", "u2")], {"12", "34567", "89"}, marks=pytest.mark.slow),
        # joined only through u2 and the address
        ([pair("forbid", "u1", "u3")], {"1234 6", "57", "89"}),
        pytest.param(
            [pair("forbid", "u1", "ann@acme.example")],
            {"12", "34567", "89"},
            marks=pytest.mark.slow,
        ),
        pytest.param([pair("force", "u9", "u1")], {"123456789"}, marks=pytest.mark.slow),
        # through a name that no event carries
        ([pair("force", "u9", "crm-7"), pair("force", "crm-7", "u3")], {"123456789"}),
        (
            [pair("force", "u9", "u2"), pair("forbid", "u9", "u1")],
            {"12", "3456789"},
        ),
    ],
    ids=lambda value: (
        " ".join(
            f"{row['action']} {row['first_identifier']} {row['second_identifier']}" for row in value
        )
        if isinstance(value, list)
        else ""
    ),
)


@DECISIONS
@pytest.mark.slow
def test_a_decision_taken_back_leaves_no_trace(
    models: CompiledModels, overrides: list[Mapping[str, str]], expected: set[str]
) -> None:
    rows = STORY.rows(RULES)
    settings = Settings(data_dir=Path("unused"), site_domains=("example.com",))
    models.run(frame_of_events(rows, RULES), AS_OF, settings)
    before = tables(models)
    assert people(models) == {frozenset("1234567"), frozenset("89")}
    models.override(overrides)
    models.rebuild()
    assert people(models) == {frozenset(events.replace(" ", "")) for events in expected}
    assert tables(models) != before
    models.override(())
    models.rebuild()
    assert tables(models) == before


@DECISIONS
def test_a_decision_made_and_taken_back_needs_no_rebuild(
    models: CompiledModels, overrides: list[Mapping[str, str]], expected: set[str]
) -> None:
    settings = Settings(data_dir=Path("unused"), site_domains=("example.com",))
    models.override(())
    log = frame_of_events(STORY.rows(RULES), RULES)
    models.load(log, AS_OF, settings)
    models.rebuild()
    before = published_tables(models)
    models.override(overrides)
    models.load(log, AS_OF, settings)
    models.update()
    decided = published_tables(models)
    assert people(models) == {frozenset(events.replace(" ", "")) for events in expected}
    models.rebuild()
    assert decided == published_tables(models)
    models.override(())
    models.load(log, AS_OF, settings)
    models.update()
    assert published_tables(models) == before
