"""What an outlook says, in words that the text and the page share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from orchestration.console import counted
from orchestration.explain.account_outlook import Arithmetic
from orchestration.explain.outlook import LONGEST_WALK_DAYS, Fall, Lift, Outlook, Way
from orchestration.explain.person import Reason, Uncounted
from orchestration.explain.ruleset import Numbers, Ruleset
from orchestration.explain.standing import Standing
from orchestration.whole_points import whole_score

AGAIN_SHOWN, NEW_SHOWN = 5, 3
"""Lifts that are told: what the person has done before is the likelier news."""
NEXT_TO_NOTHING = 0.05
"""Points that are shown as 0.0."""


@dataclass(frozen=True)
class ToldLift:
    """What one more event would make of it, and all events that would."""

    reasons: tuple[str, ...]
    lift: Lift


def shown_lifts(outlook: Outlook) -> list[ToldLift]:
    """The lifts to be told: of what the person has done before first, each by its effect.

    Events that would come to the same are told together.
    """
    told: list[ToldLift] = []
    for lift in sorted(outlook.lifts, key=lambda each: not each.is_done_before):
        if told and _comes_to_the_same(told[-1].lift, lift):
            told[-1] = ToldLift((*told[-1].reasons, lift.reason), lift)
        else:
            told.append(ToldLift((lift.reason,), lift))
    again = [each for each in told if each.lift.is_done_before]
    return again[:AGAIN_SHOWN] + told[len(again) :][:NEW_SHOWN]


def _comes_to_the_same(one: Lift, other: Lift) -> bool:
    return (
        abs(one.score - other.score) < 1e-9
        and one.band == other.band
        and one.is_done_before == other.is_done_before
        and one.is_hand_raise == other.is_hand_raise
    )


def shown_reasons(reasons: Sequence[Reason], shares: Sequence[int]) -> list[tuple[Reason, int]]:
    """The reasons with their whole shares, but for those of which next to nothing is left."""
    return [
        (reason, share)
        for reason, share in zip(reasons, shares, strict=True)
        if share > 0 or reason.is_hand_raise or reason.saturated_points >= NEXT_TO_NOTHING
    ]


def lift_words(told: ToldLift) -> str:
    """Asked to talk to sales or asked for a demo."""
    first, *others = told.reasons
    return " or ".join([first, *(f"{other[:1].lower()}{other[1:]}" for other in others)])


def lift_band_words(lift: Lift, outlook: Outlook, numbers: Numbers) -> str:
    """`still warm`, `hot`, or until when a raised hand makes somebody hot, whatever the score."""
    still = "still " if lift.band == outlook.standing.band else ""
    if lift.is_hand_raise:
        until = outlook.standing.on + timedelta(days=numbers.hand_raise_days - 1)
        return f"{still}{lift.band}, raised hand until {until.day} {until:%b}"
    return f"{still}{lift.band}"


def score_change_words(before: float, after: float) -> str:
    """58 → 63, in the whole points that people read."""
    return f"{whole_score(before)}\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}{whole_score(after)}"


def way_words(way: Way) -> str:
    """clicked to book a call once, viewed pricing 2 times."""
    return ", ".join(
        f"{step.reason[:1].lower()}{step.reason[1:]} {times(step.event_count)}"
        for step in way.steps
    )


def times(count: int) -> str:
    """once, 2 times."""
    return "once" if count == 1 else f"{count} times"


def way_sentences(outlook: Outlook) -> list[str]:
    """The shortest way to the next band; none at the top."""
    if outlook.next_band is None or outlook.next_band_minimum is None:
        return []
    goal = f"{outlook.next_band} ({whole_score(outlook.next_band_minimum)} or more)"
    if outlook.way_up is None:
        return [f"Nothing done on one day reaches {goal}, a raised hand aside."]
    way, habit = outlook.way_up, outlook.way_up_by_habit
    said = [
        f"The shortest way to {goal}, a raised hand aside:"
        f" {way_words(way)}, on one day: {score_change_words(outlook.standing.score, way.score)}."
    ]
    if habit is None and any(lift.is_done_before for lift in outlook.lifts):
        said.append("What they have done before, done again on one day, does not reach it.")
    elif habit is not None and habit != way:
        said.append(
            f"By what they have done before: {way_words(habit)}:"
            f" {score_change_words(outlook.standing.score, habit.score)}."
        )
    return said


def score_sentence(standing: Standing, numbers: Numbers) -> str:
    """How points become the score."""
    scale = f"{numbers.person_score_scale:g}"
    return (
        f"Score = 100 · (1 − 2^(−points/{scale}))"
        f" = 100 · (1 − 2^(−{standing.points:.4f}/{scale})) = {standing.score:.4f}"
    )


def is_raised_at_all(outlook: Outlook) -> bool:
    """Whether a raised hand makes the band on a day of the history, or will."""
    days = (*outlook.history, *outlook.ahead)
    return any(day.is_raised for day in days)


def raised_sentence(outlook: Outlook) -> str | None:
    """That a raised hand makes the band, where it does."""
    standing = outlook.standing
    if standing.raised_until is None:
        return None
    if standing.score_band == standing.band:
        alone = f"the score alone makes them {standing.band}, too"
    else:
        alone = f"the score alone would make them {standing.score_band}"
    until = day_words(standing.raised_until)
    return f"A raised hand keeps them {standing.band} until {until}; {alone}."


def without_news_sentence(band: str, falls: Sequence[Fall], ruleset: Ruleset) -> str:
    """`Without news: cool on 9 Jul 2026 (in 9 days), cold on 31 Jul 2026 (in 31 days).`"""
    lowest = ruleset.bands[-1].band
    if not falls:
        if band == lowest:
            return f"Without news: stays {band}."
        return f"Without news: stays {band} for more than {LONGEST_WALK_DAYS // 365} years."
    told = ", ".join(
        f"{fall.band} on {day_words(fall.on)} (in {counted(fall.days, 'day')}"
        f"{', when the raised hand ends' if fall.is_hand_lowered else ''})"
        for fall in falls
    )
    return f"Without news: {told}."


def arithmetic_sentences(steps: Arithmetic, numbers: Numbers) -> list[str]:
    """How an account's sum becomes its score, in three lines."""
    scale = numbers.account_score_scale
    counted_active = (
        f"{steps.active_people}"
        if steps.active_people == steps.counted_active_people
        else f"{steps.active_people}, counted as {steps.counted_active_people}"
    )
    return [
        f"Active in {numbers.active_people_days} days: {counted_active}. Bonus: 1 +"
        f" {numbers.diversity_bonus:g} · log2({steps.counted_active_people})"
        f" = {steps.diversity_factor:.4f}",
        f"A = {steps.people_points:.4f} · {steps.diversity_factor:.4f} = {steps.points:.4f}",
        f"Score = 100 · (1 − 2^(−A/{scale:g})) = {steps.score:.4f}",
    ]


def day_words(day: date) -> str:
    """9 Jul 2026."""
    return f"{day.day} {day:%b} {day.year}"


def uncounted_words(uncounted: Uncounted) -> str:
    """Why nothing that a person did counts: `7 events of a bot's agent, 1 that no rule matches`."""
    counts = (
        (uncounted.of_bots, "of a bot's agent"),
        (uncounted.of_own_networks, "from one of your own networks"),
        (uncounted.flagged, "of a visitor flagged as no person"),
        (uncounted.without_rule, "that no rule matches"),
        (uncounted.too_old_or_later, "too long ago, or after that day"),
    )
    told = [(count, words) for count, words in counts if count]
    return ", ".join(
        f"{f'{count:,}' if place else counted(count, 'event')} {words}"
        for place, (count, words) in enumerate(told)
    )


EXCLUDED_WORDS = {
    "bot": "every event is a program's",
    "internal": "one of your own people",
    "disposable": "every address of theirs is a throw-away one",
}
"""What an exclusion_reason of dim_people means."""


def exclusion_words(reason: str) -> str:
    """`internal (one of your own people): not scored, …`."""
    meaning = EXCLUDED_WORDS.get(reason)
    told = f"{reason} ({meaning})" if meaning else reason
    return f"{told}: not scored, in no export, and nothing that they do lifts a score"
