"""The events of the pages, as Segment messages: what was asked for, opened, booked, refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from ingestion.own_ids import is_own, own_id
from orchestration.lead_magnet.requests import Request

Message = dict[str, Any]

_STEPS = UUID("5f0c1a52-6f0e-4f8e-9c3e-6d0b7f2f8a41")
"""The namespace of the ids; any that stays would do."""


def step_id(request_id: str, step: str, day: date | None = None) -> str:
    """The id of the event `step` of a request: told twice (on one day), it is one event.

    Of a request with a plain id it is a plain one, as it always was: what an earlier version told
    must not be told once more under another id.
    """
    name = f"{request_id}/{step}" + (f"/{day.isoformat()}" if day else "")
    # half a surrogate pair, which the id of a foreign log may hold, has no UTF-8
    found = str(uuid5(_STEPS, name.encode("utf-8", "replace").decode()))
    return own_id(found) if is_own(request_id) else found


def submission(
    request: Request, *, anonymous_id: str | None, context: Mapping[str, Any]
) -> list[Message]:
    """The two events of a request: who it is, and what they asked for."""
    told_at = _time(request.requested_at)
    common: Message = {
        "timestamp": told_at,
        "receivedAt": told_at,
        "context": dict(context),
        **({} if anonymous_id is None else {"anonymousId": anonymous_id}),
    }
    traits = {"email": request.email, "name": request.full_name}
    if request.company_name:
        traits["company"] = request.company_name
    return [
        {
            "messageId": step_id(request.request_id, "identify"),
            "type": "identify",
            "traits": traits,
            **common,
        },
        {
            "messageId": request.request_id,
            "type": "track",
            "event": "report_form_submit",
            "properties": {
                "offer_id": request.offer_id,
                "email": request.email,
                "full_name": request.full_name,
                "company_name": request.company_name,
                "answers": dict(request.answers),
                "marketing_consent": request.marketing_consent,
                "consent_text": request.consent_text,
                "consent_at": told_at if request.marketing_consent else None,
            },
            **common,
        },
    ]


def step(
    request: Request, name: str, at: datetime, context: Mapping[str, Any] | None = None
) -> Message:
    """A later step of the visitor: at most one of a name a day (UTC) and request.

    It is named by the address of the request, never by a device: anybody's may open a link.
    """
    told_at = _time(at)
    return {
        "messageId": step_id(request.request_id, name, at.date()),
        "type": "track",
        "event": name,
        "timestamp": told_at,
        "receivedAt": told_at,
        "properties": {"offer_id": request.offer_id, "request_id": request.request_id},
        "context": {**(context or {}), "traits": {"email": request.email}},
    }


def refusal(request: Request, at: datetime) -> Message:
    """Somebody's no to further mails: an event of its own, since the last word counts."""
    return {**step(request, "unsubscribe", at), "messageId": own_id(str(uuid4()))}


def _time(moment: datetime) -> str:
    """ISO, UTC, to the millisecond."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
