"""The models' SQL against the oracle: stories, any small log, and a simulated one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from ingestion import loader, warehouse
from ingestion.settings import Settings
from ingestion.simulator import simulate
from tests import attribution_answers, model_answers
from tests.campaign_answers import assert_equal_campaigns
from tests.capped_groups import capped_groups, rules_with_groups
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events, frame_of_leads, frame_of_spend
from tests.lead_magnet_answers import assert_equal_lead_magnet
from tests.oracle import attribution_tables, tables
from tests.oracle.ad_spend import settled
from tests.oracle.lead_strategies import Table, rows_and_leads
from tests.oracle.leads import from_raw_rows
from tests.oracle.product import Result, run_lines, run_rows
from tests.oracle.rules import load_rules
from tests.oracle.spend_strategies import raw_spend
from tests.oracle.strategies import AS_OF, SITE_DOMAINS
from tests.overview_answers import assert_equal_overview

STORY = Path(__file__).resolve().parents[1] / "stories" / "leap_year"

RULES = load_rules(SITE_DOMAINS)


def assert_equal_answers(models: CompiledModels, result: Result) -> None:
    """Every table of the models holds the rows that the oracle has for it."""
    labels = model_answers.labels_of(result)
    pairs = [
        *((table, tables.TABLES[name]) for name, table in model_answers.TABLES.items()),
        *((table, tables.LEAD_TABLES[name]) for name, table in model_answers.LEAD_TABLES.items()),
        *((table, tables.SCORE_TABLES[name]) for name, table in model_answers.SCORE_TABLES.items()),
        *(
            (table, tables.TRAFFIC_TABLES[name])
            for name, table in model_answers.TRAFFIC_TABLES.items()
        ),
    ]
    for table, table_of_the_oracle in pairs:
        found = table(models, labels)
        expected = table_of_the_oracle(result)
        if found:
            expected = [{column: row[column] for column in found[0]} for row in expected]
        tables.assert_same(found, expected)
    for name, answer in attribution_answers.TABLES.items():
        tables.assert_same(
            answer(models, labels),
            attribution_tables.TABLES[name](result),
            attribution_tables.TOLERANCE,
        )


def load(data_dir: Path, *paths: Path, site_domains: tuple[str, ...]) -> Settings:
    """Loads files into the warehouse of an empty data directory."""
    loaded = Settings(data_dir=data_dir, site_domains=site_domains)
    with warehouse.connect(loaded) as connection:
        loader.load_paths(connection, loaded, list(paths))
    return loaded


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(loaded=rows_and_leads(RULES), spend=raw_spend())
def test_any_small_log_is_answered_as_by_the_oracle(
    models: CompiledModels, loaded: tuple[Table, Table], spend: Table
) -> None:
    rows, leads = loaded
    result = run_rows(rows, AS_OF, RULES, leads=from_raw_rows(leads))
    given = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
    models.run(
        frame_of_events(rows, RULES),
        AS_OF,
        given,
        frame_of_leads(leads),
        spend=frame_of_spend(spend),
    )
    assert_equal_answers(models, result)
    assert_equal_campaigns(models, result, settled(spend, RULES), RULES)
    assert_equal_overview(models, result, settled(spend, RULES), RULES)
    assert_equal_lead_magnet(models, result, RULES)


@pytest.mark.slow  # as the one before, with the models downstream of a cap once more
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(loaded=rows_and_leads(RULES))
def test_any_small_log_is_answered_as_by_the_oracle_where_groups_are_capped(
    models: CompiledModels, loaded: tuple[Table, Table]
) -> None:
    rows, leads = loaded
    given = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
    with capped_groups(models):
        models.run(frame_of_events(rows, RULES), AS_OF, given, frame_of_leads(leads))
        grouped = rules_with_groups(RULES)
        assert_equal_answers(models, run_rows(rows, AS_OF, grouped, leads=from_raw_rows(leads)))


def test_the_story_of_a_leap_year_comes_out_as_expected(
    models: CompiledModels, tmp_path: Path
) -> None:
    site_domains = ("harbour.example",)
    loaded = load(tmp_path, STORY / "story.ndjson", site_domains=site_domains)
    models.run_loaded(loaded.warehouse, date(2024, 3, 10), loaded)
    lines = (STORY / "story.ndjson").read_text(encoding="utf-8").splitlines()
    result = run_lines(lines, date(2024, 3, 10), load_rules(site_domains))
    assert_equal_answers(models, result)


def test_the_golden_story_comes_out_as_worked_out(
    models: CompiledModels, tmp_path: Path, shared_data: Path
) -> None:
    golden = shared_data / "golden"
    site_domains = ("example.com",)
    loaded = load(tmp_path, golden / "story.ndjson", site_domains=site_domains)
    models.run_loaded(loaded.warehouse, date(2026, 6, 30), loaded)
    lines = (golden / "story.ndjson").read_text(encoding="utf-8").splitlines()
    result = run_lines(lines, date(2026, 6, 30), load_rules(site_domains))
    labels = model_answers.labels_of(result)
    for file in golden.glob("expected_*.csv"):
        tables.assert_same(model_answers.TABLES[file.name](models, labels), tables.read(file))
    assert_equal_answers(models, result)


def test_a_simulated_log_is_answered_as_by_the_oracle(
    models: CompiledModels, tmp_path: Path
) -> None:
    compare_simulated(models, tmp_path, events=10_000, days=60)


@pytest.mark.slow
def test_a_simulated_log_of_a_million_events_is_answered_as_by_the_oracle(
    models: CompiledModels, tmp_path: Path
) -> None:
    compare_simulated(models, tmp_path, events=1_000_000, days=180)


def rows_of(models: CompiledModels, table: str) -> Iterator[dict[str, Any]]:
    """The rows of a table of schema raw, each with the names of its columns."""
    cursor = models.connection.execute(f"select * from warehouse.raw.{table}")
    columns = [column[0] for column in cursor.description or []]
    return (dict(zip(columns, row, strict=True)) for row in cursor.fetchall())


def compare_simulated(models: CompiledModels, tmp_path: Path, events: int, days: int) -> None:
    """Simulates, loads and builds; the oracle reads what was loaded."""
    as_of = date(2026, 6, 30)
    simulate(events, tmp_path / "log", seed=7, days=days, end=as_of)
    lists = [tmp_path / "log" / name for name in ("leads.csv", "ad_spend.csv")]
    files = [*sorted((tmp_path / "log").glob("*.ndjson")), *lists]
    loaded = load(tmp_path / "data", *files, site_domains=("example.com",))
    models.run_loaded(loaded.warehouse, as_of, loaded)
    leads = from_raw_rows(rows_of(models, "leads"))
    rules = load_rules(("example.com",))
    result = run_rows(rows_of(models, "events"), as_of, rules, leads=leads)
    assert any(placed.person for placed in result.leads.values())
    assert_equal_answers(models, result)
    spend = settled(rows_of(models, "ad_spend"), rules)
    assert len(spend) > 100
    assert_equal_campaigns(models, result, spend, rules)
    assert_equal_overview(models, result, spend, rules)
    assert_equal_lead_magnet(models, result, rules)
    assert_true_to_life(models, tmp_path / "log" / "truth")


def assert_true_to_life(models: CompiledModels, truth: Path) -> None:
    """Of people who log in and share no device: no two are taken for one, few for several."""
    [(same, found, real)] = models.rows(
        f"""
        with people as (
            select person from read_csv('{truth / "people.csv"}', all_varchar = true)
            where logs_in = 'true' and shares_device = 'false' and is_bot = 'false'
        ),
        events as (
            select truth.person, events.person_id
            from read_csv('{truth / "events.csv"}', all_varchar = true) as truth
            join people using (person)
            join published.marts.fct_events as events using (event_id)
            where truth.is_attributable = 'true'
        ),
        pairs_of (kind, event_count) as (
            select 'same', count(*) from events group by person, person_id
            union all
            select 'found', count(*) from events group by person_id
            union all
            select 'real', count(*) from events group by person
        )
        select
            sum(event_count * (event_count - 1)) filter (where kind = 'same'),
            sum(event_count * (event_count - 1)) filter (where kind = 'found'),
            sum(event_count * (event_count - 1)) filter (where kind = 'real')
        from pairs_of
        """
    )
    assert same > 0
    assert same / found == 1.0
    assert same / real >= 0.95


def test_the_access_log_is_answered_as_by_the_oracle(
    models: CompiledModels, tmp_path: Path, shared_data: Path
) -> None:
    file = shared_data / "data" / "access_logs" / "apache_logs"
    loaded = load(tmp_path, file, site_domains=())
    models.run_loaded(loaded.warehouse, date(2015, 5, 20), loaded)
    rows = rows_of(models, "events")
    rules = load_rules(())
    result = run_rows(rows, date(2015, 5, 20), rules)
    assert_equal_answers(models, result)
    assert_equal_campaigns(models, result, (), rules)
    assert_equal_overview(models, result, (), rules)
