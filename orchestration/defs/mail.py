"""The overview by mail, on Monday mornings where a mail server is set."""

from datetime import UTC, datetime

import dagster as dg

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.defs.stages import failure
from orchestration.delivery import overview_mail

OVERVIEW_MAIL = "overview_mail"


class MailOptions(dg.Config):
    """What the launchpad may say."""

    send_again: bool = False
    """Send this week's mail, whatever the ledger says of it."""


@dg.op(
    description="Sends the newest published overview to INTENT_OVERVIEW_TO, if it is of today and"
    " this week's has not been sent.",
)
def send_overview(
    context: dg.OpExecutionContext, config: MailOptions, settings: dg.ResourceParam[Settings]
) -> None:
    """Reads the published file and its export alone, so that it waits for no writer."""
    try:
        sent = overview_mail.send_overview(
            settings, datetime.now(UTC).date(), again=config.send_again
        )
    except UserError as error:
        raise failure(str(error), is_user_error=True) from error
    context.log.info(sent.words)
    for who in sent.refused:
        context.log.warning(f"refused by the server: {who}")
    context.add_output_metadata({"result": sent.words, "refused": list(sent.refused)})


@dg.job(
    name=OVERVIEW_MAIL,
    executor_def=dg.in_process_executor,
    description="Sends the overview by mail, once a week.",
)
def overview_mail_job() -> None:
    """One step, for the schedule and for an operator in the UI."""
    send_overview()


@dg.schedule(
    name="weekly_overview",
    job=overview_mail_job,
    # Mondays, when the day's refresh is through; the next two days are for a mail that failed
    cron_schedule="0 6 * * 1-3",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Mondays at 06:00 UTC; on Tuesday and Wednesday again if it could not be sent.",
)
def weekly_overview(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    """A run where this week's mail is due; else why not."""
    today = context.scheduled_execution_time.astimezone(UTC).date()
    if words := overview_mail.why_not(settings, today):
        return dg.SkipReason(words)
    return dg.RunRequest(run_key=f"{overview_mail.key_of(today)}/{today}")
