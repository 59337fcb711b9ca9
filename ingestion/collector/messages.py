"""What becomes of a message on its way to the disk: who sent it and when is added, what names more
than it must is taken out, and what the loader shall not read as an event is put aside."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion import privacy
from ingestion.collector.bodies import opened
from ingestion.collector.mail_words import MailWords
from ingestion.collector.signals import without_identity
from ingestion.consent import consent_category
from ingestion.formats import refusals
from ingestion.own_ids import is_own
from ingestion.seeds import seed_rows
from ingestion.settings import PROJECT_ROOT, Settings

Message = dict[str, Any]

STEPS = Path("seeds") / "lead_magnet" / "lead_magnet_steps.csv"

BROWSER_STEPS = ("cta_view", "cta_click", "form_start")
"""The steps of the lead magnet that happen in a page, and so are told by whoever shows one."""

_RESERVED_TOO = ("unsubscribe",)
"""No step, but an answer to what a step sent, which the pages alone may tell."""

_EDGES = re.compile(r"^[\s\ufeff]+|[\s\ufeff]+$")
_OF_TRANSPORT = ("writeKey", "_metadata", "received_at", "ip", "context_ip")
_TIMES = ("timestamp", "originalTimestamp", "original_timestamp")
_IDS = ("messageId", "message_id", "event_id")
_OBJECTS = {"properties", "traits", "context"}


def reserved_events(project_root: Path = PROJECT_ROOT) -> frozenset[str]:
    """Events that API clients may not tell, since the write key is public: a forged request would
    send a mail, and a forged yes to mails take back a no. All steps of the lead magnet but those of
    a browser, and what answers them."""
    rows = seed_rows(project_root, STEPS, "step", "event_name")
    steps = {row["event_name"] for row in rows if row["step"] not in BROWSER_STEPS}
    return frozenset(steps.union(_RESERVED_TOO, MailWords(project_root).allowing_events))


@dataclass(frozen=True)
class Sender:
    """What a request says of who sends it."""

    address: str | None = None
    """The network's alone: see privacy.shortened_address."""
    user_agent: str | None = None
    refuses_tracking: bool = False


@dataclass(frozen=True)
class Taken:
    """The records to write, and which messages are among them only for the quarantine."""

    records: list[Message]
    refused: dict[int, str]
    """The reason code, by the message's place in the batch."""


class Intake:
    """Makes records of messages; the rules are read from the seeds once."""

    def __init__(
        self, settings: Settings, most_event_bytes: int, project_root: Path = PROJECT_ROOT
    ) -> None:
        self._most_event_bytes = most_event_bytes
        self._masking = privacy.Masking(privacy.masked_parameters(project_root))
        self._category = consent_category(project_root)
        self._secret_key = settings.secret_key()
        self._reserved = reserved_events(project_root)
        self._mail_words = MailWords(project_root)

    def take(
        self,
        messages: Sequence[Any],
        sender: Sender,
        received_at: str,
        *,
        kind: str | None = None,
        envelope: Mapping[str, Any] | None = None,
        may_be_large: bool = True,
    ) -> Taken:
        """The records of one request, all received at `received_at` (ISO, UTC).

        kind: the type of event that the address says, None in a batch. envelope: the batch, whose
        `context` and `sentAt` hold for the messages without. may_be_large: False where the request
        itself is no larger than an event may be. Raises RecursionError for what is nested deeply.
        """
        records: list[Message] = []
        refused: dict[int, str] = {}
        for place, message in enumerate(messages):
            code = self._reason_to_refuse(message, may_be_large)
            record: Any = None
            if isinstance(message, dict):
                record = self._record(message, sender, received_at, kind, envelope or {})
                code = code or self._reserved_name(record) or _reserved_id(record)
            elif not sender.refuses_tracking:
                record = self._masking.masked(message)
            if code is not None:
                refused[place] = code
                record = {**refusals.refusal(code, record), "receivedAt": received_at}
            records.append(record)
        return Taken(records, refused)

    def is_too_large(self, message: Mapping[str, Any]) -> bool:
        """Whether a message, as it came, is larger than one may be."""
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        return len(text.encode("utf-8", "surrogatepass")) > self._most_event_bytes

    def _reason_to_refuse(self, message: Any, may_be_large: bool) -> str | None:
        if not isinstance(message, dict):
            return "not_an_object"
        # The loader would open it, and what is within it would come in unseen.
        if isinstance(message.get("batch"), list):
            return "nested_envelope"
        return "event_too_large" if may_be_large and self.is_too_large(message) else None

    def _reserved_name(self, record: Message) -> str | None:
        names = _texts(record, ("event", "name", "event_name"))
        return "reserved_event" if names & self._reserved else None

    def _record(
        self,
        given: Message,
        sender: Sender,
        received_at: str,
        kind: str | None,
        envelope: Mapping[str, Any],
    ) -> Message:
        message = {key: value for key, value in given.items() if key not in _OF_TRANSPORT}
        if kind is not None:
            message["type"] = kind
        elif isinstance(message.get("type"), str):
            message["type"] = message["type"].strip().lower()
        if message.get("sentAt") is None and message.get("sent_at") is None:
            message["sentAt"] = envelope.get("sentAt") or envelope.get("sent_at")
        message = {key: value for key, value in message.items() if value is not None}
        for key in _OBJECTS & message.keys():
            message[key] = opened(message[key])
        self._put_context(message, given, envelope.get("context"))
        if "traits" in message:
            message["traits"] = self._mail_words.without_permission(message["traits"])
        has_time = any(message.get(key) for key in _TIMES)
        if not any(message.get(key) for key in _IDS):
            # before what the sender adds: sent again, it may come from another network
            message["messageId"] = _content_id(message) if has_time else str(uuid.uuid4())
        _add_sender(message["context"], sender)
        if not has_time:
            # Of now. Where the device's clock is put right by when it sent, that is its now.
            message["timestamp"] = message.get("sentAt") or message.get("sent_at") or received_at
        if sender.refuses_tracking:
            message = without_identity(
                {**message, "messageId": next(message[key] for key in _IDS if message.get(key))},
                self._category,
                self._secret_key,
            )
        message["receivedAt"] = received_at
        return message

    def _put_context(self, message: Message, given: Message, shared: object) -> None:
        context = message.pop("context", None)
        for key, value in message.items():
            message[key] = self._masking.of_member(key, value)
        if isinstance(shared, dict) and isinstance(context, dict | None):
            context = _merged(shared, context or {})
        if context is None or context == []:
            context = {}
        if not isinstance(context, dict):
            message["context"] = self._masking.masked(context)
            return
        addresses = (context.pop("ip", None), given.get("ip"), given.get("context_ip"))
        address = next(filter(None, map(_shortened, addresses)), None)
        context = self._masking.masked(context)
        if address:
            context["ip"] = address
        message["context"] = context


def _reserved_id(record: Message) -> str | None:
    return "reserved_id" if any(map(is_own, _texts(record, _IDS))) else None


def _texts(record: Message, keys: Sequence[str]) -> set[str]:
    """The texts of these members, as the loader cleans them."""
    values = (record.get(key) for key in keys)
    return {_EDGES.sub("", value.replace("\0", "")) for value in values if type(value) is str}


def _add_sender(context: Any, sender: Sender) -> None:
    if not isinstance(context, dict) or _is_of_a_server(sender.user_agent, context):
        return
    if sender.user_agent and not any(context.get(key) for key in ("userAgent", "user_agent")):
        context["userAgent"] = sender.user_agent
    if sender.address and not context.get("ip"):
        context["ip"] = sender.address


def _shortened(address: object) -> str | None:
    return privacy.shortened_address(address) if isinstance(address, str) else None


def _is_of_a_server(agent: str | None, context: Message) -> bool:
    """Whether a library on a server sent it, whose agent and address are no visitor's: it gives its
    own name in both places (`analytics-python/2.4.0`)."""
    library = context.get("library")
    name = library.get("name") if isinstance(library, dict) else None
    product = (agent or "").partition("/")[0].strip().lower()
    return isinstance(name, str) and len(product) > 3 and product in name.lower()


def _merged(shared: Mapping[str, Any], own: Mapping[str, Any]) -> Message:
    """Both contexts, as the loader merges them: a message's own members win, at all depths."""
    found = dict(shared)
    for key, value in own.items():
        both = isinstance(found.get(key), dict) and isinstance(value, dict)
        found[key] = _merged(found[key], value) if both else value
    return found


def _content_id(message: Message) -> str:
    """The same for a message that is sent again: of all but when it was sent."""
    content = {key: value for key, value in message.items() if key not in ("sentAt", "sent_at")}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
