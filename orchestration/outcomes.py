"""What each stage of a refresh came to, for the summary on the terminal and the UI's metadata."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ingestion.ledger import LedgerRow


@dataclass(frozen=True)
class Loaded:
    """Stage load: the ledger's rows of this run, and what was rejected, by reason code."""

    as_of_date: date
    files: tuple[LedgerRow, ...]
    rejected_by_reason: tuple[tuple[str, int], ...]
    newest_event_at: datetime | None
    """The newest event of the whole history, UTC; None in an empty warehouse."""

    @property
    def events(self) -> int:
        return sum(row.loaded_count for row in self.files)

    @property
    def rejected(self) -> int:
        return sum(row.rejected_count for row in self.files)


@dataclass(frozen=True)
class Built:
    """Stage build: seeds and models built, tests passed, tests that only warn."""

    models: int
    seeds: int
    tests: int
    warnings: tuple[str, ...]


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


@dataclass(frozen=True)
class Removed:
    """Stage tidy: what was old enough to go, and what could not be removed, with the reason."""

    exports: tuple[Path, ...]
    landing_files: tuple[Path, ...]
    refused: tuple[str, ...]


Outcome = Loaded | Built | Published | Exported | Removed
