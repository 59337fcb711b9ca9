"""The record of the refresh under way, written by each stage for the next: `<data>/refresh.json`.

Publish goes by it: only what was built to the end, with every test passed, may be published,
also when an operator starts publish alone. The file outlives a kill, so a build that was cut
short is known as such afterwards.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from ingestion.settings import Settings


@dataclass(frozen=True)
class RefreshRecord:
    """One refresh: who ran it, for which day, how far it came. Times are UTC."""

    refresh_id: str
    dagster_run_id: str
    as_of_date: date
    started_at: datetime
    files_loaded: int = 0
    events_loaded: int = 0
    rejected_count: int = 0
    models_built: int = 0
    tests_passed: int = 0
    is_built: bool = False
    """Every model built and every test passed, with nothing written since."""
    published_at: datetime | None = None
    made_of: str = ""
    """Fingerprint of all that a build of the whole went by (orchestration/refreshing/unchanged)."""

    def save(self, settings: Settings) -> None:
        """Replaces the kept record by this one, whole."""
        self.save_file(_path(settings), settings)

    def save_file(self, path: Path, settings: Settings) -> None:
        """Writes the record at `path` in the data directory, in the place of what is there."""
        settings.make_folder(path.parent)
        # one name, since only who holds the writer lock writes: what a kill leaves is used again
        draft = path.with_name(f".{path.name}.draft")
        with draft.open("w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(self), indent=2, default=_iso))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    @classmethod
    def read(cls, settings: Settings) -> RefreshRecord | None:
        """The last record kept; None where no refresh has begun in this data directory."""
        return cls.read_file(_path(settings))

    @classmethod
    def read_file(cls, path: Path) -> RefreshRecord | None:
        """The record at `path`; None where there is none, or none that this version can read: the
        next refresh does then what it may have spared itself."""
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            published_at = fields["published_at"]
            fields["as_of_date"] = date.fromisoformat(fields["as_of_date"])
            fields["started_at"] = datetime.fromisoformat(fields["started_at"])
            fields["published_at"] = published_at and datetime.fromisoformat(published_at)
            return cls(**fields)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None


def new_refresh_id(run_id: str, started_at: datetime) -> str:
    """A readable name that sorts by time: 20260630T180000Z-1a2b3c4d."""
    return f"{started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{run_id[:8]}"


def _path(settings: Settings) -> Path:
    return settings.data_dir / "refresh.json"


def _iso(value: date) -> str:
    return value.isoformat()
