"""`intent explain` on a published log: its arithmetic is that of the tables, for everybody."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.explain.account import AccountExplained, explain_account
from orchestration.explain.identity import Found
from orchestration.explain.lines import WIDTH
from orchestration.explain.page import explanation_page
from orchestration.explain.person import PersonExplained, explain_person
from orchestration.explain.report import explanation_json, print_explanation
from orchestration.explain.ruleset import read_ruleset
from orchestration.explain.standing import standing_on
from tests.oracle.rules import load_rules
from tests.oracle.scoring import score
from tests.published_log import AS_OF, SHARED_LOGIN

EXACT = 1e-9
# some of each kind: the hottest, raised hands, several devices, refused links, anonymous, excluded
_SOME_PEOPLE = """
select person_id from (
    select person_id, intent_score as weight from dim_people
    where not intent_band = 'cold' qualify row_number() over (
        partition by intent_band order by intent_score desc, person_id
    ) <= 4
    union all
    select person_id, 0 from fct_person_score_reasons where rule_id like '%_hand_raise'
    qualify row_number() over (order by score_share, person_id) <= 4
    union all
    select canonical_person_id, 0 from map_identities where identifier_type = 'anonymous_id'
    group by canonical_person_id
    qualify row_number() over (order by count(*) desc, canonical_person_id) <= 4
    union all
    select canonical_person_id, 0 from map_identities
    where identifier = 'shared-login'
    union all
    select person_id, 0 from dim_people where not is_identified
    qualify row_number() over (order by intent_score desc, person_id) <= 3
    union all
    select person_id, 0 from dim_people where exclusion_reason is not null
    qualify row_number() over (partition by exclusion_reason order by person_id) <= 1
)
group by person_id
order by person_id
"""


@pytest.fixture(scope="module")
def connection(published_log: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(published_log) as opened:
        yield opened


@pytest.fixture(scope="module")
def people(connection: duckdb.DuckDBPyConnection) -> list[PersonExplained]:
    """Some people of each kind."""
    ids = [row[0] for row in connection.execute(_SOME_PEOPLE).fetchall()]
    return [explain_person(connection, person_id) for person_id in ids]


@pytest.fixture(scope="module")
def accounts(connection: duckdb.DuckDBPyConnection) -> list[AccountExplained]:
    """The accounts with the most people."""
    ids = connection.execute(
        "select account_id from dim_accounts order by people_count desc, domain limit 12"
    ).fetchall()
    return [explain_account(connection, account_id) for (account_id,) in ids]


def test_the_rules_that_are_published_are_those_of_the_seeds(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rules, expected = read_ruleset(connection), load_rules()
    assert [(each.band, each.minimum_score) for each in rules.bands] == list(expected.bands)
    assert {
        (each.rule_id, each.weight, each.half_life_days, each.daily_cap, each.saturation,
         each.is_hand_raise)
        for each in rules.rules
    } == {
        (each.rule_id, each.weight, each.half_life_days, each.daily_cap, each.saturation,
         each.is_hand_raise)
        for each in expected.scoring
    }  # fmt: skip
    [ids] = connection.execute("select list(distinct ruleset_id) from fct_person_scores").fetchall()
    assert ids[0] == [rules.numbers.ruleset_id]


def test_everybodys_events_make_their_published_score_and_band(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    ruleset = read_ruleset(connection)
    counts: dict[str, dict[str, dict[object, int]]] = {}
    for person_id, rule_id, day, count in connection.execute(
        "select person_id, rule_id, cast(event_at as date), count(*) from fct_events"
        " where rule_id is not null and not is_bot and traffic_flag is null group by all"
    ).fetchall():
        counts.setdefault(person_id, {}).setdefault(rule_id, {})[day] = count
    rows = connection.execute(
        "select person_id, points, intent_score, intent_band from dim_people"
        " where exclusion_reason is null"
    ).fetchall()
    wrong = []
    for person_id, points, intent_score, band in rows:
        found = standing_on(counts.get(person_id, {}), AS_OF, ruleset)  # type: ignore[arg-type]
        if (
            abs(found.points - points) > EXACT
            or abs(found.score - intent_score) > EXACT
            or found.band != band
        ):
            wrong.append((person_id, found, points, intent_score, band))
    assert wrong == []
    assert sum(row[1] > 0 for row in rows) > 100
    assert {row[3] for row in rows} == {"hot", "warm", "cool", "cold"}


def test_the_points_of_reasons_sum_to_the_rules_and_these_to_the_score(
    people: list[PersonExplained],
) -> None:
    scored = [person for person in people if person.reasons]
    assert len(scored) > 10
    for person in scored:
        assert person.profile is not None
        assert person.outlook is not None
        standing = person.outlook.standing
        assert standing.score == pytest.approx(person.profile.intent_score, abs=EXACT)
        for rule in standing.rules:
            own = [each for each in person.reasons if each.rule_id == rule.rule_id]
            decayed = math.fsum(each.decayed_points for each in own)
            saturated = math.fsum(each.saturated_points for each in own)
            share = math.fsum(each.score_share for each in own)
            assert decayed == pytest.approx(rule.decayed_points, abs=EXACT)
            assert saturated == pytest.approx(rule.saturated_points, abs=EXACT)
            assert share == pytest.approx(rule.score_share, abs=EXACT)
            weight = person.ruleset.by_id[rule.rule_id].weight
            assert all(each.worth_points == weight * each.counted for each in own)
        assert math.fsum(each.points for each in standing.rules) == pytest.approx(
            person.profile.points, abs=EXACT
        )


def test_lifts_and_falls_of_real_people_are_the_oracles(
    connection: duckdb.DuckDBPyConnection, people: list[PersonExplained]
) -> None:
    rules = load_rules()
    falling = 0
    for person in people:
        if person.outlook is None or person.profile is None:
            continue
        buckets = {
            (rule_id, day): count
            for rule_id, day, count in connection.execute(
                "select rule_id, cast(event_at as date), count(*) from fct_events"
                " where person_id = ? and rule_id is not null and not is_bot"
                " and traffic_flag is null group by all",
                [person.profile.person_id],
            ).fetchall()
        }
        for lift in person.outlook.lifts:
            more = {**buckets, (lift.rule_id, AS_OF): buckets.get((lift.rule_id, AS_OF), 0) + 1}
            expected = score(more, AS_OF, rules)
            assert lift.score == pytest.approx(expected.intent_score, abs=EXACT)
            assert lift.band == expected.band
        for fall in person.outlook.falls:
            falling += 1
            eve = score(buckets, fall.on - timedelta(days=1), rules)
            expected = score(buckets, fall.on, rules)
            assert (fall.band_before, fall.band) == (eve.band, expected.band)
            assert fall.score == pytest.approx(expected.intent_score, abs=EXACT)
    assert falling > 10


def test_an_accounts_arithmetic_is_its_published_score(accounts: list[AccountExplained]) -> None:
    assert len(accounts) > 5
    assert any(len(account.members) > 1 for account in accounts)
    for account in accounts:
        steps = account.arithmetic
        assert steps.points == pytest.approx(account.profile.points, abs=EXACT)
        assert steps.score == pytest.approx(account.profile.account_score, abs=EXACT)
        assert account.history[-1].score == pytest.approx(account.profile.account_score, abs=EXACT)
        assert account.history[-1].band == account.profile.account_band
        assert sum(member.is_active for member in account.members) <= steps.active_people


def test_every_name_but_the_first_is_linked_and_every_link_has_its_event(
    connection: duckdb.DuckDBPyConnection, people: list[PersonExplained]
) -> None:
    linked = 0
    for person in people:
        names = {
            (each.identifier_type, each.identifier)
            for each in person.identifiers
            if each.identifier_type != "anonymous_id"
        }
        reached = set(sorted(names)[:1])
        for _ in names:
            for link in person.links:
                ends = {
                    (link.left_identifier_type, link.left_identifier),
                    (link.right_identifier_type, link.right_identifier),
                }
                if ends & reached:
                    reached |= ends
        assert reached == names
        for link in person.links:
            linked += 1
            [(event_type, event_at)] = connection.execute(
                "select event_type, event_at from fct_events where event_id = ?", [link.event_id]
            ).fetchall()
            assert (event_type, event_at) == (link.link_type, link.event_at)
        for device in person.identifiers:
            if device.identifier_type == "anonymous_id" and device.link_event_id:
                assert (device.named_type, device.named_as) in names
    assert linked > 10


def test_text_is_within_a_hundred_columns_and_says_when_a_link_was_refused(
    people: list[PersonExplained], accounts: list[AccountExplained], published_log: Settings
) -> None:
    texts = []
    for each in (*people, *accounts):
        out = io.StringIO()
        print_explanation(Found("person_id", "x", ("x",)), [each], published_log, out)
        texts.append(out.getvalue())
    long = {line for text in texts for line in text.splitlines() if len(line) > WIDTH}
    assert long == set()
    [shared] = [text for text in texts if SHARED_LOGIN in text]
    assert "refused: " in shared
    assert "email_limit; asked for by identify, event shared-" in shared.replace("\n    ", " ")


def test_the_page_of_everybody_stands_alone_and_draws_graph_and_history(
    people: list[PersonExplained], accounts: list[AccountExplained]
) -> None:
    for person in people:
        page = explanation_page(Found("person_id", "x", ("x",)), [person], "UTC")
        assert 'class="arcs"' in page
        assert page.count('class="made"') >= len(person.links)
        assert ('class="refused"' in page) == bool(person.refused_links)
        is_drawn = person.outlook is not None and any(
            day.score > 0 for day in person.outlook.history
        )
        assert ('class="chart history"' in page) == is_drawn
        assert "<script" not in page
    for account in accounts:
        page = explanation_page(Found("domain", "x", ("x",)), [account], "UTC")
        assert account.profile.domain in page
        assert "The arithmetic" in page or not account.reasons


def test_json_has_rules_outlook_history_and_arithmetic(
    people: list[PersonExplained], accounts: list[AccountExplained], tmp_path: Path
) -> None:
    scored = next(person for person in people if person.reasons)
    document = json.loads(explanation_json(Found("person_id", "x", ("x",)), [scored]))
    [person] = document["people"]
    assert len(person["outlook"]["history"]) == 180
    assert person["outlook"]["history"][-1]["on"] == AS_OF.isoformat()
    assert person["ruleset"]["numbers"]["ruleset_id"]
    assert {"lifts", "falls", "way_up", "standing"} <= set(person["outlook"])
    document = json.loads(explanation_json(Found("domain", "x", ("x",)), [accounts[0]]))
    assert document["account"]["arithmetic"]["diversity_factor"] >= 1
