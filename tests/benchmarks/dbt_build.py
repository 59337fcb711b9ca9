"""The models as dbt builds them, and their SQL alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from ingestion.settings import PROJECT_ROOT, Settings
from tests.benchmarks.rounds import timed


@dataclass(frozen=True)
class Model:
    """A model of a build: its name, what it is made from, and how long dbt says that it took."""

    name: str
    relation: str
    code: str
    is_view: bool
    is_python: bool
    seconds: float


@dataclass(frozen=True)
class Build:
    """The models in the order of the graph."""

    models: tuple[Model, ...]
    parents: Mapping[str, Collection[str]]
    """Of each model the names of those that it reads."""

    def seconds(self, names: Collection[str] | None = None) -> float:
        """What dbt took for the models of these names, or for all."""
        return sum(model.seconds for model in self.models if names is None or model.name in names)

    def behind(self, marts: Collection[str]) -> set[str]:
        """The marts, and every model that they are made from."""
        found: set[str] = set()
        waiting = list(marts)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.parents[name])
        return found


def build(settings: Settings) -> Build:
    """Builds all seeds and models by dbt, in full. The warehouse must hold a loaded log."""
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
        env={**os.environ, **settings.environment(), "DO_NOT_TRACK": "1"},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return _read(settings.dbt_target)


def _read(target: Path) -> Build:
    results = json.loads((target / "run_results.json").read_text())["results"]
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    built = [result for result in results if result["unique_id"].startswith("model.")]
    return Build(
        tuple(_model(result, nodes[result["unique_id"]]) for result in built),
        {
            node["name"]: [
                nodes[parent]["name"]
                for parent in node["depends_on"]["nodes"]
                if parent.startswith("model.")
            ]
            for unique_id, node in nodes.items()
            if unique_id.startswith("model.")
        },
    )


def _model(result: Mapping[str, Any], node: Mapping[str, Any]) -> Model:
    return Model(
        name=node["name"],
        relation=node["relation_name"],
        code=result["compiled_code"],
        is_view=node["config"]["materialized"] == "view",
        is_python=node["language"] == "python",
        seconds=result["execution_time"],
    )


def run_sql_alone(settings: Settings, models: Collection[Model], folder: Path) -> dict[str, float]:
    """Seconds of each model's SQL in files of their own, without dbt around it.

    `settings` has the finished build. A Python model is copied from it, at no cost: what it walks
    are links in conflict, of which a simulated log has none.
    """
    shutil.copyfile(settings.warehouse, folder / "warehouse.duckdb")
    seconds = {}
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            f"attach '{folder / 'marts.duckdb'}' as published (storage_version 'v1.5.0')"
        )
        connection.execute("create schema published.marts")
        connection.execute("create schema published.ops")
        for model in models:
            if not model.is_python:
                kind = "view" if model.is_view else "table"
                statement = f"create or replace {kind} {model.relation} as {model.code}"
                seconds[model.name] = timed(partial(connection.execute, statement))
    return seconds
