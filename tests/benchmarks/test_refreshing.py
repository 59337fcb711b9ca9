"""A whole refresh, from the log to the exports, and what of it is SQL, tests, starting up."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.refreshing import publish
from tests.benchmarks.conftest import LAST_DAY, SITE_DOMAINS
from tests.benchmarks.figures import Figures
from tests.benchmarks.rounds import least, timed

pytestmark = pytest.mark.bench

_STAGE = re.compile(r"^(\w+) +(\d+\.\d) s  ", re.MULTILINE)
"""A line of `intent refresh` where no terminal is: the stage, and its seconds."""


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory of its own, to refresh and to publish in."""
    return Settings(data_dir=tmp_path_factory.mktemp("refreshed"), site_domains=SITE_DOMAINS)


def test_a_whole_refresh_is_split_into_its_parts(
    refreshed: Settings, log_files: list[Path], figures: Figures
) -> None:
    printed: list[str] = []

    def refresh() -> None:
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("intent")), "refresh",
                *map(str, log_files), "--as-of", str(LAST_DAY), "--full-refresh",
            ],
            cwd=PROJECT_ROOT,
            env={**os.environ, **refreshed.environment()},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        printed.append(done.stdout)

    whole = timed(refresh)
    stages: defaultdict[str, float] = defaultdict(float)
    for name, seconds in _STAGE.findall(printed[-1]):
        stages[name] += float(seconds)
    run = json.loads((refreshed.dbt_target / "run_results.json").read_text())
    nodes: defaultdict[str, float] = defaultdict(float)
    for result in run["results"]:
        nodes[result["unique_id"].partition(".")[0]] += result["execution_time"]
    group = "a whole refresh"
    figures.seconds(group, "intent refresh: everything", whole)
    figures.seconds(group, "load", stages["load"])
    figures.seconds(group, "dbt: seeds", nodes["seed"])
    figures.seconds(group, "dbt: models", nodes["model"])
    figures.seconds(group, "dbt: tests", nodes["test"])
    figures.seconds(group, "dbt: start, parse and the rest", stages["build"] - sum(nodes.values()))
    figures.seconds(group, "publish", stages["publish"])
    figures.seconds(group, "export and tidy", stages["export"] + stages["tidy"])
    figures.seconds(group, "Dagster, Python and the rest", whole - sum(stages.values()))
    assert set(stages) >= {"load", "build", "publish", "export"}
    assert refreshed.analytics.exists()


def test_the_copy_of_publish_costs_what_the_file_system_takes(
    refreshed: Settings, figures: Figures, rounds: int, tmp_path: Path
) -> None:
    assert refreshed.marts.exists(), "the benchmark of a whole refresh fills the marts"
    methods: list[str] = []

    def copy(folder: Path) -> float:
        target = folder / "analytics.duckdb"
        return timed(lambda: methods.append(publish.copy_file(refreshed.marts, target)))

    seconds = least({"copy": copy}, rounds, tmp_path)["copy"]
    size = refreshed.marts.stat().st_size
    figures.megabytes("publish", "marts.duckdb", size)
    figures.seconds("publish", f"copied {methods[-1]}, and on the disk", seconds)
    figures.rate("publish", "MB", round(size / 1e6), seconds)
    assert size > 0
