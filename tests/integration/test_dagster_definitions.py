"""Dagster's definitions: they load on a machine that has no data yet, and hang together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
import yaml

from ingestion.settings import Settings
from orchestration.definitions import definitions
from orchestration.defs.jobs import REFRESH, daily_refresh
from orchestration.defs.lead_magnet import DELIVER_REPORTS, mini_reports
from orchestration.exports.everything import EXPORTS
from tests.dbt_runs import give_parse


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory in which nothing has been done but to parse the models."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("definitions") / "data")
    give_parse(settings.data_dir)
    return settings


@pytest.fixture(scope="module")
def defs(settings: Settings) -> Iterator[dg.Definitions]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INTENT_DATA_DIR", str(settings.data_dir))
        yield definitions()


def specs_of(defs: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def upstream_of(specs: dict[str, dg.AssetSpec], name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for dep in specs[waiting.pop()].deps:
            parent = dep.asset_key.to_user_string()
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def test_definitions_load_and_can_be_validated_without_any_data(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)
    assert defs.resolve_job_def(REFRESH).name == "refresh"


def test_lineage_joins_from_the_landed_file_to_the_export(defs: dg.Definitions) -> None:
    specs = specs_of(defs)
    for name in [f"exports/{export.name}" for export in EXPORTS]:
        upstream = upstream_of(specs, name)
        assert {"landing", "raw/events", "published/analytics"} <= upstream
        assert {"marts/fct_events", "marts/dim_people", "marts/sync_accounts"} <= upstream


def test_old_exports_are_taken_away_only_when_all_new_ones_are_there(
    defs: dg.Definitions,
) -> None:
    deps = {dep.asset_key.to_user_string() for dep in specs_of(defs)["exports/retention"].deps}
    assert deps == {f"exports/{export.name}" for export in EXPORTS}


def test_reports_are_delivered_after_all_that_writes(defs: dg.Definitions) -> None:
    upstream = upstream_of(specs_of(defs), "reports/deliveries")
    assert {"reports/mini_reports", "reports/qualified"} <= upstream
    # by its rank and not by what it needs: an export that failed keeps no report back
    assert mini_reports.op.tags["dagster/priority"] == "-1"
    job = defs.resolve_job_def(DELIVER_REPORTS)
    assert [node.name for node in job.nodes] == ["reports__deliveries"]


def test_publish_waits_for_every_table_that_it_publishes(defs: dg.Definitions) -> None:
    specs = specs_of(defs)
    deps = {dep.asset_key.to_user_string() for dep in specs["published/analytics"].deps}
    built = {name for name in specs if name.startswith(("marts/", "ops/"))}
    assert built
    assert deps == built


def test_every_source_of_the_models_is_loaded_by_an_asset(defs: dg.Definitions) -> None:
    specs = specs_of(defs)
    read = {
        dep.asset_key.to_user_string()
        for spec in specs.values()
        for dep in spec.deps
        if dep.asset_key.path[0] == "raw"
    }
    assert read - set(specs) == set()
    assert {name for name in read if not specs[name].deps} == set()


def test_every_asset_has_a_group_a_kind_and_a_description(defs: dg.Definitions) -> None:
    specs = specs_of(defs)
    bare = [
        name
        for name, spec in specs.items()
        if spec.group_name in {None, "default"} or not spec.kinds or not spec.description
    ]
    assert bare == []
    groups = {spec.group_name for spec in specs.values()}
    assert groups >= {
        "ingestion", "seeds", "staging", "sessions", "identity", "scoring", "attribution",
        "marts", "activation", "ops", "published", "exports", "reports",
    }  # fmt: skip


def test_every_data_test_is_an_asset_check_that_blocks(defs: dg.Definitions) -> None:
    checks = [
        spec
        for assets in defs.assets or []
        if isinstance(assets, dg.AssetsDefinition)
        for spec in assets.check_specs
    ]
    names = {spec.name for spec in checks}
    folder = Path(__file__).parents[1] / "dbt"
    assert {path.stem for path in folder.glob("assert_*.sql")} - names == set()
    # what becomes of a mail is no reason to publish nothing
    assert {spec.name for spec in checks if not spec.blocking} == {
        "every_request_has_its_report",
        "mail_gets_through",
    }


def test_one_run_is_one_process_that_takes_one_slot(
    defs: dg.Definitions, settings: Settings
) -> None:
    job = defs.resolve_job_def(REFRESH)
    assert job.executor_def is dg.in_process_executor
    assert {node.definition.pool for node in job.nodes} == {"duckdb"}
    configuration = yaml.safe_load((settings.dagster_home / "dagster.yaml").read_text())
    assert configuration["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert configuration["telemetry"] == {"enabled": False}


def test_the_published_file_has_a_freshness_policy(defs: dg.Definitions) -> None:
    assert specs_of(defs)["published/analytics"].freshness_policy is not None


def test_the_schedule_asks_for_one_run_a_day_and_is_on_by_itself(defs: dg.Definitions) -> None:
    assert daily_refresh.default_status is dg.DefaultScheduleStatus.RUNNING
    at = datetime(2026, 6, 30, 0, 15, tzinfo=UTC)
    context = dg.build_schedule_context(scheduled_execution_time=at)
    data = daily_refresh.evaluate_tick(context)
    assert len(data.run_requests or []) == 1
    minute, hour, *days = str(daily_refresh.cron_schedule).split()
    assert int(minute) < 60
    assert int(hour) < 24
    assert days == ["*", "*", "*"]


def test_every_sensor_is_on_by_itself(defs: dg.Definitions) -> None:
    sensors = list(defs.sensors or [])
    statuses = {
        sensor.name: sensor.default_status
        for sensor in sensors
        if isinstance(sensor, dg.SensorDefinition)
    }
    assert set(statuses) == {"new_files", "due_reports", "dead_runs", "failed_runs"}
    assert set(statuses.values()) == {dg.DefaultSensorStatus.RUNNING}


def test_loading_definitions_writes_nothing_but_what_it_needs(
    defs: dg.Definitions, settings: Settings
) -> None:
    assert {path.name for path in settings.data_dir.iterdir()} <= {"dagster", "dbt", "logs"}
    assert not settings.warehouse.exists()
