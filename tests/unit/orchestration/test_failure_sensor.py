"""A failed run leaves a readable message, and a dead one is closed."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest

from ingestion.settings import Settings
from orchestration.dagster_home.orphans import PROCESS_TAG
from orchestration.defs.sensors import dead_runs, failed_runs
from orchestration.defs.stages import failure


@dg.op
def build() -> None:
    """A step that a data test stops."""
    raise failure("test t found 1 row that should not be there (tests/dbt/t.sql)")


@dg.job
def refresh() -> None:
    build()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_the_message_of_a_failed_run_lies_in_the_data_directory(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    result = refresh.execute_in_process(instance=instance, raise_on_error=False)
    context = dg.build_run_status_sensor_context(
        sensor_name="failed_runs",
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        dagster_event=result.get_run_failure_event(),
        resources={"settings": settings},
    ).for_run_failure()
    failed_runs(context)
    text = (settings.logs / "messages" / f"{result.run_id}.txt").read_text()
    assert "test t found 1 row that should not be there (tests/dbt/t.sql)" in text
    assert "What to do: " in text
    assert result.run_id in text


def test_a_run_whose_process_is_gone_is_closed(instance: dg.DagsterInstance) -> None:
    run = instance.create_run_for_job(
        refresh, tags={PROCESS_TAG: "1@0"}, status=dg.DagsterRunStatus.STARTED
    )
    reasons = [dead_runs(dg.build_sensor_context(instance)) for _ in range(2)]
    assert [reason.skip_message for reason in reasons if isinstance(reason, dg.SkipReason)] == [
        "1 dead run closed",
        "No dead runs",
    ]
    closed = instance.get_run_by_id(run.run_id)
    assert closed is not None
    assert closed.status is dg.DagsterRunStatus.FAILURE
