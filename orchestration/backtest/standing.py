"""How things stood at the end of a day: whose each slice was, who was excluded, who had converted.

All of it is what the product says when it is run on the log cut there, but for what has no history:
see docs/backtest.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.backtest.history import NEVER, NOBODY, Flags, History, Ints, summed, up_to
from orchestration.backtest.identity import components_on
from orchestration.backtest.scoring import Rules
from orchestration.backtest.traffic import flagged_on


@dataclass(frozen=True)
class Standing:
    """The end of `day`. A person is named by the smallest node of its component.

    person: of each node. slice_person: of each slice, NOBODY where it had no owner yet.
    is_flagged: of each visitor, that it is a program. Of each person: event_count (events that are
    neither a bot's nor of the company's own network), last_day (the last day with one, -1 for
    none), is_present (identified, with an event, and not excluded).
    """

    day: int
    person: Ints
    slice_person: Ints
    is_flagged: Flags
    event_count: Ints
    last_day: Ints
    is_present: Flags

    def first_conversions(self, history: History, after: int = -NEVER) -> Ints:
        """Of each person the day of the first conversion after day `after`, NEVER for none.

        As fct_conversions has them: neither programs' nor those of people who are excluded.
        """
        rows = history.conversions
        known = up_to(rows, self.day)
        person = self.slice_person[rows["slice"][:known]]
        day = rows["day"][:known]
        counts = (person != NOBODY) & ~self.is_flagged[rows["visitor"][:known]] & (day > after)
        counts[counts] = self.is_present[person[counts]]
        first = np.full(history.node_count, NEVER, np.int64)
        np.minimum.at(first, person[counts], day[counts])
        return first


def standing_on(history: History, rules: Rules, day: int) -> Standing:
    """How things stood at the end of `day`."""
    count = history.node_count
    person = components_on(history, rules.identifier_limits, day)
    slices = history.slices
    slice_person = np.where(slices["day"] <= day, person[slices["owner"]], NOBODY)
    is_flagged = flagged_on(history, rules.traffic_rules, rules.traffic_thresholds, day)

    rows = history.slice_days
    known = up_to(rows, day)
    at = rows["slice"][:known]
    whose = slice_person[at]
    by_program = is_flagged[slices["visitor"][at]]
    events = rows["event_count"][:known]
    bots = np.where(by_program, events, rows["bot_event_count"][:known])
    own = np.where(by_program, 0, rows["internal_event_count"][:known])
    counting = events - bots - own

    named = whose != NOBODY

    def of_person(values: Ints) -> Ints:
        return summed(whose[named], values[named], count).astype(np.int64)

    all_events, bot_events, own_events = of_person(events), of_person(bots), of_person(own)
    last_day = np.full(count, -1, np.int64)
    human = named & (counting > 0)
    # the rows stand in order of their day, and of several the last one is kept
    last_day[whose[human]] = rows["day"][:known][human]
    is_excluded = (
        (bot_events + own_events == all_events)
        | _with_internal_user(history, person)
        | _by_address(history, person, slice_person, day)
    )
    return Standing(
        day=day,
        person=person,
        slice_person=slice_person,
        is_flagged=is_flagged,
        event_count=of_person(counting),
        last_day=last_day,
        is_present=(all_events > 0) & ~is_excluded,
    )


def _with_internal_user(history: History, person: Ints) -> Flags:
    found = np.zeros(history.node_count, np.bool_)
    found[person[history.nodes["is_internal_user"].astype(np.bool_)]] = True
    return found


def _by_address(history: History, person: Ints, slice_person: Ints, day: int) -> Flags:
    """People with an address of the company's own, and those whose addresses are all throw-away.

    Addresses on their own events up to `day` count, if they are the person's, or shared ones that
    came together with a user id.
    """
    rows = history.addresses
    email_class = history.nodes["email_class"]
    is_linkable = history.nodes["is_linkable"].astype(np.bool_)
    whose, node = slice_person[rows["slice"]], rows["node"]
    counts = (rows["day"] <= day) & (whose != NOBODY)
    counts &= (person[node] == whose) | (~is_linkable[node] & rows["has_user_id"].astype(np.bool_))
    whose, node = whose[counts], node[counts]
    internal = np.zeros(history.node_count, np.bool_)
    internal[whose[email_class[node] == "internal"]] = True
    has_any, has_lasting = np.zeros_like(internal), np.zeros_like(internal)
    has_any[whose] = True
    has_lasting[whose[email_class[node] != "disposable"]] = True
    return internal | (has_any & ~has_lasting)
