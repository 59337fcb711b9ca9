"""A site with the tracker, and a collector that writes down what it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from ingestion.tracker import tracker_script

Message = dict[str, Any]


@dataclass
class Batch:
    """One request of a tracker."""

    path: str
    content_type: str
    envelope: dict[str, Any]
    is_taken: bool

    @property
    def messages(self) -> list[Message]:
        """The events in it."""
        return list(self.envelope["batch"])


@dataclass
class RecordingCollector:
    """Serves `pages` by their path, `/tracker.js`, and `/v1/batch`, which answers with `status`
    and `headers`, or, where `is_down`, with nothing at all, or, where it `hangs`, never."""

    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    page_headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_down: bool = False
    hangs: bool = False
    batches: list[Batch] = field(default_factory=list)
    attempts: int = 0

    @property
    def address(self) -> str:
        """Where it is, without a slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def taken(self) -> list[Message]:
        """All that was taken, as often as it came."""
        return [message for batch in self.batches if batch.is_taken for message in batch.messages]

    @property
    def events(self) -> list[Message]:
        """What was taken, in the order of arrival, each once: as the loader knows events. What a
        page sends as it goes is sent again by the next."""
        first = {message["messageId"]: message for message in reversed(self.taken)}
        return [message for message in self.taken if first.pop(message["messageId"], None)]

    def named(self, name: str) -> list[Message]:
        """The tracks of a name, or with "page" the page views."""
        return [event for event in self.events if name in (event.get("event"), event["type"])]


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a page that goes breaks its connections."""


@contextmanager
def recording_collector() -> Iterator[RecordingCollector]:
    """A collector on a free port of this machine."""
    collector = RecordingCollector()
    closing = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            """Nothing: the tests' output is theirs."""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/tracker.js":
                self.answer(200, tracker_script(), {"Content-Type": "text/javascript"})
            elif path in collector.pages:
                page = collector.pages[path].encode()
                headers = {"Content-Type": "text/html; charset=utf-8"} | collector.page_headers
                self.answer(200, page, headers)
            else:
                self.answer(404, b"", {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.attempts += 1
            if collector.hangs:
                closing.wait()
            if collector.is_down or collector.hangs:
                self.close_connection = True
                return
            is_taken = collector.status == 200
            kind = self.headers["Content-Type"]
            collector.batches.append(Batch(self.path, kind, json.loads(body), is_taken))
            shared = {
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "Retry-After",
            }
            self.answer(collector.status, b"{}", shared | collector.headers)

        def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # of a page that has gone meanwhile
                self.end_headers()
                self.wfile.write(body)

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.port = server.server_port
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
