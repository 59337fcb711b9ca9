"""The one job, and the schedule that runs it every day."""

import dagster as dg

REFRESH = "refresh"

refresh_job = dg.define_asset_job(
    REFRESH,
    # a backtest looks back over months: once a month is often enough; past days are for operators
    selection=dg.AssetSelection.all()
    - dg.AssetSelection.assets(["exports", "backtest"], ["published", "past_scores"]),
    executor_def=dg.in_process_executor,
    description="Load what is new, build and test every model, publish, export.",
)

# Shortly after midnight in UTC, the zone that days are counted in: yesterday is complete then,
# and the new day's decay is due.
daily_refresh = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh_job,
    cron_schedule="15 0 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The refresh of each day: scores decay also when no file has come.",
)
