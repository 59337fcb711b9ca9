"""The monthly backtest: do the scores predict, on the log as it is by now."""

import dagster as dg

from ingestion.settings import Settings
from orchestration.backtest.backtesting import findings_of_past, read_past
from orchestration.backtest.findings import verdict
from orchestration.backtest.frames import WEEKS
from orchestration.backtest.page import write_findings
from orchestration.backtest.report import findings_in_markdown
from orchestration.defs.publication import ANALYTICS
from orchestration.defs.stages import stage
from orchestration.refreshing.outcomes import Exported
from orchestration.refreshing.progress import Progress
from orchestration.refreshing.writer import Writer

BACKTEST = dg.AssetKey(["exports", "backtest"])


@dg.asset(
    key=BACKTEST,
    deps=[ANALYTICS],
    group_name="exports",
    kinds={"html"},
    description="Whether the scores predict: lift, capture and AUC of 26 past dates beside two"
    " baselines, as a page and as JSON in exports/backtests/.",
    pool="duckdb",
)
def backtest(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    writer: dg.ResourceParam[Writer],
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """Reads the pipeline's tables under the lock, and leaves it before anything is worked out."""
    with stage("backtest", context, progress) as running:
        writer.hold()
        past = read_past(settings)
        writer.release()
        findings = findings_of_past(past, WEEKS)
        page, document = write_findings(settings, findings)
        running.finish(verdict(findings)[0], Exported(page, len(findings.weeks), "dates"))
    return dg.MaterializeResult(
        metadata={
            "verdict": " ".join(verdict(findings)),
            "figures": dg.MetadataValue.md(findings_in_markdown(findings)),
            "path": dg.MetadataValue.path(str(page)),
            "json": dg.MetadataValue.path(str(document)),
            "dates": len(findings.weeks),
            "converted_people": findings.converted_people,
        }
    )


backtest_job = dg.define_asset_job(
    "backtest",
    selection=dg.AssetSelection.assets(BACKTEST),
    executor_def=dg.in_process_executor,
    description="Looks whether the scores predict who converts.",
)

monthly_backtest = dg.ScheduleDefinition(
    name="monthly_backtest",
    job=backtest_job,
    cron_schedule="30 4 1 * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="On the first of a month, when the day's refresh is through.",
)
