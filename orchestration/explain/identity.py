"""Who a name stands for: the identifiers of a person, and the events that link them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingestion.errors import UserError
from orchestration.given_text import check_text
from orchestration.rows import records

_KINDS = ("email", "user_id", "anonymous_id")
"""In this order, should a text be several of them."""

_FIND = """
select distinct cast(canonical_person_id as varchar)
from map_identities
where identifier_type = ? and identifier = ?
"""
# a shared mailbox is nobody's name, and yet lists tell of it whoever scores most there
_AT_ADDRESS = """
select cast(person_id as varchar)
from dim_people
where primary_email = ?
order by exclusion_reason is not null, intent_score desc, person_id
"""
# an id noted down before a merge is the person's that it went into
_MOVED = """
select cast(canonical_person_id as varchar)
from map_person_ids
where own_person_id = try_cast(? as uuid)
"""
_LEAD = """
select accounts.domain
from dim_leads as leads
left join dim_accounts as accounts on leads.account_id = accounts.account_id
where leads.email = ? and leads.person_id is null
"""
_IDENTIFIERS = """
select
    identities.identifier_type, identities.identifier,
    identities.valid_from, identities.valid_to,
    identities.first_seen_at, identities.last_seen_at,
    identities.link_event_id, events.event_type as link_event_type,
    events.event_name as link_event_name, events.event_at as link_event_at,
    case
        when identities.identifier_type = 'anonymous_id'
            then coalesce(events.user_id, events.email)
    end as named_as,
    case
        when identities.identifier_type != 'anonymous_id' then null
        when events.user_id is not null then 'user_id'
        when events.email is not null then 'email'
    end as named_type
from map_identities as identities
left join fct_events as events on identities.link_event_id = events.event_id
where identities.canonical_person_id = ?
order by
    list_position(['user_id', 'email', 'anonymous_id'], identities.identifier_type),
    identities.first_seen_at nulls last, identities.identifier, identities.valid_from nulls first
"""
_LINKS = """
select
    link_type, left_identifier_type, left_identifier, right_identifier_type, right_identifier,
    event_id, event_at
from map_accepted_links
where canonical_person_id = ?
order by event_at nulls first, event_id, left_identifier, right_identifier
"""
_REFUSED = """
select
    links.link_type, links.left_identifier_type, links.left_identifier,
    links.right_identifier_type, links.right_identifier, links.reason,
    links.event_id, links.event_at
from map_refused_links as links
where exists (
    select 1
    from map_identities as identities
    where identities.canonical_person_id = ?
        and (
            (identities.identifier_type, identities.identifier)
            = (links.left_identifier_type, links.left_identifier)
            or (identities.identifier_type, identities.identifier)
            = (links.right_identifier_type, links.right_identifier)
        )
)
order by links.event_at, links.event_id
"""


@dataclass(frozen=True)
class Found:
    """What a text names: one or more people, or an account."""

    kind: str
    """email, user_id, anonymous_id, person_id or domain."""
    name: str
    ids: tuple[str, ...]
    """Person ids (a device may have served several people), or the account's id."""


@dataclass(frozen=True)
class Identifier:
    """One identifier of a person, or one slice of a device's time; times are UTC."""

    identifier_type: str
    identifier: str
    valid_from: datetime | None
    valid_to: datetime | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    link_event_id: str | None
    """The evidence: the event of the earliest accepted link; None where it is its own name."""
    link_event_type: str | None
    link_event_name: str | None
    link_event_at: datetime | None
    named_as: str | None
    """Of a device: the user id, or else the address, that this event carries."""
    named_type: str | None


@dataclass(frozen=True)
class Link:
    """Two names that are one person since an event, or somebody, said so; times are UTC."""

    link_type: str
    """identify, alias or override."""
    left_identifier_type: str
    left_identifier: str
    right_identifier_type: str
    right_identifier: str
    event_id: str | None
    """The first that said so; None for an override."""
    event_at: datetime | None


@dataclass(frozen=True)
class RefusedLink:
    """A link that an event asked for and that was not made; times are UTC."""

    link_type: str
    left_identifier_type: str
    left_identifier: str
    right_identifier_type: str
    right_identifier: str
    reason: str
    event_id: str | None
    """None for an override."""
    event_at: datetime | None


class NobodyError(UserError):
    """A text that names nobody and no account of the published tables."""


def find(connection: duckdb.DuckDBPyConnection, who: str) -> Found:
    """The people or the account that `who` names. Raises NobodyError where nobody is so called,
    UserError for a text that is no name."""
    check_text(who, "The name")
    text = who.strip()
    for kind in _KINDS:
        name = text.lower() if kind == "email" else text
        rows = connection.execute(_FIND, [kind, name]).fetchall()
        if rows:
            named = sorted(row[0] for row in rows)
            if kind == "email":
                named = _with_all_at(connection, name, named)
            return Found(kind, name, tuple(named))
    rows = connection.execute(_MOVED, [text]).fetchall()
    if rows:
        return Found("person_id", text, (rows[0][0],))
    domain = text.lower().removeprefix("www.")
    rows = connection.execute(
        "select cast(account_id as varchar) from dim_accounts where domain = ?", [domain]
    ).fetchall()
    if rows:
        return Found("domain", domain, (rows[0][0],))
    raise NobodyError(
        f"{who!r} is no e-mail, user id, anonymous id, person id or account domain"
        " in the published tables"
    )


def unseen_lead_words(connection: duckdb.DuckDBPyConnection, who: str) -> str | None:
    """What to say of an address that the CRM alone knows; None of one that it does not know."""
    row = connection.execute(_LEAD, [who.strip().lower()]).fetchone()
    if row is None:
        return None
    words = f"{who!r} is a lead of the CRM, not seen on the site yet"
    return f"{words}; for the company, run: intent explain {row[0]}" if row[0] else words


def _with_all_at(
    connection: duckdb.DuckDBPyConnection, address: str, named: list[str]
) -> list[str]:
    """Who is written to at the address, the highest score first, and whom it names besides; a name
    without an event only where there is nobody else."""
    there = [row[0] for row in connection.execute(_AT_ADDRESS, [address]).fetchall()]
    others = [person_id for person_id in named if person_id not in there]
    known = connection.execute(
        "select cast(person_id as varchar) from dim_people"
        " where list_contains(?::uuid[], person_id)",
        [others],
    ).fetchall()
    found = [*there, *(each for each in others if (each,) in known)]
    return found or named


def identifiers(connection: duckdb.DuckDBPyConnection, person_id: str) -> list[Identifier]:
    """Everything that names the person, names first, then devices by time."""
    return records(Identifier, connection, _IDENTIFIERS, [person_id])


def links(connection: duckdb.DuckDBPyConnection, person_id: str) -> list[Link]:
    """Links between the person's names, decisions by hand first, then in order of time."""
    return records(Link, connection, _LINKS, [person_id])


def refused_links(connection: duckdb.DuckDBPyConnection, person_id: str) -> list[RefusedLink]:
    """Links of the person's names that were refused, in order of time."""
    return records(RefusedLink, connection, _REFUSED, [person_id])
