"""Visits: who comes when, with which device, from where and what for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ingestion.simulator.agents import AGENTS, APP, HOUR_WEIGHTS, PLACES, WEEKDAY_WEIGHTS
from ingestion.simulator.devices import Belongings, Devices
from ingestion.simulator.draws import Draws, Flags, Ints, below, chance, pick, pick_by
from ingestion.simulator.intent import (
    BY_LOGIN,
    CRAWLER,
    UNKNOWN,
    forms,
    purpose_table,
    stages,
    visiting_days,
)
from ingestion.simulator.people import People
from ingestion.simulator.purposes import EXPLORE, PURPOSES, WORK
from ingestion.simulator.sources import DIRECT, FIRST_WEIGHTS, RETURNING_WEIGHTS

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
COOKIE_LIFE_MS = 7 * DAY_MS


@dataclass(frozen=True)
class Window:
    """The time that the log covers: whole UTC days, in milliseconds of the Unix epoch."""

    first_day: date
    days: int

    @classmethod
    def ending(cls, end: date, days: int) -> Window:
        """The `days` days of which `end` is the last."""
        return cls(end - timedelta(days=days - 1), days)

    @property
    def start_ms(self) -> int:
        """Midnight before the first day."""
        return (self.first_day - date(1970, 1, 1)).days * DAY_MS

    @property
    def end_ms(self) -> int:
        """Midnight after the last day."""
        return self.start_ms + self.days * DAY_MS

    def moment(self, per_mille: Ints) -> Ints:
        """The time at which so much of the window has passed."""
        return self.start_ms + np.minimum(per_mille, 10**6) * (self.days * DAY_MS // 1000)


@dataclass(frozen=True)
class Visits:
    """One element a visit, in order of (person, start).

    `start` is true UTC time in epoch milliseconds; `visitor` numbers the anonymous ids: a device
    gets a new one where its cookie was lost. `turned` says that the person has a name by then.
    """

    person: Ints
    start: Ints
    device: Ints
    visitor: Ints
    stage: Ints
    purpose: Ints
    source: Ints
    page_count: Ints
    form: Ints
    turned: Flags
    signs_in: Flags

    def __len__(self) -> int:
        return len(self.person)


def draw_visits(
    draws: Draws, window: Window, people: People, devices: Devices, belongings: Belongings
) -> Visits:
    """All visits of all people in the window."""
    person = np.repeat(np.arange(len(people), dtype=np.int64), people.visit_count)
    start = _starts(draws, window, people, person)
    order = np.lexsort((start, person))
    start = start[order]
    turned = _turned(people, person)
    day = (start - window.start_ms) // DAY_MS
    days_left = people.decision_day[person] - day
    segment, rank = people.segment[person], rank_of(people, person)
    return paid(
        draws,
        people,
        devices,
        belongings,
        person,
        start,
        stage=stages(segment, turned, days_left),
        form=forms(
            draws,
            segment,
            people.known[person],
            turned & (rank == people.turn[person]),
            turned,
            rank == people.visit_count[person] - 1,
            days_left,
        ),
    )


def rank_of(people: People, person: Ints) -> Ints:
    """The place (from 0) of each visit among those of its person; visits stand person by person."""
    ends = np.cumsum(people.visit_count)
    return np.arange(len(person)) - (ends - people.visit_count)[person]


def _turned(people: People, person: Ints) -> Flags:
    """Whether the name is given by then, in the visit itself or before it."""
    is_known = people.known[person] != UNKNOWN
    turned: Flags = (rank_of(people, person) >= people.turn[person]) & is_known
    return turned


def paid(
    draws: Draws,
    people: People,
    devices: Devices,
    belongings: Belongings,
    person: Ints,
    start: Ints,
    stage: Ints,
    form: Ints,
) -> Visits:
    """Visits of which it is known who pays them when, in which stage, and what form they send.

    One element a visit, in order of (person, start).
    """
    count, segment, rank = len(person), people.segment[person], rank_of(people, person)
    turned = _turned(people, person)
    device = _devices(draws, belongings, person, turned)
    purpose = pick_by(draws.words("purpose", count), stage, purpose_table())
    # nobody works in the product before having an account, and nothing else is done in the app
    has_account = turned & (people.known[person] == BY_LOGIN)
    purpose[(purpose == WORK) & ~has_account] = EXPLORE
    purpose[devices.kind()[device] == APP] = WORK
    visitor = _visitors(devices, device, start)
    source = np.where(
        rank == 0,
        pick(draws.words("first source", count), FIRST_WEIGHTS),
        pick(draws.words("later source", count), RETURNING_WEIGHTS),
    )
    source[(purpose == WORK) | (segment == CRAWLER)] = DIRECT
    lengths = [one.lengths for one in PURPOSES]
    return Visits(
        person=person,
        start=start,
        device=device,
        visitor=visitor,
        stage=stage,
        purpose=purpose,
        source=source,
        page_count=1 + pick_by(draws.words("pages", count), purpose, lengths),
        form=form,
        turned=turned,
        signs_in=_sign_ins(draws, devices, device, visitor, has_account & (purpose == WORK)),
    )


def _starts(draws: Draws, window: Window, people: People, person: Ints) -> Ints:
    """When visits start: office days and office hours of the visitor's own place (but robots)."""
    weekday = window.first_day.weekday()
    weights = [WEEKDAY_WEIGHTS[(weekday + day) % 7] for day in range(window.days)]
    arrival = pick(draws.words("arrival", len(people)), weights)
    first, last = visiting_days(
        people.segment, people.visit_count, people.decision_day, arrival, window.days
    )
    weekdays = (weekday + np.arange(last.max() + 1)) % 7
    passed = np.concatenate(([0], np.cumsum(np.array(WEEKDAY_WEIGHTS)[weekdays])))
    first, last = first[person], last[person]
    count = len(person)
    within = below(draws.words("day", count), passed[last + 1] - passed[first])
    day = np.searchsorted(passed, passed[first] + within, side="right") - 1
    start: Ints = window.start_ms + day * DAY_MS + time_of_day(draws, people, person)
    return start


def time_of_day(draws: Draws, people: People, person: Ints) -> Ints:
    """Milliseconds after midnight UTC: office hours of the visitor's own place (but robots)."""
    count = len(person)
    hour = pick(draws.words("hour", count), HOUR_WEIGHTS)
    any_hour = below(draws.words("any hour", count), 24)
    hour = np.where(people.segment[person] == CRAWLER, any_hour, hour)
    moment = below(draws.words("minute", count), HOUR_MS)
    offset = np.array([place.utc_offset_minutes for place in PLACES])[people.place[person]]
    in_day: Ints = (hour * HOUR_MS + moment - offset * MINUTE_MS) % DAY_MS
    return in_day


def _devices(draws: Draws, belongings: Belongings, person: Ints, turned: Flags) -> Ints:
    """The first device mostly; a second one at times; the app once there is an account."""
    choice = pick(draws.words("which device", len(person)), (70, 20, 10))
    device = belongings.first[person].copy()
    second = (choice == 1) & (belongings.extra[person] > 0)
    device[second] = belongings.extra_from[person][second]
    in_app = (choice == 2) & turned & (belongings.app[person] >= 0)
    device[in_app] = belongings.app[person][in_app]
    return device


def _visitors(devices: Devices, device: Ints, start: Ints) -> Ints:
    """Numbers of the anonymous ids: a new one for each device, and where a cookie was lost."""
    order = np.lexsort((start, device))
    sorted_device, sorted_start = device[order], start[order]
    forgets = np.array([("", "week", "visit").index(agent.forgets) for agent in AGENTS])
    habit = forgets[devices.agent[sorted_device]]
    is_new = np.ones(len(device), np.bool_)
    waited = np.diff(sorted_start) > COOKIE_LIFE_MS
    is_new[1:] = (np.diff(sorted_device) != 0) | (habit[1:] == 2) | ((habit[1:] == 1) & waited)
    visitor = np.empty(len(device), np.int64)
    visitor[order] = np.cumsum(is_new) - 1
    return visitor


def _sign_ins(draws: Draws, devices: Devices, device: Ints, visitor: Ints, works: Flags) -> Flags:
    """Working visits that begin with a login: all but some on devices that stay logged in."""
    again = chance(draws.words("logs in again", len(device)), 250)
    at = np.flatnonzero(works)
    is_first = np.zeros(len(device), np.bool_)
    # on a device of one person the first visit in order of (person, start) is its first of all
    _, first = np.unique(visitor[at], return_index=True)
    is_first[at[first]] = True
    return works & (again | is_first | ~devices.stays_logged_in[device])
