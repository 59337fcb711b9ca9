"""What follows the publish for who asked for a mini-report: it is made, judged and delivered."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from pydantic import Field

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration import plots
from orchestration.analytics import published as published_file
from orchestration.console import counted
from orchestration.defs.publication import ANALYTICS
from orchestration.defs.stages import stage
from orchestration.delivery.asked_reports import (
    PublishedRequests,
    published_as_of,
    read_requests,
)
from orchestration.delivery.late_requests import WHAT_TO_DO, late_requests
from orchestration.delivery.ledger import Channel
from orchestration.delivery.report_files import make_missing
from orchestration.delivery.report_mail import Deliveries, Orders, deliver_reports
from orchestration.delivery.standing import MailStanding, due_reports, mail_standing
from orchestration.lead_magnet.offers import read_offers
from orchestration.refreshing.outcomes import Delivered, Reported
from orchestration.refreshing.progress import Progress
from orchestration.refreshing.summary import reported_words
from orchestration.refreshing.writer import Writer

MINI_REPORTS = dg.AssetKey(["reports", "mini_reports"])
QUALIFIED = dg.AssetKey(["reports", "qualified"])
DELIVERIES = dg.AssetKey(["reports", "deliveries"])

DELIVER_REPORTS = "deliver_reports"
SECONDS_BETWEEN_LOOKS = 300
SHOWN = 50
"""Requests that a table lists."""

_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


class DeliveryOptions(dg.Config):
    """What the launchpad may say, of requests by their ids."""

    send_again: list[str] = Field(
        default=[], description="Requests whose report is sent, whatever the ledger says of it."
    )
    arrived: list[str] = Field(
        default=[], description="Uncertain messages that did arrive, as somebody has found out."
    )
    retry_now: bool = Field(
        default=False, description="Try at once what would be tried again later."
    )


@dataclass(frozen=True)
class Told:
    """What an asset shows: metadata, and what is wrong, if anything."""

    metadata: Mapping[str, Any]
    wrong: str | None


@dg.asset(
    key=MINI_REPORTS,
    deps=[ANALYTICS],
    # after all that writes, so that nobody waits for it, and also where an export failed
    op_tags={"dagster/priority": "-1"},
    group_name="reports",
    kinds={"html", "pdf"},
    description="The mini-report of each new request, as HTML and PDF in reports/.",
    check_specs=[
        dg.AssetCheckSpec(
            "every_request_has_its_report",
            asset=MINI_REPORTS,
            description="A request without a report is no reason to fail a refresh.",
        )
    ],
    pool="duckdb",
)
def mini_reports(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    writer: dg.ResourceParam[Writer],
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.MaterializeResult[None]]:
    """Reads the published file alone, so it lets the next writer in."""
    writer.release()
    yield _result("every_request_has_its_report", _make(context, settings, progress))


@dg.asset(
    key=QUALIFIED,
    deps=[ANALYTICS],
    group_name="reports",
    kinds={"duckdb"},
    description="Who of those that asked lately is offered a call, and why the others are not.",
    pool="duckdb",
)
def qualified(settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult[None]:
    """Shows what the marts say; the event `qualified` is told with the deliveries."""
    try:
        published = read_requests(settings, _since(settings))
    except UserError as error:
        return dg.MaterializeResult(metadata={"result": str(error)})
    return dg.MaterializeResult(metadata=_judged(published))


@dg.asset(
    key=DELIVERIES,
    deps=[MINI_REPORTS, QUALIFIED],
    group_name="reports",
    kinds={"file"},
    description="Sends the mini-reports that are due, by the mail server or into outbox/, and tells"
    " in landing/ what was done. The ledger is deliveries.jsonl.",
    check_specs=[
        dg.AssetCheckSpec(
            "mail_gets_through",
            asset=DELIVERIES,
            description="Fails, as a warning, where the server cannot be reached, or a message is"
            " uncertain or was refused.",
        )
    ],
    pool="duckdb",
)
def deliveries(
    context: dg.AssetExecutionContext,
    config: DeliveryOptions,
    settings: dg.ResourceParam[Settings],
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.MaterializeResult[None]]:
    """Nothing that a mail server does makes a refresh fail, or wait for long."""
    orders = Orders(tuple(config.send_again), tuple(config.arrived), config.retry_now)
    yield _result("mail_gets_through", _deliver(context, settings, progress, orders))


def report_and_deliver(
    context: dg.AssetExecutionContext, settings: Settings, writer: Writer, progress: Progress
) -> None:
    """The same for a refresh that found nothing new, each told as its asset: what is tried again
    later is due then, too."""
    writer.release()
    for key, told in (
        (MINI_REPORTS, _make(context, settings, progress)),
        (DELIVERIES, _deliver(context, settings, progress, Orders())),
    ):
        context.log_event(dg.AssetMaterialization(asset_key=key, metadata=told.metadata))


deliver_reports_job = dg.define_asset_job(
    DELIVER_REPORTS,
    selection=dg.AssetSelection.assets(DELIVERIES),
    executor_def=dg.in_process_executor,
    description="Delivers mini-reports between two refreshes: those that could not be sent before,"
    " and, from the launchpad, those that an operator names.",
)


@dg.sensor(
    job=deliver_reports_job,
    name="due_reports",
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tries mini-reports again that could not be sent, later each time.",
)
def due_reports_sensor(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    """A run where the ledger knows of a report that is due."""
    now = datetime.now(UTC)
    count = due_reports(settings, now)
    if not count:
        return dg.SkipReason("No report is due")
    filters = dg.RunsFilter(job_name=DELIVER_REPORTS, statuses=_UNDER_WAY)
    if context.instance.get_runs(filters, limit=1):
        return dg.SkipReason("A run that delivers is under way")
    try:
        as_of = published_as_of(settings)
    except UserError as error:
        return dg.SkipReason(str(error))
    if as_of != now.date():
        return dg.SkipReason(f"What is published is as of {as_of}; the next refresh delivers")
    return dg.RunRequest()


def _result(check: str, told: Told) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        metadata=told.metadata,
        check_results=[
            dg.AssetCheckResult(
                passed=told.wrong is None,
                check_name=check,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"why": told.wrong or "all is well"},
            )
        ],
    )


def _since(settings: Settings) -> datetime:
    return datetime.now(UTC) - timedelta(days=settings.report_days)


def _make(context: dg.AssetExecutionContext, settings: Settings, progress: Progress) -> Told:
    with stage("report", context, progress) as running:
        try:
            published = read_requests(settings, _since(settings))
        except UserError as error:
            running.finish(str(error), Reported(0, 0))
            return Told({"result": str(error)}, str(error))
        if published.as_of != datetime.now(UTC).date():
            words = f"none, since what is published is as of {published.as_of}, which is not today"
            running.finish(words, Reported(0, 0))
            return Told({"result": words}, None)
        done = make_missing(settings, published, read_offers())
        reported = Reported(len(done.made), len(done.refused))
        words = reported_words(reported)
        running.finish(words, reported)
    refused = plots.table(["request", "why"], list(done.refused.items())[:SHOWN], [])
    return Told(
        {
            "result": words,
            "made": len(done.made),
            "requests": len(published.requests),
            **({"without_report": dg.MetadataValue.md(refused)} if done.refused else {}),
            "folder": dg.MetadataValue.path(str(settings.reports)),
        },
        f"{counted(len(done.refused), 'request')} without a report" if done.refused else None,
    )


def _judged(published: PublishedRequests) -> dict[str, Any]:
    reasons = Counter(
        "qualified" if asked.is_qualified else asked.disqualified_by or "for no reason given"
        for asked in published.requests
    )
    largest = max(reasons.values(), default=0)
    rows = [(why, count, plots.bar(count, largest)) for why, count in reasons.most_common(SHOWN)]
    return {
        "qualified": reasons["qualified"],
        "requests": len(published.requests),
        "by_reason": dg.MetadataValue.md(
            plots.table(["reason", "requests", ""], rows, ["requests"])
        ),
    }


def _deliver(
    context: dg.AssetExecutionContext, settings: Settings, progress: Progress, orders: Orders
) -> Told:
    with stage("deliver", context, progress) as running:
        try:
            done = deliver_reports(settings, orders=orders)
        except UserError as error:
            if orders != Orders():
                raise  # a mistake of the operator, who waits for the answer
            running.finish(str(error), Delivered(str(error), is_news=False, warnings=(str(error),)))
            return Told({"result": str(error)}, str(error))
        now = datetime.now(UTC)
        standing = mail_standing(settings, now)
        words, wrong = in_words(done, standing), _wrong(done)
        warnings = (wrong,) if wrong else ()
        is_news = bool(done.sent or standing.waiting or standing.uncertain)
        running.finish(words, Delivered(words, is_news, warnings))
        with published_file(settings) as connection:
            late = late_requests(connection, settings, now)
    return Told(
        {
            "result": words,
            "sent_now": len(done.sent),
            "sent_by_server": standing.sent,
            "in_outbox": standing.in_outbox,
            "waiting": len(standing.waiting),
            "uncertain": len(standing.uncertain),
            "not_sent": len(standing.not_sent),
            "events_told": done.told,
            "came_too_late": len(late),
            **({"too_late": dg.MetadataValue.md(_late_table(late))} if late else {}),
            "messages": dg.MetadataValue.md(_table(standing)),
        },
        wrong or _unsettled(standing),
    )


def in_words(done: Deliveries, standing: MailStanding) -> str:
    """`2 reports sent; 1 refused`, in one line without an address. What an earlier run left is told
    too."""
    parts = []
    if done.sent:
        reports = counted(len(done.sent), "report")
        parts.append(
            f"{reports} sent"
            if done.channel is Channel.smtp
            else f"{reports} written into outbox/, since INTENT_SMTP_URL is not set: nobody has"
            " sent them"
        )
    if done.not_sent:
        parts.append(f"{len(done.not_sent):,} refused")
    if done.uncertain:
        parts.append(f"{len(done.uncertain):,} uncertain")
    if done.left:
        parts.append(f"{done.left:,} wait for the next run")
    if done.trouble:
        parts.append(done.trouble)
    if done.why_none:
        parts.append(f"none, since {done.why_none}")
    parts = parts or ["no report is due"]
    if standing.waiting and not done.left:
        at = standing.waiting[0].next_try_at or standing.waiting[0].at
        waits = "waits" if len(standing.waiting) == 1 else "wait"
        parts.append(
            f"{len(standing.waiting):,} {waits} for another try, at {at:%Y-%m-%d %H:%M} UTC at the"
            " earliest (deliver_reports with retry_now: true tries at once)"
        )
    if earlier := len(standing.uncertain) - len(done.uncertain):
        parts.append(f"{earlier:,} uncertain from before (intent status says what to do)")
    return "; ".join(parts)


def _wrong(done: Deliveries) -> str | None:
    parts = [done.trouble] if done.trouble else []
    parts += [f"{key}: {why}" for key, why in list(done.not_sent.items())[:SHOWN]]
    parts += [f"{key} is uncertain (intent status)" for key in done.uncertain]
    return "; ".join(parts) or None


def _unsettled(standing: MailStanding) -> str | None:
    if not standing.uncertain:
        return None
    return f"{counted(len(standing.uncertain), 'message')} uncertain; intent status says what to do"


def _late_table(late: Sequence[str]) -> str:
    came = f"{counted(len(late), 'request')} came too late to be answered by themselves"
    rows = [(key,) for key in late[:SHOWN]]
    return f"{came}; {WHAT_TO_DO}.\n\n{plots.table(['request'], rows, [])}"


def _table(standing: MailStanding) -> str:
    """The messages that need somebody, then those that wait."""
    mails = [*standing.uncertain, *standing.not_sent, *standing.waiting][:SHOWN]
    if not mails:
        return "Nothing waits, and nothing needs anybody."
    return plots.table(
        ["message", "state", "last tried (UTC)", "tries", "answer", "what to do"],
        [
            (
                mail.key,
                mail.state,
                f"{mail.at:%Y-%m-%d %H:%M}",
                mail.attempts,
                mail.code or "",
                mail.what_to_do,
            )
            for mail in mails
        ],
        ["tries", "answer"],
    )
