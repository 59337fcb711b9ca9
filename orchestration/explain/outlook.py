"""What becomes of a person's score: one more event, the way to a band, days without news.

All functions are pure: they know counts of events, a day and the rules. That they say what the
oracle and the published tables say is tested in tests/unit/orchestration/test_outlook.py and
tests/integration/test_explain_equals_the_tables.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from orchestration.explain.ruleset import Rule, Ruleset
from orchestration.explain.standing import Counts, Standing, course_of, standing_on, up_to

HISTORY_DAYS, AHEAD_DAYS = 180, 45
LONGEST_WALK_DAYS = 3_653
"""Ten years: whoever is not cold by then is told to stay as they are."""
LONGEST_WAY = 50
"""Nobody does more things on a day than that for a band."""
_NOTHING = 1e-9
"""What rounding may make of an event beyond its daily cap, which adds nothing."""


@dataclass(frozen=True)
class Lift:
    """What one more event of a rule on the day would make of the score."""

    rule_id: str
    reason: str
    is_done_before: bool
    """Whether the person has such an event."""
    is_hand_raise: bool
    score: float
    gain: float
    """In score, by how much it rises."""
    band: str


@dataclass(frozen=True)
class Step:
    """So many events of a rule."""

    rule_id: str
    reason: str
    event_count: int


@dataclass(frozen=True)
class Way:
    """The fewest events on the day that reach a band, and where they lead."""

    steps: tuple[Step, ...]
    event_count: int
    score: float
    band: str


@dataclass(frozen=True)
class Fall:
    """The first day on which a person without news is in a lower band."""

    on: date
    days: int
    """From the as-of day."""
    band_before: str
    band: str
    score: float
    is_hand_lowered: bool
    """Whether a raised hand ends with it, rather than points."""


@dataclass(frozen=True)
class DayScore:
    """A score at the end of a UTC day."""

    on: date
    score: float
    band: str
    is_raised: bool = False
    """Whether a raised hand makes the band of a score that would not."""


@dataclass(frozen=True)
class Outlook:
    """Where a person stands on the as-of day, what would lift them, what comes without news."""

    standing: Standing
    lifts: tuple[Lift, ...]
    """Every rule of which one more event would count, the largest gain first."""
    next_band: str | None
    """The one above the band of the score; None at the top."""
    next_band_minimum: float | None
    way_up: Way | None
    """By anything but a raised hand; None at the top, or where a day cannot reach it."""
    way_up_by_habit: Way | None
    """By what the person has done before."""
    falls: tuple[Fall, ...]
    history: tuple[DayScore, ...]
    """The last HISTORY_DAYS days, by today's rules and identity."""
    ahead: tuple[DayScore, ...]
    """The next AHEAD_DAYS days, without news."""


def outlook(counts: Counts, as_of: date, ruleset: Ruleset) -> Outlook:
    """All of it for one person; what happened after `as_of` is left out."""
    standing = standing_on(counts, as_of, ruleset)
    above = ruleset.band_above(standing.score_band)
    way_up = habit = None
    if above is not None:
        others = [rule for rule in ruleset.rules if not rule.is_hand_raise]
        done = [rule for rule in others if _is_done(counts, rule, as_of)]
        way_up = way_to(above.minimum_score, counts, as_of, ruleset, others)
        habit = way_to(above.minimum_score, counts, as_of, ruleset, done)
    return Outlook(
        standing=standing,
        lifts=lifts(counts, as_of, ruleset),
        next_band=above.band if above else None,
        next_band_minimum=above.minimum_score if above else None,
        way_up=way_up,
        way_up_by_habit=habit,
        falls=falls(counts, as_of, ruleset),
        history=history(counts, as_of, ruleset),
        ahead=forecast(counts, as_of, ruleset, AHEAD_DAYS),
    )


def lifts(counts: Counts, as_of: date, ruleset: Ruleset) -> tuple[Lift, ...]:
    """What one more event on the day would make of it, for each rule that it would count for."""
    course = course_of(counts, ruleset)
    before = course.standing_on(as_of)
    found = []
    for rule in ruleset.rules:
        after = course.with_more(rule.rule_id, as_of).standing_on(as_of)
        if after.score > before.score + _NOTHING or after.band != before.band:
            found.append(
                Lift(
                    rule_id=rule.rule_id,
                    reason=rule.reason,
                    is_done_before=_is_done(counts, rule, as_of),
                    is_hand_raise=rule.is_hand_raise,
                    score=after.score,
                    gain=after.score - before.score,
                    band=after.band,
                )
            )
    return tuple(sorted(found, key=lambda lift: (-lift.gain, lift.rule_id)))


def way_to(
    minimum_score: float, counts: Counts, as_of: date, ruleset: Ruleset, allowed: list[Rule]
) -> Way | None:
    """The fewest further events of `allowed` rules on the day that reach a score.

    The one that adds most is taken each time. As each next event of a rule adds no more than the
    one before, and rules add up, no choice of fewer gets there; rules with the cap of a group could
    in theory be an exception. None where not even LONGEST_WAY events reach it.
    """
    taken: dict[str, int] = {}
    course = course_of(counts, ruleset)
    standing = course.standing_on(as_of)
    for _ in range(LONGEST_WAY):
        if round(standing.score, 9) >= minimum_score:
            break
        best = None
        for rule in allowed:
            more = course.with_more(rule.rule_id, as_of)
            after = more.standing_on(as_of)
            if after.points > (best[0] if best else standing).points + _NOTHING:
                best = after, more, rule
        if best is None:
            return None
        standing, course, rule = best
        taken[rule.rule_id] = taken.get(rule.rule_id, 0) + 1
    if round(standing.score, 9) < minimum_score:
        return None
    steps = tuple(
        Step(rule_id, ruleset.by_id[rule_id].reason, count) for rule_id, count in taken.items()
    )
    return Way(steps, sum(taken.values()), standing.score, standing.band)


def falls(counts: Counts, as_of: date, ruleset: Ruleset) -> tuple[Fall, ...]:
    """The days on which the band falls if nothing more happens, found by walking day by day.

    Up to the lowest band, or LONGEST_WALK_DAYS ahead.
    """
    found: list[Fall] = []
    lowest = ruleset.bands[-1].band
    course = course_of(up_to(counts, as_of), ruleset)
    before = course.standing_on(as_of)
    for days in range(1, LONGEST_WALK_DAYS + 1):
        if before.band == lowest:
            break
        on = as_of + timedelta(days=days)
        now = course.standing_on(on)
        if now.band != before.band:
            found.append(
                Fall(
                    on=on,
                    days=days,
                    band_before=before.band,
                    band=now.band,
                    score=now.score,
                    is_hand_lowered=before.raised_until is not None and now.raised_until is None,
                )
            )
        before = now
    return tuple(found)


def history(
    counts: Counts, as_of: date, ruleset: Ruleset, days: int = HISTORY_DAYS
) -> tuple[DayScore, ...]:
    """The score at the end of each of the `days` days up to the as-of day, that one the last."""
    return tuple(_day_scores(counts, as_of - timedelta(days=days - 1), as_of, ruleset))


def forecast(counts: Counts, as_of: date, ruleset: Ruleset, days: int) -> tuple[DayScore, ...]:
    """The score at the end of each of the `days` days after the as-of day, without news."""
    known = up_to(counts, as_of)
    return tuple(
        _day_scores(known, as_of + timedelta(days=1), as_of + timedelta(days=days), ruleset)
    )


def _day_scores(counts: Counts, first: date, last: date, ruleset: Ruleset) -> Iterator[DayScore]:
    course = course_of(counts, ruleset)
    for place in range((last - first).days + 1):
        on = first + timedelta(days=place)
        standing = course.standing_on(on)
        is_raised = standing.band != standing.score_band
        yield DayScore(on, standing.score, standing.band, is_raised)


def _is_done(counts: Counts, rule: Rule, as_of: date) -> bool:
    return any(day <= as_of and count for day, count in counts.get(rule.rule_id, {}).items())
