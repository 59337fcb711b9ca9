"""What every format hands over: one relation of text, before the rules of a canonical event.

A format is a query over `block(line_number, line, problem)` that yields FIELDS, in any order:

- `line_number` (bigint), and `position` (integer: from 1 within a batch envelope, else 0);
- `raw_text`: the record as it stands in the file;
- `outcome`: null for a candidate event, else `blank`, `skipped`, `unfinished` (a last line that is
  cut off), `rejected` (with `reason_code` and perhaps `detail`) or `envelope` (its messages are
  still to be read);
- `emails` (list of text): in order of precedence, and `consents` (list of text): any may deny;
- `properties`, `traits`, `context` (json, or its text): each an object or null;
- the rest: text.
"""

from __future__ import annotations

from collections.abc import Mapping

FIELDS = (
    "line_number",
    "position",
    "raw_text",
    "outcome",
    "reason_code",
    "detail",
    "event_id",
    "event_type",
    "event_name",
    "anonymous_id",
    "user_id",
    "emails",
    "previous_id",
    "group_id",
    "client_session_id",
    "given_timestamp",
    "original_timestamp",
    "sent_at",
    "received_at",
    "page_url",
    "page_referrer",
    "page_title",
    "user_agent",
    "address",
    "consents",
    "properties",
    "traits",
    "context",
)

_TYPES = {
    "emails": "varchar[]",
    "consents": "varchar[]",
    "properties": "json",
    "traits": "json",
    "context": "json",
}


def select_list(expressions: Mapping[str, str]) -> str:
    """The select list of a format: `expressions` by field, null where it has none."""
    unknown = set(expressions) - set(FIELDS)
    if unknown:
        raise ValueError(f"no fields of an event: {sorted(unknown)}")
    return ",\n    ".join(f"{expressions.get(name) or _null(name)} as {name}" for name in FIELDS)


def _null(name: str) -> str:
    return f"cast(null as {_TYPES.get(name, 'varchar')})"
