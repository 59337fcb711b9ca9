"""The offers and their form: what is shown, and what becomes of a form that was sent.

A request is in the log (fsynced) before it is in the request store (fsynced), and both before the
answer. A kill between the two leaves an event without a file: the refresh that the event starts
makes the report from it, and its links work by what was published. Who got no answer and sends the
same form once more sends the same ids, so it stays one request.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import uuid4
from weakref import WeakValueDictionary

import anyio
from starlette.requests import Request as Call
from starlette.responses import Response

from ingestion.privacy import shortened_address
from orchestration.lead_magnet import events, form, html, links, responses, visitors
from orchestration.lead_magnet.form import Entries
from orchestration.lead_magnet.misspellings import probably_meant
from orchestration.lead_magnet.offers import Offer
from orchestration.lead_magnet.rate_limit import RateLimit
from orchestration.lead_magnet.report_pages import SENT
from orchestration.lead_magnet.requests import Request, read_request, save_request
from orchestration.lead_magnet.site import Site
from orchestration.lead_magnet.tokens import Purpose, TokenError, read_with_time, sign

_LOG = logging.getLogger("intent.lead_magnet")

SHORTEST = timedelta(seconds=3)
"""Nobody reads a form and fills it in faster; programs do. Tokens are signed in whole seconds, so
it may be up to one less."""
MOST_BYTES = 64 * 1024
"""Of a form that is sent."""
MOST_BY_ADDRESS, BY_ADDRESS_SECONDS = 20, 600
MOST_BY_RECIPIENT, BY_RECIPIENT_SECONDS = 6, 3_600
"""Each request may send a mail, to an address that anybody can enter."""

_FORM = "application/x-www-form-urlencoded"


class FormPages:
    """The pages before a request."""

    def __init__(self, site: Site, tracker_attributes: Mapping[str, str]) -> None:
        self._site = site
        self._settings = site.settings
        self._tracker = html.Tracker(
            site.settings.public_url, site.settings.write_key(), tracker_attributes
        )
        self._by_address = RateLimit(MOST_BY_ADDRESS, BY_ADDRESS_SECONDS)
        self._by_recipient = RateLimit(MOST_BY_RECIPIENT, BY_RECIPIENT_SECONDS)
        self._failures: tuple[type[Exception], ...] = (*site.failures, OSError)
        self._in_hand: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def index(self, call: Call) -> Response:
        """Each offer with its call to action, and the HTML to copy."""
        nonce = secrets.token_urlsafe(16)
        offers = []
        for offer in self._site.offers.values():
            link = links.offer_link(self._settings, offer.offer_id)
            offers.append((offer, links.within_site(link), html.call_to_action(offer, link)))
        page = html.render(
            "offers.html.j2",
            company=self._settings.shown_name,
            offers=offers,
            tracker=self._tracker.tag(),
            own_tracker=self._tracker.tag(nonce),
        )
        return responses.page(page, responses.policy([html.PAGE_STYLE, html.CARD_STYLE], nonce))

    async def show(self, call: Call) -> Response:
        """The form of an offer, empty."""
        offer = self._site.offers.get(call.path_params["offer_id"])
        if offer is None:
            return self._site.no_such_offer()
        hidden = {}
        if not self._site.is_refused(call):
            hidden["page_referrer"] = visitors.referrer(call.headers.get("referer")) or ""
        return self._form(call, offer, form.Entries.empty(hidden))

    async def submit(self, call: Call) -> Response:
        """A form that was sent: a request, or what has to be mended."""
        offer = self._site.offers.get(call.path_params["offer_id"])
        if offer is None:
            return self._site.no_such_offer()
        if call.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            return self._site.notice(
                "This is not how the form is sent", ["Please use the form."], 415
            )
        body = await _body(call)
        if body is None:
            return self._site.notice("That is too much", ["The form takes less than that."], 413)
        entries = form.read_entries(offer, body)
        if wait := self._by_address.seconds_to_wait(visitors.address(call)):
            return self._too_many(call, offer, entries, wait)
        try:
            token, signed_at = read_with_time(self._settings, Purpose.form, entries.token)
        except TokenError:
            token, signed_at = "", self._site.now()
        form_id, _, wording = token.partition(".")
        if wording != form.wording(offer):
            # also a form whose words have changed: its box may have said something else
            return self._form(
                call,
                offer,
                entries.without_consent(),
                notice="This form was open for long. Please look at it once more and send it again",
            )
        if entries.honeypot:
            words = "Something filled in a field that people do not see. Please send it again"
            return self._form(call, offer, entries, token=token, notice=words)
        if problems := form.problems(offer, entries):
            return self._form(call, offer, entries, token=token, problems=problems)
        if self._site.now() - signed_at < SHORTEST:
            words = "That was quicker than anybody reads. Please check your answers and send again"
            return self._form(call, offer, entries, token=token, notice=words)
        meant = probably_meant(entries.email)
        if meant is not None and entries.asked_about != entries.email:
            words = f"Did you mean {meant}? Change the address, or send the form again as it is"
            return self._form(call, offer, entries, token=token, notice=words, asks=True)
        return await self._take(call, offer, entries, form_id, token)

    async def _take(
        self, call: Call, offer: Offer, entries: Entries, form_id: str, token: str
    ) -> Response:
        request = Request(
            request_id=form.request_id(form_id, entries),
            offer_id=offer.offer_id,
            email=entries.email,
            full_name=entries.full_name,
            company_name=entries.company_name,
            answers=entries.answers,
            marketing_consent=entries.has_consent,
            consent_text=form.CONSENT_TEXT if entries.has_consent else None,
            requested_at=self._site.now(),
        )
        # of a double click the second waits, and finds what the first has written
        async with self._in_hand.setdefault(request.request_id, asyncio.Lock()):
            try:
                if read_request(self._settings, request.request_id) is None:
                    if wait := self._by_recipient.seconds_to_wait(request.email.lower()):
                        return self._too_many(call, offer, entries, wait)
                    await self._site.journal.append(self._messages(call, request, entries), True)
                    if request.marketing_consent:
                        self._site.refused_at.pop(request.email.lower(), None)
                    await anyio.to_thread.run_sync(save_request, self._settings, request)
            except self._failures as error:
                _LOG.error("a request could not be written: %s", error)
                words = "We could not save that. Please send it again in a minute"
                return self._form(call, offer, entries, token=token, notice=words, status=503)
        link = links.report_link(self._settings, request.request_id)
        return responses.redirect(f"{links.within_site(link)}?{SENT}")

    def _messages(self, call: Call, request: Request, entries: Entries) -> list[events.Message]:
        """The request as events. Who refuses to be tracked is known by what they entered, and by
        nothing else: not by their device, nor how they came."""
        url = links.offer_link(self._settings, request.offer_id)
        page = {"url": url, "title": self._site.offers[request.offer_id].title}
        context: dict[str, object] = {"page": page, **visitors.user_agent(call)}
        if self._site.is_refused(call):
            return events.submission(request, anonymous_id=None, context=context)
        if query := visitors.campaign_query(call.url.query):
            page["url"] = f"{url}?{query}"
            if named := visitors.campaign(query):
                context["campaign"] = named
        if referrer := visitors.referrer(entries.hidden.get("page_referrer")):
            page["referrer"] = referrer
        if network := shortened_address(visitors.address(call)):
            context["ip"] = network
        if session := visitors.sane_id(entries.hidden.get("session_id")):
            context["sessionId"] = session
        device = visitors.anonymous_id(call, entries.hidden.get("anonymous_id"))
        return events.submission(request, anonymous_id=device, context=context)

    def _form(
        self,
        call: Call,
        offer: Offer,
        entries: Entries,
        *,
        token: str | None = None,
        problems: Sequence[form.Problem] = (),
        notice: str = "",
        asks: bool = False,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        nonce = secrets.token_urlsafe(16)
        query = "" if self._site.is_refused(call) else visitors.campaign_query(call.url.query)
        action = links.within_site(links.offer_link(self._settings, offer.offer_id))
        payload = token or f"{uuid4()}.{form.wording(offer)}"
        page = html.render(
            "form.html.j2",
            company=self._settings.shown_name,
            offer=offer,
            entries=entries,
            problems=problems,
            mistakes={each.field: each.text for each in problems},
            notice=notice,
            action=f"{action}?{query}" if query else action,
            # the same id, from now on or, of a form that was good, from when it was opened
            form_token=entries.token if token else sign(self._settings, Purpose.form, payload),
            hidden={
                **{name: entries.hidden.get(name, "") for name in form.HIDDEN_FIELDS},
                **({form.ASKED_ABOUT: entries.email} if asks else {}),
            },
            consent_text=form.CONSENT_TEXT,
            honeypot=form.HONEYPOT,
            longest_name=form.LONGEST_NAME,
            longest_email=form.LONGEST_EMAIL,
            email_hint=self._where_it_goes(),
            privacy_url=self._settings.privacy_url,
            own_tracker=self._tracker.tag(nonce),
        )
        if status is None:
            status = 422 if problems or notice else 200
        policy = responses.policy([html.PAGE_STYLE], nonce)
        return responses.page(page, policy, status, headers)

    def _where_it_goes(self) -> str:
        return "The report is shown at once and sent here." if self._settings.smtp_url else ""

    def _too_many(self, call: Call, offer: Offer, entries: Entries, wait: int) -> Response:
        minutes = -(-wait // 60)
        unit = "minute" if minutes == 1 else "minutes"
        return self._form(
            call,
            offer,
            entries.without_consent(),
            notice=f"There were too many requests. Please send it again in {minutes} {unit}",
            status=429,
            headers={"Retry-After": str(wait)},
        )


async def _body(call: Call) -> bytes | None:
    """What was sent; None where it is too much, of which no more is read."""
    body = bytearray()
    async for chunk in call.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
