"""The rules that are read without a database: files of seeds/, as people and spreadsheets write
them."""

from __future__ import annotations

import csv
from pathlib import Path

from ingestion.errors import UserError

_TRUE = frozenset({"true", "t", "yes", "y", "1"})


def seed_rows(project_root: Path, seed: Path, *columns: str) -> list[dict[str, str]]:
    """The rows of `seed` (a path from the project's root), of which these columns are needed.

    Raises UserError where one of them is missing, a row has more cells or fewer, or the file is no
    CSV in UTF-8: half a list of what to mask would be none.
    """
    try:
        with (project_root / seed).open(newline="", encoding="utf-8-sig") as file:
            header, *rows = [row for row in csv.reader(file, strict=True) if row] or [[]]
    except UnicodeDecodeError:
        raise UserError(f"{seed} is not UTF-8; save the file as CSV in UTF-8") from None
    except csv.Error as error:
        raise UserError(f"{seed} cannot be read as CSV: {error}") from None
    for column in columns:
        if column not in header:
            raise UserError(
                f"{seed} has no column {column}: its first line names the columns, with commas"
            )
    if any(len(row) != len(header) for row in rows):
        raise UserError(f"{seed} has rows of other than {len(header)} cells, as its first line has")
    return [dict(zip(header, row, strict=True)) for row in rows]


def is_true(text: str) -> bool:
    """Whether a cell says true, in any spelling that the models take for it: spreadsheets write
    TRUE."""
    return text.lower() in _TRUE
