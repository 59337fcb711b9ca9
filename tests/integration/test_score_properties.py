"""What must hold of scores whatever people do: the scoring models' SQL, on made-up buckets."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.settings import Settings
from tests.compiled_models import CompiledModels
from tests.oracle.rules import load_rules
from tests.oracle.scoring import score as score_by_the_oracle
from tests.published_log import AS_OF as PUBLISHED_AS_OF
from tests.scored_buckets import Key, Scored, Somebody, score

RULES = load_rules()
AS_OF = date(2028, 3, 1)
SLACK = 1e-9
RULE_IDS = ("pricing_view", "docs_view", "blog_view", "demo_request", "cta_click", "signup")
# today, around a week, a fortnight and a surge's base, at the end of memory, and tomorrow
AGES = (0, 1, 6, 7, 13, 14, 90, 91, 140, 141, 420, 600, 601, -1)

keys = st.tuples(st.sampled_from(RULE_IDS), st.sampled_from(AGES)).map(
    lambda pair: (pair[0], AS_OF - timedelta(days=pair[1]))
)
buckets = st.dictionaries(keys, st.integers(1, 7), max_size=6)
somebody = st.builds(
    Somebody,
    slices=st.dictionaries(st.sampled_from(("phone", "laptop")), buckets, min_size=1),
    account=st.sampled_from((None, "north.example", "south.example")),
    exclusion_reason=st.sampled_from((None, None, None, None, "bot", "internal")),
).map(lambda person: person if person.exclusion_reason is None else excluded(person))
crowds = st.dictionaries(st.sampled_from("abcdefgh"), somebody, min_size=1)

# each example builds the scoring models twice
examples = settings(
    max_examples=max(settings().max_examples // 2, 1),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def excluded(person: Somebody, reason: str = "internal") -> Somebody:
    """The same person, excluded, and so without an account."""
    return Somebody(person.slices, None, reason)


def all_counts(person: Somebody) -> dict[Key, int]:
    """The buckets of all slices counted together."""
    together: dict[Key, int] = {}
    for counts in person.slices.values():
        for key, count in counts.items():
            together[key] = together.get(key, 0) + count
    return together


def assert_none_is_lower(after: Mapping[str, float], before: Mapping[str, float]) -> None:
    assert [name for name, was in before.items() if after.get(name, 0.0) < was - SLACK] == []


@pytest.fixture
def built(models: CompiledModels) -> CompiledModels:
    """The models with a table behind each, so that scoring alone can be built on them."""
    if not models.rows("select 1 from duckdb_tables() where table_name = 'int_people_scored'"):
        models.rebuild()
    return models


@examples
@given(people=crowds)
def test_buckets_score_as_by_the_oracle(built: CompiledModels, people: dict[str, Somebody]) -> None:
    found = score(built, people, AS_OF)
    for name, person in people.items():
        expected = 0.0
        if person.exclusion_reason is None:
            expected = score_by_the_oracle(all_counts(person), AS_OF, RULES).intent_score
        assert found.people.get(name, 0.0) == pytest.approx(expected, abs=SLACK)


@examples
@given(people=crowds, data=st.data())
def test_one_more_scored_event_lowers_no_score(
    built: CompiledModels, people: dict[str, Somebody], data: st.DataObject
) -> None:
    who = data.draw(st.sampled_from(sorted(people)))
    before = score(built, people, AS_OF)
    more = people[who].with_one_more("phone", data.draw(keys))
    after = score(built, {**people, who: more}, AS_OF)
    assert_none_is_lower(after.people, before.people)
    assert_none_is_lower(after.accounts, before.accounts)


@examples
@given(people=crowds, one_more=somebody)
def test_one_more_person_lowers_no_accounts_score(
    built: CompiledModels, people: dict[str, Somebody], one_more: Somebody
) -> None:
    before = score(built, people, AS_OF)
    after = score(built, {**people, "one more": one_more}, AS_OF)
    assert_none_is_lower(after.accounts, before.accounts)
    assert {name: after.people[name] for name in before.people} == before.people


@examples
@given(first=somebody, second=somebody)
def test_two_people_who_become_one_score_by_the_union_of_their_buckets(
    built: CompiledModels, first: Somebody, second: Somebody
) -> None:
    merged = Somebody(
        {f"{n} {name}": counts
         for n, each in enumerate((first, second))
         for name, counts in each.slices.items()}
    )  # fmt: skip
    of_one_log = Somebody({"all": all_counts(merged)})
    found = score(built, {"merged": merged, "of one log": of_one_log}, AS_OF)
    assert found.people.get("merged") == found.people.get("of one log")


@examples
@given(people=crowds, data=st.data())
def test_whoever_is_excluded_scores_nothing_and_counts_in_no_account(
    built: CompiledModels, people: dict[str, Somebody], data: st.DataObject
) -> None:
    who = data.draw(st.sampled_from(sorted(people)))
    there = score(built, {**people, who: excluded(people[who])}, AS_OF)
    gone = score(built, {name: each for name, each in people.items() if name != who}, AS_OF)
    assert there == gone
    assert who not in there.people


def test_the_worked_example_scores_23_955(built: CompiledModels) -> None:
    """Five events on the as-of day and one a week before: 25, 15.803 saturated, 23.955."""
    counts = {("docs_view", AS_OF): 5, ("docs_view", AS_OF - timedelta(days=7)): 1}
    with rule_changed(built, "docs_view", 10, 7, 2, 25):
        found: Scored = score(built, {"p": Somebody({"s": counts})}, AS_OF)
        [(decayed, points)] = built.rows(
            "select decayed_points, points from warehouse.intermediate.int_rules_saturated"
            " where points > 0"
        )
    assert decayed == 25
    assert float(points) == pytest.approx(15.803, abs=5e-4)
    assert found.people["p"] == pytest.approx(23.955, abs=5e-4)


@contextmanager
def rule_changed(
    models: CompiledModels, rule_id: str, *numbers: float
) -> Generator[None, None, None]:
    """As long as it lasts, the rule has these weight, half-life, daily cap and saturation."""
    table = models.relation("scoring_rules")
    columns = ("weight", "half_life_days", "daily_cap", "saturation")
    [kept] = models.rows(f"select {', '.join(columns)} from {table} where rule_id = '{rule_id}'")
    change = f"update {table} set {', '.join(f'{name} = ?' for name in columns)} where rule_id = ?"
    models.connection.execute(change, [*numbers, rule_id])
    try:
        yield
    finally:
        models.connection.execute(change, [*kept, rule_id])


def test_neither_the_order_of_rows_nor_threads_change_a_digit(
    models: CompiledModels, published_log: Settings
) -> None:
    models.run_loaded(published_log.warehouse, PUBLISHED_AS_OF, published_log)
    once = tables_of(models)
    for threads in (1, 2):
        models.connection.execute(
            "create or replace temp table shuffled as from warehouse.raw.events"
            f" order by md5(event_id || {threads})"
        )
        models.connection.execute("delete from warehouse.raw.events")
        models.connection.execute("insert into warehouse.raw.events from shuffled")
        with in_parallel(models, threads):
            models.rebuild()
        again = tables_of(models)
        assert [name for name, rows in once.items() if again[name] != rows] == []


@contextmanager
def in_parallel(models: CompiledModels, threads: int) -> Generator[None, None, None]:
    """As long as it lasts, so many threads share even a small table."""
    [(usual,)] = models.rows("select current_setting('threads')")
    models.connection.execute(f"set threads = {threads}")
    models.connection.execute("pragma verify_parallelism")
    try:
        yield
    finally:
        models.connection.execute("pragma disable_verify_parallelism")
        models.connection.execute(f"set threads = {usual}")


def tables_of(models: CompiledModels) -> dict[str, list[tuple[object, ...]]]:
    """Every published table, in an order of its own."""
    names = models.rows(
        "select table_name from duckdb_tables() where database_name = 'published'"
        " and schema_name = 'marts'"
    )
    return {
        name: models.rows(f"select * from published.marts.{name} order by all") for (name,) in names
    }
