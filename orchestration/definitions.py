"""All of Dagster's definitions; `intent ui` and `intent refresh` load the same ones."""

import dagster as dg

from ingestion.settings import Settings
from orchestration.dagster_home.instance import prepare_home
from orchestration.dbt.manifest import current_manifest
from orchestration.defs.backtest import backtest, backtest_job, monthly_backtest
from orchestration.defs.ingestion import landing_folder, load
from orchestration.defs.jobs import daily_refresh, refresh_job
from orchestration.defs.lead_magnet import (
    deliver_reports_job,
    deliveries,
    due_reports_sensor,
    mini_reports,
    qualified,
)
from orchestration.defs.mail import overview_mail_job, weekly_overview
from orchestration.defs.past_scores import past_scores, past_scores_job
from orchestration.defs.publication import published_analytics, sales_exports
from orchestration.defs.resources import resources
from orchestration.defs.sensors import dead_runs, failed_runs, new_files
from orchestration.defs.transformation import published_keys, transformation
from orchestration.defs.upkeep import upkeep_job, weekly_upkeep


@dg.definitions
def definitions() -> dg.Definitions:
    """Everything, for the data directory of the environment, which need not exist yet.

    Parses the dbt project first where a file of it has changed.
    """
    settings = Settings.from_environment()
    prepare_home(settings)
    manifest = current_manifest(settings)
    return dg.Definitions(
        assets=[
            landing_folder,
            load,
            transformation(manifest),
            published_analytics(published_keys(manifest)),
            *sales_exports(),
            backtest,
            past_scores,
            mini_reports,
            qualified,
            deliveries,
        ],
        jobs=[
            refresh_job,
            upkeep_job,
            overview_mail_job,
            deliver_reports_job,
            backtest_job,
            past_scores_job,
        ],
        schedules=[daily_refresh, weekly_upkeep, weekly_overview, monthly_backtest],
        sensors=[new_files, due_reports_sensor, dead_runs, failed_runs],
        resources=resources(settings),
        # one process a run: it takes the writer lock once, and keeps it between the steps
        executor=dg.in_process_executor,
    )
