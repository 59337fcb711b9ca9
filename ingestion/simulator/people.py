"""Who comes: people, the companies that they work for, and the names that they give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.simulator import names
from ingestion.simulator.agents import PLACES
from ingestion.simulator.draws import (
    Draws,
    Flags,
    Ints,
    below,
    chance,
    falling_weights,
    pick,
    pick_by,
)
from ingestion.simulator.intent import (
    BUYER,
    BY_LOGIN,
    CRAWLER,
    CUSTOMER,
    SEGMENTS,
    STAFF,
    UNKNOWN,
)
from ingestion.simulator.purposes import VISIT_TAILS

BUYING_PER_MILLE, CUSTOMERS_PER_MILLE, OTHERS_PER_MILLE = 1.0, 2.0, 40.0
"""Companies of each kind, for a thousand people."""
UNDECIDED_DAYS = 21
"""Some decisions fall after the end of the log: their buyers are in the middle of it."""
COUPLES_PER_MILLE, KIOSK_PER_MILLE = 24, 20
"""Known people who share their first device with one other person, or with several."""
COUPLE, KIOSK = 2, 6
MAIL_KINDS = ("business", "free", "disposable", "role")
_MAIL_WEIGHTS = ((76, 21, 2, 1), (62, 29, 4, 5))
"""Of people with an account, and of those who only gave an address."""
NOT_JOINED, JOINED_BY_MAIL, JOINED_BY_ALIAS = range(3)
NEVER = np.int64(2**62)
NO_COMPANY = NO_GROUP = -1


@dataclass(frozen=True)
class People:
    """One element a person; days count from the first day of the log, times are fractions of it.

    `turn` is the visit (from 0) in which a person gives a name; `second_id_share` and
    `second_mail_share` say after which part (per mille) of the log the second user id and the
    second address are used (NEVER for most); `joined` says how two user ids come together.
    """

    segment: Ints
    place: Ints
    known: Ints
    company: Ints
    visit_count: Ints
    turn: Ints
    decision_day: Ints
    group: Ints
    joined: Ints
    second_id_share: Ints
    second_mail_share: Ints
    names: dict[int, str]
    emails: dict[int, tuple[str, str]]

    def __len__(self) -> int:
        return len(self.segment)

    def address(self, code: int) -> str:
        """The address with this code: twice the person's number, and one more for the second."""
        return self.emails[code // 2][code % 2]


def draw_people(draws: Draws, count: int, days: int) -> People:
    """`count` people of all segments, of whom any first part is as mixed as the whole."""
    segment = pick(draws.words("segment", count), [one.per_mille for one in SEGMENTS])
    known = pick_by(draws.words("known", count), segment, [one.known for one in SEGMENTS])
    tails = [VISIT_TAILS[one.visits] for one in SEGMENTS]
    visit_count = 1 + pick_by(draws.words("visit count", count), segment, tails)
    company, decision_day = _employers(draws, segment, known, days)
    has_account = known == BY_LOGIN
    twofold = has_account & chance(draws.words("two ids", count), 50) & (segment != STAFF)
    joined = np.where(twofold, 1 + below(draws.words("joined by", count), 2), NOT_JOINED)
    second_id = 300 + below(draws.words("second id", count), 500)
    known_people = np.flatnonzero(known != UNKNOWN).tolist()
    words = draws.words("name", count)
    full_names = {person: names.full_name(int(words[person])) for person in known_people}
    moved = has_account & (joined != JOINED_BY_ALIAS) & chance(draws.words("moved", count), 40)
    second_mail = 300 + below(draws.words("second mail", count), 500)
    # an old customer logs in at once; the others look around first
    first_visits = np.where(segment == CUSTOMER, 1, np.minimum(visit_count, 4))
    return People(
        segment=segment,
        place=pick(draws.words("place", count), [place.weight for place in PLACES]),
        known=known,
        company=company,
        visit_count=visit_count,
        turn=below(draws.words("turn", count), first_visits),
        decision_day=decision_day,
        group=_groups(draws, (known != UNKNOWN) & (segment != STAFF)),
        joined=joined,
        second_id_share=np.where(twofold, second_id, NEVER),
        second_mail_share=np.where(moved, second_mail, NEVER),
        names=full_names,
        emails=_addresses(draws, segment, known, company, full_names),
    )


def _share(count: int, per_mille: float) -> int:
    return max(round(count * per_mille / 1000), 1)


def _employers(draws: Draws, segment: Ints, known: Ints, days: int) -> tuple[Ints, Ints]:
    """The company of each person (or NO_COMPANY), and the day on which it decides."""
    count = len(segment)
    buying = _share(count, BUYING_PER_MILLE)
    customers = _share(count, CUSTOMERS_PER_MILLE)
    others = _share(count, OTHERS_PER_MILLE)
    words = draws.words("company", count)
    elsewhere = chance(draws.words("colleague", count), 120)
    company = buying + customers + pick(words, falling_weights(others, 20))
    company[elsewhere] = pick(words, falling_weights(buying + customers, 20))[elsewhere]
    company[segment == CUSTOMER] = buying + below(words, customers)[segment == CUSTOMER]
    company[segment == BUYER] = below(words, buying)[segment == BUYER]
    unknown_strangers = (known == UNKNOWN) & ~chance(draws.words("works", count), 250)
    company[(segment == STAFF) | (segment == CRAWLER) | unknown_strangers] = NO_COMPANY
    decides = below(draws.words("decision", buying), days + UNDECIDED_DAYS)
    decision_day = np.full(count, -1, np.int64)
    is_buyer = segment == BUYER
    # a whole committee looks around at the same time: its company's decision is everybody's
    decision_day[is_buyer] = decides[np.minimum(company[is_buyer], buying - 1)]
    return company, decision_day


def _groups(draws: Draws, eligible: Flags) -> Ints:
    """The number of the group that shares one device, or NO_GROUP."""
    words = draws.words("sharing", len(eligible))
    kind = pick(words, (COUPLES_PER_MILLE, KIOSK_PER_MILLE, 956))
    couple, kiosk = eligible & (kind == 0), eligible & (kind == 1)
    group = np.full(len(eligible), NO_GROUP, np.int64)
    group[couple] = (np.cumsum(couple)[couple] - 1) // COUPLE * 2
    group[kiosk] = (np.cumsum(kiosk)[kiosk] - 1) // KIOSK * 2 + 1
    return group


def _addresses(
    draws: Draws, segment: Ints, known: Ints, company: Ints, full_names: dict[int, str]
) -> dict[int, tuple[str, str]]:
    """For each known person the address of their name, and another one for later.

    No two people have one address, but for role addresses, which colleagues share.
    """
    count = len(segment)
    kind = pick_by(draws.words("mail kind", count), (known != BY_LOGIN).astype(np.int64),
                   _MAIL_WEIGHTS)  # fmt: skip
    kind[segment == CUSTOMER] = 0
    variants = below(draws.words("mail variant", count), 2**20).tolist()
    taken: set[str] = set()
    addresses: dict[int, tuple[str, str]] = {}
    for person, name in full_names.items():
        word, box = variants[person], names.mailbox(name)
        domain = names.company_domain(int(company[person]))
        choice = MAIL_KINDS[kind[person]]
        if segment[person] == STAFF:
            domain = names.COMPANY_DOMAIN
        elif choice == "free":
            domain = names.FREE_MAIL[word % len(names.FREE_MAIL)]
        elif choice == "disposable":
            domain = names.DISPOSABLE_MAIL[word % len(names.DISPOSABLE_MAIL)]
        elif word % 20 == 0:
            domain = f"eu.{domain}"
        if choice == "role" and segment[person] != STAFF:
            role = f"{names.ROLE_NAMES[word % len(names.ROLE_NAMES)]}@{domain}"
            addresses[person] = (role, role)
            continue
        address, again = f"{box}@{domain}", 1
        while address in taken:
            again += 1
            address = f"{box}{again}@{domain}"
        taken.add(address)
        # a second address: a colleague's box of the same number never has this form
        addresses[person] = (address, address.replace("@", f".{person}@"))
    return addresses
