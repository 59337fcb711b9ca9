"""Where a Segment message keeps what has a column of its own."""

from __future__ import annotations

from ingestion.formats.leftovers import CONTEXT_KEYS, FLAT_KEYS, KEPT_KEYS, URL_PARTS
from ingestion.formats.members import Members


def columns(message: Members) -> dict[str, str]:
    """What has a column of its own, the top level's keys and those within the context."""
    found = {
        "event_id": message.text("messageId", "message_id", "event_id"),
        "given_type": message.text("type"),
        "track_name": message.text("event"),
        "view_name": message.text("name"),
        "anonymous_id": message.text("anonymousId", "anonymous_id"),
        "user_id": message.text("userId", "user_id"),
        "previous_id": message.text("previousId", "previous_id"),
        "group_id": message.text("groupId", "group_id"),
        "given_timestamp": message.text("timestamp"),
        "original_timestamp": message.text("originalTimestamp", "original_timestamp"),
        "sent_at": message.text("sentAt", "sent_at"),
        "received_at": message.text("receivedAt", "received_at"),
        "given_address": message.text("ip"),
        "properties_json": message.json("properties"),
        "traits_json": message.json("traits"),
        "client_session_id": message.text("context.sessionId", "context.session_id"),
        "user_agent": message.text("context.userAgent", "context.user_agent"),
        "context_address": message.text("context.ip"),
        "page_url": message.text("context.page.url"),
        "page_referrer": message.text("context.page.referrer"),
        "page_title": message.text("context.page.title"),
        "consent_json": message.json("context.consent"),
        "context_traits": message.json("context.traits"),
    }
    for part in URL_PARTS:
        message.text(f"context.page.{part}")
    for key in CONTEXT_KEYS:
        message.json(f"context.{key}")
    return found | {name: message.text(*keys) for name, keys in FLAT_KEYS.items()}


def _known_keys() -> frozenset[str]:
    message = Members()
    columns(message)
    return frozenset((*message.keys(), *KEPT_KEYS.values()))


KNOWN_KEYS = _known_keys()
"""The top-level keys that have a meaning of their own."""
