"""The wall clock, for what the ledger records; no rule depends on it."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now in UTC, without a zone, as every time in the warehouse."""
    return datetime.now(UTC).replace(tzinfo=None)
