"""The collector as an ASGI application: Segment's HTTP API, the tracker's file, others' pages.

An answer of 200 means that the events are on the disk. What it takes and what it answers are told
in docs/collector.md.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ingestion.collector import bodies, signals
from ingestion.collector.guard import Guard, PageLimit
from ingestion.collector.journal import (
    Journal,
    JournalBusyError,
    JournalFailedError,
    lines_of,
)
from ingestion.collector.limits import Limits, TokenBuckets
from ingestion.collector.messages import Intake, Sender, Taken
from ingestion.collector.origins import Origins
from ingestion.collector.refused import (
    RequestRefused,
    peer,
    tell_refusal,
    too_many_requests,
)
from ingestion.collector.tally import TallyLog
from ingestion.collector.tracker_file import TrackerFile
from ingestion.consent import consent_category
from ingestion.privacy import shortened_address
from ingestion.settings import PROJECT_ROOT, Settings

TRACKER = PROJECT_ROOT / "ingestion" / "tracker" / "tracker.js"

KINDS = ("track", "page", "identify", "screen", "group", "alias")
BATCH = "batch"

_TALLY_SECONDS = 60
_RETRY_SECONDS = 5
_LONGEST_AGENT = 500
_COPIES_OF_BODY = 8

_Endpoint = Callable[[Request], Awaitable[Response]]


def application(
    settings: Settings,
    journal: Journal,
    *,
    pages: Sequence[BaseRoute] = (),
    limits: Limits | None = None,
    tracker: Path = TRACKER,
) -> ASGIApp:
    """The collector, with the routes of `pages` beside its own; `journal` must be open.

    Pages may raise what the journal raises: the answer is the API's.
    """
    collector = Collector(settings, journal, limits or Limits())
    api = _api(collector)
    routes: list[BaseRoute] = [
        *(Route(path, endpoint, methods=["POST", "OPTIONS"]) for path, endpoint in api.items()),
        Route(
            "/v1/projects/{write_key}/settings",
            _OfApi(collector, collector.client_settings),
            methods=["GET"],
        ),
        Route("/healthz", collector.health),
        Route(
            "/tracker.js",
            _OfApi(collector, TrackerFile(tracker)),
            methods=["GET"],
            middleware=[Middleware(GZipMiddleware, minimum_size=500)],
        ),
        *pages,
    ]
    whole = Starlette(
        routes=routes,
        middleware=[
            Middleware(Guard, limits=collector.limits, log=collector.log),
            Middleware(PageLimit, buckets=collector.buckets, log=collector.log),
        ],
        exception_handlers={
            HTTPException: tell_refusal,
            JournalBusyError: collector.tell_busy,
            JournalFailedError: collector.tell_failed,
        },
        lifespan=collector.lifespan,
    )
    events = {
        path: Guard(endpoint, collector.limits, collector.log) for path, endpoint in api.items()
    }

    async def found(scope: Scope, receive: Receive, send: Send) -> None:
        # what comes hundreds of times a second is spared the way through routes and middleware
        is_event = scope["type"] == "http" and scope["method"] == "POST"
        app = events.get(scope["path"], whole) if is_event else whole
        await app(scope, receive, send)

    return found


class Collector:
    """The endpoints of the API, and what they share."""

    def __init__(self, settings: Settings, journal: Journal, limits: Limits) -> None:
        self.limits = limits
        self.log = TallyLog(settings.logs / "collector.log")
        self._settings = settings
        self._journal = journal
        self._write_key = settings.write_key()
        self._consent_category = consent_category(PROJECT_ROOT)
        self._intake = Intake(settings, limits.event_bytes)
        self.buckets = TokenBuckets(settings.collect_rate)
        self._origins = Origins(settings)

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Writes the line of counts each minute, and the last one at the end."""
        task = asyncio.create_task(self._tell_counts())
        try:
            yield
        finally:
            task.cancel()
            self.log.write()

    async def _tell_counts(self) -> None:
        while True:
            await asyncio.sleep(_TALLY_SECONDS)
            self.log.write()

    async def answer(self, request: Request, endpoint: _Endpoint) -> Response:
        """What the endpoint says: every answer, a refusal too, the pages of other origins may
        read."""
        if request.method == "OPTIONS":
            return self._origins.preflight(request)
        headers = self._origins.headers(request)
        try:
            response = await endpoint(request)
        except RequestRefused as refused:
            self.log.tally.turned_away += 1
            response = refused.answer()
        except JournalBusyError:
            response = self._busy()
        except JournalFailedError as failed:
            response = self._failed(failed)
        response.headers.update(headers)
        return response

    async def collect(self, request: Request, kind: str | None) -> Response:
        """Takes the events of a request: one of a kind, or (kind None) a batch of any."""
        received_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.log.tally.requests += 1
        if not self._origins.allows(request):
            raise RequestRefused(
                403, "origin_refused", "pages of this origin may not send events here"
            )
        packed, announced = await self._body(request)
        body = bodies.unpacked(
            packed, request.headers.get("content-encoding", ""), self.limits.body_bytes
        )
        given = bodies.parsed(body)
        if not isinstance(given, dict):
            raise RequestRefused(400, "not_an_object", "the body is JSON, but no object")
        self._check_write_key(request, given)
        is_large = len(body) > self.limits.event_bytes
        try:
            messages = self._messages(given, kind, is_large)
            taken = self._intake.take(
                messages,
                self._sender(request),
                received_at,
                kind=kind,
                envelope=given if kind is None else None,
                may_be_large=kind is None and is_large,
            )
            lines = lines_of(taken.records)
            # before they are written: an answer that goes wrong then must not say "send it again"
            response = self._answer_to(request, messages, taken)
            # a few bytes that are packed, or a context that each message gets, are many lines
            self.buckets.charge(peer(request), len(lines) - announced)
            await self._journal.append_lines(lines)
        except RecursionError:
            # before anything of it was written
            raise RequestRefused(400, "body_too_deep", "the body is nested too deeply") from None
        self._count(request, taken)
        return response

    def _answer_to(self, request: Request, messages: Sequence[Any], taken: Taken) -> Response:
        """The answer that they were taken, with the cookie of the last one's device."""
        response = _taken(taken.refused)
        if (
            messages
            and not signals.refuses_tracking(request.headers)
            and len(messages) - 1 not in taken.refused
            and not signals.denies_consent(taken.records[-1], self._consent_category)
        ):
            last = messages[-1]
            device = last.get("anonymousId") if isinstance(last, dict) else None
            self._origins.give_cookie(request, response, device)
        return response

    async def client_settings(self, request: Request) -> Response:
        """What Segment's client for browsers asks its `cdnURL` for: where events go."""
        if not _is_same(request.path_params["write_key"], self._write_key):
            raise RequestRefused(404, "write_key_unknown", "there is no such write key")
        public = urlsplit(self._settings.public_url)
        return JSONResponse(
            {
                "integrations": {
                    "Segment.io": {
                        "apiKey": self._write_key,
                        "apiHost": f"{public.netloc}{public.path}/v1",
                        "protocol": public.scheme,
                    }
                },
                "plan": {},
                # it would tell its maker how often it is called
                "metrics": {"sampleRate": 0},
            }
        )

    async def health(self, _request: Request) -> Response:
        """Whether events are taken now."""
        failure = self._journal.failure if self._journal.is_open else "it is ending"
        if failure is None:
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "failing", "reason": failure}, 503)

    async def tell_busy(self, _request: Request, _error: Exception) -> Response:
        """The answer where too much waits for the disk."""
        return self._busy()

    async def tell_failed(self, _request: Request, error: Exception) -> Response:
        """The answer where the disk took nothing."""
        return self._failed(error)

    def _busy(self) -> Response:
        self.log.tally.disk_busy += 1
        return RequestRefused(
            429, "busy", "more waits for the disk than may; send it again", {"Retry-After": "1"}
        ).answer()

    def _failed(self, error: Exception) -> Response:
        self.log.tally.disk_failed += 1
        return RequestRefused(
            503,
            "disk_failed",
            f"nothing of this was kept: {error}; send it again later",
            {"Retry-After": str(_RETRY_SECONDS)},
        ).answer()

    async def _body(self, request: Request) -> tuple[bytes, int]:
        """The body, and how many bytes of it its sender has been charged for."""
        announced = request.headers.get("content-length", "")
        size = min(int(announced), self.limits.body_bytes) if announced.isdecimal() else 0
        wait = self.buckets.take(peer(request), size)
        if wait:
            self.log.tally.rate_limited += 1
            raise too_many_requests(wait, "send several events in a batch")
        try:
            return await request.body(), size
        except ClientDisconnect:
            raise RequestRefused(400, "body_cut_off", "the body broke off") from None

    def _check_write_key(self, request: Request, body: Mapping[str, Any]) -> None:
        given = _basic_user(request.headers.get("authorization", "")) or body.get("writeKey")
        if not given or not isinstance(given, str):
            raise RequestRefused(
                400,
                "write_key_missing",
                "give the write key as the user of Basic auth, or as writeKey in the body",
            )
        if not _is_same(given, self._write_key):
            raise RequestRefused(401, "write_key_unknown", "there is no such write key")

    def _messages(self, body: dict[str, Any], kind: str | None, is_large: bool) -> list[Any]:
        if kind is not None:
            if is_large and self._intake.is_too_large(body):
                raise RequestRefused(
                    413,
                    "event_too_large",
                    f"an event of more than {self.limits.event_bytes // 1024} KB",
                )
            return [body]
        batch = body.get("batch")
        if not isinstance(batch, list):
            raise RequestRefused(400, "batch_missing", "give batch: a list of messages")
        if len(batch) > self.limits.batch_events:
            raise RequestRefused(
                413,
                "batch_too_long",
                f"more than {self.limits.batch_events} events in a batch; send several batches",
            )
        # each message gets a copy: a small body could fill the disk
        shared = len(json.dumps(body.get("context"))) * len(batch)
        if shared > _COPIES_OF_BODY * self.limits.body_bytes:
            raise RequestRefused(
                413, "context_too_large", "a large context for many events; send smaller batches"
            )
        return batch

    def _sender(self, request: Request) -> Sender:
        address = shortened_address(request.client.host) if request.client else None
        refuses = self._settings.honour_privacy_signals and signals.refuses_tracking(
            request.headers
        )
        agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
        return Sender(address, agent or None, refuses)

    def _count(self, request: Request, taken: Taken) -> None:
        tally = self.log.tally
        tally.events += len(taken.records) - len(taken.refused)
        tally.refused_events += len(taken.refused)
        if self._settings.honour_privacy_signals and signals.refuses_tracking(request.headers):
            tally.without_identity += len(taken.records)


class _OfApi:
    """An endpoint of the API as an application of its own."""

    def __init__(self, collector: Collector, endpoint: _Endpoint) -> None:
        self._collector = collector
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._collector.answer(Request(scope, receive), self._endpoint)
        await response(scope, receive, send)


def _api(collector: Collector) -> dict[str, ASGIApp]:
    """`/v1/track` and `/track` of each kind, and `/v1/t`, as Segment's browser client has it."""
    endpoints: dict[str, ASGIApp] = {}
    for name in (*KINDS, BATCH):
        kind = None if name == BATCH else name
        endpoint = _OfApi(collector, partial(collector.collect, kind=kind))
        endpoints |= dict.fromkeys((f"/v1/{name}", f"/{name}", f"/v1/{name[0]}"), endpoint)
    return endpoints


def _taken(refused: Mapping[int, str]) -> Response:
    """The answer that the events are on the disk, with those that went to the quarantine."""
    if not refused:
        return Response(b'{"success":true}', media_type="application/json")
    places = [{"index": place, "reason": code} for place, code in refused.items()]
    return JSONResponse({"success": False, "refused": places})


def _basic_user(header: str) -> str | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return None


def _is_same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), known.encode())
