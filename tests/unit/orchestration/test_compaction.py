"""A compacted file holds what it held, and gives the rest of its room back."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from ingestion import warehouse
from ingestion.settings import Settings
from orchestration.refreshing import compaction
from orchestration.refreshing.compaction import NotCompactedError, compact, files_worth_it, room_of
from orchestration.refreshing.pipeline_files import MARTS_STORAGE, both_files

LARGE = """
create schema {schema};
create table {schema}.large as
    select range as number, md5(range::varchar) as text from range(400000);
checkpoint {database};
"""
EMPTIED = "delete from {schema}.large where number >= 10; force checkpoint {database};"


@pytest.fixture
def grown(settings: Settings) -> Settings:
    """Both files, with one of everything, most of whose rows have gone."""
    with both_files(settings) as connection:
        connection.execute(LARGE.format(schema="published.marts", database="published"))
        connection.execute(EMPTIED.format(schema="published.marts", database="published"))
    with both_files(settings) as connection:
        connection.execute(LARGE.format(schema="warehouse.intermediate", database="warehouse"))
        connection.execute("select nextval('raw.load_ids'), nextval('raw.load_ids')")
        connection.execute(
            """
            create schema staging;
            create view staging.own as
                select number from "warehouse"."intermediate"."large";
            create view staging.theirs as select number from "published"."marts"."large";
            create view staging.of_a_view as select number + 1 as next from warehouse.staging.own;
            create macro staging.twice(number) as 2 * number;
            create table intermediate.strict (
                number bigint not null check (number > 0) unique,
                text varchar default 'none'
            );
            insert into intermediate.strict (number) values (1), (2);
            comment on table intermediate.strict is 'A table.';
            comment on column intermediate.strict.number is 'A column.';
            comment on view staging.own is 'A view.';
            comment on column staging.own.number is 'A column of a view.';
            """
        )
        connection.execute(EMPTIED.format(schema="warehouse.intermediate", database="warehouse"))
    return settings


def said(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """All that the catalogue and the tables of both files say."""
    queries = {
        "tables": "select database_name, schema_name, table_name, comment, column_count"
        " from duckdb_tables() order by all",
        "columns": "select database_name, schema_name, table_name, column_name, data_type,"
        " is_nullable, column_default, comment from duckdb_columns() where not internal"
        " order by all",
        "constraints": "select database_name, schema_name, table_name, constraint_text"
        " from duckdb_constraints() order by all",
        "views": "select schema_name, view_name, comment, sql from duckdb_views()"
        " where not internal order by all",
        "macros": "select schema_name, function_name, macro_definition"
        " from duckdb_functions() where not internal order by all",
        "rows": "from warehouse.intermediate.large union all from published.marts.large",
        "strict": "from warehouse.intermediate.strict",
        "of views": "select count(*), (select count(*) from staging.theirs),"
        " (select sum(next) from staging.of_a_view) from staging.own",
    }
    with both_files(settings) as connection:
        return {name: connection.execute(sql).fetchall() for name, sql in queries.items()}


def test_a_compacted_file_is_smaller_and_says_the_same(grown: Settings) -> None:
    before = said(grown)
    assert files_worth_it(grown, least_bytes=1) == [grown.warehouse, grown.marts]
    for path in (grown.warehouse, grown.marts):
        done = compact(grown, path)
        assert done.byte_count < done.bytes_before / 2
        assert path.stat().st_size == done.byte_count
    assert said(grown) == before
    assert files_worth_it(grown, least_bytes=1) == []


def test_the_next_load_gets_the_next_number(grown: Settings) -> None:
    compact(grown, grown.warehouse)
    with warehouse.connect(grown) as connection:
        [(load_id,)] = connection.execute("select nextval('raw.load_ids')").fetchall()
    assert load_id == 3


def test_the_file_stays_readable_for_those_who_could_read_it(grown: Settings) -> None:
    def version(path: Path) -> str:
        with duckdb.connect(path, read_only=True) as connection:
            [(tags,)] = connection.execute(
                "select tags from duckdb_databases() where database_name = ?", [path.stem]
            ).fetchall()
        return str(tags["storage_version"])

    before = version(grown.warehouse)
    compact(grown, grown.marts)
    compact(grown, grown.warehouse)
    assert version(grown.marts).startswith(MARTS_STORAGE)
    assert version(grown.warehouse) == before


def test_rows_keep_their_order(settings: Settings) -> None:
    with both_files(settings) as connection:
        connection.execute(
            "create table raw.mixed as select hash(range) as number from range(300000)"
        )
        before = connection.execute("from raw.mixed").fetchall()
    compact(settings, settings.warehouse)
    with both_files(settings) as connection:
        assert connection.execute("from raw.mixed").fetchall() == before


def test_a_write_ahead_log_is_taken_in(grown: Settings, tmp_path: Path) -> None:
    with warehouse.connect(grown) as connection:
        connection.execute("set checkpoint_threshold = '1 TB'")
        connection.execute("insert into intermediate.strict (number) values (3)")
        # as a killed writer leaves it
        for name in ("warehouse.duckdb", "warehouse.duckdb.wal"):
            shutil.copy(grown.data_dir / name, tmp_path / name)
    for name in ("warehouse.duckdb", "warehouse.duckdb.wal"):
        shutil.copy(tmp_path / name, grown.data_dir / name)
    compact(grown, grown.warehouse)
    assert not (grown.data_dir / "warehouse.duckdb.wal").exists()
    assert [number for number, _ in said(grown)["strict"]] == [1, 2, 3]


def test_a_copy_that_lacks_something_is_not_put_in_place(
    grown: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = grown.warehouse.read_bytes()

    def contents(_: object, database: str) -> list[tuple[object, ...]]:
        return [(database,)]

    monkeypatch.setattr(compaction, "_contents", contents)
    with pytest.raises(NotCompactedError, match="not what the file holds"):
        compact(grown, grown.warehouse)
    assert grown.warehouse.read_bytes() == before
    assert list(grown.data_dir.glob(".*compacted*")) == []


def test_what_a_killed_compaction_left_is_removed_by_the_next_run(grown: Settings) -> None:
    leftovers = [
        grown.data_dir / ".warehouse.duckdb.compacted",
        grown.data_dir / ".warehouse.duckdb.compacted.wal",
        grown.data_dir / ".marts.duckdb.compacted",
    ]
    for leftover in leftovers:
        leftover.write_bytes(b"half a file")
    before = said(grown)
    compact(grown, grown.warehouse)
    assert not any(leftover.exists() for leftover in leftovers)
    assert said(grown) == before


def test_a_full_file_a_small_one_and_none_are_left_alone(
    settings: Settings, grown: Settings
) -> None:
    assert room_of(settings.data_dir / "none.duckdb").byte_count == 0
    assert files_worth_it(grown) == []
    for path in (grown.warehouse, grown.marts):
        compact(grown, path)
    assert files_worth_it(grown, least_bytes=1) == []
