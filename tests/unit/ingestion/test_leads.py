"""A CRM's list: every distinct row once, whatever the order, and what is wrong with the others."""

from __future__ import annotations

import itertools
import json

import pytest

from ingestion.loader import load_paths
from tests.unit.ingestion.conftest import Warehouse, at

HEADER = "email,name,company,job_title,phone,owner,stage,is_customer,updated_at"
ANNA = "Anna@Acme.example,Anna Ash,Acme,CTO,+49 30 1,Kim,Proposal,no,2026-06-01T09:00:00+02:00"
LEADS = "select * exclude (load_id, line_number, content_md5) from raw.leads order by all"


def test_a_lead_is_kept_with_all_that_its_row_says(loaded: Warehouse) -> None:
    row = loaded.load(f"{HEADER},Region,deal size\n{ANNA},EMEA,12\n")
    assert (row.format, row.record_count, row.loaded_count) == ("leads", 1, 1)
    [lead] = loaded.rows(LEADS)
    assert json.loads(lead.pop("properties")) == {"Region": "EMEA", "deal size": "12"}
    assert lead == {
        "email": "anna@acme.example",
        "full_name": "Anna Ash",
        "company_name": "Acme",
        "job_title": "CTO",
        "phone": "+49 30 1",
        "owner": "Kim",
        "stage": "Proposal",
        "is_customer": False,
        "updated_at": at("2026-06-01 07:00:00"),
    }
    assert loaded.events() == []


def test_what_names_a_person_by_a_url_or_an_address_is_masked(loaded: Warehouse) -> None:
    url = "https://a.example/?utm_source=n&_hsenc=p2ANqtz-SECRET"
    loaded.load(f"{HEADER},First Page Seen,IP Address\n{ANNA},{url},203.0.113.77\n")
    [lead] = loaded.rows(LEADS)
    assert json.loads(lead["properties"]) == {
        "First Page Seen": "https://a.example/?utm_source=n&_hsenc=masked",
        "IP Address": "masked",
    }


@pytest.mark.parametrize(
    "header",
    [
        "E-Mail;Full Name;Company Name;Title;Phone Number;Owner;Stage;Customer;Updated At",
        "EMAIL\tName\tCompany\tJob-Title\tPhone\tOwner\tStage\tIs Customer\tupdated_at",
    ],
)
def test_columns_are_known_as_people_spell_them(loaded: Warehouse, header: str) -> None:
    separator = ";" if ";" in header else "\t"
    loaded.load(f"{HEADER}\n{ANNA}\n")
    expected = loaded.rows(LEADS)
    row = loaded.load(f"{header}\n{ANNA.replace(',', separator)}\n")
    assert (row.format, row.duplicate_count) == ("leads", 1)
    assert loaded.rows(LEADS) == expected


def test_of_two_names_of_one_column_the_first_known_holds_wherever_it_stands(
    loaded: Warehouse,
) -> None:
    loaded.load("email,owner,company,company_name\nanna@acme.example,Kim,Acme,Acme Ltd\n")
    found = loaded.rows(LEADS)
    row = loaded.load("company_name,email,company,owner\nAcme Ltd,anna@acme.example,Acme,Kim\n")
    assert row.duplicate_count == 1
    assert [lead["company_name"] for lead in found] == ["Acme"]
    assert loaded.rows(LEADS) == found


def test_the_same_row_is_kept_once_whatever_the_order(loaded: Warehouse) -> None:
    newer = ANNA.replace("Proposal", "Won").replace("06-01", "06-02")
    rows = [ANNA, newer, "bob@acme.example,,,,,,,,", ANNA]
    found = set()
    for order in itertools.permutations(rows):
        loaded.connection.execute("delete from raw.leads")
        loaded.connection.execute("delete from raw.files")
        for each in order:
            loaded.load(f"{HEADER}\n{each}\n")
            loaded.connection.execute("delete from raw.files")
        found.add(str(loaded.rows("select * exclude (load_id, line_number) from raw.leads"
                                  " order by content_md5")))  # fmt: skip
    assert len(found) == 1
    assert len(loaded.rows(LEADS)) == 3


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        (",Anna,,,,,,,", "invalid_email", "email: "),
        ("anna at acme,,,,,,,,", "invalid_email", "email: anna at acme"),
        ("a@b.co,,,,,,,perhaps,", "unreadable_boolean", "is_customer: perhaps"),
        ("a@b.co,,,,,,,,1.6.2026", "unreadable_time", "updated_at: 1.6.2026"),
        ("a@b.co,,,", "wrong_column_count", None),
        ('a@b.co,"x,,,,,,,', "unreadable_row", None),
    ],
)
def test_a_row_that_is_no_lead_says_why(
    loaded: Warehouse, row: str, reason: str, detail: str | None
) -> None:
    result = loaded.load(f"{HEADER}\n{row}\n{ANNA}\n\n")
    assert (result.loaded_count, result.rejected_count, result.blank_count) == (1, 1, 1)
    assert loaded.rows("select line_number, reason_code, detail, raw_text, format"
                       " from raw.rejected_events") == [
        {"line_number": 2, "reason_code": reason, "detail": detail, "raw_text": row,
         "format": "leads"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "value"), [("yes", True), ("TRUE", True), ("1", True), ("0", False), ("", None)]
)
def test_customers_are_marked_in_usual_words(
    loaded: Warehouse, word: str, value: bool | None
) -> None:
    loaded.load(f"email,is_customer\na@b.co,{word}\n")
    assert [lead["is_customer"] for lead in loaded.rows(LEADS)] == [value]


def test_a_last_row_without_a_line_end_counts(loaded: Warehouse) -> None:
    assert loaded.load(f"{HEADER}\n{ANNA}").loaded_count == 1


def test_a_list_without_addresses_is_told_what_it_lacks(loaded: Warehouse) -> None:
    path = loaded.file("name,owner\nAnna,Kim\n")
    [row] = load_paths(loaded.connection, loaded.settings, [path], format="leads")
    assert (row.format, row.rejected_count) == ("unknown", 1)
    [kept] = loaded.rows("select reason_code, detail from raw.rejected_events")
    assert kept == {
        "reason_code": "unknown_format",
        "detail": "leads need a column email; it has name, owner",
    }


def test_columns_that_stand_twice_are_kept(loaded: Warehouse) -> None:
    loaded.load("email,owner,note,note,email,\na@b.co,Kim,x,y,other,z\n")
    [lead] = loaded.rows(LEADS)
    assert lead["email"] == "a@b.co"
    assert json.loads(lead["properties"]) == {
        "note": "x", "note_4": "y", "email_5": "other", "column_6": "z",
    }  # fmt: skip
