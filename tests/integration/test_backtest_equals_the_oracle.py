"""The frames of a backtest are what the product says on the log cut at their date."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import loader, warehouse
from ingestion.settings import Settings
from ingestion.simulator import simulate
from tests.capped_groups import capped_groups, rules_with_groups
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.oracle.rules import load_rules
from tests.oracle.strategies import AS_OF, SITE_DOMAINS
from tests.past_days import (
    MODELS,
    Rows,
    assert_same,
    days_of,
    expected,
    found,
    logs,
    past_of,
)

RULES = load_rules(SITE_DOMAINS)
GIVEN = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
END, DAY = date(2026, 6, 30), date(2026, 5, 14)


def rows_of(models: CompiledModels) -> list[Mapping[str, Any]]:
    cursor = models.connection.execute("select * from warehouse.raw.events")
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(log=logs(RULES), has_capped_groups=st.booleans(), chosen=st.randoms(use_true_random=False))
def test_on_any_day_of_any_small_log_everybody_stands_as_the_oracle_says(
    models: CompiledModels, log: tuple[Rows, Rows], has_capped_groups: bool, chosen: Random
) -> None:
    rows, overrides = log
    days = days_of(rows)
    days = chosen.sample(days, min(1, len(days)))
    rules = rules_with_groups(RULES) if has_capped_groups else RULES
    with capped_groups(models) if has_capped_groups else nullcontext():
        models.run(frame_of_events(rows, RULES), AS_OF, GIVEN, overrides=overrides, only=MODELS)
        assert_same(found(models, days), expected(rows, days, rules, overrides))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A simulated log in which many convert, programs among its people, in a warehouse."""
    folder = tmp_path_factory.mktemp("backtest")
    simulate(5_000, folder / "log", seed=5, days=150, end=END, hidden_programs=12, world="null")
    settings = Settings(data_dir=folder / "data", site_domains=SITE_DOMAINS)
    with warehouse.connect(settings) as connection:
        loader.load_paths(connection, settings, sorted((folder / "log").glob("*.ndjson")))
    return settings


@pytest.mark.slow
def test_on_a_day_of_a_simulated_log_everybody_stands_as_the_oracle_says(
    models: CompiledModels, loaded: Settings
) -> None:
    models.run_loaded(loaded.warehouse, END, loaded, MODELS)
    answers = found(models, [DAY])
    assert_same(answers, expected(rows_of(models), [DAY], RULES))
    assert len({label for _, label in answers}) > 20
    assert any(row.converted_after for row in answers.values())
    assert len({row.band for row in answers.values()}) > 1


def test_what_happens_after_a_date_changes_nothing_of_its_frame(
    models: CompiledModels, loaded: Settings
) -> None:
    models.run_loaded(loaded.warehouse, END, loaded, MODELS)
    answers = found(models, [DAY])
    assert any(row.converted_after for row in answers.values())
    cut(models, DAY + timedelta(days=30))
    assert found(models, [DAY]) == answers
    cut(models, DAY)
    as_it_stood = {place: replace(row, converted_after=None) for place, row in answers.items()}
    assert found(models, [DAY]) == as_it_stood


def test_a_device_whose_clock_is_ahead_does_not_move_the_last_day(
    models: CompiledModels, loaded: Settings
) -> None:
    models.run_loaded(loaded.warehouse, END, loaded, MODELS)
    before = past_of(models).history
    models.connection.execute(
        "update warehouse.raw.events set event_at = '2199-01-01'"
        " where event_id = (select max(event_id) from warehouse.raw.events)"
    )
    models.rebuild(MODELS)
    after = past_of(models).history
    assert before is not None
    assert after is not None
    assert after.last_whole_day == before.last_whole_day


def cut(models: CompiledModels, day: date) -> None:
    """Takes all events after a day out of the log, and builds anew."""
    before = len(rows_of(models))
    models.connection.execute(
        "delete from warehouse.raw.events where event_at >= ?", [day + timedelta(days=1)]
    )
    assert 0 < len(rows_of(models)) < before
    models.rebuild(MODELS)
