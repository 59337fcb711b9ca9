"""A folder of many small files: the statement that reads them is planned once for a layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingestion import loader
from ingestion.prepared_insert import PreparedInsert
from tests.unit.ingestion.conftest import Warehouse, message

LEADS = "email,company\nkim@corp.example,Corp\n"


def csv(event_id: str) -> str:
    return f"message_id,type,timestamp\n{event_id},page,2026-06-01T09:00:00Z\n"


def ndjson(*event_ids: str) -> str:
    return "".join(json.dumps(message(each)) + "\n" for each in event_ids)


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that were planned."""
    planned: list[str] = []
    prepare = PreparedInsert.prepare

    def noted(insert: PreparedInsert, table: str, query: str) -> None:
        planned.append(query)
        prepare(insert, table, query)

    monkeypatch.setattr(PreparedInsert, "prepare", noted)
    return planned


def load(loaded: Warehouse, *texts: str) -> list[int]:
    """How many events or rows of lists each text brought, all loaded at once."""
    paths: list[Path] = [loaded.file(text) for text in texts]
    rows = loader.load_paths(loaded.connection, loaded.settings, paths)
    return [row.loaded_count for row in rows]


def test_files_of_one_layout_are_planned_once(loaded: Warehouse, plans: list[str]) -> None:
    assert load(loaded, *(ndjson(f"m{number}") for number in range(5))) == [1] * 5
    assert len(plans) == 1
    assert [event["event_id"] for event in loaded.events()] == [f"m{number}" for number in range(5)]


def test_layouts_may_take_turns(loaded: Warehouse, plans: list[str]) -> None:
    texts = (ndjson("m1"), csv("m2"), LEADS, ndjson("m3"), LEADS.replace("kim", "lee"), csv("m4"))
    assert load(loaded, *texts) == [1] * 6
    assert len(plans) == 3
    assert {event["event_id"] for event in loaded.events()} == {"m1", "m2", "m3", "m4"}
    assert loaded.rows("select count(*) as leads from raw.leads") == [{"leads": 2}]


def test_no_record_of_a_file_is_taken_for_one_of_the_next(loaded: Warehouse) -> None:
    bad = "{broken\n"
    rows = [bad + ndjson("m1"), ndjson("m1"), ndjson("m2"), bad, ""]
    assert load(loaded, *rows) == [1, 0, 1, 0, 0]
    assert loaded.rejected() == [(1, "invalid_json"), (1, "invalid_json")]
    assert [row["record_count"] for row in loaded.rows("from raw.files order by load_id")] == [
        2, 1, 1, 1, 0,
    ]  # fmt: skip


def test_records_leave_no_memory_taken(loaded: Warehouse) -> None:
    """Few records of much text: DuckDB clears deleted rows away by their number."""
    title = "x" * 100_000
    texts = [
        "".join(json.dumps({**message(f"{file}-{row}"), "properties": {"title": title}}) + "\n"
                for row in range(100))
        for file in range(5)
    ]  # fmt: skip
    taken: list[int] = []
    memory = (
        "select sum(memory_usage_bytes) from duckdb_memory()"
        " where tag in ('IN_MEMORY_TABLE', 'OVERFLOW_STRINGS')"
    )

    def note(_: object) -> None:
        [(byte_count,)] = loaded.connection.execute(memory).fetchall()
        taken.append(int(byte_count))

    paths = [loaded.file(text) for text in texts]
    loader.load_paths(loaded.connection, loaded.settings, paths, on_file=note)
    # what is there after a file is its own
    assert 0 < max(taken) < 4 * len(texts[0])


def test_nothing_of_a_load_is_left_behind(loaded: Warehouse) -> None:
    load(loaded, ndjson("m1"), LEADS)
    assert loaded.rows("select * from duckdb_databases() where database_name = 'stage'") == []
    assert loaded.rows("select * from duckdb_prepared_statements()") == []
    assert loaded.rows("select * from duckdb_views() where not internal") == []
    load(loaded, ndjson("m2"))
