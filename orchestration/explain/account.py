"""One account: its score, and the arithmetic by people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.rows import records

_ACCOUNT = """
select
    account_id, domain, company_name, as_of_date, account_score, account_band, points,
    people_count, active_people_14d, surge
from dim_accounts
where account_id = ?
"""
_REASONS = """
select
    reasons.reason_type, people.full_name, people.primary_email, people.intent_score,
    people.points, reasons.score_share, reasons.reason,
    -- by proportion: the shares are the account's points, scaled to its score
    case
        when accounts.account_score > 0
            then accounts.points * reasons.score_share / accounts.account_score
        else 0
    end as added_points
from fct_account_score_reasons as reasons
inner join dim_accounts as accounts on reasons.account_id = accounts.account_id
left join dim_people as people on reasons.person_id = people.person_id
where reasons.account_id = ?
order by reasons.reason_type = 'diversity', reasons.score_share desc, reasons.person_id
"""


@dataclass(frozen=True)
class AccountReason:
    """What one person, or the bonus for several, adds to the account's score."""

    reason_type: str
    """person or diversity."""
    full_name: str | None
    primary_email: str | None
    intent_score: float | None
    points: float | None
    """The person's own points."""
    score_share: float
    reason: str
    added_points: float
    """Points that it adds to the account: the second person's count half, and so on."""


@dataclass(frozen=True)
class AccountProfile:
    """The account's row of dim_accounts."""

    account_id: str
    domain: str
    company_name: str | None
    as_of_date: date
    account_score: float
    account_band: str
    points: float
    people_count: int
    active_people_14d: int
    surge: float | None


@dataclass(frozen=True)
class AccountExplained:
    """All that is told of an account."""

    profile: AccountProfile
    reasons: list[AccountReason]
    reasons_sum: float


def explain_account(connection: duckdb.DuckDBPyConnection, account_id: str) -> AccountExplained:
    """The account as the published tables have it."""
    reasons = records(AccountReason, connection, _REASONS, [account_id])
    return AccountExplained(
        profile=records(AccountProfile, connection, _ACCOUNT, [account_id])[0],
        reasons=reasons,
        reasons_sum=math.fsum(reason.score_share for reason in reasons),
    )
