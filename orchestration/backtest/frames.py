"""The frames of a backtest: who stood how on past days, and who converted after each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from orchestration.backtest.history import NEVER, Flags, Floats, History, Ints, up_to
from orchestration.backtest.identity import components_on
from orchestration.backtest.scoring import Rules, Scores, score_people
from orchestration.backtest.standing import Standing, standing_on

Heard = Callable[[int, int], None]
"""Is told how many dates are done, and of how many."""
HORIZON_DAYS = 30
"""Who converts within so many days after a date is what the scores are asked for."""
WEEKS = 26


@dataclass(frozen=True)
class Frames:
    """One element a date and an identified person who had not converted by then.

    `day` is the as-of date; `node` names the person on it (the place of its oldest name in
    History.nodes), `cluster` the person that this is by the end of the log. `idle_days` have passed
    since the last event, of which there were `event_count`. `days_to_conversion` counts from the
    date to the first conversion within HORIZON_DAYS, 0 where there was none.
    """

    day: Ints
    node: Ints
    cluster: Ints
    score: Floats
    points: Floats
    band: Ints
    idle_days: Ints
    event_count: Ints
    days_to_conversion: Ints

    @property
    def converted(self) -> Flags:
        """Whether they converted within the horizon."""
        return self.days_to_conversion > 0

    @property
    def converted_people(self) -> int:
        """How many different people did."""
        return len(np.unique(self.cluster[self.converted]))

    def __len__(self) -> int:
        return len(self.day)


def dates_of(history: History, weeks: int) -> list[int]:
    """The as-of dates, a week apart, the last one HORIZON_DAYS before the log's last whole day.

    Fewer than `weeks` where the log is shorter.
    """
    last = history.last_whole_day - HORIZON_DAYS
    return [day for week in range(weeks) if (day := last - 7 * week) >= history.first_day][::-1]


def frames_of(
    history: History,
    rules: Rules,
    days: Sequence[int],
    on_day: Heard | None = None,
) -> Frames:
    """The frames of `days`, each from what had happened by its end.

    Scores, people and who is left out follow from the log cut at the end of the day; the label from
    the log cut HORIZON_DAYS later. Only `cluster` knows the whole log.
    """
    at_the_end = components_on(history, rules.identifier_limits, NEVER)
    frames = []
    for done, day in enumerate(days):
        if on_day is not None:
            on_day(done, len(days))
        frames.append(frame_on(history, rules, standing_on(history, rules, day), at_the_end))
    return together(frames)


def together(frames: Sequence[Frames]) -> Frames:
    """The frames of several dates as one."""
    if not frames:
        return no_frames()
    return Frames(
        **{one.name: np.concatenate([getattr(frame, one.name) for frame in frames])
           for one in fields(Frames)}
    )  # fmt: skip


def no_frames() -> Frames:
    """What there is of a log without a date to look at."""
    whole, real = np.zeros(0, np.int64), np.zeros(0)
    return Frames(whole, whole, whole, real, real, whole, whole, whole, whole)


@dataclass(frozen=True)
class Buckets:
    """Counts of events that score, one element for each slice, rule and day."""

    person: Ints
    rule: Ints
    day: Ints
    event_count: Ints


def buckets_on(history: History, standing: Standing) -> Buckets:
    """What scores as things stood: of people who are present, and of no program."""
    rows = history.buckets
    known = up_to(rows, standing.day)
    slices = rows["slice"][:known]
    person = standing.slice_person[slices]
    counts = (person >= 0) & ~standing.is_flagged[history.slices["visitor"][slices]]
    counts[counts] = standing.is_present[person[counts]]
    return Buckets(
        person[counts],
        rows["rule"][:known][counts],
        rows["day"][:known][counts],
        rows["event_count"][:known][counts],
    )


def scores_on(history: History, rules: Rules, standing: Standing) -> Scores:
    """The scores of all people (by node) as things stood."""
    found = buckets_on(history, standing)
    return score_people(
        rules,
        history.node_count,
        found.person,
        found.rule,
        found.day,
        found.event_count,
        standing.day,
    )


def frame_on(history: History, rules: Rules, now: Standing, at_the_end: Ints) -> Frames:
    """The frame of one date; at_the_end: of each node the person that it is in the whole log."""
    day = now.day
    later = standing_on(history, rules, day + HORIZON_DAYS)
    has_converted = now.first_conversions(history) <= day
    node = np.flatnonzero(now.is_present & ~has_converted)
    converts_on = later.first_conversions(history, after=day)[later.person[node]]
    scores = scores_on(history, rules, now)
    return Frames(
        day=np.full(len(node), day, np.int64),
        node=node,
        cluster=at_the_end[node],
        score=scores.score[node],
        points=scores.points[node],
        band=scores.band[node],
        idle_days=day - now.last_day[node],
        event_count=now.event_count[node],
        days_to_conversion=np.where(converts_on < NEVER, converts_on - day, 0),
    )
