"""The collector's files of a day that is over, as one: it begins a file a minute, for years.

The new file holds the very lines of those that it takes the place of, packed, and lies beside them
in landing/: a warehouse that was lost is loaded anew from it, and whoever erases finds every line
there. The next load takes it up as it would take the same files under other names: all duplicates.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb

from ingestion import ledger
from ingestion.folders import sync_folder
from ingestion.hashing import sha256_of
from ingestion.landing import Kind, own_file
from ingestion.settings import Settings

_FEWEST = 2
_LEVEL = 3
"""Of gzip: of logs a tenth is left, at the speed of the disk."""


def days_over(settings: Settings, today: date) -> dict[date, list[Path]]:
    """The collector's files of each day before `today` (UTC) that left several, by name."""
    days: dict[date, list[Path]] = defaultdict(list)
    for path in sorted(settings.landing.iterdir()) if settings.landing.is_dir() else ():
        own = own_file(path.name)
        if own is not None and own.day is not None and own.day < today:
            days[own.day].append(path)
    return {day: paths for day, paths in sorted(days.items()) if len(paths) >= _FEWEST}


def gather(
    connection: duckdb.DuckDBPyConnection, settings: Settings, days: Mapping[date, Sequence[Path]]
) -> list[Path]:
    """Puts the files of each day into one; the new files.

    A file goes only if the ledger holds these very bytes, loaded to the last line, and only when
    the new one is on the disk: killed anywhere, every line is there, some perhaps twice. Called
    under the writer lock. Raises OSError where the disk takes no more: a day that is not done stays
    as it is.
    """
    for draft in settings.landing.glob(f".{Kind.gathered}-*"):
        draft.unlink()
    made = []
    for day, paths in days.items():
        loaded = [path for path in paths if _is_loaded(connection, path)]
        if len(loaded) >= _FEWEST:
            made.append(_gather(settings.landing, day, loaded))
    return made


def _is_loaded(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    load = ledger.same_content(connection, sha256_of(path))
    return load is not None and not load.unfinished_count


def _gather(landing: Path, day: date, paths: Sequence[Path]) -> Path:
    draft = landing / f".{Kind.gathered}-{day:%Y%m%d}"
    digest = hashlib.sha256()
    try:
        with draft.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)  # people's data, as in the collector's own files
            # without name and time: the same lines are the same bytes, and so the same file
            with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed:
                for path in paths:
                    with path.open("rb") as lines:
                        shutil.copyfileobj(lines, packed, 1 << 20)
                    digest.update(path.name.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    gathered = landing / f"{Kind.gathered}-{day:%Y%m%d}-{digest.hexdigest()[:16]}.ndjson.gz"
    draft.rename(gathered)
    sync_folder(landing)
    for path in paths:
        path.unlink()
    return gathered
