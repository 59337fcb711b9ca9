"""Which visitors are programs on a day, by what they had done by its end."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from orchestration.backtest.history import Flags, Floats, History, summed, up_to

Thresholds = Mapping[tuple[str, str], float]
"""seeds/traffic/traffic_thresholds.csv: by rule and name."""


def flagged_on(history: History, rules: frozenset[str], thresholds: Thresholds, day: int) -> Flags:
    """For each visitor whether a rule of `rules` (seeds/traffic/traffic_rules.csv) flags it.

    The same questions that int_visitors_flagged asks of all days; the rule of a missing threshold
    holds for nobody.
    """
    count = history.visitor_count
    flagged = np.zeros(count, np.bool_)
    days, events = history.suspect_days, history.suspect_events
    shown, happened = up_to(days, day), up_to(events, day)
    visitor = days["visitor"][:shown]
    if not shown:
        return flagged

    def total(column: str) -> Floats:
        return summed(visitor, days[column][:shown], count)

    def most(column: str) -> Floats:
        highest = np.zeros(count)
        np.maximum.at(highest, visitor, days[column][:shown].astype(np.float64))
        return highest

    def whole(column: str) -> Floats:
        return summed(events["visitor"][:happened], events[column][:happened], count)

    def at_least(rule: str, name: str) -> float:
        return thresholds.get((rule, name), np.inf)

    event_count, page_view_count = whole("event_count"), whole("page_view_count")
    gaps = days["gap_count"][:shown]
    exact = (gaps >= at_least("exact_intervals", "gaps")) & (
        days["like_gap_count"][:shown] >= gaps * at_least("exact_intervals", "share")
    )
    has_exact_intervals = np.zeros(count, np.bool_)
    has_exact_intervals[visitor[exact]] = True
    suspected = np.zeros(count, np.bool_)
    suspected[visitor] = True
    spam = total("spam_view_count")
    met = {
        "scanner_agent": total("scanner_view_count") > 0,
        "scanned_links": (most("most_links_at_once") >= at_least("scanned_links", "pages"))
        & (total("mail_landing_count") == event_count),
        "spam_referrer": (spam > 0)
        & (spam >= page_view_count * at_least("spam_referrer", "share")),
        "sustained_rate": most("busy_minute_count") >= at_least("sustained_rate", "minutes"),
        "no_pause": most("longest_stretch") >= at_least("no_pause", "views"),
        "many_pages": most("most_pages_an_hour") >= at_least("many_pages", "pages"),
        "exact_intervals": has_exact_intervals & (page_view_count == event_count),
    }
    for rule in rules & met.keys():
        flagged |= met[rule] & suspected & (event_count > 0)
    return flagged
