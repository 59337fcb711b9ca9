"""The quarantine read again: what is good now is loaded, what is not stays as it was."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion import canonical
from ingestion.replay import replay
from tests.unit.ingestion.conftest import Warehouse, at, message

QUARANTINE = "select * exclude (detail) from raw.rejected_events order by all"


@pytest.fixture
def older_version(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A product that does not know the event type `track` yet."""
    known = tuple(name for name in canonical.EVENT_TYPES if name != "track")
    monkeypatch.setattr(canonical, "EVENT_TYPES", known)
    return monkeypatch


def csv(*types: str) -> str:
    rows = (f'e{number},{kind},2026-06-01,"a\nb"\n' for number, kind in enumerate(types))
    return "event_id,type,timestamp,plan\n" + "".join(rows)


def test_what_a_newer_version_reads_is_loaded_and_leaves_the_quarantine(
    loaded: Warehouse, older_version: pytest.MonkeyPatch
) -> None:
    loaded.load_messages(message("m1", type="track"), message("m2", type="click"))
    loaded.load(csv("track", "page", "click"))
    loaded.load(json.dumps([message("d1", type="track")], indent=1))
    loaded.load(json.dumps({"batch": [message("b1", type="track")], "sentAt": "2026-06-01"}))
    before = {row["record_md5"]: row for row in loaded.rows(QUARANTINE)}
    older_version.undo()
    rows = replay(loaded.connection, loaded.settings)
    assert sum(row.loaded_count for row in rows) == 4
    ids = [event["event_id"] for event in loaded.rows("select * from raw.events order by all")]
    assert ids == ["b1", "d1", "e0", "e1", "m1"]
    kept = loaded.rows(QUARANTINE)
    assert kept == [before[row["record_md5"]] for row in kept]
    assert [row["reason_code"] for row in kept] == ["unknown_event_type"] * 2
    [replayed] = loaded.rows("select line_number, properties from raw.events where event_id = 'e0'")
    assert replayed == {"line_number": 2, "properties": '{"plan":"a\\nb"}'}


def test_a_replay_equals_a_load_by_the_newer_version(
    loaded: Warehouse, older_version: pytest.MonkeyPatch
) -> None:
    texts = [
        json.dumps(message("m1", type="track", properties={"a": 1})) + "\n",
        csv("track", "page"),
        json.dumps({"batch": [message("b1", type="track")], "sentAt": "2026-06-01T09:00:01Z",
                    "receivedAt": "2026-06-01T10:00:00Z"}) + "\n",
    ]  # fmt: skip
    events = "select * exclude (load_id) from raw.events order by event_id"
    for text in texts:
        loaded.load(text)
    older_version.undo()
    replay(loaded.connection, loaded.settings)
    found = loaded.rows(events)
    for table in ("events", "files"):
        loaded.connection.execute(f"delete from raw.{table}")
    for text in texts:
        loaded.load(text)
    assert found == loaded.rows(events)


def test_nothing_changes_where_nothing_was_mended(loaded: Warehouse) -> None:
    loaded.load("{broken\n" + json.dumps(message("a", type="click")) + "\n")
    loaded.load(csv("click"))
    loaded.load("email,owner\nnone,Kim\n")
    loaded.load(b'{"messageId":"x\xff","type":"page","timestamp":"2026-06-01"}\n')
    before = loaded.rows(QUARANTINE)
    for _ in range(2):
        rows = replay(loaded.connection, loaded.settings)
        assert [row.rejected_count for row in rows] == [2, 1, 1]
        assert loaded.rows(QUARANTINE) == before
    assert loaded.events() == []


def test_what_was_forgotten_and_files_as_a_whole_are_left_alone(loaded: Warehouse) -> None:
    loaded.load("no log at all\n")
    loaded.load("{broken\n" + json.dumps(message("a")) + "\n")
    loaded.connection.execute("update raw.rejected_events set raw_text = null")
    assert replay(loaded.connection, loaded.settings) == []


def test_an_event_that_came_by_another_file_meanwhile_is_a_duplicate(
    loaded: Warehouse, older_version: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded.load_messages(message("m1", type="track"))
    older_version.undo()
    loaded.load_messages(message("m1", type="track"), message("m2"))
    [row] = replay(loaded.connection, loaded.settings)
    assert (row.loaded_count, row.duplicate_count) == (0, 1)
    assert loaded.rows(QUARANTINE) == []


def test_a_row_of_parquet_is_read_as_the_message_that_was_kept_of_it(
    loaded: Warehouse, older_version: pytest.MonkeyPatch
) -> None:
    times = ["2026-06-01T09:00:00Z"] * 2
    table = pa.table({"event_id": ["p1", "p2"], "type": ["track", "click"], "timestamp": times})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    assert loaded.load(buffer.getvalue()).rejected_count == 2
    older_version.undo()
    [row] = replay(loaded.connection, loaded.settings)
    assert (row.loaded_count, row.rejected_count) == (1, 1)
    assert [(e["event_id"], e["source"]) for e in loaded.events()] == [("p1", "parquet")]


def test_a_quarantine_larger_than_memory_would_be_is_read_in_stretches(
    loaded: Warehouse, older_version: pytest.MonkeyPatch
) -> None:
    loaded.load(csv(*["track"] * 50))
    loaded.load_messages(*(message(f"m{number}", type="track") for number in range(50)))
    older_version.undo()
    older_version.setattr("ingestion.replay._TEXTS_AT_ONCE", 3)
    rows = replay(loaded.connection, loaded.settings)
    assert [row.loaded_count for row in rows] == [50, 50]
    assert [(row.first_event_at, row.last_event_at) for row in rows] == [
        (at("2026-06-01 00:00:00"), at("2026-06-01 00:00:00")),
        (at("2026-06-01 09:00:00"), at("2026-06-01 09:00:00")),
    ]
    assert loaded.rows(QUARANTINE) == []
