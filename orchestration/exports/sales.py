"""The CSVs for sales: one a table, hottest first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.exports.cells import cell
from orchestration.exports.columns import Column, Kind, SalesTable
from orchestration.exports.csv_lines import Rows, Writer, encoded, in_columns, lines
from orchestration.exports.files import copy_to_latest, drafted
from orchestration.exports.tables import as_of_date, rows_of

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads UTF-8 as the local code page."""
_DECIMALS = {Kind.share: 4}
"""A share is one of 1: so many say a hundredth of a percent."""


def export_table(settings: Settings, table: SalesTable) -> tuple[Path, int]:
    """Writes `<name>_<as of>.csv` in exports/, and the same in exports/latest/.

    Reads the published file alone. Returns the dated path and the number of rows.
    """
    with published(settings) as connection:
        as_of = as_of_date(connection)
        path = settings.exports / f"{table.name}_{as_of.isoformat()}.csv"
        rows = rows_of(connection, settings, table)
        with drafted(path) as draft:
            count = write_csv(draft, table.columns, rows, ZoneInfo(settings.timezone))
    copy_to_latest(path, table.name)
    return path, count


def write_csv(path: Path, columns: Sequence[Column], rows: Rows, zone: ZoneInfo) -> int:
    """Writes a CSV as spreadsheets like it: UTF-8 with byte order mark, CRLF, quotes where needed.

    Returns the number of its rows.
    """
    writers = [
        Writer(partial(cell, zone=zone, decimals=_DECIMALS.get(column.kind, 1)))
        for column in columns
    ]
    count = 0
    with path.open("wb") as file:
        file.write(BYTE_ORDER_MARK.encode())
        file.write(encoded(lines([[column.name] for column in columns])))
        for written in in_columns(rows, writers, is_utc=zone.key == "UTC"):
            file.write(encoded(lines(written)))
            count += len(written[0])
    return count
