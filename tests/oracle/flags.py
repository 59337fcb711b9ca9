"""Flags of people: whom an export leaves out. They change no score."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from tests.oracle.leads import Lead, PlacedLead
from tests.oracle.lists import is_bot
from tests.oracle.log import Event, step_events
from tests.oracle.names import text_of
from tests.oracle.pages import page_class
from tests.oracle.rules import SEEDS, Rules
from tests.oracle.scoring import day_of

YES, NO = frozenset({"true", "yes", "y", "1", "on"}), frozenset({"false", "no", "n", "0", "off"})


@dataclass(frozen=True)
class Addressed:
    """A person as far as flags look at one."""

    primary_email: str | None
    account_domain: str | None
    own_events: Sequence[Event]


def flags_of_people(
    people: Mapping[str, Addressed],
    placed: Iterable[PlacedLead],
    as_of: date,
    is_nobody: Callable[[Event], bool],
    rules: Rules,
) -> dict[str, frozenset[str]]:
    """The flags of each person, from their address, their events, and what a CRM says.

    `is_nobody`: an event of a flagged visitor, or from a network of one's own.
    """
    current = list(placed)
    customers = {label for label, person in people.items() if _is_customer(label, person, current)}
    domains = {lead.account_domain for lead in current if lead.lead.is_customer} | {
        people[label].account_domain for label in customers
    }
    return {
        label: frozenset(
            {
                *_by_domain(person.primary_email),
                *_by_signals(
                    [event for event in person.own_events if not is_nobody(event)], as_of, rules
                ),
                *(["customer"] if label in customers
                  or person.account_domain in domains - {None} else []),
                *(["cannot_email"] if _is_mail_refused(label, person, current) else []),
            }
        )
        for label, person in people.items()
    }  # fmt: skip


def flags_of_lead(lead: Lead) -> list[str]:
    """What the CRM and the domain say of an address, whoever is there."""
    return sorted(
        {
            *_by_domain(lead.email),
            *(["customer"] if lead.is_customer else []),
            *(["cannot_email"] if _refuses_by_crm(lead) else []),
        }
    )


def mail_refusals(people: Mapping[str, Addressed], placed: Iterable[PlacedLead]) -> frozenset[str]:
    """Who has said, or whose CRM says, that they want no mail."""
    current = list(placed)
    return frozenset(
        label
        for label, person in people.items()
        if _is_mail_refused(label, person, current, in_words=True)
    )


def _theirs(label: str, person: Addressed, placed: Iterable[PlacedLead]) -> list[Lead]:
    """The leads of the person's addresses, and that of the one to write to, whosever it is."""
    return [
        each.lead
        for each in placed
        if each.person == label or each.lead.email == person.primary_email
    ]


def _is_customer(label: str, person: Addressed, placed: Iterable[PlacedLead]) -> bool:
    return any(lead.is_customer for lead in _theirs(label, person, placed))


def _is_mail_refused(
    label: str, person: Addressed, placed: Iterable[PlacedLead], *, in_words: bool = False
) -> bool:
    """in_words: a box left empty alone does not count."""
    words = _seed("mail_words")
    if any(_refuses_by_crm(lead) for lead in _theirs(label, person, placed)):
        return True
    said = [
        (event.moment, is_refused)
        for event in person.own_events
        for is_refused in _words_of(event, words)
    ]
    boxes = [box for event in person.own_events for box in _boxes_of(event, words)]
    said.extend(((moment, False) for moment, is_ticked in boxes if is_ticked))
    # of one event that says both, the refusal counts; who asked and never said a word is left out
    return max(said)[1] if said else bool(boxes) and not in_words


def _refuses_by_crm(lead: Lead) -> bool:
    told = json.loads(lead.properties or "{}")
    return any(
        word["said_in"] == "lead" and _refuses(word, told.get(word["name"]))
        for word in _seed("mail_words")
    )


def _boxes_of(
    event: Event, words: Iterable[Mapping[str, str]]
) -> list[tuple[tuple[int, str], bool]]:
    """Of a request for a report each box of consent: when it was, and whether it was ticked."""
    if event.told is None or step_events()[event.event_name or ""] != "report_form_submit":
        return []
    told = json.loads(event.told)
    named = told if isinstance(told, dict) else {}
    return [
        (event.moment, (text_of(named.get(word["name"])) or "").strip(" ").lower() in YES)
        for word in words
        if word["said_in"] == "form"
    ]


def _words_of(event: Event, words: Iterable[Mapping[str, str]]) -> list[bool]:
    """Each word of this event about mail: whether it refuses it."""
    traits = dict(event.said)
    by_name = [
        word["refuses_when"] == "true"
        for word in words
        if word["said_in"] == "event"
        and event.event_type == "track"
        and word["name"] == event.event_name
    ]
    by_trait = [
        _refuses(word, traits.get(word["name"])) for word in words if word["said_in"] == "trait"
    ]
    return [*by_name, *(answer for answer in by_trait if answer is not None)]


def _refuses(word: Mapping[str, str], said: str | None) -> bool | None:
    """Whether this answer to the word refuses mail; None where it is neither yes nor no."""
    answer = (said or "").strip(" ").lower()
    if answer not in YES | NO:
        return None
    return (answer in YES) == (word["refuses_when"] == "true")


def _by_domain(address: str | None) -> list[str]:
    """The flag of the longest listed domain that the address is at or below."""
    labels = address.rpartition("@")[2].rstrip(".").split(".") if address else []
    listed = {row["email_domain"]: row["flag"] for row in _seed("flagged_domains")}
    parents = [".".join(labels[start:]) for start in range(len(labels))]
    return [listed[parent] for parent in parents if parent in listed][:1]


def _by_signals(own_events: Sequence[Event], as_of: date, rules: Rules) -> list[str]:
    found = []
    for signal in _seed("flag_signals"):
        days = int(signal["within_days"])
        events = [
            event
            for event in own_events
            if 0 <= (as_of - day_of(event)).days < days and not is_bot(event.user_agent)
        ]
        matching = sum(
            signal["event_type"] in ("", event.event_type)
            and signal["event_name"] in ("", event.event_name)
            and signal["page_class"] in ("", page_class(event.page_url, rules))
            for event in events
        )
        pages = sum(event.event_type == "page" for event in events)
        least = max(int(signal["minimum_count"]), float(signal["minimum_share"]) * pages)
        if matching >= least:
            found.append(signal["flag"])
    return found


@cache
def _seed(name: str) -> tuple[dict[str, str], ...]:
    with (SEEDS / "flags" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
