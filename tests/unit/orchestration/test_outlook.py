"""What an outlook says of a score is what the oracle says of the log with that event, or later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations_with_replacement, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.explain.account_outlook import (
    account_falls,
    account_history,
    account_on,
    courses_of,
)
from orchestration.explain.outlook import falls, forecast, history, lifts, outlook, way_to
from orchestration.explain.ruleset import Band, Numbers, Rule, Ruleset
from orchestration.explain.standing import Counts, standing_on
from tests.capped_groups import rules_with_groups
from tests.oracle import scoring
from tests.oracle.accounts import Member, roll_up
from tests.oracle.log import Event
from tests.oracle.rules import Rules, load_rules

AS_OF = date(2028, 3, 1)
PLAIN = load_rules()
GROUPED = rules_with_groups(PLAIN)
PAGES = {"home": "/", "case_study": "/customers"}
"""Paths of classes of pages; of all others the path is the name."""
AGES = (0, 1, 5, 7, 13, 14, 30, 90, 140, 141, 420, 600, 601)
"""Today, at the end of a raised hand, and at the end of memory."""
EXACT = 1e-9

logs = st.lists(
    st.tuples(
        st.sampled_from([rule.rule_id for rule in PLAIN.scoring]),
        st.sampled_from(AGES).map(lambda age: AS_OF - timedelta(days=age)),
    ),
    max_size=14,
)
rulesets = st.sampled_from((PLAIN, GROUPED))


def ruleset(rules: Rules) -> Ruleset:
    """The oracle's rules as `intent explain` finds them published."""
    return Ruleset(
        rules=tuple(
            Rule(
                rule_id=rule.rule_id,
                reason=rule.rule_id,
                weight=rule.weight,
                half_life_days=rule.half_life_days,
                daily_cap=int(rule.daily_cap),
                saturation=rule.saturation,
                is_hand_raise=rule.is_hand_raise,
                score_group=rule.group,
                group_cap=rules.group_caps.get(rule.group or ""),
            )
            for rule in rules.scoring
        ),
        bands=tuple(Band(*band) for band in rules.bands),
        numbers=Numbers("test", 40, 20, 14, 50, 0.5, 0.15, 8, 14),
    )


def events(log: Iterable[tuple[str, date]]) -> list[Event]:
    """An event for each, of which the oracle finds the rule by itself."""
    rules = {rule.rule_id: rule for rule in PLAIN.scoring}
    made = []
    for place, (rule_id, day) in enumerate(log):
        rule = rules[rule_id]
        path = PAGES.get(rule.page_class or "", f"/{(rule.page_class or '').replace('_', '-')}")
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        made.append(
            Event(
                event_id=f"e{place}",
                event_type=rule.event_type or "page",
                event_name=rule.event_name,
                anonymous_id="d1",
                user_id=None,
                email=None,
                previous_id=None,
                event_at=int(at.timestamp()) * 1_000_000,
                received_at=None,
                page_url=f"https://www.example.com{path}" if rule.page_class else None,
                page_referrer=None,
                user_agent=None,
                ip_prefix=None,
                is_denied=False,
                is_from_access_log=False,
                said=(),
                stated=(None, None),
            )
        )
    return made


def counts(log: Iterable[tuple[str, date]]) -> Counts:
    """The same as counts by rule and day."""
    made: dict[str, Counter[date]] = {}
    for rule_id, day in log:
        made.setdefault(rule_id, Counter())[day] += 1
    return made


def by_the_oracle(log: Iterable[tuple[str, date]], on: date, rules: Rules) -> scoring.Score:
    return scoring.score(scoring.count_buckets(events(log), rules), on, rules)


def test_the_events_of_these_tests_are_each_of_their_rule() -> None:
    log = [(rule.rule_id, AS_OF) for rule in PLAIN.scoring]
    found = [scoring.rule_of(event, PLAIN) for event in events(log)]
    assert [rule.rule_id if rule else None for rule in found] == [rule_id for rule_id, _ in log]


@given(log=logs, rules=rulesets)
def test_a_standing_is_the_oracles_score_band_and_shares(
    log: list[tuple[str, date]], rules: Rules
) -> None:
    expected = by_the_oracle(log, AS_OF, rules)
    found = standing_on(counts(log), AS_OF, ruleset(rules))
    assert found.score == pytest.approx(expected.intent_score, abs=EXACT)
    assert found.points == pytest.approx(expected.points, abs=EXACT)
    assert found.band == expected.band
    shares: dict[str, float] = {}
    for reason in expected.reasons:
        if not reason.rule_id.endswith("_hand_raise"):
            shares[reason.rule_id] = shares.get(reason.rule_id, 0.0) + reason.score_share
    of_rules = {each.rule_id: each.score_share for each in found.rules}
    assert set(of_rules) <= set(shares)
    assert shares == pytest.approx(dict.fromkeys(shares, 0.0) | of_rules, abs=EXACT)


@given(log=logs, rules=rulesets)
def test_a_lift_is_the_oracles_score_of_the_log_with_that_event(
    log: list[tuple[str, date]], rules: Rules
) -> None:
    before = by_the_oracle(log, AS_OF, rules)
    found = {lift.rule_id: lift for lift in lifts(counts(log), AS_OF, ruleset(rules))}
    for rule in rules.scoring:
        after = by_the_oracle([*log, (rule.rule_id, AS_OF)], AS_OF, rules)
        lift = found.get(rule.rule_id)
        if lift is None:
            assert after.intent_score == pytest.approx(before.intent_score, abs=2 * EXACT)
            assert after.band == before.band
        else:
            assert lift.score == pytest.approx(after.intent_score, abs=EXACT)
            assert lift.gain == pytest.approx(after.intent_score - before.intent_score, abs=EXACT)
            assert lift.band == after.band
            assert lift.is_done_before == any(rule_id == rule.rule_id for rule_id, _ in log)


@given(log=logs, rules=rulesets)
def test_the_band_falls_on_the_days_on_which_the_oracles_does(
    log: list[tuple[str, date]], rules: Rules
) -> None:
    found = falls(counts(log), AS_OF, ruleset(rules))
    last = found[-1].days if found else 0
    bands = [by_the_oracle(log, AS_OF + timedelta(days=days), rules).band
             for days in range(last + 3)]  # fmt: skip
    changes = [
        (days, before, now)
        for days, (before, now) in enumerate(pairwise(bands), 1)
        if now != before
    ]
    assert [(fall.days, fall.band_before, fall.band) for fall in found] == changes
    assert bands[-1] == "cold"
    for fall in found:
        later = by_the_oracle(log, fall.on, rules)
        assert fall.on == AS_OF + timedelta(days=fall.days)
        assert fall.score == pytest.approx(later.intent_score, abs=EXACT)


@given(log=logs, rules=rulesets)
def test_history_and_forecast_are_the_oracles_scores_of_those_days(
    log: list[tuple[str, date]], rules: Rules
) -> None:
    known = counts(log)
    days = (
        *history(known, AS_OF, ruleset(rules), days=16),
        *forecast(known, AS_OF, ruleset(rules), days=15),
    )
    assert [each.on for each in days] == [AS_OF + timedelta(days=n) for n in range(-15, 16)]
    for each in days:
        expected = by_the_oracle(log, each.on, rules)
        assert each.score == pytest.approx(expected.intent_score, abs=EXACT)
        assert each.band == expected.band


@given(log=logs, later=st.sampled_from([rule.rule_id for rule in PLAIN.scoring]))
def test_what_happened_after_the_day_changes_nothing_of_it(
    log: list[tuple[str, date]], later: str
) -> None:
    after = counts([*log, (later, AS_OF + timedelta(days=1))])
    assert outlook(after, AS_OF, ruleset(PLAIN)) == outlook(counts(log), AS_OF, ruleset(PLAIN))


FEW = ("pricing_view", "docs_view", "report_form_submit", "compare_view")


@given(log=logs, goal=st.sampled_from((15.0, 40.0, 70.0)))
def test_no_choice_of_fewer_events_is_a_way_up(log: list[tuple[str, date]], goal: float) -> None:
    rules = ruleset(PLAIN)
    known = counts(log)
    way = way_to(goal, known, AS_OF, rules, [rules.by_id[rule_id] for rule_id in FEW])
    shortest = None
    for size in range(5):
        reached = []
        for more in combinations_with_replacement(FEW, size):
            with_these = [*log, *((rule_id, AS_OF) for rule_id in more)]
            reached.append(standing_on(counts(with_these), AS_OF, rules).score)
        if round(max(reached), 9) >= goal:
            shortest = size
            break
    if shortest is not None:
        assert way is not None
        assert way.event_count == shortest
    if way is not None:
        taken = [(step.rule_id, AS_OF) for step in way.steps for _ in range(step.event_count)]
        assert len(taken) == way.event_count
        expected = by_the_oracle([*log, *taken], AS_OF, PLAIN)
        assert way.score == pytest.approx(expected.intent_score, abs=EXACT)
        assert round(way.score, 9) >= goal


def test_a_band_beyond_what_a_day_can_do_has_no_way() -> None:
    rules = ruleset(PLAIN)
    assert way_to(70, {}, AS_OF, rules, [rules.by_id["blog_view"]]) is None
    assert way_to(70, {}, AS_OF, rules, []) is None


def test_a_raised_hand_ends_after_its_fourteenth_day_and_says_so() -> None:
    known = {"demo_request": {AS_OF - timedelta(days=3): 1}}
    weak = replace(ruleset(PLAIN).by_id["demo_request"], weight=20)
    rules = ruleset(PLAIN)
    rules = replace(rules, rules=tuple(weak if each.rule_id == weak.rule_id else each
                                       for each in rules.rules))  # fmt: skip
    found = outlook(known, AS_OF, rules)
    assert (found.standing.band, found.standing.score_band) == ("hot", "cool")
    assert found.standing.raised_until == AS_OF + timedelta(days=10)
    assert (found.falls[0].days, found.falls[0].band) == (11, "cool")
    assert [fall.is_hand_lowered for fall in found.falls] == [True, False]
    assert found.next_band == "warm"


def test_nothing_done_is_cold_and_stays_so_and_everything_would_lift_it() -> None:
    found = outlook({}, AS_OF, ruleset(PLAIN))
    assert (found.standing.score, found.standing.band, found.falls) == (0, "cold", ())
    assert len(found.lifts) == len(PLAIN.scoring)
    assert found.lifts[0].is_hand_raise
    assert found.way_up is not None
    assert (found.way_up.event_count, found.next_band) == (1, "cool")
    assert found.way_up_by_habit is None


def test_an_event_beyond_the_cap_of_its_day_is_no_lift() -> None:
    known = {"pricing_view": {AS_OF: 2}}
    found = {lift.rule_id for lift in lifts(known, AS_OF, ruleset(PLAIN))}
    assert "pricing_view" not in found
    assert "docs_view" in found


crowds = st.dictionaries(st.sampled_from("abcdefgh"), logs, min_size=1)


@given(crowd=crowds, rules=rulesets)
def test_an_accounts_arithmetic_is_the_oracles_on_every_day(
    crowd: dict[str, list[tuple[str, date]]], rules: Rules
) -> None:
    people = {person: counts(log) for person, log in crowd.items()}
    for on in (AS_OF, AS_OF + timedelta(days=9)):
        expected = account_by_the_oracle(crowd, on, rules)
        found = account_on(courses_of(people, ruleset(rules)), on, ruleset(rules))
        assert found.score == pytest.approx(expected, abs=EXACT)
    [today] = account_history(people, AS_OF, ruleset(rules), days=1)
    assert today.score == pytest.approx(account_by_the_oracle(crowd, AS_OF, rules), abs=EXACT)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 12])
def test_more_active_people_than_eight_add_no_bonus(size: int) -> None:
    crowd = {f"p{n:02d}": [("docs_view", AS_OF - timedelta(days=n))] for n in range(size)}
    people = {person: counts(log) for person, log in crowd.items()}
    found = account_on(courses_of(people, ruleset(PLAIN)), AS_OF, ruleset(PLAIN))
    assert (found.active_people, found.counted_active_people) == (size, min(size, 8))
    assert found.score == pytest.approx(account_by_the_oracle(crowd, AS_OF, PLAIN), abs=EXACT)


@given(crowd=st.dictionaries(st.sampled_from("abc"), logs, min_size=1))
def test_an_accounts_band_falls_on_the_days_on_which_the_oracles_does(
    crowd: dict[str, list[tuple[str, date]]],
) -> None:
    people = {person: counts(log) for person, log in crowd.items()}
    found = account_falls(people, AS_OF, ruleset(PLAIN))
    for fall in found:
        eve = account_by_the_oracle(crowd, fall.on - timedelta(days=1), PLAIN)
        score = account_by_the_oracle(crowd, fall.on, PLAIN)
        assert fall.score == pytest.approx(score, abs=EXACT)
        assert scoring.band_of(eve, PLAIN) == fall.band_before
        assert scoring.band_of(score, PLAIN) == fall.band != fall.band_before
    lowest = (
        found[-1].band
        if found
        else scoring.band_of(account_by_the_oracle(crowd, AS_OF, PLAIN), PLAIN)
    )
    assert lowest == "cold"


def account_by_the_oracle(
    crowd: dict[str, list[tuple[str, date]]], on: date, rules: Rules
) -> float:
    """The score of an account of these people."""
    members = []
    for person, log in crowd.items():
        buckets = scoring.count_buckets(events(log), rules)
        members.append(Member(person, scoring.score(buckets, on, rules).points, buckets))
    return roll_up("north.example", members, on, rules).account_score
