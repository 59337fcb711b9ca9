"""What the models answer, as the tables that the oracle gives (tests/oracle/tables.py).

The label of a person is worked out from the oracle's side: the id of a person is the md5 of
its canonical node, or of the device that nobody was named on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID

from tests.oracle.ids import person_id
from tests.oracle.product import Result
from tests.oracle.tables import LEAST_SHARE, Row


class Answers(Protocol):
    """A database with `warehouse` and `published` attached."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""


def labels_of(result: Result) -> dict[UUID, str]:
    """Labels by person id, for every person, node and device of the oracle's answers."""
    nodes = (node.label for node in result.identity.person_of_node)
    devices = (f"visitor:{device}" for device in result.identity.slices)
    return {person_id(label): label for label in (*result.people, *nodes, *devices)}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def table(
    answers: Answers, columns: Iterable[str], query: str, labels: Mapping[str, str]
) -> list[Row]:
    """The rows as text; a column that holds a person id shows the label instead."""
    names = list(columns)
    return [
        {
            name: labels.get(value, _text(value)) if name == "person" else _text(value)
            for name, value in zip(names, row, strict=True)
        }
        for row in answers.rows(query)
    ]


def events(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """Person, first event of the session and page class of each event."""
    return table(
        answers,
        ("event_id", "person", "session_first_event_id", "page_class"),
        """
        select event_id, person_id,
            case when session_id is not null then first_value(event_id) over (
                partition by session_id order by event_at, event_id
            ) end,
            page_class
        from published.marts.fct_events
        """,
        labels,
    )


def people(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """People with at least one event."""
    return table(
        answers,
        ("person", "identifiers", "primary_email", "points", "intent_score", "intent_band",
         "exclusion_reason"),
        """
        select people.person_id, coalesce(members.identifiers, ''), primary_email, points,
            intent_score, intent_band, exclusion_reason
        from published.marts.dim_people as people
        left join (
            select canonical_person_id,
                string_agg(identifier_type || ':' || identifier, ' '
                    order by identifier_type || ':' || identifier) as identifiers
            from published.marts.map_identities
            where identifier_type != 'anonymous_id'
            group by canonical_person_id
        ) as members on people.person_id = members.canonical_person_id
        """,
        labels,
    )  # fmt: skip


def buckets(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """Events of each rule on each day up to the as-of day, before the cap."""
    return table(
        answers,
        ("person", "rule_id", "event_date", "event_count"),
        """
        select person_id, rule_id, event_date, cast(sum(buckets.event_count) as bigint)
        from warehouse.intermediate.int_buckets_counted as buckets
        join warehouse.intermediate.int_slices_owned as slices
            on buckets.slice_id = slices.slice_id and not slices.is_gone
        anti join (from warehouse.intermediate.int_visitors_flagged where not is_gone) as flagged
            on slices.visitor_id = flagged.visitor_id
        join warehouse.raw.refresh_settings as settings on event_date <= as_of_date
        group by all
        """,
        labels,
    )


def accounts(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """Accounts by domain."""
    return table(
        answers,
        ("domain", "people", "active_people_14d", "account_score"),
        "select domain, people_count, active_people_14d, account_score"
        " from published.marts.dim_accounts",
        labels,
    )


def sessions(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """Sessions, but for the columns that only name the visitor or several people."""
    return table(
        answers,
        ("session_first_event_id", "session_number", "person", "started_at", "ended_at",
         "event_count", "page_view_count", "is_engaged", "entry_page_class", "entry_page_url",
         "exit_page_url", "referrer_url", "is_bot"),
        """
        select first_events.event_id, session_number, person_id,
            strftime(started_at, '%Y-%m-%dT%H:%M:%S.%fZ'),
            strftime(ended_at, '%Y-%m-%dT%H:%M:%S.%fZ'),
            event_count, page_view_count, is_engaged, entry_page_class, entry_page_url,
            exit_page_url, referrer_url, is_bot
        from published.marts.fct_sessions as sessions
        join (
            select session_id, min_by(event_id, (event_at, event_id)) as event_id
            from published.marts.fct_events group by session_id
        ) as first_events using (session_id)
        """,
        labels,
    )  # fmt: skip


def identities(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """The identity map; times in UTC."""
    return table(
        answers,
        ("identifier_type", "identifier", "person", "valid_from", "valid_to", "first_seen_at",
         "last_seen_at", "link_event_id"),
        """
        select identifier_type, identifier, canonical_person_id,
            strftime(valid_from, '%Y-%m-%dT%H:%M:%S.%fZ'),
            strftime(valid_to, '%Y-%m-%dT%H:%M:%S.%fZ'),
            strftime(first_seen_at, '%Y-%m-%dT%H:%M:%S.%fZ'),
            strftime(last_seen_at, '%Y-%m-%dT%H:%M:%S.%fZ'), link_event_id
        from published.marts.map_identities
        """,
        labels,
    )  # fmt: skip


def accepted_links(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """Links that events made, the user id first where there is one; and whose they are."""
    rows = table(
        answers,
        ("person", "left", "right", "link_type", "event_id"),
        """
        select canonical_person_id, left_identifier_type || ':' || left_identifier,
            right_identifier_type || ':' || right_identifier, link_type, event_id
        from published.marts.map_accepted_links where link_type != 'override'
        """,
        labels,
    )
    return list(map(_ordered, rows))


def refused_links(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """Links that were not taken, the user id first where there is one."""
    rows = table(
        answers,
        ("left", "right", "reason", "event_id"),
        """
        select left_identifier_type || ':' || left_identifier,
            right_identifier_type || ':' || right_identifier, reason, event_id
        from published.marts.map_refused_links
        """,
        labels,
    )
    return [_ordered(row) for row in rows]


def _ordered(row: Row) -> Row:
    left, right = sorted(
        (row["left"], row["right"]), key=lambda node: (not node.startswith("user_id:"), node)
    )
    return {**row, "left": left, "right": right}


def leads(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """What a CRM says of each address, and who and what company it is."""
    return table(
        answers,
        ("email", "email_class", "person", "account_domain", "full_name", "company_name",
         "job_title", "phone", "owner", "stage", "is_customer", "is_seen", "updated_at", "flags",
         "can_email"),
        """
        select email, email_class, person_id, account_domain, full_name, company_name, job_title,
            phone, owner, stage, is_customer, is_seen, updated_at, flags, can_email
        from published.marts.dim_leads
        """, labels,
    )  # fmt: skip


def people_by_leads(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """What a CRM alone says of people."""
    return table(
        answers,
        ("person", "owner", "stage", "is_customer"),
        "select person_id, owner, stage, is_customer from published.marts.dim_people",
        labels,
    )


def person_flags(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """What keeps a person out of an export."""
    return table(
        answers,
        ("person", "flag"),
        "select person_id, flag from published.marts.fct_person_flags",
        labels,
    )


def accounts_by_leads(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """What a CRM adds to accounts."""
    return table(
        answers,
        ("domain", "owner", "is_customer"),
        "select domain, owner, is_customer from published.marts.dim_accounts",
        labels,
    )


def people_by_change(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """How the score of each person differs from that of a week before."""
    return table(
        answers,
        ("person", "score_change_7d"),
        "select person_id, score_change_7d from published.marts.fct_person_scores",
        labels,
    )


def person_reasons(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """What adds to the score of each person, and each raised hand."""
    return table(
        answers,
        ("person", "rule_id", "event_date", "event_count", "counted", "score_share"),
        f"""
        select person_id, rule_id, event_date, event_count, counted, score_share
        from published.marts.fct_person_score_reasons
        where score_share >= {LEAST_SHARE} or ends_with(rule_id, '_hand_raise')
        """,
        labels,
    )


def accounts_by_scores(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """Band, points and surge of each account."""
    return table(
        answers,
        ("domain", "account_band", "points", "surge"),
        "select domain, account_band, points, surge from published.marts.dim_accounts",
        labels,
    )


def account_reasons(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """What its people add to the score of an account, the most first, and the bonus."""
    return table(
        answers,
        ("domain", "place", "score_share"),
        f"""
        select domain,
            case
                when reason_type = 'diversity' then 'bonus'
                else cast(row_number() over (
                    partition by domain, reason_type order by score_share desc
                ) as varchar)
            end,
            score_share
        from published.marts.fct_account_score_reasons
        join published.marts.dim_accounts using (account_id)
        where score_share >= {LEAST_SHARE}
        """,
        labels,
    )


def flagged_events(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """Events of visitors that are programs by what they do, and those from internal networks."""
    return table(
        answers,
        ("event_id", "traffic_flag", "traffic_rule"),
        "select event_id, traffic_flag, traffic_rule from published.marts.fct_events"
        " where traffic_flag is not null or traffic_rule is not null",
        labels,
    )


def flagged_sessions(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """Sessions whose every event is flagged."""
    return table(
        answers,
        ("session_first_event_id", "traffic_flag", "traffic_rule"),
        """
        select min_by(events.event_id, (events.event_at, events.event_id)),
            sessions.traffic_flag, sessions.traffic_rule
        from published.marts.fct_sessions as sessions
        join published.marts.fct_events as events using (session_id)
        where sessions.traffic_flag is not null or sessions.traffic_rule is not null
        group by sessions.session_id, sessions.traffic_flag, sessions.traffic_rule
        """,
        labels,
    )


def excluded_people(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """People that score nothing, and what told it."""
    return table(
        answers,
        ("person", "reason", "rule"),
        "select person_id, exclusion_reason, exclusion_rule from published.marts.dim_people"
        " where exclusion_reason is not null or exclusion_rule is not null",
        labels,
    )


def excluded_traffic(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """What no score counts, by day, reason and rule."""
    return table(
        answers,
        ("event_date", "reason", "traffic_rule", "event_count", "visitor_count", "session_count",
         "person_count"),
        """
        select event_date, reason, traffic_rule, event_count, visitor_count, session_count,
            person_count
        from published.marts.fct_excluded_traffic
        """,
        labels,
    )  # fmt: skip


TABLES: Mapping[str, Callable[[Answers, Mapping[str, str]], list[Row]]] = {
    "expected_events.csv": events,
    "expected_people.csv": people,
    "expected_buckets.csv": buckets,
    "expected_accounts.csv": accounts,
    "expected_sessions.csv": sessions,
    "expected_identities.csv": identities,
    "expected_accepted_links.csv": accepted_links,
    "expected_refused_links.csv": refused_links,
}
"""The same names as the oracle's, so that each table is held against its own."""

LEAD_TABLES: Mapping[str, Callable[[Answers, Mapping[str, str]], list[Row]]] = {
    "leads": leads,
    "people": people_by_leads,
    "accounts": accounts_by_leads,
    "person_flags": person_flags,
}
"""What follows from the leads of a CRM."""

SCORE_TABLES: Mapping[str, Callable[[Answers, Mapping[str, str]], list[Row]]] = {
    "people": people_by_change,
    "person_reasons": person_reasons,
    "accounts": accounts_by_scores,
    "account_reasons": account_reasons,
}
"""What scores are made of."""

TRAFFIC_TABLES: Mapping[str, Callable[[Answers, Mapping[str, str]], list[Row]]] = {
    "flagged_events": flagged_events,
    "flagged_sessions": flagged_sessions,
    "excluded_people": excluded_people,
    "excluded_traffic": excluded_traffic,
}
"""Who is a program, and what no score counts."""
