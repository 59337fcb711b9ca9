"""The whole: a log, leads, the rules and a day in; events, sessions, people and accounts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.oracle.accounts import Account, Member, roll_up
from tests.oracle.attribution import Attribution, attribute
from tests.oracle.flags import Addressed, flags_of_people, mail_refusals
from tests.oracle.identity import (
    Identity,
    Overrides,
    counting_addresses,
    primary_email,
    resolve,
)
from tests.oracle.leads import Kept, Lead, PlacedLead, Said, Seen, kept_by, placed_leads, said_of
from tests.oracle.lists import BUSINESS, email_class, is_bot, registrable_domain
from tests.oracle.log import Event, Log, from_messages, from_raw_rows, read_lines
from tests.oracle.names import Visitor
from tests.oracle.pages import page_class
from tests.oracle.rules import Rules
from tests.oracle.scoring import (
    Reason,
    Score,
    count_buckets,
    rule_of,
    score,
    unscored,
)
from tests.oracle.sessions import Session, sessions_of
from tests.oracle.traffic import Flag, excluded, exclusion, flag_of, flags_of


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """What becomes of one event; None where it has no visitor, session or person."""

    visitor: Visitor | None
    person: str | None
    session_first_event_id: str | None
    page_class: str | None
    rule_id: str | None
    is_bot: bool
    is_consent_denied: bool
    flag: Flag | None
    excluded: Flag | None


@dataclass(frozen=True)
class Person:
    """A person with at least one event. `members` are labels of nodes; none if anonymous."""

    person: str
    members: tuple[str, ...]
    primary_email: str | None
    email_class: str | None
    account_domain: str | None
    exclusion: Flag | None
    points: float
    intent_score: float
    intent_band: str
    score_change_7d: float
    reasons: tuple[Reason, ...]
    event_count: int
    session_count: int
    first_seen_at: int
    last_seen_at: int

    @property
    def exclusion_reason(self) -> str | None:
        return self.exclusion.traffic_flag if self.exclusion else None

    @property
    def is_identified(self) -> bool:
        return bool(self.members)


@dataclass(frozen=True)
class Result:
    """The answers: by event id, first event id of the session, label of the person, domain.

    `buckets` has the count of (person, rule_id, day), all days, excluded people included. Of a CRM:
    `leads` by address, what they say of each person in `said`, of each account in `kept`. `flags`
    are those of visitors that are programs, `person_flags` keep a person out of an export.
    """

    as_of: date
    log: Log
    identity: Identity
    events: Mapping[str, EventAnswer]
    sessions: Mapping[str, Session]
    people: Mapping[str, Person]
    buckets: Mapping[tuple[str, str, date], int]
    accounts: Mapping[str, Account]
    leads: Mapping[str, PlacedLead]
    said: Mapping[str, Said]
    kept: Mapping[str, Kept]
    flags: Mapping[Visitor, Flag]
    person_flags: Mapping[str, frozenset[str]]
    mail_refusals: frozenset[str]
    attribution: Attribution


def run_lines(
    lines: Iterable[str], as_of: date, rules: Rules, overrides: Overrides | None = None
) -> Result:
    """From NDJSON lines of Segment messages, in any order."""
    return run(read_lines(lines, rules), as_of, rules, overrides)


def run_messages(
    messages: Iterable[Mapping[str, Any]],
    as_of: date,
    rules: Rules,
    overrides: Overrides | None = None,
) -> Result:
    """From Segment messages as dictionaries, in any order."""
    return run(from_messages(messages, rules), as_of, rules, overrides)


def run_rows(
    rows: Iterable[Mapping[str, Any]],
    as_of: date,
    rules: Rules,
    overrides: Overrides | None = None,
    leads: Iterable[Lead] = (),
) -> Result:
    """From rows of raw.events as dictionaries, in any order."""
    return run(from_raw_rows(rows, rules), as_of, rules, overrides, leads)


def run(
    log: Log,
    as_of: date,
    rules: Rules,
    overrides: Overrides | None = None,
    leads: Iterable[Lead] = (),
) -> Result:
    """Everything that follows from the unique events of a log, measured at the end of `as_of`."""
    events = log.events
    identity = resolve(events, rules, overrides)
    flags = flags_of(events)
    sessions = sessions_of(events, identity.owners, rules)
    session_of = {
        event_id: first for first, session in sessions.items() for event_id in session.event_ids
    }
    own_events: dict[str, list[Event]] = {}
    for event in events:
        person = identity.owners.get(event.event_id)
        if person is not None:
            own_events.setdefault(person, []).append(event)
    session_counts: dict[str, int] = {}
    for session in sessions.values():
        session_counts[session.person] = session_counts.get(session.person, 0) + 1
    buckets = {
        person: count_buckets(
            (event for event in own if flag_of(event, flags, rules) is None), rules
        )
        for person, own in own_events.items()
    }
    people = {
        label: _person(
            label, own, buckets[label], session_counts.get(label, 0), identity, as_of, rules, flags
        )
        for label, own in own_events.items()
    }
    accounts = _accounts(people.values(), buckets, as_of, rules)
    seen = {
        label: Seen(person.primary_email, person.account_domain, person.intent_score)
        for label, person in people.items()
    }
    placed = placed_leads(leads, identity, seen, rules)
    said = {label: said_of(label, person, placed.values()) for label, person in seen.items()}

    def is_nobody(event: Event) -> bool:
        return flag_of(event, flags, rules) is not None

    addressed = {
        label: Addressed(person.primary_email, person.account_domain, own_events[label])
        for label, person in people.items()
    }
    return Result(
        as_of=as_of,
        log=log,
        identity=identity,
        events={
            event.event_id: _answer(event, identity, session_of, rules, flags, people)
            for event in events
        },
        sessions=sessions,
        people=people,
        buckets={
            (person, rule_id, day): count
            for person, own in buckets.items()
            for (rule_id, day), count in own.items()
        },
        accounts=accounts,
        leads=placed,
        said=said,
        kept={domain: kept_by(domain, seen, said, placed.values()) for domain in accounts},
        flags=flags,
        person_flags=flags_of_people(addressed, placed.values(), as_of, is_nobody, rules),
        mail_refusals=mail_refusals(addressed, placed.values()),
        attribution=attribute(
            events,
            identity.owners,
            {
                label: person.account_domain
                for label, person in people.items()
                if person.exclusion is None
            },
            sessions,
            is_nobody,
            rules,
        ),
    )


def _answer(
    event: Event,
    identity: Identity,
    session_of: Mapping[str, str],
    rules: Rules,
    flags: Mapping[Visitor, Flag],
    people: Mapping[str, Person],
) -> EventAnswer:
    rule = rule_of(event, rules)
    owner = people.get(identity.owners.get(event.event_id, ""))
    return EventAnswer(
        visitor=event.visitor,
        person=identity.owners.get(event.event_id),
        session_first_event_id=session_of.get(event.event_id),
        page_class=page_class(event.page_url, rules),
        rule_id=rule.rule_id if rule else None,
        is_bot=is_bot(event.user_agent),
        is_consent_denied=event.is_denied,
        flag=flag_of(event, flags, rules),
        excluded=excluded(event, flags, owner.exclusion if owner else None, rules),
    )


def _person(
    label: str,
    own_events: Sequence[Event],
    buckets: Mapping[tuple[str, date], int],
    session_count: int,
    identity: Identity,
    as_of: date,
    rules: Rules,
    flags: Mapping[Visitor, Flag],
) -> Person:
    members = identity.members.get(label, [])
    email = primary_email(own_events, members, rules)
    counting = [address for _, address in counting_addresses(own_events, members, rules)]
    why = exclusion(own_events, members, counting, rules, flags)
    is_excluded = why is not None
    now: Score = unscored(rules) if is_excluded else score(buckets, as_of, rules)
    before = unscored(rules) if is_excluded else score(buckets, as_of - timedelta(days=7), rules)
    own_class = email_class(email, rules) if email else None
    times = [event.event_at for event in own_events]
    return Person(
        person=label,
        members=tuple(sorted(node.label for node in members)),
        primary_email=email,
        email_class=own_class,
        account_domain=(
            registrable_domain(email)
            if email and own_class == BUSINESS and not is_excluded
            else None
        ),
        exclusion=why,
        points=now.points,
        intent_score=now.intent_score,
        intent_band=now.band,
        score_change_7d=now.intent_score - before.intent_score,
        reasons=now.reasons,
        event_count=len(own_events),
        session_count=session_count,
        first_seen_at=min(times),
        last_seen_at=max(times),
    )


def _accounts(
    people: Iterable[Person],
    buckets: Mapping[str, Mapping[tuple[str, date], int]],
    as_of: date,
    rules: Rules,
) -> dict[str, Account]:
    members: dict[str, list[Member]] = {}
    for person in people:
        if person.account_domain is not None:
            members.setdefault(person.account_domain, []).append(
                Member(person.person, person.points, buckets[person.person])
            )
    return {domain: roll_up(domain, own, as_of, rules) for domain, own in members.items()}
