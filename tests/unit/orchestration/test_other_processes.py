"""What a setting given in `.env` is worth to Dagster's processes and to dbt."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.settings import Settings
from orchestration.commands import ui
from orchestration.dagster_home.instance import dagster_environment, open_instance
from orchestration.dbt.process import dbt_environment
from orchestration.own_output import own_output
from tests.collecting import COMMAND_LINE


@pytest.fixture
def from_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that stand in `.env` alone."""
    (tmp_path / ".env").write_text(
        "INTENT_DATA_DIR=data\nINTENT_THREADS=1\nINTENT_MEMORY_LIMIT=512MiB\n"
        "INTENT_SITE_DOMAINS=example.com\nINTENT_QUARANTINE_DAYS=3\n"
        f"INTENT_SECRET_KEY={'0a1b' * 8}\n"
        "INTENT_KEEP_EXPORTS_DAYS=4\nINTENT_KEEP_LANDING_DAYS=5\n"
        "INTENT_KEEP_REPORTS_DAYS=6\nINTENT_REPORT_DAYS=8\n"
    )
    monkeypatch.chdir(tmp_path)
    return Settings.from_environment()


def test_dbt_and_dagster_are_given_every_setting(from_file: Settings) -> None:
    assert Settings.from_environment(dbt_environment(from_file)) == from_file
    assert Settings.from_environment(dagster_environment(from_file)) == from_file


def test_the_ui_s_processes_are_given_every_setting(
    from_file: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, str] = {}

    class Stopped(Exception):
        """Nothing is to be started."""

    def start(_command: list[str], env: dict[str, str], **_: object) -> None:
        given.update(env)
        raise Stopped

    monkeypatch.setattr(ui.subprocess, "Popen", start)  # type: ignore[attr-defined]
    monkeypatch.setattr(ui, "_check_free", lambda *_: None)
    monkeypatch.setattr(ui.signal, "signal", lambda *_: None)  # type: ignore[attr-defined]
    with pytest.raises(Stopped):
        ui.serve(from_file, "127.0.0.1", 3000, ui.sys.stdout)  # type: ignore[attr-defined]
    assert Settings.from_environment(given) == from_file


def test_an_instance_leaves_the_environment_as_it_was(from_file: Settings) -> None:
    before = dict(os.environ)
    with open_instance(from_file):
        assert os.environ["DAGSTER_HOME"] == str(from_file.dagster_home)
        assert os.environ["INTENT_MEMORY_LIMIT"] == "512MiB"
    assert dict(os.environ) == before


def test_what_a_command_writes_is_its_owners_alone_also_where_others_may_enter(
    settings: Settings, tmp_path: Path
) -> None:
    settings.data_dir.mkdir()
    settings.data_dir.chmod(0o755)
    log = tmp_path / "one.ndjson"
    log.write_text('{"type":"page","anonymousId":"a","timestamp":"2026-06-30T10:00:00Z"}\n')
    subprocess.run(
        [sys.executable, "-c", COMMAND_LINE, "load", str(log)],
        env={**os.environ, **settings.environment()},
        umask=0o022,
        check=True,
        capture_output=True,
    )
    modes = {path.name: path.stat().st_mode & 0o077 for path in settings.data_dir.rglob("*")}
    assert modes["warehouse.duckdb"] == 0
    assert set(modes.values()) == {0}


def test_whatever_makes_the_data_directory_makes_it_for_its_owner_alone(
    from_file: Settings,
) -> None:
    with own_output(from_file):
        assert stat.S_IMODE(from_file.data_dir.stat().st_mode) == 0o700
