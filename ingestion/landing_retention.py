"""Taking old files out of landing/, where the settings ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from ingestion import ledger, quarantine
from ingestion.hashing import sha256_of
from ingestion.landing import pending_files
from ingestion.settings import Settings


@dataclass(frozen=True)
class LandingRemoval:
    """What came of it: the files removed, and those that could not be, with the reason."""

    removed: tuple[Path, ...] = ()
    refused: tuple[str, ...] = ()


def remove_loaded_files(
    connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime
) -> LandingRemoval:
    """Removes files of landing/ that have been loaded more than INTENT_KEEP_LANDING_DAYS ago.

    A file goes only if the ledger holds these very bytes, loaded to their last line, and neither
    the load nor the file's last change is younger; and if what was refused of it is in quarantine
    as it was, or else it is told. Called under the writer lock; `now` has a zone.
    """
    if settings.keep_landing_days is None:
        return LandingRemoval()
    limit = now - timedelta(days=settings.keep_landing_days)
    removed: list[Path] = []
    refused: list[str] = []
    for path in pending_files(settings):
        try:
            load = _load_of_old(connection, path, limit)
            if load is None:
                continue
            if load.rejected_count and not quarantine.holds_all_of(connection, load.file_name):
                refused.append(f"{load.file_path} stays: quarantine has not all that was refused")
                continue
            path.unlink()
            removed.append(path)
        except OSError as error:
            refused.append(str(error))
    return LandingRemoval(tuple(removed), tuple(refused))


def _load_of_old(
    connection: duckdb.DuckDBPyConnection, path: Path, limit: datetime
) -> ledger.LedgerRow | None:
    """The load of a file, where both are older than the limit and it was loaded to its end."""
    status = path.stat()
    if datetime.fromtimestamp(status.st_mtime, UTC) >= limit:
        return None
    if not ledger.knows_size(connection, status.st_size):
        return None
    load = ledger.same_content(connection, sha256_of(path))
    if load is None or load.unfinished_count or load.loaded_at.replace(tzinfo=UTC) >= limit:
        return None
    return load
