"""What is left of an event whose browser says that it does not want to be tracked.

Global Privacy Control (`Sec-GPC: 1`) and Do Not Track (`DNT: 1`). The event is counted: it is
written with denied consent, so that the loader gives it no visitor, session or person. Nothing
else that could tell who it was reaches the disk: what stays is listed here, all else is left out.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_KEPT = (
    "type", "event_type", "event", "name", "event_name",
    "timestamp", "originalTimestamp", "original_timestamp", "sentAt", "sent_at",
)  # fmt: skip


_DENIED = ("false", "denied", "no", "0")
"""As the macro consent_word of the loader has it."""


def refuses_tracking(headers: Mapping[str, str]) -> bool:
    """Whether a browser says so in its headers; their names in lower case."""
    return headers.get("sec-gpc") == "1" or headers.get("dnt") == "1"


def denies_consent(record: object, category: str) -> bool:
    """Whether a record says that this category of consent is denied, in the loader's words."""
    said = [
        _at(record, "context", "consent", "categoryPreferences", category),
        _at(record, "context", "consent", "category_preferences", category),
        _at(record, "consent"),
    ]
    return any(str(word).strip().lower() in _DENIED for word in said)


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def without_identity(message: Mapping[str, Any], category: str, secret_key: str) -> dict[str, Any]:
    """A message of which only what happened, when, and on which page is left.

    category: the consent that is denied. Its id is hashed with the key: a library may have put
    anything into it, and sent again it must still be the same.
    """
    given_id = str(message.get("messageId")).encode("utf-8", "replace")
    context: dict[str, Any] = {"consent": {"categoryPreferences": {category: False}}}
    if (url := _bare_url(message)) is not None:
        context["page"] = {"url": url}
    return {
        "messageId": hmac.new(secret_key.encode(), given_id, hashlib.sha256).hexdigest()[:32],
        **{key: message[key] for key in _KEPT if _tells_nobody(message.get(key))},
        "context": context,
    }


def _tells_nobody(value: object) -> bool:
    """Whether it is a name of an event, or a time: a short text without an address, or a number."""
    if isinstance(value, str):
        return len(value) <= 100 and "@" not in value
    return isinstance(value, int | float)


def _bare_url(message: Mapping[str, Any]) -> str | None:
    """Host and path of the page; a path with an address in it is left out."""
    context, properties = message.get("context"), message.get("properties")
    page = context.get("page") if isinstance(context, dict) else None
    for place in (page, properties):
        url = place.get("url") if isinstance(place, dict) else None
        if not isinstance(url, str):
            continue
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname:
            path = "/" if "@" in parts.path or "%40" in parts.path else parts.path
            return f"{parts.scheme}://{parts.hostname}{port}{path}"
    return None
