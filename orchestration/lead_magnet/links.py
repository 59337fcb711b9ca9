"""Where visitors reach the pages of a request: a signed token, and nothing else, stands in them."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote, urlsplit

from ingestion.settings import Settings
from orchestration.lead_magnet.tokens import Purpose, sign


def offer_link(settings: Settings, offer_id: str) -> str:
    """The form of an offer."""
    return f"{settings.public_url}/offers/{quote(offer_id, safe='')}"


def report_link(settings: Settings, request_id: str) -> str:
    """The report's page."""
    return report_link_of(settings, sign(settings, Purpose.report, request_id))


def report_link_of(settings: Settings, token: str) -> str:
    """The report's page, by a token that was given before."""
    return f"{settings.public_url}/r/{token}"


def booking_link(settings: Settings, request_id: str, since: datetime | None = None) -> str:
    """The redirect to the calendar; for the qualified alone. `since`: see tokens.sign."""
    return f"{settings.public_url}/b/{sign(settings, Purpose.booking, request_id, since)}"


def unsubscribe_link(settings: Settings, request_id: str) -> str:
    """The way out: for a mail's text, and for its List-Unsubscribe (RFC 8058) as it is."""
    return f"{settings.public_url}/u/{sign(settings, Purpose.unsubscribe, request_id)}"


def within_site(link: str) -> str:
    """The link as pages of the same site have it, by whatever name they are reached."""
    return urlsplit(link)._replace(scheme="", netloc="").geturl()
