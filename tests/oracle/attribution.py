"""Attribution: what converts, which sessions led to it, and how each model shares it out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from hashlib import md5
from typing import NamedTuple
from uuid import UUID

from tests.oracle.channels import SourceLists, arrival, load_source_lists
from tests.oracle.ids import id_of
from tests.oracle.lists import is_bot
from tests.oracle.log import Event
from tests.oracle.messages import DAY
from tests.oracle.names import SERVER, Visitor
from tests.oracle.rules import ConversionRule, Rules
from tests.oracle.sessions import Session

DIRECT = "Direct"
LOOKBACK_DAYS = 30
HALF_LIFE_DAYS = 7
END_SHARE = 0.4
MOST = Decimal(10) ** 14


@dataclass(frozen=True)
class Conversion:
    """An event that converts. `session` is the first event of its session, None if in none."""

    event_id: str
    person: str
    account_domain: str | None
    session: str | None
    rule: ConversionRule
    value: Decimal
    currency: str
    is_value_stated: bool
    converted_at: int


class Touchpoint(NamedTuple):
    """A session that may have led to a conversion, by time and then by its id."""

    touched_at: int
    session_id: UUID
    session: str
    person: str
    channel: str


class Credit(NamedTuple):
    """The share of a conversion that a session has by a model; no session: Direct has it all."""

    conversion: Conversion
    model: str
    touchpoint: Touchpoint | None
    credit: float


@dataclass(frozen=True)
class Attribution:
    """What follows, by the event id of the conversion; `visits` are those of each person who may
    score, whatever they led to."""

    conversions: Mapping[str, Conversion]
    touchpoints: Mapping[str, Sequence[Touchpoint]]
    visits: Mapping[str, Sequence[Touchpoint]]
    credits: Sequence[Credit]
    account_credits: Sequence[Credit]


def attribute(
    events: Iterable[Event],
    owners: Mapping[str, str],
    account_domains: Mapping[str, str | None],
    sessions: Mapping[str, Session],
    is_flagged: Callable[[Event], bool],
    rules: Rules,
) -> Attribution:
    """From unique events, the person of each, and the account of each person who may score.

    is_flagged: whether the event is of a program by what it does, or from an internal network.
    """
    log = {event.event_id: event for event in events}
    session_of = {
        event_id: first for first, session in sessions.items() for event_id in session.event_ids
    }
    conversions: dict[str, Conversion] = {}
    for event in log.values():
        rule = rules.conversion_rules.get((event.event_type, event.event_name))
        person = owners.get(event.event_id)
        if (
            rule
            and person in account_domains
            and not is_bot(event.user_agent)
            and not is_flagged(event)
        ):
            value, currency, is_stated = value_of(rule, event.stated)
            conversions[event.event_id] = Conversion(
                event.event_id,
                person,
                account_domains[person],
                session_of.get(event.event_id),
                rule,
                value,
                currency,
                is_stated,
                event.event_at,
            )
    visits: dict[str, list[Touchpoint]] = {}
    for session in sessions.values():
        is_program = session.is_bot or all(is_flagged(log[one]) for one in session.event_ids)
        if session.entry_page_url is not None and not is_program:
            visits.setdefault(session.person, []).append(
                _touchpoint(session, session.entry_page_url, rules)
            )
    touchpoints = {
        event_id: led_to(conversion, visits.get(conversion.person, ()))
        for event_id, conversion in conversions.items()
    }
    colleagues: dict[str, list[Touchpoint]] = {}
    for person, domain in account_domains.items():
        if domain is not None:
            colleagues.setdefault(domain, []).extend(visits.get(person, ()))
    return Attribution(
        conversions=conversions,
        touchpoints=touchpoints,
        visits={person: own for person, own in visits.items() if person in account_domains},
        credits=[
            credit
            for event_id, conversion in conversions.items()
            for credit in credits_of(conversion, touchpoints[event_id])
        ],
        account_credits=[
            credit
            for conversion in conversions.values()
            if conversion.account_domain is not None
            for credit in credits_of(
                conversion, led_to(conversion, colleagues[conversion.account_domain])
            )
        ],
    )


def value_of(
    rule: ConversionRule, stated: tuple[str | None, str | None]
) -> tuple[Decimal, str, bool]:
    """Value and currency, and whether the event states them; `stated` are its own as text."""
    text = (stated[0] or "").strip(" ")
    if re.fullmatch(r"[0-9]+([.][0-9]+)?", text):
        value = Decimal(text).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        if value < MOST:
            letters = (stated[1] or "").strip(" ")
            known = re.fullmatch(r"[A-Za-z]{3}", letters)
            return value, letters.upper() if known else rule.currency, True
    return rule.value, rule.currency, False


def led_to(conversion: Conversion, visits: Iterable[Touchpoint]) -> list[Touchpoint]:
    """The visits within the look-back, in order."""
    return sorted(
        visit
        for visit in visits
        if 0 <= conversion.converted_at - visit.touched_at <= LOOKBACK_DAYS * DAY
    )


def credits_of(conversion: Conversion, touchpoints: Sequence[Touchpoint]) -> list[Credit]:
    """Who has how much of a conversion, by each model."""
    if not touchpoints:
        return [Credit(conversion, model, None, 1.0) for model in MODELS]
    found = []
    for model, (weigh, leaves_out_direct) in MODELS.items():
        counted = (
            [visit for visit in touchpoints if visit.channel != DIRECT] if leaves_out_direct else []
        )
        counted = counted or list(touchpoints)
        weights = weigh(counted)
        found += [
            Credit(conversion, model, visit, weight / sum(weights))
            for visit, weight in zip(counted, weights, strict=True)
            if weight > 0
        ]
    return found


def _first(visits: Sequence[Touchpoint]) -> list[float]:
    return [1.0] + [0.0] * (len(visits) - 1)


def _last(visits: Sequence[Touchpoint]) -> list[float]:
    return [0.0] * (len(visits) - 1) + [1.0]


def _linear(visits: Sequence[Touchpoint]) -> list[float]:
    return [1.0] * len(visits)


def _position_based(visits: Sequence[Touchpoint]) -> list[float]:
    if len(visits) <= 2:
        return [1.0] * len(visits)
    between = len(visits) - 2
    return [END_SHARE, *[(1 - 2 * END_SHARE) / between] * between, END_SHARE]


def _time_decay(visits: Sequence[Touchpoint]) -> list[float]:
    return [
        0.5 ** ((visits[-1].touched_at - visit.touched_at) / DAY / HALF_LIFE_DAYS)
        for visit in visits
    ]


MODELS: Mapping[str, tuple[Callable[[Sequence[Touchpoint]], list[float]], bool]] = {
    "first": (_first, False),
    "last": (_last, False),
    "last_non_direct": (_last, True),
    "linear": (_linear, True),
    "position_based": (_position_based, True),
    "time_decay": (_time_decay, True),
}
"""What each touchpoint weighs, and whether it leaves out what is Direct."""


def _touchpoint(session: Session, entry_page_url: str, rules: Rules) -> Touchpoint:
    return Touchpoint(
        session.started_at,
        session_id(session.visitor, session.first_event_id),
        session.first_event_id,
        session.person,
        _channel(entry_page_url, session.referrer_url, rules.site_domains),
    )


def session_id(visitor: Visitor, first_event_id: str) -> UUID:
    """The id that the models give a session: what orders those that begin at one moment."""
    name = f"server-{_md5(visitor.value)}" if visitor.kind == SERVER else visitor.value
    return id_of(_md5(name) + first_event_id)


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


@lru_cache(maxsize=200_000)
def _channel(url: str, referrer: str | None, site_domains: tuple[str, ...]) -> str:
    return arrival(url, referrer, _lists(site_domains)).channel


@lru_cache(maxsize=8)
def _lists(site_domains: tuple[str, ...]) -> SourceLists:
    return load_source_lists(site_domains)
