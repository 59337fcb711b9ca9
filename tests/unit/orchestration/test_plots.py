"""Plots of plain text, and what the assets show an operator."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.ledger import LedgerRow
from ingestion.settings import Settings
from orchestration import analytics, plots
from orchestration.defs import pictures
from tests.unit.orchestration.hostile_texts import SAMPLES

AT = datetime.fromisoformat("2026-06-30T10:00:00")
ROW = LedgerRow(
    load_id=1, file_name="a.ndjson", file_path="a.ndjson", content_sha256="", byte_count=1,
    modified_ns=1, format="segment", record_count=10, loaded_count=6, duplicate_count=1,
    collided_count=0, rejected_count=2, skipped_count=0, blank_count=1, unfinished_count=0,
    first_event_at=AT, last_event_at=AT, started_at=AT, loaded_at=AT, parse_seconds=0.1,
    dedupe_seconds=0.1,
)  # fmt: skip


def rows_of(text: str) -> list[list[str]]:
    """The cells of a table of markdown, without its head and its rule."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


@pytest.mark.parametrize(
    ("value", "largest", "drawn"),
    [
        (0, 10, ""), (10, 10, "████"), (5, 10, "██"), (1, 1_000_000, "▏"), (20, 10, "████"),
        (3, 8, "█▌"), (1, 0, ""),
    ],
)  # fmt: skip
def test_a_bar_is_as_long_as_its_value_and_shows_what_is_not_nothing(
    value: int, largest: int, drawn: str
) -> None:
    assert plots.bar(value, largest, width=4) == drawn


def test_a_line_of_bars_has_one_for_each_value() -> None:
    assert plots.sparkline([0, 1, 50, 100]) == "·▁▅█"
    assert plots.sparkline([]) == ""
    assert plots.sparkline([0, 0]) == "··"


@pytest.mark.parametrize("text", SAMPLES)
def test_a_name_from_outside_is_one_cell_and_means_nothing(text: str) -> None:
    cell = plots.escaped(text)
    assert "\n" not in cell
    bare = cell.replace("\\\\", "")
    for letter in "|<>[]`*":
        assert bare.count(letter) == bare.count(f"\\{letter}")


def test_files_with_most_refused_come_first_and_are_summed() -> None:
    other = replace(ROW, file_name="b|.log", rejected_count=5, record_count=13)
    rows = rows_of(pictures.records_by_outcome([ROW, other]).value or "")
    assert rows == [
        ["b\\|\\.log", "13", "6", "1", "5", "1"],
        ["a\\.ndjson", "10", "6", "1", "2", "1"],
        ["all 2 files", "23", "12", "2", "7", "2"],
    ]
    assert pictures.records_by_outcome([]).value == "Nothing new was loaded."


def test_reasons_are_shown_with_their_meaning() -> None:
    text = pictures.refused_by_reason([("invalid_json", 28), ("missing_time", 7)]).value or ""
    first, second = rows_of(text)
    assert first[:4] == ["invalid\\_json", "28", "█" * 8, "not JSON\\: cut off, or other text"]
    assert second[2] == "█" * 2
    assert "intent rejected" in text


def test_events_by_day_end_on_the_as_of_date() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        connection.execute(
            "create table raw.events as select unnest([timestamp '2026-06-30 23:59:59',"
            " timestamp '2026-06-30 00:00:00', timestamp '2026-06-29 12:00:00',"
            " timestamp '2026-07-01 00:00:00', timestamp '2020-01-01 00:00:00']) as event_at"
        )
        text = pictures.events_by_day(connection, date(2026, 6, 30)).value or ""
    assert text.startswith("3 events in the 60 days from 2026-05-02 to 2026-06-30\n")
    assert f"`{'·' * 58}▅█`" in text
    rows = rows_of(text)
    assert [cell.replace("\\", "") for cell in rows[0]] == ["Tue 2026-06-30", "2", "█" * 8]
    assert len(rows) == 14


def test_bands_are_compared_with_the_version_published_before(published: Settings) -> None:
    with analytics.published(published) as connection:
        now = pictures.standing(connection)
    assert now is not None
    assert (now.people, now.accounts) == ({"warm": 1, "cold": 1}, {"warm": 1})
    first = pictures.bands(None, now).value or ""
    assert first.endswith("The first version.")
    assert {row[2] for row in rows_of(first)} == {""}
    before = replace(now, as_of_date=date(2026, 6, 29), people={"hot": 1, "cold": 3})
    text = pictures.bands(before, now).value or ""
    assert [row[:3] for row in rows_of(text)] == [
        ["hot", "0", "−1"], ["warm", "1", "+1"], ["cool", "0", ""], ["cold", "1", "−2"],
    ]  # fmt: skip
    assert "as of 2026-06-29" in text


def test_sizes_of_exports_are_those_of_their_files(tmp_path: Path) -> None:
    (tmp_path / "briefs").mkdir()
    (tmp_path / "briefs" / "index.html").write_bytes(b"x" * 100)
    (tmp_path / "briefs" / "acme.html").write_bytes(b"x" * 2_900)
    (tmp_path / "people.csv").write_bytes(b"x" * 1_001)
    assert pictures.size_of(tmp_path / "briefs" / "index.html") == 3_000
    assert pictures.size_of(tmp_path / "people.csv") == 1_001
    assert pictures.size_of(tmp_path) == 4_001
    text = pictures.files_of_folder(tmp_path).value or ""
    assert [row[:3] for row in rows_of(text)] == [
        ["briefs", "2", "3"], ["people\\.csv", "1", "2"],
    ]  # fmt: skip
    assert pictures.files_of_folder(tmp_path / "absent").value
