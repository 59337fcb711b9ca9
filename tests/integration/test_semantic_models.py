"""The semantic models and metrics of dbt's YAML, worked out on a small simulated log.

MetricFlow, which would read them, is no part of the project. dbt checks at each parse that they are
well formed; that their expressions run and count the right things is checked here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.analytics import published
from tests.compiled_models import CompiledModels

AGGREGATES = {"sum": "sum({})", "count_distinct": "count(distinct {})"}
DIMENSION = re.compile(r"\{\{ Dimension\('(\w+)__(\w+)'\) \}\}")

Node = dict[str, Any]


@pytest.fixture(scope="module")
def connection(published_log: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(published_log) as opened:
        yield opened


def semantic_models(models: CompiledModels) -> list[Node]:
    return list(models.manifest["semantic_models"].values())


def relation(semantic_model: Node) -> str:
    return str(semantic_model["node_relation"]["alias"])


def value(models: CompiledModels, connection: duckdb.DuckDBPyConnection, name: str) -> Any:
    """A metric over the whole log, as MetricFlow would join and filter for it."""
    metric = models.manifest["metrics"][f"metric.intent_growth.{name}"]
    said = metric["type_params"]
    if metric["type"] == "ratio":
        parts = (said["numerator"]["name"], said["denominator"]["name"])
        above, below = (value(models, connection, part) for part in parts)
        return above / below
    owner, measure = next(
        (one, measure)
        for one in semantic_models(models)
        for measure in one["measures"]
        if measure["name"] == said["measure"]["name"]
    )
    own_entity = next(e["name"] for e in owner["entities"] if e["type"] == "primary")
    filters = (metric["filter"] or {"where_filters": []})["where_filters"]
    conditions = [
        DIMENSION.sub(
            lambda match: f"{'own' if match[1] == own_entity else match[1]}.{match[2]}",
            one["where_sql_template"],
        )
        for one in filters
    ]
    joins = "left join dim_people as person on own.person_id = person.person_id"
    expression = AGGREGATES[measure["agg"]].format(measure["expr"].replace("\n", " "))
    [(number,)] = connection.execute(
        f"select {_of_own(expression, owner)} from {relation(owner)} as own"
        f" {joins if own_entity in ('event', 'session') else ''}"
        f" where {' and '.join(f'({one})' for one in conditions) or 'true'}"
    ).fetchall()
    return number


def _of_own(expression: str, owner: Node) -> str:
    """The columns of an expression said to be those of the measure's own table."""
    columns = {one["expr"] or one["name"] for one in owner["dimensions"]} | {"anonymous_id"}
    return re.sub(
        r"\b\w+\b", lambda word: f"own.{word[0]}" if word[0] in columns else word[0], expression
    )


def test_every_part_of_a_semantic_model_is_a_column_or_runs(
    models: CompiledModels, connection: duckdb.DuckDBPyConnection
) -> None:
    for one in semantic_models(models):
        parts = [*one["entities"], *one["dimensions"], *one["measures"]]
        expressions = [str(part["expr"] or part["name"]) for part in parts]
        connection.execute(f"select {', '.join(expressions)} from {relation(one)}").fetchone()
        assert len(parts) > 3


def test_a_primary_entity_is_a_key_and_a_foreign_one_is_some_ones_primary(
    models: CompiledModels, connection: duckdb.DuckDBPyConnection
) -> None:
    entities = [(one, entity) for one in semantic_models(models) for entity in one["entities"]]
    primary = {entity["name"] for _, entity in entities if entity["type"] == "primary"}
    assert primary == {"event", "session", "person", "account"}
    assert {entity["name"] for _, entity in entities} == primary
    for one, entity in entities:
        if entity["type"] == "primary":
            [(rows, keys)] = connection.execute(
                f"select count(*), count(distinct {entity['expr']}) from {relation(one)}"
            ).fetchall()
            assert rows == keys > 0


def test_metrics_count_people_and_not_bots_or_colleagues(
    models: CompiledModels, connection: duckdb.DuckDBPyConnection
) -> None:
    events = "fct_events left join dim_people using (person_id) where not is_bot"
    sessions = "fct_sessions join dim_people using (person_id) where not is_bot"
    people = "dim_people where true"
    counted = {
        "events": events,
        "page_views": f"{events} and event_type = 'page'",
        "conversions": f"{events} and event_name in (from names)",
        "sessions": sessions,
        "engaged_sessions": f"{sessions} and is_engaged",
        "people": people,
        "identified_people": f"{people} and is_identified",
        "hot_people": f"{people} and intent_band = 'hot'",
    }
    names = ", ".join(f"('{name}')" for name in conversion_names())
    for metric, what in counted.items():
        [(expected,)] = connection.execute(
            f"with names as (select * from (values {names}))"
            f" select count(*) from {what} and exclusion_reason is null"
        ).fetchall()
        assert value(models, connection, metric) == expected > 0, metric
    [(accounts, hot)] = connection.execute(
        "select count(*), count(*) filter (where account_band = 'hot') from dim_accounts"
    ).fetchall()
    assert value(models, connection, "accounts") == accounts
    assert value(models, connection, "hot_accounts") == hot
    [(devices,)] = connection.execute(
        f"select count(distinct anonymous_id) from {sessions} and exclusion_reason is null"
    ).fetchall()
    assert value(models, connection, "visitors") == devices


@pytest.mark.parametrize("rate", ["engaged_rate", "identified_rate"])
def test_a_rate_lies_between_none_and_all(
    models: CompiledModels, connection: duckdb.DuckDBPyConnection, rate: str
) -> None:
    assert 0 < value(models, connection, rate) < 1


def test_conversions_are_the_events_of_the_seed(models: CompiledModels) -> None:
    [measure] = [
        measure["expr"]
        for one in semantic_models(models)
        for measure in one["measures"]
        if measure["name"] == "conversion_count"
    ]
    named = set(re.findall(r"'(\w+)'", measure)) - {"track"}
    assert named == set(conversion_names())


def conversion_names() -> list[str]:
    path = PROJECT_ROOT / "seeds" / "attribution" / "conversion_events.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["event_type"] for row in rows} == {"track"}
    return [row["event_name"] for row in rows]
