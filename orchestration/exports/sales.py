"""The two lists for sales: accounts and people, hottest first."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.exports.cells import Value, cell

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads UTF-8 as the local code page."""


@dataclass(frozen=True)
class SalesTable:
    """A mart that leaves for sales as a CSV of its own."""

    name: str
    mart: str
    order_by: str
    description: str


SALES_TABLES = (
    SalesTable(
        "accounts",
        "marts.sync_accounts",
        "account_score desc, domain",
        "Accounts for sales, hottest first, with the reasons in plain words.",
    ),
    SalesTable(
        "people",
        "marts.sync_people",
        "intent_score desc, email",
        "People for sales, hottest first, one row an address; excluded people never leave.",
    ),
)


def export_table(settings: Settings, table: SalesTable) -> tuple[Path, int]:
    """Writes `<name>_<as of>.csv` in exports/, and the same in exports/latest/.

    Reads the published file alone. Returns the dated path and the number of rows.
    """
    with published(settings) as connection:
        as_of = _as_of_date(connection.execute(_AS_OF).fetchone())
        cursor = connection.execute(f"select * from {table.mart} order by {table.order_by}")
        columns = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchall()
    content = csv_bytes(columns, rows, ZoneInfo(settings.timezone))
    name = f"{table.name}_{as_of.isoformat()}.csv"
    write_file(settings.exports / name, content)
    _write_latest(settings.exports / "latest", table.name, name, content)
    return settings.exports / name, len(rows)


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Value]], zone: ZoneInfo) -> bytes:
    """A CSV as spreadsheets like it: UTF-8 with byte order mark, CRLF, quotes where needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(value, zone) for value in row] for row in rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def write_file(path: Path, content: bytes) -> None:
    """Puts `content` at `path` by a rename, so that nobody opens a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


_AS_OF = "select as_of_date from ops.refreshes order by published_at desc limit 1"


def _as_of_date(row: tuple[date] | None) -> date:
    if row is None:
        raise LookupError("the published file holds no refresh in ops.refreshes")
    return row[0]


def _write_latest(folder: Path, kind: str, name: str, content: bytes) -> None:
    """Leaves one file of this kind in exports/latest/: the one just written."""
    write_file(folder / name, content)
    for older in folder.glob(f"{kind}_*.csv"):
        if older.name != name:
            older.unlink()
