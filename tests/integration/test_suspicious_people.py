"""Who may be several people, or nobody: the models' SQL against the oracle."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from ingestion.settings import Settings
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.oracle.ids import person_id
from tests.oracle.override_strategies import rows_and_overrides
from tests.oracle.overrides import read_overrides
from tests.oracle.product import Result, run_rows
from tests.oracle.rules import load_rules
from tests.oracle.strategies import AS_OF, SITE_DOMAINS
from tests.oracle.suspicion import REASONS, suspects

RULES = load_rules(SITE_DOMAINS)
GIVEN = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
LOW = {"refused_links": 1, "many_devices": 2, "many_user_ids": 2, "many_addresses": 2,
       "many_agents": 2}  # fmt: skip
"""No small log reaches the numbers of the seed."""

Table = list[dict[str, Any]]


@contextmanager
def low_thresholds(models: CompiledModels) -> Generator[None, None, None]:
    """As long as it lasts, the seed says what LOW does."""
    seed = "warehouse.seeds.suspicion_thresholds"
    shipped = models.rows(f"select minimum, reason from {seed}")
    update = f"update {seed} set minimum = ? where reason = ?"
    models.connection.executemany(update, [[number, reason] for reason, number in LOW.items()])
    try:
        yield
    finally:
        models.connection.executemany(update, shipped)


def exclusion_of(result: Result, person: str) -> str | None:
    """Why the oracle lets somebody score nothing."""
    why = result.people[person].exclusion
    return why.traffic_flag if why else None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(given_rows=rows_and_overrides(RULES))
def test_who_may_be_several_is_told_as_by_the_oracle(
    models: CompiledModels, given_rows: tuple[Table, Table]
) -> None:
    rows, overrides = given_rows
    result = run_rows(rows, AS_OF, RULES, read_overrides(overrides, RULES))
    with low_thresholds(models):
        models.run(
            frame_of_events(rows, RULES),
            AS_OF,
            GIVEN,
            overrides=overrides,
            only=("fct_suspicious_people",),
        )
    found = models.rows(
        "select person_id, reasons, exclusion_reason, refused_link_count, device_count,"
        " user_id_count, address_count, agent_count, suspicion, suspicion_rank"
        " from published.marts.fct_suspicious_people order by suspicion_rank"
    )
    expected = sorted(
        suspects(result, LOW),
        key=lambda one: (-one.suspicion, person_id(one.person)),
    )
    assert [row[:8] for row in found] == [
        (
            person_id(suspect.person),
            ", ".join(suspect.reasons),
            exclusion_of(result, suspect.person),
            *(suspect.counts[reason] for reason in REASONS),
        )
        for suspect in expected
    ]
    assert [row[8] for row in found] == pytest.approx([float(one.suspicion) for one in expected])
    assert [row[9] for row in found] == list(range(1, len(expected) + 1))
