"""What is told of somebody as of a past day is what the product says on the log cut there."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from ingestion import loader, warehouse
from ingestion.settings import Settings
from ingestion.simulator import simulate
from orchestration.apart.closure import cut_to
from orchestration.apart.database import apart
from orchestration.explain.past import TABLES
from tests.compiled_models import CompiledModels
from tests.data_directory import files_of
from tests.given_rows import frame_of_events
from tests.oracle.rules import load_rules
from tests.oracle.strategies import AS_OF, SITE_DOMAINS
from tests.past_days import Rows, days_of, logs
from tests.told_stories import Story

RULES = load_rules(SITE_DOMAINS)
END = date(2026, 6, 30)
PERSON_OF = {
    "dim_people": "person_id",
    "fct_events": "person_id",
    "fct_person_score_reasons": "person_id",
    "fct_sessions": "person_id",
    "map_accepted_links": "canonical_person_id",
    "map_identities": "canonical_person_id",
    "map_person_ids": "canonical_person_id",
}
ACCOUNT_OF = ("dim_accounts", "fct_account_score_reasons")
Told = dict[str, list[tuple[Any, ...]]]


def told(connection: duckdb.DuckDBPyConnection, person: str) -> Told:
    """The rows of the published tables that are about somebody."""
    rows = {
        table: connection.execute(
            f"select * from published.marts.{table} where {column} = ?",
            [person],
        ).fetchall()
        for table, column in PERSON_OF.items()
    }
    for table in ACCOUNT_OF:
        rows[table] = connection.execute(
            f"select * from published.marts.{table} where account_id in"
            " (select account_id from published.marts.dim_people where person_id = ?)",
            [person],
        ).fetchall()
    rows["map_refused_links"] = connection.execute(
        "select links.* from published.marts.map_refused_links as links"
        " where exists (select 1 from published.marts.map_identities as own"
        " where own.canonical_person_id = ? and own.identifier"
        " in (links.left_identifier, links.right_identifier))",
        [person],
    ).fetchall()
    return {table: sorted(found, key=repr) for table, found in rows.items()}


def names_of(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Everybody, and a name that they go by."""
    return connection.execute(
        "select canonical_person_id, min(identifier) from published.marts.map_identities"
        " where identifier is not null group by all order by all"
    ).fetchall()


def on_the_log_cut(models: CompiledModels, day: date, given: Settings) -> None:
    """Runs the models on the log that they have now, cut at the end of a day."""
    models.connection.execute(
        "delete from warehouse.raw.events where event_at >= ?", [day + timedelta(days=1)]
    )
    models.connection.execute("update warehouse.raw.refresh_settings set as_of_date = ?", [day])
    models.rebuild(TABLES)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a log of these is hard to shrink
    max_examples=3,
)
@given(log=logs(RULES), chosen=st.randoms(use_true_random=False))
def test_anybody_on_any_day_of_any_small_log_is_told_of_as_if_it_ended_there(
    models: CompiledModels,
    tmp_path: Path,
    log: tuple[Rows, Rows],
    chosen: Random,
) -> None:
    rows, overrides = log
    assume(rows)
    day = chosen.choice(days_of(rows))
    given = Settings(data_dir=tmp_path, site_domains=SITE_DOMAINS)
    models.run(frame_of_events(rows, RULES), AS_OF, given, overrides=overrides)
    compiled = files_of(models, given)
    on_the_log_cut(models, day, given)
    people = names_of(models.connection)
    for person, name in chosen.sample(people, min(2, len(people))):
        with apart(given, compiled) as past:
            cut_to(past, [name], day)
            past.build(TABLES)
            assert told(past.connection, person) == told(models.connection, person)


def test_an_address_that_only_an_event_of_another_name_carries_is_told_of(
    models: CompiledModels, tmp_path: Path
) -> None:
    story = Story(name="", events="e1  4 09:00  laptop  as ann  user_id:ann", slices="")
    [row] = story.rows(RULES)
    rows = [row | {"email": "ada@north.example"}]
    day, given = row["event_at"].date(), Settings(data_dir=tmp_path, site_domains=SITE_DOMAINS)
    models.run(frame_of_events(rows, RULES).assign(email="ada@north.example"), AS_OF, given)
    compiled = files_of(models, given)
    on_the_log_cut(models, day, given)
    [person] = [person for person, name in names_of(models.connection) if "@" in name]
    with apart(given, compiled) as past:
        cut_to(past, ["ada@north.example"], day)
        past.build(TABLES)
        found = told(past.connection, person)
    assert found["map_identities"]
    assert found == told(models.connection, person)


@pytest.mark.slow
def test_everybody_of_a_simulated_log_is_told_of_as_if_it_had_ended_on_a_day(
    models: CompiledModels, tmp_path: Path
) -> None:
    simulate(1_200, tmp_path / "log", seed=8, days=90, end=END, hidden_programs=4)
    given = Settings(data_dir=tmp_path / "data", site_domains=SITE_DOMAINS)
    with warehouse.connect(given) as connection:
        loader.load_paths(connection, given, sorted((tmp_path / "log").glob("*.ndjson")))
    models.run_loaded(given.warehouse, END, given)
    compiled = files_of(models, given)
    day = Random(8).choice([END - timedelta(days=back) for back in range(1, 60)])
    on_the_log_cut(models, day, given)
    people = names_of(models.connection)
    assert len(people) > 100
    for person, name in people:
        with apart(given, compiled) as past:
            cut_to(past, [name], day)
            past.build(TABLES)
            assert told(past.connection, person) == told(models.connection, person)
