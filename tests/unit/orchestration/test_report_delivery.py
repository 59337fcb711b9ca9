"""Mini-reports by mail: who gets one, once, and what is known of each whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.delivery import report_files, told_steps
from orchestration.delivery.asked_reports import key_of
from orchestration.delivery.ledger import Channel, Ledger, State, noted
from orchestration.delivery.mailbox import mailbox
from orchestration.delivery.report_mail import Deliveries, Orders, deliver_reports
from orchestration.delivery.retries import WAITS, is_due, is_given_up, next_try
from orchestration.delivery.smtp import Failure
from orchestration.delivery.standing import due_reports, mail_standing
from orchestration.lead_magnet.tokens import Purpose, read
from orchestration.reports import report_mail
from tests.unit.orchestration.hostile_texts import ANY_TEXT
from tests.unit.orchestration.mail_server import Inbox, free_port, mail_server
from tests.unit.orchestration.small_requests import (
    ADA,
    BOB,
    CLEO,
    NOW,
    publish_requests,
)

SENDER = "reports@ours.example"


class Clock:
    """A clock that a test sets."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(autouse=True)
def _small_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one takes its time, and is looked at where it is made."""
    for module in (report_files, report_mail):
        monkeypatch.setattr(module, "report_pdf", lambda _: b"%PDF-1.7\n")


@pytest.fixture
def asked(settings: Settings) -> Settings:
    """A data directory in which Ada's, Bob's and Cleo's requests are published."""
    publish_requests(settings, [ADA, BOB, CLEO])
    return replace(settings, mail_from=SENDER, public_url="https://go.example")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def mailing(asked: Settings, inbox: Inbox) -> Iterator[Settings]:
    """The same, with a mail server that is up."""
    with mail_server(inbox) as port:
        yield to_port(asked, port)


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


def test_who_asked_gets_the_report_once(mailing: Settings, inbox: Inbox) -> None:
    first = deliver(mailing)
    assert sorted(first.sent) == ["request-ada", "request-bob", "request-cleo"]
    second = deliver(mailing)
    assert (second.sent, second.not_sent, second.trouble) == ([], {}, None)
    assert recipients(inbox) == ["ada@acme.example", "bob@example.org", "cleo@acme.example"]


def test_a_second_request_gets_the_same_report_again(settings: Settings, inbox: Inbox) -> None:
    publish_requests(settings, [ADA, replace(ADA, request_id="request-ada-2")])
    with mail_server(inbox) as port:
        mailing = replace(to_port(settings, port), mail_from=SENDER)
        deliver(mailing)
    assert recipients(inbox) == ["ada@acme.example"] * 2
    one, two = (body(message, "plain") for message in inbox.messages)
    assert one.splitlines()[:6] == two.splitlines()[:6]


def test_only_the_qualified_are_offered_a_call_and_nobody_who_refuses_mail(
    mailing: Settings, inbox: Inbox
) -> None:
    deliver(mailing)
    texts = {
        name: body(to(inbox, address), "plain") + body(to(inbox, address), "html")
        for name, address in (
            ("ada", "ada@acme.example"),
            ("bob", "bob@example.org"),
            ("cleo", "cleo@acme.example"),
        )
    }
    assert {name for name, text in texts.items() if "https://go.example/b/" in text} == {"ada"}
    pages = {path.stem for path in mailing.reports.rglob("*.html") if "/b/" in path.read_text()}
    assert pages == {"request-ada"}


def test_links_are_signed_and_name_the_request_alone(mailing: Settings, inbox: Inbox) -> None:
    deliver(mailing)
    message = to(inbox, "ada@acme.example")
    header = message["List-Unsubscribe"].strip("<>")
    assert header.startswith("https://go.example/u/")
    assert read(mailing, Purpose.unsubscribe, header.rpartition("/")[2]) == "request-ada"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for purpose, path in ((Purpose.report, "/r/"), (Purpose.booking, "/b/")):
        token = body(message, "plain").split(f"https://go.example{path}")[1].split()[0]
        assert read(mailing, purpose, token) == "request-ada"


def test_old_requests_are_not_answered(settings: Settings, inbox: Inbox) -> None:
    days = timedelta(days=settings.report_days)
    just = replace(BOB, request_id="just", received_at=NOW - days)
    late = replace(BOB, request_id="late", received_at=NOW - days - timedelta(seconds=1))
    unknown = replace(late, request_id="unknown", requested_at=NOW - days * 2, received_at=None)
    publish_requests(settings, [just, late, unknown])
    with mail_server(inbox) as port:
        done = deliver(replace(to_port(settings, port), mail_from=SENDER))
    assert done.sent == ["just"]
    assert len(inbox.messages) == 1


@pytest.mark.parametrize("days", [-1, 1])
def test_only_what_is_published_of_today_goes_out(
    mailing: Settings, inbox: Inbox, days: int
) -> None:
    done = deliver(mailing, NOW + timedelta(days=days))
    assert done.why_none is not None
    assert inbox.messages == []
    assert not mailing.deliveries.exists()
    assert told(mailing) == []


def test_a_request_without_an_address_is_passed_over(settings: Settings) -> None:
    publish_requests(settings, [replace(BOB, email=None)])
    done = deliver(settings)
    assert (done.sent, done.not_sent) == ([], {})


def test_without_a_server_each_mail_is_a_whole_file(asked: Settings) -> None:
    done = deliver(asked)
    assert done.channel is Channel.outbox
    assert sorted(path.name for path in asked.outbox.iterdir()) == [
        "request-ada.eml", "request-bob.eml", "request-cleo.eml",
    ]  # fmt: skip
    text = (asked.outbox / "request-ada.eml").read_bytes()
    message = message_from_bytes(text, policy=policy.default)
    assert (message["To"], message["From"]) == ("ada@acme.example", SENDER)
    assert message["X-Unsent"] == "1"
    assert [part.get_content_type() for part in message.iter_attachments()] == ["application/pdf"]
    assert deliver(asked).sent == []
    # one that is set later sends nothing twice
    inbox = Inbox()
    with mail_server(inbox) as port:
        assert deliver(to_port(asked, port)).sent == []
    assert inbox.messages == []
    standing = mail_standing(asked, NOW)
    assert (standing.sent, standing.in_outbox) == (0, 3)


def test_a_file_that_a_kill_kept_from_the_ledger_is_found(asked: Settings) -> None:
    deliver(asked)
    intents = [line for line in asked.deliveries.read_text().splitlines() if '"sent"' not in line]
    asked.deliveries.write_text("\n".join(intents) + "\n")
    (asked.outbox / "request-bob.eml").unlink()
    deliver(asked)
    assert [mail.key for mail in mail_standing(asked, NOW).uncertain] == ["request-bob"]
    assert not (asked.outbox / "request-bob.eml").exists()


def test_a_server_that_is_away_fails_nothing_and_is_tried_again_later_each_time(
    asked: Settings, inbox: Inbox
) -> None:
    away = to_port(asked, free_port())
    at, tries = NOW, 0
    while True:
        if at.date() != NOW.date() or not tries:
            publish_requests(asked, [replace(ADA, received_at=at)], at)
        done = deliver(away, at)
        tries += 1
        assert (done.trouble or "").endswith("Connection refused")
        assert state_of(away, "request-ada") == (State.failed, tries, Failure.unreachable)
        last = Ledger(away).last("request-ada")
        assert last is not None
        if (again := next_try(last)) is None:
            break
        assert again - at == WAITS[tries - 1]
        assert due_reports(away, again) == 1
        assert due_reports(away, again - timedelta(seconds=1)) == 0
        at = again
    assert tries == len(WAITS) + 1
    [given_up] = mail_standing(away, at).not_sent
    assert (given_up.state, given_up.attempts) == ("given up", tries)
    with mail_server(inbox) as port:
        assert deliver(to_port(asked, port), at + timedelta(hours=1)).sent == []
        orders = Orders(send_again=["request-ada"])
        assert deliver(to_port(asked, port), at, orders).sent == ["request-ada"]
    assert len(inbox.messages) == 1


def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(
    mailing: Settings, inbox: Inbox
) -> None:
    inbox.answers = {"ada@acme.example": "451 greylisted ada@acme.example"}
    inbox.refuses = frozenset({"bob@example.org"})
    done = deliver(mailing)
    assert done.sent == ["request-cleo"]
    assert set(done.not_sent) == {"request-ada", "request-bob"}
    assert "@" not in str(done)
    assert state_of(mailing, "request-ada") == (State.failed, 1, Failure.temporary)
    assert state_of(mailing, "request-bob") == (State.failed, 1, Failure.permanent)
    assert due_reports(mailing, NOW + WAITS[0]) == 1
    assert due_reports(mailing, NOW + WAITS[0] - timedelta(seconds=1)) == 0
    inbox.answers, inbox.refuses = {}, frozenset()
    assert deliver(mailing, NOW + WAITS[0]).sent == ["request-ada"]
    assert state_of(mailing, "request-ada") == (State.sent, 2, None)
    [refused] = mail_standing(mailing, NOW).not_sent
    assert (refused.key, refused.state, refused.code) == ("request-bob", "refused", 550)
    assert "send_again: [request-bob]" in refused.what_to_do


def test_a_refused_text_is_refused_for_good(mailing: Settings, inbox: Inbox) -> None:
    inbox.refuses_text = True
    deliver(mailing)
    assert state_of(mailing, "request-ada") == (State.failed, 1, Failure.permanent)


def test_a_server_that_lets_nobody_in_is_asked_once_a_run(asked: Settings) -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        locked = replace(asked, smtp_url=f"smtp://robot:wrong@127.0.0.1:{port}")
        done = deliver(locked)
    assert "refused the login" in (done.trouble or "")
    assert {state_of(locked, f"request-{name}")[2] for name in ("ada", "bob", "cleo")} == {
        Failure.unreachable
    }


def test_a_server_that_takes_a_text_and_does_not_answer_gets_no_second_one(
    mailing: Settings, inbox: Inbox
) -> None:
    inbox.hangs_up = True
    done = deliver(mailing)
    assert (len(done.uncertain), done.left) == (1, 2)
    inbox.hangs_up = False
    again = deliver(mailing)
    assert len(again.sent) == 2
    assert set(again.sent).isdisjoint(done.uncertain)
    assert len(inbox.messages) == 3
    [uncertain] = mail_standing(mailing, NOW).uncertain
    assert uncertain.key == done.uncertain[0]
    assert f"send_again: [{uncertain.key}]" in uncertain.what_to_do


def test_what_is_uncertain_is_settled_by_an_operator_alone(mailing: Settings, inbox: Inbox) -> None:
    for request_id in ("request-ada", "request-bob", "overview/2026-W27"):
        with Ledger(mailing).opened() as ledger:
            ledger.note([noted(request_id, State.intended, NOW)])
    deliver(mailing, orders=Orders(retry_now=True))
    assert recipients(inbox) == ["cleo@acme.example"]
    keys = [mail.key for mail in mail_standing(mailing, NOW).uncertain]
    assert keys == ["overview/2026-W27", "request-ada", "request-bob"]
    orders = Orders(send_again=["request-ada"], arrived=["request-bob", "overview/2026-W27"])
    deliver(mailing, orders=orders)
    assert recipients(inbox) == ["ada@acme.example", "cleo@acme.example"]
    assert mail_standing(mailing, NOW).uncertain == ()
    delivered = {
        event["properties"]["request_id"]
        for event in told(mailing)
        if event["event"] == "report_delivered"
    }
    assert delivered == {"request-ada", "request-bob", "request-cleo"}


@pytest.mark.parametrize(
    "orders", [Orders(send_again=["nobody's"]), Orders(arrived=["request-ada"])]
)
def test_an_order_about_what_is_not_there_is_a_mistake(mailing: Settings, orders: Orders) -> None:
    deliver(mailing)
    with pytest.raises(UserError):
        deliver(mailing, orders=orders)


def test_what_would_be_tried_later_can_be_tried_now(asked: Settings, inbox: Inbox) -> None:
    deliver(to_port(asked, free_port()))
    with mail_server(inbox) as port:
        assert deliver(to_port(asked, port)).sent == []
        assert len(deliver(to_port(asked, port), orders=Orders(retry_now=True)).sent) == 3


def test_what_a_run_has_no_time_for_waits_and_is_known(mailing: Settings, inbox: Inbox) -> None:
    done = deliver(mailing, seconds=0)
    assert (done.sent, done.left) == ([], 3)
    assert due_reports(mailing, NOW) == 3
    assert len(deliver(mailing).sent) == 3


def test_what_was_asked_for_too_long_ago_by_now_is_given_up(asked: Settings) -> None:
    away = to_port(asked, free_port())
    deliver(away)
    late = NOW + timedelta(days=8)
    publish_requests(asked, [ADA], late)
    assert due_reports(away, late) == 3
    deliver(away, late)
    assert due_reports(away, late) == 0
    assert state_of(away, "request-ada") == (State.failed, 1, Failure.late)
    assert [mail.state for mail in mail_standing(away, late).not_sent] == ["too late"] * 3


def test_a_request_that_no_mail_can_be_made_of_is_in_the_way_of_none(
    settings: Settings, inbox: Inbox
) -> None:
    bad = [
        replace(BOB, request_id="injected", email="bob@example.org\r\nBcc: all@example.org"),
        replace(BOB, request_id="two", email="bob@example.org,eve@example.org"),
        replace(BOB, request_id="quoted", email='"b ob"@example.org'),
        replace(BOB, request_id="letters", email="bób@example.org"),
        replace(BOB, request_id="no-offer", offer_id="gone"),
        replace(BOB, request_id="no-answer", answers='{"proof": "nonsense"}'),
        replace(BOB, request_id="no-json", answers="[1"),
    ]
    publish_requests(settings, [*bad, ADA])
    with mail_server(inbox) as port:
        done = deliver(replace(to_port(settings, port), mail_from=SENDER))
    assert done.sent == ["request-ada"]
    assert set(done.not_sent) == {each.request_id for each in bad}
    assert recipients(inbox) == ["ada@acme.example"]
    assert "example.org" not in str(done) + settings.deliveries.read_text()


@pytest.mark.parametrize(
    ("address", "told_as"),
    [
        ("anna@acme.example", "anna@acme.example"),
        ("an.na+x@ACME.example", "an.na+x@acme.example"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@acme", None), ("a@b@c.example", None), ("", None), ("@acme.example", None),
        ("a b@acme.example", None), ("a\u202eb@acme.example", None), ("<a>@acme.example", None),
        ("a@acme.example\n", "a@acme.example"), ("a\n@acme.example", None), ("a.@b.example", None),
    ],
)  # fmt: skip
def test_an_address_is_told_to_a_server_as_it_takes_it(address: str, told_as: str | None) -> None:
    assert mailbox(address) == told_as


@given(ANY_TEXT)
def test_no_text_is_an_address_that_ends_a_line_or_names_two(text: str) -> None:
    for address in (text, f"{text}@acme.example", f"anna@{text}.example"):
        told_as = mailbox(address)
        assert told_as is None or (told_as.isascii() and told_as.count("@") == 1)
        assert told_as is None or not set(told_as) & set('\r\n\0 <>",;:()[]\\')


def test_hostile_names_are_text_in_one_header_each(settings: Settings, inbox: Inbox) -> None:
    names = [
        "Eve\r\nBcc: all@example.org", "\u202eevE", "<script>alert(1)</script>",
        "=?utf-8?q?Eve?=", "half \ud800 pair",
    ]  # fmt: skip
    requests = [
        replace(ADA, request_id=f"r{n}", full_name=name.encode("utf-8", "replace").decode())
        for n, name in enumerate(names)
    ]
    publish_requests(settings, requests)
    with mail_server(inbox) as port:
        done = deliver(replace(to_port(settings, port), mail_from=SENDER))
    assert len(done.sent) == len(names)
    for message in inbox.messages:
        assert "Bcc" not in message
        assert "<script>" not in body(message, "html")
        assert "\u202e" not in body(message, "plain") + body(message, "html")


def test_no_address_is_in_ledger_files_names_or_events(asked: Settings, inbox: Inbox) -> None:
    publish_requests(asked, [ADA, replace(BOB, request_id="bob@example.org"), CLEO])
    inbox.refuses = frozenset({"cleo@acme.example"})
    with mail_server(inbox) as port:
        done = deliver(to_port(asked, port))
    assert len(done.sent) == 2
    names = [path.name for path in asked.data_dir.rglob("*")]
    kept = asked.deliveries.read_text()
    assert "@" not in f"{names} {kept} {mail_standing(asked, NOW)} {done}"
    ours = json.dumps([e for e in told(asked) if e["properties"]["request_id"] != BOB.email])
    assert "@" not in ours


def test_a_foreign_id_is_no_path() -> None:
    for request_id in ("../../etc/passwd", "", ".", "a/b", "x" * 300, "-rf", "a@b.example", "ü"):
        assert "/" not in key_of(request_id)
        assert key_of(request_id).startswith("id-")
    assert key_of("0b9ff2ae-9f0c-4a5e-8d8e-3c9bd3f2b7c1") == "0b9ff2ae-9f0c-4a5e-8d8e-3c9bd3f2b7c1"


def test_what_was_done_is_told_once_as_events_that_name_nobody(mailing: Settings) -> None:
    deliver(mailing)
    deliver(mailing)
    events = told(mailing)
    counts = {
        name: sorted(e["properties"]["request_id"] for e in events if e["event"] == name)
        for name in ("report_generated", "report_delivered", "qualified")
    }
    everybody = ["request-ada", "request-bob", "request-cleo"]
    assert counts == {
        "report_generated": everybody,
        "report_delivered": everybody,
        "qualified": ["request-ada", "request-cleo"],
    }
    assert {event["messageId"] for event in events} == {
        told_steps.step_id(e["properties"]["request_id"], e["event"]) for e in events
    }
    for event in events:
        assert set(event) == {
            "messageId", "type", "event", "timestamp", "receivedAt", "properties",
        }  # fmt: skip
        assert event["properties"]["offer_id"] == "site_readiness"
    channels = {e["properties"].get("channel") for e in events}
    assert channels == {None, "smtp"}


def test_what_the_log_knows_is_not_told_again(mailing: Settings) -> None:
    deliver(mailing)
    first = {event["messageId"]: event for event in told(mailing)}
    for path in mailing.landing.iterdir():
        path.unlink()
    # lost, and told as it was: the same ids, the same content
    deliver(mailing, NOW + timedelta(minutes=1))
    assert {event["messageId"]: event for event in told(mailing)} == first
    for path in mailing.landing.iterdir():
        path.unlink()
    known = [replace(each, is_generated=True, is_delivered=True) for each in (ADA, BOB, CLEO)]
    publish_requests(mailing, known)
    deliver(mailing)
    assert {event["event"] for event in told(mailing)} == {"qualified"}
    for path in mailing.landing.iterdir():
        path.unlink()
    publish_requests(mailing, known, told=[event["messageId"] for event in first.values()])
    deliver(mailing)
    assert told(mailing) == []


def test_a_kill_between_sending_and_telling_is_healed(
    mailing: Settings, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """A process ends here."""

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(told_steps, "tell", die)
        with pytest.raises(Killed):
            deliver(mailing)
    assert told(mailing) == []
    deliver(mailing)
    assert len(inbox.messages) == 3
    assert [e["event"] for e in told(mailing)].count("report_delivered") == 3


def test_a_message_that_waits_or_failed_is_due_by_its_wait() -> None:
    waiting = noted("a", State.waiting, NOW, attempt=0)
    assert is_due(None, NOW)
    assert is_due(waiting, NOW)
    assert not is_due(noted("a", State.sent, NOW), NOW + timedelta(days=1))
    assert not is_due(noted("a", State.uncertain, NOW), NOW + timedelta(days=1))
    for failure in Failure:
        failed = noted("a", State.failed, NOW, failure=failure)
        is_final = failure in {Failure.permanent, Failure.late}
        assert is_due(failed, NOW + WAITS[0]) != is_final
        assert is_given_up(failed) == is_final
    assert is_given_up(noted("a", State.failed, NOW, attempt=len(WAITS) + 1))


def test_lines_of_an_earlier_version_are_read(settings: Settings) -> None:
    settings.make_folder(settings.data_dir)
    settings.deliveries.write_text(
        '{"key": "overview/2026-W26", "state": "sent", "at": "2026-06-22T06:00:00+00:00"}\n'
        '{"key": "overview/2026-W27", "state": "intended", "at": "2026-06-29T06:00:00+00:00"}\n'
        '{"key": "overview/2026-W28", "state": "failed", "at": "2026-07-06T06:00:00+00:00"}\n'
        '{"key": "x", "state": "unheard of", "at": "2026-07-06T06:00:00+00:00"}\n'
        '{"key": "y", "state": "sent", "at": "yesterday"}\n'
    )
    known = Ledger(settings).known()
    assert [(each.key, each.state, each.attempt) for each in known.values()] == [
        ("overview/2026-W26", State.sent, 1),
        ("overview/2026-W27", State.uncertain, 1),
        ("overview/2026-W28", State.failed, 1),
    ]
    [uncertain] = mail_standing(settings, NOW).uncertain
    assert "overview_mail with send_again: true" in uncertain.what_to_do
    assert due_reports(settings, NOW + timedelta(days=30)) == 0
