"""What leads may change, and what not: with a CRM and without one, in any order of its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.settings import Settings
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events, frame_of_leads
from tests.model_answers import labels_of
from tests.oracle.lead_strategies import Table, rows_and_leads
from tests.oracle.leads import from_raw_rows
from tests.oracle.product import run_rows
from tests.oracle.rules import load_rules
from tests.oracle.strategies import AS_OF, SITE_DOMAINS

RULES = load_rules(SITE_DOMAINS)
SETTINGS = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
NAMES = ("full_name", "job_title", "company_name", "phone")
FROM_LEADS = {*NAMES, "owner", "stage", "is_customer", "hottest_people", "why", "reason",
              "opening_line", "first_reason", "entity_name", "flags", "flag_reasons",
              "can_email"}  # fmt: skip
"""Columns that leads may change, be it only by the name in them."""
HISTORY = {"fct_score_history", "fct_band_history", "fct_alerts"}
OF_LEADS = (
    "dim_leads", "fct_person_flags", "sync_new_business", "sync_mailing",
    "sync_hubspot_contacts", "sync_hubspot_companies",
    "sync_salesforce_leads", "sync_salesforce_accounts",
    "fct_lead_magnet_requests", "rpt_mini_reports", "rpt_lead_magnet_responses",
)  # fmt: skip
"""Whose rows leads decide, by being there or by what they say of mail and of customers."""

# each example builds all models twice
SOME = settings(
    max_examples=max(settings().max_examples // 4, 1),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Mart = list[tuple[Any, ...]]


def with_names(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row of an identify, which tells of a name too."""
    if row["event_type"] != "identify" or row["traits"] is None:
        return dict(row)
    told = {"name": f"Told {row['user_id'] or ''}", "phone": "123"}
    return {**row, "traits": json.dumps(json.loads(row["traits"]) | told)}


def build(
    models: CompiledModels, rows: Sequence[Mapping[str, Any]], leads: Sequence[Mapping[str, Any]]
) -> None:
    events = frame_of_events([with_names(row) for row in rows], RULES)
    models.run(events, AS_OF, SETTINGS, frame_of_leads(leads))


def marts(models: CompiledModels, without: set[str]) -> dict[str, Mart]:
    """Every published table but what records a date, in some order of its own."""
    columns: dict[str, list[str]] = {}
    for table, column in models.rows(
        "select table_name, column_name from duckdb_columns()"
        " where database_name = 'published' and schema_name = 'marts'"
        " order by table_name, column_index"
    ):
        if column not in without and table not in HISTORY:
            columns.setdefault(table, []).append(column)
    return {
        table: models.rows(f"select {', '.join(names)} from published.marts.{table} order by all")
        for table, names in columns.items()
    }


def names_of_people(models: CompiledModels) -> dict[str, tuple[Any, ...]]:
    rows = models.rows(f"select person_id, {', '.join(NAMES)} from published.marts.dim_people")
    return {person: tuple(names) for person, *names in rows}


@SOME
@given(loaded=rows_and_leads(RULES))
def test_leads_name_and_mark_people_and_companies_and_change_nothing_else(
    models: CompiledModels, loaded: tuple[Table, Table]
) -> None:
    rows, leads = loaded
    build(models, rows, [])
    without, told = marts(models, FROM_LEADS), names_of_people(models)
    build(models, rows, leads)
    with_leads, names = marts(models, FROM_LEADS), names_of_people(models)
    for table in OF_LEADS:
        del without[table], with_leads[table]
    assert with_leads == without
    result = run_rows(rows, AS_OF, RULES, leads=from_raw_rows(leads))
    labels = labels_of(result)
    for person, of_log in told.items():
        said = result.said[labels[person]]
        of_crm = (getattr(said, name) for name in NAMES)
        expected = tuple(mine or other for mine, other in zip(of_crm, of_log, strict=True))
        assert names[person] == expected


@SOME
@given(loaded=rows_and_leads(RULES), data=st.data())
def test_the_order_in_which_leads_come_changes_nothing(
    models: CompiledModels, loaded: tuple[Table, Table], data: st.DataObject
) -> None:
    rows, leads = loaded
    build(models, rows, leads)
    once = marts(models, set())
    shuffled = [
        {**lead, "load_id": number, "line_number": 1}
        for number, lead in enumerate(data.draw(st.permutations(leads)), start=1)
    ]
    build(models, rows, shuffled)
    assert marts(models, set()) == once
