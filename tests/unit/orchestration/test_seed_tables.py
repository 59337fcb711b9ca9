"""A seed is loaded again unless its table is known to hold what the file says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ingestion.settings import Settings
from orchestration.dbt.seed_tables import fingerprints_of_seeds, loaded_seeds, note_loaded_seeds
from orchestration.dbt.staleness import TABLES_DDL
from orchestration.refreshing.pipeline_files import DATABASES, both_files
from tests.unit.orchestration.small_project import SEEDS, manifest, write_project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")


def load(settings: Settings, root: Path, *, is_noted: bool = True) -> None:
    """Does as dbt does with every seed; noted are those of a build that came to its end."""
    with both_files(settings) as connection:
        for database in DATABASES:
            connection.execute(TABLES_DDL.format(database=database))
        connection.execute("create schema if not exists seeds")
        for name in SEEDS:
            connection.execute(
                f"create or replace table seeds.{name} as from read_csv(?, header = true)",
                [str(root / "seeds" / f"{name}.csv")],
            )
        if is_noted:
            note_loaded_seeds(connection, fingerprints_of_seeds(manifest(), root))


def not_again(settings: Settings, root: Path, of: dict[str, Any] | None = None) -> set[str]:
    project = of or manifest()
    with both_files(settings) as connection:
        return set(loaded_seeds(connection, project, fingerprints_of_seeds(project, root), root))


def test_what_is_loaded_and_tested_is_not_loaded_again(settings: Settings, root: Path) -> None:
    load(settings, root)
    assert not_again(settings, root) == set(SEEDS)


def test_what_no_build_has_tested_is(settings: Settings, root: Path) -> None:
    load(settings, root, is_noted=False)
    assert not_again(settings, root) == set()


def test_another_content_is_loaded(settings: Settings, root: Path) -> None:
    load(settings, root)
    write_project(root, rules="rule_id,kind,weight\nview,page,9\nask,track,20\n")
    assert not_again(settings, root) == {"pages", "overrides"}


def test_a_content_that_failed_and_was_undone_is_loaded_once_more(
    settings: Settings, root: Path
) -> None:
    load(settings, root)
    write_project(root, rules="rule_id,kind,weight\nview,page,-1\nask,track,20\n")
    not_again(settings, root)
    load(settings, root, is_noted=False)
    write_project(root)
    assert not_again(settings, root) == {"pages", "overrides"}


def test_another_description_is_written_too(settings: Settings, root: Path) -> None:
    load(settings, root)
    described = manifest()
    described["nodes"]["seed.shop.pages"]["description"] = "Pages."
    assert not_again(settings, root, described) == {"rules", "overrides"}


@pytest.mark.parametrize(
    "harm",
    ["drop table seeds.rules", "alter table seeds.rules drop column weight",
     "delete from seeds.rules where rule_id = 'ask'"],
)  # fmt: skip
def test_a_table_that_was_harmed_is_loaded_again(settings: Settings, root: Path, harm: str) -> None:
    load(settings, root)
    with both_files(settings) as connection:
        connection.execute(harm)
    assert not_again(settings, root) == {"pages", "overrides"}


def test_a_lost_warehouse_has_every_seed_loaded(settings: Settings, root: Path) -> None:
    load(settings, root)
    shutil.rmtree(settings.data_dir)
    settings.make_folder(settings.data_dir)
    load(settings, root, is_noted=False)
    assert not_again(settings, root) == set()
