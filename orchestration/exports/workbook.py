"""The workbook for sales: every table as a sheet, and a dictionary of their columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import xlsxwriter

from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.exports import news
from orchestration.exports.cells import Value, guarded, local
from orchestration.exports.columns import SALES_TABLES, Column, Kind, SalesTable
from orchestration.exports.files import copy_to_latest, drafted
from orchestration.exports.tables import as_of_date, first_rows
from orchestration.exports.texts import cut, is_plain, readable

LONGEST_TEXT = 32_767
"""What a cell of Excel holds, in UTF-16 code units."""
MOST_ROWS = 5_000
"""Of a sheet, the hottest first. Nobody reads further, and the CSV has them all; without a limit
most of a large refresh would go into rows of a workbook."""
FIRST_YEAR = 1900
"""Excel knows no earlier date; such a one is written as text."""

_NUMBERS = {
    Kind.score: "0",
    Kind.change: "+0;-0;0",
    Kind.ratio: '0.0"×"',
    Kind.share: "0.0%",
    Kind.count: "#,##0",
    Kind.day: "d mmm yyyy",
    Kind.time: "d mmm yyyy hh:mm",
}
_BAND_COLOURS = {
    "hot": ("#FBDDD3", "#8A2B0E"),
    "warm": ("#FDEFCB", "#7A5200"),
    "cool": ("#DCEBF7", "#1F4E79"),
    "cold": ("#EEEEEE", "#555555"),
}
_DICTIONARY = (
    Column("sheet", Kind.text, 22),
    Column("column", Kind.text, 22),
    Column("meaning", Kind.prose, 100),
)
_A4 = 9
_FILTER_BUTTON = 3
HEADER_HEIGHT = 20
LINE_HEIGHT = 15
MOST_LINES = 8


@dataclass(frozen=True)
class Sheet:
    """What one sheet came to."""

    table: SalesTable
    row_count: int
    left_out: int
    """Rows beyond what a sheet has room for; the CSV has them."""


def export_workbook(settings: Settings) -> tuple[Path, int]:
    """Writes `sales_<as of>.xlsx` in exports/, and the same in exports/latest/.

    Reads the published file alone, and then notes what was exported (news.py). Returns the dated
    path and the number of rows of all sheets but the dictionary.
    """
    with published(settings) as connection:
        as_of = as_of_date(connection)
        path = settings.exports / f"sales_{as_of.isoformat()}.xlsx"
        with (
            drafted(path) as draft,
            TemporaryDirectory(dir=settings.exports, prefix=".workbook.") as folder,
        ):
            row_count = write_workbook(connection, settings, draft, Path(folder))
        copy_to_latest(path, "sales")
        news.note(connection, settings, as_of)
    return path, row_count


def write_workbook(
    connection: duckdb.DuckDBPyConnection, settings: Settings, path: Path, folder: Path
) -> int:
    """Writes the workbook to `path`, a row at a time; returns the number of its rows.

    Its sheets lie in `folder` until they are packed, so that memory does not grow with them.
    """
    as_of = as_of_date(connection)
    zone = ZoneInfo(settings.timezone)
    options = {"constant_memory": True, "tmpdir": str(folder)}
    with xlsxwriter.Workbook(str(path), options) as book:
        # the day, not the moment, so that the same rows make the same file
        book.set_properties({"title": "Sales", "created": datetime.combine(as_of, time())})
        formats = Formats(book)
        sheets = []
        for table in SALES_TABLES:
            rows, row_count = first_rows(connection, settings, table, MOST_ROWS)
            kept = write_sheet(
                book, formats, table.sheet, table.columns, table.printed, rows, as_of, zone
            )
            sheets.append(Sheet(table, kept, row_count - kept))
        words = dictionary(connection, sheets, as_of, settings.timezone)
        write_sheet(book, formats, "dictionary", _DICTIONARY, len(_DICTIONARY), words, as_of, zone)
    return sum(sheet.row_count for sheet in sheets)


class Formats:
    """The looks of a workbook's cells, each made once."""

    def __init__(self, book: Any) -> None:
        top = {"valign": "top"}
        self.header = book.add_format(
            {"bold": True, "bg_color": "#E8E8E8", "bottom": 1, "valign": "vcenter"}
        )
        self._kinds = {
            kind: book.add_format(top | _place_of(kind) | _number_of(kind)) for kind in Kind
        }
        self._bands = {
            band: book.add_format(
                top | _place_of(Kind.band) | {"bg_color": ground, "font_color": ink}
            )
            for band, (ground, ink) in _BAND_COLOURS.items()
        }

    def of(self, kind: Kind, value: Value) -> Any:
        """The look of `value` in a column of `kind`."""
        if kind is Kind.band and value in self._bands:
            return self._bands[str(value)]
        return self._kinds[kind]


def _place_of(kind: Kind) -> dict[str, Any]:
    match kind:
        case Kind.text:
            return {"align": "left"}
        case Kind.prose:
            return {"align": "left", "text_wrap": True, "indent": 1}
        case Kind.band | Kind.flag:
            return {"align": "center"}
        case _:
            # set off from the text of the next column
            return {"align": "right", "indent": 1}


def _number_of(kind: Kind) -> dict[str, Any]:
    return {"num_format": _NUMBERS[kind]} if kind in _NUMBERS else {}


def write_cell(sheet: Any, row: int, place: int, value: Value, look: Any, zone: ZoneInfo) -> None:
    """Writes one value with its own type; a text is a text, whatever it begins with."""
    match value:
        case str():
            sheet.write_string(row, place, text_of(value), look)
        case bool():
            sheet.write_boolean(row, place, value, look)
        case int() | float() | Decimal():
            sheet.write_number(row, place, float(value), look)
        case datetime():
            moment = local(value, zone)
            if moment.year < FIRST_YEAR:
                sheet.write_string(row, place, f"{moment:%Y-%m-%d %H:%M}", look)
            else:
                sheet.write_datetime(row, place, moment.replace(second=0, microsecond=0), look)
        case date():
            if value.year < FIRST_YEAR:
                sheet.write_string(row, place, value.isoformat(), look)
            else:
                sheet.write_datetime(row, place, value, look)


def text_of(text: str) -> str:
    """A text as a cell holds it: guarded, without what XML forbids, cut at Excel's limit."""
    if is_plain(text) and len(text) <= LONGEST_TEXT:
        return text
    return cut(guarded(readable(text)), LONGEST_TEXT)


def dictionary(
    connection: duckdb.DuckDBPyConnection, sheets: Sequence[Sheet], as_of: date, zone_name: str
) -> Iterable[tuple[str, str, str]]:
    """Sheet, column and meaning: the descriptions of the models, as the published file has them."""
    comments = {
        (table, column): comment
        for table, column, comment in connection.execute(
            "select table_name, column_name, comment from duckdb_columns()"
            " where schema_name = 'marts'"
        ).fetchall()
    }
    yield "", "", f"Scores are measured at the end of {as_of:%-d %B %Y} (UTC)."
    yield "", "", f"Times are those of {zone_name}; dates are UTC days, which the rules count in."
    yield "", "", "An apostrophe before =, +, - or @ keeps a text from turning into a formula."
    for sheet in sheets:
        table = sheet.table
        words = table.description
        if sheet.left_out:
            words += (
                f" The first {MOST_ROWS:,} rows; the other {sheet.left_out:,} are only in"
                f" {table.name}_{as_of.isoformat()}.csv."
            )
        yield table.sheet, "", words
        for column in table.columns:
            meaning = column.meaning or comments.get((table.mart, column.name)) or ""
            yield table.sheet, column.name, meaning


def lines_of(columns: Sequence[Column], row: Sequence[Value]) -> int:
    """How many lines the wrapped texts of a row need: LibreOffice does not find out by itself."""
    needed = [
        sum(wrapped_lines(line, column.width) for line in value.splitlines())
        for column, value in zip(columns, row, strict=True)
        if column.kind is Kind.prose and isinstance(value, str)
    ]
    return min(max([1, *needed]), MOST_LINES)


def wrapped_lines(line: str, width: int) -> int:
    """How many lines of `width` characters a line needs: words are kept whole where they fit."""
    if len(line) <= width:
        return 1
    lines, used = 1, 0
    # what does not fit on the lines that a row may have need not be counted
    for word in line[: MOST_LINES * width].split():
        if used and used + 1 + len(word) > width:
            lines, used = lines + 1, 0
        used += len(word) + (1 if used else 0)
        # a word that is longer than a line goes on over the next ones
        further, used = divmod(used - 1, width)
        lines, used = lines + further, used + 1
    return lines


def write_sheet(
    book: Any,
    formats: Formats,
    name: str,
    columns: Sequence[Column],
    printed: int,
    rows: Iterable[Sequence[Value]],
    as_of: date,
    zone: ZoneInfo,
) -> int:
    """Writes one sheet; returns how many rows it has."""
    sheet = book.add_worksheet(name)
    sheet.set_row(0, HEADER_HEIGHT)
    for place, column in enumerate(columns):
        width = max(column.width, len(column.name) + _FILTER_BUTTON)
        # the look of the column is that of its empty cells too, which need not be written
        sheet.set_column(place, place, width, formats.of(column.kind, None))
        sheet.write_string(0, place, column.name, formats.header)
    total = 0
    for total, row in enumerate(rows, start=1):
        sheet.set_row(total, LINE_HEIGHT * lines_of(columns, row))
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            if value is not None and value != "":
                write_cell(sheet, total, place, value, formats.of(column.kind, value), zone)
    last_row = max(total, 1)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, last_row, len(columns) - 1)
    sheet.print_area(0, 0, last_row, printed - 1)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L&A, as of {as_of:%-d %b %Y}&RPage &P of &N")
    return total
