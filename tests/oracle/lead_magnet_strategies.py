"""Hypothesis strategies for the lead magnet: requests, hostile ones too, and steps in any order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.lead_magnet import seed
from tests.oracle.strategies import (
    BOT,
    BROWSER,
    DEVICES,
    EMAILS,
    INSTANTS,
    SPECIAL_EMAILS,
    USERS,
    Message,
)

REQUESTS = ("ask-1", "ask-2", "ask-3")
OFFERS = ("site_readiness", "site_readiness", "site_readiness", " site_readiness ", "gone", None)
VISITOR_STEPS = ("cta_view", "cta_click", "form_start")
OUR_STEPS = ("report_generated", "report_delivered", "qualified")
LATER_STEPS = ("report_opened", "booking_click", "booked")
CONSENTS = (True, False, False, None, "yes", "off", "perhaps", ["yes"])
TEXTS = (None, "Kim", " Lee ", "", "=1+1", "<b>x</b>")
TIMES = (None, "2028-02-29T00:00:00Z", "2028-02-29T02:00:00+02:00", "2028-02-29 01:00:00", "soon")
NO_ANSWERS = (None, "five_seconds", [], ["tested"], 7, {}, {"five_seconds": ["tested"]})


@st.composite
def answers(draw: st.DrawFn) -> Any:
    """Answers to some of the questions, some of which nobody could choose; or no object at all."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(NO_ANSWERS))
    questions = [row["question_id"] for row in seed("offer_questions")]
    choices = st.sampled_from(
        (*sorted({row["answer_id"] for row in seed("offer_answers")}), "", None, 1, "a'b")
    )
    return draw(st.dictionaries(st.sampled_from((*questions, "x.y", "$", "")), choices, max_size=8))


@st.composite
def step(draw: st.DrawFn, number: int) -> Message:
    """One step; `number` makes the id of an event that is no request."""
    at = draw(st.sampled_from(INSTANTS)) + timedelta(seconds=draw(st.integers(0, 2)))
    kind = draw(st.sampled_from(("request", "request", "visitor", "ours", "later")))
    told: Message = {"offer_id": draw(st.sampled_from(OFFERS))}
    made: Message = {
        "messageId": f"step-{number}",
        "type": "track",
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        "context": {"userAgent": draw(st.sampled_from((BROWSER, BROWSER, BROWSER, BOT)))},
        "properties": told,
    }
    addresses = st.sampled_from((*EMAILS, *SPECIAL_EMAILS, "ada"))
    if kind in ("request", "visitor") and draw(st.integers(0, 4)):
        made["anonymousId"] = draw(st.sampled_from(DEVICES))
    if kind == "request":
        told |= {
            "email": draw(addresses),
            "full_name": draw(st.sampled_from(TEXTS)),
            "company_name": draw(st.sampled_from(TEXTS)),
            "answers": draw(answers()),
            "marketing_consent": draw(st.sampled_from(CONSENTS)),
            "consent_text": draw(st.sampled_from(TEXTS)),
            "consent_at": draw(st.sampled_from(TIMES)),
        }
        made["messageId"] = draw(st.sampled_from(REQUESTS))
        made["event"] = "report_form_submit"
    elif kind == "visitor":
        made["event"] = draw(st.sampled_from(VISITOR_STEPS))
        made["userId"] = draw(st.sampled_from((None, None, *USERS)))
    else:
        told["request_id"] = draw(st.sampled_from((*REQUESTS, "ask-none", None)))
        made["event"] = draw(st.sampled_from(OUR_STEPS if kind == "ours" else LATER_STEPS))
        if kind == "later":
            made["context"]["traits"] = {"email": draw(addresses)}
    if draw(st.integers(0, 9)) == 0:
        made["context"]["consent"] = {"categoryPreferences": {"Analytics": False}}
    return {name: value for name, value in made.items() if value is not None}


@st.composite
def steps(draw: st.DrawFn, max_size: int = 8) -> list[Message]:
    """Steps of an offer, in any order and at any time."""
    return [draw(step(number)) for number in range(draw(st.integers(0, max_size)))]
