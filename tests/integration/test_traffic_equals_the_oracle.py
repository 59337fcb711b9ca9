"""Programs among the visitors: the models' SQL against the oracle, at the edge of every rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings

from ingestion.settings import Settings
from tests import model_answers
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.oracle import tables
from tests.oracle.product import run_rows
from tests.oracle.rules import load_rules
from tests.oracle.strategies import AS_OF, SITE_DOMAINS
from tests.oracle.traffic_strategies import suspicious_rows

RULES = load_rules(SITE_DOMAINS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=suspicious_rows(RULES))
def test_programs_are_told_as_by_the_oracle(
    models: CompiledModels, rows: list[dict[str, Any]]
) -> None:
    result = run_rows(rows, AS_OF, RULES)
    given = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
    models.run(frame_of_events(rows, RULES), AS_OF, given)
    labels = model_answers.labels_of(result)
    for name, table in model_answers.TRAFFIC_TABLES.items():
        tables.assert_same(table(models, labels), tables.TRAFFIC_TABLES[name](result))
    for name in ("expected_people.csv", "expected_buckets.csv", "expected_accounts.csv"):
        tables.assert_same(model_answers.TABLES[name](models, labels), tables.TABLES[name](result))
