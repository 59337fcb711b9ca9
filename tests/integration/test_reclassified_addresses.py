"""An address that turns out to be of another kind: all whom it counts for are worked out anew."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ingestion.settings import Settings
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.oracle.rules import load_rules
from tests.told_stories import AS_OF, Story

RULES = load_rules(("example.com",))

STORY = Story(
    name="u1 tells a role address, which is its own node's and counts for u1",
    events="""
        e01  4 09:00  d1  page                            user_id:u1
        e02  4 09:10  d1  identify u1 info@acme.example   user_id:u1
        e03  4 09:20  d1  track demo_request              user_id:u1
        e04  5 10:00  d2  as u2                            user_id:u2
        e05  5 10:10  d2  track demo_request              user_id:u2
    """,
    slices="",
)

PEOPLE = ("int_people_addressed", "int_people_summarised", "int_person_days_counted")
"""What is kept by person, and knows of lists and domains by their addresses alone."""


def standing(models: CompiledModels) -> dict[str, Counter[tuple[Any, ...]]]:
    """The rows of each, whichever load wrote them."""
    return {
        name: Counter(
            tuple(tuple(each) if isinstance(each, list) else each for each in row)
            for row in models.rows(
                f"select columns(lambda name: name != 'load_id') from {models.relation(name)}"
            )
        )
        for name in PEOPLE
    }


@pytest.mark.parametrize(
    ("seed", "row", "domains"),
    [
        ("email_domain_overrides", "('acme.example', 'free', 'a test')", ("example.com",)),
        ("email_domain_overrides", "('acme.example', 'disposable', 'a test')", ("example.com",)),
        (None, "", ("example.com", "acme.example")),
    ],
)
def test_what_a_list_says_anew_of_an_address_reaches_all_who_told_it(
    models: CompiledModels, seed: str | None, row: str, domains: tuple[str, ...]
) -> None:
    # u2 tells an address beside the user id, which links nothing and counts where it is shared
    told = {"e05": {"user_id": "u2", "email": "hello@birch.example"}}
    rows = [{**each, **told.get(each["event_id"], {})} for each in STORY.rows(RULES)]
    log = frame_of_events(rows, RULES)
    first = Settings(data_dir=Path("unused"), site_domains=("example.com",))
    models.override(())
    models.load(log, AS_OF, first)
    models.rebuild()
    before = standing(models)
    if seed is not None:
        models.connection.execute(f"insert into warehouse.seeds.{seed} values {row}")
    try:
        models.load(log, AS_OF, Settings(data_dir=Path("unused"), site_domains=domains))
        models.update()
        updated = standing(models)
        models.rebuild()
        assert updated == standing(models) != before
    finally:
        if seed is not None:
            models.connection.execute(f"delete from warehouse.seeds.{seed} where reason = 'a test'")
