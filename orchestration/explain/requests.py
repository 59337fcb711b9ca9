"""What a person did with the lead magnet: the reports asked for, and every step on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from orchestration.rows import records

_REQUESTS = """
select
    request_id, offer_id, email, requested_at, channel, campaign, score, answered_count,
    marketing_consent, is_qualified, disqualified_by, delivered_at, seconds_to_first_response
from fct_lead_magnet_requests
where
    person_id = $person_id
    -- of somebody who counts in nothing: the request names no person, and its event does
    or (
        person_id is null
        and request_id in (
            select event_id
            from fct_events
            where person_id = $person_id and event_type = 'track'
        )
    )
order by requested_at desc, request_id
"""
_STEPS = """
select
    offer_id, step, step_number, meaning, reached_at, seconds_since_previous, request_id,
    channel, campaign
from fct_lead_magnet_funnel
where person_id = ?
order by offer_id, reached_at, step_number
"""


@dataclass(frozen=True)
class Request:
    """A report that the person asked for; times are UTC."""

    request_id: str
    offer_id: str
    email: str | None
    requested_at: datetime
    channel: str
    campaign: str
    score: int | None
    answered_count: int
    marketing_consent: bool
    is_qualified: bool
    disqualified_by: str | None
    delivered_at: datetime | None
    seconds_to_first_response: int | None


@dataclass(frozen=True)
class Step:
    """A step of an offer, at the first time; times are UTC."""

    offer_id: str
    step: str
    step_number: int
    meaning: str
    reached_at: datetime
    seconds_since_previous: int | None
    request_id: str | None
    channel: str
    campaign: str


def requests(connection: duckdb.DuckDBPyConnection, person_id: str) -> list[Request]:
    """The person's requests, newest first, also of somebody who counts in no figure."""
    return records(Request, connection, _REQUESTS, {"person_id": person_id})


def steps(connection: duckdb.DuckDBPyConnection, person_id: str) -> list[Step]:
    """The steps that the person took of each offer, in order of time."""
    return records(Step, connection, _STEPS, [person_id])
