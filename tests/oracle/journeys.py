"""The ways that lead to a conversion, and who comes again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from tests.oracle.attribution import Conversion, Touchpoint
from tests.oracle.visits import Visit, by_person, day_of, first_channel, month_of, week_of

ALL_OTHERS = "(all other paths)"
PATHS_A_MONTH = 100
COHORT_WEEKS = 26

Counts = tuple[int, ...]


def entry_conversions(
    visits: Iterable[Visit], touchpoints: Mapping[str, Sequence[Touchpoint]]
) -> dict[tuple[date, str], Counts]:
    """By month and class of entry page: visits, engaged, converting; conversions led, people."""
    of_session: dict[str, tuple[date, str]] = {}
    own: dict[tuple[date, str], list[Visit]] = {}
    for visit in visits:
        key = (month_of(visit.date), visit.entry_page_class)
        of_session[visit.session_id] = key
        own.setdefault(key, []).append(visit)
    led = Counter[tuple[date, str]]()
    people: dict[tuple[date, str], set[str]] = {}
    for touched in touchpoints.values():
        if touched:
            key = of_session[touched[0].session_id]
            led[key] += 1
            people.setdefault(key, set()).add(touched[0].person)
    return {
        key: (*_counts(found), led[key], len(people.get(key, ()))) for key, found in own.items()
    }


def page_paths(visits: Iterable[Visit]) -> dict[tuple[date, str], Counts]:
    """By month and path: how many paths, visits, engaged, converting."""
    months: dict[date, dict[str, list[Visit]]] = {}
    for visit in visits:
        months.setdefault(month_of(visit.date), {}).setdefault(visit.page_path, []).append(visit)
    found: dict[tuple[date, str], Counts] = {}
    for month, paths in months.items():
        ranked = sorted(paths, key=lambda path: (-len(paths[path]), path.encode()))
        for path in ranked[:PATHS_A_MONTH]:
            found[month, path] = (1, *_counts(paths[path]))
        if rest := ranked[PATHS_A_MONTH:]:
            others = [visit for path in rest for visit in paths[path]]
            found[month, ALL_OTHERS] = (len(rest), *_counts(others))
    return found


def _counts(visits: Sequence[Visit]) -> tuple[int, int, int]:
    engaged = sum(visit.is_engaged for visit in visits)
    return len(visits), engaged, sum(visit.is_converting for visit in visits)


FirstConversion = tuple[str, str | None, int, int | None]
"""Event of the conversion, first channel, visits with a page until then, days since the first."""


def first_conversions(
    visits: Iterable[Visit], conversions: Iterable[Conversion]
) -> dict[str, FirstConversion]:
    """The first conversion of each person who converted."""
    firsts: dict[str, Conversion] = {}
    for conversion in conversions:
        known = firsts.setdefault(conversion.person, conversion)
        if (conversion.converted_at, conversion.event_id) < (known.converted_at, known.event_id):
            firsts[conversion.person] = conversion
    own = by_person(visits)
    found: dict[str, FirstConversion] = {}
    for person, conversion in firsts.items():
        before = [
            visit
            for visit in own.get(person, [])
            if visit.has_page and visit.started_at <= conversion.converted_at
        ]
        found[person] = (conversion.event_id, None, 0, None)
        if before:
            days = (day_of(conversion.converted_at) - before[0].date).days
            found[person] = (conversion.event_id, before[0].campaign[0], len(before), days)
    return found


def conversion_delays(
    firsts: Iterable[FirstConversion],
) -> dict[tuple[str, str, int], tuple[int, int, int]]:
    """By first channel, measure and step: people, people until then, people of the channel."""
    steps: dict[tuple[str, str], list[int]] = {}
    for _, channel, visit_count, days in firsts:
        if channel is not None and days is not None:
            steps.setdefault((channel, "days"), []).append(days)
            steps.setdefault((channel, "sessions"), []).append(visit_count)
    return {
        (*key, step): (taken.count(step), sum(one <= step for one in taken), len(taken))
        for key, taken in steps.items()
        for step in set(taken)
    }


def cohort_weeks(
    visits: Iterable[Visit], as_of: date
) -> dict[tuple[date, str, int], tuple[int, int]]:
    """By cohort, first channel and weeks since: people of the cohort, people seen."""
    cohorts: dict[tuple[date, str], list[set[date]]] = {}
    for own in by_person(visits).values():
        key = (week_of(own[0].date), first_channel(own))
        cohorts.setdefault(key, []).append({week_of(visit.date) for visit in own})
    found: dict[tuple[date, str, int], tuple[int, int]] = {}
    for (cohort, channel), people in cohorts.items():
        last = max(0, (week_of(as_of) - cohort).days // 7)
        for since in range(min(COHORT_WEEKS, last) + 1):
            week = cohort + timedelta(weeks=since)
            seen = sum(week in weeks for weeks in people)
            found[cohort, channel, since] = (len(people), seen)
    return found
