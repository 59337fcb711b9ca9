"""What ads cost that led to the visits of the log: a row for each day and campaign.

Drawn from streams of its own, so the log of a seed is the same with it and without.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from ingestion.simulator.draws import Draws, below, chance
from ingestion.simulator.log import Log
from ingestion.simulator.sources import SOURCES, campaign
from ingestion.simulator.visits import DAY_MS, Window

AD_SPEND = "ad_spend.csv"
COLUMNS = ("day", "source", "medium", "campaign", "cost", "currency", "clicks", "updated_at")
CENTS_A_CLICK = {
    ("google", "cpc"): 210, ("bing", "cpc"): 140, ("linkedin", "paid-social"): 520,
    ("facebook", "paid-social"): 90, ("twitter", "paid-social"): 80,
    ("tiktok", "paid-social"): 60, ("reddit", "cpc"): 70, ("metricweekly", "display"): 110,
}  # fmt: skip
"""By source and medium of those that are paid by the click."""
EUR, USD = "EUR", "USD"
_BILLED_IN_DOLLARS = {"linkedin", "twitter", "reddit"}
UNSEEN = ("youtube", "cpv", "product-film")
"""A campaign that costs a little every day and brings nobody."""
_UNSEEN_CENTS = 900
RESTATED_PER_MILLE = 40
"""Of all rows, how many stood in the file before, with an earlier time and a lower cost."""


@dataclass(frozen=True, order=True)
class _Place:
    """What a row is of."""

    day: date
    source: str
    medium: str
    campaign: str


def write_ad_spend(draws: Draws, window: Window, log: Log, folder: Path) -> int:
    """Writes ad_spend.csv into `folder`; returns the number of rows, restated ones twice."""
    visits = _paid_visits(log, window)
    days = [window.first_day + timedelta(days=number) for number in range(window.days)]
    places = sorted({*visits, *(_Place(day, *UNSEEN) for day in days)})
    # some click and are gone before the page counts them
    lost = below(draws.words("lost clicks", len(places)), 4)
    price = 800 + below(draws.words("price of a click", len(places)), 401)
    is_restated = chance(draws.words("restated cost", len(places)), RESTATED_PER_MILLE)
    with (folder / AD_SPEND).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for number, place in enumerate(places):
            clicks = visits[place] + int(lost[number])
            cents = CENTS_A_CLICK.get((place.source, place.medium), 0) * clicks or _UNSEEN_CENTS
            cents = cents * int(price[number]) // 1000
            if is_restated[number]:
                rows.writerow(_row(place, cents * 9 // 10, clicks * 9 // 10, 1))
            rows.writerow(_row(place, cents, clicks, 2))
    return len(places) + int(is_restated.sum())


def _paid_visits(log: Log, window: Window) -> Counter[_Place]:
    """How many visits of the log each campaign brought on each day."""
    of_events = np.unique(log.events.visit)
    of_events = of_events[of_events >= 0]
    paid = [
        number for number, source in enumerate(SOURCES)
        if (source.source, source.medium) in CENTS_A_CLICK
    ]  # fmt: skip
    visits = of_events[np.isin(log.visits.source[of_events], paid)]
    days = (log.visits.start[visits] - window.start_ms) // DAY_MS
    found: Counter[_Place] = Counter()
    for day, number, token in zip(
        days.tolist(),
        log.visits.source[visits].tolist(),
        log.identifiers.click_tokens(visits),
        strict=True,
    ):
        source = SOURCES[number]
        at = window.first_day + timedelta(days=day)
        found[_Place(at, source.source, source.medium, campaign(source, token))] += 1
    return found


def _row(place: _Place, cents: int, clicks: int, days_later: int) -> list[str]:
    told_at = datetime.combine(place.day + timedelta(days=days_later), time(4))
    return [
        place.day.isoformat(),
        place.source,
        place.medium,
        place.campaign,
        f"{cents // 100}.{cents % 100:02}",
        USD if place.source in _BILLED_IN_DOLLARS else EUR,
        str(clicks),
        f"{told_at.isoformat()}Z",
    ]
