"""What the models answer of the lead magnet, held against the oracle."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from orchestration.lead_magnet.assessment import assess
from orchestration.lead_magnet.offers import read_offers
from tests.model_answers import Answers
from tests.oracle import lead_magnet
from tests.oracle.ids import account_id, person_id
from tests.oracle.lead_magnet import Funnel, Request, Step
from tests.oracle.product import Result
from tests.oracle.rules import Rules
from tests.oracle.sessions import SECOND
from tests.oracle.visits import visits_of

MARTS = "published.marts"
TOLERANCE = 1e-9
ALL = "(all)"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def assert_equal_lead_magnet(answers: Answers, result: Result, rules: Rules) -> Funnel:
    """Every table of the lead magnet holds what the oracle has for it."""
    funnel = lead_magnet.funnel_of(result, visits_of(result, rules), rules)
    sessions = _sessions(answers)
    assert_equal_requests(answers, funnel, result, sessions)
    assert_equal_steps(answers, funnel, sessions)
    benchmarks = lead_magnet.benchmarks(funnel.requests.values())
    assert_equal_reports(answers, funnel, result, benchmarks)
    assert_equal_counts(answers, funnel, result)
    return funnel


def _sessions(answers: Answers) -> Mapping[UUID, str]:
    """The first event of each session."""
    return dict(
        answers.rows(
            f"select session_id, min_by(event_id, (event_at, event_id)) from {MARTS}.fct_events"
            " where session_id is not null group by session_id"
        )
    )


def _time(at: int | None) -> datetime | None:
    return None if at is None else (_EPOCH + timedelta(microseconds=at)).replace(tzinfo=None)


def _id(person: str | None) -> UUID | None:
    return None if person is None else person_id(person)


def _first(steps: Iterable[Step], request: Request, step: str) -> int | None:
    return min(
        (one.at for one in steps if (one.request_id, one.step) == (request.request_id, step)),
        default=None,
    )


def _is_first(request: Request, funnel: Funnel) -> bool:
    own = [one.moment for one in funnel.requests.values() if one.person == request.person]
    return request.person is not None and request.moment == min(own)


def _seconds_to_first_response(request: Request, funnel: Funnel) -> int | None:
    delivered = _first(funnel.steps, request, "report_delivered")
    return None if delivered is None else (delivered - request.requested_at) // SECOND


def assert_equal_requests(
    answers: Answers, funnel: Funnel, result: Result, sessions: Mapping[UUID, str]
) -> None:
    """Requests, answers and dimensions, to the digit."""
    found = {
        row[0]: (*row[1:4], sessions.get(row[4]), *row[5:])
        for row in answers.rows(
            f"""
            select request_id, offer_id, person_id, account_id, session_id, email, email_class,
                full_name, company_name, (channel, source, medium, campaign), score,
                answered_count, marketing_consent, consent_text, consent_at, is_qualified,
                disqualified_by, is_first_of_person, seconds_to_first_response, requested_at,
                received_at, generated_at, delivered_at, opened_at, qualified_at,
                booking_clicked_at, booked_at
            from {MARTS}.fct_lead_magnet_requests
            """
        )
    }
    nowhere = ("Unassigned", "(not set)", "(not set)", "(not set)")
    expected = {}
    for request_id, request in funnel.requests.items():
        reasons = lead_magnet.unmet(request, result)
        later = (
            "report_generated", "report_delivered", "report_opened", "qualified",
            "booking_click", "booked",
        )  # fmt: skip
        expected[request_id] = (
            request.offer_id,
            _id(request.person),
            account_id(request.account_domain) if request.account_domain else None,
            request.session,
            request.email,
            request.email_class,
            request.full_name,
            request.company_name,
            funnel.origins.get(request_id, nowhere),
            lead_magnet.score(request),
            len(request.answers),
            request.has_consented,
            request.consent_text,
            _time(request.consent_at),
            not reasons,
            "; ".join(reasons) or None,
            _is_first(request, funnel),
            _seconds_to_first_response(request, funnel),
            _time(request.requested_at),
            _time(request.received_at),
            *(_time(_first(funnel.steps, request, step)) for step in later),
        )
    assert found == expected
    given = answers.rows(
        f"select request_id, question_id, answer_id, points, most_points"
        f" from {MARTS}.fct_lead_magnet_answers"
    )
    assert sorted(given) == sorted(
        (
            request_id,
            question,
            answer,
            lead_magnet.points_of(request.offer_id, question, answer),
            lead_magnet.most_points(request.offer_id, question),
        )
        for request_id, request in funnel.requests.items()
        for question, answer in request.answers.items()
    )
    dimensions = answers.rows(
        f"select request_id, dimension_id, score from {MARTS}.fct_lead_magnet_dimensions"
    )
    assert_shown_at_once(funnel, dict.fromkeys(dimensions))
    assert sorted(dimensions) == sorted(
        (request_id, dimension, lead_magnet.score(request, dimension))
        for request_id, request in funnel.requests.items()
        if request.answers
        for dimension in lead_magnet.dimensions_of(request.offer_id)
    )


def assert_shown_at_once(funnel: Funnel, dimensions: Mapping[Any, None]) -> None:
    """The page that shows a report before the next refresh says what the models say after it."""
    offers = read_offers()
    for request_id, request in funnel.requests.items():
        assessment = assess(offers[request.offer_id], request.answers)
        assert (assessment and assessment.score) == lead_magnet.score(request)
        for each in assessment.dimensions if assessment else ():
            assert (request_id, each.dimension.dimension_id, each.score) in dimensions


def assert_equal_steps(answers: Answers, funnel: Funnel, sessions: Mapping[UUID, str]) -> None:
    """Who reached which step first, when, and how they came."""
    found = {
        row[:3]: (*row[3:6], sessions.get(row[6]), *row[7:])
        for row in answers.rows(
            f"""
            select offer_id, person_id, step, step_number, event_id, request_id, session_id,
                (channel, source, medium, campaign), previous_step_number,
                seconds_since_previous, reached_at
            from {MARTS}.fct_lead_magnet_funnel
            """
        )
    }
    assert found == {
        (offer_id, _id(person), step): (
            one.step_number, one.event_id, one.request_id, one.session, one.origin,
            one.previous_number, one.seconds, _time(one.at),
        )
        for (offer_id, person, step), one in funnel.reached.items()
    }  # fmt: skip


def assert_equal_reports(
    answers: Answers,
    funnel: Funnel,
    result: Result,
    benchmarks: Mapping[tuple[str, str], tuple[int, int]],
) -> None:
    """What mini-reports are made of."""
    assert {
        (offer_id, dimension): (count, own)
        for offer_id, dimension, count, own in answers.rows(
            f"select offer_id, dimension_id, respondent_count, score"
            f" from {MARTS}.rpt_offer_benchmarks"
        )
    } == dict(benchmarks)
    found = {
        row[0]: (json.loads(row[1]), list(json.loads(row[1])), *row[2:])
        for row in answers.rows(
            f"""
            select request_id, answers, email, score, respondent_count, benchmark_score,
                is_qualified, is_mail_refused, is_generated, is_delivered
            from {MARTS}.rpt_mini_reports
            """
        )
    }
    assert found == {
        request_id: (
            request.answers,
            list(request.answers),
            request.email,
            lead_magnet.score(request),
            *benchmarks.get((request.offer_id, ""), (None, None)),
            not lead_magnet.unmet(request, result),
            request.person in result.mail_refusals,
            _first(funnel.steps, request, "report_generated") is not None,
            _first(funnel.steps, request, "report_delivered") is not None,
        )
        for request_id, request in funnel.requests.items()
        if request.answers and request.email
    }


def assert_equal_counts(answers: Answers, funnel: Funnel, result: Result) -> None:
    """The funnel by channel and campaign and in total, and how soon reports went out."""
    found = {
        row[:5]: row[5:]
        for row in answers.rows(
            f"""
            select offer_id, is_total, channel, campaign, step_number, people_count,
                share_of_previous, share_of_first, median_seconds_since_previous
            from {MARTS}.rpt_lead_magnet_funnel
            """
        )
    }
    expected = _counts(funnel)
    assert found.keys() == expected.keys()
    for key, (count, *figures) in found.items():
        assert count == expected[key][0], key
        for ours, theirs in zip(figures, expected[key][1:], strict=True):
            assert (ours is None) == (theirs is None), key
            assert ours is None or abs(ours - theirs) <= TOLERANCE * max(1, abs(theirs)), key
    responses = answers.rows(
        f"""
        select offer_id, request_count, delivered_count, within_level_count, qualified_count,
            booked_count, median_seconds_to_first_response
        from {MARTS}.rpt_lead_magnet_responses
        """
    )
    assert sorted(responses) == sorted(_responses(funnel, result))


def _counts(funnel: Funnel) -> dict[Any, tuple[Any, ...]]:
    people: dict[Any, dict[tuple[str, str], dict[int, int | None]]] = {}
    for (offer_id, person, _), one in funnel.reached.items():
        for key in (
            (offer_id, False, one.origin[0], one.origin[3]),
            (offer_id, True, ALL, ALL),
        ):
            own = people.setdefault(key, {}).setdefault((offer_id, person), {})
            own[one.step_number] = one.seconds
    found: dict[Any, tuple[Any, ...]] = {}
    numbers = sorted(lead_magnet.numbers().values())
    for key, by_person in people.items():
        for number, number_before in zip(numbers, [None, *numbers], strict=False):
            here = [own for own in by_person.values() if number in own]
            before = [own for own in by_person.values() if number_before in own]
            first = [own for own in by_person.values() if numbers[0] in own]
            waits = [wait for own in here if (wait := own[number]) is not None]
            found[*key, number] = (
                len(here),
                sum(number in own for own in before) / len(before) if before else None,
                sum(number in own for own in first) / len(first) if first else None,
                median(waits) if waits else None,
            )
    return found


def _responses(funnel: Funnel, result: Result) -> Iterable[tuple[Any, ...]]:
    offers = sorted({request.offer_id for request in funnel.requests.values()})
    for offer_id in offers:
        own = [
            request
            for request in funnel.requests.values()
            if request.offer_id == offer_id and request.person is not None and request.answers
        ]
        waits = [
            wait for one in own if (wait := _seconds_to_first_response(one, funnel)) is not None
        ]
        if own:
            yield (
                offer_id,
                len(own),
                len(waits),
                sum(wait <= lead_magnet.FIRST_RESPONSE_SECONDS for wait in waits),
                sum(not lead_magnet.unmet(one, result) for one in own),
                sum(_first(funnel.steps, one, "booked") is not None for one in own),
                median(waits) if waits else None,
            )
