"""The rules that are read without a database: files of seeds/, as people and spreadsheets write
them."""

from __future__ import annotations

import csv
from pathlib import Path

from ingestion.errors import UserError

_TRUE = frozenset({"true", "t", "yes", "y", "1"})


def seed_rows(project_root: Path, seed: Path, *columns: str) -> list[dict[str, str]]:
    """The rows of `seed` (a path from the project's root), of which these columns are needed.

    Raises UserError where one of them is missing, or the file is not in UTF-8.
    """
    try:
        with (project_root / seed).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = [{name: row[name] or "" for name in reader.fieldnames or ()} for row in reader]
    except UnicodeDecodeError:
        raise UserError(f"{seed} is not UTF-8; save the file as CSV in UTF-8") from None
    for column in columns:
        if column not in (reader.fieldnames or ()):
            raise UserError(
                f"{seed} has no column {column}: its first line names the columns, with commas"
            )
    return rows


def is_true(text: str) -> bool:
    """Whether a cell says true, in any spelling that the models take for it: spreadsheets write
    TRUE."""
    return text.lower() in _TRUE
