"""What holds for every request and every answer, of the API and of the pages alike."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingestion.collector.bodies import too_large
from ingestion.collector.limits import Limits, TokenBuckets
from ingestion.collector.refused import (
    RequestRefused,
    peer,
    tell_refusal,
    too_many_requests,
)
from ingestion.collector.tally import TallyLog

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""On every answer that does not say otherwise itself."""
_RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class Guard:
    """Bounds the body and the time that it may take, adds the headers, tells no traceback."""

    def __init__(self, app: ASGIApp, limits: Limits, log: TallyLog) -> None:
        self._app = app
        self._limits = limits
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = message["headers"]
                said = {name for name, _ in headers}
                message["headers"] = [*headers, *(each for each in _RAW if each[0] not in said)]
            await send(message)

        body = _Body(scope, receive, self._limits)
        try:
            await self._app(scope, body.receive, send_guarded)
        except Exception as error:  # noqa: BLE001 - told in the log, and nowhere else
            self._log.error(error)
            if not has_begun:
                refused = RequestRefused(500, "internal_error", "this went wrong; send it again")
                await refused.answer()(scope, receive, send_guarded)


class PageLimit:
    """What a page is sent counts as what the API is sent: it may be a file in landing/ of its own.

    Reading pages is free. Within the guard, which adds the headers to this answer as well.
    """

    def __init__(self, app: ASGIApp, buckets: TokenBuckets, log: TallyLog) -> None:
        self._app = app
        self._buckets = buckets
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if wait := self._buckets.take(peer(request)):
            self._log.tally.rate_limited += 1
            response = await tell_refusal(request, too_many_requests(wait))
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


class _Body:
    """A request's body as it comes, within its bounds."""

    def __init__(self, scope: Scope, receive: Receive, limits: Limits) -> None:
        self._receive = receive
        self._limits = limits
        self._announced = Headers(scope=scope).get("content-length", "0")
        self._byte_count = 0
        self._is_whole = False
        self._deadline = asyncio.get_running_loop().time() + limits.body_seconds

    async def receive(self) -> Message:
        """The next part. Raises RequestRefused beyond the bounds."""
        if self._is_whole:
            return await self._receive()
        if self._announced.isdecimal() and int(self._announced) > self._limits.body_bytes:
            raise too_large(self._limits.body_bytes)
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise RequestRefused(
                408, "body_too_slow", "the body did not come in time", {"Connection": "close"}
            ) from None
        self._byte_count += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._byte_count > self._limits.body_bytes:
            raise too_large(self._limits.body_bytes)
        return message
