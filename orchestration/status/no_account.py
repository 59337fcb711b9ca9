"""Why a log shows no account, and what to load beside it: the first thing that may puzzle a new
user, since an access log alone names nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.console import counted, cut
from orchestration.rows import records
from orchestration.status.freshness import COLD_AFTER_DAYS

_PEOPLE = """
select
    count(*) as people,
    count(primary_email) as with_address,
    count(*) filter (where intent_score > 0) as with_score,
    (
        select count(distinct events.person_id)
        from marts.fct_events as events
        inner join marts.dim_people as known
            on events.person_id = known.person_id and known.primary_email is not null
        where events.event_type in ('page', 'screen', 'track')
    ) as seen_with_address,
    (
        select count(*) from marts.map_identities where identifier_type = 'user_id'
    ) as user_ids,
    (
        select min(identifier) from marts.map_identities where identifier_type = 'user_id'
    ) as a_user_id,
    max(last_scored_date) filter (
        where primary_email is not null and exclusion_reason is null
    ) as last_scored_on,
    max(as_of_date) as as_of_date
from marts.dim_people
"""


@dataclass(frozen=True)
class Known:
    """Who is known of the people of the published file."""

    people: int
    with_address: int
    with_score: int
    seen_with_address: int
    """With an address, and not only named but seen to do something."""
    user_ids: int
    a_user_id: str | None
    last_scored_on: date | None
    """The UTC day on which somebody with an address last did what counts."""
    as_of_date: date | None
    """None where there is nobody."""

    @property
    def has_faded(self) -> bool:
        """Whether what they did counted, and is too old to make a score."""
        if self.last_scored_on is None or self.as_of_date is None:
            return False
        return (self.as_of_date - self.last_scored_on).days > COLD_AFTER_DAYS


def read_known(connection: duckdb.DuckDBPyConnection) -> Known:
    """Reads it from the published file."""
    [known] = records(Known, connection, _PEOPLE)
    return known


def no_account_lines(known: Known) -> Iterator[str]:
    """Why there is no account: a company is known by the addresses of its people."""
    if known.has_faded:
        yield (
            f"No account has a score as of {known.as_of_date}: what those with an address did "
            f"counted, on {known.last_scored_on} last, and has faded since."
        )
        return
    if known.seen_with_address or not known.people:
        yield "No account has a score: nobody with an address at a company did what counts."
        return
    if known.with_address:
        people = "person has" if known.with_address == 1 else "people have"
        yield (
            f"No account has a score: {known.with_address:,} {people} an address, but nothing "
            "that they did is in the log. "
            "User ids of a list of users must be those of the log, letter by letter."
        )
        return
    yield (
        f"No account: nobody of {counted(known.people, 'visitor')} gave an e-mail "
        "address, and a company is known by those of its people."
    )
    if known.a_user_id is None:
        yield (
            "An access log names its logged-in users alone, and here is none. "
            "How a server records them: docs/formats.md#access-logs"
        )
    else:
        users = counted(known.user_ids, "user id")
        yield f"{users} of logged-in users are known. Who they are, a CSV says; load it too:"
        yield "  type,user_id,email,timestamp"
        yield f"  identify,{cut(known.a_user_id, 40)},anna@acme.example,2026-01-31"
    if known.with_score:
        yield (
            f"Of the visitors, {known.with_score:,} have a score: "
            'intent query "from dim_people order by intent_score desc limit 10"'
        )
