"""Costs and values in a currency without a rate, which reports show apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from orchestration import console
from orchestration.rows import records

RATES_SEED = "seeds/ad_spend/currency_rates.csv"

# every day is in one month, and costs and values are the same by every model of attribution
_UNRATED = """
select currency, sum(cost) as cost, sum(value) as value
from marts.rpt_campaigns
where not has_rate and period = 'month' and model = 'first'
group by currency
order by currency
"""


@dataclass(frozen=True)
class Unrated:
    """What was spent, and what conversions were worth, in a currency without a rate."""

    currency: str
    cost: Decimal
    value: Decimal


def unrated_amounts(connection: duckdb.DuckDBPyConnection) -> tuple[Unrated, ...]:
    """By currency; nothing where an older version published."""
    try:
        return tuple(records(Unrated, connection, _UNRATED))
    except (duckdb.CatalogException, duckdb.BinderException):
        return ()


def unrated_words(unrated: Sequence[Unrated]) -> str:
    """The currencies with their amounts, and where to give a rate."""
    amounts = ", ".join(
        f"{console.safe(each.currency)} ({', '.join(_amounts(each))})" for each in unrated
    )
    verbs = ("has", "stands") if len(unrated) == 1 else ("have", "stand")
    return (
        f"{amounts} {verbs[0]} no rate and {verbs[1]} apart in rpt_campaigns;"
        f" give one in {RATES_SEED}"
    )


def _amounts(unrated: Unrated) -> list[str]:
    named = (("cost", unrated.cost), ("value", unrated.value))
    return [f"{name} {amount:,.2f}" for name, amount in named if amount] or ["worth nothing"]
