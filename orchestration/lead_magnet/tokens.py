"""Signed, expiring tokens in links. One says which request it is of, and for what; never who opens
it, nor whose it is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from ingestion.settings import Settings

DAY = 24 * 3600


class Purpose(StrEnum):
    """What a token is good for: one of another purpose is not taken."""

    form = "form"
    report = "report"
    booking = "booking"
    unsubscribe = "unsubscribe"


SECONDS_OF_LIFE = {
    Purpose.form: DAY,
    Purpose.report: 90 * DAY,
    Purpose.booking: 90 * DAY,
    # a mail is kept for years, and its way out has to stay
    Purpose.unsubscribe: 5 * 365 * DAY,
}


class TokenError(Exception):
    """A token that is not, or no longer, good; `is_expired` tells which."""

    def __init__(self, *, is_expired: bool) -> None:
        super().__init__("expired" if is_expired else "not of ours")
        self.is_expired = is_expired


def sign(
    settings: Settings, purpose: Purpose, request_id: str, since: datetime | None = None
) -> str:
    """A token of the request, as letters that a URL needs no quoting for. Its life began at
    `since` (with its zone; default: now)."""
    return str(_serializer(settings, purpose, since).dumps(request_id))


def read(settings: Settings, purpose: Purpose, token: str) -> str:
    """The request's id. Raises TokenError where the token is not good."""
    return read_with_time(settings, purpose, token)[0]


def read_with_time(settings: Settings, purpose: Purpose, token: str) -> tuple[str, datetime]:
    """As `read`, with when the token was signed: UTC, in whole seconds."""
    try:
        value, signed_at = _serializer(settings, purpose).loads(
            token, max_age=SECONDS_OF_LIFE[purpose], return_timestamp=True
        )
    except SignatureExpired:
        raise TokenError(is_expired=True) from None
    except BadSignature:
        raise TokenError(is_expired=False) from None
    if not isinstance(value, str):
        raise TokenError(is_expired=False)
    return value, signed_at


class _SignerOfThen(TimestampSigner):
    """Signs as at an earlier time."""

    def __init__(self, *arguments: Any, since: datetime, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._since = since

    def get_timestamp(self) -> int:
        """In whole seconds."""
        return int(self._since.timestamp())


def _serializer(
    settings: Settings, purpose: Purpose, since: datetime | None = None
) -> URLSafeTimedSerializer:
    key, salt = settings.secret_key(), f"lead-magnet/{purpose}"
    if since is None:
        return URLSafeTimedSerializer(key, salt=salt)
    options = {"since": since}
    return URLSafeTimedSerializer(key, salt=salt, signer=_SignerOfThen, signer_kwargs=options)
