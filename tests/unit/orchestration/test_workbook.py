"""The workbook for sales, read back from its XML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.exports import workbook
from orchestration.exports.cells import Value, guarded
from orchestration.exports.columns import SALES_TABLES, Column, Kind
from orchestration.exports.texts import cut, readable
from orchestration.exports.workbook import (
    MOST_LINES,
    Formats,
    export_workbook,
    lines_of,
    text_of,
    wrapped_lines,
    write_sheet,
)
from tests.unit.orchestration.hostile_texts import ANY_TEXT, SAMPLES
from tests.unit.orchestration.small_marts import AS_OF, HOSTILE_NAME
from tests.unit.orchestration.workbook_reader import Sheet, part_names, read_workbook

BERLIN = ZoneInfo("Europe/Berlin")
EPOCH = datetime(1899, 12, 30, tzinfo=UTC)


def written(path: Path, columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> Sheet:
    """One sheet with these rows, written and read back."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        write_sheet(book, Formats(book), "sheet", columns, len(columns), rows, AS_OF, BERLIN)
    [sheet] = read_workbook(path)
    return sheet


def one_cell(path: Path, kind: Kind, value: Value) -> tuple[str, str, str]:
    cell = written(path, [Column("x", kind, 10)], [[value]]).rows[1][0]
    return cell.kind, cell.value, cell.number_format


def moment(serial: str) -> datetime:
    """Excel's number of a time, as a time without a zone (given here as UTC)."""
    return EPOCH + timedelta(seconds=round(float(serial) * 86_400))


def by_name(sheets: Sequence[Sheet]) -> dict[str, Sheet]:
    return {sheet.name: sheet for sheet in sheets}


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_any_text_reads_back_the_same_but_for_its_guard(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    columns = [Column("a", Kind.text, 10), Column("b", Kind.prose, 10)]
    sheet = written(path, columns, [[text, text] for text in texts])
    for row, text in zip(sheet.rows[1:], texts, strict=True):
        expected = cut(guarded(readable(text)), workbook.LONGEST_TEXT)
        assert [cell.value for cell in row] == [expected, expected]
        assert {cell.kind for cell in row} == ({"inlineStr"} if text else {"n"})


def test_hostile_texts_make_no_formula_no_link_and_no_other_part(tmp_path: Path) -> None:
    path = tmp_path / "hostile.xlsx"
    sheet = written(path, [Column("a", Kind.text, 10)], [[text] for text in SAMPLES])
    assert not re.search(r"<f[ >/]|<hyperlink", sheet.xml)
    assert not [name for name in part_names(path) if "externalLink" in name or "rels/sheet" in name]
    assert not [text for [text] in sheet.texts[1:] if re.match(r"[\s\u200b\ufeff]*[=+\-@]", text)]


@pytest.mark.parametrize("length", [32_766, 32_767, 32_768, 40_000])
def test_a_text_longer_than_a_cell_ends_in_an_ellipsis(length: int) -> None:
    held = text_of("x" * length)
    assert len(held) == min(length, 32_767)
    assert held.endswith("…") is (length > 32_767)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Kind.score, 60, ("n", "60", "0")),
        (Kind.ratio, Decimal("2.5"), ("n", "2.5", '0.0"×"')),
        (Kind.change, -3, ("n", "-3", "+0;-0;0")),
        (Kind.count, 1234, ("n", "1234", "#,##0")),
        (Kind.ratio, 2.25, ("n", "2.25", '0.0"×"')),
        (Kind.text, None, ("n", "", "")),
        (Kind.day, date(1850, 1, 1), ("inlineStr", "1850-01-01", "d mmm yyyy")),
    ],
)  # fmt: skip
def test_numbers_are_numbers_with_a_format(
    tmp_path: Path, kind: Kind, value: Value, expected: tuple[str, str, str]
) -> None:
    assert one_cell(tmp_path / "one.xlsx", kind, value) == expected


def test_times_are_times_of_the_readers_zone_also_across_midnight(tmp_path: Path) -> None:
    kind, value, look = one_cell(
        tmp_path / "one.xlsx", Kind.time, datetime(2026, 6, 30, 22, 30, 59, tzinfo=UTC)
    )
    assert (kind, look) == ("n", "d mmm yyyy hh:mm")
    assert moment(value) == datetime(2026, 7, 1, 0, 30, tzinfo=UTC)


def test_dates_are_the_days_that_they_say(tmp_path: Path) -> None:
    kind, value, look = one_cell(tmp_path / "one.xlsx", Kind.day, date(2026, 6, 30))
    assert (kind, value, look) == ("n", "46203", "d mmm yyyy")


def test_every_sheet_has_the_columns_of_its_csv_frozen_filtered_and_fit_for_paper(
    published: Settings,
) -> None:
    path, row_count = export_workbook(published)
    assert path == published.exports / "sales_2026-06-30.xlsx"
    assert (published.exports / "latest" / path.name).read_bytes() == path.read_bytes()
    *tables, dictionary = read_workbook(path)
    assert [sheet.name for sheet in tables] == [table.sheet for table in SALES_TABLES]
    assert [sheet.texts[0] for sheet in tables] == [table.headings for table in SALES_TABLES]
    assert sum(len(sheet.rows) - 1 for sheet in tables) == row_count
    for sheet in [*tables, dictionary]:
        assert 'state="frozen"' in sheet.xml
        assert "<autoFilter" in sheet.xml
        assert 'orientation="landscape"' in sheet.xml
        assert 'fitToHeight="0"' in sheet.xml


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 1),
        (" " * 50, 1),
        ("x" * 10, 1),
        ("x" * 11, 2),
        ("aaaaaaa bbbbbbb ccccccc", 3),  # 23 letters in lines of 10, but no word is broken
        ("x" * 1_000_000, MOST_LINES),
    ],
)
def test_a_wrapped_text_has_as_many_lines_as_its_words_need(text: str, lines: int) -> None:
    assert wrapped_lines(text, 10) == lines


def test_the_addresses_of_a_companys_people_are_all_on_paper() -> None:
    columns = [Column("hottest_people", Kind.prose, 40), Column("domain", Kind.text, 10)]
    people = (
        "Søren Wexley <soren.wexley@eu.pellenholm-media.com>; Renée Youngblood"
        " <renee.youngblood@pellenholm-media.com>; Mei Hartono <mei.hartono@pellenholm-media.com>"
    )
    # 157 letters would fill four lines, but long words leave room behind them
    assert lines_of(columns, [people, "x" * 100]) == 6
    assert lines_of(columns, [f"{people}\n{people}", None]) == MOST_LINES


def test_the_sheets_hold_the_published_rows(published: Settings) -> None:
    sheets = by_name(read_workbook(export_workbook(replace(published, timezone="Asia/Tokyo"))[0]))
    accounts = [
        dict(zip(sheets["accounts"].texts[0], row, strict=True))
        for row in sheets["accounts"].texts[1:]
    ]
    assert [row["domain"] for row in accounts] == ["acme.com", "zeta.com"]
    assert accounts[0]["company_name"] == "'" + HOSTILE_NAME
    assert moment(accounts[0]["last_seen_at"]) == datetime(2026, 6, 30, 7, 30, tzinfo=UTC)
    reasons = sheets["reasons"].texts[1:]
    assert [row[5] for row in reasons] == [
        "Viewed pricing 5 times", "Asked for a demo", "Read the blog",
    ]  # fmt: skip


def test_the_dictionary_tells_every_column_and_the_zone(published: Settings) -> None:
    sheets = by_name(read_workbook(export_workbook(replace(published, timezone="Asia/Tokyo"))[0]))
    rows = sheets["dictionary"].texts[1:]
    assert any("Asia/Tokyo" in row[2] for row in rows)
    assert any("30 June 2026" in row[2] for row in rows)
    assert ["accounts", "surge", "The last 7 days against an average week before."] in rows
    told = [(row[0], row[1]) for row in rows if row[1]]
    assert told == [
        (table.sheet, column.name) for table in SALES_TABLES for column in table.columns
    ]


def test_the_same_rows_make_the_same_file(published: Settings) -> None:
    first = export_workbook(published)[0].read_bytes()
    assert export_workbook(published)[0].read_bytes() == first


def test_rows_beyond_what_a_sheet_has_room_for_are_counted_and_told(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = by_name(read_workbook(export_workbook(published)[0]))
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    *cut_short, dictionary = read_workbook(export_workbook(published)[0])
    told = {row[0]: row[2] for row in dictionary.texts if row[1] == ""}
    for sheet in cut_short:
        assert sheet.texts == whole[sheet.name].texts[:3]
        left_out = max(len(whole[sheet.name].texts) - 3, 0)
        words = f"The first 2 rows; the other {left_out} are only in"
        assert (words in told[sheet.name]) is (left_out > 0)
    assert "the other 1 are only in reasons_2026-06-30.csv" in told["reasons"]
    assert "the other 2 are only in changes_2026-06-30.csv" in told["new since last export"]


def test_a_workbook_that_cannot_be_finished_leaves_the_former_one(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = export_workbook(published)
    before = path.read_bytes()
    monkeypatch.setattr(workbook, "write_cell", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_workbook(published)
    assert path.read_bytes() == before
    assert [p.name for p in published.exports.iterdir() if p.name.startswith(".")] == [".state"]


def test_a_workbook_needs_a_published_file(settings: Settings) -> None:
    with pytest.raises(UserError, match="Nothing is published yet"):
        export_workbook(settings)
    assert not settings.exports.exists()
