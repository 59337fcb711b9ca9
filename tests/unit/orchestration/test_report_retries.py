"""Mini-reports that could not be sent, or of which nobody knows: what is tried again, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.delivery import report_mail
from orchestration.delivery.asked_reports import key_of
from orchestration.delivery.ledger import Ledger, State, noted
from orchestration.delivery.report_mail import Orders
from orchestration.delivery.retries import WAITS, is_due, is_given_up, next_try
from orchestration.delivery.smtp import Failure
from orchestration.delivery.standing import due_reports, mail_standing
from tests.unit.orchestration.mail_server import Inbox, free_port, mail_server
from tests.unit.orchestration.report_deliveries import (
    deliver,
    recipients,
    state_of,
    to_port,
    told,
)
from tests.unit.orchestration.small_requests import (
    ADA,
    NOW,
    publish_requests,
)

pytestmark = pytest.mark.usefixtures("small_pdf")


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


def test_a_mail_that_cannot_be_made_is_tried_again_once_the_fault_is_mended(
    mailing: Settings, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a template that lacks a brace, ada@acme.example")

    with monkeypatch.context() as patch:
        patch.setattr(report_mail, "compose", broken)
        done = deliver(mailing)
        assert set(done.not_sent.values()) == {"no mail can be made of it (ValueError)"}
        assert state_of(mailing, "request-ada") == (State.failed, 1, Failure.temporary)
        deliver(mailing, NOW + WAITS[0])
        assert state_of(mailing, "request-ada") == (State.failed, 2, Failure.temporary)
    assert len(deliver(mailing, NOW + WAITS[0] + WAITS[1]).sent) == 3
    assert len(inbox.messages) == 3


def test_a_request_of_a_foreign_log_is_sent_again_by_the_id_that_the_operator_is_told(
    asked: Settings, inbox: Inbox
) -> None:
    foreign = replace(ADA, request_id="evt:1.2")
    publish_requests(asked, [foreign], NOW)
    with mail_server(inbox) as port:
        inbox.hangs_up = True
        [key] = deliver(to_port(asked, port)).uncertain
        assert key == key_of("evt:1.2") != "evt:1.2"
        inbox.hangs_up = False
        for told_id in (key, "evt:1.2"):
            done = deliver(to_port(asked, port), orders=Orders(send_again=[told_id]))
            assert done.sent == [key]


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
