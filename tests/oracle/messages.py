"""Segment messages as canonical rows of raw.events: columns, clock, and what is rejected."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from tests.oracle.names import event_email, text_of
from tests.oracle.rules import Rules

EVENT_TYPES = frozenset({"page", "track", "identify", "screen", "group", "alias"})

DAY = 86_400_000_000

CONTENT_COLUMNS = (
    "event_id",
    "event_type",
    "event_name",
    "anonymous_id",
    "user_id",
    "email",
    "previous_id",
    "group_id",
    "client_session_id",
    "original_timestamp",
    "page_url",
    "page_referrer",
    "page_title",
    "user_agent",
    "ip_prefix",
    "consent",
    "properties",
    "traits",
    "context",
)
"""What makes two copies of an event the same; where and when it arrived does not."""


class RejectedError(Exception):
    """A record that is no event; the message is its reason."""


def records_of(line: str) -> Iterator[Mapping[str, Any]]:
    """The messages of one line, which may be an envelope of several. Raises RejectedError."""
    try:
        message = json.loads(line)
    except ValueError as error:
        raise RejectedError("invalid_json") from error
    if not isinstance(message, dict):
        raise RejectedError("not_an_object")
    batch = message.get("batch")
    if not isinstance(batch, list):
        yield message
        return
    envelope = {name: message[name] for name in ("sentAt", "sent_at") if name in message}
    for member in batch:
        yield {**envelope, **member} if isinstance(member, dict) else {"type": None}


def canonical_row(message: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """The row of raw.events that a message makes; times in microseconds. Raises RejectedError."""
    context = message.get("context") if isinstance(message.get("context"), dict) else None
    properties = message.get("properties")
    page = (context or {}).get("page") or {}
    event_type = text_of(message.get("type"))
    if event_type not in EVENT_TYPES:
        raise RejectedError("unknown_type")
    own_page = properties if event_type == "page" and isinstance(properties, dict) else {}
    row: dict[str, Any] = {
        "event_id": (text_of(_either(message, "messageId")) or "").strip() or None,
        "event_type": event_type,
        "event_name": text_of(message.get("event")) or text_of(message.get("name")),
        "anonymous_id": text_of(_either(message, "anonymousId")),
        "user_id": text_of(_either(message, "userId")),
        "email": text_of(message.get("email")),
        "previous_id": text_of(_either(message, "previousId")),
        "group_id": text_of(_either(message, "groupId")),
        "client_session_id": text_of(_either(context or {}, "sessionId")),
        "original_timestamp": instant(_either(message, "originalTimestamp")),
        "sent_at": instant(_either(message, "sentAt")),
        "received_at": instant(_either(message, "receivedAt")),
        "page_url": _masked(text_of(page.get("url") or own_page.get("url")), rules),
        "page_referrer": _masked(text_of(page.get("referrer") or own_page.get("referrer")), rules),
        "page_title": text_of(page.get("title") or own_page.get("title")),
        "user_agent": text_of(_either(context or {}, "userAgent")),
        "ip_prefix": _prefix(text_of((context or {}).get("ip"))),
        "consent": consent_of(message, rules),
        "properties": _masked(properties, rules),
        "traits": _masked(message.get("traits"), rules),
        "context": _masked(_without_address(context), rules),
        "source": "segment",
    }
    row["event_at"] = _corrected_time(row, instant(message.get("timestamp")))
    return row


def consent_of(message: Mapping[str, Any], rules: Rules) -> str | None:
    """`denied`, `granted`, or None where the message says nothing."""
    context = message.get("context")
    consent = context.get("consent") if isinstance(context, dict) else None
    preferences = _either(consent, "categoryPreferences") if isinstance(consent, dict) else None
    said = preferences.get(rules.consent_category) if isinstance(preferences, dict) else None
    if said is False:
        return "denied"
    flat = (text_of(message.get("consent")) or "").strip().lower()
    if flat in {"denied", "false"}:
        return "denied"
    return "granted" if said is True or flat in {"granted", "true"} else None


def content_md5(row: Mapping[str, Any], rules: Rules) -> str:
    """The md5 of the content as JSON with sorted keys and no white space, nulls left out.

    The columns are those of raw.events: what has a column of its own is not in the context.
    """
    content = {name: row.get(name) for name in CONTENT_COLUMNS}
    if content["original_timestamp"] is not None:
        at = _EPOCH + timedelta(microseconds=content["original_timestamp"])
        content["original_timestamp"] = f"{at:%Y-%m-%d %H:%M:%S.%f}".rstrip("0").rstrip(".")
    content["email"] = event_email(row, replace(rules, email_properties={}))
    content["context"] = _rest_of_context(row.get("context"))
    text = json.dumps(
        _without_nulls(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _rest_of_context(context: Any) -> Any:
    """The context without what raw.events has columns for, and without a URL's parts."""
    if not isinstance(context, dict):
        return None
    lifted = {"ip", "userAgent", "user_agent", "sessionId", "session_id", "page"}
    rest = {name: value for name, value in context.items() if name not in lifted}
    page = context.get("page")
    if isinstance(page, dict):
        parts = {"url", "referrer", "title"} | ({"path", "search"} if page.get("url") else set())
        rest["page"] = {name: value for name, value in page.items() if name not in parts} or None
    return _without_nulls(rest) or None


def instant(value: Any) -> int | None:
    """Microseconds since 1970 of an ISO 8601 text or a datetime; without an offset it is UTC.

    Raises RejectedError where there is a value that is no time.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise RejectedError("bad_time") from error
    if not isinstance(value, datetime):
        raise RejectedError("bad_time")
    since = (value if value.tzinfo else value.replace(tzinfo=UTC)) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(microseconds: int) -> str:
    """The ISO text of a time, always with six digits and a Z."""
    at = (_EPOCH + timedelta(microseconds=microseconds)).replace(tzinfo=None)
    return at.isoformat(timespec="microseconds") + "Z"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SNAKE_CASE = {
    "messageId": "message_id",
    "anonymousId": "anonymous_id",
    "userId": "user_id",
    "previousId": "previous_id",
    "groupId": "group_id",
    "sessionId": "session_id",
    "userAgent": "user_agent",
    "originalTimestamp": "original_timestamp",
    "sentAt": "sent_at",
    "receivedAt": "received_at",
    "categoryPreferences": "category_preferences",
}


def _corrected_time(row: dict[str, Any], timestamp: int | None) -> int:
    if row["original_timestamp"] is None:
        row["original_timestamp"] = timestamp
    original, sent, received = row["original_timestamp"], row["sent_at"], row["received_at"]
    if original is None:
        raise RejectedError("no_time")
    if sent is not None and received is not None:
        event_at = int(received - (sent - original))
    else:
        event_at = int(original if timestamp is None else timestamp)
    if received is not None and event_at - received > DAY:
        raise RejectedError("more_than_a_day_ahead")
    return event_at


def _either(fields: Mapping[str, Any], camel: str) -> Any:
    """A field in either key style: anonymousId or anonymous_id; null is as good as absent."""
    value = fields.get(camel)
    return fields.get(_SNAKE_CASE[camel]) if value is None else value


def _masked(value: Any, rules: Rules) -> Any:
    """Parameters that name a person lose their values, in every text at any depth."""
    if isinstance(value, str):
        return _masked_values(rules.masked_parameters).sub(r"\1masked", value)
    if isinstance(value, dict):
        return {name: _masked(member, rules) for name, member in value.items()}
    if isinstance(value, list):
        return [_masked(member, rules) for member in value]
    return value


@cache
def _masked_values(parameters: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(parameters))
    return re.compile(rf"([?&#](?:{names})=)[^&#\s]*")


def _prefix(address: str | None) -> str | None:
    try:
        parsed = ipaddress.ip_address((address or "").strip())
    except ValueError:
        return None
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def _without_address(context: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if context is None else {k: v for k, v in context.items() if k != "ip"}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_nulls(member) for name, member in value.items() if member is not None
        }
    if isinstance(value, list):
        return [_without_nulls(member) for member in value]
    return value


def in_snake_case(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message with the other style of its keys, at every depth where the style matters."""
    return {
        _snake(name): (
            {_snake(inner): member for inner, member in value.items()}
            if name == "context" and isinstance(value, dict)
            else value
        )
        for name, value in message.items()
    }


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: "_" + letter.group().lower(), name)
