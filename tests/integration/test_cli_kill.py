"""A refresh that is killed: dbt stops with it, the next refresh heals, readers notice nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import IO

import dagster as dg
import duckdb
import pytest

from ingestion.settings import Settings
from ingestion.simulator import simulate
from orchestration.dagster_home.instance import open_instance
from tests.dbt_runs import give_parse

AS_OF = date(2026, 6, 30)
ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from orchestration.cli import main; main()"]


def environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "INTENT_DATA_DIR": str(settings.data_dir)}


def refresh(settings: Settings, *paths: Path) -> subprocess.Popen[str]:
    give_parse(settings.data_dir)
    return subprocess.Popen(
        [*COMMAND, "refresh", *map(str, paths), "--as-of", AS_OF.isoformat()],
        env=environment(settings),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def lines_until(stream: IO[str] | None, word: str) -> Iterator[str]:
    assert stream is not None
    for line in stream:
        yield line
        if word in line:
            return


def children_of(pid: int) -> list[int]:
    """The processes started by `pid`, as the kernel has them."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def is_dbt(pid: int) -> bool:
    return b"orchestration.dbt.child" in Path(f"/proc/{pid}/cmdline").read_bytes()


def wait_for_end(pid: int) -> None:
    """Returns when the process is gone; no child of ours, so its end cannot be waited for."""
    descriptor = os.pidfd_open(pid)
    try:
        import select

        assert select.select([descriptor], [], [], 30)[0], "dbt outlived its refresh"
    finally:
        os.close(descriptor)


def fingerprint(settings: Settings) -> list[tuple[object, ...]]:
    with duckdb.connect(settings.analytics, read_only=True) as connection:
        return [
            *connection.execute(
                "select event_id, person_id, session_id, page_class from marts.fct_events"
                " order by all"
            ).fetchall(),
            *connection.execute(
                "select person_id, intent_band, intent_score, account_id from marts.dim_people"
                " order by all"
            ).fetchall(),
        ]


def published_events(settings: Settings) -> int:
    """How many events a reader finds now."""
    with duckdb.connect(settings.analytics, read_only=True) as connection:
        [(count,)] = connection.execute("select count(*) from marts.fct_events").fetchall()
    return int(count)


@pytest.mark.slow  # three whole refreshes; test_kills does the like without dbt
def test_a_refresh_killed_while_dbt_builds_is_healed_by_the_next(tmp_path: Path) -> None:
    simulate(400, tmp_path / "log", seed=3, days=20, end=AS_OF)
    (log,) = (tmp_path / "log").glob("*.ndjson")
    killed, calm = Settings(data_dir=tmp_path / "killed"), Settings(data_dir=tmp_path / "calm")

    running = refresh(killed, log)
    list(lines_until(running.stdout, "load "))
    (dbt,) = [child for child in children_of(running.pid) if is_dbt(child)]
    running.kill()
    running.wait()
    wait_for_end(dbt)
    assert not killed.analytics.exists()

    healed, undisturbed = refresh(killed, log), refresh(calm, log)
    assert "published" not in healed.communicate()[0].partition("load ")[0]
    undisturbed.communicate()
    assert (healed.returncode, undisturbed.returncode) == (0, 0)
    assert fingerprint(killed) == fingerprint(calm)

    with open_instance(killed) as instance:
        statuses = sorted(run.status.value for run in instance.get_runs())
    assert statuses == [dg.DagsterRunStatus.FAILURE.value, dg.DagsterRunStatus.SUCCESS.value]


@pytest.mark.slow
def test_ctrl_c_ends_a_refresh_and_its_dbt_and_closes_its_run(tmp_path: Path) -> None:
    simulate(200, tmp_path / "log", seed=3, days=10, end=AS_OF)
    (log,) = (tmp_path / "log").glob("*.ndjson")
    settings = Settings(data_dir=tmp_path / "data")
    running = refresh(settings, log)
    list(lines_until(running.stdout, "load "))
    (dbt,) = [child for child in children_of(running.pid) if is_dbt(child)]
    running.send_signal(signal.SIGINT)
    text, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in text
    assert not Path(f"/proc/{dbt}").exists()
    with open_instance(settings) as instance:
        (run,) = instance.get_runs()
    assert run.is_finished
    assert run.status is not dg.DagsterRunStatus.SUCCESS


# the fast tests have a reader in a loop beside publish itself: test_publish_readers.py
@pytest.mark.slow
def test_a_reader_is_never_disturbed_by_a_running_refresh(tmp_path: Path) -> None:
    simulate(400, tmp_path / "old", seed=3, days=20, end=AS_OF)
    simulate(200, tmp_path / "new", seed=4, days=20, end=AS_OF)
    (old,), (new,) = (list((tmp_path / name).glob("*.ndjson")) for name in ("old", "new"))
    settings = Settings(data_dir=tmp_path / "data")
    first = refresh(settings, old)
    first.communicate()
    assert first.returncode == 0
    second = refresh(settings, new)
    answers = [published_events(settings)]
    while second.poll() is None:
        answers.append(published_events(settings))
        with suppress(subprocess.TimeoutExpired):
            second.wait(timeout=0.1)  # most of the processor is the refresh's
    answers.append(published_events(settings))
    assert second.returncode == 0
    assert len(answers) > 10
    # before and after, and nothing between them
    assert set(answers) == {400, 600}
    assert answers == sorted(answers)
