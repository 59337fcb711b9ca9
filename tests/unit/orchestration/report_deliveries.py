"""Delivery as a test sees it: by its own clock, to a mail server on loopback."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from ingestion.settings import Settings
from orchestration.delivery.ledger import Ledger, State
from orchestration.delivery.report_mail import Deliveries, Orders, deliver_reports
from orchestration.delivery.smtp import Failure
from tests.unit.orchestration.mail_server import Inbox
from tests.unit.orchestration.small_requests import NOW

SENDER = "reports@ours.example"


class Clock:
    """A clock that a test sets."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def to_port(settings: Settings, port: int) -> Settings:
    return replace(settings, smtp_url=f"smtp://127.0.0.1:{port}")


def deliver(
    settings: Settings, at: datetime = NOW, orders: Orders | None = None, **options: Any
) -> Deliveries:
    return deliver_reports(settings, Clock(at), orders, **options)


def recipients(inbox: Inbox) -> list[str]:
    return sorted(message["To"] for message in inbox.messages)


def to(inbox: Inbox, address: str) -> EmailMessage:
    [message] = [each for each in inbox.messages if each["To"] == address]
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def told(settings: Settings) -> list[dict[str, Any]]:
    """The events in landing/."""
    return [
        json.loads(line)
        for path in sorted(settings.landing.glob("lead-magnet-*.ndjson"))
        for line in path.read_text().splitlines()
    ]


def state_of(settings: Settings, request_id: str) -> tuple[State, int, Failure | None]:
    last = Ledger(settings).last(request_id)
    assert last is not None
    return last.state, last.attempt, last.failure
