"""Whether a refresh would only make again what is published already.

What is published is a function of the project's files, the versions of product, dbt and DuckDB,
the reference lists, what is loaded, and the settings of the run. A refresh that came to its end,
exports included, leaves a fingerprint of all that in `<data>/standing.json`; a build takes it away
before it starts. The next refresh that finds the same has nothing to do.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from ingestion import warehouse
from ingestion.landing import pending_files
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.dbt.manifest import project_files
from orchestration.refreshing.record import RefreshRecord

# by its time, a load is told from that of the same number into a warehouse that was lost
_LOADED = """
select
    (select list((as_of_date, is_as_of_today)) from raw.refresh_settings),
    (select (count(*), max(load_id), max(loaded_at)) from raw.files),
    (select count(*) from raw.rejected_events),
    (select list((list_name, version) order by list_name) from raw.list_versions),
    (select list(site_domain order by site_domain) from raw.site_domains)
"""


def made_of(settings: Settings, project_root: Path = PROJECT_ROOT) -> str:
    """The fingerprint of all that a refresh goes by, once its load is done."""
    with warehouse.connect(settings) as connection:
        loaded = connection.execute(_LOADED).fetchall()
    return f"{_project(settings, project_root)}-{_hash(loaded)}"


def standing(settings: Settings) -> RefreshRecord | None:
    """The refresh that made what is published, where nothing was built since; else None."""
    return RefreshRecord.read_file(_path(settings))


def note_standing(settings: Settings, record: RefreshRecord) -> None:
    """Keeps the record of a refresh that has come to its end, where it built the whole."""
    if record.is_built and record.published_at and record.made_of:
        record.save_file(_path(settings), settings)


def forget_standing(settings: Settings) -> None:
    """A build begins: what is published may not be what is built."""
    _path(settings).unlink(missing_ok=True)


def is_unchanged(settings: Settings, last: RefreshRecord | None, now: str) -> bool:
    """Whether `last` went by what `now` is the fingerprint of, and is what readers see."""
    return (
        last is not None
        and last.made_of == now
        and settings.marts.exists()
        and _newest_published(settings) == last.refresh_id
    )


def may_be_new(
    settings: Settings, as_of: date | None, *, is_asked: bool, project_root: Path = PROJECT_ROOT
) -> bool:
    """Whether a refresh is likely to build, by a glance that opens no database.

    `is_asked` says that files or a full refresh are asked for.
    """
    last = standing(settings)
    if is_asked or last is None or last.as_of_date != as_of:
        return True
    if last.made_of.split("-")[0] != _project(settings, project_root):
        return True
    noted_at = _path(settings).stat().st_mtime_ns
    return any(path.stat().st_mtime_ns >= noted_at for path in pending_files(settings))


def _newest_published(settings: Settings) -> str | None:
    try:
        with duckdb.connect(str(settings.analytics), read_only=True) as connection:
            [(refresh_id,)] = connection.execute(
                "select max_by(refresh_id, published_at) from ops.refreshes"
            ).fetchall()
    except duckdb.Error:
        return None  # missing or broken: to be made again
    return str(refresh_id)


def _project(settings: Settings, project_root: Path) -> str:
    """Of the project's files by content, of the programs, and of how dates are shown."""
    versions = [version(name) for name in ("intent-growth", "dbt-core", "dbt-duckdb", "duckdb")]
    files = [
        (path.relative_to(project_root).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in project_files(project_root)
    ]
    return _hash([versions, files, settings.timezone])


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:16]


def _path(settings: Settings) -> Path:
    return settings.data_dir / "standing.json"
