"""What people hold in their hands: browsers, apps and robots with their habits and faults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.simulator.agents import AGENTS, APP, DESKTOP, MOBILE, ROBOT
from ingestion.simulator.draws import Draws, Flags, Ints, below, chance, pick, scrambled
from ingestion.simulator.intent import BY_LOGIN, CRAWLER, CUSTOMER, STAFF
from ingestion.simulator.people import NO_COMPANY, NO_GROUP, People

ARCHIVED, AS_SENT, WITHOUT_SENT_AT = range(3)
"""Which times its messages carry: all four; timestamp, sentAt and receivedAt; no sentAt."""
_TIMES_WEIGHTS = (72, 24, 4)
STAYS_LOGGED_IN, DENIES, GRANTS, SNAKE_CASE, NAMES_NOBODY = 600, 30, 300, 15, 12
"""Per mille of devices that keep their login; deny or grant consent in so many words; send
snake_case keys; send a user id that means nothing until somebody logs in."""
SKEWED = 25
"""Per mille of devices whose clock is wrong by minutes to hours, fast or slow."""
_SKEWS_MS = tuple(minutes * 60_000 for minutes in (2, 3, 5, 8, 13, 21, 34, 55, 60, 90, 120, 180))


@dataclass(frozen=True)
class Devices:
    """One element a device. `skew_ms`: its clock less true time, in milliseconds."""

    agent: Ints
    place: Ints
    ip: Ints
    times: Ints
    skew_ms: Ints
    is_shared: Flags
    stays_logged_in: Flags
    denies: Flags
    grants: Flags
    is_snake_case: Flags
    names_nobody: Flags

    def kind(self) -> Ints:
        """DESKTOP, MOBILE, APP or ROBOT."""
        return np.array([agent.kind for agent in AGENTS], np.int64)[self.agent]


@dataclass(frozen=True)
class Belongings:
    """Which devices a person has: their first, how many more, and where those begin."""

    first: Ints
    extra: Ints
    extra_from: Ints
    app: Ints


def draw_devices(draws: Draws, people: People) -> tuple[Devices, Belongings]:
    """The devices of all people: one each, some a second, and the app for people with an account.

    Members of a group have the device of the group's first member as their first.
    """
    count = len(people)
    has_account = people.known == BY_LOGIN
    is_crawler = people.segment == CRAWLER
    works = (people.segment == CUSTOMER) | (people.segment == STAFF)
    on_desktop = chance(draws.words("desktop", count), np.where(works, 940, 640))
    extra = (~is_crawler & chance(draws.words("second device", count), 180)).astype(np.int64)
    app = has_account & chance(draws.words("app", count), 150)
    first = np.arange(count, dtype=np.int64)
    second = count + np.cumsum(extra) - extra
    with_app = count + int(extra.sum()) + np.cumsum(app) - 1
    owner = np.concatenate((first, np.flatnonzero(extra), np.flatnonzero(app)))
    kind = np.concatenate((
        np.where(is_crawler, ROBOT, np.where(on_desktop | (people.group != NO_GROUP), DESKTOP,
                                             MOBILE)),
        np.where(on_desktop, MOBILE, DESKTOP)[extra == 1],
        np.full(int(app.sum()), APP),
    ))  # fmt: skip
    shared = np.zeros(len(owner), np.bool_)
    grouped = np.flatnonzero(people.group != NO_GROUP)
    _, leader, member = np.unique(people.group[grouped], return_index=True, return_inverse=True)
    first[grouped] = grouped[leader][member]
    shared[first[grouped]] = True
    belongings = Belongings(first, extra, second, np.where(app, with_app, -1))
    return _equip(draws, people, owner, kind, shared), belongings


def _equip(draws: Draws, people: People, owner: Ints, kind: Ints, is_shared: Flags) -> Devices:
    count = len(owner)
    agent = np.zeros(count, np.int64)
    words = draws.words("agent", count)
    for one in (DESKTOP, MOBILE, APP, ROBOT):
        weights = [item.weight if item.kind == one else 0 for item in AGENTS]
        agent[kind == one] = pick(words[kind == one], weights)
    human = kind != ROBOT
    company = people.company[owner]
    in_office = (company != NO_COMPANY) & (kind == DESKTOP)
    # colleagues share an office network: one /24 of 198.18.0.0/15, the range for test traffic
    network = np.where(in_office, company * 7 % 512, below(scrambled(owner, 11), 512))
    words = draws.words("skew", count)
    steps = np.asarray(_SKEWS_MS)[below(words, len(_SKEWS_MS))]
    skewed = human & chance(draws.words("skewed", count), SKEWED)
    fast_or_slow = np.where(chance(draws.words("fast", count), 500), 1, -1)
    slight = below(draws.words("drift", count), 4000) - 2000
    return Devices(
        agent=agent,
        place=people.place[owner],
        ip=network * 256 + 1 + below(draws.words("ip", count), 254),
        times=pick(draws.words("times", count), _TIMES_WEIGHTS),
        skew_ms=np.where(skewed, fast_or_slow * steps, slight),
        is_shared=is_shared,
        stays_logged_in=~is_shared & chance(draws.words("stays", count), STAYS_LOGGED_IN),
        denies=human & ~is_shared & chance(draws.words("denies", count), DENIES),
        grants=human & chance(draws.words("grants", count), GRANTS),
        is_snake_case=chance(draws.words("snake", count), SNAKE_CASE),
        names_nobody=human & chance(draws.words("nobody", count), NAMES_NOBODY),
    )
