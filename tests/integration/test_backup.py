"""Backup and restore, by the commands of docs/operations.md as they stand there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import httpx
import pytest

from ingestion.lock import writer_lock
from ingestion.settings import PROJECT_ROOT, Settings
from ingestion.simulator import simulate
from tests.collecting import KEY, running, settings_in, track

pytestmark = pytest.mark.slow

YESTERDAY, TODAY = date(2026, 6, 29), date(2026, 6, 30)
LOG_LINE = (
    '203.0.113.9 - - [{day}/Jun/2026:10:00:00 +0000] "GET {page} HTTP/1.1" 200 5 "-" "Firefox"\n'
)

SYSTEMCTL = """\
#!/bin/sh
echo "$@" >> systemctl.log
if [ "$1" = stop ] && [ -n "$COLLECTOR" ]; then
    exec 9< "$PART"
    kill -TERM "$COLLECTOR"
    flock 9  # its own until it has its last name
fi
"""
"""Ends the collector that the environment names, and returns when that is done."""

Tables = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Shop:
    """A data directory, and where its archive lies."""

    settings: Settings
    archive: Path

    def run(self, command: str, **more: str) -> str:
        """Runs a shell command with `intent` on the path, as an operator would; `more` is in its
        environment."""
        services = self.archive.parent / "bin"
        services.mkdir(exist_ok=True)
        (services / "systemctl").write_text(SYSTEMCTL)
        (services / "systemctl").chmod(0o755)
        environment = {
            **os.environ,
            "INTENT_DATA_DIR": str(self.settings.data_dir),
            "BACKUP": str(self.archive),
            "PATH": f"{services}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            **more,
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            env=environment, cwd=self.archive.parent, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def tables(self) -> Tables:
        """Every published table of marts, and the refreshes, in the order of their rows."""
        with duckdb.connect(self.settings.analytics, read_only=True) as connection:
            names = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables()"
                " where schema_name = 'marts' or table_name = 'refreshes'"
            ).fetchall()
            return {
                name: connection.execute(f"from {name} order by all").fetchall()
                for (name,) in names
            }

    def visitors(self) -> set[tuple[object, ...]]:
        """The names of the visitors of access logs."""
        with duckdb.connect(self.settings.analytics, read_only=True) as connection:
            return set(
                connection.execute(
                    "select anonymous_id from marts.fct_events where anonymous_id like 'log-%'"
                ).fetchall()
            )


def commands(word: str) -> str:
    """The fence of docs/operations.md that has `word` in it, without its example of places."""
    text = (PROJECT_ROOT / "docs/operations.md").read_text(encoding="utf-8")
    [found] = [
        fence for fence in re.findall(r"^```\w*\n(.*?)^```$", text, re.S | re.M) if word in fence
    ]
    return re.sub(r"^export .*\n", "", found, flags=re.M)


def differing(before: Tables, after: Tables) -> list[str]:
    """Tables of marts that are not the same, row for row."""
    assert before.keys() == after.keys()
    return [name for name in before if name != "ops.refreshes" and before[name] != after[name]]


@pytest.fixture(scope="module")
def backed_up(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Shop, Tables, set[tuple[object, ...]]]:
    """Two days refreshed and backed up; the published tables then, and the visitors' names."""
    folder = tmp_path_factory.mktemp("backup")
    shop = Shop(Settings(data_dir=folder / "data"), folder / "intent.tar")
    simulate(600, folder / "log", seed=7, days=30, end=TODAY)
    shop.settings.landing.mkdir(parents=True)
    for path in (folder / "log").glob("*.ndjson"):
        path.rename(shop.settings.landing / path.name)
    (shop.settings.landing / "access.log").write_text(LOG_LINE.format(day=28, page="/pricing"))
    for day in (YESTERDAY, TODAY):
        shop.run(f"intent refresh --as-of {day}")
    shop.run(commands("flock"))
    return shop, shop.tables(), shop.visitors()


def restored(shop: Shop, *options: str) -> None:
    """The data directory lost, and taken from its archive; its first refresh is of the same day."""
    shutil.rmtree(shop.settings.data_dir)
    refresh = " ".join(["intent refresh", "--as-of", str(TODAY), *options])
    shop.run(commands("-xpf").replace("intent refresh", refresh))


def test_the_archive_is_its_owners_alone_and_lacks_what_is_made_anew(
    backed_up: tuple[Shop, Tables, set[tuple[object, ...]]],
) -> None:
    shop, *_ = backed_up
    assert shop.archive.stat().st_mode & 0o077 == 0
    tops = {name.split("/")[1] for name in shop.run('tar -tf "$BACKUP"').split() if name != "./"}
    assert tops >= {"secret_key", "landing", "warehouse.duckdb", "marts.duckdb", "exports"}
    assert tops & {"logs", "dbt", "dagster", ".writer.lock"} == set()


def test_a_backup_and_a_refresh_keep_out_of_each_others_way(
    backed_up: tuple[Shop, Tables, set[tuple[object, ...]]],
) -> None:
    shop, *_ = backed_up
    lock = shop.settings.lock_file
    assert subprocess.run(["flock", "-n", str(lock), "true"]).returncode == 0
    with writer_lock(shop.settings, 0):
        assert subprocess.run(["flock", "-n", str(lock), "true"]).returncode == 1
    said = subprocess.run(
        ["flock", str(lock), sys.executable, "-c",
         "from orchestration.cli import main; main(['rejected', '--wait', '0'])"],
        env={**os.environ, "INTENT_DATA_DIR": str(shop.settings.data_dir)},
        cwd=PROJECT_ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 3
    assert "another process writes in" in said.stderr


def test_what_a_collector_answered_for_before_the_backup_is_in_it_under_its_last_name(
    tmp_path: Path,
) -> None:
    shop = Shop(settings_in(tmp_path), tmp_path / "intent.tar")
    with running(shop.settings) as collector:
        answer = httpx.post(f"{collector.url}/v1/track", json=track(), auth=(KEY, ""))
        assert answer.status_code == 200
        [part] = shop.settings.landing.iterdir()
        shop.run(commands("flock"), COLLECTOR=str(collector.process.pid), PART=str(part))
    assert (tmp_path / "systemctl.log").read_text().splitlines() == [
        "stop intent-collect",
        "start intent-collect",
    ]
    name = part.name.removesuffix(".part")
    names = shop.run('tar -tf "$BACKUP" ./landing').split()
    assert names == ["./landing/", f"./landing/{name}"]
    [line] = shop.run(f'tar -xOf "$BACKUP" ./landing/{name}').splitlines()
    assert json.loads(line)["messageId"] == "m1"


def test_a_backup_that_fails_says_so_and_the_collector_is_started_again(tmp_path: Path) -> None:
    shop = Shop(settings_in(tmp_path), tmp_path / "backup" / "intent.tar")
    shop.settings.make_folder(shop.settings.landing)
    shop.archive.parent.mkdir()
    command = commands("flock").replace("$BACKUP", "$BACKUP/in/no/folder")
    assert "failed" in shop.run(f"{command.rstrip()} || echo failed")
    log = (shop.archive.parent / "systemctl.log").read_text()
    assert log.endswith("start intent-collect\n")


def test_what_is_restored_refreshes_to_the_same_tables(
    backed_up: tuple[Shop, Tables, set[tuple[object, ...]]],
) -> None:
    shop, before, visitors = backed_up
    restored(shop)
    assert shop.tables() == before  # nothing is new, so what was published stands
    restored(shop, "--full-refresh")
    after = shop.tables()
    assert differing(before, after) == []
    history = after["marts.fct_score_history"]
    assert {value for row in history for value in row if isinstance(value, date)} == {
        YESTERDAY,
        TODAY,
    }
    assert set(before["ops.refreshes"]) < set(after["ops.refreshes"])
    assert len(after["ops.refreshes"]) == 3
    assert shop.visitors() == visitors
    assert len(visitors) == 1


def test_without_the_warehouse_all_is_loaded_again_and_comes_out_the_same(
    backed_up: tuple[Shop, Tables, set[tuple[object, ...]]],
) -> None:
    shop, before, visitors = backed_up
    shop.run('tar --delete -f "$BACKUP" ./warehouse.duckdb')
    restored(shop)
    after = shop.tables()
    assert differing(before, after) == []
    assert set(before["ops.refreshes"]) < set(after["ops.refreshes"])
    assert shop.visitors() == visitors


def test_a_visitor_of_an_access_log_has_the_same_name_after_a_restore(
    backed_up: tuple[Shop, Tables, set[tuple[object, ...]]],
) -> None:
    shop, _, visitors = backed_up
    later = shop.archive.with_name("later.log")
    later.write_text(LOG_LINE.format(day=30, page="/demo"))
    shop.run(f"intent load {later}")
    with duckdb.connect(shop.settings.warehouse, read_only=True) as connection:
        names = connection.execute(
            "select distinct anonymous_id from raw.events where source = 'access_log'"
        ).fetchall()
    assert set(names) == visitors
