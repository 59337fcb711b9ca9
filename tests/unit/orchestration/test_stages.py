"""What a stage raises, what is tried again, and what is said of it afterwards."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from ingestion.errors import UserError
from ingestion.lock import LockBusyError
from ingestion.settings import Settings
from orchestration.dbt.process import DbtFailed
from orchestration.defs import stages
from orchestration.defs.stages import MAX_RETRIES, failure, stage
from orchestration.messages import INTERRUPTED, read_failed_run, write_message
from orchestration.refreshing.progress import SilentProgress
from tests.unit.orchestration.small_marts import record


class Listener(SilentProgress):
    """Counts what it is told."""

    def __init__(self) -> None:
        self.starts = 0
        self.retries: list[str] = []

    def started(self, stage: str) -> None:
        self.starts += 1

    def retried(self, stage: str, reason: str) -> None:
        self.retries.append(reason)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "FIRST_WAIT_SECONDS", 0.0)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def run_stage(
    instance: dg.DagsterInstance, *errors: Exception
) -> tuple[Listener, dg.ExecuteInProcessResult]:
    """Runs a job whose one stage raises these errors, one at each attempt, and then succeeds."""
    listener, waiting = Listener(), list(errors)

    @dg.op
    def build(context: dg.OpExecutionContext) -> None:
        with stage("build", context, listener):
            if waiting:
                raise waiting.pop(0)

    @dg.job
    def refresh() -> None:
        build()

    result: Any = refresh.execute_in_process(instance=instance, raise_on_error=False)
    return listener, result


@pytest.mark.parametrize(
    "error",
    [
        LockBusyError("process 12 is writing"),
        duckdb.IOException("IO Error: Could not set lock on file: held by PID 12"),
        DbtFailed(["Encountered an error:\nCould not set lock on file: held by PID 12"], Path()),
    ],
)
def test_a_lock_in_the_way_is_waited_for(instance: dg.DagsterInstance, error: Exception) -> None:
    listener, result = run_stage(instance, error, error)
    assert result.success
    assert listener.starts == 3
    assert listener.retries == [str(error).splitlines()[-1]] * 2


@pytest.mark.parametrize(
    "error",
    [
        UserError("x.log does not exist"),
        failure("test t found 1 row that should not be there"),
        duckdb.IOException("IO Error: No space left on device"),
        DbtFailed(["Parser Error: syntax error at or near x"], Path("dbt.log")),
        KeyError("boom"),
    ],
)
def test_what_another_try_would_only_repeat_is_not_tried_again(
    instance: dg.DagsterInstance, error: Exception
) -> None:
    listener, result = run_stage(instance, error)
    assert not result.success
    assert listener.starts == 1
    assert listener.retries == []


def test_a_failed_run_has_a_message_that_says_what_why_and_what_to_do(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    _, result = run_stage(instance, failure("test t found 1 row (tests/dbt/t.sql)"))
    failed = read_failed_run(instance, result.run_id)
    text = failed.message(settings)
    assert text.splitlines() == [
        f"Refresh failed (run {result.run_id}).",
        "Step build:",
        "  test t found 1 row (tests/dbt/t.sql)",
        "Nothing has been published yet.",
        "What to do: Mend what is named above, then run: intent refresh",
    ]
    settings.data_dir.mkdir()
    settings.analytics.touch()
    assert "analytics.duckdb is untouched" in failed.message(settings)
    published = replace(record(), dagster_run_id=failed.run_id, published_at=datetime.now(UTC))
    published.save(settings)
    assert "readers see what this run published" in failed.message(settings)
    path = write_message(settings, failed.run_id, text)
    assert path == settings.logs / "messages" / f"{failed.run_id}.txt"
    assert path.read_text() == text + "\n"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(("error", "is_mistake"), [(UserError("x"), True), (KeyError("x"), False)])
def test_a_mistake_of_the_caller_is_told_apart_from_a_failure(
    instance: dg.DagsterInstance, error: Exception, is_mistake: bool
) -> None:
    _, result = run_stage(instance, error)
    failed = read_failed_run(instance, result.run_id)
    assert [step.step for step in failed.steps] == ["build"]
    assert failed.is_user_error is is_mistake
    assert not failed.is_interrupted


def test_a_lock_that_stays_is_named_when_the_tries_are_used_up(
    instance: dg.DagsterInstance,
) -> None:
    busy = [LockBusyError("process 12 is writing")] * (MAX_RETRIES + 1)
    listener, result = run_stage(instance, *busy)
    assert listener.starts == MAX_RETRIES + 1
    (failed,) = read_failed_run(instance, result.run_id).steps
    assert "process 12 is writing" in failed.reason


def test_a_run_that_failed_outside_of_its_steps_has_a_message_too(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    job = dg.GraphDefinition(name="refresh").to_job()
    run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    instance.report_run_failed(run, "The process that ran this was killed.")
    text = read_failed_run(instance, run.run_id).message(settings)
    assert "The process that ran this was killed." in text
    assert "intent refresh" in text


def test_an_interrupted_stage_is_not_tried_again_and_is_told_as_such(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    listener = Listener()

    @dg.op
    def build(context: dg.OpExecutionContext) -> None:
        with stage("build", context, listener):
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()

    @dg.job
    def refresh() -> None:
        build()

    result = refresh.execute_in_process(instance=instance, raise_on_error=False)
    assert listener.starts == 1
    failed = read_failed_run(instance, result.run_id)
    assert failed.is_interrupted
    text = failed.message(settings)
    assert INTERRUPTED in text
    assert text.endswith("Run it again: intent refresh")


def test_each_wait_is_twice_as_long_as_the_one_before(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "FIRST_WAIT_SECONDS", 0.02)
    busy = [LockBusyError("process 12 is writing")] * MAX_RETRIES
    _, result = run_stage(instance, *busy)
    waits = [
        event.step_retry_data.seconds_to_wait
        for event in result.all_events
        if event.is_step_up_for_retry
    ]
    assert waits == pytest.approx([0.02, 0.04, 0.08])


def test_messages_of_a_folder_that_is_not_there_yet_are_kept(tmp_path: Path) -> None:
    path = write_message(Settings(data_dir=tmp_path / "a" / "b"), "run", "text")
    assert path.read_text() == "text\n"
