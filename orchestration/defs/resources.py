"""What the assets are given: settings, the options of a run, the writer lock, and a voice."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg
from pydantic import Field

from ingestion.settings import Settings
from orchestration.dates import parse_date
from orchestration.dbt_process import DbtStarter
from orchestration.history import hasten
from orchestration.orphans import PROCESS_TAG, this_process
from orchestration.progress import SilentProgress
from orchestration.writer import Writer


class RefreshOptions(dg.ConfigurableResource[None]):
    """What one refresh is told, in one place of the launchpad."""

    paths: list[str] = Field(
        default=[], description="Files or folders to load; none: what is new in landing/."
    )
    as_of: str = Field(
        default="", description="UTC date at whose end decay is measured; empty: today."
    )
    full_refresh: bool = Field(default=False, description="Build every model anew from all events.")

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


def resources(settings: Settings) -> dict[str, Any]:
    """The resources of every run; the command line puts its own lock and progress in place."""
    return {
        "settings": dg.ResourceDefinition.hardcoded_resource(settings),
        "options": RefreshOptions(),
        "writer": run_writer,
        "dbt": dg.ResourceDefinition.hardcoded_resource(DbtStarter(settings)),
        "progress": dg.ResourceDefinition.hardcoded_resource(SilentProgress()),
    }
