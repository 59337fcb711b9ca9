"""The collector on a socket: uvicorn, with patience for slow clients that ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ingestion.collector.limits import unmapped
from ingestion.errors import UserError
from ingestion.settings import Settings

HEADER_SECONDS = 10.0
HEADER_BYTES = 32 << 10
CONNECTIONS = 1_000
_SECONDS_TO_STOP = 10
KEPT_OPEN_SECONDS = 30


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket on which nothing is answered yet; port 0 takes any that is free.

    Raises UserError where the address cannot be had.
    """
    opened = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
    except (OSError, OverflowError, TypeError, UnicodeError) as error:
        opened.close()
        raise UserError(
            f"the collector cannot listen on {host}:{port} ({error}); choose another --port"
        ) from None
    return opened


def serve(
    app: ASGIApp, settings: Settings, opened: socket.socket, on_start: Callable[[], None]
) -> None:
    """Answers on the socket until SIGINT or SIGTERM, and what is under way before it returns."""
    with opened, _signals_end_the_server_alone():
        server_of(app, settings, on_start).run(sockets=[opened])


def server_of(app: ASGIApp, settings: Settings, on_start: Callable[[], None]) -> uvicorn.Server:
    """The server that `serve` runs."""
    # uvicorn's own words hold addresses of visitors; what went wrong is in the collector's log
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        app,
        http=_PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=list(settings.trusted_proxies),
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEPT_OPEN_SECONDS,
        timeout_graceful_shutdown=_SECONDS_TO_STOP,
    )
    return _Server(config, on_start)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_start()


@contextlib.contextmanager
def _signals_end_the_server_alone() -> Iterator[None]:
    """uvicorn ends on them, and then sends them to the process again: the journal is to be closed
    first. Set also where a shell that runs us in the background has us ignore Ctrl-C."""
    sent = (signal.SIGINT, signal.SIGTERM)
    previous = {each: signal.signal(each, lambda *_: None) for each in sent}
    try:
        yield
    finally:
        for each, handler in previous.items():
            signal.signal(each, handler)


class _PatientProtocol(HttpToolsProtocol):
    """Closes a connection on which a request's headers do not come in time, or the rest of a body
    that was answered unread, and refuses headers that are too long.

    uvicorn waits for ever for the headers of a new connection, and for the rest of those that have
    begun, and keeps them however many they are. It bounds only the time between two requests, and
    forgets that too where more of an answered body comes.
    """

    _headers_timer: asyncio.TimerHandle | None = None
    _are_headers_due = True
    """Whether those of a request are what comes next, or are half there."""
    _has_advanced = False
    """Whether what came last ended headers or a body."""
    _fed_bytes = 0
    """Since headers are due: also of a line without an end, of which the parser tells nothing."""
    _told_bytes = 0
    """Of the headers that the parser has told of."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            # before it is asked whether this is a proxy that we trust
            self.client = (unmapped(self.client[0]), self.client[1])
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        self._has_advanced = False
        self._fed_bytes += len(data)
        super().data_received(data)
        if self._has_advanced or not self._are_headers_due:
            self._fed_bytes = 0
            if self._has_advanced or not self._is_answered():
                self._stop_waiting()
            if self._headers_timer is None and self._is_answered():
                self._wait_for_headers()
        elif self._fed_bytes > HEADER_BYTES:
            if not self.transport.is_closing():
                self.send_400_response("The headers are too long.")
        elif self._headers_timer is None:
            self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._told_bytes = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._bound(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._bound(len(name) + len(value))

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._are_headers_due, self._has_advanced = False, True

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._are_headers_due, self._has_advanced = True, True

    def _bound(self, byte_count: int) -> None:
        self._told_bytes += byte_count
        if self._told_bytes > HEADER_BYTES:
            raise ValueError("the headers are too long")  # answered 400, as all that is no HTTP

    def _wait_for_headers(self) -> None:
        self._headers_timer = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._headers_timer is not None:
            self._headers_timer.cancel()
            self._headers_timer = None

    def _give_up(self) -> None:
        self._headers_timer = None
        if self._latest is None or self._latest.response_complete:
            self.transport.close()

    def _is_answered(self) -> bool:
        """Whether the latest request is; false before the first."""
        return self._latest is not None and self._latest.response_complete

    @property
    def _latest(self) -> RequestResponseCycle | None:
        """The request that came last; None before the first."""
        return self.cycle


def address_of(opened: socket.socket) -> str:
    """Where a socket listens, as a URL."""
    name: tuple[Any, ...] = opened.getsockname()
    host, port = name[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
