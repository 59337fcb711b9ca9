"""What loading needs around it: the lock, landing/, run settings, the warehouse, consent's name."""

from __future__ import annotations

import fcntl
import stat
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from ingestion import landing, run_settings, warehouse
from ingestion.consent import consent_category
from ingestion.errors import UserError
from ingestion.lock import LockBusyError, check_free, writer_lock
from ingestion.settings import PROJECT_ROOT, Settings
from tests.unit.ingestion.conftest import Warehouse

HOLD = """
import sys
from pathlib import Path
from ingestion.lock import writer_lock
from ingestion.settings import Settings
with writer_lock(Settings(data_dir=Path(sys.argv[1])), 0):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(LockBusyError, match=f"process {holder.pid} writes in"),
            writer_lock(settings, 0.05),
        ):
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()
    # the system lets go of the lock of a killed process
    with writer_lock(settings, 10):
        assert settings.lock_file.exists()


def test_the_lock_can_be_taken_again_once_it_is_free(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    for _ in range(2):
        with writer_lock(settings, 0):
            assert settings.lock_file.exists()


def test_who_only_asks_who_writes_keeps_no_writer_out(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.lock_file.touch()
    with settings.lock_file.open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        check_free(settings)
        threading.Timer(0.05, fcntl.flock, (asking.fileno(), fcntl.LOCK_UN)).start()
        with writer_lock(settings, 0), pytest.raises(LockBusyError, match="process"):
            check_free(settings)
    check_free(settings)


def test_a_data_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "above" / "data")
    settings.make_folder(settings.exports)
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    settings.data_dir.chmod(0o750)
    with writer_lock(settings, 0):
        assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o750


def test_pending_files_are_those_that_producers_have_finished(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert landing.pending_files(settings) == []
    (settings.landing / "2026" / ".cache").mkdir(parents=True)
    for name in ("b.ndjson", "a.log", "2026/c.gz", "x.tmp", "y.part", ".z", "2026/.cache/n"):
        (settings.landing / name).write_text("")
    assert [
        str(path.relative_to(settings.landing)) for path in landing.pending_files(settings)
    ] == [
        "2026/c.gz",
        "a.log",
        "b.ndjson",
    ]


def test_run_settings_are_replaced_as_a_whole(loaded: Warehouse) -> None:
    first = Settings(data_dir=loaded.settings.data_dir, site_domains=("a.com", "b.com"))
    second = Settings(data_dir=loaded.settings.data_dir, site_domains=("c.com",))
    run_settings.record(loaded.connection, first, date(2026, 6, 29), "one")
    run_settings.record(loaded.connection, second, date(2026, 6, 30), "two", is_as_of_today=True)
    [row] = loaded.rows("select * exclude (last_load_id) from raw.refresh_settings")
    assert row == {"refresh_id": "two", "as_of_date": date(2026, 6, 30), "is_as_of_today": True}
    assert loaded.rows("select * from raw.site_domains") == [{"site_domain": "c.com"}]


def test_a_refresh_s_number_is_above_every_load_before_it_and_below_every_one_after_it(
    loaded: Warehouse,
) -> None:
    def recorded() -> int:
        run_settings.record(loaded.connection, loaded.settings, date(2026, 6, 30), "one")
        [row] = loaded.rows("select last_load_id from raw.refresh_settings")
        return int(row["last_load_id"])

    def next_load() -> int:
        [row] = loaded.rows("select nextval('raw.load_ids') as load_id")
        return int(row["load_id"])

    assert next_load() < recorded() < recorded() < next_load()


def test_without_site_domains_there_are_none(loaded: Warehouse) -> None:
    run_settings.record(loaded.connection, loaded.settings, date(2026, 6, 30), "one")
    assert loaded.rows("select * from raw.site_domains") == []


def test_a_warehouse_opens_again_with_what_it_held(tmp_path: Path) -> None:
    spill_dir = tmp_path / "spill"
    settings = Settings(data_dir=tmp_path, threads=1, memory_limit="1GB", spill_dir=spill_dir)
    with warehouse.connect(settings) as connection:
        connection.execute("insert into raw.site_domains values ('kept.com')")
    with warehouse.connect(settings) as connection:
        [(domain, threads, zone, spill)] = connection.execute(
            "select site_domain, current_setting('threads'), current_setting('timezone'),"
            " current_setting('temp_directory') from raw.site_domains"
        ).fetchall()
    assert (domain, threads, zone, spill) == ("kept.com", 1, "UTC", str(spill_dir))


def test_the_consent_category_is_the_project_s_var() -> None:
    assert consent_category(PROJECT_ROOT) == "Analytics"


def test_the_days_of_the_quarantine_are_a_setting() -> None:
    assert Settings.from_environment({}).quarantine_days == 30
    assert Settings.from_environment({"INTENT_QUARANTINE_DAYS": "7"}).quarantine_days == 7
    with pytest.raises(UserError, match="INTENT_QUARANTINE_DAYS is 'soon'"):
        Settings.from_environment({"INTENT_QUARANTINE_DAYS": "soon"})
