"""The sessions that reports count, each with where it came from and the pages that it saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from tests.oracle.attribution import session_id
from tests.oracle.channels import NOT_SET, SourceLists, arrival, load_source_lists
from tests.oracle.lists import is_bot
from tests.oracle.log import Event
from tests.oracle.messages import DAY
from tests.oracle.pages import page_class
from tests.oracle.product import Result
from tests.oracle.rules import Rules
from tests.oracle.sessions import Session, is_conversion
from tests.oracle.traffic import flag_of

NO_PAGE, UNASSIGNED = "(no page)", "Unassigned"
PATH_STEPS = 5

Campaign = tuple[str, str, str, str]
"""Channel, source, medium and campaign."""


@dataclass(frozen=True)
class Visit:
    """A session that counts; `first` is its first event. Times are microseconds, UTC."""

    first: str
    session_id: UUID
    person: str
    is_identified: bool
    is_hot: bool
    campaign: Campaign
    has_page: bool
    entry_page_class: str
    page_path: str
    is_engaged: bool
    is_converting: bool
    started_at: int

    @property
    def moment(self) -> tuple[int, str]:
        """What visits are ordered by."""
        return self.started_at, self.session_id

    @property
    def date(self) -> date:
        return day_of(self.started_at)


def day_of(microseconds: int) -> date:
    """The UTC day of a time."""
    return date(1970, 1, 1) + timedelta(days=microseconds // DAY)


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def visits_of(result: Result, rules: Rules) -> list[Visit]:
    """All that count: of nobody excluded, no program, and from no network of one's own."""
    events = {event.event_id: event for event in result.log.events}
    lists = load_source_lists(rules.site_domains)
    return [
        _visit(session, [events[name] for name in session.event_ids], result, rules, lists)
        for session in result.sessions.values()
        if result.people[session.person].exclusion is None
        and session.visitor not in result.flags
        and not _is_nobody([events[name] for name in session.event_ids], result, rules)
    ]


def _is_nobody(events: Iterable[Event], result: Result, rules: Rules) -> bool:
    seen = list(events)
    return all(is_bot(event.user_agent) for event in seen) or all(
        flag_of(event, result.flags, rules) is not None for event in seen
    )


def _visit(
    session: Session, events: list[Event], result: Result, rules: Rules, lists: SourceLists
) -> Visit:
    campaign: Campaign = (UNASSIGNED, NOT_SET, NOT_SET, NOT_SET)
    if session.entry_page_url is not None:
        came = arrival(session.entry_page_url, session.referrer_url, lists)
        campaign = (came.channel, came.visit.source, came.visit.medium, came.visit.campaign)
    person = result.people[session.person]
    return Visit(
        first=session.first_event_id,
        session_id=session_id(session.visitor, session.first_event_id),
        person=session.person,
        is_identified=person.is_identified,
        is_hot=person.intent_band == "hot",
        campaign=campaign,
        has_page=session.entry_page_url is not None,
        entry_page_class=session.entry_page_class or NO_PAGE,
        page_path=_path(events, rules),
        is_engaged=session.is_engaged,
        is_converting=any(is_conversion(event, rules) for event in events),
        started_at=session.started_at,
    )


def _path(events: Iterable[Event], rules: Rules) -> str:
    """Classes in order, one that stays once, the first steps of a long path."""
    classes = [page_class(event.page_url, rules) for event in events]
    steps = [step for step, _ in groupby(step for step in classes if step is not None)]
    if len(steps) > PATH_STEPS:
        steps = [*steps[:PATH_STEPS], "…"]
    return " > ".join(steps) or NO_PAGE


def by_person(visits: Iterable[Visit]) -> Mapping[str, list[Visit]]:
    """The visits of each person, in order."""
    found: dict[str, list[Visit]] = {}
    for visit in sorted(visits, key=lambda visit: visit.moment):
        found.setdefault(visit.person, []).append(visit)
    return found


def first_channel(visits: Iterable[Visit]) -> str:
    """The channel of a person's first visit that saw a page; `visits` are in order."""
    return next((visit.campaign[0] for visit in visits if visit.has_page), UNASSIGNED)
