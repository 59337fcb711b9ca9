"""What an operator sees on the assets: counts as tables and plots of plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import duckdb

from ingestion.ledger import LedgerRow
from ingestion.rejection_reasons import reason_of
from orchestration import plots

FILES_SHOWN = 50
DAYS_SHOWN = 60
DAYS_LISTED = 14
BANDS = ("hot", "warm", "cool", "cold")

_OUTCOMES = ("loaded", "duplicate", "collided", "rejected", "skipped", "blank", "unfinished")


def records_by_outcome(rows: Sequence[LedgerRow]) -> dg.MarkdownMetadataValue:
    """What became of the records of each file, the files with most refused first."""
    if not rows:
        return dg.MetadataValue.md("Nothing new was loaded.")
    outcomes = [name for name in _OUTCOMES if any(_count(row, name) for row in rows)]
    ordered = sorted(rows, key=lambda row: (-row.rejected_count, row.file_name))
    lines: list[list[object]] = [
        [row.file_name, row.record_count, *(_count(row, name) for name in outcomes)]
        for row in ordered[:FILES_SHOWN]
    ]
    if len(rows) > 1:
        totals = [sum(_count(row, name) for row in rows) for name in outcomes]
        records = sum(row.record_count for row in rows)
        lines.append([f"all {len(rows):,} files", records, *totals])
    text = plots.table(["file", "records", *outcomes], lines, ["records", *outcomes])
    return dg.MetadataValue.md(text)


def refused_by_reason(counts: Sequence[tuple[str, int]]) -> dg.MarkdownMetadataValue:
    """Records in quarantine by reason, with what each means."""
    if not counts:
        return dg.MetadataValue.md("Nothing was refused.")
    largest = max(count for _, count in counts)
    text = plots.table(
        ["reason", "records", "", "meaning"],
        [
            (code, count, plots.bar(count, largest), reason_of(code).meaning)
            for code, count in counts
        ],
        ["records"],
    )
    return dg.MetadataValue.md(f"{text}\n\nWith what to do, and examples: `intent rejected`")


def events_by_day(connection: duckdb.DuckDBPyConnection, as_of: date) -> dg.MarkdownMetadataValue:
    """Events of the last days before the as-of date, of all that is loaded."""
    first = as_of - timedelta(days=DAYS_SHOWN - 1)
    found = dict(
        connection.execute(
            "select cast(event_at as date), count(*) from raw.events"
            " where event_at >= ? and event_at < ? group by all",
            [first, as_of + timedelta(days=1)],
        ).fetchall()
    )
    days = [first + timedelta(days=number) for number in range(DAYS_SHOWN)]
    counts = [int(found.get(day, 0)) for day in days]
    listed = list(zip(days, counts, strict=True))[: -DAYS_LISTED - 1 : -1]
    largest = max((count for _, count in listed), default=0)
    text = plots.table(
        ["day", "events", ""],
        [(f"{day:%a %Y-%m-%d}", count, plots.bar(count, largest)) for day, count in listed],
        ["events"],
    )
    words = f"{sum(counts):,} events in the {DAYS_SHOWN} days from {first} to {as_of}"
    return dg.MetadataValue.md(f"{words}\n\n`{plots.sparkline(counts)}`\n\n{text}")


@dataclass(frozen=True)
class Standing:
    """How many identified people and accounts are in each band, as of a day."""

    as_of_date: date
    people: dict[str, int]
    accounts: dict[str, int]


def standing(connection: duckdb.DuckDBPyConnection) -> Standing | None:
    """The bands of the published file; None in a file without a refresh."""
    dates = connection.execute(
        "select as_of_date from ops.refreshes order by published_at desc limit 1"
    ).fetchall()
    if not dates:
        return None
    people = connection.execute(
        "select intent_band, count(*) from marts.dim_people"
        " where is_identified and exclusion_reason is null group by all"
    ).fetchall()
    accounts = connection.execute(
        "select account_band, count(*) from marts.dim_accounts group by all"
    ).fetchall()
    return Standing(dates[0][0], dict(people), dict(accounts))


def bands(before: Standing | None, now: Standing) -> dg.MarkdownMetadataValue:
    """People and accounts by band, and what has changed since the version published before."""
    most_people = max(now.people.values(), default=0)
    most_accounts = max(now.accounts.values(), default=0)
    text = plots.table(
        ["band", "people", "±", "", "accounts", "±", ""],
        [
            (
                band,
                now.people.get(band, 0),
                change(before.people if before else None, now.people, band),
                plots.bar(now.people.get(band, 0), most_people),
                now.accounts.get(band, 0),
                change(before.accounts if before else None, now.accounts, band),
                plots.bar(now.accounts.get(band, 0), most_accounts),
            )
            for band in BANDS
        ],
        ["people", "accounts", "±"],
    )
    since = (
        f"Change since the version published before, as of {before.as_of_date}."
        if before
        else "The first version."
    )
    return dg.MetadataValue.md(f"{text}\n\nIdentified people, as of {now.as_of_date}. {since}")


def change(before: dict[str, int] | None, now: dict[str, int], band: str) -> str:
    """`+3`, `−2`; nothing where there is none, or nothing to compare with."""
    difference = now.get(band, 0) - before.get(band, 0) if before is not None else 0
    if not difference:
        return ""
    return f"+{difference:,}" if difference > 0 else f"−{-difference:,}"


def size_of(path: Path) -> int:
    """Bytes of an export: a file, a folder, or the folder that an index lies in."""
    whole = path.parent if path.name == "index.html" else path
    return sum(file.stat().st_size for file in _files_of(whole))


def files_of_folder(folder: Path) -> dg.MarkdownMetadataValue:
    """What lies in a folder, with its size; a folder in it counts as one."""
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    held = [(entry.name, _files_of(entry)) for entry in entries]
    sizes = [(name, len(files), sum(file.stat().st_size for file in files)) for name, files in held]
    largest = max((size for *_, size in sizes), default=0)
    text = plots.table(
        ["export", "files", "kB", ""],
        [(name, files, -(-size // 1_000), plots.bar(size, largest)) for name, files, size in sizes],
        ["files", "kB"],
    )
    return dg.MetadataValue.md(text)


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        return [each for each in path.rglob("*") if each.is_file()]
    return [path]


def _count(row: LedgerRow, outcome: str) -> int:
    return int(getattr(row, f"{outcome}_count"))
