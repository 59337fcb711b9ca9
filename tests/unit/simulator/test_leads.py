"""The list of leads beside the log: whom it holds, and that it holds its tongue about the rest."""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from pathlib import Path

import pytest

from ingestion.simulator import simulate
from ingestion.simulator.leads import COLUMNS, OWNERS
from tests.unit.simulator.conftest import DAYS, END, SimulatedLog, milliseconds

DIGEST = "e6ca069863920a3b42a2bcc6611290840e4ae588822b1fadaa178199740ebf02"
"""Of the log with the arguments below, as it is without leads beside it."""


def leads_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "leads.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def truth_of(folder: Path) -> dict[str, str]:
    """The segment behind each address that the log gives."""
    with (folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        return {
            address: row["segment"]
            for row in csv.DictReader(file)
            for address in row["emails"].split(";")
        }


def test_leads_leave_the_log_of_a_seed_as_it_was(tmp_path: Path) -> None:
    simulate(2_000, tmp_path / "log", seed=11, days=30, end=date(2026, 3, 31))
    content = (tmp_path / "log" / "events-0001.ndjson").read_bytes()
    assert hashlib.sha256(content).hexdigest() == DIGEST


def test_the_same_seed_writes_the_same_leads(log: SimulatedLog, tmp_path: Path) -> None:
    summary = log.summary
    simulate(summary.events, tmp_path / "again", seed=summary.seed, days=DAYS, end=END)
    again = (tmp_path / "again" / "leads.csv").read_bytes()
    assert again == (log.folder / "leads.csv").read_bytes()


def test_some_leads_are_people_of_the_log_and_some_were_never_on_the_site(
    log: SimulatedLog,
) -> None:
    addresses = {row["email"] for row in leads_of(log.folder)}
    text = "\n".join(log.lines())
    unseen = {address for address in addresses if f'"{address}"' not in text}
    assert len(addresses) == log.summary.leads
    assert len(unseen) >= log.summary.unseen_leads > 10
    assert len(addresses - unseen) > 50


def test_customers_are_marked_and_neither_staff_nor_crawlers_are_leads(
    log: SimulatedLog,
) -> None:
    segments = truth_of(log.folder)
    rows = leads_of(log.folder)
    customers = {row["email"] for row in rows if row["is_customer"] == "yes"}
    assert {segments.get(address, "customer") for address in customers} == {"customer"}
    assert {segments.get(row["email"], "unseen") for row in rows} & {"staff", "crawler"} == set()
    assert len(customers) > 10


def test_an_address_told_of_twice_was_changed_at_two_times(log: SimulatedLog) -> None:
    rows = leads_of(log.folder)
    assert tuple(rows[0]) == COLUMNS
    assert {row["owner"] for row in rows} == set(OWNERS)
    moments = {(row["email"], milliseconds(row["updated_at"])) for row in rows}
    assert len(moments) == len(rows) > log.summary.leads


@pytest.mark.parametrize("events", [1, 2])
def test_the_smallest_log_has_a_list_too(tmp_path: Path, events: int) -> None:
    summary = simulate(events, tmp_path / "log", seed=1, days=1, end=date(2026, 3, 31))
    assert summary.leads == len({row["email"] for row in leads_of(tmp_path / "log")})
