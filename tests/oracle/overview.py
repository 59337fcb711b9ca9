"""The overview: traffic of two periods, the funnel, bands a week ago, and the sentences on top."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from tests.oracle.accounts import Member, roll_up
from tests.oracle.ad_spend import REPORTING_CURRENCY, Spend, reported
from tests.oracle.campaigns import RECENT_DAYS, Figures, Key
from tests.oracle.product import Result
from tests.oracle.rules import SEEDS, Rules
from tests.oracle.scoring import score, score_of_points
from tests.oracle.tables import excluded_traffic
from tests.oracle.visits import Visit, by_person, day_of

CHANGE_DAYS = 7
LATE_SECONDS = 86_400
MODEL = "linear"
READY = ("hot", "warm")
COLD = "cold"
PERSON_SCALE, ACCOUNT_SCALE = 40, 50

Figure = tuple[Decimal, Decimal]
"""Now, and before."""


@dataclass(frozen=True)
class Compared:
    """Somebody now and a week ago; a person by label, an account by domain."""

    band_before: str
    band: str
    score_before: float
    score: float

    @property
    def shown(self) -> tuple[int, int]:
        """Both scores in whole points, now first."""
        return whole(self.score), whole(self.score_before)


def whole(value: float) -> int:
    """The whole points that a score has reached."""
    return math.floor(round(value, 9))


def period_of(day: date, as_of: date) -> str | None:
    """recent, before, or neither."""
    age = (as_of - day).days
    if 0 < age <= RECENT_DAYS:
        return "recent"
    return "before" if RECENT_DAYS < age <= 2 * RECENT_DAYS else None


def traffic_days(
    visits: Iterable[Visit], as_of: date
) -> dict[tuple[date, str], tuple[str, int, int, int]]:
    """Period, sessions, engaged ones and people of each day and channel, of who saw a page."""
    found: dict[tuple[date, str], list[int]] = {}
    for own in by_person(visits).values():
        days: set[date] = set()
        for visit in own:
            if visit.has_page and period_of(visit.date, as_of):
                row = found.setdefault((visit.date, visit.campaign[0]), [0, 0, 0])
                row[0] += 1
                row[1] += visit.is_engaged
                row[2] += visit.date not in days
                days.add(visit.date)
    return {
        key: (str(period_of(key[0], as_of)), row[0], row[1], row[2]) for key, row in found.items()
    }


def traffic_periods(
    visits: Iterable[Visit], result: Result
) -> dict[tuple[str, str], tuple[int, int, int, int, int]]:
    """People of each period and channel, and how many got how far."""
    converted = {
        (one.person, period_of(day_of(one.converted_at), result.as_of))
        for one in result.attribution.conversions.values()
    }
    found: dict[tuple[str, str], list[int]] = {}
    for label, own in by_person(visits).items():
        for period in ("recent", "before"):
            within = [v for v in own if v.has_page and period_of(v.date, result.as_of) == period]
            if not within:
                continue
            steps = [
                True,
                any(visit.is_engaged for visit in within),
                result.people[label].is_identified,
                result.people[label].intent_band in READY,
                (label, period) in converted,
            ]
            row = found.setdefault((period, within[0].campaign[0]), [0] * len(steps))
            *nested, has_converted = steps
            for place in range(len(nested)):
                row[place] += all(nested[: place + 1])
            row[-1] += has_converted
    return {key: (row[0], row[1], row[2], row[3], row[4]) for key, row in found.items()}


def event_days(result: Result) -> dict[date, tuple[int, int]]:
    """Events of each day, and those of them that came late."""
    counts: Counter[date] = Counter()
    late: Counter[date] = Counter()
    for event in result.log.events:
        day = day_of(event.event_at)
        counts[day] += 1
        if event.received_at is not None:
            late[day] += event.received_at - event.event_at > LATE_SECONDS * 1_000_000
    return {day: (count, late[day]) for day, count in counts.items()}


def bands_compared(result: Result, rules: Rules) -> dict[tuple[str, str], Compared]:
    """Identified people and accounts that are or were cool or above."""
    earlier = result.as_of - timedelta(days=CHANGE_DAYS)
    buckets: dict[str, dict[tuple[str, date], int]] = {}
    for (label, rule_id, day), count in result.buckets.items():
        buckets.setdefault(label, {})[rule_id, day] = count
    found: dict[tuple[str, str], Compared] = {}
    members: dict[str, list[Member]] = {}
    for label, person in result.people.items():
        if person.exclusion is not None:
            continue
        own = buckets.get(label, {})
        before = score(own, earlier, rules)
        if person.account_domain is not None:
            members.setdefault(person.account_domain, []).append(Member(label, before.points, own))
        if person.is_identified:
            found["person", label] = Compared(
                before.band,
                person.intent_band,
                score_of_points(before.points, PERSON_SCALE),
                person.intent_score,
            )
    for domain, account in result.accounts.items():
        past = roll_up(domain, members[domain], earlier, rules)
        found["account", domain] = Compared(
            past.account_band,
            account.account_band,
            score_of_points(past.points, ACCOUNT_SCALE),
            account.account_score,
        )
    return {key: one for key, one in found.items() if {one.band, one.band_before} != {COLD}}


def moves(
    compared: Mapping[tuple[str, str], Compared], rules: Rules, id_of: Callable[[str, str], str]
) -> dict[tuple[str, bool], list[tuple[str, Compared]]]:
    """Who rose and who fell, of each type, furthest first; `id_of` breaks ties."""
    height = dict(rules.bands)
    found: dict[tuple[str, bool], list[tuple[str, Compared]]] = {}
    for (kind, name), one in compared.items():
        if one.band != one.band_before:
            is_rise = height[one.band] > height[one.band_before]
            found.setdefault((kind, is_rise), []).append((name, one))
    for (kind, _), moved in found.items():
        moved.sort(
            key=lambda move: (
                -abs(move[1].shown[0] - move[1].shown[1]),
                -move[1].shown[0],
                id_of(kind, move[0]),
            )
        )
    return found


def figures(
    result: Result, visits: Sequence[Visit], spend: Iterable[Spend], rules: Rules
) -> dict[tuple[str, str], Figure]:
    """Every figure by name and subject."""
    told: dict[tuple[str, str], list[Decimal]] = {}
    as_of = result.as_of

    def add(figure: str, subject: str, period: str | None, amount: Decimal | int) -> None:
        row = told.setdefault((figure, subject), [Decimal(), Decimal()])
        if period is not None:
            row[period == "before"] += amount

    for name in _OF_ALL:
        add(name, "all", None, 0)
    for (_, channel), (period, sessions, engaged, _) in traffic_days(visits, as_of).items():
        add("sessions", "all", period, sessions)
        add("engaged_sessions", "all", period, engaged)
        add("channel_sessions", channel, period, sessions)
    for (period, channel), counts in traffic_periods(visits, result).items():
        for step, count in zip(_STEPS, counts, strict=True):
            add(step, "all", period, count)
        add("channel_people", channel, period, counts[0])
    for one in result.attribution.conversions.values():
        period_ = period_of(day_of(one.converted_at), as_of)
        value, currency = reported(one.value, one.currency)
        add("conversions", "all", period_, 1)
        if currency == REPORTING_CURRENCY:
            add("value", "all", period_, value)
    for paid in spend:
        cost, currency = reported(paid.cost, paid.currency)
        if currency == REPORTING_CURRENCY:
            add("cost", "all", period_of(paid.day, as_of), cost)
    for (kind, _), standing in bands_compared(result, rules).items():
        for period, band in (("recent", standing.band), ("before", standing.band_before)):
            if band != COLD:
                add(f"{kind}_band", band, period, 1)
            if band in READY:
                add(_READY_FIGURES[kind], "all", period, 1)
    days = event_days(result)
    for day, (count, late) in days.items():
        add("events", "all", period_of(day, as_of), count)
        add("late_events", "all", period_of(day, as_of), late)
    for row in excluded_traffic(result):
        period_ = period_of(date.fromisoformat(row["event_date"]), as_of)
        add("excluded_events", row["reason"], period_, int(row["event_count"]))
    if past := [day for day in days if day <= as_of]:
        add("days_behind", "all", "recent", (as_of - max(past)).days)
    return {
        key: (_cents(row[0]), _cents(row[1]))
        for key, row in told.items()
        if key[1] == "all" or row[0] > 0 or row[1] > 0
    }


_STEPS = ("people", "engaged_people", "identified_people", "ready_people", "converted_people")
_READY_FIGURES = {"account": "ready_accounts", "person": "ready_identified_people"}
_OF_ALL = (
    *_STEPS, *_READY_FIGURES.values(), "sessions", "engaged_sessions", "conversions", "value",
    "cost", "events", "late_events",
)  # fmt: skip


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def dearest(report: Mapping[Key, Figures]) -> list[tuple[Key, Figures]]:
    """The campaigns of the recent days that cost something, by one model, the dearest first."""
    found = [
        (key, row)
        for key, row in report.items()
        if key[0] == "recent" and key[3] == MODEL and row.cost > 0
    ]

    def place(item: tuple[Key, Figures]) -> tuple[object, ...]:
        (_, _, (channel, source, medium, campaign), _, currency), row = item
        is_last = currency != REPORTING_CURRENCY
        return is_last, -row.cost, source, medium, campaign, channel, currency

    return sorted(found, key=place)


def came_of(key: Key, report: Mapping[Key, Figures]) -> tuple[int | None, int | None, float | None]:
    """Sessions, identified people and conversions, told in the first row of a campaign."""
    own = [other for other, _ in dearest(report) if other[:4] == key[:4]]
    first = min(own, key=lambda other: (other[4] != REPORTING_CURRENCY, other[4]))
    if key != first:
        return None, None, None
    row = report.get((*key[:4], REPORTING_CURRENCY), Figures())
    return row.session_count, len(row.identified), round(row.conversion_count, 9)


def headlines(
    told: Mapping[tuple[str, str], Figure],
    report: Mapping[Key, Figures],
    moved: Mapping[tuple[str, bool], list[tuple[str, Compared]]],
    *,
    is_spend_unrated: bool,
) -> list[tuple[str, str, str]]:
    """Line of the seed, tone and sentence of each, the most important first.

    `is_spend_unrated`: something was spent, now or before, in a currency without a rate.
    """
    found = []
    for rule_id, subject, now, before in _candidates(
        told, report, moved, is_spend_unrated=is_spend_unrated
    ):
        rule = _rules()[rule_id]
        current, earlier = _whole(now), _whole(before)
        difference = _whole(abs(now - before))
        percent = _whole(100 * abs(now - before) / before) if before > 0 else None
        is_small = difference < int(rule["minimum_count"]) or (
            100 * abs(now - before) < Decimal(rule["minimum_percent"]) * before
        )
        is_more = now > before
        if is_small:
            tone, words = "even", rule["words_same"]
        elif is_more:
            from_none = rule["words_from_none"] if earlier == 0 else ""
            words = from_none or rule["words_more"]
            tone = "good" if rule["is_more_good"] == "true" else "bad"
        else:
            words = rule["words_fewer"]
            tone = "bad" if rule["is_more_good"] == "true" else "good"
        for placeholder, text in (
            ("now", f"{current:,}"), ("before", f"{earlier:,}"), ("difference", f"{difference:,}"),
            ("percent", "" if percent is None else f"{percent:,}"), ("unit", REPORTING_CURRENCY),
            ("days", str(RECENT_DAYS)), ("subject", subject),
        ):  # fmt: skip
            words = words.replace(f"{{{placeholder}}}", text)
        if words:
            found.append((int(rule["priority"]), rule_id, tone, words))
    found.sort()
    kept = []
    of_tone: Counter[str] = Counter()
    for _, rule_id, tone, words in found:
        of_tone[tone] += 1
        if of_tone[tone] <= 3:
            kept.append((rule_id, tone, words))
    return kept


def _candidates(
    told: Mapping[tuple[str, str], Figure],
    report: Mapping[Key, Figures],
    moved: Mapping[tuple[str, bool], list[tuple[str, Compared]]],
    *,
    is_spend_unrated: bool,
) -> Iterator[tuple[str, str, Decimal, Decimal]]:
    none = (Decimal(), Decimal())
    for name in ("days_behind", "conversions", "sessions", "ready_accounts"):
        now, before = told.get((name, "all"), none)
        if now > 0 or before > 0:
            yield name, "all", now, before
    channels = {subject: row for (name, subject), row in told.items() if name == "channel_sessions"}
    if channels:
        for sign, name in ((-1, "channel_rise"), (1, "channel_fall")):
            ranked = sorted(channels, key=lambda c: (sign * (channels[c][0] - channels[c][1]), c))
            now, before = channels[ranked[0]]
            if sign * (now - before) < 0:
                yield name, ranked[0], now, before
    for is_rise, name in ((True, "account_rise"), (False, "account_fall")):
        for domain, one in moved.get(("account", is_rise), [])[:1]:
            yield name, domain, Decimal(one.shown[0]), Decimal(one.shown[1])
    value, cost = told["value", "all"], told["cost", "all"]
    conversions = told["conversions", "all"]
    ads = [row for _, row in dearest(report)]
    if value[0] > 0 and ads and all(row.is_whole for row in ads):
        yield (
            "return_on_spend",
            "all",
            sum((row.value for row in ads), Decimal()),
            sum((row.cost for row in ads), Decimal()),
        )
    if min(*cost, *conversions) > 0 and not is_spend_unrated:
        yield "cost_per_conversion", "all", cost[0] / conversions[0], cost[1] / conversions[1]
    converted = {
        key[2][1:]
        for key, row in report.items()
        if key[0] == "recent" and key[3] == MODEL and row.conversion_count > 0
    }
    for (_, _, (_, *words), _, _), row in dearest(report):
        if row.is_whole and tuple(words) not in converted:
            yield "spend_wasted", " / ".join(words), row.cost, Decimal()
            break


def is_spend_unrated(spend: Iterable[Spend], as_of: date) -> bool:
    """Whether something was spent, now or before, in a currency without a rate."""
    return any(
        paid.cost > 0
        and period_of(paid.day, as_of) is not None
        and reported(paid.cost, paid.currency)[1] != REPORTING_CURRENCY
        for paid in spend
    )


def _whole(amount: Decimal) -> int:
    return min(int(amount.quantize(Decimal(1), ROUND_HALF_UP)), 10**15 - 1)


@cache
def _rules() -> Mapping[str, Mapping[str, str]]:
    with (SEEDS / "overview" / "headlines.csv").open(encoding="utf-8", newline="") as file:
        return {row["headline_id"]: row for row in csv.DictReader(file)}
