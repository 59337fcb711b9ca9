"""Booked calls of a calendar's export: an event each, once, and what is wrong with the others."""

from __future__ import annotations

import itertools
import json

import pytest

from ingestion.loader import load_paths
from ingestion.replay import replay
from tests.unit.ingestion.conftest import Warehouse, at

HEADER = "email,booked_at,booking_id"
ANNA = "Anna@Acme.example,2026-06-01T09:30:00+02:00,b1"
CALENDLY = (
    "User Name,User Email,Invitee Name,Invitee Email,Event Type Name,Start Date & Time,"
    "Event Created Date & Time,Canceled,UTM Campaign,Event UUID"
)


def test_a_booking_is_an_event_of_the_time_at_which_it_was_booked(loaded: Warehouse) -> None:
    row = loaded.load(f"{HEADER},notes\n{ANNA},call me\n")
    assert (row.format, row.record_count, row.loaded_count) == ("bookings", 1, 1)
    [event] = loaded.events()
    assert (event["event_type"], event["event_name"]) == ("track", "booked")
    assert (event["email"], event["event_at"]) == ("anna@acme.example", at("2026-06-01 07:30:00"))
    assert (event["anonymous_id"], event["user_id"]) == (None, None)
    # what was told to the calendar stays there
    assert json.loads(event["properties"]) == {"booking_id": "b1", "email": "anna@acme.example"}


def test_calendly_s_export_says_the_same_as_the_simple_form(loaded: Warehouse) -> None:
    row = loaded.load(
        f"{CALENDLY}\n"
        "Kim,kim@us.example,Anna Ash,anna@acme.example,Intro,2026-06-09 10:00 AM,"
        "2026-06-01 02:30 PM,No,site_readiness,b1\n"
    )
    assert (row.format, row.loaded_count) == ("bookings", 1)
    [event] = loaded.events()
    assert (event["email"], event["event_at"]) == ("anna@acme.example", at("2026-06-01 14:30:00"))
    assert json.loads(event["properties"]) == {
        "booking_id": "b1",
        "email": "anna@acme.example",
        "event_type_name": "Intro",
        "offer_id": "site_readiness",
        "starts_at": "2026-06-09 10:00 AM",
    }


@pytest.mark.parametrize("booking_id", ["b1", ""])
def test_an_export_loaded_again_brings_nothing_twice(loaded: Warehouse, booking_id: str) -> None:
    rows = [
        f"anna@acme.example,2026-06-01T09:30:00Z,{booking_id}",
        f"ben@acme.example,2026-06-02T09:30:00Z,{booking_id and 'b2'}",
    ]
    for order in itertools.permutations(rows):
        loaded.load("\n".join([HEADER, *order]) + "\n")
    again = loaded.load(f"Canceled;{HEADER.replace(',', ';')}\nno;{rows[0].replace(',', ';')}")
    assert (again.loaded_count, again.duplicate_count) == (0, 1)
    assert len(loaded.events()) == 2


def test_two_bookings_of_one_moment_are_two_where_they_have_ids(loaded: Warehouse) -> None:
    loaded.load(f"{HEADER}\n{ANNA}\n{ANNA.replace('b1', 'b2')}\n")
    assert len(loaded.events()) == 2


def test_cancelled_bookings_are_counted_and_bad_rows_kept_with_their_reason(
    loaded: Warehouse,
) -> None:
    row = loaded.load(
        f"{HEADER},canceled\n{ANNA},\n{ANNA},Yes\n\n"
        "nobody,2026-06-01T09:30:00Z,b3,no\n"
        "ben@acme.example,,b4,no\n"
        "ben@acme.example,01/06/2026,b5,no\n"
        "ben@acme.example,2026-06-01T09:30:00Z,b6,perhaps\n"
        "ben@acme.example\n"
    )
    counts = (row.record_count, row.loaded_count, row.skipped_count, row.blank_count)
    assert counts == (8, 1, 1, 1)
    assert loaded.rejected() == [
        (5, "invalid_email"),
        (6, "missing_time"),
        (7, "unreadable_time"),
        (8, "unreadable_boolean"),
        (9, "wrong_column_count"),
    ]


def test_a_mended_booking_is_taken_from_the_quarantine(loaded: Warehouse) -> None:
    loaded.load(f"{HEADER}\nanna,2026-06-01T09:30:00Z,b1\n")
    loaded.connection.execute(
        "update raw.rejected_events set raw_text = replace(raw_text, 'anna', 'anna@acme.example')"
    )
    [row] = replay(loaded.connection, loaded.settings)
    assert (row.format, row.loaded_count) == ("bookings", 1)
    assert loaded.rejected() == []


@pytest.mark.parametrize(
    ("header", "format_name"),
    [
        ("Invitee Email;Booked At", "bookings"),
        ("email,owner,stage", "leads"),
        ("email,type,timestamp,booked_at", "csv"),
    ],
)
def test_bookings_are_known_by_their_header(
    loaded: Warehouse, header: str, format_name: str
) -> None:
    assert loaded.load(f"{header}\n").format == format_name


def test_a_table_said_to_be_of_bookings_must_have_their_columns(loaded: Warehouse) -> None:
    path = loaded.file("email,date\nanna@acme.example,2026-06-01\n")
    [row] = load_paths(loaded.connection, loaded.settings, [path], format="bookings")
    assert (row.format, row.rejected_count) == ("unknown", 1)
