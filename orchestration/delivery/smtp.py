"""A mail server, and messages to it: sent, not sent, or nobody can tell."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from enum import StrEnum
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

from ingestion.errors import UserError
from ingestion.settings import Settings

SECONDS_TO_WAIT = 30
"""For each answer of the server."""

_PORTS = {"smtp": 587, "smtps": 465, "smtp+starttls": 587}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_EXAMPLE = "smtp://user:password@mail.example.com:587"


_NOT_OF_THE_RECIPIENT = {421, 454, 530, 534, 535, 538}
"""Answers to a recipient that tell of the server, or of what it thinks of us (RFC 4954)."""


class Failure(StrEnum):
    """Why a message was not sent."""

    temporary = "temporary"
    """The server does not take it now."""
    permanent = "permanent"
    """The server will never take it."""
    unreachable = "unreachable"
    """No message gets through: the server is not there, breaks off, or does not let us in."""
    late = "late"
    """It was asked for too long ago."""


class NotSentError(UserError):
    """The server has not taken the message: sending it again sends it once."""

    def __init__(
        self, words: str, failure: Failure = Failure.unreachable, code: int | None = None
    ) -> None:
        super().__init__(words)
        self.failure = failure
        self.code = code


class UncertainError(UserError):
    """The text was handed over and no answer came: it may have been sent, or not."""


@dataclass(frozen=True)
class SmtpServer:
    """Where mail goes. `scheme`: smtps speaks TLS from the start; smtp+starttls begins it, or
    sends nothing; smtp begins it where the server offers it."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_url(cls, url: str) -> SmtpServer:
        """Reads INTENT_SMTP_URL. Raises UserError, which never shows the password."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            # not from it: what was no port may be a part of the password
            raise _bad_url("has no port that is a number below 65536") from None
        if parts.scheme not in _PORTS:
            raise _bad_url(f"begins with none of {', '.join(f'{name}://' for name in _PORTS)}")
        if not parts.hostname:
            raise _bad_url("names no server")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise _bad_url(
                "goes on behind the server's name; write %2F, %3F and %23 for / ? # in a password"
            )
        if (parts.username is None) != (parts.password is None):
            raise _bad_url("has a user without a password, or a password without a user")
        user, password = _unquoted(parts, "username"), _unquoted(parts, "password")
        if not f"{user}{password}".isascii():
            raise _bad_url("has a user or password with letters beyond ASCII, which no login takes")
        return cls(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password)

    @property
    def name(self) -> str:
        """How messages name it: without user and password."""
        return f"{self.host}:{self.port}"

    def send(self, message: EmailMessage, sender: str, recipients: list[str]) -> dict[str, str]:
        """Sends the message; returns the recipients that the server refused, and why.

        Raises NotSentError where nobody gets it, and UncertainError where the server took the text
        and did not answer.
        """
        text = message.as_bytes(policy=SMTP_POLICY)
        with Connection(self) as connection:
            return connection.send(text, sender, recipients)


class Connection:
    """A conversation with a server, of any number of messages. Opened when it is needed, and again
    where the server has ended it between two messages."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def open(self) -> smtplib.SMTP:
        """Greets the server, if that is not done. Raises NotSentError: no message gets through."""
        if self._smtp is None:
            server = self._server
            try:
                smtp = self._connected()
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                raise NotSentError(
                    f"{server.name} cannot be reached: {_words_of(error)}"
                ) from error
            try:
                self._greet(smtp)
            except BaseException:
                _close(smtp)
                raise
            self._smtp = smtp
        return self._smtp

    def send(self, text: bytes, sender: str, recipients: list[str]) -> dict[str, str]:
        """Sends the text of a message, as SmtpServer.send."""
        try:
            smtp = self._begun(sender)
            refused = self._address(smtp, recipients)
            self._hand_over(smtp, text)
        except NotSentError as error:
            self._forget_message(is_broken=error.failure is Failure.unreachable)
            raise
        except BaseException:
            self._forget_message(is_broken=True)
            raise
        return refused

    def close(self) -> None:
        """Says goodbye, to whoever is still there."""
        if self._smtp is not None:
            _close(self._smtp)
            self._smtp = None

    def _begun(self, sender: str) -> smtplib.SMTP:
        """A conversation in which the sender has been said."""
        if self._smtp is not None:
            try:
                code, _ = self._smtp.mail(sender)
                if code == 250:
                    return self._smtp
            except (smtplib.SMTPException, OSError):
                pass
            # servers end it after so many messages, or so many seconds; a new one tells the truth
            self.close()
        smtp = self.open()
        try:
            code, answer = smtp.mail(sender)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotSentError(f"{self._server.name} broke off: {_words_of(error)}") from error
        if code != 250:
            raise NotSentError(
                f"{self._server.name} refused the sender {sender}: {_said(code, answer)};"
                " see to INTENT_MAIL_FROM",
                code=code,
            )
        return smtp

    def _forget_message(self, *, is_broken: bool) -> None:
        """Leaves the conversation ready for the next message, or ends it."""
        try:
            if self._smtp is not None and not is_broken and self._smtp.rset()[0] == 250:
                return
        except (smtplib.SMTPException, OSError):
            pass
        self.close()

    def _connected(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, timeout=SECONDS_TO_WAIT, context=context)
        return smtplib.SMTP(host, port, timeout=SECONDS_TO_WAIT)

    def _greet(self, smtp: smtplib.SMTP) -> None:
        """TLS, and the login where there is one."""
        server = self._server
        try:
            smtp.ehlo()
            is_safe = server.scheme == "smtps"
            if not is_safe and smtp.has_extn("starttls"):
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
                is_safe = True
            if not is_safe and server.scheme == "smtp+starttls":
                raise NotSentError(f"{server.name} offers no STARTTLS; nothing was sent")
            if server.user is not None and server.password is not None:
                if not is_safe and server.host not in _LOOPBACK:
                    raise NotSentError(
                        f"{server.name} offers no STARTTLS, and the password would go over the"
                        " network for all to read; give a server that does, or one with smtps://"
                    )
                smtp.login(server.user, server.password)
        except smtplib.SMTPAuthenticationError as error:
            raise NotSentError(
                f"{server.name} refused the login of INTENT_SMTP_URL: {_words_of(error)}; see to"
                " user and password, with special characters as %XX",
                code=error.smtp_code,
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotSentError(
                f"{server.name} broke off the greeting: {_words_of(error)}"
            ) from error

    def _address(self, smtp: smtplib.SMTP, recipients: list[str]) -> dict[str, str]:
        """Says to whom; returns who was refused, never all of them."""
        refused = {}
        codes = []
        try:
            for recipient in recipients:
                code, answer = smtp.rcpt(recipient)
                if code not in {250, 251}:
                    refused[recipient] = _said(code, answer)
                    codes.append(code)
        except (smtplib.SMTPException, OSError) as error:
            raise NotSentError(f"{self._server.name} broke off: {_words_of(error)}") from error
        except ValueError as error:
            # letters or line ends that no command may have
            raise NotSentError("an address that cannot be said", Failure.permanent) from error
        if len(refused) == len(recipients):
            words = "; ".join(f"{who}: {why}" for who, why in refused.items())
            raise NotSentError(
                f"{self._server.name} refused every recipient ({words})",
                _failure_by(codes),
                code=codes[0],
            )
        return refused

    def _hand_over(self, smtp: smtplib.SMTP, text: bytes) -> None:
        name = self._server.name
        # not smtplib's data(): of a connection that breaks it does not tell whether the text was
        # on its way
        try:
            smtp.putcmd("data")
            code, answer = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise NotSentError(f"{name} broke off before the text: {_words_of(error)}") from error
        if code != 354:
            raise NotSentError(
                f"{name} took no text: {_said(code, answer)}", _failure_by([code]), code=code
            )
        try:
            smtp.send(_as_data(text))
            code, answer = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise UncertainError(
                f"{name} took the text and did not answer ({_words_of(error)})"
            ) from error
        if code != 250:
            raise NotSentError(
                f"{name} refused the text: {_said(code, answer)}", _failure_by([code]), code=code
            )


def sender_of(settings: Settings, server: SmtpServer) -> str:
    """Who mails come from. Raises UserError where nobody is given."""
    if settings.mail_from:
        return settings.mail_from
    if server.user and "@" in server.user:
        return server.user
    raise UserError("INTENT_SMTP_URL is set, and no sender: set INTENT_MAIL_FROM to an address")


def _failure_by(codes: list[int]) -> Failure:
    """What answers to the recipients, or to the text, mean for the message."""
    if any(code in _NOT_OF_THE_RECIPIENT for code in codes):
        return Failure.unreachable
    return Failure.permanent if all(code >= 500 for code in codes) else Failure.temporary


def _bad_url(what: str) -> UserError:
    return UserError(f"INTENT_SMTP_URL {what}; give it as {_EXAMPLE}, or leave it unset")


def _unquoted(parts: SplitResult, name: str) -> str | None:
    value = getattr(parts, name)
    return None if value is None else unquote(value)


def _as_data(text: bytes) -> bytes:
    """The text as it goes over the wire, up to the dot that ends it (RFC 5321, 4.5.2)."""
    ended = text if text.endswith(b"\r\n") else text + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def _said(code: int, answer: bytes) -> str:
    return f"{code} {answer.decode('utf-8', errors='replace')}".strip()


def _words_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        return _said(error.smtp_code, answer if isinstance(answer, bytes) else answer.encode())
    return str(error) or type(error).__name__


def _close(server: smtplib.SMTP) -> None:
    """Says goodbye, to whoever is still there: what was taken is taken."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
