"""Which day an export is noted under, so that the next one can tell what is new or has changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime


def last_noted(noted: Iterable[date], as_of: date) -> date:
    """The newest day that is noted up to today; `as_of`, where none is newer.

    A past day told again, with what is known by now, is no state that a later day was compared
    with. A note of a day to come, which somebody looked at once, keeps no day out.
    """
    today = datetime.now(UTC).date()
    return max([as_of, *(day for day in noted if day <= today)])
