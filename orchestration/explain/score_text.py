"""A person's score as text: reasons and rules with their points, lifts, what comes without news."""

from __future__ import annotations

from typing import TextIO

from orchestration import console
from orchestration.explain import sentences
from orchestration.explain.lines import EVENT_WIDTH, REASON_WIDTH, line, paragraph
from orchestration.explain.outlook import Outlook
from orchestration.explain.person import PersonExplained, Reason
from orchestration.whole_points import whole_shares


def print_news(outlook: Outlook, person: PersonExplained, out: TextIO) -> None:
    """A raised hand, and when the band falls."""
    if raised := sentences.raised_sentence(outlook):
        line("Hand", raised, out)
    band = outlook.standing.band
    said = sentences.without_news_sentence(band, outlook.falls, person.ruleset)
    line("Outlook", said, out)


def print_reasons(person: PersonExplained, out: TextIO) -> None:
    """Each day of a rule, and each rule, with their points."""
    if not person.reasons or person.profile is None or person.outlook is None:
        return
    print("\nReasons: the points of each day before and after decay and saturation", file=out)
    shares = whole_shares(
        [each.score_share for each in person.reasons], person.profile.intent_score
    )
    saturated = sum(each.saturated_points for each in person.reasons)
    shown = sentences.shown_reasons(person.reasons, shares)
    faded = len(person.reasons) - len(shown)
    console.table(
        ["day", "worth", "left", "adds", "share", "reason"],
        [
            (each.event_date, *_points(each), share, console.cut(each.reason, REASON_WIDTH))
            for each, share in shown
        ]
        + ([("", "", "0.0", "0.0", 0, _faded_words(faded))] if faded else [])
        + [("", "", "", console.score(saturated), sum(shares), "sum: the score")],
        right=["worth", "left", "adds", "share"],
        indent=2,
        out=out,
    )
    for each in person.reasons:
        if each.is_hand_raise:
            paragraph(
                "A raised hand adds no points and makes the band"
                f" {person.profile.intent_band} while it lasts: {each.reason}",
                out,
            )
    _print_rules(person.outlook, person, out)


def _points(reason: Reason) -> tuple[str, str, str]:
    if reason.is_hand_raise:
        return "", "", ""
    return (
        console.score(reason.worth_points),
        console.score(reason.decayed_points),
        console.score(reason.saturated_points),
    )


def _faded_words(days: int) -> str:
    return f"{console.counted(days, 'day')} of which next to nothing is left"


def _print_rules(outlook: Outlook, person: PersonExplained, out: TextIO) -> None:
    print("\nRules: R is what is left of their days, Y what saturation lets through", file=out)
    rules = person.ruleset.by_id
    standing = outlook.standing
    shares = whole_shares([each.score_share for each in standing.rules], standing.score)
    console.table(
        ["rule", "weight", "cap", "half-life", "R", "at most", "Y", "points", "share"],
        [
            (
                console.cut(each.rule_id, 26),
                f"{rules[each.rule_id].weight:g}",
                f"{rules[each.rule_id].daily_cap} a day",
                f"{rules[each.rule_id].half_life_days:g} days",
                console.score(each.decayed_points),
                f"{rules[each.rule_id].saturation:g}",
                console.score(each.saturated_points),
                console.score(each.points),
                share,
            )
            for each, share in zip(standing.rules, shares, strict=True)
        ]
        + [("", "", "", "", "", "", "", console.score(standing.points), sum(shares))],
        right=["weight", "cap", "half-life", "R", "at most", "Y", "points", "share"],
        indent=2,
        out=out,
    )
    paragraph(sentences.score_sentence(standing, person.ruleset.numbers), out)


def print_lifts(outlook: Outlook, person: PersonExplained, out: TextIO) -> None:
    """What one more event would make of it, and the way to the next band."""
    found = sentences.shown_lifts(outlook)
    if not found:
        return
    print(f"\nOne more event on {outlook.standing.on} would make of it", file=out)
    console.table(
        ["event", "", "score", "band"],
        [
            (
                console.cut(sentences.lift_words(each), EVENT_WIDTH),
                "again" if each.lift.is_done_before else "new",
                sentences.score_change_words(outlook.standing.score, each.lift.score),
                sentences.lift_band_words(each.lift, outlook, person.ruleset.numbers),
            )
            for each in found
        ],
        right=["score"],
        indent=2,
        out=out,
    )
    for said in sentences.way_sentences(outlook):
        paragraph(said, out)
