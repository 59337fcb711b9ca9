"""Mail goes out once: by a real server on loopback, and by one that breaks off anywhere."""

from __future__ import annotations

import json
import subprocess
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.delivery.ledger import Ledger, State
from orchestration.delivery.smtp import (
    Connection,
    Failure,
    NotSentError,
    SmtpServer,
    UncertainError,
)
from tests.unit.orchestration.mail_server import (
    PASSWORD,
    USER,
    Inbox,
    free_port,
    mail_server,
    tls_context,
)

LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
TO = ["anna@example.com", "bob@example.com"]


def now() -> datetime:
    return datetime(2026, 6, 29, 6, tzinfo=UTC)


def message() -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = "Grüße", USER, ", ".join(TO)
    made.set_content("Wie es ging\n.\n")
    return made


def send(url: str) -> dict[str, str]:
    return SmtpServer.from_url(url).send(message(), USER, list(TO))


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password"),
    [
        ("smtp://mail.example.com", "mail.example.com", 587, None, None),
        ("smtps://a%40b.example:p%2F%3F%23%3A%40@mail.example.com", "mail.example.com", 465,
         "a@b.example", "p/?#:@"),
        ("smtp+starttls://u:p@[::1]:2525/", "::1", 2525, "u", "p"),
    ],
)  # fmt: skip
def test_a_server_is_read_from_its_url(
    url: str, host: str, port: int, user: str | None, password: str | None
) -> None:
    server = SmtpServer.from_url(url)
    assert (server.host, server.port, server.user, server.password) == (host, port, user, password)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com", "http://u:hunter2@mail.example.com", "smtp://", "smtp://u:hunter2@",
        "smtp://u:hunter2@host:port", "smtp://u:hunter2@host:99999", "smtp://u@host",
        "smtp://u:hunt/er2@host", "smtp://u:hunter2@host/path", "smtp://u:hunter2@host?x=1",
        "smtp://[u:hunter2@host", "smtp://u:hunt%C3%B6r2@host",
    ],
)  # fmt: skip
def test_a_url_that_is_none_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(UserError, match=r"^INTENT_SMTP_URL .*; give it as smtp://") as told:
        SmtpServer.from_url(url)
    # what led to it is logged as well
    assert "hunt" not in "".join(traceback.format_exception(told.value))


@given(st.text())
def test_any_text_is_a_server_or_a_mistake_in_plain_words(text: str) -> None:
    told = pytest.raises(UserError, match=r"^INTENT_SMTP_URL ")
    with suppress(UserError) if text.startswith("smtp") else told:
        assert SmtpServer.from_url(text).host


def test_no_word_of_settings_or_server_shows_the_password(tmp_path: Path) -> None:
    url = f"smtp://{LOGIN}@mail.example.com"
    settings = Settings(data_dir=tmp_path, smtp_url=url)
    for text in (repr(settings), repr(SmtpServer.from_url(url)), SmtpServer.from_url(url).name):
        assert "s3cret" not in text


def test_a_message_arrives_as_it_was_written() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        assert send(f"smtp://{LOGIN}@127.0.0.1:{port}") == {}
    [arrived] = inbox.messages
    assert inbox.recipients == TO
    assert arrived["Subject"] == "Grüße"
    assert arrived.get_content().replace("\r\n", "\n") == "Wie es ging\n.\n"


def test_a_name_that_no_server_can_have_sends_nothing_and_says_so() -> None:
    with pytest.raises(NotSentError, match=r"mail\.\.example\.com:587 cannot be reached"):
        send("smtp://mail..example.com")


def test_a_refused_login_sends_nothing_and_says_so() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port, pytest.raises(NotSentError, match="refused the login") as told:
        send(f"smtp://{quote(USER)}:hunter2@127.0.0.1:{port}")
    assert "hunter2" not in str(told.value)
    assert inbox.messages == []


def test_of_two_recipients_the_one_that_is_known_gets_it() -> None:
    inbox = Inbox(refuses=frozenset({TO[0]}))
    with mail_server(inbox) as port:
        assert send(f"smtp://127.0.0.1:{port}") == {TO[0]: "550 no such mailbox"}
    assert inbox.recipients == TO[1:]


def test_where_every_recipient_is_refused_nothing_was_sent() -> None:
    inbox = Inbox(refuses=frozenset(TO))
    with mail_server(inbox) as port, pytest.raises(NotSentError, match="refused every recipient"):
        send(f"smtp://127.0.0.1:{port}")


def test_a_refused_text_was_not_sent() -> None:
    with (
        mail_server(Inbox(refuses_text=True)) as port,
        pytest.raises(NotSentError, match="refused the text: 554 smells of spam"),
    ):
        send(f"smtp://127.0.0.1:{port}")


def test_a_server_that_is_down_is_named() -> None:
    port = free_port()
    with pytest.raises(NotSentError, match=rf"127\.0\.0\.1:{port} cannot be reached"):
        send(f"smtp://{LOGIN}@127.0.0.1:{port}")


def test_where_no_answer_comes_after_the_text_nobody_knows() -> None:
    with mail_server(Inbox(hangs_up=True)) as port, pytest.raises(UncertainError):
        send(f"smtp://127.0.0.1:{port}")


def test_a_server_that_breaks_off_at_the_word_data_has_taken_nothing() -> None:
    inbox = Inbox(hangs_up_before_text=True)
    text = message().as_bytes(policy=SMTP)
    with mail_server(inbox) as port:
        server = SmtpServer.from_url(f"smtp://127.0.0.1:{port}")
        with Connection(server) as connection:
            with pytest.raises(NotSentError, match="broke off before the text") as told:
                connection.send(text, USER, TO)
            assert told.value.failure is Failure.unreachable
            inbox.hangs_up_before_text = False
            connection.send(text, USER, TO)
    assert len(inbox.messages) == 1


def test_starttls_is_asked_for_and_a_certificate_of_nobody_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip
    inbox = Inbox()
    options = {"tls_context": tls_context(certificate, key), "require_starttls": True}
    with mail_server(inbox, **options) as port:
        with pytest.raises(NotSentError, match="certificate verify failed"):
            send(f"smtp://{LOGIN}@127.0.0.1:{port}")
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        send(f"smtp+starttls://{LOGIN}@127.0.0.1:{port}")
    assert len(inbox.messages) == 1


def test_where_starttls_is_wanted_and_not_offered_nothing_is_sent() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port, pytest.raises(NotSentError, match="offers no STARTTLS"):
        send(f"smtp+starttls://{LOGIN}@127.0.0.1:{port}")
    assert inbox.messages == []


def test_a_password_goes_over_no_network_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.delivery.smtp._LOOPBACK", set())
    inbox = Inbox()
    with mail_server(inbox) as port, pytest.raises(NotSentError, match="for all to read"):
        send(f"smtp://{LOGIN}@127.0.0.1:{port}")
    assert inbox.messages == []


def send_many(port: int, count: int) -> None:
    text = message().as_bytes(policy=SMTP)
    with Connection(SmtpServer.from_url(f"smtp://127.0.0.1:{port}")) as connection:
        for _ in range(count):
            connection.send(text, USER, TO[:1])


def test_many_messages_take_one_connection() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        send_many(port, 5)
    assert (len(inbox.messages), len(inbox.sessions)) == (5, 1)


def test_a_server_that_takes_so_many_messages_at_a_time_gets_them_all() -> None:
    inbox = Inbox(messages_a_session=2)
    with mail_server(inbox) as port:
        send_many(port, 5)
    assert (len(inbox.messages), len(inbox.sessions)) == (5, 3)


def test_a_server_that_takes_no_message_at_all_is_the_trouble_itself() -> None:
    with (
        mail_server(Inbox(messages_a_session=0)) as port,
        pytest.raises(NotSentError, match=r"refused the sender .*421 enough for now") as told,
    ):
        send_many(port, 1)
    assert (told.value.failure, told.value.code) == (Failure.unreachable, 421)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ("450 busy", Failure.temporary), ("452 full", Failure.temporary),
        ("550 unknown", Failure.permanent), ("553 bad", Failure.permanent),
        ("530 log in first", Failure.unreachable), ("421 going down", Failure.unreachable),
    ],
)  # fmt: skip
def test_an_answer_to_the_recipient_says_whether_it_is_worth_another_try(
    answer: str, failure: Failure
) -> None:
    inbox = Inbox(answers={TO[0]: answer})
    with mail_server(inbox) as port, pytest.raises(NotSentError) as told:
        send_many(port, 1)
    assert (told.value.failure, told.value.code) == (failure, int(answer[:3]))


def test_after_a_refusal_the_connection_takes_the_next_message() -> None:
    inbox = Inbox(answers={TO[0]: "550 unknown"})
    text = message().as_bytes(policy=SMTP)
    with mail_server(inbox) as port:
        server = SmtpServer.from_url(f"smtp://127.0.0.1:{port}")
        with Connection(server) as connection:
            with pytest.raises(NotSentError):
                connection.send(text, USER, TO[:1])
            connection.send(text, USER, TO[1:])
    assert (inbox.recipients, len(inbox.sessions)) == (TO[1:], 1)


def failing(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_what_was_sent_is_not_sent_again_unless_somebody_says_so(settings: Settings) -> None:
    ledger, sent = Ledger(settings), []
    for _ in range(2):
        assert ledger.deliver("a", lambda: sent.append(1), now).state is State.sent
    assert len(sent) == 1
    ledger.deliver("a", lambda: sent.append(1), now, again=True)
    ledger.deliver("b", lambda: sent.append(1), now)
    assert len(sent) == 3


def test_what_was_certainly_not_sent_is_tried_again(settings: Settings) -> None:
    ledger = Ledger(settings)
    with pytest.raises(NotSentError):
        ledger.deliver("a", failing(NotSentError("down")), now)
    assert ledger.uncertain() == []
    assert ledger.deliver("a", lambda: None, now).state is State.sent


@pytest.mark.parametrize("error", [UncertainError("?"), KeyboardInterrupt(), ValueError()])
def test_what_may_have_been_sent_is_left_alone(settings: Settings, error: BaseException) -> None:
    ledger = Ledger(settings)
    with pytest.raises(type(error)):
        ledger.deliver("a", failing(error), now)
    found = Ledger(settings).deliver("a", failing(AssertionError("sent again")), now)
    assert found.state is State.uncertain
    assert [each.key for each in ledger.uncertain()] == ["a"]


def test_the_intent_is_on_the_disk_before_the_message_leaves(settings: Settings) -> None:
    states: list[str] = []

    def look() -> None:
        lines = settings.deliveries.read_text().splitlines()
        states.extend(json.loads(line)["state"] for line in lines)

    Ledger(settings).deliver("a", look, now)
    assert states == ["intended"]


def test_a_ledger_cut_off_anywhere_sends_nothing_twice(settings: Settings) -> None:
    ledger = Ledger(settings)
    ledger.deliver("a", lambda: None, now)
    whole = settings.deliveries.read_bytes()
    first_line = len(whole.splitlines(keepends=True)[0])
    for length in range(len(whole)):
        settings.deliveries.write_bytes(whole[:length])
        last = ledger.last("a")
        # an intent that is not whole was not yet on the disk, so the message had not left
        expected = None if length < first_line - 1 else State.uncertain
        if length == len(whole) - 1:
            expected = State.sent
        assert (last.state if last else None) == expected, length
        ledger.deliver("b", lambda: None, now)
        assert ledger.last("b") is not None
