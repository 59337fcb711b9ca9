"""Mini-reports by mail: who gets one, once, and what is known of each whatever happens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given

from ingestion.settings import Settings
from orchestration.delivery import told_steps
from orchestration.delivery.asked_reports import key_of
from orchestration.delivery.ledger import Channel
from orchestration.delivery.mailbox import mailbox
from orchestration.delivery.standing import mail_standing
from orchestration.lead_magnet.tokens import Purpose, read
from tests.unit.orchestration.hostile_texts import ANY_TEXT
from tests.unit.orchestration.mail_server import Inbox, mail_server
from tests.unit.orchestration.report_deliveries import (
    SENDER,
    body,
    deliver,
    recipients,
    to,
    to_port,
    told,
)
from tests.unit.orchestration.small_requests import (
    ADA,
    BOB,
    CLEO,
    NOW,
    publish_requests,
)

pytestmark = pytest.mark.usefixtures("small_pdf")


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
