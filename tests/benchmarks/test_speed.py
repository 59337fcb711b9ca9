"""Loading and building, against what DuckDB needs for the plainest form of the same work.

A missed goal is shown, and fails nothing: on a busy machine ratios move, and it is for a reader to
judge. What fails is a benchmark that did not do the work it measures.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion import loader, reference, run_settings, warehouse
from ingestion.settings import PROJECT_ROOT, Settings
from tests.benchmarks.conftest import LAST_DAY, Figures, timed

pytestmark = pytest.mark.bench

LOAD_GOAL = 1.5
BUILD_GOAL = 1.25 * 3
"""1.25 x a hand-tuned script, which itself may take 3 x one sorted write of the same rows."""

MESSAGE_COLUMNS = """{
    messageId: 'varchar', type: 'varchar', event: 'varchar', name: 'varchar',
    anonymousId: 'varchar', userId: 'varchar', previousId: 'varchar', groupId: 'varchar',
    timestamp: 'varchar', originalTimestamp: 'varchar', sentAt: 'varchar', receivedAt: 'varchar',
    properties: 'json', traits: 'json', context: 'json'
}"""


def read_json_alone(log_files: list[Path], database: Path) -> None:
    """DuckDB's own reader, into a table: no check, no dedupe, no ledger."""
    with duckdb.connect(database) as connection:
        connection.execute(
            f"create table messages as from read_json(?, columns = {MESSAGE_COLUMNS},"
            " format = 'newline_delimited', ignore_errors = true, maximum_object_size = 33554432)",
            [[str(path) for path in log_files]],
        )


def test_loading_costs_little_more_than_reading(
    log_files: list[Path], settings: Settings, figures: Figures, event_count: int, tmp_path: Path
) -> None:
    alone = timed(lambda: read_json_alone(log_files, tmp_path / "alone.duckdb"))
    with warehouse.connect(settings) as connection:
        rows = loader.load_paths(connection, settings, log_files)
        lists = timed(lambda: reference.refresh_lists(connection))
        run_settings.record(connection, settings, LAST_DAY, "benchmark")
    parse = sum(row.parse_seconds for row in rows)
    figures.seconds("read_json of the same log into a table", alone)
    figures.seconds("load: parse and validate", parse)
    figures.seconds("load: dedupe and ledger", sum(row.dedupe_seconds for row in rows))
    figures.seconds("load: lists of domains and bots", lists)
    figures.rate("load: records", sum(row.record_count for row in rows), parse)
    figures.ratio("load: parse against read_json", parse / alone, LOAD_GOAL)
    assert sum(row.loaded_count for row in rows) == event_count


def sorted_write(settings: Settings, database: Path) -> None:
    """All events, once, in the order of visitors and time, into a file of their own."""
    with duckdb.connect(database) as connection:
        connection.execute(f"attach '{settings.warehouse}' as warehouse (read_only)")
        connection.execute(
            "create table events as from warehouse.raw.events"
            " order by anonymous_id, event_at, event_id"
        )


def build(settings: Settings) -> dict[str, float]:
    """Builds seeds and models by dbt; seconds of each model as dbt counts them."""
    options = {
        "--project-dir": PROJECT_ROOT,
        "--profiles-dir": PROJECT_ROOT,
        "--target-path": settings.dbt_target,
        "--log-path": settings.dbt_logs,
    }
    places = [str(text) for pair in options.items() for text in pair]
    subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "build", "--full-refresh",
            "--resource-type", "seed", "--resource-type", "model", *places,
        ],
        env={**os.environ, "INTENT_DATA_DIR": str(settings.data_dir), "DO_NOT_TRACK": "1"},
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    results = json.loads((settings.dbt_target / "run_results.json").read_text())["results"]
    return {
        result["unique_id"].rpartition(".")[2]: result["execution_time"]
        for result in results
        if result["unique_id"].startswith("model.")
    }


def test_building_all_models_costs_a_few_sorted_writes(
    settings: Settings, figures: Figures, event_count: int, tmp_path: Path
) -> None:
    assert settings.warehouse.exists(), "the benchmark of loading fills the warehouse"
    one_write = timed(lambda: sorted_write(settings, tmp_path / "sorted.duckdb"))
    models = build(settings)
    figures.seconds("one sorted write of the events", one_write)
    for name in sorted(models, key=models.__getitem__, reverse=True)[:10]:
        figures.seconds(f"build: {name}", models[name])
    total = figures.seconds(f"build: all {len(models)} models", sum(models.values()))
    figures.ratio("build: models against one sorted write", total / one_write, BUILD_GOAL)
    with duckdb.connect(settings.marts, read_only=True) as connection:
        assert connection.execute("select count(*) from marts.marts.fct_events").fetchone() == (
            event_count,
        )
