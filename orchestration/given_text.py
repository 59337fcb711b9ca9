"""Text that somebody gives to a command."""

from __future__ import annotations

from ingestion.errors import UserError


def check_text(text: str, what: str) -> None:
    """Raises UserError for what came in another encoding, of which Python keeps the bytes."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise UserError(f"{what} is not UTF-8; give it as UTF-8") from None
