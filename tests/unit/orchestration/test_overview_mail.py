"""The mail of the overview: what is in it, when it goes out, and what is said when it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.message import EmailMessage
from urllib.parse import quote

import dagster as dg
import pytest
from hypothesis import given

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.defs import mail
from orchestration.delivery import overview_mail
from orchestration.delivery.ledger import Ledger, State
from orchestration.delivery.overview_mail import plain_text, send_overview, why_not
from orchestration.delivery.smtp import NotSentError, UncertainError
from orchestration.exports.overview.page import export_overview
from tests.unit.orchestration.hostile_texts import ANY_TEXT
from tests.unit.orchestration.mail_server import PASSWORD, USER, Inbox, free_port, mail_server
from tests.unit.orchestration.small_marts import AS_OF
from tests.unit.orchestration.test_overview import overview_of

TO = ("anna@example.com", "bob@example.com")


def given_to(settings: Settings, port: int, password: str = PASSWORD) -> Settings:
    url = f"smtp://{quote(USER, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}"
    return replace(settings, smtp_url=url, overview_to=TO)


@pytest.fixture
def exported(published: Settings) -> Settings:
    """A data directory in which the overview of AS_OF lies."""
    export_overview(published)
    return published


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def mailing(exported: Settings, inbox: Inbox) -> Iterator[Settings]:
    """The same, with a mail server that is up."""
    with mail_server(inbox) as port:
        yield given_to(exported, port)


def test_the_mail_has_the_news_as_text_and_as_html_and_the_page_itself(
    mailing: Settings, inbox: Inbox
) -> None:
    sent = send_overview(mailing, AS_OF)
    assert (sent.is_sent, sent.refused) == (True, ())
    [arrived] = inbox.messages
    assert inbox.recipients == list(TO)
    assert arrived["Subject"] == "How it went, 3 Jun 2026 to 30 Jun 2026"
    assert (arrived["From"], arrived["To"]) == (USER, ", ".join(TO))
    plain, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert isinstance(plain, EmailMessage)
    assert isinstance(html, EmailMessage)
    text = plain.get_content()
    assert "▲ Visits rose a lot." in text
    assert "Sessions: 1,235 (412 ×, 3 before)" in text
    assert " 58 warm  acme.com" in text
    markup = html.get_content()
    assert "Visits rose a lot." in markup
    assert "=HYPERLINK(&#34;http://evil.example&#34;)" in markup
    [page] = list(arrived.iter_attachments())
    assert page.get_filename() == "overview_2026-06-30.html"
    assert page.get_content().rstrip("\n") == (
        mailing.exports / "latest" / "overview_2026-06-30.html"
    ).read_text(encoding="utf-8")
    pictures = [part for part in arrived.walk() if part.get_content_type() == "image/png"]
    [picture] = pictures
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in markup
    assert picture.get_content().startswith(b"\x89PNG")


def test_a_week_has_one_mail(mailing: Settings, inbox: Inbox) -> None:
    for _ in range(2):
        sent = send_overview(mailing, AS_OF)
    assert sent.words.startswith("This week's mail was sent on ")
    assert (why_not(mailing, AS_OF) or "").startswith("This week's mail was sent on ")
    assert why_not(mailing, AS_OF + timedelta(days=7)) is None
    assert len(inbox.messages) == 1
    send_overview(mailing, AS_OF, again=True)
    assert len(inbox.messages) == 2


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2026, 6, 29), "overview/2026-W27"), (date(2026, 7, 5), "overview/2026-W27"),
        (date(2026, 12, 31), "overview/2026-W53"), (date(2027, 1, 3), "overview/2026-W53"),
        (date(2027, 1, 4), "overview/2027-W01"),
    ],
)  # fmt: skip
def test_a_week_begins_on_monday_also_over_new_year(day: date, key: str) -> None:
    assert overview_mail.key_of(day) == key


def test_only_what_is_of_today_goes_out(mailing: Settings, inbox: Inbox) -> None:
    for day in (AS_OF - timedelta(days=1), AS_OF + timedelta(days=1)):
        sent = send_overview(mailing, day)
        assert sent.words == (
            f"No mail is sent: what is published is as of {AS_OF}, and today is {day}"
        )
    assert inbox.messages == []
    assert not mailing.deliveries.exists()


def test_without_a_server_nothing_is_sent_and_it_says_so(exported: Settings) -> None:
    assert send_overview(exported, AS_OF).words == overview_mail.NOT_SET
    assert why_not(exported, AS_OF) == overview_mail.NOT_SET


def test_a_setting_that_is_missing_is_named(exported: Settings) -> None:
    nobody = replace(exported, smtp_url="smtp://127.0.0.1:1")
    with pytest.raises(UserError, match="set INTENT_OVERVIEW_TO"):
        send_overview(nobody, AS_OF)
    with pytest.raises(UserError, match="set INTENT_MAIL_FROM"):
        send_overview(replace(nobody, overview_to=TO), AS_OF)
    (exported.exports / "latest" / "overview_2026-06-30.html").unlink()
    with pytest.raises(UserError, match="run: intent export"):
        send_overview(given_to(exported, 1), AS_OF)


def test_a_failure_is_told_and_tried_again(exported: Settings, inbox: Inbox) -> None:
    with pytest.raises(NotSentError, match="cannot be reached"):
        send_overview(given_to(exported, free_port()), AS_OF)
    with mail_server(inbox) as port:
        with pytest.raises(NotSentError, match="refused the login"):
            send_overview(given_to(exported, port, "hunter2"), AS_OF)
        assert why_not(given_to(exported, port), AS_OF) is None
        assert send_overview(given_to(exported, port), AS_OF).is_sent
    assert len(inbox.messages) == 1


def test_what_may_have_gone_out_is_not_sent_again_by_itself(
    exported: Settings, inbox: Inbox
) -> None:
    inbox.hangs_up = True
    with mail_server(inbox) as port:
        settings = given_to(exported, port)
        with pytest.raises(UncertainError, match="send_again: true"):
            send_overview(settings, AS_OF)
        assert "nobody knows whether it was sent" in send_overview(settings, AS_OF).words
        assert "nobody knows whether it was sent" in (why_not(settings, AS_OF) or "")
    assert len(inbox.messages) == 1
    assert [each.state for each in Ledger(settings).uncertain()] == [State.uncertain]


def test_a_refused_recipient_is_named_and_the_others_get_it(
    exported: Settings, inbox: Inbox
) -> None:
    inbox.refuses = frozenset({TO[0]})
    with mail_server(inbox) as port:
        sent = send_overview(given_to(exported, port), AS_OF)
    assert sent.refused == (f"{TO[0]} (550 no such mailbox)",)
    assert sent.words.endswith("to 1 of 2")


@given(ANY_TEXT)
def test_no_text_makes_a_line_of_its_own_in_plain_text(text: str) -> None:
    lines = plain_text(overview_of(text or "x")).splitlines()
    assert len(lines) == len(plain_text(overview_of("harmless")).splitlines())


def run(settings: Settings, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return mail.overview_mail_job.execute_in_process(
        resources={"settings": settings}, instance=instance, raise_on_error=False
    )


def test_the_job_fails_in_plain_words_without_the_password(
    exported: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Today(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime(2026, 6, 30, 6, tzinfo=tz)

    monkeypatch.setattr(mail, "datetime", Today)
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(given_to(exported, free_port(), "hunter2"), instance)
        assert not result.success
        told = "".join(str(entry) for entry in instance.all_logs(result.run_id))
        assert "cannot be reached" in told
        assert "hunter2" not in told + caplog.text
        with mail_server(inbox := Inbox()) as port:
            assert run(given_to(exported, port), instance).success
    assert len(inbox.messages) == 1


def test_the_schedule_asks_for_a_mail_that_is_due_and_says_why_it_does_not(
    mailing: Settings, published: Settings
) -> None:
    at = datetime(2026, 6, 29, 6, tzinfo=UTC)

    def tick(settings: Settings) -> dg.schedule.ScheduleExecutionData:  # type: ignore[name-defined]
        context = dg.build_schedule_context(
            scheduled_execution_time=at, resources={"settings": settings}
        )
        return mail.weekly_overview.evaluate_tick(context)

    assert len(tick(mailing).run_requests or []) == 1
    assert tick(replace(mailing, smtp_url=None)).skip_message == overview_mail.NOT_SET
    send_overview(mailing, AS_OF)
    assert "was sent" in (tick(mailing).skip_message or "")
    assert mail.weekly_overview.default_status is dg.DefaultScheduleStatus.RUNNING
