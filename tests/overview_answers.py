"""What the models answer of the overview, held against the oracle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from tests.model_answers import Answers
from tests.oracle import overview
from tests.oracle.ad_spend import Spend
from tests.oracle.campaigns import campaign_report
from tests.oracle.ids import account_id, person_id
from tests.oracle.overview import Compared
from tests.oracle.product import Result
from tests.oracle.rules import Rules
from tests.oracle.visits import Visit, visits_of

TOLERANCE = 1e-6
CENT = Decimal("0.01")

MARTS = "published.marts"


def assert_equal_overview(
    answers: Answers, result: Result, spend: Iterable[Spend], rules: Rules
) -> None:
    """Every table of the overview holds what the oracle has for it."""
    spend = list(spend)
    visits = visits_of(result, rules)
    assert_equal_traffic(answers, result, visits)
    compared = overview.bands_compared(result, rules)
    assert_equal_bands(answers, compared)
    moved = overview.moves(compared, rules, _entity_id)
    assert_equal_moves(answers, moved)
    told = overview.figures(result, visits, spend, rules)
    assert_equal_figures(answers, told)
    report = campaign_report(visits, result.attribution.credits, spend, result.as_of)
    assert answers.rows(
        f"select channel, source, medium, campaign, currency, cost, session_count,"
        f" identified_people_count, round(conversion_count, 9)::double"
        f" from {MARTS}.rpt_overview_campaigns order by campaign_rank"
    ) == [
        (*key[2], key[4], row.cost, *overview.came_of(key, report))
        for key, row in overview.dearest(report)
    ]
    assert answers.rows(
        f"select headline_id, tone, sentence from {MARTS}.rpt_overview_headlines"
        f" order by headline_rank"
    ) == overview.headlines(
        told, report, moved, is_spend_unrated=overview.is_spend_unrated(spend, result.as_of)
    )


def assert_equal_traffic(answers: Answers, result: Result, visits: Sequence[Visit]) -> None:
    """Days, periods and events, to the digit."""
    days = answers.rows(
        f"select visit_date, channel, period, session_count, engaged_session_count, people_count"
        f" from {MARTS}.fct_traffic_days"
    )
    assert {row[:2]: row[2:] for row in days} == overview.traffic_days(visits, result.as_of)
    periods = answers.rows(
        f"select period, channel, people_count, engaged_people_count, identified_people_count,"
        f" ready_people_count, converted_people_count from {MARTS}.fct_traffic_periods"
    )
    assert {row[:2]: row[2:] for row in periods} == overview.traffic_periods(visits, result)
    events = answers.rows(
        f"select event_date, event_count, late_event_count from {MARTS}.fct_event_days"
    )
    assert {row[0]: row[1:] for row in events} == overview.event_days(result)


def assert_equal_bands(answers: Answers, compared: dict[tuple[str, str], Compared]) -> None:
    """Bands to the letter, scores to 1e-6."""
    rows = answers.rows(
        f"select entity_type, entity_id, band_before, band, score_before, score"
        f" from {MARTS}.fct_bands_compared"
    )
    found = {(kind, entity): figures for kind, entity, *figures in rows}
    expected = {(kind, _entity_id(kind, name)): one for (kind, name), one in compared.items()}
    assert found.keys() == expected.keys()
    for key, one in expected.items():
        band_before, band, score_before, score = found[key]
        assert (band_before, band) == (one.band_before, one.band), key
        assert abs(score_before - one.score_before) <= TOLERANCE, key
        assert abs(score - one.score) <= TOLERANCE, key


def assert_equal_moves(
    answers: Answers, moved: dict[tuple[str, bool], list[tuple[str, Compared]]]
) -> None:
    """Who moved, in order."""
    rows = answers.rows(
        f"select entity_type, is_rise, entity_id, band_before, band, shown_score,"
        f" shown_score_before, move_rank from {MARTS}.rpt_overview_moves"
    )
    assert sorted(rows) == sorted(
        (kind, is_rise, _entity_id(kind, name), one.band_before, one.band, *one.shown, place)
        for (kind, is_rise), own in moved.items()
        for place, (name, one) in enumerate(own, 1)
    )


def assert_equal_figures(
    answers: Answers, told: dict[tuple[str, str], tuple[Decimal, Decimal]]
) -> None:
    """Counts to the digit, amounts to the cent."""
    rows = answers.rows(
        f"select figure, subject, current_value, earlier_value from {MARTS}.rpt_overview_figures"
    )
    found = {row[:2]: row[2:] for row in rows}
    assert len(found) == len(rows)
    assert found.keys() == told.keys()
    for key, figures in told.items():
        for ours, theirs in zip(found[key], figures, strict=True):
            assert abs(ours - theirs) <= (CENT if key[0] in {"value", "cost"} else 0), key


def _entity_id(kind: str, name: str) -> UUID:
    return person_id(name) if kind == "person" else account_id(name)
