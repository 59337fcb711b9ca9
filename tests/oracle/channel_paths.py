"""Paths of channels, converting and not, and what each channel of a month is worth by removal.

The chain is solved in fractions, once more for each channel that is taken out of it: nothing is
concluded about one from the solution for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby, pairwise
from math import sqrt

from tests.oracle.attribution import DIRECT, LOOKBACK_DAYS, Attribution, Touchpoint
from tests.oracle.ids import person_id
from tests.oracle.messages import DAY, moment

START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"
STUDENT_T = 2.131449545559323
"""Of fifteen degrees: 95% lie within it on either side."""


@dataclass(frozen=True)
class Path:
    """By which channels a person came until a conversion, or in a month without one."""

    person: str
    conversion: str | None
    month: date
    channels: tuple[str, ...]
    visit_count: int
    ended_at: int


@dataclass(frozen=True)
class ChannelCredit:
    """A channel in a month. Effect, credit and interval are None where nobody converts."""

    month: date
    channel: str
    path_count: int
    conversion_count: int
    removal_effect: float | None
    credit: float | None
    interval: tuple[float, float] | None


Steps = Mapping[tuple[str, str], int]


def paths_of(attribution: Attribution) -> list[Path]:
    """All paths: one a conversion, and one a person and month that has visits and none."""
    paths = []
    for event_id, conversion in attribution.conversions.items():
        visits = attribution.touchpoints[event_id]
        month = _month(conversion.converted_at)
        paths.append(_path(conversion.person, event_id, month, visits, conversion.converted_at))
    converting = {(path.person, path.month) for path in paths}
    for person, visits in attribution.visits.items():
        for month in sorted({_month(visit.touched_at) for visit in visits}):
            if (person, month) not in converting:
                last = max(v.touched_at for v in visits if _month(v.touched_at) == month)
                led = [v for v in visits if 0 <= last - v.touched_at <= LOOKBACK_DAYS * DAY]
                paths.append(_path(person, None, month, sorted(led), last))
    return paths


def channel_credits(paths: Iterable[Path]) -> list[ChannelCredit]:
    """Every channel of every month; people fall into sixteenths by the first digit of their id."""
    found = []
    by_month: dict[date, list[Path]] = {}
    for path in paths:
        by_month.setdefault(path.month, []).append(path)
    for month, own in sorted(by_month.items()):
        sixteenths = {path.person: str(person_id(path.person))[0] for path in own}
        effects = removal_effects(steps_of(own))
        credit = _shares(effects)
        without = [
            _shares(removal_effects(steps_of(p for p in own if sixteenths[p.person] != part)))
            for part in sorted(set(sixteenths.values()))
        ]
        for channel in sorted({name for path in own for name in path.channels}):
            having = [path for path in own if channel in path.channels]
            found.append(
                ChannelCredit(
                    month,
                    channel,
                    len(having),
                    sum(path.conversion is not None for path in having),
                    None if effects is None else float(effects[channel]),
                    None if credit is None else float(credit[channel]),
                    _interval(channel, credit, without),
                )
            )
    return found


def steps_of(paths: Iterable[Path]) -> Steps:
    """How often each step was taken, from the start to the end of each path."""
    steps: Counter[tuple[str, str]] = Counter()
    for path in paths:
        end = NULL if path.conversion is None else CONVERSION
        steps.update(pairwise((START, *path.channels, end)))
    return steps


def removal_effects(steps: Steps) -> dict[str, Fraction] | None:
    """The share of conversions lost without each channel; None where there are none."""
    whole = conversion_probability(steps)
    if whole == 0:
        return None
    channels = {state for step in steps for state in step} - {START, CONVERSION, NULL}
    return {channel: 1 - conversion_probability(steps, channel) / whole for channel in channels}


def conversion_probability(steps: Steps, removed: str | None = None) -> Fraction:
    """How often a path of the chain converts, where whoever comes to `removed` is lost."""
    states = sorted({state for state, _ in steps})
    totals = Counter[str]()
    for (state, _), count in steps.items():
        totals[state] += count
    if START not in states:
        return Fraction(0)
    rows = []
    for state in states:
        row = [Fraction(state == other) for other in states] + [Fraction(0)]
        for (source, target), count in steps.items():
            if source != state or target == removed:
                continue
            if target == CONVERSION:
                row[-1] += Fraction(count, totals[state])
            elif target != NULL:
                row[states.index(target)] -= Fraction(count, totals[state])
        rows.append(row)
    return _solved(rows)[states.index(START)]


def _solved(rows: list[list[Fraction]]) -> list[Fraction]:
    """The solution of a system of equations, its right side the last column."""
    for place in range(len(rows)):
        lead = next(n for n in range(place, len(rows)) if rows[n][place])
        rows[place], rows[lead] = rows[lead], rows[place]
        rows[place] = [cell / rows[place][place] for cell in rows[place]]
        for number, row in enumerate(rows):
            if number != place and row[place]:
                rows[number] = [
                    own - row[place] * cell
                    for own, cell in zip(row, rows[place], strict=True)
                ]  # fmt: skip
    return [row[-1] for row in rows]


def _shares(effects: Mapping[str, Fraction] | None) -> dict[str, Fraction] | None:
    if effects is None:
        return None
    return {channel: effect / sum(effects.values()) for channel, effect in effects.items()}


def _interval(
    channel: str,
    credit: Mapping[str, Fraction] | None,
    without: Sequence[Mapping[str, Fraction] | None],
) -> tuple[float, float] | None:
    if credit is None or None in without:
        return None
    off = [float((one or {}).get(channel, Fraction(0)) - credit[channel]) for one in without]
    margin = STUDENT_T * sqrt(15 / 16 * sum(difference**2 for difference in off))
    share = float(credit[channel])
    return max(share - margin, 0.0), min(share + margin, 1.0)


def _path(
    person: str, conversion: str | None, month: date, visits: Sequence[Touchpoint], ended_at: int
) -> Path:
    channels = tuple(channel for channel, _ in groupby(visit.channel for visit in visits))
    return Path(person, conversion, month, channels or (DIRECT,), len(visits), ended_at)


def _month(at: int) -> date:
    return date.fromisoformat(moment(at)[:10]).replace(day=1)
