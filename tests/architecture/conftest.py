"""What the architecture tests look at: the files of the tree, and the dbt project once built."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT, Settings
from tests.architecture.built_project import BuiltProject
from tests.dbt_runs import made_once, run_dbt


@pytest.fixture(scope="session")
def tree() -> list[Path]:
    """Every file that is, or is about to be, under version control; relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = {name for name in listed.stdout.split("\0") if name}
    return sorted(Path(name) for name in names if (PROJECT_ROOT / name).is_file())


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> BuiltProject:
    """dbt builds seeds and models once, on a warehouse without events."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("architecture") / "data")
    shutil.copytree(made_once("built", _build), settings.data_dir)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{settings.warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{settings.marts}' as published (read_only)")
        rows = connection.execute(
            "select schema_name || '.' || table_name, list(column_name order by column_index) "
            "from duckdb_columns() where not internal group by all"
        ).fetchall()
        uncommented = connection.execute(
            "select schema_name || '.' || table_name || '.' || column_name"
            " from duckdb_columns()"
            " where database_name = 'published' and not internal and comment is null"
        ).fetchall()
    manifest = json.loads((settings.dbt_target / "manifest.json").read_text())
    return BuiltProject(settings, manifest, dict(rows), [name for (name,) in uncommented])


def _build(data_dir: Path) -> None:
    from ingestion import run_settings, warehouse

    settings = Settings(data_dir=data_dir)
    with warehouse.connect(settings) as connection:
        run_settings.record(connection, settings, date(2026, 6, 30), "architecture")
    built = run_dbt(settings, "build", "--resource-type", "seed", "--resource-type", "model")
    assert built.returncode == 0, built.stdout + built.stderr
