"""Worlds in which it is known what decides who converts, to hold a backtest against.

`intent`: some people come to want the product. While they do, they look at what buyers look at, and
most then ask for a demo. How often somebody comes says little: there are avid readers.
`null`: the same visits, and demos that are asked for on a day drawn by lot, whatever anybody does.
`recency`: everybody comes, at a pace and for pages of their own, until they lose interest and stay
away for good; who has been there in the last days asks for a demo at one rate, nobody else ever.

A demo is asked for by telephone: an event of a server, so that no page view comes with it. Whoever
is known has given an address before, with a form that converts nobody; most do.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from ingestion.simulator import names
from ingestion.simulator.agents import PLACES
from ingestion.simulator.devices import Belongings, Devices, draw_devices
from ingestion.simulator.draws import (
    Draws,
    Flags,
    Ints,
    below,
    chance,
    exponential,
    falling_weights,
    pick,
)
from ingestion.simulator.events import ON_SERVER, TRACK, Events, block
from ingestion.simulator.intent import (
    BY_MAIL,
    LEAD,
    NO_FORM,
    SEGMENT_NAMES,
    STAGE_NAMES,
    UNKNOWN,
)
from ingestion.simulator.people import NEVER, NO_GROUP, NOT_JOINED, People
from ingestion.simulator.visits import DAY_MS, HOUR_MS, Visits, Window, paid, rank_of, time_of_day

WORLD_TRUTH = "world.csv"
TRUTH_COLUMNS = ("person", "is_known", "comes_from", "comes_until", "wants_from", "wants_until",
                 "converts_on")  # fmt: skip
EVENTS_A_PERSON = 20
"""So many at least, mostly: how many people are drawn for a log."""
NOT = -1
"""In the place of a day: never."""
_KNOWN_PER_MILLE = 850
_FREE_MAIL_PER_MILLE = 250
_CONVERSION = "demo_request"


@dataclass(frozen=True)
class Lives:
    """What is decided of each person; days count from the first of the log, NOT for never.

    `comes_from` to `comes_until` they come now and then, `habit` times, in the stage (a place in
    intent.STAGES) that says what they look at. `wants_from` to `wants_until` they want the product,
    and come `wanting` times more.
    """

    comes_from: Ints
    comes_until: Ints
    habit: Ints
    wants_from: Ints
    wants_until: Ints
    wanting: Ints
    stage: Ints


class World(Protocol):
    """How people live, and when they convert."""

    def lives(self, draws: Draws, count: int, days: int) -> Lives:
        """The lives of `count` people in a log of so many days."""

    def converts(self, draws: Draws, lives: Lives, person: Ints, day: Ints, days: int) -> Ints:
        """Of each person the day on which they convert, NOT for never.

        `person` and `day` are of each visit, in order.
        """


@dataclass(frozen=True)
class Drawn:
    """A world as it came out: who comes with what, when, and the events of those who convert."""

    people: People
    devices: Devices
    belongings: Belongings
    visits: Visits
    conversions: Events
    lives: Lives
    converts_on: Ints


def draw_world(draws: Draws, window: Window, world: World, count: int) -> Drawn:
    """A world of `count` people."""
    lives = world.lives(draws, count, window.days)
    person, day, is_wanting = _visiting(draws, lives)
    inside = (day >= 0) & (day < window.days)
    person, day, is_wanting = person[inside], day[inside], is_wanting[inside]
    people = _people(draws, np.bincount(person, minlength=count))
    start = window.start_ms + day * DAY_MS + time_of_day(draws, people, person)
    order = np.lexsort((start, person))
    person, start, day, is_wanting = person[order], start[order], day[order], is_wanting[order]
    devices, belongings = draw_devices(draws, people)
    stage = np.where(is_wanting, _wanting_stage(lives, person, day), lives.stage[person])
    gives_name = (rank_of(people, person) == people.turn[person]) & (
        people.known[person] != UNKNOWN
    )
    visits = paid(
        draws, people, devices, belongings, person, start, stage,
        form=np.where(gives_name, LEAD, NO_FORM),
    )  # fmt: skip
    converts_on = world.converts(draws, lives, person, day, window.days)
    converts_on[people.known == UNKNOWN] = NOT
    return Drawn(
        people, devices, belongings, visits, _conversions(draws, window, converts_on), lives,
        converts_on,
    )  # fmt: skip


def write_world(drawn: Drawn, window: Window, present: Ints, folder: Path) -> None:
    """Writes world.csv: a row for each person `present` in the log. Days are UTC; empty: never."""

    def text(day: int) -> str:
        moment = np.datetime64(window.start_ms // DAY_MS + day, "D")
        return "" if day == NOT else str(moment)

    lives = drawn.lives
    with (folder / WORLD_TRUTH).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(TRUTH_COLUMNS)
        for person in present.tolist():
            is_known = drawn.people.known[person] != UNKNOWN
            days = (lives.comes_from, lives.comes_until, lives.wants_from, lives.wants_until,
                    drawn.converts_on)  # fmt: skip
            rows.writerow(
                [f"p{person}", str(bool(is_known)).lower(), *(text(int(of[person])) for of in days)]
            )


def _stage_of(draws: Draws, count: int, choices: tuple[str, ...]) -> Ints:
    stages = np.array([STAGE_NAMES.index(name) for name in choices], np.int64)
    found: Ints = stages[below(draws.words("taste", count), len(choices))]
    return found


def _wanting_stage(lives: Lives, person: Ints, day: Ints) -> Ints:
    """First they evaluate, in the second half of their time they buy."""
    middle = (lives.wants_from[person] + lives.wants_until[person]) // 2
    return np.where(day < middle, STAGE_NAMES.index("evaluating"), STAGE_NAMES.index("buying"))


_WARM_DAYS, _DAYS_TO_ASK = 4, 70
"""Who was there in so many days may ask, and does after so many such days on average."""


class IntentWorld:
    """What somebody wants decides what they look at, and whether they convert."""

    def lives(self, draws: Draws, count: int, days: int) -> Lives:
        """Readers of all kinds; some come to want the product for a few weeks."""
        comes_from = below(draws.words("comes from", count), days)
        comes_until = comes_from + 120 + below(draws.words("comes until", count), 240)
        wants = chance(draws.words("wants", count), 330)
        wants_from = comes_from + below(draws.words("wants from", count), 200)
        wants_until = wants_from + 30 + below(draws.words("wants until", count), 25)
        # from one visit to fifty: the avid come as often as those who want to buy, and for longer
        habit = 1 + pick(draws.words("habit", count), falling_weights(50, 8))
        return Lives(
            comes_from=comes_from,
            comes_until=comes_until,
            habit=habit,
            wants_from=np.where(wants, wants_from, NOT),
            wants_until=np.where(wants, wants_until, NOT),
            wanting=np.where(wants, 6 + below(draws.words("wanting", count), 8), 0),
            stage=_stage_of(draws, count, ("idle", "curious")),
        )

    def converts(self, draws: Draws, lives: Lives, person: Ints, day: Ints, days: int) -> Ints:
        """Most who want it ask towards the end of that time; of all others a few, at any time."""
        count = len(lives.habit)
        wants = lives.wants_from != NOT
        asks = wants & chance(draws.words("asks", count), 650)
        middle = (lives.wants_from + lives.wants_until) // 2
        left = np.maximum(lives.wants_until - middle, 1)
        on = middle + below(draws.words("asks on", count), left) + 1
        by_chance = ~wants & chance(draws.words("asks by chance", count), 20)
        some_day = below(draws.words("some day", count), days)
        found = np.where(asks, on, np.where(by_chance, some_day, NOT))
        return np.where(found < days, found, NOT)


class NullWorld(IntentWorld):
    """The same visits; nothing that anybody does has to do with converting."""

    def converts(self, draws: Draws, lives: Lives, person: Ints, day: Ints, days: int) -> Ints:
        """So many a day, of everybody alike, whenever they come and whatever they do."""
        count = len(lives.habit)
        asks = chance(draws.words("asks", count), 450)
        return np.where(asks, below(draws.words("some day", count), days), NOT)


class RecencyWorld:
    """How lately somebody was there decides, and nothing else."""

    def lives(self, draws: Draws, count: int, days: int) -> Lives:
        """People who come at a pace of their own, and one day come no more."""
        comes_from = below(draws.words("comes from", count), days)
        stays = 3 + below(draws.words("stays", count), 90)
        pace = 3 + below(draws.words("pace", count), 5)
        nowhere = np.full(count, NOT, np.int64)
        return Lives(
            comes_from=comes_from,
            comes_until=comes_from + stays,
            habit=1 + stays * pace // 10,
            wants_from=nowhere,
            wants_until=nowhere,
            wanting=np.zeros(count, np.int64),
            stage=_stage_of(draws, count, ("idle", "curious", "evaluating")),
        )

    def converts(self, draws: Draws, lives: Lives, person: Ints, day: Ints, days: int) -> Ints:
        """Each day on which somebody was there lately has the same chance, every other none."""
        count = len(lives.habit)
        needs = 1 + exponential(draws.words("needs", count), _DAYS_TO_ASK)
        is_last = np.ones(len(person), np.bool_)
        is_last[:-1] = person[1:] != person[:-1]
        after = np.append(day[1:], 0)
        until_next = np.where(is_last, _WARM_DAYS, np.minimum(after - day, _WARM_DAYS))
        spent = np.cumsum(until_next)
        first = np.ones(len(person), np.bool_)
        first[1:] = is_last[:-1]
        earlier = (spent - until_next)[first]
        of_person = np.cumsum(first) - 1
        spent = spent - earlier[of_person]
        reaches = (spent >= needs[person]) & (spent - until_next < needs[person])
        on = day + needs[person] - (spent - until_next)
        found = np.full(count, NOT, np.int64)
        found[person[reaches]] = on[reaches]
        return np.where(found < days, found, NOT)


WORLDS: Mapping[str, World] = {
    "intent": IntentWorld(),
    "null": NullWorld(),
    "recency": RecencyWorld(),
}


def _visiting(draws: Draws, lives: Lives) -> tuple[Ints, Ints, Flags]:
    """Person and day of each visit, and whether it is one of somebody who wants the product."""
    everybody = np.arange(len(lives.habit), dtype=np.int64)
    by_habit = np.repeat(everybody, lives.habit)
    stays = lives.comes_until - lives.comes_from + 1
    on = below(draws.words("habit day", len(by_habit)), stays[by_habit])
    wanting = np.repeat(everybody, lives.wanting)
    wants = lives.wants_until - lives.wants_from + 1
    then = below(draws.words("wanting day", len(wanting)), wants[wanting])
    return (
        np.concatenate((by_habit, wanting)),
        np.concatenate((lives.comes_from[by_habit] + on, lives.wants_from[wanting] + then)),
        np.concatenate((np.zeros(len(by_habit), np.bool_), np.ones(len(wanting), np.bool_))),
    )


def _people(draws: Draws, visit_count: Ints) -> People:
    """Everybody with a device and an address of their own, so that nobody is taken for another."""
    count = len(visit_count)
    is_known = chance(draws.words("known", count), _KNOWN_PER_MILLE)
    segment = np.where(is_known, SEGMENT_NAMES.index("lead"), SEGMENT_NAMES.index("reader"))
    company = below(draws.words("company", count), count // 2 + 1)
    has_free_mail = chance(draws.words("mail kind", count), _FREE_MAIL_PER_MILLE)
    words = draws.words("name", count)
    full_names, emails = {}, {}
    for person in np.flatnonzero(is_known).tolist():
        name = full_names[person] = names.full_name(int(words[person]))
        domain = names.company_domain(int(company[person]))
        if has_free_mail[person]:
            domain = names.FREE_MAIL[person % len(names.FREE_MAIL)]
        address = f"{names.mailbox(name)}.{person}@{domain}"
        emails[person] = (address, address)
    never = np.full(count, NEVER, np.int64)
    return People(
        segment=segment.astype(np.int64),
        place=pick(draws.words("place", count), [place.weight for place in PLACES]),
        known=np.where(is_known, BY_MAIL, UNKNOWN).astype(np.int64),
        company=company,
        visit_count=visit_count.astype(np.int64),
        turn=below(draws.words("turn", count), np.clip(visit_count, 1, 3)),
        decision_day=np.full(count, NOT, np.int64),
        group=np.full(count, NO_GROUP, np.int64),
        joined=np.full(count, NOT_JOINED, np.int64),
        second_id_share=never,
        second_mail_share=never,
        names=full_names,
        emails=emails,
    )


def _conversions(draws: Draws, window: Window, converts_on: Ints) -> Events:
    """What a server says of those who ask, in the hours of an office."""
    person = np.flatnonzero(converts_on != NOT)
    within = 8 * HOUR_MS + below(draws.words("asks at", len(person)), 9 * HOUR_MS)
    at = window.start_ms + converts_on[person] * DAY_MS + within
    return block(at, person, ON_SERVER, TRACK, _CONVERSION, gives_mail=True)
