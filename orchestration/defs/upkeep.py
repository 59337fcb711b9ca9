"""Upkeep of the pipeline's two files: compacted when it pays, weekly and after a refresh."""

import dagster as dg
import duckdb

from ingestion.settings import Settings
from orchestration.analytics import first_line
from orchestration.defs.stages import stage
from orchestration.refreshing.compaction import NotCompactedError, compact, files_worth_it
from orchestration.refreshing.progress import Progress
from orchestration.refreshing.summary import compacted_words
from orchestration.refreshing.writer import Writer

UPKEEP = "upkeep"


def compact_files(
    context: dg.OpExecutionContext | dg.AssetExecutionContext,
    settings: Settings,
    progress: Progress,
) -> None:
    """Compacts what is worth it, under the lock that the caller holds.

    What stands in the way (no space, say) is told in the log and fails nothing: the file is as it
    was, only larger than it need be.
    """
    try:
        paths = files_worth_it(settings)
    except (duckdb.Error, OSError) as error:
        context.log.warning(f"Nothing is compacted: {first_line(error)}")
        return
    for path in paths:
        with stage("compact", context, progress) as running:
            try:
                done = compact(settings, path)
            except (duckdb.Error, OSError, NotCompactedError) as error:
                context.log.warning(f"{path.name} is not compacted: {first_line(error)}")
            else:
                running.finish(compacted_words(done), done)


@dg.op(pool="duckdb", description="Compacts warehouse.duckdb and marts.duckdb when it pays.")
def compact_when_it_pays(
    context: dg.OpExecutionContext,
    settings: dg.ResourceParam[Settings],
    writer: dg.ResourceParam[Writer],
    progress: dg.ResourceParam[Progress],
) -> None:
    """Takes the lock, and gives back to the disk what the files hold and do not need."""
    writer.hold()
    compact_files(context, settings, progress)


@dg.job(
    name=UPKEEP,
    executor_def=dg.in_process_executor,
    description="Compacts the pipeline's files when more of them than the setting"
    " INTENT_COMPACT_ABOVE says holds nothing.",
)
def upkeep_job() -> None:
    """One step, for the schedule and for an operator in the UI."""
    compact_when_it_pays()


weekly_upkeep = dg.ScheduleDefinition(
    name="weekly_upkeep",
    job=upkeep_job,
    cron_schedule="45 3 * * 0",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Sundays, when the day's refresh is through.",
)
