"""Where visits come from: referrers, campaigns and click ids."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A way to the site. `weight` is for a visitor's first visit, `returning` for later ones.

    `click_id` names the parameter and the shape of its value: `{token}` differs for each visit,
    `{person}` names the recipient of a mail and so stays the same for one person.
    """

    weight: int
    returning: int
    referrer: str = ""
    source: str = ""
    medium: str = ""
    campaigns: tuple[str, ...] = ()
    click_id: str = ""


_GCLID = "gclid=Cj0KCQiA{token}EALw_wcB&gad_source=1"
_BRAND = ("brand", "category-analytics", "competitor-chartlane", "retarget-pricing")
_SOCIAL = ("autumn-report", "buyers-guide", "product-tour")
_NEWSLETTER = ("newsletter-41", "newsletter-42", "newsletter-43", "trial-onboarding", "win-back")

SOURCES: tuple[Source, ...] = (
    Source(170, 420),
    Source(330, 170, "https://www.google.com/"),
    Source(24, 12, "https://www.google.co.uk/"),
    Source(36, 18, "https://www.bing.com/"),
    Source(28, 12, "https://duckduckgo.com/"),
    Source(5, 2, "https://search.yahoo.com/"),
    Source(4, 2, "https://www.ecosia.org/"),
    Source(44, 20, "https://chatgpt.com/", "chatgpt.com"),
    Source(16, 8, "https://www.perplexity.ai/"),
    Source(8, 4, "https://gemini.google.com/"),
    Source(7, 4, "https://claude.ai/"),
    Source(6, 3, "https://copilot.microsoft.com/"),
    Source(50, 22, "https://www.linkedin.com/"),
    Source(12, 5, "https://t.co/"),
    Source(20, 6, "https://www.reddit.com/"),
    Source(16, 4, "https://news.ycombinator.com/"),
    Source(8, 3, "https://www.youtube.com/"),
    Source(10, 4, "https://l.facebook.com/", "", "", (), "fbclid=IwAR1{token}"),
    Source(16, 8, "https://www.metricweekly.example/"),
    Source(12, 8, "https://partners.northquay.example/", "northquay", "partner", ("2026",)),
    Source(8, 4, "https://directory.saasfinder.example/", "saasfinder", "referral", ("listing",)),
    Source(6, 2, "", "affiliate-hub", "affiliate", ("q4",), "irclid={token}"),
    Source(56, 20, "https://www.google.com/", "google", "cpc", _BRAND, _GCLID),
    Source(5, 2, "https://www.google.com/", "google", "cpc", _BRAND, "gbraid=0AAAA{token}"),
    Source(14, 6, "https://www.bing.com/", "bing", "cpc", _BRAND, "msclkid={token}{token}"),
    Source(26, 8, "https://www.linkedin.com/", "linkedin", "paid-social", _SOCIAL,
           "li_fat_id={token}"),
    Source(14, 4, "https://l.facebook.com/", "facebook", "paid-social", _SOCIAL,
           "fbclid=IwZX{token}"),
    Source(3, 1, "https://t.co/", "twitter", "paid-social", _SOCIAL, "twclid=2-{token}"),
    Source(5, 1, "https://www.tiktok.com/", "tiktok", "paid-social", _SOCIAL,
           "ttclid=E.C.P.{token}"),
    Source(4, 1, "https://www.reddit.com/", "reddit", "cpc", _SOCIAL, "rdt_cid={token}"),
    Source(8, 3, "https://www.metricweekly.example/", "metricweekly", "display", ("banner",),
           "dclid=CO{token}"),
    Source(6, 90, "", "newsletter", "email", _NEWSLETTER, "mc_cid=7f3a{token}&mc_eid={person}"),
    Source(2, 26, "", "lifecycle", "email", _NEWSLETTER, "_kx={person}.{token}"),
    Source(2, 14, "", "sales", "email", ("sequence-a", "sequence-b"), "mkt_tok={person}{token}"),
    Source(2, 16, "https://mail.google.com/", "hs_email", "email", _NEWSLETTER,
           "_hsenc=p2ANqtz-{token}"),
    Source(2, 2, "", "sms", "sms", ("webinar-reminder",)),
)  # fmt: skip
"""Hosts under .example are invented partners and trade press."""

DIRECT = 0
FIRST_WEIGHTS = [source.weight for source in SOURCES]
RETURNING_WEIGHTS = [source.returning for source in SOURCES]


def landing_query(source: Source, token: str, person: str) -> str:
    """What the link added to the landing page's address ('' for a bare link).

    `token` and `person` are lower-case hex; the token also chooses among the campaigns.
    """
    parts = []
    if source.source:
        parts.append(f"utm_source={source.source}")
    if source.medium:
        parts.append(f"utm_medium={source.medium}")
    if source.campaigns:
        parts.append(f"utm_campaign={campaign(source, token)}")
    if source.click_id:
        parts.append(source.click_id.format(token=token, person=person))
    return "?" + "&".join(parts) if parts else ""


def campaign(source: Source, token: str) -> str:
    """The campaign of one visit."""
    return source.campaigns[int(token[-4:], 16) % len(source.campaigns)]
