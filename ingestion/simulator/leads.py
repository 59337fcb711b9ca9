"""What a CRM says of the people: a list of leads, some of whom the site has never seen.

Drawn from streams of its own, so the log of a seed is the same with it and without.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingestion.simulator import names
from ingestion.simulator.draws import Draws, Ints, Words, below, chance, pick
from ingestion.simulator.intent import CRAWLER, CUSTOMER, STAFF, UNKNOWN
from ingestion.simulator.people import NO_COMPANY, People
from ingestion.simulator.visits import Window

LEADS = "leads.csv"
COLUMNS = ("email", "name", "company", "job_title", "phone", "owner", "stage", "is_customer",
           "updated_at")  # fmt: skip
OWNERS = ("Alex Moreau", "Bea Lindgren", "Chidi Okafor", "Dana Whitfield", "")
_OWNER_WEIGHTS = (30, 26, 22, 14, 8)
STAGES = ("new", "contacted", "qualified", "proposal", "lost")
_STAGE_WEIGHTS = (38, 28, 18, 8, 8)
WON = "won"
KNOWN_PER_MILLE, KNOWN_CUSTOMERS_PER_MILLE = 350, 900
"""Of the people who gave a name, how many the CRM has."""
UNSEEN_PER_MILLE = 250
"""For a thousand of those, so many leads whom the site has never seen."""
TOLD_AGAIN_PER_MILLE = 60
"""Of all leads, how many have an older row in the file as well."""
_OTHER_COMPANIES = 5_000
"""From this number on companies of which nobody comes to the site."""


@dataclass(frozen=True)
class Leads:
    """Who the CRM has: the people of the log by number, then so many whom nobody has seen."""

    people: Ints
    unseen: int

    def __len__(self) -> int:
        return len(self.people) + self.unseen


def draw_leads(draws: Draws, people: People, present: Ints) -> Leads:
    """Leads among the people `present` in the log, and some beside them."""
    segment = people.segment[present]
    rate = np.where(segment == CUSTOMER, KNOWN_CUSTOMERS_PER_MILLE, KNOWN_PER_MILLE)
    is_lead = chance(draws.words("lead", len(people))[present], rate)
    is_lead &= (people.known[present] != UNKNOWN) & (segment != STAFF) & (segment != CRAWLER)
    chosen = present[is_lead]
    return Leads(chosen, len(chosen) * UNSEEN_PER_MILLE // 1000 + 1)


def write_leads(draws: Draws, window: Window, people: People, leads: Leads, folder: Path) -> int:
    """Writes leads.csv into `folder`: current rows, and older ones of the same addresses.

    Returns the number of rows.
    """
    count = len(leads)
    words = draws.words("lead's name", count)
    company = _companies(draws, people, leads)
    is_customer = np.zeros(count, np.bool_)
    is_customer[: len(leads.people)] = people.segment[leads.people] == CUSTOMER
    owner = pick(draws.words("owner", count), _OWNER_WEIGHTS)
    stage = pick(draws.words("stage", count), _STAGE_WEIGHTS)
    title = below(draws.words("lead's title", count), len(names.TITLES))
    per_mille = below(draws.words("updated", count), 1000)
    current, older = window.moment(per_mille), window.moment(per_mille // 2)
    is_told_again = chance(draws.words("told again", count), TOLD_AGAIN_PER_MILLE)
    addressed = _named(people, leads, words, company)
    with (folder / LEADS).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for place, (email, name) in enumerate(addressed):
            number, word = int(company[place]), int(words[place])
            row = [
                email,
                name,
                names.company_name(number) if number != NO_COMPANY else "",
                names.TITLES[title[place]] if word % 5 else "",
                f"+44 7700 {900_000 + word % 1000}" if word % 3 == 0 else "",
                OWNERS[owner[place]],
                WON if is_customer[place] else STAGES[stage[place]],
                "yes" if is_customer[place] else "no",
            ]
            rows.writerow([*row, _iso(int(current[place]))])
            if is_told_again[place]:
                rows.writerow([*row[:5], "", STAGES[0], "", _iso(int(older[place]) - 1000)])
    return count + int(is_told_again.sum())


def _companies(draws: Draws, people: People, leads: Leads) -> Ints:
    """Of each lead; half of those nobody has seen work where somebody has."""
    own = people.company[leads.people]
    elsewhere = _OTHER_COMPANIES + below(draws.words("lead's company", leads.unseen), 2_000)
    visited = own[own != NO_COMPANY]
    if len(visited):
        is_colleague = chance(draws.words("lead's colleague", leads.unseen), 500)
        whose = below(draws.words("lead's employer", leads.unseen), len(visited))
        elsewhere[is_colleague] = visited[whose[is_colleague]]
    return np.concatenate([own, elsewhere])


def _named(people: People, leads: Leads, words: Words, company: Ints) -> Iterator[tuple[str, str]]:
    """Address and name of each lead."""
    for person in leads.people.tolist():
        yield people.address(2 * person), people.names[person]
    taken: set[str] = set()
    for place in range(len(leads.people), len(leads)):
        name = names.full_name(int(words[place]))
        domain = names.company_domain(int(company[place]))
        # the boxes of those who come to the site begin with the first name
        last_first = ".".join(reversed(names.mailbox(name).split(".")))
        address, again = f"{last_first}@{domain}", 1
        while address in taken:
            again += 1
            address = f"{last_first}{again}@{domain}"
        taken.add(address)
        yield address, name


def _iso(milliseconds: int) -> str:
    return f"{np.datetime64(milliseconds // 1000, 's')}Z"
