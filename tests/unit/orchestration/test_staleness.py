"""Tables that can't be brought up to date are dropped before dbt starts, and with a reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingestion import run_settings, warehouse
from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.dbt import staleness
from orchestration.dbt.fingerprints import Fingerprints
from orchestration.dbt.leftovers import drop_leftovers
from orchestration.dbt.manifest import Manifest
from orchestration.dbt.seed_tables import fingerprints_of_seeds, note_loaded_seeds
from orchestration.dbt.staleness import Dropped
from orchestration.refreshing.pipeline_files import DATABASES, both_files
from tests.unit.orchestration.small_project import manifest, write_project

_FIRST_PAGE = 12_288
"""Where DuckDB's pages begin, behind three headers."""
KEPT = {"prepared", "matched", "counted", "owners", "owned"}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project in the place of this one."""
    root = write_project(tmp_path / "project")

    def of_root(*arguments: object) -> Fingerprints:
        return Fingerprints(*arguments, root)  # type: ignore[arg-type]

    monkeypatch.setattr(staleness, "Fingerprints", of_root)
    return root


def drop_stale(settings: Settings, of: Manifest, **options: Any) -> Dropped:
    """As before a build, in files that are opened for it alone."""
    with both_files(settings) as connection:
        return staleness.drop_stale(connection, of, **options)


def build(settings: Settings, *, but: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Does as dbt would: makes what is not there, and marks all with the run's number."""
    with both_files(settings) as connection:
        for name in KEPT - but:
            database, schema = (
                ("published", "marts") if name == "counted" else ("warehouse", "intermediate")
            )
            connection.execute(f"create schema if not exists {database}.{schema}")
            connection.execute(f"create table if not exists {database}.{schema}.{name} (i integer)")
            connection.execute(
                f"delete from {database}.ops.model_marks where model_name = ?", [name]
            )
            connection.execute(
                f"insert into {database}.ops.model_marks"
                " select ?, last_load_id from raw.refresh_settings",
                [name],
            )


def load(settings: Settings, *, crawlers: str = "1.59") -> None:
    with warehouse.connect(settings) as connection:
        run_settings.record(connection, settings, date(2026, 6, 30), "test")
        connection.execute("delete from raw.list_versions")
        connection.execute(
            "insert into raw.list_versions values ('crawler-user-agents', ?, now()::timestamp)",
            [crawlers],
        )


def there(settings: Settings) -> set[str]:
    with both_files(settings) as connection:
        rows = connection.execute(
            "select table_name from duckdb_tables() where schema_name in ('intermediate', 'marts')"
        ).fetchall()
    return {name for (name,) in rows}


def number(settings: Settings) -> int:
    with both_files(settings) as connection:
        [(last,)] = connection.execute("select last_load_id from raw.refresh_settings").fetchall()
    return int(last)


@pytest.fixture
def built(settings: Settings, root: Path) -> Settings:
    """A data directory in which every model of the project is built."""
    load(settings)
    drop_stale(settings, manifest())
    build(settings)
    return settings


def test_a_first_build_says_nothing_of_rebuilding(settings: Settings, root: Path) -> None:
    load(settings)
    assert drop_stale(settings, manifest()).lines() == []


def test_what_is_made_of_the_same_stays(built: Settings) -> None:
    load(built)
    assert drop_stale(built, manifest()).lines() == []
    assert there(built) == KEPT


def test_a_changed_seed_drops_what_depends_on_it_and_says_which(
    built: Settings, root: Path
) -> None:
    write_project(root, pages="page_class,path_pattern\ndocs,^/manual\n")
    dropped = drop_stale(built, manifest())
    assert dropped.lines() == ["3 tables, since seeds/pages.csv has changed"]
    assert there(built) == {"owners", "owned"}
    # as after a kill before dbt had built them
    assert drop_stale(built, manifest()).lines() == []
    build(built)
    drop_stale(built, manifest())
    assert there(built) == KEPT


def test_a_weight_drops_nothing_and_a_matching_rule_does(built: Settings, root: Path) -> None:
    write_project(root, rules="rule_id,kind,weight\nview,page,9\nask,track,20\n")
    assert drop_stale(built, manifest()).lines() == []
    write_project(root, rules="rule_id,kind,weight\nview,track,9\nask,track,20\n")
    assert drop_stale(built, manifest()).lines() == ["2 tables, since seeds/rules.csv has changed"]


def test_a_newer_list_is_named_with_its_version(built: Settings) -> None:
    load(built, crawlers="1.60")
    assert drop_stale(built, manifest()).lines() == [
        "3 tables, since the list crawler-user-agents is now 1.60"
    ]


def test_other_sql_and_another_seed_are_two_causes(built: Settings, root: Path) -> None:
    write_project(root, rules="rule_id,kind,weight\nview,track,5\n", gap_seconds=60)
    assert set(drop_stale(built, manifest(counted="select 2")).lines()) == {
        "3 tables, since gap_seconds is now 60",
        "2 tables, since seeds/rules.csv has changed",
        "1 table, since this version of the product builds them otherwise",
    }


def test_tables_of_a_version_without_fingerprints_are_built_anew(built: Settings) -> None:
    with both_files(built) as connection:
        for database in DATABASES:
            connection.execute(f"drop table {database}.ops.model_marks")
            connection.execute(f"drop table {database}.ops.model_fingerprints")
    assert drop_stale(built, manifest()).lines() == [
        "5 tables, since an earlier version of the product built them"
    ]
    assert there(built) == set()


@pytest.mark.parametrize("text", ["", "0a1b2c", "[]"])
def test_what_another_version_wrote_in_another_way_is_as_if_it_were_not(
    built: Settings, text: str
) -> None:
    with both_files(built) as connection:
        connection.execute("update warehouse.ops.model_fingerprints set ingredients = ?", [text])
    assert "4 tables, since an earlier version of the product built them" in (
        drop_stale(built, manifest()).lines()
    )


def test_what_lies_below_a_missing_table_is_dropped(built: Settings) -> None:
    with both_files(built) as connection:
        connection.execute("drop table intermediate.matched")
    assert drop_stale(built, manifest()).lines() == [
        "1 table, since a table that they are built from is not there"
    ]
    assert there(built) == {"prepared", "owners", "owned"}


def test_tables_that_are_ahead_of_the_warehouse_are_dropped(built: Settings) -> None:
    with both_files(built) as connection:
        connection.execute("update published.ops.model_marks set load_id = 99")
    assert drop_stale(built, manifest()).lines() == [
        "1 table, since they hold loads that warehouse.duckdb does not know"
    ]


def test_rules_of_a_model_that_writes_differences_drop_nothing(built: Settings, root: Path) -> None:
    write_project(root, overrides="action,first,second\nforbid,a,b\n")
    assert drop_stale(built, manifest()).lines() == []
    assert there(built) == KEPT


def test_another_way_of_making_it_drops_it_and_what_lies_below(built: Settings) -> None:
    assert drop_stale(built, manifest(owners="select 2")).lines() == [
        "2 tables, since this version of the product builds them otherwise"
    ]
    assert there(built) == {"prepared", "matched", "counted"}


def test_a_full_refresh_drops_all_so_that_a_kill_leaves_none_half_new(built: Settings) -> None:
    assert drop_stale(built, manifest(), full_refresh=True).lines() == []
    assert there(built) == set()


def test_a_killed_full_refresh_is_gone_on_with(built: Settings) -> None:
    drop_stale(built, manifest(), full_refresh=True)
    build(built, but={"counted"})
    drop_stale(built, manifest())
    assert there(built) == KEPT - {"counted"}


def test_a_part_that_is_built_by_other_rules_is_built_once_more_with_the_whole(
    built: Settings, root: Path
) -> None:
    write_project(root, pages="page_class,path_pattern\ndocs,^/manual\n")
    drop_stale(built, manifest(), selected={"matched"})
    assert there(built) == KEPT - {"matched"}
    build(built)
    # back to what the others are made of
    write_project(root)
    drop_stale(built, manifest())
    assert there(built) == {"prepared", "owners", "owned"}


def test_a_view_in_the_place_of_a_table_is_dropped_as_one(built: Settings) -> None:
    with both_files(built) as connection:
        connection.execute("drop table intermediate.owned")
        connection.execute("create view intermediate.owned as select 1 as i")
    drop_stale(built, manifest())
    with both_files(built) as connection:
        [(views,)] = connection.execute(
            "select count(*) from duckdb_views() where view_name = 'owned'"
        ).fetchall()
    assert views == 0


def test_what_no_model_makes_any_more_is_dropped(built: Settings) -> None:
    with both_files(built) as connection:
        connection.execute("create table intermediate.int_before (i integer)")
        connection.execute("create view published.marts.rpt_before as select 1 as one")
        connection.execute("create table published.ops.refreshes (i integer)")
        connection.execute("create table raw.mine (i integer)")
        connection.execute("create table warehouse.mine (i integer)")
        connection.execute("insert into warehouse.ops.model_marks values ('int_before', 1)")
        connection.execute("insert into warehouse.ops.model_fingerprints values ('int_before', '')")
        assert drop_leftovers(connection, manifest()) == ["int_before", "rpt_before"]
        assert drop_leftovers(connection, manifest()) == []
        for table in ("published.ops.refreshes", "raw.mine", "warehouse.mine"):
            connection.execute(f"from {table}")
        [(marks,)] = connection.execute(
            "select count(*) from warehouse.ops.model_marks where model_name = 'int_before'"
        ).fetchall()
    assert marks == 0
    assert there(built) == KEPT


def test_a_model_that_is_not_kept_any_more_holds_nothing_up(built: Settings) -> None:
    with both_files(built) as connection:
        for table, value in (("model_marks", "1"), ("model_fingerprints", "'{}'")):
            connection.execute(f"insert into warehouse.ops.{table} values ('scored', {value})")
        assert drop_leftovers(connection, manifest()) == []
        for table in ("model_marks", "model_fingerprints"):
            names = connection.execute(f"select model_name from warehouse.ops.{table}").fetchall()
            assert {name for (name,) in names} == KEPT - {"counted"}


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("warehouse", "load the logs again"), ("marts", "copy analytics.duckdb over marts.duckdb")],
)
def test_of_a_damaged_file_it_is_said_what_to_do(built: Settings, name: str, remedy: str) -> None:
    path: Path = getattr(built, name)
    with path.open("r+b") as file:
        file.seek(_FIRST_PAGE + 8)
        file.write(b"damage" * 1000)
    with pytest.raises(UserError, match=f"{name}.duckdb is damaged: .*{remedy}"):
        drop_stale(built, manifest())


def test_marts_that_were_moved_away_are_made_anew(built: Settings) -> None:
    built.marts.unlink()
    assert drop_stale(built, manifest()).lines() == []
    assert there(built) == KEPT - {"counted"}


def test_records_that_another_version_keeps_are_not_dropped(built: Settings) -> None:
    with both_files(built) as connection:
        connection.execute("create table published.marts.fct_said (i integer)")
        connection.execute("insert into published.ops.model_marks values ('fct_said', 1)")
        assert drop_leftovers(connection, manifest()) == []


def test_seeds_that_are_noted_are_no_hindrance(built: Settings, root: Path) -> None:
    with both_files(built) as connection:
        note_loaded_seeds(connection, fingerprints_of_seeds(manifest(), root))
    assert drop_stale(built, manifest()).lines() == []
    assert there(built) == KEPT
