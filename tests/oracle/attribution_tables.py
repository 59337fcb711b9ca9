"""The oracle's attribution as tables of text, beside those of tests/oracle/tables.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tests.oracle.attribution import Credit
from tests.oracle.channel_paths import channel_credits, paths_of
from tests.oracle.messages import moment
from tests.oracle.product import Result
from tests.oracle.tables import Row


def conversions(result: Result) -> list[Row]:
    """What converted, whose it was, and what it is worth."""
    return [
        {
            "event_id": event_id,
            "person": one.person,
            "account_domain": one.account_domain or "",
            "session_first_event_id": one.session or "",
            "conversion_name": one.rule.conversion_name,
            "currency": one.currency,
            "value": f"{one.value:.4f}",
            "is_value_stated": str(one.is_value_stated).lower(),
            "converted_at": moment(one.converted_at),
        }
        for event_id, one in result.attribution.conversions.items()
    ]


def touchpoints(result: Result) -> list[Row]:
    """The sessions that led to each conversion, in order."""
    return [
        {
            "event_id": event_id,
            "session_first_event_id": visit.session,
            "person": visit.person,
            "channel": visit.channel,
            "position": str(position),
            "touchpoint_count": str(len(visits)),
            "touched_at": moment(visit.touched_at),
        }
        for event_id, visits in result.attribution.touchpoints.items()
        for position, visit in enumerate(visits, start=1)
    ]


def credits_of_people(result: Result) -> list[Row]:
    """Who has how much of each conversion, by each model."""
    return _credits(result.attribution.credits)


def credits_of_accounts(result: Result) -> list[Row]:
    """The same of companies, by the sessions of all their people."""
    return _credits(result.attribution.account_credits)


def _credits(found: Iterable[Credit]) -> list[Row]:
    return [
        {
            "event_id": one.conversion.event_id,
            "model": one.model,
            "session_first_event_id": one.touchpoint.session if one.touchpoint else "",
            "channel": one.touchpoint.channel if one.touchpoint else "Direct",
            "credit": f"{one.credit:.12f}",
        }
        for one in found
    ]


def channel_paths(result: Result) -> list[Row]:
    """By which channels people came, to a conversion or to none."""
    return [
        {
            "person": path.person,
            "event_id": path.conversion or "",
            "path_month": path.month.isoformat(),
            "channel_path": " > ".join(path.channels),
            "visit_count": str(path.visit_count),
            "ended_at": moment(path.ended_at),
        }
        for path in paths_of(result.attribution)
    ]


def credits_of_channels(result: Result) -> list[Row]:
    """What each channel of a month is worth by removal."""
    return [
        {
            "path_month": one.month.isoformat(),
            "channel": one.channel,
            "path_count": str(one.path_count),
            "conversion_count": str(one.conversion_count),
            "removal_effect": _number(one.removal_effect),
            "credit": _number(one.credit),
            "credit_low": _number(one.interval and one.interval[0]),
            "credit_high": _number(one.interval and one.interval[1]),
        }
        for one in channel_credits(paths_of(result.attribution))
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.12f}"


TABLES: Mapping[str, Callable[[Result], list[Row]]] = {
    "conversions": conversions,
    "touchpoints": touchpoints,
    "credits_of_people": credits_of_people,
    "credits_of_accounts": credits_of_accounts,
    "channel_paths": channel_paths,
    "credits_of_channels": credits_of_channels,
}
"""Where conversions come from."""

TOLERANCE = 1e-9
