"""Dates as people give them."""

from __future__ import annotations

from datetime import date

from ingestion.errors import UserError


def parse_date(text: str) -> date:
    """A UTC day written as 2026-06-30. Raises UserError for a text that is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is not a date; write it as 2026-06-30") from None
