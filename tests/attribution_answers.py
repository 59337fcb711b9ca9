"""What the models answer of attribution, as the tables of tests/oracle/attribution_tables.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.model_answers import Answers, Row, table

FIRST_EVENTS = """
    (
        select session_id, min_by(event_id, (event_at, event_id)) as event_id
        from published.marts.fct_events group by session_id
    )
"""


def conversions(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """What converted, whose it was, and what it is worth."""
    return table(
        answers,
        ("event_id", "person", "account_domain", "session_first_event_id", "conversion_name",
         "currency", "value", "is_value_stated", "converted_at"),
        f"""
        select conversion_id, person_id, accounts.domain, first_events.event_id,
            conversion_name, currency, value, is_value_stated,
            strftime(converted_at, '%Y-%m-%dT%H:%M:%S.%fZ')
        from published.marts.fct_conversions as conversions
        left join published.marts.dim_accounts as accounts using (account_id)
        left join {FIRST_EVENTS} as first_events
            on conversions.session_id = first_events.session_id
        """,
        labels,
    )  # fmt: skip


def touchpoints(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """The sessions that led to each conversion, in order."""
    return table(
        answers,
        ("event_id", "session_first_event_id", "person", "channel", "position",
         "touchpoint_count", "touched_at"),
        f"""
        select conversion_id, first_events.event_id, person_id, channel, position,
            touchpoint_count, strftime(touched_at, '%Y-%m-%dT%H:%M:%S.%fZ')
        from published.marts.fct_touchpoints
        join {FIRST_EVENTS} as first_events using (session_id)
        """,
        labels,
    )  # fmt: skip


def credits_of_people(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """Who has how much of each conversion, by each model."""
    return _credits(answers, labels, "fct_attribution")


def credits_of_accounts(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """The same of companies, by the sessions of all their people."""
    return _credits(answers, labels, "fct_account_attribution")


def _credits(answers: Answers, labels: Mapping[str, str], mart: str) -> list[Row]:
    return table(
        answers,
        ("event_id", "model", "session_first_event_id", "channel", "credit"),
        f"""
        select conversion_id, model, first_events.event_id, channel, credit
        from published.marts.{mart} as credits
        left join {FIRST_EVENTS} as first_events
            on credits.session_id = first_events.session_id
        """,
        labels,
    )


def channel_paths(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """By which channels people came, to a conversion or to none."""
    return table(
        answers,
        ("person", "event_id", "path_month", "channel_path", "visit_count", "ended_at"),
        """
        select person_id, conversion_id, path_month, channel_path, visit_count,
            strftime(ended_at, '%Y-%m-%dT%H:%M:%S.%fZ')
        from published.marts.fct_channel_paths
        """,
        labels,
    )


def credits_of_channels(answers: Answers, labels: Mapping[str, str]) -> list[Row]:
    """What each channel of a month is worth by removal."""
    return table(
        answers,
        ("path_month", "channel", "path_count", "conversion_count", "removal_effect", "credit",
         "credit_low", "credit_high"),
        """
        select path_month, channel, path_count, conversion_count, removal_effect, credit,
            credit_low, credit_high
        from published.marts.rpt_channel_credit
        """,
        labels,
    )  # fmt: skip


TABLES: Mapping[str, Callable[[Answers, Mapping[str, str]], list[Row]]] = {
    "conversions": conversions,
    "touchpoints": touchpoints,
    "credits_of_people": credits_of_people,
    "credits_of_accounts": credits_of_accounts,
    "channel_paths": channel_paths,
    "credits_of_channels": credits_of_channels,
}
"""The same names as the oracle's, so that each table is held against its own."""
