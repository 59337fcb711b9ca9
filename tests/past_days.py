"""Logs that are cut at a day, and the frames of a backtest as the oracle has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from orchestration.backtest.backtesting import Past
from orchestration.backtest.frames import HORIZON_DAYS, frames_of
from orchestration.backtest.history import day_number, day_of, read_history
from orchestration.backtest.scoring import read_rules
from tests.compiled_models import CompiledModels
from tests.oracle.override_strategies import rows_and_overrides
from tests.oracle.overrides import read_overrides
from tests.oracle.product import Result, run_rows
from tests.oracle.rules import Rules
from tests.oracle.traffic_strategies import suspicious_rows

Table = Sequence[Mapping[str, Any]]
Rows = list[dict[str, Any]]
MODELS = (
    "int_links_found", "int_overrides_read", "int_nodes_owned", "int_slices_owned",
    "int_slices_cut", "int_slices_counted", "int_slice_days_counted", "int_buckets_counted",
    "int_events_placed", "int_conversions_valued", "int_visitor_days_measured",
)  # fmt: skip
"""What a backtest reads."""


@dataclass(frozen=True)
class Row:
    """A person on a date; `converted_after` is in days, None for not within the horizon."""

    score: float
    band: str
    event_count: int
    idle_days: int
    converted_after: int | None


Answers = Mapping[tuple[date, str], Row]
"""By date and label of the person's oldest name."""


def assert_same(some: Answers, others: Answers) -> None:
    """The same people on the same dates, who stand alike; scores to nine places."""
    assert {place: replace(row, score=0.0) for place, row in some.items()} == {
        place: replace(row, score=0.0) for place, row in others.items()
    }
    apart = {place: row.score - others[place].score for place, row in some.items()}
    assert {place: by for place, by in apart.items() if abs(by) > 1e-9} == {}


def found(models: CompiledModels, days: Sequence[date]) -> Answers:
    """What a backtest says of the log that the models were run on."""
    past = past_of(models)
    if past.history is None:
        return {}
    frames = frames_of(past.history, past.rules, [day_number(day) for day in days])
    return {
        (day_of(frames.day[at]), str(past.history.nodes["node_id"][frames.node[at]])): Row(
            float(frames.score[at]),
            past.rules.band_names[frames.band[at]],
            int(frames.event_count[at]),
            int(frames.idle_days[at]),
            int(frames.days_to_conversion[at]) or None,
        )
        for at in range(len(frames))
    }


def past_of(models: CompiledModels) -> Past:
    """The log that the models were run on, and the rules, as a backtest reads them."""
    models.connection.execute("use warehouse")
    return Past(read_history(models.connection), read_rules(models.connection))


def expected(
    rows: Table, days: Sequence[date], rules: Rules, overrides: Sequence[Mapping[str, str]] = ()
) -> Answers:
    """What the oracle says on the logs cut at the end of each date, and HORIZON_DAYS later."""
    answers: dict[tuple[date, str], Row] = {}
    for day in days:
        now, later = (
            run_rows(_cut(rows, end), end, rules, read_overrides(overrides, rules))
            for end in (day, day + timedelta(days=HORIZON_DAYS))
        )
        converted = {one.person for one in now.attribution.conversions.values()}
        counted = _counted(now)
        for label, person in now.people.items():
            if person.is_identified and not person.exclusion and label not in converted:
                count, last = counted[label]
                answers[day, label] = Row(
                    person.intent_score,
                    person.intent_band,
                    count,
                    (day - last).days,
                    _converted_after(later, label, day),
                )
    return answers


def _cut(rows: Table, day: date) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["event_at"].date() <= day]


def _counted(result: Result) -> dict[str, tuple[int, date]]:
    """Of each person the events that are nobody's but theirs, and the day of the last one."""
    counted: dict[str, tuple[int, date]] = {}
    for event in result.log.events:
        answer = result.events[event.event_id]
        if answer.person and not answer.is_bot and answer.flag is None:
            count, last = counted.get(answer.person, (0, date.min))
            day = datetime.fromtimestamp(event.event_at // 1_000_000, UTC).date()
            counted[answer.person] = count + 1, max(last, day)
    return counted


def _converted_after(later: Result, label: str, day: date) -> int | None:
    person = next(
        person for node, person in later.identity.person_of_node.items() if node.label == label
    )
    days = [
        (datetime.fromtimestamp(each.converted_at // 1_000_000, UTC).date() - day).days
        for each in later.attribution.conversions.values()
        if each.person == person
    ]
    return min((after for after in days if after > 0), default=None)


@st.composite
def rows_over_days(draw: st.DrawFn, rows: Rows) -> Rows:
    """The same rows, some of them days later: evidence that a cut has before and after it."""
    shifts = draw(st.lists(st.sampled_from((0, 0, 1, 2, 30)), min_size=len(rows),
                           max_size=len(rows)))  # fmt: skip
    return [
        {**row, "event_at": row["event_at"] + timedelta(days=shift)}
        for row, shift in zip(rows, shifts, strict=True)
    ]


@st.composite
def logs(draw: st.DrawFn, rules: Rules) -> tuple[Rows, Rows]:
    """Rows of raw.events that link a lot or look like programs, and overrides."""
    if draw(st.integers(0, 3)) == 0:
        rows, overrides = draw(suspicious_rows(rules)), []
    else:
        rows, overrides = draw(rows_and_overrides(rules))
    return draw(rows_over_days(rows)), overrides


def days_of(rows: Rows) -> list[date]:
    """Each day on which something happens, and the day before the first."""
    days = sorted({row["event_at"].date() for row in rows})
    return [day - timedelta(days=1) for day in days[:1]] + days
