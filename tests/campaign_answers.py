"""What the models answer of ad spend, campaigns and journeys, held against the oracle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tests.model_answers import Answers
from tests.oracle import campaigns, journeys
from tests.oracle.ad_spend import Spend
from tests.oracle.campaigns import Figures, Key
from tests.oracle.ids import person_id
from tests.oracle.product import Result
from tests.oracle.rules import Rules
from tests.oracle.visits import Visit, by_person, visits_of

TOLERANCE = 1e-9
LAST_PLACE = Decimal("0.0001")
"""Of an amount: a share of a value is as near to the exact one."""
HIGHEST_RATE = 2

MARTS = "published.marts"


def assert_equal_campaigns(
    answers: Answers, result: Result, spend: Iterable[Spend], rules: Rules
) -> None:
    """Every table of ad spend, campaigns and journeys holds what the oracle has for it."""
    spend = list(spend)
    visits = visits_of(result, rules)
    assert_equal_spend(answers, spend)
    report = campaigns.campaign_report(visits, result.attribution.credits, spend, result.as_of)
    assert_equal_report(answers, report)
    assert_equal_journeys(answers, result, visits)
    assert_equal_ways(answers, result, visits)


def assert_equal_spend(answers: Answers, spend: Iterable[Spend]) -> None:
    """The rows that hold, each once."""
    found = answers.rows(
        f"select spend_date, channel, channel_rule, source, medium, campaign, currency, cost,"
        f" updated_at, properties from {MARTS}.fct_ad_spend"
    )
    expected = [
        (one.day, one.channel, one.channel_rule, one.source, one.medium, one.campaign,
         one.currency, one.cost, one.updated_at, one.properties)
        for one in spend
    ]  # fmt: skip
    assert sorted(map(repr, found)) == sorted(map(repr, expected))


def assert_equal_report(answers: Answers, report: Mapping[Key, Figures]) -> None:
    """Counts to the digit, credit and costs to 1e-9, values to the last place of each share."""
    found: dict[Key, tuple[Any, ...]] = {}
    for row in answers.rows(
        f"""
        select period, period_start, channel, source, medium, campaign, model, currency,
            session_count, engaged_session_count, people_count, identified_people_count,
            hot_people_count, is_whole, conversion_count, value, cost, cost_per_session,
            cost_per_identified_person, cost_per_conversion, return_on_spend
        from {MARTS}.rpt_campaigns
        """
    ):
        period, start, channel, source, medium, campaign, model, currency, *figures = row
        key = (period, start, (channel, source, medium, campaign), model, currency)
        assert key not in found
        found[key] = tuple(figures)
    assert found.keys() == report.keys()
    for key, row in report.items():
        *counts, is_whole, conversion_count, value, cost = found[key][:9]
        people = (len(row.people), len(row.identified), len(row.hot))
        assert counts == [row.session_count, row.engaged_session_count, *people], key
        assert is_whole == row.is_whole, key
        assert abs(float(conversion_count) - row.conversion_count) <= TOLERANCE, key
        assert abs(value - row.value) <= _error(row), key
        assert cost == row.cost, key
        assert_equal_ratios(found[key], row, key)


def _error(row: Figures) -> Decimal:
    return LAST_PLACE * row.credits * HIGHEST_RATE + abs(row.value) / 10**9


def assert_equal_ratios(found: tuple[Any, ...], row: Figures, key: Key) -> None:
    """Costs of one, and the return, from the figures that the row shows."""
    *_, conversion_count, value, cost = found[:9]
    of = (row.session_count, len(row.identified), conversion_count)
    expected = [
        float(cost) / float(count) if row.is_whole and cost > 0 and count > 0 else None
        for count in of
    ]
    expected.append(float(value) / float(cost) if row.is_whole and cost > 0 else None)
    for ours, theirs in zip(found[9:], expected, strict=True):
        assert (ours is None) == (theirs is None), key
        assert ours is None or abs(ours - theirs) <= TOLERANCE * max(1, abs(theirs)), key


def assert_equal_journeys(answers: Answers, result: Result, visits: list[Visit]) -> None:
    """Entry pages, paths, first conversions, delays and cohorts."""
    attribution = result.attribution
    entered = answers.rows(
        f"select month_start, entry_page_class, session_count, engaged_session_count,"
        f" converting_session_count, led_conversion_count, led_people_count"
        f" from {MARTS}.fct_entry_conversions"
    )
    assert_equal_rows(entered, 2, journeys.entry_conversions(visits, attribution.touchpoints))
    paths = answers.rows(
        f"select month_start, page_path, path_count, session_count, engaged_session_count,"
        f" converting_session_count from {MARTS}.fct_page_paths"
    )
    assert_equal_rows(paths, 2, journeys.page_paths(visits))
    firsts = journeys.first_conversions(visits, attribution.conversions.values())
    converted = answers.rows(
        f"select person_id, conversion_id, first_channel, session_count, days_to_convert"
        f" from {MARTS}.fct_first_conversions"
    )
    assert_equal_rows(converted, 1, {(person_id(who),): row for who, row in firsts.items()})
    delays = answers.rows(
        f"select first_channel, measure, step, people_count, people_count_until,"
        f" channel_people_count from {MARTS}.fct_conversion_delays"
    )
    assert_equal_rows(delays, 3, journeys.conversion_delays(firsts.values()))
    cohorts = answers.rows(
        f"select cohort_week, first_channel, weeks_since, cohort_people_count, people_count"
        f" from {MARTS}.fct_cohort_weeks"
    )
    assert_equal_rows(cohorts, 3, journeys.cohort_weeks(visits, result.as_of))


def assert_equal_ways(answers: Answers, result: Result, visits: list[Visit]) -> None:
    """By which channels the first and the latest visit of each person came, if any did."""
    found = answers.rows(
        f"select person_id, first_channel, latest_channel from {MARTS}.dim_people"
        f" where exclusion_reason is null"
    )
    own = by_person(visit for visit in visits if visit.has_page)
    expected: dict[tuple[str], tuple[str | None, str | None]] = {}
    for label, person in result.people.items():
        if person.exclusion is None:
            ways = [visit.campaign[0] for visit in own.get(label, ())]
            expected[person_id(label),] = (ways[0], ways[-1]) if ways else (None, None)
    assert_equal_rows(found, 1, expected)


def assert_equal_rows(
    found: list[tuple[Any, ...]], width: int, expected: Mapping[Any, tuple[Any, ...]]
) -> None:
    """Rows whose first `width` columns are the key."""
    by_key = {row[:width]: row[width:] for row in found}
    assert len(by_key) == len(found)
    assert by_key == dict(expected)
