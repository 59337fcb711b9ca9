"""Ids as the models make them: the MD5 of a text, as a UUID."""

from __future__ import annotations

from hashlib import md5
from uuid import UUID


def id_of(text: str) -> UUID:
    """The id made of a text."""
    return UUID(md5(text.encode(), usedforsecurity=False).hexdigest())


def id_named(name: str) -> UUID:
    """The id that a name of at most 16 letters stands for, as in dbt's unit tests: its bytes."""
    return UUID(bytes=name.encode().ljust(16, b"\0"))


def name_of(id_: UUID) -> str:
    """The name that an id of `id_named` stands for."""
    return id_.bytes.rstrip(b"\0").decode()


def person_id(label: str) -> UUID:
    """The id of the person that the oracle labels so."""
    node = label.replace("visitor:", "anonymous_id:", 1) if label[:8] == "visitor:" else label
    return id_of(node)


def account_id(domain: str) -> UUID:
    """The id of the account of a domain."""
    return id_of(domain)
