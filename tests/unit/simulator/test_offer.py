"""The lead magnet of the simulated site: what the funnel's models are shown on."""

from __future__ import annotations

from ingestion.simulator import offer
from orchestration.lead_magnet.offers import read_offers
from tests.unit.simulator.conftest import Message

LATER = {"report_generated", "report_delivered", "report_opened", "qualified", "booking_click"}


def test_its_questions_and_answers_are_those_of_the_offer_that_is_shipped() -> None:
    shipped = read_offers()[offer.OFFER_ID]
    assert {
        question.question_id: tuple(answer.answer_id for answer in question.answers)
        for question in shipped.questions
    } == offer.ANSWERS


def test_every_step_is_in_the_log_and_what_follows_a_request_names_one_before_it(
    events: dict[str, Message],
) -> None:
    steps: dict[str, list[str]] = {}
    for event_id, event in events.items():
        steps.setdefault(event.fields.get("event", ""), []).append(event_id)
    assert {"cta_view", "cta_click", "form_start", "booked", *LATER} <= steps.keys()
    requests = set(steps["report_form_submit"])
    named = [
        events[event_id].fields["properties"]["request_id"]
        for step in LATER
        for event_id in steps[step]
        if "request_id" in events[event_id].fields["properties"]
    ]
    # a request that was lost on its way is named as well
    assert len(named) > 10
    assert sum(request in requests for request in named) > 0.9 * len(named)
    said = [events[event_id].fields["properties"] for event_id in requests]
    assert all(set(one["answers"]) == set(offer.ANSWERS) for one in said)
    assert {one["marketing_consent"] for one in said} == {True, False}
