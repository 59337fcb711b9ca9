"""Scores of past days, for an operator: an asset with a partition a day, filled from the UI."""

import warnings
from datetime import UTC, date, datetime

import dagster as dg

from ingestion.settings import Settings
from orchestration.console import counted
from orchestration.defs.publication import ANALYTICS
from orchestration.defs.stages import stage
from orchestration.refreshing.outcomes import Published
from orchestration.refreshing.past_scores import write_past_scores
from orchestration.refreshing.progress import Progress
from orchestration.refreshing.writer import Writer

PAST_SCORES = dg.AssetKey(["published", "past_scores"])
FIRST_DAY = "2015-01-01"
"""Older logs are scored as well, but nobody looks for the scores of those days."""


def score_past_days(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    writer: dg.ResourceParam[Writer],
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """Works the days out under the lock, and puts the new version in place for readers."""
    days = [date.fromisoformat(key) for key in context.partition_keys]
    with stage("score past days", context, progress) as running:
        writer.hold()
        written = write_past_scores(settings, days, context.log.info)
        rows = sum(written.values())
        size = settings.analytics.stat().st_size
        running.finish(
            f"{counted(len(days), 'day')}, {counted(rows, 'row')} of fct_score_history",
            Published(settings.analytics, size, "past scores"),
        )
    return dg.MaterializeResult(
        metadata={
            "days": len(days),
            "rows": rows,
            "rows_by_day": dg.MetadataValue.json(
                {day.isoformat(): count for day, count in written.items()}
            ),
            "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )


with warnings.catch_warnings():
    # that backfill_policy may still change is no news for whoever refreshes
    warnings.simplefilter("ignore", dg.BetaWarning)
    past_scores = dg.asset(
        key=PAST_SCORES,
        deps=[ANALYTICS],
        group_name="published",
        kinds={"duckdb"},
        description="Rows of fct_score_history for days that were never refreshed, or with other"
        " events: what a refresh as of that day writes, without one. All chosen days are one"
        " run, and published once.",
        partitions_def=dg.DailyPartitionsDefinition(start_date=FIRST_DAY),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="duckdb",
    )(score_past_days)


past_scores_job = dg.define_asset_job(
    "past_scores",
    selection=dg.AssetSelection.assets(PAST_SCORES),
    executor_def=dg.in_process_executor,
    description="Writes the scores of the chosen past days into fct_score_history.",
)
