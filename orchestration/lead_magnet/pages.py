"""The pages that visitors see of an offer, as routes for the collector to serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.routing import BaseRoute, Route

from ingestion.settings import Settings
from orchestration.lead_magnet.booking import check_booking_url
from orchestration.lead_magnet.form_pages import FormPages
from orchestration.lead_magnet.offers import Offer, read_offers
from orchestration.lead_magnet.report_pages import ReportPages
from orchestration.lead_magnet.site import Journal, Site

__all__ = ["Journal", "routes"]


def routes(
    settings: Settings,
    journal: Journal,
    *,
    offers: Mapping[str, Offer] | None = None,
    honours_refusals: bool = True,
    failures: tuple[type[Exception], ...] = (OSError,),
    tracker_attributes: Mapping[str, str] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[BaseRoute]:
    """The routes of the lead magnet. `offers` are by id (default: those of the seeds).

    honours_refusals: Global Privacy Control and Do Not Track are taken for a no. failures: what
    `journal.append` raises where it could not write. tracker_attributes: further attributes of the
    tracker's tag. Raises UserError where an offer cannot be used.
    """
    shown = read_offers() if offers is None else offers
    for offer in shown.values():
        check_booking_url(offer)
    site = Site(settings, journal, shown, honours_refusals, failures, now)
    before = FormPages(site, tracker_attributes or {})
    after = ReportPages(site)
    return [
        Route("/", before.index),
        Route("/offers/{offer_id}", before.show),
        Route("/offers/{offer_id}", before.submit, methods=["POST"]),
        Route("/r/{token}", after.report),
        Route("/r/{token}/report.pdf", after.report_pdf),
        Route("/b/{token}", after.booking),
        Route("/u/{token}", after.unsubscribing),
        Route("/u/{token}", after.unsubscribe, methods=["POST"]),
    ]
