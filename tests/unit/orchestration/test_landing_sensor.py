"""When files in landing/ start a run."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.settings import Settings
from orchestration.defs.jobs import REFRESH
from orchestration.defs.sensors import (
    SECONDS_BETWEEN_RUNS,
    Landing,
    Watch,
    landing_state,
    new_files,
)


def look(settings: Settings, cursor: str | None) -> dg.SensorResult:
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, cursor=cursor, resources={"settings": settings})
        result = new_files(context)
    assert isinstance(result, dg.SensorResult)
    return result


def run_keys(result: dg.SensorResult) -> list[str | None]:
    return [request.run_key for request in result.run_requests or []]


def drop(settings: Settings, name: str, text: str) -> Path:
    settings.landing.mkdir(parents=True, exist_ok=True)
    path = settings.landing / name
    path.write_text(text)
    return path


def test_an_empty_landing_folder_starts_nothing(settings: Settings) -> None:
    assert run_keys(look(settings, None)) == []
    settings.landing.mkdir(parents=True)
    assert run_keys(look(settings, None)) == []


def test_a_new_file_that_stays_as_it_is_starts_one_run(settings: Settings) -> None:
    drop(settings, "a.ndjson", "{}")
    first = look(settings, None)
    assert run_keys(first) == []
    second = look(settings, first.cursor)
    assert len(run_keys(second)) == 1
    third = look(settings, second.cursor)
    assert run_keys(third) == []


def test_a_file_that_still_grows_is_waited_for(settings: Settings) -> None:
    drop(settings, "a.ndjson", "{}")
    first = look(settings, None)
    drop(settings, "a.ndjson", "{}\n{}")
    second = look(settings, first.cursor)
    assert run_keys(second) == []
    assert len(run_keys(look(settings, second.cursor))) == 1


def test_a_changed_file_starts_a_run_of_its_own(settings: Settings) -> None:
    path = drop(settings, "a.ndjson", "{}")
    cursor = look(settings, None).cursor
    before = look(settings, cursor)
    os.utime(path, ns=(1, 1))
    cursor = look(settings, before.cursor).cursor
    after = look(settings, cursor)
    assert len(run_keys(after)) == 1
    assert run_keys(after) != run_keys(before)


def test_a_file_that_is_moved_out_and_back_starts_a_run_of_its_own(settings: Settings) -> None:
    path = drop(settings, "a.ndjson", "{}")
    before = look(settings, look(settings, None).cursor)
    modified = path.stat().st_mtime_ns
    path.rename(settings.data_dir / "a.ndjson")
    gone = look(settings, before.cursor)
    (settings.data_dir / "a.ndjson").rename(path)
    assert path.stat().st_mtime_ns == modified
    after = look(settings, look(settings, gone.cursor).cursor)
    assert len(run_keys(after)) == 1
    assert run_keys(after) != run_keys(before)


def test_the_state_is_that_of_names_sizes_and_times(settings: Settings) -> None:
    one, two = drop(settings, "a", "1"), drop(settings, "b", "1")
    states = {landing_state([one]), landing_state([two]), landing_state([one, two])}
    assert len(states) == 3
    assert landing_state([one, settings.landing / "gone"]) == landing_state([one])


def test_a_folder_that_changes_all_the_time_is_loaded_now_and_then() -> None:
    watch = Watch().look(Landing(1), 0.0).look(Landing(1), 1.0)
    assert watch.started == 1
    for second in range(2, 3_000):
        watch = watch.look(Landing(second), float(second))
    assert watch.started >= 3_000 - SECONDS_BETWEEN_RUNS - 1
    assert watch.started < 2_999


@given(st.lists(st.integers(1, 3), max_size=30))
def test_what_has_started_a_run_never_starts_another(states: list[int]) -> None:
    watch, started = Watch(), list[int]()
    for second, state in enumerate(states):
        after = watch.look(Landing(state), float(second))
        if after.started != watch.started:
            started.append(after.started)
        watch = after
    assert all(one < other for one, other in pairwise(started))


@pytest.mark.parametrize("state", [0, 1])
def test_a_state_must_be_seen_twice(state: int) -> None:
    assert Watch().look(Landing(1), 0.0).started == 0
    assert Watch(seen=state).look(Landing(1), 0.0).started == state


STAMP = "20260630T100000Z"


def test_a_request_starts_a_run_at_the_first_look(settings: Settings) -> None:
    drop(settings, f"requests-{STAMP}-0123456789ab.ndjson", "{}")
    first = look(settings, None)
    assert len(run_keys(first)) == 1
    assert run_keys(look(settings, first.cursor)) == []
    drop(settings, f"requests-{STAMP}-0123456789ac.ndjson", "{}")
    second = look(settings, first.cursor)
    assert len(run_keys(second)) == 1
    assert run_keys(second) != run_keys(first)


@pytest.mark.parametrize("name", ["requests-{stamp}-{end}.ndjson", "{end}.ndjson"])
def test_files_that_go_start_nothing_and_one_that_comes_then_does(
    settings: Settings, name: str
) -> None:
    paths = [
        drop(settings, name.format(stamp=STAMP, end=f"0123456789a{end}"), "{}") for end in "bcd"
    ]
    seen = look(settings, look(settings, None).cursor)
    for path in (paths[0], paths[2]):
        path.unlink()
        seen = look(settings, look(settings, seen.cursor).cursor)
        assert run_keys(seen) == []
    drop(settings, name.format(stamp=STAMP, end="0123456789ae"), "{}")
    first = look(settings, seen.cursor)
    assert len(run_keys(first) + run_keys(look(settings, first.cursor))) == 1


def test_two_looks_lie_within_a_minute(settings: Settings) -> None:
    assert (new_files.minimum_interval_seconds or 0) <= 30


def test_a_file_that_is_copied_while_a_request_comes_has_a_run_of_its_own(
    settings: Settings,
) -> None:
    drop(settings, "a.ndjson", "{}")
    drop(settings, f"requests-{STAMP}-0123456789ab.ndjson", "{}")
    started = look(settings, None)
    assert len(run_keys(started)) == 1
    drop(settings, "a.ndjson", "{}\n{}")
    seen = look(settings, started.cursor)
    assert run_keys(seen) == []
    assert len(run_keys(look(settings, seen.cursor))) == 1


def test_what_the_collector_writes_starts_a_run_every_quarter_of_an_hour() -> None:
    watch, started = Watch(), []
    for second in range(0, 7_200, 30):
        after = watch.look(Landing(steady=1 + second // 60), 1e9 + second)
        if after.started_at != watch.started_at or not second:
            started.append(second)
        watch = after
    assert started == list(range(0, 7_200, 900))


def test_a_file_that_somebody_calls_events_is_no_file_of_the_collector(settings: Settings) -> None:
    drop(settings, "events-0001.ndjson", "{}")
    assert run_keys(look(settings, None)) == []


def test_what_delivery_tells_starts_nothing(settings: Settings) -> None:
    drop(settings, "lead-magnet-20260630T100000Z-01234567.ndjson", "{}")
    first = look(settings, None)
    assert run_keys(first) == []
    assert run_keys(look(settings, first.cursor)) == []
    drop(settings, f"requests-{STAMP}-0123456789ab.ndjson", "{}")
    started = look(settings, None)
    drop(settings, "lead-magnet-20260630T110000Z-01234567.ndjson", "{}")
    assert run_keys(look(settings, started.cursor)) == []


def test_a_refresh_that_waits_for_its_turn_is_enough(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [(REFRESH, dg.DagsterRunStatus.QUEUED), ("other", dg.DagsterRunStatus.STARTED)]

    def runs(_: object, filters: dg.RunsFilter, limit: int) -> list[object]:
        found = [run for run in waiting if run[0] == filters.job_name]
        return [run for run in found if run[1] in filters.statuses][:limit]

    monkeypatch.setattr(dg.DagsterInstance, "get_runs", runs)
    drop(settings, f"requests-{STAMP}-0123456789ab.ndjson", "{}")
    skipped = look(settings, None)
    assert run_keys(skipped) == []
    # one that runs has perhaps loaded already; and nothing is forgotten by having waited
    waiting[0] = (REFRESH, dg.DagsterRunStatus.STARTED)
    assert len(run_keys(look(settings, skipped.cursor))) == 1


def test_a_cursor_of_an_earlier_version_is_read(settings: Settings) -> None:
    drop(settings, f"requests-{STAMP}-0123456789ab.ndjson", "{}")
    assert len(run_keys(look(settings, '{"seen": "a", "started": "a", "started_at": 1.0}'))) == 1
