"""What the pages of the lead magnet share: who asks, of which request, and how they say no."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import anyio
from starlette.requests import Request as Call
from starlette.responses import Response

from ingestion.collector.signals import refuses_tracking
from ingestion.settings import Settings
from orchestration.lead_magnet import events, html, links, responses, visitors
from orchestration.lead_magnet.offers import Offer
from orchestration.lead_magnet.published import Published
from orchestration.lead_magnet.requests import Request, read_request
from orchestration.lead_magnet.tokens import Purpose, TokenError, read_with_time

_LOG = logging.getLogger("intent.lead_magnet")
_MOST_TOLD = 10_000


class Journal(Protocol):
    """Where events go."""

    async def append(self, messages: Sequence[events.Message], is_urgent: bool = False) -> None:
        """Returns when they are on the disk."""


@dataclass(frozen=True)
class Link:
    """A link that somebody has followed, and that is good."""

    token: str
    signed_at: datetime
    """With its zone, UTC: when its life began."""
    request: Request


@dataclass
class Site:
    """One lead magnet: its data directory, its offers, and what its pages have in common."""

    settings: Settings
    journal: Journal
    offers: Mapping[str, Offer]
    honours_refusals: bool
    """Whether Global Privacy Control and Do Not Track are taken for a no."""
    failures: tuple[type[Exception], ...]
    """What the journal raises where it could not write."""
    now: Callable[[], datetime]
    """With its zone, UTC."""
    published: Published = field(init=False)
    refused_at: dict[str, datetime] = field(init=False, default_factory=dict)
    """By address, in small letters: when it last said no to mails here and no yes has followed.
    Lost with the process, and published by the next refresh."""
    _told: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.published = Published(self.settings)

    def is_refused(self, call: Call) -> bool:
        """Whether whoever asks wants not to be tracked."""
        return self.honours_refusals and refuses_tracking(call.headers)

    async def request_of(self, call: Call, purpose: Purpose) -> Request | Response:
        """The request that the token in the path is of, or the page that says why there is none."""
        followed = await self.link_of(call, purpose)
        return followed if isinstance(followed, Response) else followed.request

    async def link_of(self, call: Call, purpose: Purpose) -> Link | Response:
        """The same with the token, for what leads on from it."""
        token = call.path_params["token"]
        try:
            request_id, signed_at = read_with_time(self.settings, purpose, token)
        except TokenError as error:
            return self._expired(purpose) if error.is_expired else self.not_found()
        found = await anyio.to_thread.run_sync(self._find, request_id)
        return self.not_found() if found is None else Link(token, signed_at, found)

    def _find(self, request_id: str) -> Request | None:
        """By its file; else, where a kill left none, by what was published."""
        found = read_request(self.settings, request_id)
        if found is None:
            published = self.published.request(request_id)
            return None if published is None else published.request
        return found

    async def tell(self, call: Call, request: Request, step: str) -> None:
        """Writes down that a person did it, once a day and request; not of who refuses that.

        The visitor gets the page also where it could not be written.
        """
        if self.is_refused(call) or not visitors.is_person(call):
            return
        message = events.step(request, step, self.now(), visitors.user_agent(call))
        told = message["messageId"]
        if told in self._told:
            return
        try:
            await self.journal.append([message])
        except self.failures as error:
            _LOG.error("an event %s could not be written: %s", step, error)
            return
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()  # one that is told again has the same id
        self._told.add(told)

    def not_found(self) -> Response:
        """404 for a link that is none of ours, or whose request is gone."""
        words = "The link may have been cut off on its way: copy all of it. Or answer anew:"
        return self.notice("Nothing is found here", [words], 404, ways_on=self._forms())

    def no_such_offer(self) -> Response:
        """404 for an offer that the seeds do not have."""
        return self.notice("There is no such offer", ["There is:"], 404, ways_on=self._forms())

    def _expired(self, purpose: Purpose) -> Response:
        title = "This link has expired"
        if purpose is Purpose.unsubscribe:
            words = "Please answer to the mail that it is from: somebody will read it."
            return self.notice(title, [words], 410)
        words = "The links of a report work for 90 days. You are welcome to answer anew:"
        return self.notice(title, [words], 410, ways_on=self._forms())

    def notice(
        self,
        title: str,
        paragraphs: Sequence[str],
        status: int = 200,
        *,
        button: str = "",
        ways_on: Sequence[tuple[str, str]] = (),
    ) -> Response:
        """A page of a few words. `button` sends a POST to the same address; `ways_on` are pairs of
        text and address."""
        page = html.render(
            "notice.html.j2",
            company=self.settings.shown_name,
            title=title,
            paragraphs=paragraphs,
            button=button,
            ways_on=ways_on,
        )
        return responses.page(page, responses.policy([html.PAGE_STYLE]), status)

    def _forms(self) -> list[tuple[str, str]]:
        return [
            (offer.title, links.within_site(links.offer_link(self.settings, offer.offer_id)))
            for offer in self.offers.values()
        ]
