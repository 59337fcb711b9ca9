"""Taking old files out of landing/, where the settings ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from ingestion import ledger
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
    the load nor the file's last change is younger. Called under the writer lock; `now` has a zone.
    """
    if settings.keep_landing_days is None:
        return LandingRemoval()
    limit = now - timedelta(days=settings.keep_landing_days)
    removed: list[Path] = []
    refused: list[str] = []
    for path in pending_files(settings):
        try:
            if _is_due(connection, path, limit):
                path.unlink()
                removed.append(path)
        except OSError as error:
            refused.append(str(error))
    return LandingRemoval(tuple(removed), tuple(refused))


def _is_due(connection: duckdb.DuckDBPyConnection, path: Path, limit: datetime) -> bool:
    status = path.stat()
    if datetime.fromtimestamp(status.st_mtime, UTC) >= limit:
        return False
    if not ledger.knows_size(connection, status.st_size):
        return False
    load = ledger.same_content(connection, sha256_of(path))
    if load is None or load.unfinished_count:
        return False
    return load.loaded_at.replace(tzinfo=UTC) < limit
