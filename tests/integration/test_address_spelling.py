"""Spellings of one mailbox, where the settings say so: the models' SQL against the oracle."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.settings import Settings
from tests import model_answers
from tests.compiled_models import CompiledModels, compile_models
from tests.given_rows import frame_of_events, frame_of_leads
from tests.oracle import tables
from tests.oracle.lead_strategies import rows_and_leads
from tests.oracle.leads import from_raw_rows
from tests.oracle.product import run_rows
from tests.oracle.rules import load_rules
from tests.oracle.strategies import AS_OF, SITE_DOMAINS

DOTLESS = ("Gmail.com", "north.example")
RULES = replace(
    load_rules(SITE_DOMAINS),
    ignores_email_tags=True,
    dotless_domains=frozenset(domain.lower() for domain in DOTLESS),
)
GIVEN = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
MAILBOX = re.compile(r"\b([A-Za-z])([a-z]+)@")
SPELLINGS = (r"\1\2@", r"\1\2+news@", r"\1.\2@", r"\1.\2.+a+b@", r"+\1\2@", r"\1\2.@")

Table = list[dict[str, Any]]


@pytest.fixture(scope="module")
def spelled_models() -> CompiledModels:
    """The models with tags ignored everywhere, and dots at two domains."""
    return compile_models({"ignore_email_tags": True, "dotless_email_domains": DOTLESS})


@st.composite
def spelled_rows_and_leads(draw: st.DrawFn) -> tuple[Table, Table]:
    """Rows of raw.events and raw.leads, the mailboxes of each in a spelling of its own."""
    rows, leads = draw(rows_and_leads(RULES))
    return [draw(spelled(row)) for row in rows], [draw(spelled(lead)) for lead in leads]


@st.composite
def spelled(draw: st.DrawFn, row: dict[str, Any]) -> dict[str, Any]:
    """The row with the mailboxes of all its addresses written in one way."""
    spelling = draw(st.sampled_from(SPELLINGS))
    places = ("email", "traits", "context", "properties")
    return row | {
        place: MAILBOX.sub(spelling, row[place]) for place in places if row.get(place) is not None
    }


@pytest.mark.slow  # the models are compiled once more, with other vars
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(loaded=spelled_rows_and_leads())
def test_spellings_of_one_mailbox_are_one_address_as_by_the_oracle(
    spelled_models: CompiledModels, loaded: tuple[Table, Table]
) -> None:
    rows, leads = loaded
    result = run_rows(rows, AS_OF, RULES, leads=from_raw_rows(leads))
    spelled_models.run(
        frame_of_events(rows, RULES),
        AS_OF,
        GIVEN,
        frame_of_leads(leads),
        only=("dim_people", "dim_leads", "map_identities", "map_refused_links"),
    )
    labels = model_answers.labels_of(result)
    for name in ("expected_people.csv", "expected_identities.csv", "expected_refused_links.csv"):
        found = model_answers.TABLES[name](spelled_models, labels)
        tables.assert_same(found, tables.TABLES[name](result))
    found = model_answers.LEAD_TABLES["leads"](spelled_models, labels)
    tables.assert_same(found, tables.LEAD_TABLES["leads"](result))
