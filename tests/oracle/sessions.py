"""Sessions: the events of one visitor, cut where nothing happens for more than 30 minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tests.oracle.lists import is_bot
from tests.oracle.log import Event
from tests.oracle.names import Visitor
from tests.oracle.pages import page_class
from tests.oracle.rules import Rules

SECOND = 1_000_000
ENGAGED_SECONDS = 10
WITHOUT_SESSION = frozenset({"group", "alias"})


@dataclass(frozen=True)
class Session:
    """One session; `people` counts the events of each person who was in it."""

    first_event_id: str
    visitor: Visitor
    session_number: int
    person: str
    people: Mapping[str, int]
    event_ids: tuple[str, ...]
    started_at: int
    ended_at: int
    page_view_count: int
    is_engaged: bool
    entry_page_url: str | None
    entry_page_class: str | None
    exit_page_url: str | None
    referrer_url: str | None
    is_bot: bool

    @property
    def duration_seconds(self) -> float:
        return (self.ended_at - self.started_at) / SECOND

    @property
    def event_count(self) -> int:
        return len(self.event_ids)

    @property
    def is_bounce(self) -> bool:
        return not self.is_engaged


def sessions_of(
    events: Iterable[Event], owners: Mapping[str, str], rules: Rules
) -> dict[str, Session]:
    """Sessions by the id of their first event. `owners` has the person of each event id."""
    timelines: dict[Visitor, list[Event]] = {}
    for event in events:
        visitor = event.visitor
        if visitor is not None and event.event_type not in WITHOUT_SESSION:
            timelines.setdefault(visitor, []).append(event)
    sessions: dict[str, Session] = {}
    for visitor, timeline in timelines.items():
        timeline.sort(key=lambda event: event.moment)
        for number, stretch in enumerate(_stretches(timeline, rules), start=1):
            session = _session(visitor, number, stretch, owners, rules)
            sessions[session.first_event_id] = session
    return sessions


def _stretches(timeline: list[Event], rules: Rules) -> list[list[Event]]:
    """A gap of more than the session gap starts a new stretch; exactly the gap does not."""
    stretches = [[timeline[0]]]
    for before, event in pairwise(timeline):
        if event.event_at - before.event_at > rules.session_gap_seconds * SECOND:
            stretches.append([])
        stretches[-1].append(event)
    return stretches


def _session(
    visitor: Visitor, number: int, events: list[Event], owners: Mapping[str, str], rules: Rules
) -> Session:
    people: dict[str, int] = {}
    for event in events:
        people[owners[event.event_id]] = people.get(owners[event.event_id], 0) + 1
    views = sum(event.event_type == "page" for event in events)
    with_url = [event for event in events if event.page_url is not None]
    entry = with_url[0] if with_url else None
    long_enough = events[-1].event_at - events[0].event_at >= ENGAGED_SECONDS * SECOND
    return Session(
        first_event_id=events[0].event_id,
        visitor=visitor,
        session_number=number,
        person=owners[events[-1].event_id],
        people=people,
        event_ids=tuple(event.event_id for event in events),
        started_at=events[0].event_at,
        ended_at=events[-1].event_at,
        page_view_count=views,
        is_engaged=long_enough or views >= 2 or any(is_conversion(e, rules) for e in events),
        entry_page_url=entry.page_url if entry else None,
        entry_page_class=page_class(entry.page_url, rules) if entry else None,
        exit_page_url=with_url[-1].page_url if with_url else None,
        referrer_url=entry.page_referrer if entry else None,
        is_bot=all(is_bot(event.user_agent) for event in events),
    )


def is_conversion(event: Event, rules: Rules) -> bool:
    """Whether the seed of conversion events lists the event, in exact case."""
    return any(
        event_type in (None, event.event_type) and event_name in (None, event.event_name)
        for event_type, event_name in rules.conversions
    )
