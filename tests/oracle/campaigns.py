"""What campaigns brought and cost, by weeks, months and the last days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.ad_spend import REPORTING_CURRENCY, Spend, reported
from tests.oracle.attribution import DIRECT, MODELS, Credit
from tests.oracle.channels import DIRECT as FROM_NOWHERE
from tests.oracle.channels import NONE, NOT_SET
from tests.oracle.visits import Campaign, Visit, day_of, month_of, week_of

RECENT_DAYS = 28
NO_VISIT: Campaign = (DIRECT, FROM_NOWHERE, NONE, NOT_SET)
"""Where a conversion belongs that no session led to."""

Key = tuple[str, date, Campaign, str, str]
"""Period, its first day, campaign, model and currency."""


@dataclass
class Figures:
    """What a row of the report says. Value is exact to four decimals for each of `credits`."""

    session_count: int = 0
    engaged_session_count: int = 0
    people: set[str] = field(default_factory=set)
    identified: set[str] = field(default_factory=set)
    hot: set[str] = field(default_factory=set)
    conversion_count: float = 0.0
    value: Decimal = Decimal()
    credits: int = 0
    cost: Decimal = Decimal()
    is_whole: bool = True


def campaign_report(
    visits: Iterable[Visit], credits_: Iterable[Credit], spend: Iterable[Spend], as_of: date
) -> dict[Key, Figures]:
    """Every row of the report, by its key."""
    rows: dict[Key, Figures] = {}
    campaign_of = {visit.session_id: visit.campaign for visit in visits}
    for visit in visits:
        for period, start in periods_of(visit.date, as_of):
            for model in MODELS:
                key = (period, start, visit.campaign, model, REPORTING_CURRENCY)
                row = rows.setdefault(key, Figures())
                row.session_count += 1
                row.engaged_session_count += visit.is_engaged
                row.people.add(visit.person)
                if visit.is_identified:
                    row.identified.add(visit.person)
                if visit.is_hot:
                    row.hot.add(visit.person)
    for one in credits_:
        conversion = one.conversion
        share = conversion.value * Decimal(one.credit)
        value, currency = _reported(share, conversion.currency)
        campaign = campaign_of[one.touchpoint.session_id] if one.touchpoint else NO_VISIT
        for period, start in periods_of(day_of(conversion.converted_at), as_of):
            key = (period, start, campaign, one.model, REPORTING_CURRENCY)
            rows.setdefault(key, Figures()).conversion_count += one.credit
            row = rows.setdefault((*key[:4], currency), Figures())
            row.value += value
            row.credits += 1
    for paid in spend:
        cost, currency = _reported(paid.cost, paid.currency)
        campaign = (paid.channel, paid.source, paid.medium, paid.campaign)
        for period, start in periods_of(paid.day, as_of):
            for model in MODELS:
                row = rows.setdefault((period, start, campaign, model, currency), Figures())
                row.cost += cost
    broken = {key[:4] for key in rows if key[4] != REPORTING_CURRENCY}
    for key, row in rows.items():
        row.is_whole = key[:4] not in broken
    return rows


def _reported(amount: Decimal, currency: str) -> tuple[Decimal, str]:
    """As `reported`, but nothing is nothing in any currency: it does not stand apart."""
    return reported(amount, currency) if amount else (amount, REPORTING_CURRENCY)


def periods_of(day: date, as_of: date) -> Iterator[tuple[str, date]]:
    """The periods that a day belongs to, each with its first day."""
    yield "week", week_of(day)
    yield "month", month_of(day)
    recent = as_of - timedelta(days=RECENT_DAYS)
    if recent <= day < as_of:
        yield "recent", recent
