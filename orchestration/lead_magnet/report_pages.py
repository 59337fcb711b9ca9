"""The pages of a request: its report, the way to the calendar, and the way out.

`report_opened` is written when somebody looks at the page, once a day and request; not for the
page that the form led to, since there nobody opened anything.
"""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

import anyio
from starlette.requests import Request as Call
from starlette.responses import Response

from orchestration.lead_magnet import events, links, responses
from orchestration.lead_magnet.assessment import assess
from orchestration.lead_magnet.booking import booking_url
from orchestration.lead_magnet.requests import Request
from orchestration.lead_magnet.site import Link, Site
from orchestration.lead_magnet.tokens import Purpose
from orchestration.reports import mini_report
from orchestration.reports.mini_report import MiniReport

_LOG = logging.getLogger("intent.lead_magnet")

NEW_FOR = timedelta(hours=1)
"""How long after a request the page that the form led to is the thank-you page."""
SENT = "sent"
"""The parameter by which that page is known."""

SAME_REFUSAL = timedelta(minutes=1)
"""How long a further no of somebody says nothing new: each is a file of landing/, for which a
refresh starts. So a link that is pressed again and again makes no more files than the collector
does anyway; much longer, and a no might be lost that followed on a yes from elsewhere."""

_MOST_KEPT = 10_000


class ReportPages:
    """The pages after a request."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._settings = site.settings
        self._zone = ZoneInfo(site.settings.timezone)
        self._pdf_makers = anyio.CapacityLimiter(1)
        self._in_hand: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def report(self, call: Call) -> Response:
        """The report; right after the form was sent, with thanks."""
        followed = await self._site.link_of(call, Purpose.report)
        if isinstance(followed, Response):
            return followed
        found = followed.request
        is_new = SENT in call.query_params and self._site.now() - found.requested_at < NEW_FOR
        report = await self._mini_report(followed)
        if report is None:
            return self._site.not_found()
        if not is_new:
            await self._site.tell(call, found, "report_opened")
        page = await anyio.to_thread.run_sync(
            lambda: mini_report.report_html(
                report,
                notice=self._thanks(found) if is_new else None,
                pdf_url=links.within_site(
                    f"{links.report_link_of(self._settings, followed.token)}/report.pdf"
                ),
            )
        )
        return responses.page(page, mini_report.CONTENT_SECURITY_POLICY)

    async def report_pdf(self, call: Call) -> Response:
        """The same as a PDF."""
        followed = await self._site.link_of(call, Purpose.report)
        if isinstance(followed, Response):
            return followed
        found = followed.request
        report = await self._mini_report(followed, is_document=True)
        if report is None:
            return self._site.not_found()
        # one at a time: it takes a core, and who has a link could ask for many
        content = await anyio.to_thread.run_sync(
            mini_report.report_pdf, report, limiter=self._pdf_makers
        )
        name = re.sub(r"[^A-Za-z0-9]+", "-", found.offer_id).strip("-") or "report"
        return responses.pdf(content, f"{name}.pdf")

    async def _mini_report(self, followed: Link, *, is_document: bool = False) -> MiniReport | None:
        """None where the offer is not there any more, or nothing of it was answered.

        is_document: with whole links, since it is read elsewhere. Its links work no longer than the
        one that was followed: else who has one would have the report for ever.
        """
        request = followed.request
        offer = self._site.offers.get(request.offer_id)
        assessment = None if offer is None else assess(offer, request.answers)
        if offer is None or assessment is None:
            return None
        benchmark, known = await anyio.to_thread.run_sync(
            lambda: (
                self._site.published.benchmark(offer.offer_id),
                self._site.published.request(request.request_id),
            )
        )
        booking = None
        if offer.booking_url and known is not None and known.may_book:
            booking = links.booking_link(self._settings, request.request_id, followed.signed_at)
            if not is_document:
                booking = links.within_site(booking)
        return MiniReport(
            offer=offer,
            assessment=assessment,
            full_name=request.full_name,
            company_name=request.company_name,
            requested_on=request.requested_at.astimezone(self._zone).date(),
            benchmark=benchmark,
            booking_url=booking,
            report_url=links.report_link_of(self._settings, followed.token)
            if is_document
            else None,
            publisher=self._settings.shown_name,
        )

    def _thanks(self, request: Request) -> str:
        if self._settings.smtp_url:
            return f"Thank you. Here is your report; it is on its way to {request.email}, too."
        return (
            "Thank you. Here is your report. No mail is sent from here: keep the address of this"
            " page, or the PDF."
        )

    async def booking(self, call: Call) -> Response:
        """The way to the calendar."""
        found = await self._site.request_of(call, Purpose.booking)
        if isinstance(found, Response):
            return found
        offer = self._site.offers.get(found.offer_id)
        known = await anyio.to_thread.run_sync(self._site.published.request, found.request_id)
        calendar = None if offer is None else booking_url(offer, found)
        if calendar is None or known is None or not known.may_book:
            return self._site.notice(
                "No calendar is open here",
                ["Please answer to the mail that your report came with: somebody will read it."],
                404,
            )
        await self._site.tell(call, found, "booking_click")
        return responses.redirect(calendar)

    async def unsubscribing(self, call: Call) -> Response:
        """Asks; changes nothing, since programs open what stands in mails."""
        found = await self._site.request_of(call, Purpose.unsubscribe)
        if isinstance(found, Response):
            return found
        known = await anyio.to_thread.run_sync(self._site.published.request, found.request_id)
        if found.email.lower() in self._site.refused_at or (known and known.is_mail_refused):
            # with the button: who has asked for mails since then may say it once more
            return self._site.notice(
                "You are unsubscribed already",
                [
                    "We do not write to you any more. Did something come all the same, or have you"
                    " agreed to mails since then? Then tell us again."
                ],
                button="Unsubscribe again",
            )
        return self._site.notice(
            "No more mails from us?",
            ["We stop writing to you. A report that you ask for yourself still comes."],
            button="Unsubscribe",
        )

    async def unsubscribe(self, call: Call) -> Response:
        """Does it: by the button, or by a mail program (RFC 8058), which brings no cookie."""
        found = await self._site.request_of(call, Purpose.unsubscribe)
        if isinstance(found, Response):
            return found
        # of a double click the second waits, and is told only what is on the disk
        async with self._in_hand.setdefault(found.email.lower(), asyncio.Lock()):
            try:
                await self._refuse(found)
            except self._site.failures as error:
                _LOG.error("an event unsubscribe could not be written: %s", error)
                return self._site.notice(
                    "We could not save that", ["Please try again in a minute."], 503
                )
        return self._site.notice("You are unsubscribed", ["We do not write to you any more."])

    async def _refuse(self, request: Request) -> None:
        """Writes down the no, but one that was just written."""
        email, now = request.email.lower(), self._site.now()
        refused_at = self._site.refused_at
        if email in refused_at and abs(now - refused_at[email]) < SAME_REFUSAL:
            return
        await self._site.journal.append([events.refusal(request, now)], True)
        if len(refused_at) >= _MOST_KEPT:
            refused_at.clear()  # the next refresh knows
        refused_at[email] = now
