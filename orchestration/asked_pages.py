"""The page that a command writes where it is asked to (`--html PATH`).

It is put in place before anything is printed: who pipes the text into `head` has it all the same.
"""

from __future__ import annotations

from pathlib import Path

from ingestion.errors import UserError
from orchestration.exports.files import write_file


def check_page(path: Path | None) -> None:
    """Raises UserError where a page is asked for that cannot be written: a folder, or in none, or
    in the place of what is no file, as a device or a pipe."""
    if path is None:
        return
    place = path.resolve()
    if not place.parent.is_dir() or (place.exists() and not place.is_file()):
        raise UserError(f"{path} cannot be written; name a file in a folder that is there")


def put_page(path: Path, page: str) -> None:
    """Puts `page` at `path`; where that is a link, at what it leads to."""
    write_file(path.resolve(), page.encode("utf-8"))


def page_words(path: Path) -> str:
    """What is said of it once the rest is printed."""
    return f"The same as a page: {path}"
