"""A mail server, and one message to it: sent, not sent, or nobody can tell."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from urllib.parse import SplitResult, unquote, urlsplit

from ingestion.errors import UserError

SECONDS_TO_WAIT = 30
"""For each answer of the server."""

_PORTS = {"smtp": 587, "smtps": 465, "smtp+starttls": 587}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_EXAMPLE = "smtp://user:password@mail.example.com:587"


class NotSentError(UserError):
    """The server has not taken the message: sending it again sends it once."""


class UncertainError(UserError):
    """The message was handed over and no answer came: it may have been sent, or not."""


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
        try:
            server = self._connected()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise NotSentError(f"{self.name} cannot be reached: {_words_of(error)}") from error
        try:
            self._open(server)
            refused = self._address(server, sender, recipients)
            self._hand_over(server, text)
        finally:
            _close(server)
        return refused

    def _connected(self) -> smtplib.SMTP:
        if self.scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS_TO_WAIT, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=SECONDS_TO_WAIT)

    def _open(self, server: smtplib.SMTP) -> None:
        """TLS, and the login where there is one."""
        try:
            server.ehlo()
            is_safe = self.scheme == "smtps"
            if not is_safe and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
                is_safe = True
            if not is_safe and self.scheme == "smtp+starttls":
                raise NotSentError(f"{self.name} offers no STARTTLS; nothing was sent")
            if self.user is not None and self.password is not None:
                if not is_safe and self.host not in _LOOPBACK:
                    raise NotSentError(
                        f"{self.name} offers no STARTTLS, and the password would go over the"
                        " network for all to read; give a server that does, or one with smtps://"
                    )
                server.login(self.user, self.password)
        except smtplib.SMTPAuthenticationError as error:
            raise NotSentError(
                f"{self.name} refused the login of INTENT_SMTP_URL: {_words_of(error)}; see to user"
                " and password, with special characters as %XX"
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotSentError(f"{self.name} broke off the greeting: {_words_of(error)}") from error

    def _address(self, server: smtplib.SMTP, sender: str, recipients: list[str]) -> dict[str, str]:
        """Says from whom and to whom; returns who was refused, never all of them."""
        try:
            code, answer = server.mail(sender)
            if code != 250:
                raise NotSentError(
                    f"{self.name} refused the sender {sender}: {_said(code, answer)};"
                    " see to INTENT_MAIL_FROM"
                )
            refused = {}
            for recipient in recipients:
                code, answer = server.rcpt(recipient)
                if code not in {250, 251}:
                    refused[recipient] = _said(code, answer)
        except (smtplib.SMTPException, OSError) as error:
            raise NotSentError(f"{self.name} broke off: {_words_of(error)}") from error
        if len(refused) == len(recipients):
            words = "; ".join(f"{who}: {why}" for who, why in refused.items())
            raise NotSentError(f"{self.name} refused every recipient ({words})")
        return refused

    def _hand_over(self, server: smtplib.SMTP, text: bytes) -> None:
        try:
            code, answer = server.data(text)
        except smtplib.SMTPDataError as error:
            # an answer to the word DATA, before the text
            raise NotSentError(f"{self.name} took no text: {_words_of(error)}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise UncertainError(
                f"{self.name} took the text and did not answer ({_words_of(error)})"
            ) from error
        if code != 250:
            raise NotSentError(f"{self.name} refused the text: {_said(code, answer)}")


def _bad_url(what: str) -> UserError:
    return UserError(f"INTENT_SMTP_URL {what}; give it as {_EXAMPLE}, or leave it unset")


def _unquoted(parts: SplitResult, name: str) -> str | None:
    value = getattr(parts, name)
    return None if value is None else unquote(value)


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
