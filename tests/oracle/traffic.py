"""Which visitors are programs by what they do, and the traffic that no score counts."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from functools import cache
from itertools import groupby, pairwise
from typing import NamedTuple

from tests.oracle.lists import DISPOSABLE, INTERNAL, email_class, is_bot, traffic_agents
from tests.oracle.log import Event
from tests.oracle.messages import DAY
from tests.oracle.names import ANONYMOUS_ID, USER_ID, Node, Visitor
from tests.oracle.pages import url_path
from tests.oracle.rules import SEEDS, Rules
from tests.oracle.sessions import SECOND, WITHOUT_SESSION

MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND

_HOST = re.compile(r"\s*(?:[a-z][a-z0-9+.\-]*:)?//(?:[^/?#\\]*@)?(?:www\.)?([^/?#\\:@]+)")
_MAIL = re.compile(r"e(?:[-_ +]|%20)?mail", re.IGNORECASE)


class Flag(NamedTuple):
    """What a visitor is taken for, and by which rule."""

    traffic_flag: str
    traffic_rule: str


def flags_of(events: Iterable[Event]) -> dict[Visitor, Flag]:
    """The flagged visitors, each with the rule of lowest priority that holds."""
    timelines: dict[Visitor, list[Event]] = {}
    for event in events:
        visitor = event.visitor
        if visitor is None or visitor.kind != ANONYMOUS_ID or event.event_type in WITHOUT_SESSION:
            continue
        timelines.setdefault(visitor, []).append(event)
    flags = {}
    for visitor, own in timelines.items():
        met = rules_met(own)
        first = next((rule for rule in _rules() if rule.traffic_rule in met), None)
        if first is not None:
            flags[visitor] = first
    return flags


def rules_met(own: list[Event]) -> set[str]:
    """The rules that hold for a device, from all its events that can lie in a session."""
    pages = [event for event in own if event.event_type == "page"]
    views = sorted(
        (event for event in pages if not is_bot(event.user_agent)), key=lambda event: event.moment
    )
    days = [
        list(day) for _, day in groupby(views, key=lambda event: event.event_at // DAY)
    ]  # fmt: skip
    landings = [view for view in views if is_mail_landing(view)]
    spam = [view for view in views if is_spam(view.page_referrer)]
    at = _thresholds()
    return {
        rule
        for rule, holds in {
            "scanner_agent": any(is_scanner(view.user_agent) for view in views),
            "scanned_links": len(landings) == len(own)
            and any(
                most_links_at_once(day, at["scanned_links", "seconds"])
                >= at["scanned_links", "pages"]
                for day in days
            ),
            "spam_referrer": bool(spam)
            and len(spam) >= len(pages) * at["spam_referrer", "share"],
            "sustained_rate": any(
                sum(
                    count >= at["sustained_rate", "views"]
                    for count in Counter(view.event_at // MINUTE for view in day).values()
                )
                >= at["sustained_rate", "minutes"]
                for day in days
            ),
            "no_pause": any(
                longest_stretch(day, at["no_pause", "seconds"]) >= at["no_pause", "views"]
                for day in days
            ),
            "many_pages": any(
                most_pages_an_hour(day) >= at["many_pages", "pages"] for day in days
            ),
            "exact_intervals": len(pages) == len(own)
            and any(has_exact_intervals(day) for day in days),
        }.items()
        if holds
    }  # fmt: skip


def most_links_at_once(day: list[Event], seconds: Fraction) -> int:
    """The most different pages that links of mails opened within so many seconds."""
    opened = [
        (view.event_at, url_path(view.page_url or "")) for view in day if is_mail_landing(view)
    ]
    return max(
        (
            len({path for at, path in opened if last - seconds * SECOND <= at <= last})
            for last, _ in opened
        ),
        default=0,
    )


def longest_stretch(day: list[Event], seconds: Fraction) -> int:
    """The most page views in a row with no gap of more than so many seconds."""
    longest = length = 1
    for before, view in pairwise(day):
        length = 1 if view.event_at - before.event_at > seconds * SECOND else length + 1
        longest = max(longest, length)
    return longest


def most_pages_an_hour(day: list[Event]) -> int:
    """The most different paths in one clock hour."""
    hours: dict[int, set[str]] = {}
    for view in day:
        seen = hours.setdefault(view.event_at // HOUR, set())
        if view.page_url is not None:
            seen.add(url_path(view.page_url))
    return max(len(seen) for seen in hours.values())


def has_exact_intervals(day: list[Event]) -> bool:
    """Whether nearly all gaps of a day, to the nearest second, are alike."""
    at = _thresholds()
    gaps = [
        (view.event_at - before.event_at + SECOND // 2) // SECOND for before, view in pairwise(day)
    ]
    if len(gaps) < at["exact_intervals", "gaps"]:
        return False
    spread = at["exact_intervals", "spread_seconds"]
    alike = max(
        (
            sum(shortest <= gap <= shortest + spread for gap in gaps)
            for shortest in gaps
            if shortest >= at["exact_intervals", "shortest_seconds"]
        ),
        default=0,
    )
    return alike >= len(gaps) * at["exact_intervals", "share"]


def is_mail_landing(view: Event) -> bool:
    """Whether a mail's link opened the page, and no page before it."""
    if (view.page_referrer or "").strip(" ") or view.page_url is None:
        return False
    _, _, query = view.page_url.partition("#")[0].partition("?")
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        if not equals:
            continue
        if name.lower() in _mail_parameters():
            return True
        if name.lower() in {"utm_source", "utm_medium"} and _MAIL.fullmatch(value):
            return True
    return False


def is_spam(referrer: str | None) -> bool:
    """Whether the host of a referrer is listed for spam, or lies below a host that is."""
    found = _HOST.match((referrer or "").lower())
    if found is None:
        return False
    labels = found[1].rstrip(".").split(".")
    return any(".".join(labels[start:]) in _spam_hosts() for start in range(len(labels)))


def is_scanner(user_agent: str | None) -> bool:
    """Whether the agent names a mail filter."""
    return "link_scanner" in traffic_agents(user_agent)


def is_internal(event: Event, rules: Rules) -> bool:
    """Whether a device sent it from an internal network."""
    return (
        event.ip_prefix in rules.internal_networks
        and event.visitor is not None
        and event.visitor.kind == ANONYMOUS_ID
    )


def exclusion(
    own: Collection[Event],
    members: Iterable[Node],
    counting: Iterable[str],
    rules: Rules,
    flags: Mapping[Visitor, Flag],
) -> Flag | None:
    """Why a person scores nothing, and what told it; None for who may score.

    `own` are the person's events, `members` their names, `counting` the addresses that count for
    the primary e-mail, `flags` the visitors that are programs by what they do.
    """
    found = [flags[event.visitor] for event in own if event.visitor in flags]
    others = [
        event for event in own if event.visitor not in flags and not is_bot(event.user_agent)
    ]  # fmt: skip
    if not others:
        return Flag("bot", min((flag.traffic_rule for flag in found), default="agent"))
    classes = {email_class(address, rules) for address in counting}
    if INTERNAL in classes:
        return Flag("internal", "address")
    if any(node.kind == USER_ID and node.value in rules.internal_users for node in members):
        return Flag("internal", "internal_user")
    if all(is_internal(event, rules) for event in others):
        return Flag("internal", "internal_network")
    return Flag("disposable", "address") if classes == {DISPOSABLE} else None


def excluded(
    event: Event, flags: Mapping[Visitor, Flag], owner: Flag | None, rules: Rules
) -> Flag | None:
    """Why no score counts an event, and what told it; None where one may."""
    if event.is_denied:
        return Flag("consent_denied", "none")
    if event.visitor is None:
        return Flag("no_identifier", "none")
    if is_bot(event.user_agent):
        return Flag("bot", "agent")
    return flag_of(event, flags, rules) or owner


def flag_of(event: Event, flags: Mapping[Visitor, Flag], rules: Rules) -> Flag | None:
    """What the event itself is flagged with: its visitor's flag, else where it came from."""
    if event.visitor in flags:
        return flags[event.visitor]
    return Flag("internal", "internal_network") if is_internal(event, rules) else None


def _table(name: str, folder: str = "traffic") -> list[dict[str, str]]:
    with (SEEDS / folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _rules() -> tuple[Flag, ...]:
    rows = sorted(_table("traffic_rules"), key=lambda row: int(row["priority"]))
    return tuple(Flag(row["traffic_flag"], row["traffic_rule"]) for row in rows)


@cache
def _thresholds() -> Mapping[tuple[str, str], Fraction]:
    return {
        (row["traffic_rule"], row["threshold"]): Fraction(row["value"])
        for row in _table("traffic_thresholds")
    }


@cache
def _spam_hosts() -> frozenset[str]:
    return frozenset(row["host"] for row in _table("spam_referrers"))


@cache
def _mail_parameters() -> frozenset[str]:
    rows = _table("click_ids", folder="channels")
    return frozenset(row["parameter"] for row in rows if row["category"] == "mail")
