"""When a message that was not sent is tried again: later each time, and not for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from orchestration.delivery.ledger import Delivery, State
from orchestration.delivery.smtp import Failure

WAITS = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
    timedelta(hours=24),
)
"""After the first try, the second …; after the last of them nothing more is tried. Nearly five days
in all, as mail servers do it (RFC 5321, 4.5.4.1)."""

_FINAL = {Failure.permanent, Failure.late}


def next_try(last: Delivery) -> datetime | None:
    """When it is tried again by itself; None where it is not."""
    if last.state is State.waiting:
        return last.time
    if last.state is not State.failed or last.failure in _FINAL or last.attempt > len(WAITS):
        return None
    return last.time + WAITS[max(last.attempt, 1) - 1]


def is_due(last: Delivery | None, now: datetime) -> bool:
    """Whether it is to be tried now; `last` is what the ledger says of it, if anything."""
    if last is None:
        return True
    at = next_try(last)
    return at is not None and at <= now


def is_given_up(last: Delivery) -> bool:
    """Whether it failed, and is not tried again by itself."""
    return last.state is State.failed and next_try(last) is None
