"""A mail server on loopback, as well-behaved or as bad as a test wants it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "robot@example.com", "s3cret:/?#@%"


@dataclass
class Inbox:
    """What the server took. `refuses` are recipients that it does not know."""

    refuses: frozenset[str] = frozenset()
    hangs_up: bool = False
    """Whether it takes the text and breaks off without an answer."""
    hangs_up_before_text: bool = False
    """Whether it breaks off at the word DATA."""
    refuses_text: bool = False
    answers: dict[str, str] = field(default_factory=dict)
    """What it says to a recipient instead of taking it."""
    messages_a_session: int | None = None
    sessions: list[Session] = field(default_factory=list)
    taken: int = 0
    """Messages of the last session."""
    recipients: list[str] = field(default_factory=list)
    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if session not in self.sessions:
            self.sessions.append(session)
            self.taken = 0
        if self.messages_a_session is not None and self.taken == self.messages_a_session:
            return "421 enough for now"
        envelope.mail_from = address
        self.taken += 1
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 (the name that aiosmtpd looks for)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        if address in self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.refuses_text:
            return "554 smells of spam"
        content = envelope.content
        assert isinstance(content, bytes)
        self.recipients = list(envelope.rcpt_tos)
        self.messages.append(message_from_bytes(content, policy=policy.default))
        if self.hangs_up:
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        inbox = self.event_handler
        if isinstance(inbox, Inbox) and inbox.hangs_up_before_text:
            assert self.transport is not None
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


def _login(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    is_known = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=is_known, handled=False)


@contextmanager
def mail_server(inbox: Inbox, **options: Any) -> Iterator[int]:
    """Runs the server until the end of the body; yields its port."""
    port = free_port()
    controller = _Controller(
        inbox,
        hostname="127.0.0.1",
        port=port,
        authenticator=_login,
        auth_require_tls=False,
        **options,
    )
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def tls_context(certificate: str, key: str) -> ssl.SSLContext:
    """What a server offers STARTTLS with."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context
