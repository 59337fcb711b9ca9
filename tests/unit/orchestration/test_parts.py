"""A part of the graph is built alone only where nothing goes past what it has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from ingestion import run_settings
from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.dbt.parts import check_part, take_own_number
from orchestration.dbt.staleness import TABLES_DDL
from orchestration.refreshing.pipeline_files import DATABASES, both_files
from tests.unit.orchestration.small_project import manifest

KEPT = ("prepared", "matched", "counted", "owners", "owned")


@pytest.fixture
def connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with both_files(settings) as opened:
        for database in DATABASES:
            opened.execute(TABLES_DDL.format(database=database))
        yield opened


def load_file(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        insert into raw.files by name
        select
            nextval('raw.load_ids') as load_id, 'f' as file_name, 'f' as file_path,
            'x' as content_sha256, 0 as byte_count, 0 as modified_ns, 'segment' as format,
            0 as record_count, 0 as loaded_count, 0 as duplicate_count, 0 as collided_count,
            0 as rejected_count, 0 as skipped_count, 0 as blank_count, 0 as unfinished_count,
            timestamp '2026-06-30' as started_at, timestamp '2026-06-30' as loaded_at,
            0 as parse_seconds, 0 as dedupe_seconds
        """
    )


def number(connection: duckdb.DuckDBPyConnection) -> int:
    [(last,)] = connection.execute("select last_load_id from raw.refresh_settings").fetchall()
    return int(last)


def mark(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Does as a build of these models would."""
    for name in names:
        database = "published" if name == "counted" else "warehouse"
        connection.execute(f"delete from {database}.ops.model_marks where model_name = ?", [name])
        connection.execute(
            f"insert into {database}.ops.model_marks values (?, ?)", [name, number(connection)]
        )


def begin(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Does as a load would: a file, and the number of the run."""
    load_file(connection)
    run_settings.record(connection, settings, date(2026, 6, 30), "test")


def test_after_a_build_of_the_whole_any_part_may_be_built(
    connection: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    begin(connection, settings)
    mark(connection, *KEPT)
    for name in (*KEPT, "scored"):
        take_own_number(connection)
        check_part(connection, manifest(), {name})
    assert number(connection) > 2


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"counted"}, "counted cannot be built without (prepared|matched)"),
        ({"matched"}, "matched cannot be built without prepared"),
        ({"matched", "counted"}, "matched cannot be built without prepared"),
        ({"prepared", "counted"}, "counted cannot be built without matched"),
        ({"owned"}, "owned cannot be built without (owners|domains)"),
        ({"prepared"}, None),
        ({"prepared", "matched"}, None),
        ({"prepared", "matched", "counted"}, None),
        ({"domains", "owners", "owned"}, None),
        ({"scored"}, None),
    ],
)
def test_what_is_new_must_have_been_seen_by_all_that_a_part_goes_by(
    connection: duckdb.DuckDBPyConnection, settings: Settings, part: set[str], told: str | None
) -> None:
    begin(connection, settings)
    mark(connection, *KEPT)
    begin(connection, settings)
    if told is None:
        check_part(connection, manifest(), part)
        return
    with pytest.raises(UserError, match=told):
        check_part(connection, manifest(), part)


def test_a_part_built_later_is_missed_by_what_reads_it_until_that_is_built(
    connection: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    begin(connection, settings)
    mark(connection, *KEPT)
    take_own_number(connection)
    mark(connection, "prepared")
    with pytest.raises(UserError, match="without matched"):
        check_part(connection, manifest(), {"counted"})
    check_part(connection, manifest(), {"matched", "counted"})


def test_a_number_serves_one_build(
    connection: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    take_own_number(connection)
    begin(connection, settings)
    first = number(connection)
    take_own_number(connection)
    assert number(connection) == first
    mark(connection, "owners")
    take_own_number(connection)
    second = number(connection)
    assert second > first
    load_file(connection)
    take_own_number(connection)
    assert number(connection) > second + 1
    assert connection.execute("select last_load_id from raw.list_marks").fetchall() == [
        (second + 1,)
    ]
