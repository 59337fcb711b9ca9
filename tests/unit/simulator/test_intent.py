"""What the default rules make of the simulated intent, by the plain oracle of the product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from tests.oracle.product import Result, run_lines
from tests.oracle.rules import load_rules
from tests.unit.simulator.conftest import END, SimulatedLog


@pytest.fixture(scope="module")
def result(log: SimulatedLog) -> Result:
    """The oracle's answers at the end of the log."""
    return run_lines(log.lines(), END, load_rules(("example.com",)))


def pairs(labels: Iterable[object]) -> int:
    """Pairs of events with the same label."""
    return sum(count * (count - 1) // 2 for count in Counter(labels).values())


def test_bands_are_a_pyramid(result: Result) -> None:
    bands = Counter(person.intent_band for person in result.people.values())
    assert 1 <= bands["hot"] < bands["warm"] < bands["cool"] < bands["cold"]
    assert bands["hot"] < 0.004 * len(result.people)
    assert bands["cold"] > 0.9 * len(result.people)


def test_some_accounts_of_several_people_are_hot_or_warm_and_most_are_not(result: Result) -> None:
    eager = [a for a in result.accounts.values() if a.account_band in ("hot", "warm")]
    assert sum(len(account.people) > 1 for account in eager) >= 3
    assert len(eager) < 0.5 * len(result.accounts)


def test_people_who_log_in_and_share_no_device_can_be_told_apart_and_together(
    log: SimulatedLog, result: Result
) -> None:
    clear = {
        row["person"]
        for row in log.truth("people")
        if row["logs_in"] == "true" and row["shares_device"] == "false"
    }
    both = [
        (row["person"], result.events[row["event_id"]].person)
        for row in log.truth("events")
        if row["is_attributable"] == "true" and row["person"] in clear
    ]
    together = pairs(both)
    assert together == pairs(found for _, found in both)
    assert together / pairs(person for person, _ in both) > 0.95


def test_the_truth_agrees_on_sessions_and_robots(log: SimulatedLog, result: Result) -> None:
    for row in log.truth("events"):
        answer = result.events[row["event_id"]]
        assert (answer.session_first_event_id or "") == row["session"]
        assert str(answer.is_bot).lower() == row["is_bot"]
        assert (answer.person is not None) == (row["is_attributable"] == "true")
