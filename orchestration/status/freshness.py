"""When what is published counts as fresh: one rule for the UI's policy and for `intent status`."""

from __future__ import annotations

from datetime import timedelta

WARN_AFTER = timedelta(hours=26)
"""The daily refresh begins at 00:15 UTC; two hours more than a day leave it time to be done."""

FAIL_AFTER = timedelta(hours=36)

DAYS_BEHIND = 1
"""An as-of date of yesterday is that of today's refresh, shortly after midnight."""

COLD_AFTER_DAYS = 7
"""Scores fade by the day: so long after the last event, a log is told to be old."""

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def ago(age: timedelta) -> str:
    """`3 days ago`, `1 hour ago`, `just now`; in the largest unit of which two are full."""
    seconds = int(age.total_seconds())
    for noun, length in _UNITS:
        count = seconds // length
        if count >= 2 or (count and length == 60):
            return f"{count:,} {noun}{'s' if count > 1 else ''} ago"
    return "just now"
