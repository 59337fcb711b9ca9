"""A full build of the models, against a script by hand that yields the same marts.

A missed goal is shown, and fails nothing: on a busy machine ratios move, and it is for a reader to
judge. What fails is a benchmark that did not do the work it measures.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingestion.settings import Settings
from tests.benchmarks import dbt_build, hand_tuned_script, same_marts
from tests.benchmarks.figures import Figures
from tests.benchmarks.rounds import least, timed

pytestmark = pytest.mark.bench

SCRIPT_GOAL = 3
BUILD_GOAL = 1.25


def sorted_write(settings: Settings, folder: Path) -> float:
    """All events, once, in the order of visitors and time, into a file of their own."""

    def work() -> None:
        with duckdb.connect(folder / "sorted.duckdb") as connection:
            connection.execute(f"attach '{settings.warehouse}' as warehouse (read_only)")
            connection.execute(
                "create table events as from warehouse.raw.events"
                " order by anonymous_id, event_at, event_id"
            )

    return timed(work)


def test_building_all_models_costs_little_more_than_a_script_by_hand(
    loaded: Settings, figures: Figures, rounds: int, tmp_path: Path
) -> None:
    first = dbt_build.build(loaded)
    needed = first.behind(hand_tuned_script.MARTS)
    builds: list[dbt_build.Build] = []
    alone: list[dict[str, float]] = []

    def build_by_dbt(_: Path) -> float:
        builds.append(dbt_build.build(loaded))
        return builds[-1].seconds(needed)

    def run_sql_alone(folder: Path) -> float:
        models = [model for model in first.models if model.name in needed]
        alone.append(dbt_build.run_sql_alone(loaded, models, folder))
        return sum(alone[-1].values())

    seconds = least(
        {
            "write": lambda folder: sorted_write(loaded, folder),
            "script": lambda folder: hand_tuned_script.run(
                loaded.warehouse, folder / "marts.duckdb"
            ),
            "dbt": build_by_dbt,
            "sql": run_sql_alone,
        },
        rounds,
        tmp_path,
    )
    group = "building the models in full"
    everything = min(build.seconds() for build in builds)
    figures.seconds(group, "one sorted write of the events", seconds["write"])
    figures.seconds(group, "hand-tuned script", seconds["script"])
    figures.seconds(group, f"SQL alone of the {len(needed)} models behind the same", seconds["sql"])
    figures.seconds(group, f"dbt: these {len(needed)} models", seconds["dbt"])
    figures.seconds(group, f"dbt: all {len(first.models)} models", everything)
    script, write = seconds["script"], seconds["write"]
    figures.ratio(group, "script against one sorted write", script / write, SCRIPT_GOAL)
    figures.ratio(group, "models by dbt against the script", seconds["dbt"] / script, BUILD_GOAL)
    figures.ratio(group, "their SQL alone against the script", seconds["sql"] / script, BUILD_GOAL)
    note_models(figures, builds, alone)

    hand_tuned_script.run(loaded.warehouse, tmp_path / "hand_tuned.duckdb")
    other = same_marts.differences(
        tmp_path / "hand_tuned.duckdb", loaded.marts, hand_tuned_script.MARTS
    )
    assert other == []


def note_models(
    figures: Figures, builds: list[dbt_build.Build], alone: list[dict[str, float]]
) -> None:
    """The models that take longest, each with its share of all, and what its SQL takes alone."""
    by_dbt = {
        model.name: min(
            other.seconds for build in builds for other in build.models if other.name == model.name
        )
        for model in builds[0].models
    }
    total = sum(by_dbt.values())
    for name in sorted(by_dbt, key=by_dbt.__getitem__, reverse=True)[:20]:
        share = f"{name} ({by_dbt[name] / total:.0%} of all models)"
        figures.seconds("models: dbt's time", share, by_dbt[name])
    sql = {name: min(run[name] for run in alone) for name in alone[0]}
    for name in sorted(sql, key=sql.__getitem__, reverse=True)[:20]:
        share = f"{name} ({sql[name] / sum(sql.values()):.0%} of this SQL)"
        figures.seconds("models: SQL alone", share, sql[name])
