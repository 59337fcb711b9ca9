"""What the load asset says of landing/, and how many files it tells of."""

from datetime import datetime
from pathlib import Path

import dagster as dg
import pytest

from ingestion.collector.live_files import LiveFile
from ingestion.landing import Kind
from ingestion.settings import Settings
from orchestration.defs.ingestion import LANDING, load
from orchestration.defs.resources import RefreshOptions
from orchestration.refreshing.outcomes import Loaded, Outcome
from orchestration.refreshing.progress import SilentProgress
from orchestration.refreshing.writer import Writer

LINE = '{"type":"page","messageId":"m%d","anonymousId":"a","timestamp":"2026-06-30T10:00:00Z"}\n'


class Listener(SilentProgress):
    """Keeps how far it was told that loading is, and what came of it."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []
        self.outcomes: list[Outcome] = []

    def finished(self, stage: str, seconds: float, words: str, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def advanced(self, stage: str, done: int, total: int, name: str) -> None:
        self.told.append((done, total))


def load_from(settings: Settings, *paths: Path) -> tuple[list[dict[str, object]], Listener]:
    """Runs the asset; returns the metadata of what it observed of landing/, and the listener."""
    listener, writer = Listener(), Writer(settings, 0)
    with dg.DagsterInstance.ephemeral() as instance:
        try:
            result = dg.materialize(
                [load],
                instance=instance,
                resources={
                    "settings": dg.ResourceDefinition.hardcoded_resource(settings),
                    "options": RefreshOptions(paths=[str(path) for path in paths]),
                    "writer": dg.ResourceDefinition.hardcoded_resource(writer),
                    "progress": dg.ResourceDefinition.hardcoded_resource(listener),
                },
            )
        finally:
            writer.release()
    observed = [
        {
            name: value.value
            for name, value in event.asset_observation_data.asset_observation.metadata.items()
        }
        for event in result.all_events
        if event.is_asset_observation
        and event.asset_observation_data.asset_observation.asset_key == LANDING
    ]
    return observed, listener


@pytest.fixture
def log_folder(tmp_path: Path) -> Path:
    """A folder with two log files, not in landing/."""
    folder = tmp_path / "log"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.ndjson").write_text(LINE % number)
    return folder


def test_a_folder_elsewhere_says_nothing_of_landing_and_its_files_are_counted(
    settings: Settings, log_folder: Path
) -> None:
    observed, listener = load_from(settings, log_folder)
    assert observed == []
    assert listener.told == [(1, 2), (2, 2)]


def test_what_lay_in_landing_is_observed_in_files_and_bytes(
    settings: Settings, log_folder: Path
) -> None:
    settings.landing.mkdir(parents=True)
    assert load_from(settings)[0] == [{"files": 0, "bytes": 0}]
    for path in log_folder.iterdir():
        path.rename(settings.landing / path.name)
    assert load_from(settings)[0] == [{"files": 2, "bytes": 2 * len(LINE % 1)}]


def test_a_list_of_users_is_no_activity_that_would_make_an_old_log_look_new(
    settings: Settings, log_folder: Path
) -> None:
    users = log_folder / "users.csv"
    users.write_text("type,user_id,email,timestamp\nidentify,1,a@acme.example,2026-09-30\n")
    for paths, newest in (([users], "2026-09-30T00:00"), ([log_folder], "2026-06-30T10:00")):
        [loaded] = load_from(settings, *paths)[1].outcomes
        assert isinstance(loaded, Loaded)
        assert loaded.newest_event_at == datetime.fromisoformat(newest)


def test_a_clock_that_is_ahead_makes_no_old_log_look_new(
    settings: Settings, log_folder: Path
) -> None:
    ahead = (LINE % 77).replace("2026-06-30", "2199-12-31")
    (log_folder / "ahead.ndjson").write_text(ahead)
    [loaded] = load_from(settings, log_folder)[1].outcomes
    assert isinstance(loaded, Loaded)
    assert loaded.newest_event_at == datetime.fromisoformat("2026-06-30T10:00")


def test_a_file_of_no_known_format_comes_with_its_reason_also_with_a_new_one(
    settings: Settings, tmp_path: Path
) -> None:
    users = tmp_path / "users.csv"
    for header, lacking in (
        ("user_id,email", "type"),
        ("type,user_id,email", "timestamp"),
    ):
        users.write_text(f"{header}\n")
        [loaded] = load_from(settings, users)[1].outcomes
        assert isinstance(loaded, Loaded)
        [(name, why)] = loaded.unknown
        assert name == "users.csv"
        assert f"a list of users lacks {lacking} (" in why


def test_files_loaded_before_are_counted_where_they_were_asked_for(
    settings: Settings, log_folder: Path
) -> None:
    settings.landing.mkdir(parents=True)
    for path in log_folder.iterdir():
        path.rename(settings.landing / path.name)
    for paths, known in (([], 0), ([settings.landing], 2), ([], 0)):
        [loaded] = load_from(settings, *paths)[1].outcomes
        assert isinstance(loaded, Loaded)
        assert loaded.known_files == known


def test_what_a_killed_collector_left_is_loaded_and_what_one_writes_now_is_left_alone(
    settings: Settings,
) -> None:
    settings.make_folder(settings.landing)
    left = settings.landing / "events-20260630T100000Z-0123456789ab.ndjson.part"
    left.write_text(LINE % 1 + '{"type":"pa')
    of_others = settings.landing / "export.ndjson.part"
    of_others.write_text(LINE % 2)
    live = LiveFile(settings.landing, Kind.events)
    live.append((LINE % 3).encode())
    [loaded] = load_from(settings)[1].outcomes
    assert isinstance(loaded, Loaded)
    assert (loaded.events, loaded.rejected) == (1, 0)
    assert not left.exists()
    assert of_others.exists()
    live.seal()
    [loaded] = load_from(settings)[1].outcomes
    assert isinstance(loaded, Loaded)
    assert loaded.events == 1


def test_the_collectors_files_of_days_past_are_one_from_the_next_refresh_on(
    settings: Settings,
) -> None:
    settings.landing.mkdir(parents=True)
    for number in (1, 2):
        name = f"events-20260629T10000{number}Z-00000000000{number}.ndjson"
        (settings.landing / name).write_text(LINE % number)
    load_from(settings)
    assert len(list(settings.landing.iterdir())) == 2
    observed, listener = load_from(settings)
    assert observed[0]["files"] == 1
    [loaded] = listener.outcomes
    assert isinstance(loaded, Loaded)
    assert [(row.record_count, row.duplicate_count) for row in loaded.files] == [(2, 2)]
    assert read_files(load_from(settings)) == ()


def read_files(loaded_from: tuple[object, Listener]) -> tuple[object, ...]:
    [loaded] = loaded_from[1].outcomes
    assert isinstance(loaded, Loaded)
    return loaded.files
