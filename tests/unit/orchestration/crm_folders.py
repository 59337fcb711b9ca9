"""Helpers for tests of what leaves for a CRM."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import duckdb

from ingestion.settings import Settings
from orchestration.exports.crm.objects import CRMS

JULY_1, JULY_2, JULY_3 = (date(2026, 7, day) for day in (1, 2, 3))
OBJECTS = [(crm, each) for crm in CRMS for each in crm.objects]
NAMES = [each.name for _, each in OBJECTS]


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def publish_again(settings: Settings, as_of: date, *statements: str) -> None:
    """Changes what is published, and the day that it is of."""
    with duckdb.connect(str(settings.analytics)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.execute("update ops.refreshes set as_of_date = ?", [as_of])
        for name in NAMES:
            connection.execute(f"update marts.sync_{name} set as_of_date = ?", [as_of])
