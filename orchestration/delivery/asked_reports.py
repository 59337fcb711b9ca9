"""The requests for a mini-report that are published, and what a report of each is made of."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import duckdb

from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.delivery.told_steps import QUALIFIED
from orchestration.lead_magnet.assessment import assess
from orchestration.lead_magnet.events import step_id
from orchestration.lead_magnet.links import booking_link, report_link
from orchestration.lead_magnet.offers import Offer
from orchestration.reports.mini_report import Benchmark, MiniReport
from orchestration.rows import records

# no dot, no slash and no @: it is a file's name, and never an address
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")

_VERSION = """
select as_of_date, started_at, published_at
from ops.refreshes
order by published_at desc
limit 1
"""
_COLUMNS = """
select
    reports.request_id,
    reports.offer_id,
    reports.person_id,
    reports.email,
    reports.full_name,
    reports.company_name,
    reports.requested_at,
    coalesce(reports.received_at, reports.requested_at) as received_at,
    reports.answers,
    reports.is_qualified,
    reports.disqualified_by,
    reports.is_generated,
    reports.is_delivered,
    reports.is_mail_refused
from marts.rpt_mini_reports as reports
"""
_REQUEST = f"{_COLUMNS} where reports.request_id = ?"
_REQUESTS = f"""
{_COLUMNS}
where
    coalesce(reports.received_at, reports.requested_at) >= $since
    or reports.request_id in (select unnest($ids::varchar[]))
    or 'id-' || left(sha256(reports.request_id), 32) in (select unnest($ids::varchar[]))
    or (
        (reports.is_qualified or not (reports.is_generated and reports.is_delivered))
        and reports.request_id in (select unnest($sent::varchar[]))
    )
order by received_at, reports.request_id
"""
_BENCHMARKS = """
select offer_id, dimension_id, respondent_count, score
from marts.rpt_offer_benchmarks
"""
_TOLD = """
select event_id
from marts.fct_events
where event_type = 'track' and event_name = $name and event_id in (select unnest($ids::varchar[]))
"""


@dataclass(frozen=True)
class AskedReport:
    """A request with a valid answer, as rpt_mini_reports has it; times are UTC."""

    request_id: str
    offer_id: str
    person_id: str | None
    email: str | None
    full_name: str | None
    company_name: str | None
    requested_at: datetime
    received_at: datetime
    answers: str
    """JSON: question_id to answer_id."""
    is_qualified: bool
    disqualified_by: str | None
    is_generated: bool
    is_delivered: bool
    is_mail_refused: bool
    """Whether the person has unsubscribed, or the CRM says so: then they get the report alone.

    A box for marketing left empty does not count: they ask for this report all the same, and who
    qualifies is offered a call in it.
    """

    @property
    def key(self) -> str:
        """What the ledger and files name it by."""
        return key_of(self.request_id)

    @property
    def may_book(self) -> bool:
        """Whether a call is offered, where the offer has a calendar."""
        return self.is_qualified and not self.is_mail_refused

    @property
    def given_answers(self) -> dict[str, str]:
        """question_id to answer_id; what is no text is passed over."""
        return _answers(self.answers)


@dataclass(frozen=True)
class PublishedRequests:
    """What the published file says of requests; times have their zone."""

    as_of: date
    started_at: datetime
    """When the refresh that published it began to load."""
    published_at: datetime
    requests: tuple[AskedReport, ...]
    """The oldest first."""
    benchmarks: Mapping[str, Benchmark]
    """By offer; only those that enough have answered."""
    told_as_qualified: frozenset[str]
    """Keys of those of whom the log has the event `qualified`."""


def key_of(request_id: str) -> str:
    """The request's id where it is a plain one. The id of a foreign log may be any text, also a
    path or an address: a hash stands for it."""
    if _PLAIN_ID.fullmatch(request_id):
        return request_id
    digest = hashlib.sha256(request_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"id-{digest[:32]}"


def read_requests(
    settings: Settings,
    since: datetime,
    ids: Collection[str] = (),
    sent: Collection[str] = (),
) -> PublishedRequests:
    """The requests received at or after `since` (with a zone), and those named: by id or its key.

    `sent` are ids of which only those are returned that there may be news of: who is qualified, and
    what the log does not know as delivered. Raises UserError where nothing is published, or by a
    version that had no such requests.
    """
    with published(settings) as connection:
        [(as_of, started_at, published_at)] = connection.execute(_VERSION).fetchall()
        parameters = {
            "since": since.astimezone(UTC).replace(tzinfo=None),
            "ids": list(ids),
            "sent": list(sent),
        }
        requests = records(AskedReport, connection, _REQUESTS, parameters)
        benchmarks = read_benchmarks(connection) if requests else {}
        told = _told_as_qualified(connection, [each for each in requests if each.is_qualified])
    return PublishedRequests(
        as_of,
        started_at.replace(tzinfo=UTC),
        published_at.replace(tzinfo=UTC),
        tuple(requests),
        benchmarks,
        told,
    )


def read_request(connection: duckdb.DuckDBPyConnection, request_id: str) -> AskedReport | None:
    """The request; None where the published file does not have it."""
    found = records(AskedReport, connection, _REQUEST, [request_id])
    return found[0] if found else None


def published_as_of(settings: Settings) -> date:
    """The as-of date that readers see. Raises UserError where nothing is published."""
    with published(settings) as connection:
        [(as_of, _, _)] = connection.execute(_VERSION).fetchall()
    return date.fromisoformat(str(as_of))


def report_of(
    settings: Settings, offer: Offer, asked: AskedReport, benchmark: Benchmark | None
) -> MiniReport | None:
    """The report; None where no answer is one of the offer's."""
    assessment = assess(offer, asked.given_answers)
    if assessment is None:
        return None
    may_book = asked.may_book and bool(offer.booking_url)
    requested_at = asked.requested_at.replace(tzinfo=UTC)
    return MiniReport(
        offer=offer,
        assessment=assessment,
        full_name=asked.full_name or "",
        company_name=asked.company_name or "",
        requested_on=requested_at.astimezone(ZoneInfo(settings.timezone)).date(),
        benchmark=benchmark,
        booking_url=booking_link(settings, asked.request_id) if may_book else None,
        report_url=report_link(settings, asked.request_id),
        publisher=settings.shown_name,
    )


def read_benchmarks(connection: duckdb.DuckDBPyConnection) -> dict[str, Benchmark]:
    """What all respondents of each offer reached; only of those that enough have answered."""
    wholes: dict[str, tuple[int, int]] = {}
    parts: dict[str, dict[str, int]] = {}
    for offer_id, dimension_id, count, score in connection.execute(_BENCHMARKS).fetchall():
        if dimension_id:
            parts.setdefault(offer_id, {})[dimension_id] = int(score)
        else:
            wholes[offer_id] = (int(count), int(score))
    return {
        offer_id: Benchmark(count, score, parts.get(offer_id, {}))
        for offer_id, (count, score) in wholes.items()
    }


def _told_as_qualified(
    connection: duckdb.DuckDBPyConnection, requests: Sequence[AskedReport]
) -> frozenset[str]:
    keys = {step_id(asked.request_id, QUALIFIED): asked.key for asked in requests}
    if not keys:
        return frozenset()
    parameters = {"name": QUALIFIED, "ids": list(keys)}
    rows = connection.execute(_TOLD, parameters).fetchall()
    return frozenset(keys[event_id] for (event_id,) in rows)


def _answers(text: str | None) -> dict[str, str]:
    try:
        answers = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(answers, dict):
        return {}
    return {key: value for key, value in answers.items() if isinstance(value, str)}
