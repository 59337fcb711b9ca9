"""What each stage of a refresh came to, for the summary on the terminal and the UI's metadata."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ingestion.formats import AD_SPEND, LEADS, NO_EVENTS, whole_file
from ingestion.ledger import LedgerRow


@dataclass(frozen=True)
class Loaded:
    """Stage load: the ledger's rows of this run, and what was rejected, by reason code."""

    as_of_date: date
    files: tuple[LedgerRow, ...]
    rejected_by_reason: tuple[tuple[str, int], ...]
    newest_event_at: datetime | None
    """The newest event of the whole history that somebody did, UTC (an identify tells who somebody
    is: a list of users is no activity); None in an empty warehouse."""
    unknown: tuple[tuple[str, str], ...] = ()
    """Files whose format was not known, so that nothing of them was loaded: name, and why."""
    known_files: int = 0
    """Files asked for by their paths that had been loaded before; of landing/ that is no news."""

    @property
    def lead_files(self) -> tuple[LedgerRow, ...]:
        """The files of a CRM: what they brought are leads, which are no events."""
        return tuple(row for row in self.files if row.format == LEADS)

    @property
    def spend_files(self) -> tuple[LedgerRow, ...]:
        """Files of ad spend: what they brought are costs of a day and campaign."""
        return tuple(row for row in self.files if row.format == AD_SPEND)

    @property
    def event_files(self) -> tuple[LedgerRow, ...]:
        return tuple(row for row in self.files if row.format not in NO_EVENTS)

    @property
    def events(self) -> int:
        return sum(row.loaded_count for row in self.event_files)

    @property
    def leads(self) -> int:
        return sum(row.loaded_count for row in self.lead_files)

    @property
    def spend_rows(self) -> int:
        return sum(row.loaded_count for row in self.spend_files)

    @property
    def rejected(self) -> int:
        return sum(row.rejected_count for row in self.files)


@dataclass(frozen=True)
class Built:
    """Stage build: seeds and models built, tests passed, tests that only warn."""

    models: int
    seeds: int
    """Those loaded; one whose file is as it was is not."""
    tests: int
    warnings: tuple[str, ...]
    rebuilt: tuple[str, ...] = ()
    """Which tables were built from everything, and why: `9 tables, since …`, a line a cause."""
    leftovers: tuple[str, ...] = ()
    """Tables and views that this version of the product makes no more, and that were dropped."""


@dataclass(frozen=True)
class Unchanged:
    """Stage build, where there was nothing to do: what is published, and since when (UTC)."""

    as_of_date: date
    published_at: datetime


@dataclass(frozen=True)
class Published:
    """Stage publish: the new analytics.duckdb."""

    path: Path
    byte_count: int
    method: str
    """How it was copied: reflink, in the kernel, or through memory."""


@dataclass(frozen=True)
class Exported:
    """Stage export: one file for sales, and how much it holds."""

    path: Path
    row_count: int
    noun: str = "rows"


def unknown_files(rows: Iterable[LedgerRow]) -> list[str]:
    """The names of the files whose format was not known, so that nothing of them was loaded."""
    return [row.file_name for row in rows if row.format == whole_file.UNKNOWN]


@dataclass(frozen=True)
class Removed:
    """Stage tidy: what was old enough to go, and what could not be removed, with the reason."""

    exports: tuple[Path, ...]
    landing_files: tuple[Path, ...]
    refused: tuple[str, ...]
    reports: tuple[Path, ...] = ()
    """Mini-reports, and mails of outbox/."""


@dataclass(frozen=True)
class Compacted:
    """A database file of the pipeline, rid of what holds nothing."""

    path: Path
    bytes_before: int
    byte_count: int


@dataclass(frozen=True)
class Reported:
    """Stage report: mini-reports that were made, and of how many requests none could be."""

    made: int
    refused: int


@dataclass(frozen=True)
class Delivered:
    """Stage deliver: what became of the mini-reports that were due."""

    words: str
    is_news: bool
    warnings: tuple[str, ...] = ()


Outcome = (
    Loaded | Built | Unchanged | Compacted | Published | Exported | Removed | Reported | Delivered
)
