"""What a CRM says: the current lead of an address, of a person, of a company."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from tests.oracle.identity import Identity
from tests.oracle.lists import BUSINESS, email_class, registrable_domain
from tests.oracle.names import EMAIL, Node, one_spelling
from tests.oracle.rules import Rules

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True)
class Lead:
    """A row of raw.leads. Times are UTC, without a zone."""

    email: str
    full_name: str | None
    company_name: str | None
    job_title: str | None
    phone: str | None
    owner: str | None
    stage: str | None
    is_customer: bool | None
    updated_at: datetime | None
    content_md5: str
    properties: str | None


@dataclass(frozen=True)
class PlacedLead:
    """A current lead: the label of the person who holds the address, the domain of the company.

    Both are None where nobody was seen.
    """

    lead: Lead
    email_class: str
    person: str | None
    account_domain: str | None


@dataclass(frozen=True)
class Said:
    """What the leads of one person say together; None where none says anything."""

    full_name: str | None = None
    company_name: str | None = None
    job_title: str | None = None
    phone: str | None = None
    owner: str | None = None
    stage: str | None = None
    is_customer: bool = False


@dataclass(frozen=True)
class Kept:
    """Who in sales looks after a company, and whether it is a customer."""

    owner: str | None
    is_customer: bool


@dataclass(frozen=True)
class Seen:
    """A person with an event, as far as leads look at one."""

    primary_email: str | None
    account_domain: str | None
    intent_score: float


def from_raw_rows(rows: Iterable[Mapping[str, Any]]) -> list[Lead]:
    """Rows of raw.leads as dictionaries."""
    names = [field.name for field in fields(Lead)]
    return [Lead(**{name: row[name] for name in names}) for row in rows]


def placed_leads(
    leads: Iterable[Lead], identity: Identity, people: Mapping[str, Seen], rules: Rules
) -> dict[str, PlacedLead]:
    """The current lead of each address: the latest, of equally late ones the smallest md5."""
    by_address: dict[str, list[Lead]] = {}
    for lead in leads:
        address = one_spelling(lead.email, rules)
        by_address.setdefault(address, []).append(replace(lead, email=address))
    accounts = {person.account_domain for person in people.values()}
    placed: dict[str, PlacedLead] = {}
    for address, told in by_address.items():
        current = sorted(told, key=lambda lead: (_lateness(lead), lead.content_md5))[0]
        own_class = email_class(address, rules)
        domain = registrable_domain(address) if own_class == BUSINESS else None
        holder = identity.person_of_node.get(Node(EMAIL, address))
        placed[address] = PlacedLead(
            lead=current,
            email_class=own_class,
            person=holder if holder in people else None,
            account_domain=domain if domain in accounts else None,
        )
    return placed


def said_of(label: str, person: Seen, leads: Iterable[PlacedLead]) -> Said:
    """The lead of the primary address first, then the latest, then the smallest address."""
    own = sorted(
        (placed.lead for placed in leads if placed.person == label),
        key=lambda lead: (lead.email != person.primary_email, _lateness(lead), lead.email),
    )

    def first(name: str) -> Any:
        return next((value for lead in own if (value := getattr(lead, name)) is not None), None)

    return Said(
        full_name=first("full_name"),
        company_name=first("company_name"),
        job_title=first("job_title"),
        phone=first("phone"),
        owner=first("owner"),
        stage=first("stage"),
        is_customer=any(lead.is_customer for lead in own),
    )


def kept_by(
    domain: str,
    people: Mapping[str, Seen],
    said: Mapping[str, Said],
    leads: Iterable[PlacedLead],
) -> Kept:
    """The owner of the keenest person that has one, else of the latest lead at the domain."""
    members = [label for label, person in people.items() if person.account_domain == domain]
    at_domain = [placed.lead for placed in leads if placed.account_domain == domain]
    keenest = sorted(members, key=lambda label: (-round(people[label].intent_score, 9), _id(label)))
    latest = sorted(at_domain, key=lambda lead: (_lateness(lead), lead.email))
    owners = [said[label].owner for label in keenest] + [lead.owner for lead in latest]
    return Kept(
        owner=next((owner for owner in owners if owner is not None), None),
        is_customer=any(said[label].is_customer for label in members)
        or any(lead.is_customer for lead in at_domain),
    )


def _lateness(lead: Lead) -> tuple[bool, timedelta]:
    """Sorts the latest first, and last what has no time."""
    if lead.updated_at is None:
        return (True, timedelta())
    return (False, _EPOCH - lead.updated_at)


def _id(label: str) -> str:
    """The id of a person whom a node names, which decides between equally keen ones."""
    return hashlib.md5(label.encode()).hexdigest()
