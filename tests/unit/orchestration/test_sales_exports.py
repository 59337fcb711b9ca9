"""The two lists for sales, from the published file."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.exports.columns import (
    ACCOUNTS,
    CHANGES,
    MAILING,
    NEW_BUSINESS,
    PEOPLE,
    REASONS,
    SALES_TABLES,
)
from orchestration.exports.sales import export_table
from tests.unit.orchestration.small_marts import ANNA, BOB, HOSTILE_NAME


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_accounts_are_sorted_hottest_first(published: Settings) -> None:
    path, row_count = export_table(published, ACCOUNTS)
    assert path == published.exports / "accounts_2026-06-30.csv"
    assert row_count == 2
    assert [row["domain"] for row in rows_of(path)] == ["acme.com", "zeta.com"]


def test_a_hostile_company_name_is_guarded_and_numbers_are_not(published: Settings) -> None:
    path, _ = export_table(published, ACCOUNTS)
    acme = rows_of(path)[0]
    assert acme["company_name"] == "'" + HOSTILE_NAME
    path, _ = export_table(published, PEOPLE)
    zoe = rows_of(path)[1]
    assert zoe["score_change_7d"] == "-3"
    assert zoe["full_name"] == "Zoë\n'=1+1"


def test_scores_are_whole_and_times_are_in_the_zone_of_the_reader(
    published: Settings,
) -> None:
    path, _ = export_table(replace(published, timezone="Asia/Tokyo"), PEOPLE)
    anna = rows_of(path)[0]
    assert anna["intent_score"] == "60"
    assert anna["last_seen_at"] == "2026-06-30 07:30"
    assert anna["as_of_date"] == "2026-06-30"


def test_latest_holds_the_same_file_and_none_of_an_earlier_day(published: Settings) -> None:
    latest = published.exports / "latest"
    latest.mkdir(parents=True)
    (latest / "people_2026-06-29.csv").write_text("old")
    own = ["notes.txt", "people_2026-06-29.xlsx", "people_called_by_kim.csv"]
    for name in own:
        (latest / name).write_text("kept")
    path, _ = export_table(published, PEOPLE)
    assert sorted(file.name for file in latest.iterdir()) == sorted([*own, path.name])
    assert (latest / path.name).read_bytes() == path.read_bytes()


def test_every_table_for_sales_is_a_csv_with_its_columns(published: Settings) -> None:
    for table in SALES_TABLES:
        path, row_count = export_table(published, table)
        rows = rows_of(path)
        assert len(rows) == row_count > 0
        assert list(rows[0]) == table.headings


def test_reasons_stand_in_order_below_the_keenest_person(published: Settings) -> None:
    rows = rows_of(export_table(published, REASONS)[0])
    assert [(row["email"], row["score_share"]) for row in rows] == [
        ("anna@acme.com", "45"),
        ("anna@acme.com", "15"),
        ("zoe@zeta.com", "20"),
    ]


def test_in_a_first_export_everything_is_new(published: Settings) -> None:
    rows = rows_of(export_table(published, CHANGES)[0])
    assert [row["entity"] for row in rows] == [
        "anna@acme.com", "acme.com", "zeta.com", "zoe@zeta.com",
    ]  # fmt: skip
    assert {row["change"] for row in rows} == {"new"}
    assert {row["compared_with"] for row in rows} == {""}


def test_a_lead_whom_nobody_has_seen_stands_in_the_list_with_nothing(published: Settings) -> None:
    rows = {row["email"]: row for row in rows_of(export_table(published, PEOPLE)[0])}
    new = rows["new@acme.com"]
    assert {name: value for name, value in new.items() if value} == {
        "email": "new@acme.com",
        "full_name": "'=1+1",
        "job_title": "CFO",
        "company_name": "ACME",
        "account_domain": "acme.com",
        "intent_band": "cold",
        "intent_score": "0",
        "score_change_7d": "0",
        "why": "Not seen on the site yet",
        "session_count": "0",
        "account_score": "58",
        "account_band": "warm",
        "owner": "Kim Lee",
        "stage": "cold call",
        "flags": "cannot_email",
        "can_email": "no",
        "is_customer": "no",
        "as_of_date": "2026-06-30",
    }


def test_neither_our_own_nor_thrown_away_addresses_are_listed_nor_one_twice(
    published: Settings,
) -> None:
    rows = rows_of(export_table(published, PEOPLE)[0])
    assert [row["email"] for row in rows] == [
        "anna@acme.com", "zoe@zeta.com", "new@acme.com", "nobodys@free.example",
        "old@free.example",
    ]  # fmt: skip


def test_of_a_mailbox_that_events_name_it_is_not_said_that_nobody_has_seen_it(
    published: Settings,
) -> None:
    with duckdb.connect(str(published.analytics)) as connection:
        connection.execute(
            "insert into marts.map_identities by name"
            " select 'email' as identifier_type, 'new@acme.com' as identifier"
        )
    rows = {row["email"]: row for row in rows_of(export_table(published, PEOPLE)[0])}
    assert rows["new@acme.com"]["why"] == "No visit of its own yet"


def test_an_address_at_which_nobody_is_but_who_is_excluded_is_not_listed(
    published: Settings,
) -> None:
    with duckdb.connect(str(published.analytics)) as connection:
        connection.execute(
            f"insert into marts.dim_people by name select * replace ('{BOB}' as person_id,"
            " 'new@acme.com' as primary_email, 'bot' as exclusion_reason)"
            f" from marts.dim_people where person_id = '{ANNA}'"
        )
    rows = rows_of(export_table(published, PEOPLE)[0])
    assert "new@acme.com" not in {row["email"] for row in rows}


def test_flags_are_shown_in_the_list_of_all_and_keep_nobody_out_of_it(published: Settings) -> None:
    rows = {row["email"]: row for row in rows_of(export_table(published, PEOPLE)[0])}
    zoe = rows["zoe@zeta.com"]
    assert (zoe["flags"], zoe["can_email"]) == ("customer, cannot_email", "no")
    for table in (NEW_BUSINESS, MAILING):
        listed = [row["email"] for row in rows_of(export_table(published, table)[0])]
        assert listed == ["anna@acme.com"]


def test_leads_are_no_news(published: Settings) -> None:
    rows = rows_of(export_table(published, CHANGES)[0])
    assert "new@acme.com" not in {row["entity"] for row in rows}


def test_an_export_needs_a_published_file(settings: Settings) -> None:
    with pytest.raises(UserError, match="Nothing is published yet"):
        export_table(settings, PEOPLE)
    assert not settings.exports.exists()
