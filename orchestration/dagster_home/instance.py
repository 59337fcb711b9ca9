"""Dagster's home: one folder in the data directory, for the command line and the UI alike."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

DAGSTER_YAML = """\
# Written when the folder was made; yours to change from then on.
telemetry:
  enabled: false

# No form that asks for an e-mail address when the UI is opened first.
nux:
  enabled: false

# One process writes at a time. Pools are counted by run, not by step: a killed run then leaves
# no slot behind that nobody gives back.
concurrency:
  runs:
    max_concurrent_runs: 1
  pools:
    granularity: run
    default_limit: 1

run_monitoring:
  enabled: true

freshness:
  enabled: true

# What the sensors and the schedule saw, in days; runs and asset events are kept.
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 7
      failure: 30
      success: 90
"""


def prepare_home(settings: Settings) -> Path:
    """Makes `<data>/dagster` with its dagster.yaml where absent; an existing file is left alone."""
    home = settings.make_folder(settings.dagster_home)
    configuration = home / "dagster.yaml"
    if not configuration.exists():
        draft = home / f".dagster.yaml.{os.getpid()}"
        draft.write_text(DAGSTER_YAML)
        draft.replace(configuration)
    return home


def dagster_environment(settings: Settings) -> dict[str, str]:
    """What Dagster's processes need in their environment: home, settings, no telemetry."""
    return {
        **settings.environment(),
        "DAGSTER_HOME": str(settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }


@contextmanager
def open_instance(settings: Settings) -> Iterator[DagsterInstance]:
    """The instance whose runs the UI lists; until its end, this process has their environment."""
    from dagster import DagsterInstance

    prepare_home(settings)
    before = dict(os.environ)
    os.environ.update(dagster_environment(settings))
    try:
        with DagsterInstance.get() as instance:
            yield instance
    finally:
        for name in dagster_environment(settings):
            if name in before:
                os.environ[name] = before[name]
            else:
                del os.environ[name]
