"""Ad spend: every distinct row once, whatever the order, and what is wrong with the others."""

from __future__ import annotations

import itertools
import json
from datetime import date
from decimal import Decimal

import pytest

from ingestion.loader import load_paths
from ingestion.replay import replay
from tests.unit.ingestion.conftest import Warehouse, at

HEADER = "day,source,medium,campaign,cost,currency,updated_at"
BRAND = "2026-06-01,google,cpc,Brand,12.345,eur,2026-06-02T08:00:00+02:00"
SPEND = "select * exclude (load_id, line_number, content_md5) from raw.ad_spend order by all"


def test_a_row_is_kept_with_all_that_it_says(loaded: Warehouse) -> None:
    row = loaded.load(f"{HEADER},Ad group,clicks\n{BRAND},Exact,7\n")
    assert (row.format, row.record_count, row.loaded_count) == ("ad_spend", 1, 1)
    assert (row.first_event_at, row.last_event_at) == (None, None)
    [spend] = loaded.rows(SPEND)
    assert json.loads(spend.pop("properties")) == {"Ad group": "Exact", "clicks": "7"}
    assert spend == {
        "spend_date": date(2026, 6, 1),
        "source": "google",
        "medium": "cpc",
        "campaign": "Brand",
        "currency": "EUR",
        "cost": Decimal("12.345000"),
        "updated_at": at("2026-06-02 06:00:00"),
    }
    assert loaded.events() == []


@pytest.mark.parametrize(
    "header",
    [
        "Date;UTM Source;UTM-Medium;Campaign name;Spend;Currency Code;Updated At",
        "DAY\tSource\tMedium\tutm_campaign\tAmount spent\tCurrency\tupdated_at",
    ],
)
def test_columns_are_known_as_people_spell_them(loaded: Warehouse, header: str) -> None:
    separator = ";" if ";" in header else "\t"
    loaded.load(f"{HEADER}\n{BRAND}\n")
    expected = loaded.rows(SPEND)
    row = loaded.load(f"{header}\n{BRAND.replace(',', separator)}\n")
    assert (row.format, row.duplicate_count) == ("ad_spend", 1)
    assert loaded.rows(SPEND) == expected


def test_of_two_names_of_one_column_the_link_s_holds_wherever_it_stands(loaded: Warehouse) -> None:
    first = loaded.load(
        "day,source,campaign,utm_campaign,cost,currency\n2026-06-01,x,Brand EU,brand,1,EUR\n"
    )
    found = loaded.rows(SPEND)
    second = loaded.load(
        "day,source,utm_campaign,campaign,cost,currency\n2026-06-01,x,brand,Brand EU,1,EUR\n"
    )
    assert (first.loaded_count, second.duplicate_count) == (1, 1)
    assert [row["campaign"] for row in found] == ["brand"]
    assert loaded.rows(SPEND) == found


@pytest.mark.parametrize(
    "header",
    [
        "email,date,source,spend,currency",
        "email,company,type,date,source,spend,currency",
        "event,timestamp,user_id,date,utm_source,cost,currency",
    ],
)
def test_a_list_of_people_is_no_list_of_ads(loaded: Warehouse, header: str) -> None:
    row = loaded.load(f"{header}\n{','.join('1' * len(header.split(',')))}\n")
    assert (row.format, row.loaded_count) == ("unknown", 0)
    assert loaded.rows(SPEND) == []


def test_the_same_row_is_kept_once_whatever_the_order(loaded: Warehouse) -> None:
    restated = BRAND.replace("12.345", "13")
    rows = [BRAND, restated, "2026-06-01,google,cpc,Brand,12.3450,EUR,2026-06-02T06:00:00Z"]
    found = set()
    for order in itertools.permutations(rows):
        loaded.connection.execute("delete from raw.ad_spend")
        for each in order:
            loaded.connection.execute("delete from raw.files")
            loaded.load(f"{HEADER}\n{each}\n")
        found.add(str(loaded.rows("select * exclude (load_id, line_number) from raw.ad_spend"
                                  " order by content_md5")))  # fmt: skip
    assert len(found) == 1
    assert len(loaded.rows(SPEND)) == 2


def test_the_order_of_columns_says_nothing(loaded: Warehouse) -> None:
    loaded.load(f"{HEADER},ad,clicks\n{BRAND},a,1\n")
    names, cells = f"{HEADER},ad,clicks".split(","), f"{BRAND},a,1".split(",")
    again = loaded.load(f"{','.join(reversed(names))}\n{','.join(reversed(cells))}\n")
    assert (again.loaded_count, again.duplicate_count) == (0, 1)


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        (",google,cpc,x,1,EUR,", "unreadable_day", "day: "),
        ("01/06/2026,google,cpc,x,1,EUR,", "unreadable_day", "day: 01/06/2026"),
        ("2026-02-30,google,cpc,x,1,EUR,", "unreadable_day", "day: 2026-02-30"),
        ("0001-01-01,google,cpc,x,1,EUR,", "unreadable_day", "day: 0001-01-01"),
        ("2026-06-01T10:00,google,cpc,x,1,EUR,", "unreadable_day", "day: 2026-06-01T10:00"),
        ("2026-06-01,google,cpc,x,,EUR,", "unreadable_cost", "cost: "),
        ("2026-06-01,google,cpc,x,€12,EUR,", "unreadable_cost", "cost: €12"),
        ('2026-06-01,google,cpc,x,"1,234",EUR,', "unreadable_cost", "cost: 1,234"),
        ("2026-06-01,google,cpc,x,nan,EUR,", "unreadable_cost", "cost: nan"),
        ("2026-06-01,google,cpc,x,1e20,EUR,", "unreadable_cost", "cost: 1e20"),
        ("2026-06-01,google,cpc,x,1e99,EUR,", "unreadable_cost", "cost: 1e99"),
        ("2026-06-01,google,cpc,x,-0.01,EUR,", "negative_cost", "cost: -0.01"),
        ("2026-06-01,google,cpc,x,1,,", "missing_currency", None),
        ("2026-06-01,google,cpc,x,1,€,", "unreadable_currency", "currency: €"),
        ("2026-06-01,google,cpc,x,1,EURO,", "unreadable_currency", "currency: EURO"),
        ("2026-06-01,google,cpc,x,1,EUR,1.6.2026", "unreadable_time", "updated_at: 1.6.2026"),
        ("2026-06-01,google", "wrong_column_count", None),
        ('2026-06-01,"google,,,,,', "unreadable_row", None),
    ],
)
def test_a_row_that_is_no_spend_says_why(
    loaded: Warehouse, row: str, reason: str, detail: str | None
) -> None:
    result = loaded.load(f"{HEADER}\n{row}\n{BRAND}\n\n")
    assert (result.loaded_count, result.rejected_count, result.blank_count) == (1, 1, 1)
    assert loaded.rows("select line_number, reason_code, detail, raw_text, format"
                       " from raw.rejected_events") == [
        {"line_number": 2, "reason_code": reason, "detail": detail, "raw_text": row,
         "format": "ad_spend"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cost", "value"),
    [("0", "0"), ("-0", "0"), (".5", "0.5"), ("12.", "12"), ("+3", "3"), ("1.5e1", "15"),
     ("0.0000004", "0"), ("0.1234567", "0.123457"), ("99999999999.123456", "99999999999.123456")],
)  # fmt: skip
def test_costs_are_decimal_numbers_of_six_places(loaded: Warehouse, cost: str, value: str) -> None:
    loaded.load(f"{HEADER}\n2026-06-01,google,cpc,x,{cost},EUR,\n")
    assert [spend["cost"] for spend in loaded.rows(SPEND)] == [Decimal(value)]


def test_two_costs_that_differ_in_the_last_place_are_two_rows(loaded: Warehouse) -> None:
    row = "2026-06-01,google,cpc,x,99999999999.12345{},EUR,"
    result = loaded.load(f"{HEADER}\n{row.format(6)}\n{row.format(7)}\n")
    assert (result.loaded_count, result.duplicate_count) == (2, 0)


@pytest.mark.parametrize("day", ["2026-06-01", "20260601", "2026-06-01 00:00:00"])
def test_a_day_may_be_spelled_in_ways_that_leave_no_doubt(loaded: Warehouse, day: str) -> None:
    loaded.load(f"{HEADER}\n{day},google,cpc,x,1,EUR,\n")
    assert [spend["spend_date"] for spend in loaded.rows(SPEND)] == [date(2026, 6, 1)]


def test_a_source_medium_or_campaign_may_be_missing(loaded: Warehouse) -> None:
    loaded.load("day,source,cost,currency\n2026-06-01, ,1,EUR\n")
    [spend] = loaded.rows(SPEND)
    assert (spend["source"], spend["medium"], spend["campaign"]) == (None, None, None)


def test_a_last_row_without_a_line_end_counts(loaded: Warehouse) -> None:
    assert loaded.load(f"{HEADER}\n{BRAND}").loaded_count == 1


def test_a_table_that_lacks_a_column_is_told_which(loaded: Warehouse) -> None:
    path = loaded.file("source,campaign,currency\ngoogle,x,EUR\n")
    [row] = load_paths(loaded.connection, loaded.settings, [path], format="ad_spend")
    assert (row.format, row.rejected_count) == ("unknown", 1)
    [kept] = loaded.rows("select reason_code, detail from raw.rejected_events")
    assert kept == {
        "reason_code": "unknown_format",
        "detail": "ad spend needs columns day and cost; it has source, campaign, currency",
    }


def test_a_log_that_tells_of_costs_is_a_log_still(loaded: Warehouse) -> None:
    content = "type,timestamp,anonymous_id,date,source,cost\ntrack,2026-06-01,a1,x,y,1\n"
    assert loaded.load(content).format == "csv"


def test_columns_that_stand_twice_are_kept(loaded: Warehouse) -> None:
    loaded.load("day,source,cost,currency,cost,note,note,\n2026-06-01,google,1,EUR,2,x,y,z\n")
    [spend] = loaded.rows(SPEND)
    assert spend["cost"] == 1
    assert json.loads(spend["properties"]) == {
        "cost_5": "2", "note": "x", "note_7": "y", "column_8": "z",
    }  # fmt: skip


def test_what_was_refused_is_read_again(loaded: Warehouse) -> None:
    loaded.load(f"{HEADER}\n2026-06-01,google,cpc,x,1,EURO,\n")
    loaded.connection.execute(
        "update raw.rejected_events set raw_text = replace(raw_text, 'EURO', 'EUR')"
    )
    [row] = replay(loaded.connection, loaded.settings)
    assert (row.format, row.loaded_count) == ("ad_spend", 1)
    assert [spend["currency"] for spend in loaded.rows(SPEND)] == ["EUR"]
    assert loaded.rejected() == []
