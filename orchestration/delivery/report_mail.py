"""The mini-reports by mail: each request gets its own once, soon, and never by mistake twice.

What is due follows from the published requests and the ledger alone, so that a run that was killed
anywhere is taken up by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.policy import SMTP as SMTP_POLICY
from functools import partial

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.delivery import outbox, told_steps
from orchestration.delivery.asked_reports import (
    AskedReport,
    PublishedRequests,
    key_of,
    read_requests,
    report_of,
)
from orchestration.delivery.ledger import (
    Channel,
    Delivery,
    Ledger,
    OpenLedger,
    State,
    is_request,
    iso,
    noted,
)
from orchestration.delivery.mailbox import mailbox
from orchestration.delivery.report_files import is_made, made_at, make
from orchestration.delivery.retries import is_due
from orchestration.delivery.smtp import (
    Connection,
    Failure,
    NotSentError,
    SmtpServer,
    UncertainError,
    sender_of,
)
from orchestration.delivery.told_steps import Step
from orchestration.lead_magnet.links import report_link, unsubscribe_link
from orchestration.lead_magnet.offers import Offer, read_offers
from orchestration.reports.report_mail import compose, message_id_of

SECONDS_FOR_MAIL = 45.0
"""After so long a run begins no further message: what is left waits for the next one, and whoever
else wants to send (SECONDS_TO_WAIT of the ledger) gets its turn."""

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Orders:
    """What an operator says of messages: of requests by their ids or as the ledger's key, of others
    by that."""

    send_again: Collection[str] = ()
    """Send these whatever the ledger says."""
    arrived: Collection[str] = ()
    """These have arrived: they are uncertain no more."""
    retry_now: bool = False
    """Try now what would be tried later, and what was given up for want of an answer."""


@dataclass
class Deliveries:
    """What a run came to; keys name messages."""

    channel: Channel
    sent: list[str] = field(default_factory=list)
    not_sent: dict[str, str] = field(default_factory=dict)
    """Why each that was refused was."""
    uncertain: list[str] = field(default_factory=list)
    left: int = 0
    """Due, and not begun: they wait for the next run."""
    trouble: str | None = None
    """Why no message got through."""
    why_none: str | None = None
    """Why nothing was to be done at all."""
    told: int = 0
    """Events written to landing/."""


def deliver_reports(
    settings: Settings,
    now: Clock = lambda: datetime.now(UTC),
    orders: Orders | None = None,
    *,
    seconds: float = SECONDS_FOR_MAIL,
) -> Deliveries:
    """Sends the reports that are due, or writes them into outbox/ where INTENT_SMTP_URL is unset;
    tells in landing/ what was done.

    Reads the published file alone. A server that cannot be reached, or refuses a message, is told
    in what is returned. Raises UserError where nothing is published, orders name what is not there,
    or another process keeps sending.
    """
    orders = orders or Orders()
    with Ledger(settings).opened() as ledger:
        began = now()
        _note_arrivals(ledger, orders, began)
        _settle_outbox(settings, ledger, began)
        sent = [key for key, last in ledger.known.items() if last.state is State.sent]
        published = read_requests(
            settings, began - timedelta(days=settings.report_days), orders.send_again, sent
        )
        _check(orders, published)
        run = _Run(settings, ledger, published, now, orders, began + timedelta(seconds=seconds))
        done = run.deliver()
        if published.as_of == began.date():
            steps = _steps(settings, ledger, published)
            done.told = len(told_steps.tell(settings, steps, published.started_at, now()))
    return done


@dataclass
class _Run:
    """One run over what is due, with the ledger in hand."""

    settings: Settings
    ledger: OpenLedger
    published: PublishedRequests
    now: Clock
    orders: Orders
    ends_at: datetime

    def deliver(self) -> Deliveries:
        done = Deliveries(Channel.smtp if self.settings.smtp_url else Channel.outbox)
        today = self.now().date()
        if self.published.as_of != today and not self.orders.send_again:
            done.why_none = (
                f"what is published is as of {self.published.as_of}, and today is {today}"
            )
            return done
        offers = read_offers()
        due = self._due(done, offers)
        if not due:
            return done
        # whatever happens from here on, they are known to wait
        self.ledger.note(
            [
                noted(asked.key, State.waiting, self.now(), attempt=0)
                for asked in due
                if asked.key not in self.ledger.known
            ]
        )
        with ExitStack() as stack:
            try:
                way = self._way(stack)
            except UserError as error:
                done.trouble = str(error)
                self.ledger.note([self._unreachable(asked, error) for asked in due])
                return done
            for number, asked in enumerate(due):
                if done.trouble or self.now() >= self.ends_at:
                    done.left = len(due) - number
                    break
                self._deliver_one(asked, offers[asked.offer_id], way, done)
        return done

    def _due(self, done: Deliveries, offers: Mapping[str, Offer]) -> list[AskedReport]:
        """What is to be sent now: never tried ones first, so that none is in the way of others."""
        now = self.now()
        since = (now - timedelta(days=self.settings.report_days)).replace(tzinfo=None)
        again = {key_of(request_id) for request_id in self.orders.send_again}
        is_today = self.published.as_of == now.date()
        due, known = [], self.ledger.known
        for asked in self.published.requests:
            is_fresh = is_today and asked.received_at >= since and bool(asked.email)
            if asked.key not in again and not (is_fresh and self._is_due(asked, now)):
                continue
            if why := _why_not_sendable(asked, offers):
                done.not_sent[asked.key] = why
                self._refuse(asked, Failure.permanent)
                continue
            due.append(asked)
        if is_today:
            self._forget_late({each.key for each in due}, now)
        return sorted(due, key=lambda each: known[each.key].attempt if each.key in known else 0)

    def _is_due(self, asked: AskedReport, now: datetime) -> bool:
        last = self.ledger.known.get(asked.key)
        if self.orders.retry_now and last is not None and not last.is_settled:
            return last.failure not in {Failure.permanent, Failure.late}
        # the log tells of it, though the ledger was lost: it was sent
        return not (last is None and asked.is_delivered) and is_due(last, now)

    def _forget_late(self, due: Collection[str], now: datetime) -> None:
        """What would be tried now, and is asked for no more or was too long ago, is given up."""
        late = [
            replace(last, state=State.failed, failure=Failure.late, code=None, at=iso(now))
            for key, last in self.ledger.known.items()
            if is_request(key) and not last.is_settled and is_due(last, now) and key not in due
        ]
        self.ledger.note(late)

    def _refuse(self, asked: AskedReport, failure: Failure) -> None:
        self.ledger.note([noted(asked.key, State.failed, self.now(), failure=failure)])

    def _put_off(self, asked: AskedReport, failure: Failure) -> None:
        last = self.ledger.known.get(asked.key)
        attempt = 1 if last is None or last.is_settled else last.attempt + 1
        self.ledger.note(
            [noted(asked.key, State.failed, self.now(), attempt=attempt, failure=failure)]
        )

    def _unreachable(self, asked: AskedReport, error: UserError) -> Delivery:
        last = self.ledger.known[asked.key]
        code = error.code if isinstance(error, NotSentError) else None
        attempt = 1 if last.is_settled else last.attempt + 1
        return noted(
            asked.key,
            State.failed,
            self.now(),
            attempt=attempt,
            failure=Failure.unreachable,
            code=code,
            channel=Channel.smtp,
        )

    def _way(self, stack: ExitStack) -> _Way:
        """How messages go. Raises UserError where none gets through."""
        if self.settings.smtp_url is None:
            return _Way(self.settings.mail_from or outbox.SENDER, None)
        server = SmtpServer.from_url(self.settings.smtp_url)
        sender = sender_of(self.settings, server)
        connection = stack.enter_context(Connection(server))
        connection.open()
        return _Way(sender, connection)

    def _deliver_one(self, asked: AskedReport, offer: Offer, way: _Way, done: Deliveries) -> None:
        try:
            text = self._text(asked, offer, way)
        except OSError:
            raise  # of the disk, not of what was asked for: it waits
        except Exception as error:  # noqa: BLE001 - whatever somebody has put into the form
            done.not_sent[asked.key] = f"no mail can be made of it ({type(error).__name__})"
            # or into a setting or a template, where it is mended for all: so it is tried again
            self._put_off(asked, Failure.temporary)
            return
        if way.connection is None:
            send: Callable[[], object] = partial(outbox.put, self.settings, asked.key, text)
        else:
            recipient = mailbox(asked.email or "")
            assert recipient is not None  # else it had not been due
            send = partial(way.connection.send, text, way.sender, [recipient])
        is_again = asked.key in map(key_of, self.orders.send_again)
        try:
            self.ledger.deliver(asked.key, send, self.now, again=is_again, channel=done.channel)
        except NotSentError as error:
            done.not_sent[asked.key] = _refusal(error)
            if error.failure is Failure.unreachable:
                # of the server or of us, so it names no recipient but by a code
                done.trouble = _refusal(error)
        except UncertainError:
            done.uncertain.append(asked.key)
            # whoever it is that does not answer: better one uncertain message than many
            done.trouble = "the server took a message and did not answer"
        else:
            done.sent.append(asked.key)

    def _text(self, asked: AskedReport, offer: Offer, way: _Way) -> bytes:
        benchmark = self.published.benchmarks.get(asked.offer_id)
        report = report_of(self.settings, offer, asked, benchmark)
        if report is None:
            raise ValueError("no answer is one of the offer's")
        if not is_made(self.settings, asked):
            make(self.settings, asked, report)
        message = compose(
            report,
            sender=way.sender,
            recipient=mailbox(asked.email or "") or "",
            report_url=report_link(self.settings, asked.request_id),
            unsubscribe_url=unsubscribe_link(self.settings, asked.request_id),
            sent_at=self.now(),
            message_id=message_id_of(asked.key, way.sender),
        )
        if way.connection is None:
            # mail programs open it as a draft
            message["X-Unsent"] = "1"
        return message.as_bytes(policy=SMTP_POLICY)


@dataclass(frozen=True)
class _Way:
    """From whom, and by which connection; None: into outbox/."""

    sender: str
    connection: Connection | None


def _why_not_sendable(asked: AskedReport, offers: Mapping[str, Offer]) -> str | None:
    if mailbox(asked.email or "") is None:
        return "it has no address that a mail server takes"
    if asked.offer_id not in offers:
        return "seeds/lead_magnet/offers.csv does not have its offer"
    return None


def _note_arrivals(ledger: OpenLedger, orders: Orders, now: datetime) -> None:
    keys = {
        each if "/" in each and each in ledger.known else key_of(each) for each in orders.arrived
    }
    for key in keys:
        last = ledger.known.get(key)
        if last is None or last.state is not State.uncertain:
            raise UserError(f"{key} is not uncertain; intent status lists those that are")
    ledger.note([replace(ledger.known[key], state=State.sent, at=iso(now)) for key in sorted(keys)])


def _settle_outbox(settings: Settings, ledger: OpenLedger, now: datetime) -> None:
    """A file that is there was written whole, whether or not a kill kept that from the ledger."""
    ledger.note(
        [
            replace(last, state=State.sent, at=iso(now))
            for last in list(ledger.known.values())
            if last.state is State.uncertain
            and last.channel is Channel.outbox
            and outbox.outbox_path(settings, last.key).exists()
        ]
    )


def _check(orders: Orders, published: PublishedRequests) -> None:
    there = {asked.key for asked in published.requests}
    missing = sorted(set(map(key_of, orders.send_again)) - there)
    if missing:
        raise UserError(
            f"no published request has the id {', '.join(missing)};"
            " rpt_mini_reports has those that there are"
        )


def _steps(settings: Settings, ledger: OpenLedger, published: PublishedRequests) -> Sequence[Step]:
    """What was done, and the log does not know yet."""
    steps = []
    for asked in published.requests:
        if not asked.is_generated and is_made(settings, asked):
            steps.append(_step(asked, told_steps.GENERATED, made_at(settings, asked)))
        last = ledger.known.get(asked.key)
        if not asked.is_delivered and last is not None and last.state is State.sent:
            channel = last.channel or Channel.smtp
            steps.append(_step(asked, told_steps.DELIVERED, last.time, channel=channel.value))
        if asked.is_qualified and asked.key not in published.told_as_qualified:
            steps.append(_step(asked, told_steps.QUALIFIED, published.published_at))
    return steps


def _step(asked: AskedReport, name: str, at: datetime, **more: str) -> Step:
    return Step(name, asked.request_id, asked.offer_id, at, more)


def _refusal(error: NotSentError) -> str:
    """Why, in words that hold no address: what a server says may quote it."""
    said = f" (it answered {error.code})" if error.code else ""
    match error.failure:
        case Failure.permanent:
            return f"the server refuses it for good{said}"
        case Failure.temporary:
            return f"the server does not take it now{said}"
        case _:
            return f"the server breaks off, or refuses us{said}"
