"""Dates as people give them."""

from __future__ import annotations

from datetime import date

from ingestion.errors import UserError

_FIRST_YEAR, _LAST_YEAR = 1970, 2999


def parse_date(text: str) -> date:
    """A UTC day written as 2026-06-30.

    Raises UserError for a text that is none, and for a day so far away that the days which are
    counted from it may be none.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is not a date; write it as 2026-06-30") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise UserError(f"{text} is too far away; give a day of {_FIRST_YEAR} to {_LAST_YEAR}")
    return day
