"""The ad-spend file beside the log: costs of the campaigns that the log shows, and of one more."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.simulator import simulate
from ingestion.simulator.ad_spend import CENTS_A_CLICK, COLUMNS, UNSEEN
from tests.unit.simulator.conftest import DAYS, END, SimulatedLog

Row = dict[str, str]


def spend_of(folder: Path) -> list[Row]:
    with (folder / "ad_spend.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def campaign_of(row: Row) -> tuple[str, str, str]:
    return row["source"], row["medium"], row["campaign"]


def test_the_same_seed_writes_the_same_costs(log: SimulatedLog, tmp_path: Path) -> None:
    summary = log.summary
    simulate(summary.events, tmp_path / "again", seed=summary.seed, days=DAYS, end=END)
    again = (tmp_path / "again" / "ad_spend.csv").read_bytes()
    assert again == (log.folder / "ad_spend.csv").read_bytes()


def test_each_campaign_that_is_paid_by_the_click_has_its_costs(log: SimulatedLog) -> None:
    tagged = re.findall(
        r"utm_source=([a-z-]+)&utm_medium=([a-z-]+)&utm_campaign=([a-z0-9-]+)",
        "\n".join(log.lines()),
    )
    paid = {found for found in tagged if found[:2] in CENTS_A_CLICK}
    rows = spend_of(log.folder)
    assert len(paid) > 15
    assert {campaign_of(row) for row in rows} >= paid
    assert UNSEEN in {campaign_of(row) for row in rows}
    assert UNSEEN not in tagged


def test_a_restated_cost_is_higher_and_told_later(log: SimulatedLog) -> None:
    rows = spend_of(log.folder)
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == log.summary.spend_rows
    told = Counter((row["day"], *campaign_of(row)) for row in rows)
    assert set(told.values()) == {1, 2}
    for key in (key for key, count in told.items() if count == 2):
        first, second = (row for row in rows if (row["day"], *campaign_of(row)) == key)
        assert first["updated_at"] < second["updated_at"]
        assert Decimal(first["cost"]) < Decimal(second["cost"])


def test_costs_are_of_the_days_of_the_log_and_in_two_currencies(log: SimulatedLog) -> None:
    rows = spend_of(log.folder)
    days = {date.fromisoformat(row["day"]) for row in rows}
    assert (min(days), max(days), len(days)) == (log.summary.first_day, END, DAYS)
    assert {row["currency"] for row in rows} == {"EUR", "USD"}
    assert all(Decimal(row["cost"]) > 0 for row in rows)


@pytest.mark.parametrize("events", [1, 2])
def test_the_smallest_log_has_costs_too(tmp_path: Path, events: int) -> None:
    summary = simulate(events, tmp_path / "log", seed=1, days=1, end=date(2026, 3, 31))
    assert summary.spend_rows == len(spend_of(tmp_path / "log")) >= 1
