"""Rows of schema raw that a test makes up, as the loader would have put them there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

import pandas as pd

from tests.oracle.names import event_email
from tests.oracle.rules import Rules


def frame_of_events(rows: Sequence[Mapping[str, Any]], rules: Rules) -> pd.DataFrame:
    """Rows of raw.events as a table."""
    return pd.DataFrame([as_loaded(row, rules) for row in rows])


def as_loaded(row: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """What the loader makes of a row's identifiers: trimmed, and the first valid address."""
    parsed = {
        column: json.loads(row[column]) if row[column] is not None else None
        for column in ("properties", "traits", "context")
    }
    trimmed = {
        column: (row[column] or "").strip() or None
        for column in ("anonymous_id", "user_id", "previous_id")
    }
    # an address in the properties is found by the models, which see to spellings as well; the
    # loader sees to the other places
    as_written = replace(
        rules, email_properties={}, ignores_email_tags=False, dotless_domains=frozenset()
    )
    email = event_email({**row, **parsed}, as_written)
    # so few keys that events share them
    return {**row, **trimmed, "email": email, "event_key": crc32(row["event_id"].encode()) % 3}


def frame_of_leads(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of raw.leads as a table that keeps None apart from false and from no time."""
    frame = pd.DataFrame(list(rows), dtype=object)
    if len(frame):
        frame["updated_at"] = pd.to_datetime(frame["updated_at"])
        frame["is_customer"] = frame["is_customer"].astype("boolean")
    return frame


def frame_of_spend(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of raw.ad_spend as a table that keeps None apart from no time."""
    frame = pd.DataFrame(list(rows), dtype=object)
    if len(frame):
        frame["updated_at"] = pd.to_datetime(frame["updated_at"])
    return frame
