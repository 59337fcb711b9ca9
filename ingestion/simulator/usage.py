"""Logins and what only servers know: the product in use, webinars, links in mails."""

from __future__ import annotations

import numpy as np

from ingestion.simulator.draws import Draws, Ints, below, chance, lognormal
from ingestion.simulator.events import ALIAS, GROUP, IDENTIFY, ON_SERVER, TRACK, Events, block
from ingestion.simulator.intent import BY_LOGIN, BY_MAIL
from ingestion.simulator.people import JOINED_BY_ALIAS, People
from ingestion.simulator.purposes import WORK
from ingestion.simulator.sources import SOURCES
from ingestion.simulator.visits import DAY_MS, Visits, Window


def logins(
    draws: Draws, window: Window, people: People, visits: Visits, pages: Events, first: Ints
) -> list[Events]:
    """Logins: identify, at times group, and once the alias that joins two user ids."""
    visit = np.flatnonzero(visits.signs_in)
    person, on = visits.person[visit], first[visit]
    at = pages.at[on] + 2500 + lognormal(draws.words("login", len(visit)), 5000, 0.6)
    joined = people.joined[person]
    grouped = (people.company[person] >= 0) & chance(draws.words("grouped", len(visit)), 300)
    second = at >= window.moment(people.second_id_share)[person]
    # the first login under the second id says which id it was before
    changes = np.zeros(len(visit), np.bool_)
    changes[1:] = second[1:] & ~second[:-1] & (person[1:] == person[:-1])
    changes &= joined == JOINED_BY_ALIAS
    page = pages.page[on]
    return [
        block(
            at,
            person,
            visit,
            IDENTIFY,
            "",
            page,
            signs_in=True,
            gives_mail=joined != JOINED_BY_ALIAS,
        ),
        block(at[grouped] + 200, person[grouped], visit[grouped], GROUP, "", page[grouped]),
        block(at[changes] + 100, person[changes], visit[changes], ALIAS, "", page[changes]),
    ]


def server_events(draws: Draws, people: People, visits: Visits) -> list[Events]:
    """What only servers know: use of the product, webinars attended, links clicked in mails."""
    known = people.known[visits.person]
    works = visits.turned & (known == BY_LOGIN) & (visits.purpose == WORK)
    active = np.flatnonzero(works & chance(draws.words("active", len(visits)), 550))
    media = np.array([source.medium == "email" for source in SOURCES])
    by_mail = visits.turned & (known == BY_MAIL)
    clicked = np.flatnonzero(by_mail & media[visits.source])
    attends = np.flatnonzero(by_mail & chance(draws.words("attends", len(visits)), 60))
    later = DAY_MS + below(draws.words("webinar", len(attends)), 2 * DAY_MS)
    return [
        block(
            visits.start[active] + 40_000, visits.person[active], ON_SERVER, TRACK, "product_active"
        ),
        block(
            visits.start[clicked] - 900,
            visits.person[clicked],
            ON_SERVER,
            TRACK,
            "email_click",
            gives_mail=True,
        ),
        block(
            visits.start[attends] + later,
            visits.person[attends],
            ON_SERVER,
            TRACK,
            "webinar_attend",
            gives_mail=True,
        ),
    ]
