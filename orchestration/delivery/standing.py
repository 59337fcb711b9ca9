"""How it stands with mails, for `intent status` and the UI: from the ledger alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestion.settings import Settings
from orchestration.delivery.ledger import Delivery, Ledger, State, is_request
from orchestration.delivery.retries import is_due, is_given_up, next_try
from orchestration.delivery.smtp import Failure

FAILURES_SHOWN = timedelta(days=30)
"""What was given up longer ago is told no more; what is uncertain is told until somebody has
settled it."""


@dataclass(frozen=True)
class Mail:
    """A message that needs somebody, or waits; times have their zone."""

    key: str
    """A request's id, or overview/ and the week."""
    state: str
    """uncertain, refused, given up, too late or waiting."""
    at: datetime
    """When it was begun, or tried last."""
    attempts: int
    code: int | None
    """What the server answered."""
    next_try_at: datetime | None
    what_to_do: str


@dataclass(frozen=True)
class MailStanding:
    """All messages of the ledger."""

    sent: int
    """By a mail server."""
    in_outbox: int
    """Written into outbox/: nobody has sent them."""
    uncertain: tuple[Mail, ...]
    not_sent: tuple[Mail, ...]
    """Those that are tried no more by themselves."""
    waiting: tuple[Mail, ...]
    """Those that are: the next to be tried first."""


def mail_standing(settings: Settings, now: datetime) -> MailStanding:
    """The standing at `now` (with a zone)."""
    known = list(Ledger(settings).known().values())
    channels = Counter(
        each.channel.value if each.channel else "smtp" for each in known if each.state is State.sent
    )
    # a weekly mail that failed is its run's to tell
    reports = [each for each in known if is_request(each.key)]
    waiting = [each for each in reports if next_try(each) is not None]
    return MailStanding(
        sent=channels["smtp"],
        in_outbox=channels["outbox"],
        uncertain=_told(each for each in known if each.state is State.uncertain),
        not_sent=_told(
            each for each in reports if is_given_up(each) and now - each.time <= FAILURES_SHOWN
        ),
        waiting=tuple(
            sorted(map(_mail, waiting), key=lambda mail: (mail.next_try_at or mail.at, mail.key))
        ),
    )


def due_reports(settings: Settings, now: datetime) -> int:
    """How many reports the ledger knows that are to be tried now."""
    known = Ledger(settings).known()
    return sum(
        is_request(key) and not last.is_settled and is_due(last, now) for key, last in known.items()
    )


def _told(deliveries: Iterable[Delivery]) -> tuple[Mail, ...]:
    return tuple(sorted(map(_mail, deliveries), key=lambda mail: (mail.at, mail.key)))


def _mail(last: Delivery) -> Mail:
    return Mail(
        key=last.key,
        state=_state(last),
        at=last.time,
        attempts=last.attempt,
        code=last.code,
        next_try_at=next_try(last),
        what_to_do=_what_to_do(last),
    )


def _state(last: Delivery) -> str:
    if last.state is not State.failed:
        return last.state.value
    if last.failure is Failure.permanent:
        return "refused"
    if last.failure is Failure.late:
        return "too late"
    return "given up" if is_given_up(last) else "waiting"


def _what_to_do(last: Delivery) -> str:
    if last.state is State.uncertain:
        again = (
            f"deliver_reports with send_again: [{last.key}]"
            if is_request(last.key)
            else "overview_mail with send_again: true"
        )
        return (
            f"ask whether it came; then launch {again}, or deliver_reports with"
            f" arrived: [{last.key}]"
        )
    if is_given_up(last):
        return f"to try once more, launch deliver_reports with send_again: [{last.key}]"
    return "nothing: it is tried again by itself"
