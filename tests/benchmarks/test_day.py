"""What one more day costs, at a month of history and at a year of it.

The same day, once after a simulated year and once after the last 30 days of that year; of each
figure the ratio counts. The day before has come by a refresh of its own, as where one refreshes
daily: the first day after a full build writes more, since DuckDB then brings half-full groups of
rows together. The whole is `intent refresh`, with tests, publish and exports; the SQL alone is what
the models run, without dbt around it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import duckdb
import pytest

from ingestion import loader, reference, run_settings, warehouse
from ingestion.settings import PROJECT_ROOT, Settings
from ingestion.simulator import simulate
from orchestration.dbt.lighter import write_files
from tests.benchmarks.conftest import LAST_DAY, SITE_DOMAINS
from tests.benchmarks.figures import Figures
from tests.benchmarks.rounds import timed
from tests.compiled_models import CompiledModels, compile_models

pytestmark = pytest.mark.bench

MONTH, YEAR = 30, 365
WHOLE_GOAL, SQL_GOAL, STAGE_GOAL = 1.3, 1.6, 1.5

ON_TOUCHED_KEYS = (
    "int_events_prepared", "int_slices_cut", "int_events_placed", "int_sessions_aggregated",
    "int_entries_parsed", "int_slice_days_counted", "int_slices_counted", "int_slices_owned",
    "int_buckets_counted", "fct_events", "fct_sessions", "fct_session_people",
)  # fmt: skip
"""Sessions, events, slices, buckets: what is new decides what they cost."""

_DAY = re.compile(rb"\d{4}-\d\d-\d\d(?=T)")
_STAGE = re.compile(r"^(\w+) +(\d+\.\d) s  ", re.MULTILINE)


@dataclass
class Day:
    """What a day costs at one length of history, in seconds."""

    whole: float = float("inf")
    stages: Mapping[str, float] = field(default_factory=dict)
    nodes: Mapping[str, float] = field(default_factory=dict)
    sql: Mapping[str, float] = field(default_factory=dict)


def histories_and_days(folder: Path, events_a_day: int) -> tuple[dict[int, list[Path]], Path, Path]:
    """A simulated year but for its last two days, the last month of it, and those days."""
    simulate(events_a_day * YEAR, folder / "log", 1, YEAR, LAST_DAY)
    last_day, eve = (str(LAST_DAY - timedelta(days=ago)).encode() for ago in (0, 1))
    first_day = str(LAST_DAY - timedelta(days=MONTH)).encode()
    histories: dict[int, list[Path]] = {MONTH: [], YEAR: []}
    days = folder / "eve.ndjson", folder / "day.ndjson"
    with days[0].open("wb") as last_but_one, days[1].open("wb") as last:
        for path in sorted((folder / "log").glob("*.ndjson")):
            for length, history in histories.items():
                history.append(folder / f"{length}-{path.name}")
            month, year = (history[-1] for history in histories.values())
            with path.open("rb") as lines, month.open("wb") as late, year.open("wb") as all_of_it:
                for line in lines:
                    told = max(_DAY.findall(line), default=b"")
                    if told in (eve, last_day):
                        (last if told == last_day else last_but_one).write(line)
                        continue
                    all_of_it.write(line)
                    if told >= first_day:
                        late.write(line)
            path.unlink()
    for history in histories.values():
        history.extend(folder / "log" / name for name in ("leads.csv", "ad_spend.csv"))
    return histories, *days


def refresh(settings: Settings, paths: list[Path], as_of: object) -> str:
    """Runs `intent refresh`, and returns what it printed."""
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("intent")), "refresh", *map(str, paths),
            "--as-of", str(as_of),
        ],
        cwd=PROJECT_ROOT,
        env={**os.environ, **settings.environment()},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    return done.stdout


def copy_of(built: Settings, data_dir: Path) -> Settings:
    """The same data directory at another place, on the disk: what a copy has left to be written
    would be so while a refresh is timed."""
    shutil.copytree(built.data_dir, data_dir)
    os.sync()
    return replace(built, data_dir=data_dir)


def measure_whole(built: Settings, day: Path, folder: Path, best: Day) -> None:
    """Refreshes a copy of the data directory by the day's events."""
    settings = copy_of(built, folder / "whole")
    printed: list[str] = []
    whole = timed(lambda: printed.append(refresh(settings, [day], LAST_DAY)))
    if whole < best.whole:
        stages: defaultdict[str, float] = defaultdict(float)
        for name, seconds in _STAGE.findall(printed[0]):
            stages[name] += float(seconds)
        nodes: defaultdict[str, float] = defaultdict(float)
        run = json.loads((settings.dbt_target / "run_results.json").read_text())
        for result in run["results"]:
            nodes[result["unique_id"].partition(".")[0]] += result["execution_time"]
        best.whole, best.stages, best.nodes = whole, stages, nodes
    shutil.rmtree(settings.data_dir)


def measure_sql(
    models: CompiledModels, built: Settings, day: Path, folder: Path, best: Day
) -> None:
    """Brings the models of another copy up to date, each timed by itself."""
    settings = copy_of(built, folder / "sql")
    with warehouse.connect(settings) as connection:
        loader.load_paths(connection, settings, [day])
        reference.refresh_lists(connection)
        run_settings.record(connection, settings, LAST_DAY, "benchmark")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        # as in the models' own session (macro session_settings): files are written at the end
        connection.execute("set checkpoint_threshold = '1GB'")
        connection.execute(f"attach '{settings.warehouse}' as warehouse")
        connection.execute(f"attach '{settings.marts}' as published (storage_version 'v1.5.0')")
        connection.execute("use warehouse")
        models.connection = connection
        sql = {node.name: timed(partial(models.update_one, node)) for node in models.models}
        sql["writing of both files"] = timed(partial(write_files, connection))
    if sum(sql.values()) < sum(best.sql.values() or [float("inf")]):
        best.sql = sql
    shutil.rmtree(settings.data_dir)


def test_a_day_costs_what_is_new_and_not_what_has_been(
    figures: Figures, rounds: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    events_a_day = int(request.config.getoption("--bench-events-a-day"))
    (tmp_path / "compiled").mkdir()
    models = compile_models()
    days: dict[int, Day] = {}
    built: dict[int, Settings] = {}
    histories, eve, day = histories_and_days(tmp_path, events_a_day)
    for length, history in histories.items():
        settings = Settings(data_dir=tmp_path / str(length) / "data", site_domains=SITE_DOMAINS)
        refresh(settings, history, LAST_DAY - timedelta(days=2))
        refresh(settings, [eve], LAST_DAY - timedelta(days=1))
        built[length], days[length] = settings, Day()
    for _ in range(rounds):
        for length, settings in built.items():
            measure_whole(settings, day, tmp_path / str(length), days[length])
            measure_sql(models, settings, day, tmp_path / str(length), days[length])
    note(figures, events_a_day, days[MONTH], days[YEAR])
    assert all(day.whole and day.sql for day in days.values())


def note(figures: Figures, events_a_day: int, month: Day, year: Day) -> None:
    """The figures: the whole, its parts, and each stage of the models."""
    group = f"one more day of {events_a_day:,} events, at a month and at a year of history"
    for what, one, other in (
        ("intent refresh: everything", month.whole, year.whole),
        *((f"stage {name}", month.stages[name], year.stages[name]) for name in month.stages),
        *((f"dbt: {name}s", month.nodes[name], year.nodes[name]) for name in month.nodes),
        ("SQL of the models alone", sum(month.sql.values()), sum(year.sql.values())),
    ):
        figures.seconds(group, f"{what}, at a month", one)
        figures.seconds(group, f"{what}, at a year", other)
    figures.ratio(group, "the whole, year against month", year.whole / month.whole, WHOLE_GOAL)
    sql = sum(year.sql.values()) / sum(month.sql.values())
    figures.ratio(group, "SQL of the models alone, year against month", sql, SQL_GOAL)
    for name in ON_TOUCHED_KEYS:
        figures.ratio(group, f"{name}, year against month", year.sql[name] / month.sql[name],
                      STAGE_GOAL)  # fmt: skip
    rest = [name for name in year.sql if name not in ON_TOUCHED_KEYS]
    for name in sorted(rest, key=lambda name: month.sql[name] - year.sql[name])[:15]:
        figures.seconds(f"{group}: what grows most", f"{name}, at a month", month.sql[name])
        figures.seconds(f"{group}: what grows most", f"{name}, at a year", year.sql[name])
