"""Who somebody is and why they score: as is published, or as it stood on a past day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.explain.account import AccountExplained, explain_account
from orchestration.explain.identity import Found, NobodyError, find, unseen_lead_words
from orchestration.explain.past import cut_at, ends_by, find_then
from orchestration.explain.person import PersonExplained, explain_person

Explained = PersonExplained | AccountExplained


def explain(
    settings: Settings,
    who: str,
    as_of: date | None,
    wait_seconds: float = 600,
    say: Callable[[str], None] | None = None,
) -> tuple[Found, list[Explained]]:
    """What there is to say of `who`: with the published tables, or on the log cut at `as_of`.

    say: is told before something that takes long. Raises UserError where nobody is so called, or
    was by then; lock.LockBusyError when the wait for another writer was in vain: the log of a past
    day is cut out of the pipeline's own file.
    """
    with published(settings) as connection:
        if as_of is None or _is_published(connection, as_of):
            found = _found(connection, who)
            return found, _explained(connection, found)
    with cut_at(settings, who, as_of, wait_seconds, say) as connection:
        found = find_then(connection, who, as_of)
        return found, _explained(connection, found)


def _found(connection: duckdb.DuckDBPyConnection, who: str) -> Found:
    try:
        return find(connection, who)
    except NobodyError:
        if words := unseen_lead_words(connection, who):
            raise UserError(words) from None
        raise


def _is_published(connection: duckdb.DuckDBPyConnection, as_of: date) -> bool:
    """Whether the published tables are those of the log cut at `as_of`."""
    row = connection.execute(
        "select as_of_date from ops.refreshes order by published_at desc limit 1"
    ).fetchone()
    return row is not None and row[0] == as_of and ends_by(connection, as_of)


def _explained(connection: duckdb.DuckDBPyConnection, found: Found) -> list[Explained]:
    return [
        explain_account(connection, name)
        if found.kind == "domain"
        else explain_person(connection, name)
        for name in found.ids
    ]
