"""What the assets are given: settings, the options of a run, the writer lock, and a voice."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg
from pydantic import Field

from ingestion.settings import Settings
from orchestration.dagster_home.history import hasten
from orchestration.dagster_home.logs import forget_old_runs, tidy_logs
from orchestration.dagster_home.orphans import PROCESS_TAG, this_process
from orchestration.dates import parse_date
from orchestration.dbt.process import DbtStarter
from orchestration.exports.beside import Beside
from orchestration.refreshing.log import RefreshLog
from orchestration.refreshing.progress import Progress, SilentProgress
from orchestration.refreshing.writer import Writer

STARTED_BY_TAG = "intent/started_by"


class RefreshOptions(dg.ConfigurableResource[None]):
    """What one refresh is told, in one place of the launchpad."""

    paths: list[str] = Field(
        default=[], description="Files or folders to load; none: what is new in landing/."
    )
    as_of: str = Field(
        default="", description="UTC date at whose end decay is measured; empty: today."
    )
    full_refresh: bool = Field(default=False, description="Build every model anew from all events.")
    all_tests: bool = Field(
        default=False,
        description="Run the tests of the whole history too, which else are due once a week.",
    )

    def as_of_date(self) -> date:
        """The date that is meant. Raises UserError for a text that is none."""
        return parse_date(self.as_of) if self.as_of else datetime.now(UTC).date()


@dg.resource(required_resource_keys={"settings"})
def run_writer(context: dg.InitResourceContext) -> Iterator[Writer]:
    """One Writer a run. Also notes on the run which process it is, should that be killed."""
    hasten()
    if context.instance and context.run:
        context.instance.add_run_tags(context.run.run_id, {PROCESS_TAG: this_process()})
    writer = Writer(context.resources.settings)
    try:
        yield writer
    finally:
        writer.release()


@dg.resource(required_resource_keys={"settings", "writer"})
def run_beside(context: dg.InitResourceContext) -> Iterator[Beside]:
    """The process beside a run, which is gone before the run lets go of the writer lock."""
    beside = Beside(context.resources.settings)
    try:
        yield beside
    finally:
        beside.close()


def logged(shown: Progress) -> dg.ResourceDefinition:
    """The progress of each run, in the log of refreshes too; older logs are tidied before it."""

    @dg.resource(required_resource_keys={"settings"})
    def run_progress(context: dg.InitResourceContext) -> Iterator[Progress]:
        settings = context.resources.settings
        if context.run is None:
            yield shown
            return
        tidy_logs(settings)
        if context.instance:
            forget_old_runs(settings, context.instance)
        log = RefreshLog(settings, context.run.run_id, shown)
        log.begin(started_by(context.run.tags))
        try:
            yield log
        finally:
            log.end()

    return run_progress


def started_by(tags: Mapping[str, str]) -> str:
    """Who asked for a run, by its tags."""
    for tag, words in (
        ("dagster/schedule_name", "schedule "),
        ("dagster/sensor_name", "sensor "),
        (STARTED_BY_TAG, ""),
    ):
        if tag in tags:
            return f"{words}{tags[tag]}"
    return "somebody in the UI"


def resources(settings: Settings) -> dict[str, Any]:
    """The resources of every run; the command line puts its own lock and progress in place."""
    return {
        "settings": dg.ResourceDefinition.hardcoded_resource(settings),
        "options": RefreshOptions(),
        "writer": run_writer,
        "beside": run_beside,
        "dbt": dg.ResourceDefinition.hardcoded_resource(DbtStarter(settings)),
        "progress": logged(SilentProgress()),
    }
