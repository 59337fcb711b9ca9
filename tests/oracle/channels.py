"""Where a visit came from: URLs taken apart, and the default channel groups of Google Analytics 4.

The groups are written down here from their published definitions, not read from
`seeds/channels/channel_rules.csv`; which sources there are, and of what kind, is read from the
seeds.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from tests.oracle.rules import SEEDS

DIRECT, NONE, NOT_SET = "(direct)", "(none)", "(not set)"

_AUTHORITY = re.compile(r"[\t\n\f\r ]*(?:[a-z][a-z0-9+.-]*:)?//([^/?#\\]*)")
_BLANKS = frozenset({"Zs", "Zl", "Zp", "Cc"})


@dataclass(frozen=True)
class ClickId:
    """A parameter that an advertising or mail system adds."""

    parameter: str
    priority: int
    network: str
    category: str
    implies_paid: bool


@dataclass(frozen=True)
class SourceLists:
    """What the seeds say of sources; hosts are those listed, not those below them."""

    hosts: Mapping[str, tuple[str, str]]
    aliases: Mapping[str, str]
    no_source: Mapping[str, str]
    click_ids: Mapping[str, ClickId]
    media: Mapping[str, tuple[str | None, str]]
    site_domains: tuple[str, ...] = ()

    def category_of_name(self, name: str) -> str | None:
        """The kind of the source that goes by this name, its own or an alias."""
        names = dict(self.hosts.values())
        return names.get(self.aliases.get(name, name))


@dataclass(frozen=True)
class Link:
    """What a URL says of the visit that it began."""

    host: str | None
    utm: Mapping[str, str]
    click: ClickId | None
    click_id: str | None


@dataclass(frozen=True)
class Visit:
    """A visit as Google Analytics tells it."""

    source: str
    medium: str
    campaign: str
    category: str | None


@dataclass(frozen=True)
class Arrival:
    """Where a visit came from, and what decided it."""

    visit: Visit
    link: Link
    referrer_domain: str | None
    channel: str
    channel_rule: str


def load_source_lists(site_domains: tuple[str, ...] = (), seeds: Path = SEEDS) -> SourceLists:
    """Reads the seeds of channels. `site_domains` are the company's own."""

    def rows(name: str) -> list[dict[str, str]]:
        with (seeds / "channels" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return SourceLists(
        hosts={row["host"]: (row["source_name"], row["category"]) for row in rows("source_hosts")},
        aliases={row["alias"]: row["source_name"] for row in rows("source_aliases")},
        no_source={row["host"]: row["kind"] for row in rows("no_source_hosts")},
        click_ids={
            row["parameter"]: ClickId(
                row["parameter"],
                int(row["priority"]),
                row["network"],
                row["category"],
                row["implies_paid"] == "true",
            )
            for row in rows("click_ids")
        },
        media={
            row["category"]: (row["organic_medium"] or None, row["paid_medium"])
            for row in rows("source_categories")
        },
        site_domains=site_domains,
    )


def lower(text: str) -> str:
    """Lower case, letter by letter: no letter becomes two."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def host_of(url: str) -> str | None:
    """The host of an absolute URL without www., user, port and last dot."""
    found = _AUTHORITY.match(lower(url))
    if not found:
        return None
    rest = found.group(1).rpartition("@")[2]
    without_www = rest.removeprefix("www.")
    if without_www.startswith("[") and "]" in without_www:
        return without_www.partition("]")[0] + "]"
    host = re.split(r"[:\t\n\f\r ]", rest)[0].rstrip(".").removeprefix("www.")
    return host or None


def decoded(text: str) -> str:
    """A part of a query as it reads: %20 and + are blanks, and a run of white space is one."""
    text = text.replace("+", " ")
    # what is in some other encoding is left as it stands
    with suppress(UnicodeDecodeError):
        text = unquote_to_bytes(text).decode("utf-8")
    blank = "".join(" " if unicodedata.category(c) in _BLANKS else c for c in text)
    return re.sub(" +", " ", blank).strip(" ")


def parsed(url: str, lists: SourceLists) -> Link:
    """Campaign and click id of a URL; the first of a name that has a value counts."""
    before, _, fragment = url.partition("#")
    route, _, query_of_route = fragment.partition("?")
    parameters: dict[str, str] = {}
    everything = "&".join((before.partition("?")[2], route, query_of_route))
    for part in everything.replace("&amp;", "&").split("&"):
        name, equals, value = part.partition("=")
        if equals and decoded(value):
            parameters.setdefault(lower(decoded(name)), decoded(value))
    clicks = [lists.click_ids[name] for name in parameters if name in lists.click_ids]
    click = min(clicks, key=lambda click: click.priority, default=None)
    utm = {
        name: parameters[f"utm_{name}"]
        for name in ("source", "medium", "campaign", "term", "content")
        if f"utm_{name}" in parameters
    }
    for name in ("source", "medium"):
        if name in utm:
            utm[name] = lower(utm[name])
    return Link(host_of(url), utm, click, parameters[click.parameter] if click else None)


def domains_of(host: str) -> list[str]:
    """The host and each domain above it, the longest first."""
    labels = host.removeprefix("www.").split(".")
    if len(host) > 253:
        return []
    return [".".join(labels[i:]) for i in range(len(labels))]


def _listed(host: str, lists: SourceLists) -> tuple[str | None, str | None]:
    """Kind of source, and why it is none, of the longest listed domain."""
    for domain in domains_of(host):
        if domain in lists.hosts:
            return lists.hosts[domain][1], None
        if domain in lists.no_source:
            return None, lists.no_source[domain]
    return None, None


def arrival(url: str, referrer: str | None, lists: SourceLists) -> Arrival:
    """Channel and rule of a visit that began at `url`, coming from `referrer`."""
    link = parsed(url, lists)
    domain = host_of(referrer) if referrer else None
    kind, no_source = _listed(domain, lists) if domain else (None, None)
    own = domain and any(own in domains_of(domain) for own in lists.site_domains)
    if own or (domain and domain == link.host):
        no_source = "own_site"
    visit, evidence = _visit(link, domain, kind, no_source, lists)
    for rule_id, channel, holds in GROUPS:
        if holds(visit):
            return Arrival(visit, link, domain, channel, f"{rule_id}: {evidence}")
    return Arrival(visit, link, domain, "Unassigned", f"no_rule: {evidence}")


def channel_of_ad(source: str, medium: str, campaign: str, lists: SourceLists) -> tuple[str, str]:
    """Channel and rule of a visit by a link tagged so."""
    category = _listed(source, lists)[0] or lists.category_of_name(source)
    visit = Visit(source, medium, campaign, category)
    return next(
        ((channel, rule_id) for rule_id, channel, holds in GROUPS if holds(visit)),
        ("Unassigned", "no_rule"),
    )


def _visit(
    link: Link, domain: str | None, kind: str | None, no_source: str | None, lists: SourceLists
) -> tuple[Visit, str]:
    """Source, medium and campaign, and what they are known from."""
    utm, click = link.utm, link.click
    by_click = None
    if click:
        organic, paid = lists.media[click.category]
        by_click = paid if click.implies_paid else organic
    words = []
    if "source" in utm:
        source, medium = utm["source"], by_click or NOT_SET
        category = _listed(source, lists)[0] or lists.category_of_name(source)
        words.append(f"utm_source {source}")
    elif click:
        source, medium, category = click.network, by_click or "referral", click.category
        words.append(click.parameter)
    elif domain and not no_source:
        source, category = domain, kind
        medium = (lists.media[kind][0] if kind else None) or "referral"
        words.append(f"referrer {domain}")
    elif "medium" in utm or "campaign" in utm:
        source, medium, category = NOT_SET, NOT_SET, None
        words.append("no source")
    else:
        source, medium, category = DIRECT, NONE, None
        why = f"referrer {domain} is no source ({no_source})" if no_source else "no referrer"
        words.append(why)
    if "medium" in utm:
        medium = utm["medium"]
        words.append(f"utm_medium {medium}")
    elif "source" in utm and click and by_click:
        words.append(click.parameter)
    if "campaign" in utm:
        words.append(f"utm_campaign {utm['campaign']}")
    campaign = lower(utm.get("campaign", NOT_SET))
    return Visit(source, medium, campaign, category), ", ".join(words)


def _is_paid(visit: Visit) -> bool:
    medium = visit.medium
    return "cp" in medium or medium in {"ppc", "retargeting"} or medium.startswith("paid")


def _is_shop_campaign(visit: Visit) -> bool:
    # a letter before "shop" makes another word of it (workshop), but for the e of eshop
    return "shopping" in visit.campaign or any(
        found.start() == 0 or not re.match(r"[a-df-z]", visit.campaign[found.start() - 1])
        for found in re.finditer("shop", visit.campaign)
    )


_SOCIAL = {"social", "social-network", "social-media", "sm", "social network", "social media"}
_DISPLAY = {"display", "banner", "expandable", "interstitial", "cpm"}
_EMAIL = {"email", "e-mail", "e_mail", "e mail"}

GROUPS: tuple[tuple[str, str, Callable[[Visit], bool]], ...] = (
    ("direct", "Direct", lambda v: v.source == DIRECT and v.medium in {NONE, NOT_SET}),
    ("cross_network", "Cross-network", lambda v: "cross-network" in v.campaign),
    ("paid_shopping_source", "Paid Shopping", lambda v: v.category == "shopping" and _is_paid(v)),
    ("paid_shopping_campaign", "Paid Shopping", lambda v: _is_shop_campaign(v) and _is_paid(v)),
    ("paid_search", "Paid Search", lambda v: v.category == "search" and _is_paid(v)),
    ("paid_social", "Paid Social", lambda v: v.category == "social" and _is_paid(v)),
    ("paid_video", "Paid Video", lambda v: v.category == "video" and _is_paid(v)),
    ("display", "Display", lambda v: v.medium in _DISPLAY),
    ("paid_other", "Paid Other", _is_paid),
    ("organic_shopping_source", "Organic Shopping", lambda v: v.category == "shopping"),
    ("organic_shopping_campaign", "Organic Shopping", _is_shop_campaign),
    ("organic_social_source", "Organic Social", lambda v: v.category == "social"),
    ("organic_social_medium", "Organic Social", lambda v: v.medium in _SOCIAL),
    ("organic_video_source", "Organic Video", lambda v: v.category == "video"),
    ("organic_video_medium", "Organic Video", lambda v: "video" in v.medium),
    ("organic_search_source", "Organic Search", lambda v: v.category == "search"),
    ("organic_search_medium", "Organic Search", lambda v: v.medium == "organic"),
    ("ai_assistant_source", "AI Assistant", lambda v: v.category == "ai_assistant"),
    ("ai_assistant_medium", "AI Assistant", lambda v: v.medium == "ai-assistant"),
    ("referral", "Referral", lambda v: v.medium in {"referral", "app", "link"}),
    ("email_source", "Email", lambda v: v.source in _EMAIL),
    ("email_medium", "Email", lambda v: v.medium in _EMAIL),
    ("email_webmail", "Email", lambda v: v.category == "mail"),
    ("affiliates", "Affiliates", lambda v: v.medium == "affiliate"),
    ("audio", "Audio", lambda v: v.medium == "audio"),
    ("sms_source", "SMS", lambda v: v.source == "sms"),
    ("sms_medium", "SMS", lambda v: v.medium == "sms"),
    (
        "mobile_push_medium",
        "Mobile Push",
        lambda v: v.medium.endswith("push") or "mobile" in v.medium or "notification" in v.medium,
    ),
    ("mobile_push_source", "Mobile Push", lambda v: v.source == "firebase"),
)
"""Id, channel and condition of each group, the first that holds deciding."""
