"""What is new since the last export, and that no export of a day loses it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.analytics import published as analytics
from orchestration.exports import news
from orchestration.exports.columns import CHANGES
from orchestration.exports.news import change_of
from orchestration.exports.workbook import export_workbook

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 6, day) for day in (1, 2, 3))
Bands = dict[str, str]


def marts_with(accounts: Bands, people: Bands) -> duckdb.DuckDBPyConnection:
    """The two tables that news are made of, with these bands."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    for table, key, band, score, rows in (
        ("sync_accounts", "domain", "account_band", "account_score", accounts),
        ("sync_people", "email", "intent_band", "intent_score", people),
    ):
        connection.execute(
            f"create table marts.{table} ({key} varchar, full_name varchar, company_name varchar,"
            f" {band} varchar, {score} double, why varchar, owner varchar)"
        )
        for name, value in rows.items():
            connection.execute(
                f"insert into marts.{table} values (?, null, null, ?, ?, 'why', null)",
                [name, value, float(len(value))],
            )
    return connection


def told(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> set[str]:
    rows = [
        dict(zip(CHANGES.headings, row, strict=True))
        for row in news.changes(connection, settings, as_of)
    ]
    return {
        f"{row['entity']} {row['change']} {row['band_before'] or '-'}>{row['band']}" for row in rows
    }


def test_in_a_first_export_all_is_new_and_compared_with_nothing(settings: Settings) -> None:
    connection = marts_with({"a.com": "hot"}, {"x@a.com": "cool"})
    assert told(connection, settings, MONDAY) == {"a.com new ->hot", "x@a.com new ->cool"}
    assert {row[-2] for row in news.changes(connection, settings, MONDAY)} == {None}


def test_new_and_moved_are_told_and_the_unmoved_are_not(settings: Settings) -> None:
    before = marts_with({"a.com": "cool", "b.com": "hot", "c.com": "warm"}, {"x@a.com": "cold"})
    news.note(before, settings, MONDAY)
    after = marts_with(
        {"a.com": "warm", "b.com": "cold", "c.com": "warm", "d.com": "cold"}, {"x@a.com": "cold"}
    )
    expected = {"a.com up cool>warm", "b.com down hot>cold", "d.com new ->cold"}
    assert told(after, settings, TUESDAY) == expected
    assert {row[-2] for row in news.changes(after, settings, TUESDAY)} == {MONDAY}


def test_a_second_export_of_a_day_tells_the_same_and_what_has_come_since(
    settings: Settings,
) -> None:
    news.note(marts_with({"a.com": "cool"}, {}), settings, MONDAY)
    first = marts_with({"a.com": "hot"}, {})
    assert told(first, settings, TUESDAY) == {"a.com up cool>hot"}
    news.note(first, settings, TUESDAY)
    assert told(first, settings, TUESDAY) == {"a.com up cool>hot"}
    second = marts_with({"a.com": "hot", "b.com": "warm"}, {})
    assert told(second, settings, TUESDAY) == {"a.com up cool>hot", "b.com new ->warm"}
    news.note(second, settings, TUESDAY)
    assert told(second, settings, WEDNESDAY) == set()


def test_an_export_of_a_past_day_is_compared_with_what_was_known_before_it(
    settings: Settings,
) -> None:
    news.note(marts_with({"a.com": "cool"}, {}), settings, MONDAY)
    news.note(marts_with({"a.com": "hot"}, {}), settings, WEDNESDAY)
    past = marts_with({"a.com": "warm"}, {})
    assert told(past, settings, TUESDAY) == {"a.com up cool>warm"}
    assert told(past, settings, MONDAY) == {"a.com new ->warm"}


def test_a_past_day_told_again_changes_no_news(settings: Settings) -> None:
    first = marts_with({"a.com": "hot"}, {})
    news.note(first, settings, TUESDAY)
    news.note(marts_with({"a.com": "cold"}, {}), settings, MONDAY)
    assert news.noted_dates(settings) == [TUESDAY]
    assert told(first, settings, TUESDAY) == {"a.com new ->hot"}


def test_a_look_at_a_day_to_come_keeps_no_day_out(settings: Settings) -> None:
    news.note(marts_with({"a.com": "cold"}, {}), settings, date(2999, 1, 1))
    news.note(marts_with({"a.com": "hot"}, {}), settings, MONDAY)
    assert told(marts_with({"a.com": "hot"}, {}), settings, TUESDAY) == set()


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (None, "cold", "new"),
        ("cold", "hot", "up"),
        ("warm", "cool", "down"),
        ("lukewarm", "hot", "changed"),
    ],
)
def test_a_change_has_a_direction(before: str | None, now: str, change: str) -> None:
    assert change_of(before, now) == change


@pytest.mark.parametrize("content", [b"", b"{}", b'{"rows": [[1]]}', b"\xff"])
def test_a_note_that_cannot_be_read_stops_the_export_and_says_what_to_do(
    settings: Settings, content: bytes
) -> None:
    path = news.note_path(settings, MONDAY)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(UserError, match="remove it"):
        news.latest_before(settings, TUESDAY)


def test_what_was_exported_is_noted_once_the_workbook_is_there(published: Settings) -> None:
    export_workbook(published)
    assert news.noted_dates(published) == [date(2026, 6, 30)]
    kept = news.latest_before(published, date(2026, 7, 1))
    assert kept is not None
    acme = {"entity_type": "account", "entity": "acme.com", "band": "warm", "score": 58}
    assert acme in kept.standing.to_pylist()
    with analytics(published) as connection:
        assert list(news.changes(connection, published, date(2026, 7, 1))) == []


def test_notes_lie_where_no_list_of_exports_shows_them(settings: Settings) -> None:
    path: Path = news.note_path(settings, MONDAY)
    assert path == settings.exports / ".state" / "bands_2026-06-01.json"
