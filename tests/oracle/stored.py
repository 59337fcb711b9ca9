"""Rows of messages as the warehouse holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_stored(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a message as the warehouse holds it: naive times in UTC, JSON as text."""
    stored = dict(row)
    for name in ("event_at", "original_timestamp", "sent_at", "received_at"):
        if stored[name] is not None:
            stored[name] = (_EPOCH + timedelta(microseconds=stored[name])).replace(tzinfo=None)
    for name in ("properties", "traits", "context"):
        if stored[name] is not None:
            stored[name] = json.dumps(stored[name])
    return stored
