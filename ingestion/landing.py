"""The folder where producers drop log files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingestion.settings import Settings

UNFINISHED_SUFFIXES = (".tmp", ".part")
"""A producer writes under such a name and renames when done."""


def log_files(directory: Path) -> list[Path]:
    """The files below `directory`, by name; hidden ones and those still being written left out."""
    return sorted(_walk(directory))


def _walk(directory: Path) -> Iterator[Path]:
    for path in directory.iterdir():
        if path.name.startswith(".") or path.name.endswith(UNFINISHED_SUFFIXES):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def pending_files(settings: Settings) -> list[Path]:
    """All files of landing/; the loader itself skips what the ledger knows."""
    return log_files(settings.landing) if settings.landing.is_dir() else []
