"""Forms, new accounts and reports: where somebody gives a name."""

from __future__ import annotations

import numpy as np

from ingestion.simulator.draws import Draws, Ints, chance, lognormal
from ingestion.simulator.events import (
    ALIAS,
    FORM_EVENTS,
    GROUP,
    IDENTIFY,
    ON_SERVER,
    TRACK,
    Events,
    block,
)
from ingestion.simulator.intent import BY_MAIL, NO_FORM, REPORT, SIGNUP
from ingestion.simulator.people import JOINED_BY_ALIAS, People
from ingestion.simulator.site import page_of
from ingestion.simulator.visits import HOUR_MS, Visits


def form_events(
    draws: Draws, people: People, visits: Visits, pages: Events, last: Ints
) -> list[Events]:
    """Forms: begun, filled in, sent; with the identify call that most of them make."""
    visit = np.flatnonzero(visits.form != NO_FORM)
    on, person, form = last[visit], visits.person[visit], visits.form[visit]
    page, previous, opened = pages.page[on], pages.previous[on], pages.at[on]
    begun = opened + 1000 + lognormal(draws.words("begin", len(visit)), 6000, 0.8)
    sent = begun + 5000 + lognormal(draws.words("fill in", len(visit)), 40_000, 0.6)
    signs_up = form == SIGNUP
    reports = form == REPORT
    # the report's form once went without identify: its event names the address all the same
    identifies = ~signs_up & (~reports | chance(draws.words("identifies", len(visit)), 800))
    by_mail = identifies & (people.known[person] == BY_MAIL)
    blocks = [
        block(begun, person, visit, TRACK, "form_start", page, previous),
        block(
            sent[by_mail] - 60,
            person[by_mail],
            visit[by_mail],
            IDENTIFY,
            "",
            page[by_mail],
            previous[by_mail],
            gives_mail=True,
        ),
        *_sign_ups(draws, people, person[signs_up], visit[signs_up], sent[signs_up]),
        *_reports(draws, people, person[reports], sent[reports]),
    ]
    for number, name in enumerate(FORM_EVENTS):
        one = form == number
        blocks.append(
            block(
                sent[one],
                person[one],
                visit[one],
                TRACK,
                name,
                page[one],
                previous[one],
                gives_mail=True,
            )
        )
    return blocks


def _sign_ups(draws: Draws, people: People, person: Ints, visit: Ints, sent: Ints) -> list[Events]:
    """A new account: identify, group, the start of the trial, and at times an alias."""
    page = page_of("signup_form")
    mails = people.joined[person] != JOINED_BY_ALIAS
    aliased = chance(draws.words("aliased", len(visit)), 120)
    in_company = people.company[person] >= 0
    return [
        block(sent - 60, person, visit, IDENTIFY, "", page, signs_in=True, gives_mail=mails),
        block(sent + 150, person, visit, TRACK, "trial_start", page),
        block(sent[in_company] + 500, person[in_company], visit[in_company], GROUP, "", page),
        block(sent[aliased] + 600, person[aliased], visit[aliased], ALIAS, "", page),
    ]


def _reports(draws: Draws, people: People, person: Ints, sent: Ints) -> list[Events]:
    """What the server, the mail service and the calendar say about a report that was asked for."""
    made = sent + 1500 + lognormal(draws.words("made", len(sent)), 2000, 0.5)
    delivered = made + 800 + lognormal(draws.words("delivered", len(sent)), 3000, 1.0)
    opens = chance(draws.words("opens", len(sent)), 620)
    opened = delivered + 20_000 + lognormal(draws.words("opened", len(sent)), HOUR_MS, 1.6)
    return [
        block(made, person, ON_SERVER, TRACK, "report_generated", gives_mail=True),
        block(delivered, person, ON_SERVER, TRACK, "report_delivered", gives_mail=True),
        block(opened[opens], person[opens], ON_SERVER, TRACK, "report_opened", gives_mail=True),
        *_bookings(draws, people, person, made, np.where(opens, opened, 0)),
    ]


def _bookings(draws: Draws, people: People, person: Ints, made: Ints, opened: Ints) -> list[Events]:
    """Who qualifies, by company and by lot, and who of them books a call after reading."""
    qualifies = (people.company[person] >= 0) & chance(draws.words("qualifies", len(person)), 600)
    follows = qualifies & (opened > 0) & chance(draws.words("follows", len(person)), 450)
    books = follows & chance(draws.words("books", len(person)), 600)
    followed = opened + 30_000 + lognormal(draws.words("followed", len(person)), 90_000, 0.8)
    booked = followed + 60_000 + lognormal(draws.words("booked", len(person)), 60_000, 0.5)
    return [
        block(made[qualifies] + 40, person[qualifies], ON_SERVER, TRACK, "qualified",
              gives_mail=True),
        block(followed[follows], person[follows], ON_SERVER, TRACK, "booking_click",
              gives_mail=True),
        block(booked[books], person[books], ON_SERVER, TRACK, "booked", gives_mail=True),
    ]  # fmt: skip
