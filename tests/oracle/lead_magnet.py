"""The lead magnet: requests with what their answers come to, their steps, and who qualifies."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from tests.oracle.attribution import LOOKBACK_DAYS
from tests.oracle.channels import NOT_SET
from tests.oracle.flags import NO, YES
from tests.oracle.lists import BUSINESS, email_class, is_bot
from tests.oracle.log import Event, step_events
from tests.oracle.messages import DAY, instant
from tests.oracle.names import email_address, text_of
from tests.oracle.product import Result
from tests.oracle.rules import SEEDS, Rules
from tests.oracle.sessions import SECOND
from tests.oracle.traffic import is_internal
from tests.oracle.visits import UNASSIGNED, Campaign, Visit, by_person

REQUEST = "report_form_submit"
BENCHMARK_MINIMUM = 20
FIRST_RESPONSE_SECONDS = 3600
NOBODY_COUNTS = "Left out of all figures"

Row = Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """A request of a known offer; `person` is None where nobody counts. Times: microseconds."""

    request_id: str
    offer_id: str
    person: str | None
    account_domain: str | None
    session: str | None
    email: str | None
    email_class: str | None
    full_name: str | None
    company_name: str | None
    answers: Mapping[str, str]
    """Valid ones: answer by question, in the order of the form."""
    has_consented: bool
    consent_text: str | None
    consent_at: int | None
    requested_at: int
    received_at: int | None

    @property
    def moment(self) -> tuple[int, str]:
        return self.requested_at, self.request_id


class Step(NamedTuple):
    """An event of a step: by time, then by its id."""

    at: int
    event_id: str
    step: str
    offer_id: str
    request_id: str | None
    person: str | None
    session: str | None


class Reached(NamedTuple):
    """A step that a person reached, with how they came to the offer."""

    step_number: int
    event_id: str
    request_id: str | None
    session: str | None
    origin: Campaign
    previous_number: int | None
    seconds: int | None
    at: int


@dataclass(frozen=True)
class Funnel:
    """All that follows; `origins` by event, `reached` by offer, person and step."""

    requests: Mapping[str, Request]
    steps: tuple[Step, ...]
    origins: Mapping[str, Campaign]
    reached: Mapping[tuple[str, str, str], Reached]


@cache
def seed(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a seed of the lead magnet."""
    with (SEEDS / "lead_magnet" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def funnel_of(result: Result, visits: Iterable[Visit], rules: Rules) -> Funnel:
    """The funnel of a log; `visits` are the sessions that reports count."""
    told = [event for event in result.log.events if event.told is not None]
    requests = {
        request.request_id: request
        for event in told
        if _step(event) == REQUEST and (request := _request(event, result, rules)) is not None
    }
    steps = tuple(
        sorted(
            step for event in told if (step := _owned(event, requests, result, rules)) is not None
        )
    )
    origins = _origins(steps, [visit for visit in visits if visit.has_page])
    return Funnel(requests, steps, origins, _reached(steps, origins))


def points_of(offer_id: str, question_id: str, answer_id: str) -> int:
    """What an answer gives."""
    return next(
        int(row["points"])
        for row in seed("offer_answers")
        if (row["offer_id"], row["question_id"], row["answer_id"])
        == (offer_id, question_id, answer_id)
    )


def most_points(offer_id: str, question_id: str) -> int:
    """What the best answer to a question gives."""
    return max(
        int(row["points"])
        for row in seed("offer_answers")
        if (row["offer_id"], row["question_id"]) == (offer_id, question_id)
    )


def score(request: Request, dimension_id: str | None = None) -> int | None:
    """Whole percent of the points of all questions, or of a dimension's; None without an answer."""
    if not request.answers:
        return None
    asked = [
        row["question_id"]
        for row in seed("offer_questions")
        if row["offer_id"] == request.offer_id and dimension_id in (None, row["dimension_id"])
    ]
    most = sum(most_points(request.offer_id, question) for question in asked)
    reached = sum(
        points_of(request.offer_id, question, request.answers[question])
        for question in asked
        if question in request.answers
    )
    return _half_up(100 * reached, most) if most else 0


def dimensions_of(offer_id: str) -> list[str]:
    """The dimensions of an offer."""
    return [row["dimension_id"] for row in seed("offer_dimensions") if row["offer_id"] == offer_id]


def unmet(request: Request, result: Result) -> list[str]:
    """The reasons of the rules that do not hold, in the order of the rules' ids."""
    own = [row for row in seed("qualification_rules") if row["offer_id"] == request.offer_id]
    reasons = [
        row["reason"]
        for row in sorted(own, key=lambda row: row["rule_id"])
        if not _holds(row, request, result)
    ]
    return reasons if request.person is not None else [NOBODY_COUNTS]


def benchmarks(
    requests: Iterable[Request], minimum: int = BENCHMARK_MINIMUM
) -> dict[tuple[str, str], tuple[int, int]]:
    """By offer and dimension ('' for the whole): respondents, and the mean of their scores."""
    latest: dict[tuple[str, str], Request] = {}
    for request in sorted(requests, key=lambda request: request.moment):
        if request.person is not None and request.answers:
            latest[request.offer_id, request.person] = request
    scores: dict[tuple[str, str], list[int]] = {}
    for request in latest.values():
        for dimension in ("", *dimensions_of(request.offer_id)):
            own = score(request, dimension or None)
            assert own is not None
            scores.setdefault((request.offer_id, dimension), []).append(own)
    return {
        key: (len(own), _half_up(sum(own), len(own)))
        for key, own in scores.items()
        if len(own) >= minimum
    }


def _half_up(part: int, whole: int) -> int:
    return (2 * part + whole) // (2 * whole)


def _holds(rule: Row, request: Request, result: Result) -> bool:
    accepted = rule["accepted"].split(" ")
    person = None if request.person is None else result.people[request.person]
    match rule["kind"]:
        case "company_address":
            return request.email_class == BUSINESS
        case "without_flag":
            return person is not None and not (
                result.person_flags[person.person] & {rule["accepted"]}
            )
        case "band":
            return person is not None and person.intent_band in accepted
        case "answer":
            return request.answers.get(rule["question_id"]) in accepted
        case "minimum_score":
            own = score(request)
            return own is not None and own >= int(rule["accepted"])
    raise ValueError(rule["kind"])


def _step(event: Event) -> str:
    return step_events()[event.event_name or ""]


def numbers() -> dict[str, int]:
    """The place of each step."""
    return {row["step"]: int(row["step_number"]) for row in seed("lead_magnet_steps")}


def _properties(event: Event) -> dict[str, Any]:
    told = json.loads(event.told or "{}")
    return told if isinstance(told, dict) else {}


def _plain(value: Any) -> str | None:
    return (text_of(value) or "").strip(" ") or None


def _known_offer(told: Mapping[str, Any]) -> str | None:
    named = _plain(told.get("offer_id"))
    return named if named in {row["offer_id"] for row in seed("offers")} else None


def _person(event: Event, result: Result) -> str | None:
    """Whose the event is, where it counts."""
    answer = result.events[event.event_id]
    return answer.person if answer.excluded is None else None


def _request(event: Event, result: Result, rules: Rules) -> Request | None:
    told = _properties(event)
    offer_id = _known_offer(told)
    if offer_id is None:
        return None
    person = _person(event, result)
    naming = None if event.is_denied else event.email
    address = email_address(told.get("email"), rules) or naming
    consent = (text_of(told.get("marketing_consent")) or "").strip(" ").lower()
    return Request(
        request_id=event.event_id,
        offer_id=offer_id,
        person=person,
        account_domain=None if person is None else result.people[person].account_domain,
        session=result.events[event.event_id].session_first_event_id,
        email=address,
        email_class=email_class(address, rules) if address else None,
        full_name=_plain(told.get("full_name")),
        company_name=_plain(told.get("company_name")),
        answers=_valid_answers(offer_id, told.get("answers")),
        has_consented=consent in YES and consent not in NO,
        consent_text=_plain(told.get("consent_text")),
        consent_at=_time(told.get("consent_at")),
        requested_at=event.event_at,
        received_at=event.received_at,
    )


def _time(value: Any) -> int | None:
    text = text_of(value)
    if text is None:
        return None
    try:
        datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
    return instant(text)


def _valid_answers(offer_id: str, told: Any) -> dict[str, str]:
    given = told if isinstance(told, dict) else {}
    questions = sorted(
        (row for row in seed("offer_questions") if row["offer_id"] == offer_id),
        key=lambda row: int(row["position"]),
    )
    choices = {
        (row["question_id"], row["answer_id"])
        for row in seed("offer_answers")
        if row["offer_id"] == offer_id
    }
    return {
        row["question_id"]: answer
        for row in questions
        if (answer := text_of(given.get(row["question_id"]))) is not None
        and (row["question_id"], answer) in choices
    }


def _owned(
    event: Event, requests: Mapping[str, Request], result: Result, rules: Rules
) -> Step | None:
    """The step that the event is; None where it is nobody's, or a program's."""
    step, told = _step(event), _properties(event)
    session = result.events[event.event_id].session_first_event_id
    if step == REQUEST:
        own = requests.get(event.event_id)
        return own and Step(
            event.event_at, event.event_id, step, own.offer_id, own.request_id, own.person, session
        )
    is_own_network = not event.is_denied and event.anonymous_id and is_internal(event, rules)
    if is_bot(event.user_agent) or is_own_network:
        return None
    person, offer_id = _person(event, result), _known_offer(told)
    if numbers()[step] < numbers()[REQUEST]:
        if person is None or offer_id is None:
            return None
        return Step(event.event_at, event.event_id, step, offer_id, None, person, session)
    request = requests.get(_plain(told.get("request_id")) or "")
    if request is None and person is not None:
        before = [
            one
            for one in requests.values()
            if one.person == person
            and one.requested_at <= event.event_at
            and offer_id in (None, one.offer_id)
        ]
        request = max(before, key=lambda one: one.moment, default=None)
    if request is None:
        return None
    return Step(
        event.event_at, event.event_id, step, request.offer_id, request.request_id,
        request.person, session,
    )  # fmt: skip


def _origins(steps: Iterable[Step], visits: Iterable[Visit]) -> dict[str, Campaign]:
    """Where from: of each request, and of a person's first step of an offer."""
    by_session = {visit.first: visit for visit in visits}
    of_person = by_person(by_session.values())
    seen: set[tuple[str, str]] = set()
    found: dict[str, Campaign] = {}
    for step in steps:
        if step.person is None:
            continue
        is_first = (step.offer_id, step.person) not in seen
        seen.add((step.offer_id, step.person))
        if is_first or step.step == REQUEST:
            before = [
                visit
                for visit in of_person.get(step.person, [])
                if 0 <= step.at - visit.started_at <= LOOKBACK_DAYS * DAY
            ]
            visit = by_session.get(step.session or "") or (before[-1] if before else None)
            found[step.event_id] = (
                visit.campaign if visit else (UNASSIGNED, NOT_SET, NOT_SET, NOT_SET)
            )
    return found


def _reached(
    steps: Iterable[Step], origins: Mapping[str, Campaign]
) -> dict[tuple[str, str, str], Reached]:
    firsts: dict[tuple[str, str], dict[str, Step]] = {}
    for step in steps:
        if step.person is not None:
            firsts.setdefault((step.offer_id, step.person), {}).setdefault(step.step, step)
    found: dict[tuple[str, str, str], Reached] = {}
    for (offer_id, person), own in firsts.items():
        origin = origins[min(own.values()).event_id]
        previous: Step | None = None
        for step in sorted(own.values(), key=lambda step: numbers()[step.step]):
            is_later = previous is not None and step.at >= previous.at
            found[offer_id, person, step.step] = Reached(
                step_number=numbers()[step.step],
                event_id=step.event_id,
                request_id=step.request_id,
                session=step.session,
                origin=origin,
                previous_number=numbers()[previous.step] if previous else None,
                seconds=(step.at - previous.at) // SECOND if previous and is_later else None,
                at=step.at,
            )
            previous = step
    return found
