"""The log of refreshes, and that no log grows without end."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.dagster_home import logs
from orchestration.dagster_home.logs import forget_old_runs, keep_newest, tidy_logs
from orchestration.defs.resources import logged, started_by
from orchestration.defs.stages import stage
from orchestration.refreshing import log as refresh_log
from orchestration.refreshing.log import RefreshLog, masked
from orchestration.refreshing.outcomes import Built, Loaded, Outcome, Published
from orchestration.refreshing.progress import Progress, SilentProgress

LOADED = Loaded(date(2026, 6, 30), (), (), None)
BUILT = Built(10, 2, 20, ())
PUBLISHED = Published(Path("analytics.duckdb"), 1, "reflink")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def lines_of(settings: Settings) -> list[str]:
    """The log of refreshes without its times and runs."""
    lines = (settings.logs / "refresh.log").read_text().splitlines()
    return [" ".join(line.split()[2:]) for line in lines]


def run_job(
    settings: Settings,
    instance: dg.DagsterInstance,
    steps: dict[str, Outcome | Exception],
    tags: dict[str, str] | None = None,
) -> SilentProgress:
    """A job with the progress resource of the real one, whose stages come to these outcomes."""
    shown = SilentProgress()

    @dg.op(required_resource_keys={"progress", "settings"})
    def refresh_stages(context: dg.OpExecutionContext) -> None:
        progress: Progress = context.resources.progress
        for name, outcome in steps.items():
            with stage(name, context, progress) as running:
                if isinstance(outcome, Exception):
                    raise outcome
                running.finish("so many rows", outcome)

    @dg.job(
        resource_defs={
            "settings": dg.ResourceDefinition.hardcoded_resource(settings),
            "progress": logged(shown),
        }
    )
    def refresh() -> None:
        refresh_stages()

    refresh.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
    return shown


def test_a_refresh_is_told_from_its_begin_to_its_result(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    steps: dict[str, Outcome | Exception] = {"load": LOADED, "build": BUILT, "publish": PUBLISHED}
    run_job(settings, instance, steps, tags={"intent/started_by": "intent refresh"})
    words = lines_of(settings)
    assert words == [
        "refresh begun by intent refresh",
        "load started",
        "load finished in 0.0 s: so many rows, as of 2026-06-30",
        "build started",
        "build finished in 0.0 s: so many rows",
        "publish started",
        "publish finished in 0.0 s: so many rows",
        "refresh done",
    ]
    [run] = instance.get_runs()
    first = (settings.logs / "refresh.log").read_text().splitlines()[0]
    assert first.split()[1] == run.run_id[:8]


def test_stages_of_one_name_are_told_to_start_once(settings: Settings) -> None:
    log = RefreshLog(settings, "1a2b3c4d-5e6f", SilentProgress())
    for _ in range(2):
        log.started("export")
        log.finished("export", 0.04, "3 rows", BUILT)
    assert lines_of(settings) == ["export started", *["export finished in 0.0 s: 3 rows"] * 2]


def test_a_refresh_that_failed_says_in_what_and_quotes_no_address(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    told = UserError("a.csv: anna@acme.com of 203.0.113.9 cannot be read\nand more")
    run_job(settings, instance, {"load": LOADED, "build": told})
    assert lines_of(settings)[-2:] == [
        "build failed: a.csv: … of … cannot be read",
        "refresh failed in build; readers see what they saw before",
    ]


def test_what_fails_after_publishing_is_told_apart(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    steps: dict[str, Outcome | Exception] = {"publish": PUBLISHED, "export": UserError("no room")}
    run_job(settings, instance, steps)
    assert lines_of(settings)[-1] == "refresh failed in export; readers see the new version"


def test_what_is_run_in_part_publishes_nothing_and_says_so(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    run_job(settings, instance, {"load": LOADED})
    assert lines_of(settings)[-1] == "refresh done; nothing published"


def test_a_refresh_that_is_stopped_within_a_stage_says_so(settings: Settings) -> None:
    log = RefreshLog(settings, "1a2b3c4d-5e6f", SilentProgress())
    log.begin("somebody")
    log.started("build")
    log.end()
    assert lines_of(settings)[-1] == "refresh stopped in build"


def test_the_log_of_refreshes_is_kept_in_four_pieces(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh_log, "_MOST_BYTES", 1)
    for number in range(6):
        RefreshLog(settings, f"run-{number}", SilentProgress()).begin("somebody")
    pieces = {path.name: path.read_text().split()[1] for path in settings.logs.iterdir()}
    assert pieces == {
        "refresh.log": "run-5",
        "refresh.log.1": "run-4",
        "refresh.log.2": "run-3",
        "refresh.log.3": "run-2",
    }


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Could not convert 'anna@acme.com' to INT32", "Could not convert '…' to INT32"),
        ("at 203.0.113.9, line 4", "at …, line 4"),
        ("from 2001:db8::7 and ::1", "from … and …"),
        (
            "forbids user_id anna.smith-77 and user_id k to be",
            "forbids user_id … and user_id … to be",
        ),
        ("begun at 18:04:59", None),
        ("3 files: 1,200 events, 0.5 s, version 1.11.16", None),
    ],
)
def test_addresses_are_masked_and_numbers_are_not(text: str, without: str | None) -> None:
    assert masked(text) == (without or text)


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"dagster/schedule_name": "daily_refresh"}, "schedule daily_refresh"),
        ({"dagster/sensor_name": "new_files"}, "sensor new_files"),
        ({}, "somebody in the UI"),
    ],
)
def test_who_asked_for_a_run_is_told_by_its_tags(tags: dict[str, str], words: str) -> None:
    assert started_by(tags) == words


def test_the_newest_files_are_kept_and_others_are_not_touched(tmp_path: Path) -> None:
    for number in range(5):
        path = tmp_path / f"refresh-{9 - number}.log"
        path.touch()
        os.utime(path, (number, number))
    (tmp_path / "ui.log").touch()
    keep_newest(tmp_path, "refresh-*.log", 2)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"refresh-6.log", "refresh-5.log", "ui.log"}
    keep_newest(tmp_path, "refresh-*.log", 2)
    assert len(list(tmp_path.iterdir())) == 3


def test_the_log_of_the_ui_is_cut_while_it_is_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_UI_LOG_BYTES", 10)
    path = settings.make_folder(settings.logs) / "ui.log"
    with path.open("ab", buffering=0) as writing:
        writing.write(b"x" * 11)
        tidy_logs(settings)
        writing.write(b"after")
    assert path.read_bytes() == b"after"
    assert path.with_name("ui.log.1").read_bytes() == b"x" * 11


def test_old_runs_are_forgotten_but_the_one_that_published_last(
    settings: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dg.asset(key=["published", "analytics"])
    def published() -> None: ...

    monkeypatch.setattr(logs, "RUNS_KEPT", 1)
    forgotten = dg.materialize([published], instance=instance).run_id
    last = dg.materialize([published], instance=instance).run_id
    printed = settings.dagster_home / "storage" / forgotten / "compute_logs"
    printed.mkdir(parents=True)
    job = dg.GraphDefinition(name="refresh").to_job()
    failed = [
        instance.create_run_for_job(job, status=dg.DagsterRunStatus.FAILURE).run_id
        for _ in range(2)
    ]
    assert set(forget_old_runs(settings, instance)) == {forgotten, failed[0]}
    assert {run.run_id for run in instance.get_runs()} == {last, failed[1]}
    assert not printed.parent.exists()
    event = instance.get_latest_materialization_event(dg.AssetKey(["published", "analytics"]))
    assert event is not None
    assert event.run_id == last
