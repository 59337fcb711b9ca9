"""What visitors asked for: a file a request in `<data>/requests/`, on the disk before the answer.

The event of the same id in the log says the same; the file is there at once, so that the report is
shown and its links work before the next refresh. It does not say which device asked.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from ingestion.folders import sync_folder
from ingestion.own_ids import OWN
from ingestion.settings import Settings

_LOG = logging.getLogger("intent.lead_magnet")
# those of an earlier version begin with nothing
_ID = re.compile(rf"(?:{re.escape(OWN)})?[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


@dataclass(frozen=True)
class Request:
    """A filled-in form; all texts are plain text in one line."""

    request_id: str
    """One of `own_ids`, with a UUID; also the id of the event `report_form_submit`."""
    offer_id: str
    email: str
    full_name: str
    company_name: str
    """Empty where none was given."""
    answers: Mapping[str, str]
    """question_id to answer_id."""
    marketing_consent: bool
    consent_text: str | None
    """What the ticked box said; None where it was not ticked."""
    requested_at: datetime
    """With its zone, UTC."""


def save_request(settings: Settings, request: Request) -> None:
    """Puts the request onto the disk, readable by the owner alone, whole or not at all.

    Raises OSError where that fails; ValueError where the id did not come from here.
    """
    path = _path(settings, request.request_id)
    if path is None:
        raise ValueError("the id of a request is one of own_ids with a UUID in small letters")
    settings.make_folder(settings.data_dir)
    settings.requests.mkdir(mode=0o700, exist_ok=True)
    fields = asdict(request) | {"requested_at": request.requested_at.isoformat()}
    # of one name for each request and process: a draft that a kill leaves is written over
    draft = path.with_name(f".{request.request_id}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(fields, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(settings.requests)


def read_request(settings: Settings, request_id: str) -> Request | None:
    """The request of this id; None where there is none, or its file cannot be read."""
    path = _path(settings, request_id)
    if path is None:
        return None
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Request(**fields | {"requested_at": datetime.fromisoformat(fields["requested_at"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        _LOG.warning("%s cannot be read: it is no request as this version writes them", path)
        return None


def _path(settings: Settings, request_id: str) -> Path | None:
    """None for an id that did not come from here, which may be any text of a log."""
    return settings.requests / f"{request_id}.json" if _ID.fullmatch(request_id) else None
