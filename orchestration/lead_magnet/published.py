"""What the published file says of requests, for the pages: never a reason for one to fail."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from typing import TypeVar

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.delivery.asked_reports import AskedReport, read_benchmarks, read_request
from orchestration.lead_magnet.requests import Request
from orchestration.reports.mini_report import Benchmark

_LOG = logging.getLogger("intent.lead_magnet")
_MOST_KEPT = 1_000
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class PublishedRequest:
    """What the last refresh made of a request."""

    request: Request
    may_book: bool
    """Who qualifies, and has not said that they want no mail: they get the report alone."""
    is_mail_refused: bool
    """Whether they have unsubscribed, or the CRM says so."""


class Published:
    """Reads of analytics.duckdb, each kept until another version is in place.

    None where the file is absent, locked, or of a version without the tables: the next read tries
    again. For threads: calls wait for one another.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._version: tuple[int, int, int] | None = None
        self._requests: dict[str, AskedReport | None] = {}
        self._benchmarks: dict[str, Benchmark] | None = None

    def benchmark(self, offer_id: str) -> Benchmark | None:
        """What all respondents of the offer reached; None where they are too few."""
        with self._lock:
            if self._is_there() and self._benchmarks is None:
                self._benchmarks = self._read(read_benchmarks)
            return (self._benchmarks or {}).get(offer_id)

    def request(self, request_id: str) -> PublishedRequest | None:
        """What the last refresh made of the request; None where it has not seen it."""
        with self._lock:
            asked = self._request(request_id) if self._is_there() else None
        if asked is None:
            return None
        request = Request(
            request_id=request_id,
            offer_id=asked.offer_id,
            email=asked.email or "",
            full_name=asked.full_name or "",
            company_name=asked.company_name or "",
            answers=asked.given_answers,
            # the consent is not part of a report: who needs it reads the event
            marketing_consent=False,
            consent_text=None,
            requested_at=asked.requested_at.replace(tzinfo=UTC),
        )
        return PublishedRequest(request, asked.may_book, asked.is_mail_refused)

    def _request(self, request_id: str) -> AskedReport | None:
        if request_id not in self._requests:
            found = self._read(lambda connection: [read_request(connection, request_id)])
            if found is None:
                return None
            [self._requests[request_id]] = found
        return self._requests[request_id]

    def _is_there(self) -> bool:
        """Whether anything is published; forgets what another version said."""
        version = self._version_in_place()
        if version != self._version or len(self._requests) >= _MOST_KEPT:
            self._version = version
            self._requests.clear()
            self._benchmarks = None
        return version is not None

    def _read(self, read: Callable[[duckdb.DuckDBPyConnection], _Found]) -> _Found | None:
        try:
            with published(self._settings) as connection:
                return read(connection)
        except (UserError, duckdb.Error, OSError) as error:
            _LOG.info("the pages go without the published tables: %s", error)
            return None

    def _version_in_place(self) -> tuple[int, int, int] | None:
        try:
            found = self._settings.analytics.stat()
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)
