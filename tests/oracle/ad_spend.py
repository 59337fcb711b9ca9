"""What ads cost: which row of a day and campaign holds, its channel, and reported amounts."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from tests.oracle.channels import NOT_SET, channel_of_ad, load_source_lists, lower
from tests.oracle.rules import SEEDS, Rules

REPORTING_CURRENCY = "EUR"
_EARLIEST = datetime(1, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True)
class Spend:
    """A row that holds."""

    day: date
    channel: str
    channel_rule: str
    source: str
    medium: str
    campaign: str
    currency: str
    cost: Decimal
    updated_at: datetime | None
    properties: str | None


def settled(rows: Iterable[Mapping[str, Any]], rules: Rules) -> list[Spend]:
    """Of rows of raw.ad_spend those that hold: told last, of equally late ones the dearest."""
    told: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        told.setdefault(_key(row), []).append(row)
    lists = load_source_lists(rules.site_domains)
    found = []
    for (day, source, medium, campaign, currency, _), same in told.items():
        latest = max(row["updated_at"] or _EARLIEST for row in same)
        late = [row for row in same if (row["updated_at"] or _EARLIEST) == latest]
        dearest = max(row["cost"] for row in late)
        holding = min(
            (row for row in late if row["cost"] == dearest), key=lambda row: row["content_md5"]
        )
        channel, rule = channel_of_ad(source, medium, campaign, lists)
        found.append(
            Spend(
                day,
                channel,
                rule,
                source,
                medium,
                campaign,
                currency,
                holding["cost"],
                holding["updated_at"],
                holding["properties"],
            )
        )
    return found


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    members = json.loads(row["properties"] or "{}")
    spelled = {(plain(name), as_tagged(value)) for name, value in members.items()}
    naming = {
        (name, value) for name, value in spelled if name not in measures() and value != NOT_SET
    }
    tagged = (as_tagged(row[name]) for name in ("source", "medium", "campaign"))
    return row["spend_date"], *tagged, row["currency"], tuple(sorted(naming))


def as_tagged(text: str | None) -> str:
    """A word as tagged links have it: white space folded, lower case."""
    blank = "".join(
        " " if unicodedata.category(c) in {"Zs", "Zl", "Zp", "Cc"} else c for c in text or ""
    )
    return lower(re.sub(" +", " ", blank).strip(" ")) or NOT_SET


def plain(name: str) -> str:
    """A column's name: lower case, one underscore for all between letters and digits."""
    spaced = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in lower(name))
    return "_".join(spaced.split())


def reported(amount: Decimal, currency: str) -> tuple[Decimal, str]:
    """An amount in the reporting currency, or in its own where that has no rate."""
    rate = _rates().get(currency)
    return (amount, currency) if rate is None else (amount * rate, REPORTING_CURRENCY)


@cache
def _rates() -> Mapping[str, Decimal]:
    return {row["currency"]: Decimal(row["rate"]) for row in _seed("currency_rates")}


@cache
def measures() -> frozenset[str]:
    """Plain names of the columns that name no ad."""
    return frozenset(row["column_name"] for row in _seed("ad_measure_columns"))


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / "ad_spend" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
