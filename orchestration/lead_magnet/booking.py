"""Where a booked call begins: the offer's template, filled with what the request itself says."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from ingestion.errors import UserError
from orchestration.lead_magnet.offers import Offer
from orchestration.lead_magnet.requests import Request

PLACEHOLDERS = ("full_name", "email", "company_name", "offer_id")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


def booking_url(offer: Offer, request: Request) -> str | None:
    """The calendar's address for this request; None where the offer has none.

    Scheme and host are the template's own, whatever was entered into the form.
    """
    if not offer.booking_url:
        return None
    values = {name: getattr(request, name) for name in PLACEHOLDERS}
    # one pass: a name that looks like a placeholder stays a name
    return _PLACEHOLDER.sub(lambda found: quote(values[found[1]], safe=""), offer.booking_url)


def check_booking_url(offer: Offer) -> None:
    """Raises UserError for a template that could lead elsewhere, or that cannot be filled."""
    template = offer.booking_url
    if not template:
        return
    # the path begins where nothing that a visitor enters can move it
    fixed = re.match(r"https?://[^/?#{}\\@\s]+(?=[/?#]|$)", template)
    unknown = [each for each in _PLACEHOLDER.findall(template) if each not in PLACEHOLDERS]
    left = _PLACEHOLDER.sub("", template)
    if (
        fixed is None
        or unknown
        or set("{}") & set(left)
        or any(each.isspace() for each in template)
        or not urlsplit(left).hostname
    ):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise UserError(
            f"seeds/lead_magnet/offers.csv has {template!r} in booking_url of the offer"
            f" {offer.offer_id!r}; give an address such as https://calendly.com/you/intro"
            f"?email={{email}}, with {known} behind its host"
        )
