"""The CSVs for sales: one a table, hottest first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.exports.cells import Value, cell
from orchestration.exports.columns import SalesTable
from orchestration.exports.files import copy_to_latest, write_file
from orchestration.exports.tables import as_of_date, rows_of

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads UTF-8 as the local code page."""


def export_table(settings: Settings, table: SalesTable) -> tuple[Path, int]:
    """Writes `<name>_<as of>.csv` in exports/, and the same in exports/latest/.

    Reads the published file alone. Returns the dated path and the number of rows.
    """
    with published(settings) as connection:
        as_of = as_of_date(connection)
        rows = list(rows_of(connection, settings, table))
    path = settings.exports / f"{table.name}_{as_of.isoformat()}.csv"
    write_file(path, csv_bytes(table.headings, rows, ZoneInfo(settings.timezone)))
    copy_to_latest(path, table.name)
    return path, len(rows)


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Value]], zone: ZoneInfo) -> bytes:
    """A CSV as spreadsheets like it: UTF-8 with byte order mark, CRLF, quotes where needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(value, zone) for value in row] for row in rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()
