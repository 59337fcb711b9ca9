"""What names a visitor or a person: which identifiers mean something, and an event's e-mail."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.oracle.rules import Rules

USER_ID = "user_id"
EMAIL = "email"
ANONYMOUS_ID = "anonymous_id"
SERVER = "server"

_QUOTES = "\"'` \t\r\n"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Node(NamedTuple):
    """A user id or an e-mail: what people are made of."""

    kind: str
    value: str

    @property
    def label(self) -> str:
        return f"{self.kind}:{self.value}"

    @property
    def order(self) -> tuple[int, str]:
        """User ids before e-mails, then by value."""
        return (0 if self.kind == USER_ID else 1, self.value)


class Visitor(NamedTuple):
    """A device, or for a server event without one a key made from its name."""

    kind: str
    value: str


def text_of(value: Any) -> str | None:
    """A scalar of a message as text; null, objects and arrays say nothing."""
    if value is None or isinstance(value, dict | list):
        return None
    return value if isinstance(value, str) else json.dumps(value)


def identifier(value: Any, rules: Rules) -> str | None:
    """The identifier, trimmed; None where it means nothing (null, undefined, zeros, quoted …)."""
    text = text_of(value)
    if text is None:
        return None
    text = text.strip()
    bare = text.strip(_QUOTES)
    if not bare:
        return None
    for form in (text, bare):
        if form in rules.blocked_exact or form.lower() in rules.blocked_any_case:
            return None
    if "0" in bare and not bare.strip("0-"):
        return None
    return text


def email_address(value: Any, rules: Rules) -> str | None:
    """The address, trimmed and in lower case: one @, no white space, a dot in the domain."""
    text = identifier(value, rules)
    if text is None:
        return None
    address = text.lower()
    return one_spelling(address, rules) if _EMAIL.fullmatch(address) else None


def one_spelling(address: str, rules: Rules) -> str:
    """The address that stands for all that reach the same mailbox, as the settings see it."""
    mailbox, _, domain = address.partition("@")
    if rules.ignores_email_tags:
        mailbox = mailbox.partition("+")[0] or mailbox
    if domain in rules.dotless_domains:
        mailbox = mailbox.replace(".", "") or mailbox
    return f"{mailbox}@{domain}"


def event_email(row: Mapping[str, Any], rules: Rules) -> str | None:
    """The only e-mail of an event: the first valid one of the four places where one may be."""
    places: list[Any] = []
    if row["event_type"] == "identify":
        places.append(_member(row.get("traits"), EMAIL))
    places.append(_member(_member(row.get("context"), "traits"), EMAIL))
    places.append(row.get("email"))
    for name in rules.email_properties.get(row.get("event_name") or "", ()):
        places.append(_member(row.get("properties"), name))
    for place in places:
        address = email_address(place, rules)
        if address:
            return address
    return None


def is_role_address(address: str, rules: Rules) -> bool:
    """A mailbox that several people read: info@, sales@ …"""
    return address.partition("@")[0] in rules.role_local_parts


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
