"""The folder where producers drop log files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from ingestion.settings import Settings

UNFINISHED_SUFFIXES = (".tmp", ".part")
"""A producer writes under such a name and renames when done."""

NOT_A_LOG = ".not-a-log"
"""A folder with a file of this name in it holds no logs, and is passed over."""


class Kind(StrEnum):
    """What the product itself writes into landing/, by how its names begin."""

    events = "events"
    """What the collector takes all day."""
    requests = "requests"
    """Requests for a mini-report, for which somebody waits."""
    steps = "lead-magnet"
    """What delivery did for a request."""
    gathered = "gathered"
    """The collector's files of a day that is over, as one."""


# not by the beginning alone: somebody may drop a history of such a name, with whatever in it
_OWN_NAME = re.compile(
    r"(?P<kind>events|requests)-(?P<day>\d{8})T\d{6}Z-[0-9a-f]{12}\.ndjson"
    r"|(?P<steps>lead-magnet)-\d{8}T\d{6}Z-[0-9a-f]{8}\.ndjson"
    r"|(?P<gathered>gathered)-\d{8}-[0-9a-f]{16}\.ndjson\.gz"
)


@dataclass(frozen=True)
class OwnFile:
    """A file that the product writes: renamed when it is whole, and never changed."""

    kind: Kind
    day: date | None = None
    """When the collector began it, in UTC; None of others."""


def own_file(name: str) -> OwnFile | None:
    """What a name says of a file of landing/; None where it is none of the product's."""
    found = _OWN_NAME.fullmatch(name)
    if found is None:
        return None
    if found["kind"] is None:
        return OwnFile(Kind(found["steps"] or found["gathered"]))
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:
        return None
    return OwnFile(Kind(found["kind"]), day)


def starts_a_refresh(path: Path) -> bool:
    """Whether a file is news: not what delivery tells, which the next refresh takes up, nor what
    was loaded before, in the files that it is made of."""
    own = own_file(path.name)
    return own is None or own.kind not in {Kind.steps, Kind.gathered}


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
