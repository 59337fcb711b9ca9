"""Runs whose process was killed are closed; those that run are let be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest

from orchestration.dagster_home.orphans import PROCESS_TAG, fail_orphans, is_alive, this_process


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def a_dead_process() -> str:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return f"{child.pid}@1"


def start_run(instance: dg.DagsterInstance, tag: str | None, status: dg.DagsterRunStatus) -> str:
    job = dg.GraphDefinition(name="refresh").to_job()
    tags = {PROCESS_TAG: tag} if tag else {}
    return instance.create_run_for_job(job, tags=tags, status=status).run_id


def test_this_process_is_alive_and_one_that_ended_is_not() -> None:
    assert is_alive(this_process())
    assert not is_alive(a_dead_process())


def test_a_later_process_with_the_same_number_is_another_one() -> None:
    assert not is_alive(f"{os.getpid()}@1")


@pytest.mark.parametrize("tag", ["", "@", "x@1", "-1@"])
def test_a_tag_that_names_no_process_is_dead(tag: str) -> None:
    assert not is_alive(tag)


def test_only_unfinished_runs_of_dead_processes_are_closed(instance: dg.DagsterInstance) -> None:
    started = dg.DagsterRunStatus.STARTED
    dead = start_run(instance, a_dead_process(), started)
    alive = start_run(instance, this_process(), started)
    untagged = start_run(instance, None, started)
    waiting = start_run(instance, a_dead_process(), dg.DagsterRunStatus.NOT_STARTED)
    done = start_run(instance, a_dead_process(), dg.DagsterRunStatus.SUCCESS)

    assert fail_orphans(instance) == [dead]

    statuses = {run.run_id: run.status for run in instance.get_runs()}
    assert statuses == {
        dead: dg.DagsterRunStatus.FAILURE,
        alive: started,
        untagged: started,
        waiting: dg.DagsterRunStatus.NOT_STARTED,
        done: dg.DagsterRunStatus.SUCCESS,
    }
    assert fail_orphans(instance) == []
