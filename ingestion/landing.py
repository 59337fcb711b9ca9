"""The folder where producers drop log files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingestion.settings import Settings

UNFINISHED_SUFFIXES = (".tmp", ".part")
"""A producer writes under such a name and renames when done."""

NOT_A_LOG = ".not-a-log"
"""A folder with a file of this name in it holds no logs, and is passed over."""


def log_files(directory: Path) -> list[Path]:
    """The files below `directory`, by name.

    Left out are hidden files, those still being written, and folders that say they hold no logs.
    """
    return sorted(_walk(directory))


def _walk(directory: Path) -> Iterator[Path]:
    for path in directory.iterdir():
        if path.name.startswith(".") or path.name.endswith(UNFINISHED_SUFFIXES):
            continue
        if path.is_dir():
            if not (path / NOT_A_LOG).exists():
                yield from _walk(path)
        elif path.is_file():
            yield path


def pending_files(settings: Settings) -> list[Path]:
    """All files of landing/; the loader itself skips what the ledger knows."""
    return log_files(settings.landing) if settings.landing.is_dir() else []
