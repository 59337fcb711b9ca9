"""Messages that the collector took over HTTP and will not let into the history.

It writes each as `{"collectorRefused": <reason code>, "message": <what came>}`: a record of its
own, that the Segment reader rejects for this reason, so that the quarantine keeps it. What came is
one member deep, so no part of it is read as an event, and reading the quarantine again changes
nothing.
"""

from __future__ import annotations

from typing import Any

KEY = "collectorRefused"

CODES = ("reserved_event", "reserved_id", "event_too_large", "nested_envelope", "not_an_object")
"""Another word under the key is no reason: the record is read as the message that it is."""

_BEGINNING = f'{{"{KEY}":'


def refusal(reason_code: str, message: Any) -> dict[str, Any]:
    """The record that stands for a message that is refused; the key comes first."""
    return {KEY: reason_code, "message": message}


def refused_for(json_line: str) -> str:
    """SQL: the reason why the record was refused; null for all that was not.

    A look at the first letters costs a usual message nothing; to read them as JSON would.
    """
    reason = f'^[{{]"{KEY}":"({"|".join(CODES)})"'
    return f"""case
            when starts_with({json_line}, '{_BEGINNING}')
                then nullif(regexp_extract({json_line}, '{reason}', 1), '')
        end"""
