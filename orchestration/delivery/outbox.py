"""`<data>/outbox/`: mails as files, where no mail server is set. Nobody has sent them."""

from __future__ import annotations

from pathlib import Path

from ingestion.folders import sync_folder
from ingestion.settings import Settings
from orchestration.delivery.smtp import NotSentError, UncertainError
from orchestration.exports.files import write_file

SENDER = "reports@example.invalid"
"""Where no sender is set either: an address that is nobody's."""


def outbox_path(settings: Settings, key: str) -> Path:
    """Where the mail of this key lies."""
    return settings.outbox / f"{key}.eml"


def put(settings: Settings, key: str, text: bytes) -> None:
    """Writes the mail, whole, and onto the disk. Raises NotSentError where it is not there."""
    path = outbox_path(settings, key)
    try:
        settings.make_folder(settings.outbox)
        write_file(path, text)
        sync_folder(settings.outbox)
    except OSError as error:
        if path.exists():
            raise UncertainError(f"{path} may not last: {error.strerror}") from error
        raise NotSentError(f"{path} cannot be written: {error.strerror}") from error
