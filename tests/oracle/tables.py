"""The answers as tables of text, in the columns of the stories' expected CSV files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.oracle.flags import flags_of_lead
from tests.oracle.messages import moment
from tests.oracle.product import EventAnswer, Result

Row = dict[str, str]


def events(result: Result) -> list[Row]:
    """Person, first event of the session and page class of each event; empty where none."""
    return [
        {
            "event_id": event_id,
            "person": answer.person or "",
            "session_first_event_id": answer.session_first_event_id or "",
            "page_class": answer.page_class or "",
        }
        for event_id, answer in sorted(result.events.items())
    ]


def people(result: Result) -> list[Row]:
    """People with at least one event, by the label of their canonical node."""
    return [
        {
            "person": label,
            "identifiers": " ".join(person.members),
            "primary_email": person.primary_email or "",
            "points": _number(person.points),
            "intent_score": _number(person.intent_score),
            "intent_band": person.intent_band,
            "exclusion_reason": person.exclusion_reason or "",
        }
        for label, person in sorted(result.people.items())
    ]


def buckets(result: Result) -> list[Row]:
    """Events of each rule on each day up to the as-of day, before the cap."""
    return [
        {
            "person": person,
            "rule_id": rule_id,
            "event_date": day.isoformat(),
            "event_count": str(count),
        }
        for (person, rule_id, day), count in sorted(result.buckets.items())
        if day <= result.as_of
    ]


def accounts(result: Result) -> list[Row]:
    """Accounts by domain."""
    return [
        {
            "domain": domain,
            "people": str(len(account.people)),
            "active_people_14d": str(account.active_people_14d),
            "account_score": _number(account.account_score),
        }
        for domain, account in sorted(result.accounts.items())
    ]


def sessions(result: Result) -> list[Row]:
    """Sessions by visitor and number; times in UTC."""
    return [
        {
            "session_first_event_id": session.first_event_id,
            "visitor": f"{session.visitor.kind}:{session.visitor.value}",
            "session_number": str(session.session_number),
            "person": session.person,
            "people": " ".join(sorted(session.people)),
            "started_at": moment(session.started_at),
            "ended_at": moment(session.ended_at),
            "event_count": str(session.event_count),
            "page_view_count": str(session.page_view_count),
            "is_engaged": str(session.is_engaged).lower(),
            "entry_page_class": session.entry_page_class or "",
            "entry_page_url": session.entry_page_url or "",
            "exit_page_url": session.exit_page_url or "",
            "referrer_url": session.referrer_url or "",
            "is_bot": str(session.is_bot).lower(),
        }
        for session in sorted(
            result.sessions.values(), key=lambda session: (session.visitor, session.session_number)
        )
    ]


def identities(result: Result) -> list[Row]:
    """The identity map: nodes, and devices with each of their slices; times in UTC."""
    rows = [
        {
            "identifier_type": row.identifier_type,
            "identifier": row.identifier,
            "person": row.person,
            "valid_from": _moment_or_blank(row.valid_from),
            "valid_to": _moment_or_blank(row.valid_to),
            "first_seen_at": _moment_or_blank(row.first_seen_at),
            "last_seen_at": _moment_or_blank(row.last_seen_at),
            "link_event_id": row.link_event_id or "",
        }
        for row in result.identity.mapped
    ]
    return sorted(
        rows, key=lambda row: (row["identifier_type"], row["identifier"], row["valid_from"])
    )


def accepted_links(result: Result) -> list[Row]:
    """Links that events made, and whose they are."""
    whose = result.identity.person_of_node
    return [
        {"person": whose[a], "left": a.label, "right": b.label, "link_type": kind, "event_id": id_}
        for a, b, _, id_, kind in sorted(result.identity.accepted)
    ]


def refused_links(result: Result) -> list[Row]:
    """Links that were not taken, with the reason."""
    return [
        {
            "left": link.left.label,
            "right": link.right.label,
            "reason": link.reason,
            "event_id": link.event_id or "",
        }
        for link in sorted(result.identity.refused, key=lambda link: (*link[:3], link[3] or ""))
    ]


def leads(result: Result) -> list[Row]:
    """What a CRM says of each address, and who and what company it is."""
    return [
        {
            "email": email,
            "email_class": placed.email_class,
            "person": placed.person or "",
            "account_domain": placed.account_domain or "",
            "full_name": placed.lead.full_name or "",
            "company_name": placed.lead.company_name or "",
            "job_title": placed.lead.job_title or "",
            "phone": placed.lead.phone or "",
            "owner": placed.lead.owner or "",
            "stage": placed.lead.stage or "",
            "is_customer": str(bool(placed.lead.is_customer)).lower(),
            "is_seen": str(placed.person is not None).lower(),
            "updated_at": str(placed.lead.updated_at or ""),
            "flags": ", ".join(flags_of_lead(placed.lead)),
            "can_email": str("cannot_email" not in flags_of_lead(placed.lead)).lower(),
        }
        for email, placed in sorted(result.leads.items())
    ]


def people_by_leads(result: Result) -> list[Row]:
    """What a CRM alone says of people; names may come out of the log as well."""
    return [
        {
            "person": label,
            "owner": said.owner or "",
            "stage": said.stage or "",
            "is_customer": str(said.is_customer).lower(),
        }
        for label, said in sorted(result.said.items())
    ]


def person_flags(result: Result) -> list[Row]:
    """What keeps a person out of an export."""
    return [
        {"person": label, "flag": flag}
        for label, flags in sorted(result.person_flags.items())
        for flag in sorted(flags)
    ]


def accounts_by_leads(result: Result) -> list[Row]:
    """What a CRM adds to accounts."""
    return [
        {
            "domain": domain,
            "owner": kept.owner or "",
            "is_customer": str(kept.is_customer).lower(),
        }
        for domain, kept in sorted(result.kept.items())
    ]


def people_by_change(result: Result) -> list[Row]:
    """How the score of each person differs from that of a week before."""
    return [
        {"person": label, "score_change_7d": _number(person.score_change_7d)}
        for label, person in sorted(result.people.items())
    ]


def person_reasons(result: Result) -> list[Row]:
    """What adds to the score of each person, and each raised hand, which adds nothing."""
    return [
        {
            "person": label,
            "rule_id": reason.rule_id,
            "event_date": reason.event_date.isoformat(),
            "event_count": str(reason.event_count),
            "counted": str(int(reason.counted)),
            "score_share": _number(reason.score_share),
        }
        for label, person in sorted(result.people.items())
        for reason in person.reasons
        if reason.score_share >= LEAST_SHARE or reason.rule_id.endswith("_hand_raise")
    ]


def accounts_by_scores(result: Result) -> list[Row]:
    """Band, points and surge of each account; surge is empty without a base."""
    return [
        {
            "domain": domain,
            "account_band": account.account_band,
            "points": _number(account.points),
            "surge": "" if account.surge is None else _number(account.surge),
        }
        for domain, account in sorted(result.accounts.items())
    ]


def account_reasons(result: Result) -> list[Row]:
    """What its people add to the score of an account, the most first, and the bonus for several.

    By place and not by name, since either of two people with equal points may come first.
    """
    return [
        {"domain": domain, "place": place, "score_share": _number(share)}
        for domain, account in sorted(result.accounts.items())
        for place, share in [
            *((str(n), share) for n, share in enumerate(_falling(account.person_shares), 1)),
            ("bonus", account.diversity_share),
        ]
        if share >= LEAST_SHARE
    ]


def _falling(shares: Mapping[str, float]) -> list[float]:
    return sorted(shares.values(), reverse=True)


def flagged_events(result: Result) -> list[Row]:
    """Events of visitors that are programs by what they do, and those from internal networks."""
    return [
        {"event_id": event_id, "traffic_flag": answer.flag.traffic_flag,
         "traffic_rule": answer.flag.traffic_rule}
        for event_id, answer in sorted(result.events.items())
        if answer.flag is not None
    ]  # fmt: skip


def flagged_sessions(result: Result) -> list[Row]:
    """Sessions whose every event is flagged."""
    rows = []
    for first, session in sorted(result.sessions.items()):
        flags = {result.events[event_id].flag for event_id in session.event_ids}
        if None not in flags:
            flag = min(flag for flag in flags if flag is not None)
            rows.append({"session_first_event_id": first, "traffic_flag": flag.traffic_flag,
                         "traffic_rule": flag.traffic_rule})  # fmt: skip
    return rows


def excluded_people(result: Result) -> list[Row]:
    """People that score nothing, and what told it."""
    return [
        {"person": label, "reason": person.exclusion.traffic_flag,
         "rule": person.exclusion.traffic_rule}
        for label, person in sorted(result.people.items())
        if person.exclusion is not None
    ]  # fmt: skip


def excluded_traffic(result: Result) -> list[Row]:
    """What no score counts, by day, reason and rule."""
    moments = {event.event_id: event.event_at for event in result.log.events}
    found: dict[tuple[str, str, str], list[EventAnswer]] = {}
    for event_id, answer in result.events.items():
        if answer.excluded is not None:
            found.setdefault((moment(moments[event_id])[:10], *answer.excluded), []).append(answer)
    return [
        {
            "event_date": day,
            "reason": reason,
            "traffic_rule": rule,
            "event_count": str(len(answers)),
            "visitor_count": str(len({a.visitor for a in answers} - {None})),
            "session_count": str(len({a.session_first_event_id for a in answers} - {None})),
            "person_count": str(len({a.person for a in answers} - {None})),
        }
        for (day, reason, rule), answers in sorted(found.items())
    ]


TABLES: Mapping[str, Callable[[Result], list[Row]]] = {
    "expected_events.csv": events,
    "expected_people.csv": people,
    "expected_buckets.csv": buckets,
    "expected_accounts.csv": accounts,
    "expected_sessions.csv": sessions,
    "expected_identities.csv": identities,
    "expected_accepted_links.csv": accepted_links,
    "expected_refused_links.csv": refused_links,
}
"""What a story may expect, by the name of the file that says so."""

LEAD_TABLES: Mapping[str, Callable[[Result], list[Row]]] = {
    "leads": leads,
    "people": people_by_leads,
    "accounts": accounts_by_leads,
    "person_flags": person_flags,
}
"""What follows from the leads of a CRM: no story has any."""

SCORE_TABLES: Mapping[str, Callable[[Result], list[Row]]] = {
    "people": people_by_change,
    "person_reasons": person_reasons,
    "accounts": accounts_by_scores,
    "account_reasons": account_reasons,
}
"""What scores are made of, beyond what a story expects."""

TRAFFIC_TABLES: Mapping[str, Callable[[Result], list[Row]]] = {
    "flagged_events": flagged_events,
    "flagged_sessions": flagged_sessions,
    "excluded_people": excluded_people,
    "excluded_traffic": excluded_traffic,
}
"""Who is a program, and what no score counts."""

NUMBERS = frozenset(
    {
        "points", "intent_score", "account_score", "score_change_7d", "score_share", "surge",
        "credit", "credit_low", "credit_high", "removal_effect",
    }
)  # fmt: skip
"""Columns that are compared as numbers; one that is empty has to be so on both sides."""

TOLERANCE = 1e-6

LEAST_SHARE = 1e-9
"""What adds less to a score may be a reason or not: the models count in twelve decimals."""


def read(file: Path) -> list[Row]:
    """The rows of an expected CSV file."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(rows: list[Row], file: Path) -> None:
    """Writes a table as an expected CSV file: what a changed story is begun with."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def assert_same(found: list[Row], expected: list[Row], tolerance: float = TOLERANCE) -> None:
    """Raises AssertionError with the rows that differ, in whatever order the tables have them."""
    columns = list(expected[0]) if expected else []
    texts = [column for column in columns if column not in NUMBERS]
    numbers = [column for column in columns if column in NUMBERS]
    ours = {tuple(row[column] for column in texts): row for row in found}
    theirs = {tuple(row[column] for column in texts): row for row in expected}
    assert len(ours) == len(found), "rows of the answer are not unique"
    assert ours.keys() - theirs.keys() == set(), "rows that nobody expects"
    assert theirs.keys() - ours.keys() == set(), "rows that are missing"
    for key, row in theirs.items():
        for column in numbers:
            assert _is_same(ours[key][column], row[column], tolerance), (key, column)


def _is_same(found: str, expected: str, tolerance: float) -> bool:
    if "" in (found, expected):
        return found == expected
    return abs(float(found) - float(expected)) <= tolerance


def _number(value: float) -> str:
    return f"{value:.9f}"


def _moment_or_blank(microseconds: int | None) -> str:
    return "" if microseconds is None else moment(microseconds)
