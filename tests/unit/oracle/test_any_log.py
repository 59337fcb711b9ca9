"""What must hold for any log: the oracle's own promises, before it is held against the models."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.oracle.log import from_messages, read_lines
from tests.oracle.product import Result, run, run_messages, run_rows
from tests.oracle.rules import Rules, load_rules
from tests.oracle.strategies import AS_OF, SITE_DOMAINS, lines, messages, raw_rows
from tests.oracle.tables import TABLES

RULES: Rules = load_rules(SITE_DOMAINS)


def answers(result: Result) -> dict[str, Any]:
    return {name: table(result) for name, table in TABLES.items()}


@given(log=messages(), data=st.data())
def test_order_and_repetition_change_nothing(
    log: list[dict[str, Any]], data: st.DataObject
) -> None:
    once = run_messages(log, AS_OF, RULES)
    again = data.draw(st.permutations(log + log[:3]))
    assert answers(run_messages(again, AS_OF, RULES)) == answers(once)


@given(written=lines())
def test_every_record_is_accounted_for(written: list[str]) -> None:
    log = read_lines(written, RULES)
    assert log.collided >= 0
    assert log.records >= len(written)
    assert len({event.event_id for event in log.events}) == len(log.events)
    assert (log.collided > 0) == bool(log.collisions)


@given(rows=raw_rows(RULES))
def test_every_event_has_its_place(rows: list[dict[str, Any]]) -> None:
    result = run_rows(rows, AS_OF, RULES)
    assert len(result.events) == len(rows)
    for answer in result.events.values():
        assert (answer.person is None) == (answer.visitor is None)
        if answer.is_consent_denied:
            assert answer.visitor is None
        if answer.session_first_event_id is not None:
            assert answer.visitor == result.sessions[answer.session_first_event_id].visitor
    owned = sum(person.event_count for person in result.people.values())
    assert owned == sum(answer.person is not None for answer in result.events.values())


@given(log=messages())
def test_sessions_are_cut_at_their_gaps_and_nowhere_else(log: list[dict[str, Any]]) -> None:
    result = run_messages(log, AS_OF, RULES)
    moments = {event.event_id: event.moment for event in result.log.events}
    by_visitor: dict[Any, list[Any]] = {}
    for session in result.sessions.values():
        times = [moments[event_id] for event_id in session.event_ids]
        assert times == sorted(times)
        gaps = [b[0] - a[0] for a, b in pairwise(times)]
        assert all(gap <= 1_800_000_000 for gap in gaps)
        by_visitor.setdefault(session.visitor, []).append(session)
    for sessions in by_visitor.values():
        sessions.sort(key=lambda session: session.session_number)
        for before, after in pairwise(sessions):
            assert after.started_at - before.ended_at > 1_800_000_000


@given(log=messages())
def test_people_keep_to_the_limits(log: list[dict[str, Any]]) -> None:
    result = run_messages(log, AS_OF, RULES)
    for nodes in result.identity.members.values():
        for kind, most in RULES.limits.items():
            assert sum(node.kind == kind for node in nodes) <= most
    for link in result.identity.refused:
        people = result.identity.person_of_node
        assert people[link.left] != people[link.right]


@given(log=messages())
def test_people_are_connected_by_accepted_links_alone(log: list[dict[str, Any]]) -> None:
    identity = run_messages(log, AS_OF, RULES).identity
    group = {node: {node} for node in identity.person_of_node}
    for link in identity.accepted:
        together = group[link.left] | group[link.right]
        for node in together:
            group[node] = together
    for nodes in identity.members.values():
        assert group[nodes[0]] == set(nodes)


@given(log=messages())
def test_reasons_sum_to_scores(log: list[dict[str, Any]]) -> None:
    result = run_messages(log, AS_OF, RULES)
    for person in result.people.values():
        total = sum(reason.score_share for reason in person.reasons)
        assert total == pytest.approx(person.intent_score, abs=1e-9)
    for account in result.accounts.values():
        total = sum(account.person_shares.values()) + account.diversity_share
        assert total == pytest.approx(account.account_score, abs=1e-9)


@given(log=messages())
def test_one_more_scored_event_lowers_no_score(log: list[dict[str, Any]]) -> None:
    before = run_messages(log, AS_OF, RULES)
    events = before.log.events
    # one more of an event that names its owner itself: assignments and exclusions stay
    for event in [event for event in events if event.node is not None][:3]:
        log_after = from_messages(log, RULES)
        one_more = replace(event, event_id=f"{event.event_id}-more", previous_id=None)
        log_after.events = [*events, one_more]
        after = run(log_after, AS_OF, RULES)
        assume(before.identity.owners.items() <= after.identity.owners.items())
        for label, person in before.people.items():
            assert after.people[label].intent_score >= person.intent_score - 1e-9
        for domain, account in before.accounts.items():
            assert after.accounts[domain].account_score >= account.account_score - 1e-9


@given(log=messages(), days=st.integers(1, 400))
def test_without_new_events_points_only_fade(log: list[dict[str, Any]], days: int) -> None:
    latest = run_messages(log, AS_OF + timedelta(days=1), RULES)
    later = run_messages(log, AS_OF + timedelta(days=1 + days), RULES)
    for label, person in latest.people.items():
        assert later.people[label].points <= person.points + 1e-9
