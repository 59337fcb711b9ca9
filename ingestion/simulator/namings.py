"""Which names each event carries, and so whose it can be told to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.simulator.devices import Devices
from ingestion.simulator.draws import Draws, Flags, Ints, chance
from ingestion.simulator.events import ALIAS, GROUP, ON_SERVER, PAGE, TRACK, Events
from ingestion.simulator.intent import BY_LOGIN
from ingestion.simulator.people import People
from ingestion.simulator.visits import Visits, Window

NOTHING = -1
SENSE, NO_ANONYMOUS_ID, NO_ID, NO_USER_ID = range(4)
"""Identifiers that mean something; where the anonymous id, both, or the user id mean nothing."""
_NONSENSE_PER_MILLE = 0.7


@dataclass(frozen=True)
class Namings:
    """One element an event.

    `user` and `mail` are codes (twice the person's number, and one more for their second id or
    address) or NOTHING; `visitor` numbers the anonymous id, NOTHING on a server; `nonsense` says
    which of the ids are written as 'null' or the like.
    """

    user: Ints
    mail: Ints
    visitor: Ints
    nonsense: Ints
    is_denied: Flags

    def timeline(self, events: Events, people: People) -> Ints:
        """A number for the visitor whose sessions an event belongs to, or NOTHING.

        The visitor is the anonymous id, else the user id, else the address; consent denied,
        ids that mean nothing, group and alias calls are in no session.
        """
        users = int(self.visitor.max(initial=NOTHING)) + 1
        mails = users + 2 * len(people)
        named = np.where(self.user >= 0, users + self.user, NOTHING)
        by_mail = (self.user < 0) & (self.mail >= 0)
        named[by_mail] = mails + _same_address(people)[self.mail[by_mail]]
        has_visitor = (self.visitor >= 0) & ~np.isin(self.nonsense, (NO_ANONYMOUS_ID, NO_ID))
        visitor = np.where(has_visitor, self.visitor, named)
        outside = self.is_denied | (self.nonsense == NO_ID)
        outside |= np.isin(events.type, (GROUP, ALIAS))
        return np.where(outside, NOTHING, visitor)

    def is_attributable(self, of: Ints) -> Flags:
        """Whether anybody could tell whose the events at these positions are.

        It takes consent, and an id that means something.
        """
        nonsense = self.nonsense[of]
        nameless = (nonsense == NO_ID) | ((nonsense == NO_ANONYMOUS_ID) & (self.user[of] < 0))
        told: Flags = ~self.is_denied[of] & ~nameless
        return told


def draw_namings(
    draws: Draws,
    window: Window,
    people: People,
    devices: Devices,
    visits: Visits,
    events: Events,
) -> Namings:
    """The names that events carry, by what was signed in on their device at that time."""
    count = len(events)
    on_web = events.visit != ON_SERVER
    device = visits.device[events.visit]
    visitor = np.where(on_web, visits.visitor[events.visit], NOTHING)
    second_id = window.moment(people.second_id_share)[events.person]
    user_now = 2 * events.person + (events.at >= second_id)
    signed_in = _signed_in(events, visitor, user_now, devices.stays_logged_in[device])
    on_server = np.where(people.known[events.person] == BY_LOGIN, user_now, NOTHING)
    user = np.where(on_web, signed_in, on_server)
    second_mail = window.moment(people.second_mail_share)[events.person]
    mail_now = 2 * events.person + (events.at >= second_mail)

    nonsense = np.full(count, SENSE, np.int64)
    nonsense[on_web & devices.names_nobody[device] & (user == NOTHING)] = NO_USER_ID
    loses = on_web & np.isin(events.type, (PAGE, TRACK)) & ~events.gives_mail
    nonsense[loses & chance(draws.words("no anonymous id", count), _NONSENSE_PER_MILLE)] = (
        NO_ANONYMOUS_ID
    )
    nonsense[loses & chance(draws.words("no id", count), _NONSENSE_PER_MILLE)] = NO_ID
    return Namings(
        user=user,
        mail=np.where(events.gives_mail, mail_now, NOTHING),
        visitor=visitor,
        nonsense=nonsense,
        is_denied=on_web & devices.denies[device],
    )


def _signed_in(events: Events, visitor: Ints, user_now: Ints, stays: Flags) -> Ints:
    """The user of the last login before an event: on its visitor, or in its visit alone where the
    device does not stay logged in."""
    order = np.lexsort((np.arange(len(events)), events.at, visitor))
    place = np.arange(len(order))
    last = np.maximum.accumulate(np.where(events.signs_in[order], place, NOTHING))
    found = last >= 0
    login = order[np.maximum(last, 0)]
    same = np.where(
        stays[order],
        visitor[order] == visitor[login],
        events.visit[order] == events.visit[login],
    )
    user = np.empty(len(order), np.int64)
    user[order] = np.where(found & same & (visitor[order] >= 0), user_now[login], NOTHING)
    return user


def _same_address(people: People) -> Ints:
    """For each code of an address, the first code that has this very address."""
    first: dict[str, int] = {}
    codes = np.zeros(2 * len(people), np.int64)
    for person, addresses in people.emails.items():
        for second, address in enumerate(addresses):
            codes[2 * person + second] = first.setdefault(address, 2 * person + second)
    return codes
