"""The truth beside the log: who did each event, and in which session it belongs."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from ingestion.simulator import names
from ingestion.simulator.draws import Ints, Words
from ingestion.simulator.events import ON_SERVER
from ingestion.simulator.intent import CRAWLER, SEGMENTS, STAFF
from ingestion.simulator.log import Log
from ingestion.simulator.people import NO_COMPANY

SESSION_GAP_MS = 1_800_000
"""A longer gap between two events of a visitor starts a new session."""
EVENT_COLUMNS = ("event_id", "person", "device", "session", "is_bot", "is_attributable")
PEOPLE_COLUMNS = ("person", "segment", "user_ids", "emails", "company_domain", "logs_in",
                  "shares_device", "is_bot")  # fmt: skip
_ROWS_AT_ONCE = 100_000


def first_of_session(timeline: Ints, corrected: Ints, order_of_ids: Words) -> Ints:
    """For each event the position of the first event of its session; -1 for those in none.

    `timeline` numbers the visitor (-1: none), `corrected` is in milliseconds; ties in time go by
    event id.
    """
    order = np.lexsort((order_of_ids, corrected, timeline))
    order = order[timeline[order] >= 0]
    first = np.full(len(timeline), -1, np.int64)
    if len(order) == 0:
        return first
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (np.diff(timeline[order]) != 0) | (np.diff(corrected[order]) > SESSION_GAP_MS)
    first[order] = order[np.flatnonzero(begins)][np.cumsum(begins) - 1]
    return first


def write_truth(log: Log, corrected: Ints, folder: Path) -> int:
    """Writes events.csv and people.csv into `folder`; returns the number of sessions.

    events.csv: one row a unique valid event. `session` is the id of the first event of its
    session by the rule of sessions (empty: in none); `is_attributable` is false where consent was
    denied or no id means anything, so that nobody can tell whose it is. people.csv: one row a
    person with an event; lists are joined with ';'.
    """
    numbers = np.arange(len(log.events))
    first = first_of_session(
        log.namings.timeline(log.events, log.people), corrected, log.identifiers.id_order(numbers)
    )
    device = np.where(log.events.visit == ON_SERVER, -1, log.visits.device[log.events.visit])
    with (folder / "events.csv").open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(EVENT_COLUMNS) + "\n")
        for start in range(0, len(numbers), _ROWS_AT_ONCE):
            file.writelines(_event_rows(log, first, device, numbers[start : start + _ROWS_AT_ONCE]))
    _write_people(log, device, folder / "people.csv")
    return int(np.count_nonzero(first == numbers))


def _event_rows(log: Log, first: Ints, device: Ints, of: Ints) -> list[str]:
    """Lines of events.csv; no value needs quoting."""
    person = log.events.person[of]
    own, sessions = log.identifiers.event_ids(of), log.identifiers.event_ids(first[of])
    is_bot = (log.people.segment[person] == CRAWLER).tolist()
    is_attributable = log.namings.is_attributable(of).tolist()
    return [
        f"{event_id},p{p},{f'd{d}' if d >= 0 else ''},{session if f >= 0 else ''},"
        f"{'true' if bot else 'false'},{'true' if attributable else 'false'}\n"
        for event_id, p, d, session, f, bot, attributable in zip(
            own, person.tolist(), device[of].tolist(), sessions, first[of].tolist(), is_bot,
            is_attributable, strict=True,
        )
    ]  # fmt: skip


def _sharing(person: Ints, device: Ints) -> set[int]:
    """The people with an event on a device that somebody else has one on as well."""
    on_device = device >= 0
    people = int(person.max(initial=0)) + 1
    used = np.unique(device[on_device] * people + person[on_device])
    is_shared = np.bincount(used // people) > 1
    return set((used[is_shared[used // people]] % people).tolist())


def _write_people(log: Log, device: Ints, path: Path) -> None:
    people, events = log.people, log.events
    users: dict[int, list[str]] = {}
    codes = np.unique(log.namings.user[log.namings.user >= 0])
    for code, name in zip(codes.tolist(), log.identifiers.user_ids(codes), strict=True):
        users.setdefault(code // 2, []).append(name)
    mails: dict[int, list[str]] = {}
    for code in np.unique(log.namings.mail[log.namings.mail >= 0]).tolist():
        addresses = mails.setdefault(code // 2, [])
        address = people.address(code)
        if address not in addresses:
            addresses.append(address)
    sharing = _sharing(events.person, device)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(PEOPLE_COLUMNS)
        for person in np.unique(events.person).tolist():
            company = int(people.company[person])
            domain = names.company_domain(company) if company != NO_COMPANY else ""
            segment = int(people.segment[person])
            rows.writerow((
                f"p{person}",
                SEGMENTS[segment].name,
                ";".join(users.get(person, ())),
                ";".join(mails.get(person, ())),
                names.COMPANY_DOMAIN if segment == STAFF else domain,
                str(person in users).lower(),
                str(person in sharing).lower(),
                str(segment == CRAWLER).lower(),
            ))  # fmt: skip
