"""What was entered into an offer's form, and what is wrong with it. The server's word holds: what a
browser checks before is for convenience."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl
from uuid import UUID, uuid5

from ingestion.own_ids import own_id
from orchestration.delivery.mailbox import mailbox
from orchestration.lead_magnet.offers import Offer

LONGEST_EMAIL = 254
"""What SMTP takes (RFC 5321, 4.5.3.1.3: a path of 256, with its brackets)."""
LONGEST_NAME = 200

CONSENT_TEXT = (
    "Yes, you may also write to me about related topics and offers. I can withdraw this at any"
    " time, by the link in each mail."
)
"""What the unticked box says. It is stored with each request that ticked it: who changes the
wording changes it for those who ask from then on."""

HONEYPOT = "website"
"""A field that people do not see and programs fill in."""

_MOST_FIELDS = 200
# The rule of who is who: one @, no white space, a dot in the domain (the macro valid_email). On top
# of it nothing that has a meaning in a mail's header, since there the address goes.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# the names stand in a mail to whatever address was entered: no link of a stranger's goes out so
# (a company may be called Booking.com; what follows a slash is no part of a name)
_LINK = re.compile(r"://|\bwww\.|\w\.[^\W\d_]{2,}/", re.IGNORECASE)
_OF_HEADERS = set('<>()[],;:"\\')
_SPACES = re.compile(r"[\s\ufeff]+")
# Controls, halves of surrogate pairs, and what Unicode says will never be a character.
_NO_TEXT = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
    )
    + "]"
)


@dataclass(frozen=True)
class Entries:
    """The form as it was filled in, each field in one line; not checked yet."""

    email: str
    full_name: str
    company_name: str
    answers: Mapping[str, str]
    """question_id to answer_id, of the offer's own alone."""
    has_consent: bool
    honeypot: str
    token: str
    hidden: Mapping[str, str]
    """What the page knew of the visit: HIDDEN_FIELDS, as far as they were filled."""
    asked_about: str = ""
    """The address of which the page has asked whether it is right."""

    @classmethod
    def empty(cls, hidden: Mapping[str, str]) -> Entries:
        """A form that nobody has filled in yet."""
        return cls("", "", "", {}, False, "", "", hidden)

    def without_consent(self) -> Entries:
        """The same with the box unticked: who ticks it sees what it says now."""
        return replace(self, has_consent=False)


HIDDEN_FIELDS = ("anonymous_id", "session_id", "page_referrer")
"""Filled in by the page, and anew by the tracker where there is one."""


ASKED_ABOUT = "asked_about"
"""Filled in where the page asks whether the address is right: sent again, it is."""


@dataclass(frozen=True)
class Problem:
    """What has to be mended; `field` is the id of what to go to in the page."""

    field: str
    text: str


def read_entries(offer: Offer, body: bytes) -> Entries:
    """What a form sent, as application/x-www-form-urlencoded. Never raises: what cannot be read is
    as if it were not there. Of a field that stands twice the last one holds."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8", errors="replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        return Entries.empty({})
    fields = {name: one_line(value) for name, value in pairs}
    return Entries(
        email=fields.get("email", ""),
        full_name=fields.get("full_name", ""),
        company_name=fields.get("company_name", ""),
        answers={
            question.question_id: given
            for question in offer.questions
            if question.answer(given := fields.get(answer_field(question.question_id), ""))
        },
        has_consent=fields.get("marketing_consent") == "yes",
        honeypot=fields.get(HONEYPOT, ""),
        token=fields.get("form_token", ""),
        hidden={name: fields[name] for name in HIDDEN_FIELDS if fields.get(name)},
        asked_about=fields.get(ASKED_ABOUT, ""),
    )


def problems(offer: Offer, entries: Entries) -> list[Problem]:
    """All that is wrong, in the order of the page; empty where the form is good."""
    found = [
        Problem(answer_field(question.question_id), f"Question {number}: choose an answer")
        for number, question in enumerate(offer.questions, 1)
        if question.question_id not in entries.answers
    ]
    if not _has_a_letter(entries.full_name):
        found.append(Problem("full_name", "Enter your name"))
    elif len(entries.full_name) > LONGEST_NAME:
        found.append(Problem("full_name", f"Enter a name of at most {LONGEST_NAME} characters"))
    for field, text in (("full_name", entries.full_name), ("company_name", entries.company_name)):
        if _LINK.search(text):
            found.append(Problem(field, "Enter a name without the address of a site"))
    if not entries.email:
        found.append(Problem("email", "Enter your e-mail address"))
    elif not is_email(entries.email):
        words = "Enter an e-mail address that mail can go to, such as anna@acme.com"
        found.append(Problem("email", words))
    if len(entries.company_name) > LONGEST_NAME:
        words = f"Enter a company name of at most {LONGEST_NAME} characters"
        found.append(Problem("company_name", words))
    return found


def is_email(text: str) -> bool:
    """Whether mail can go to this address, and the models take it for one."""
    return (
        len(text) <= LONGEST_EMAIL
        and _EMAIL.fullmatch(text) is not None
        and not _OF_HEADERS & set(text)
        and all(text.rpartition("@")[2].split("."))
        # of the characters that are not seen: one of them makes another address that looks the same
        and not any(unicodedata.category(each).startswith("C") for each in text)
        # what is promised here is sent: no address that delivery refuses
        and mailbox(text) is not None
    )


def one_line(text: str) -> str:
    """`text` in one line: white space of any kind is one space, and control characters, half
    surrogate pairs and what Unicode calls no character are gone. All letters and marks stay."""
    return " ".join(_NO_TEXT.sub("", _SPACES.sub(" ", text)).split())


def answer_field(question_id: str) -> str:
    """The name of a question's field."""
    return f"answer_{question_id}"


def request_id(form_id: str, entries: Entries) -> str:
    """The id of a request: of the form that was opened (its UUID), and of what was entered.

    So the same form sent twice is one request, and with something else in it another one. Sent
    again after a kill, it may have another time, of which the loader keeps one.
    """
    content = [
        entries.email,
        entries.full_name,
        entries.company_name,
        sorted(entries.answers.items()),
        entries.has_consent,
    ]
    return own_id(str(uuid5(UUID(form_id), json.dumps(content))))


def wording(offer: Offer) -> str:
    """A digest of what a form asks and what its box says: a form that was opened with other words
    has to be looked at again."""
    asked = [
        offer.offer_id,
        CONSENT_TEXT,
        [
            [each.question_id, each.text, [[one.answer_id, one.text] for one in each.answers]]
            for each in offer.questions
        ],
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def _has_a_letter(text: str) -> bool:
    return any(unicodedata.category(each)[0] in "LN" for each in text)
