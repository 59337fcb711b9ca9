"""What the published file says of requests, for the pages: never a reason for one to fail."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.lead_magnet.requests import Request
from orchestration.reports.mini_report import Benchmark

_LOG = logging.getLogger("intent.lead_magnet")
_MOST_KEPT = 1_000
_WHOLE = ""
"""The dimension of rpt_offer_benchmarks that is the whole score."""


@dataclass(frozen=True)
class PublishedRequest:
    """A row of rpt_mini_reports."""

    request: Request
    may_book: bool
    """Who qualifies, and has not said that they want no mail: they get the report alone."""


class Published:
    """Reads of analytics.duckdb, each kept until another version is in place.

    None where the file is absent, locked, or of a version without the tables: the next read tries
    again. For threads: calls wait for one another.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._version: tuple[int, int, int] | None = None
        self._kept: dict[tuple[str, str], Any] = {}

    def benchmark(self, offer_id: str) -> Benchmark | None:
        """What all respondents of the offer reached; None where they are too few."""
        rows = self._rows(
            "select dimension_id, respondent_count, score from marts.rpt_offer_benchmarks"
            " where offer_id = ?",
            offer_id,
        )
        scores = {str(dimension): round(score) for dimension, _, score in rows}
        counts = {str(dimension): int(count) for dimension, count, _ in rows}
        if _WHOLE not in scores:
            return None
        return Benchmark(
            respondent_count=counts[_WHOLE],
            score=scores.pop(_WHOLE),
            dimensions=scores,
        )

    def request(self, request_id: str) -> PublishedRequest | None:
        """What the last refresh made of the request; None where it has not seen it."""
        rows = self._rows(
            "select offer_id, email, full_name, company_name, answers, requested_at,"
            " is_qualified and not is_mail_refused"
            " from marts.rpt_mini_reports where request_id = ?",
            request_id,
        )
        for offer_id, email, full_name, company_name, answers, requested_at, may_book in rows:
            return PublishedRequest(
                Request(
                    request_id=request_id,
                    offer_id=str(offer_id),
                    email=str(email or ""),
                    full_name=str(full_name or ""),
                    company_name=str(company_name or ""),
                    answers=_answers(answers),
                    # the consent is not part of a report: who needs it reads the event
                    marketing_consent=False,
                    consent_text=None,
                    requested_at=_utc(requested_at),
                ),
                may_book=bool(may_book),
            )
        return None

    def _rows(self, sql: str, key: str) -> list[tuple[Any, ...]]:
        with self._lock:
            version = self._version_in_place()
            if version != self._version or len(self._kept) >= _MOST_KEPT:
                self._version = version
                self._kept.clear()
            if version is None:
                return []
            if (sql, key) not in self._kept:
                try:
                    with published(self._settings) as connection:
                        rows = connection.execute(sql, [key]).fetchall()
                except (UserError, duckdb.Error, OSError) as error:
                    _LOG.info("the pages go without the published tables: %s", error)
                    return []
                self._kept[sql, key] = rows
            kept: list[tuple[Any, ...]] = self._kept[sql, key]
            return kept

    def _version_in_place(self) -> tuple[int, int, int] | None:
        try:
            found = self._settings.analytics.stat()
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)


def _answers(text: object) -> dict[str, str]:
    try:
        given = json.loads(str(text))
    except ValueError:
        return {}
    return (
        {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
