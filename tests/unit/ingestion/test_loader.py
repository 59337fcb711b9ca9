"""Files: each is one transaction, known files are left alone, and every record is accounted for."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion import clock, dedupe, ledger, lines, loader, quarantine, staging
from ingestion.errors import UserError
from ingestion.hashing import sha256_of
from ingestion.ledger import ConservationError, LedgerRow
from ingestion.loader import load_paths
from ingestion.opening import OpenedFile
from tests.unit.ingestion.conftest import Warehouse, message


def text(*ids: str) -> str:
    return "".join(json.dumps(message(each)) + "\n" for each in ids)


def test_every_record_of_a_file_is_accounted_for(loaded: Warehouse) -> None:
    row = loaded.load(
        text("a", "b", "a")
        + json.dumps(message("a", name="other"))
        + "\n\n  \nnot json\n"
        + '{"batch":[]}\n'
        + '{"type": "pa'
    )
    counts = {
        name: getattr(row, f"{name}_count")
        for name in (
            "record", "loaded", "duplicate", "collided", "rejected", "skipped", "blank",
            "unfinished",
        )
    }  # fmt: skip
    assert counts == {
        "record": 9, "loaded": 2, "duplicate": 1, "collided": 1, "rejected": 1, "skipped": 1,
        "blank": 2, "unfinished": 1,
    }  # fmt: skip
    assert loaded.rows("select * from raw.files") == [
        {name: getattr(row, name) for name in ledger.COLUMNS}
    ]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"duplicate": -1}, "2 records, but 1 accounted for"),
        ({"loaded": 1, "duplicate": 1}, "1 records were to be loaded, but 2 were"),
    ],
)
def test_a_load_that_cannot_account_for_a_record_leaves_nothing(
    loaded: Warehouse, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, int], words: str
) -> None:
    decide = dedupe.decide

    def miscount(connection: duckdb.DuckDBPyConnection) -> dedupe.Verdict:
        return dataclasses.replace(decide(connection), **wrong)

    monkeypatch.setattr(dedupe, "decide", miscount)
    with pytest.raises(ConservationError, match=words):
        loaded.load(text("a", "b"))
    for table in ("events", "files", "rejected_events"):
        assert loaded.rows(f"select * from raw.{table}") == []
    monkeypatch.undo()
    assert loaded.load(text("a", "b")).loaded_count == 2


def test_a_failure_keeps_the_files_before_it(
    loaded: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = loaded.file(text("a")), loaded.file(text("b"))
    append = ledger.append

    def fail_at_the_second(connection: duckdb.DuckDBPyConnection, row: ledger.LedgerRow) -> None:
        append(connection, row)
        if row.load_id > 1:
            raise OSError("no space left on device")

    monkeypatch.setattr(ledger, "append", fail_at_the_second)
    with pytest.raises(OSError, match="no space"):
        load_paths(loaded.connection, loaded.settings, [first, second])
    assert [event["event_id"] for event in loaded.events()] == ["a"]
    monkeypatch.undo()
    again = load_paths(loaded.connection, loaded.settings, [first, second])
    assert [row.already_loaded for row in again] == [True, False]
    assert [event["event_id"] for event in loaded.events()] == ["a", "b"]


def test_the_same_file_again_is_left_alone(loaded: Warehouse) -> None:
    path = loaded.file(text("a", "a"))
    [first] = load_paths(loaded.connection, loaded.settings, [path])
    [again] = load_paths(loaded.connection, loaded.settings, [path])
    assert again == dataclasses.replace(first, already_loaded=True)
    assert len(loaded.rows("select * from raw.files")) == 1


def test_the_same_content_under_another_name_is_left_alone(loaded: Warehouse) -> None:
    loaded.load(text("a"))
    assert loaded.load(text("a")).already_loaded
    assert len(loaded.rows("select * from raw.files")) == 1


def test_a_file_touched_but_not_changed_is_left_alone(loaded: Warehouse) -> None:
    path = loaded.file(text("a"))
    load_paths(loaded.connection, loaded.settings, [path])
    os.utime(path, (1, 1))
    [again] = load_paths(loaded.connection, loaded.settings, [path])
    assert again.already_loaded


def test_a_file_changed_at_the_same_size_is_read_again(loaded: Warehouse) -> None:
    path = loaded.file(text("a"))
    load_paths(loaded.connection, loaded.settings, [path])
    path.write_text(text("b"))
    os.utime(path, (1, 1))
    [again] = load_paths(loaded.connection, loaded.settings, [path])
    assert (again.already_loaded, again.loaded_count) == (False, 1)


def test_a_growing_file_may_be_loaded_again_and_again(loaded: Warehouse) -> None:
    path = loaded.file(text("a", "b"))
    whole = text("a", "b", "c", "d")
    loads = []
    for cut in (len(text("a", "b")) + 10, len(whole) - 1, len(whole)):
        path.write_text(whole[:cut])
        loads += load_paths(loaded.connection, loaded.settings, [path])
    assert [(row.loaded_count, row.duplicate_count, row.unfinished_count) for row in loads] == [
        (2, 0, 1),
        (2, 2, 0),
        (0, 4, 0),
    ]
    assert loaded.rejected() == []


def appended(before: bytes, after: bytes) -> bytes:
    return before + after


def replaced(before: bytes, after: bytes) -> bytes:
    """The same size, and other records."""
    return after + before[len(after) :]


def cut(before: bytes, after: bytes) -> bytes:
    return before[: -len(after) // 2]


@pytest.mark.parametrize("is_read_first", [False, True], ids=["midway", "at the end"])
@pytest.mark.parametrize("change", [appended, replaced, cut])
def test_a_file_that_changes_while_it_is_read_is_all_there_after_the_next_load(
    loaded: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[bytes, bytes], bytes],
    is_read_first: bool,
) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", 4_000)  # of which the first tells the format
    before, after = text(*(f"m{number}" for number in range(100))), text("new", "newer")
    path = loaded.file(before)
    read = loader._read

    def change_and_read(file: OpenedFile, stage: staging.Stage) -> int:
        count = read(file, stage) if is_read_first else 0
        path.write_bytes(change(before.encode(), after.encode()))
        return count or read(file, stage)

    with monkeypatch.context() as patched:
        patched.setattr(loader, "_read", change_and_read)
        [row] = load_paths(loaded.connection, loaded.settings, [path])
    row.check()
    [again] = load_paths(loaded.connection, loaded.settings, [path])
    assert again.content_sha256 == sha256_of(path)
    whole = set(re.findall(r'"messageId": "(\w+)".*}\n', path.read_text()))
    assert len(whole) > 95
    assert whole <= {event["event_id"] for event in loaded.events()}


def test_a_file_of_no_known_format_is_one_rejected_record(loaded: Warehouse) -> None:
    row = loaded.load("event_id,type\n1,page\n")
    assert (row.format, row.record_count, row.rejected_count) == ("unknown", 1, 1)
    assert loaded.rejected() == [(0, "unknown_format")]


def test_told_the_format_a_file_is_loaded_after_all(loaded: Warehouse) -> None:
    path = loaded.file("some text\n" * 3)
    load_paths(loaded.connection, loaded.settings, [path])
    [row] = load_paths(loaded.connection, loaded.settings, [path], format="access_log")
    assert (row.format, row.record_count, row.rejected_count) == ("access_log", 3, 3)
    [again] = load_paths(loaded.connection, loaded.settings, [path])
    assert again.already_loaded


def test_an_empty_file_is_loaded_with_nothing_in_it(loaded: Warehouse) -> None:
    assert loaded.load("").record_count == 0


def test_folders_are_loaded_in_the_order_of_their_names(loaded: Warehouse) -> None:
    inner = loaded.folder / "b"
    inner.mkdir()
    for path in (inner / "z.ndjson", loaded.folder / "c.ndjson", loaded.folder / "a.ndjson"):
        path.write_text(text(path.stem))
    (loaded.folder / ".hidden").write_text("x")
    (loaded.folder / "still.part").write_text("x")
    seen: list[LedgerRow] = []
    rows = load_paths(loaded.connection, loaded.settings, [loaded.folder], on_file=seen.append)
    assert [row.file_name for row in rows] == ["a.ndjson", "z.ndjson", "c.ndjson"]
    assert seen == rows


def test_a_name_that_is_no_utf_8_is_written_out_and_known_again(loaded: Warehouse) -> None:
    for name in (b"a.ndjson", b"\xe9t\xe9.ndjson"):
        (loaded.folder / os.fsdecode(name)).write_text(text(os.fsdecode(name[:1])) + "no json\n")
    for _ in range(2):
        rows = load_paths(loaded.connection, loaded.settings, [loaded.folder])
        assert [row.file_name for row in rows] == ["a.ndjson", "\\xe9t\\xe9.ndjson"]
    assert [row.already_loaded for row in rows] == [True, True]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_wrong_path_is_told_before_anything_is_loaded(loaded: Warehouse, is_known: bool) -> None:
    good = loaded.file(text("a"))
    with pytest.raises(UserError, match="no such file or folder"):
        load_paths(loaded.connection, loaded.settings, [good, Path("nowhere.ndjson")])
    assert loaded.events() == []


def test_a_file_that_is_gone_when_its_turn_comes_stops_no_other(loaded: Warehouse) -> None:
    paths = [loaded.folder / f"{name}.ndjson" for name in "abc"]
    for path in paths:
        path.write_text(json.dumps(message(path.stem)) + "\n")

    def rotate(_row: object) -> None:
        paths[1].unlink(missing_ok=True)

    rows = load_paths(loaded.connection, loaded.settings, paths, on_file=rotate)
    assert [row.file_name for row in rows] == ["a.ndjson", "c.ndjson"]
    assert sorted(event["event_id"] for event in loaded.events()) == ["a", "c"]


def test_an_unknown_format_is_told(loaded: Warehouse) -> None:
    with pytest.raises(UserError, match="no format 'csvv'; there are: segment, json, csv, parquet"):
        load_paths(loaded.connection, loaded.settings, [], format="csvv")


def test_a_growing_file_brings_its_bad_lines_once(loaded: Warehouse) -> None:
    path = loaded.folder / "growing.ndjson"
    for bad_lines in ("{broken\n{broken\n", "{broken\n{broken\n{worse\n" + text("b")):
        path.write_text(text("a") + bad_lines)
        load_paths(loaded.connection, loaded.settings, [path])
    assert loaded.rejected() == [(2, "invalid_json"), (3, "invalid_json"), (4, "invalid_json")]
    quarantine.purge(loaded.connection, 0, clock.utc_now() + timedelta(days=1))
    path.write_text(path.read_text() + text("c"))
    load_paths(loaded.connection, loaded.settings, [path])
    assert len(loaded.rejected()) == 3


def test_raw_text_of_rejected_records_is_forgotten_after_its_days(loaded: Warehouse) -> None:
    loaded.load("{broken\n" + text("a"))
    quarantine.purge(loaded.connection, 30, clock.utc_now() + timedelta(days=29, hours=23))
    [kept] = loaded.rows("select raw_text from raw.rejected_events")
    assert kept == {"raw_text": "{broken"}
    quarantine.purge(loaded.connection, 30, clock.utc_now() + timedelta(days=30))
    [forgotten] = loaded.rows("select raw_text, reason_code, line_number from raw.rejected_events")
    assert forgotten == {"raw_text": None, "reason_code": "invalid_json", "line_number": 1}


def test_what_a_reason_quotes_of_a_record_is_forgotten_with_it(loaded: Warehouse) -> None:
    loaded.load_messages(message("a", type="anna@acme.example"))
    assert loaded.rows("select detail from raw.rejected_events") == [
        {"detail": "anna@acme.example"}
    ]
    quarantine.purge(loaded.connection, 30, clock.utc_now() + timedelta(days=30))
    assert loaded.rows("select detail from raw.rejected_events") == [{"detail": None}]


def test_hostile_bytes_cost_only_their_own_line(loaded: Warehouse) -> None:
    good = json.dumps(message("good")).encode()
    hostile = [
        b'{"messageId":"x\xff","type":"page","timestamp":"2026-06-01"}',
        b'{"messageId":"x\x00","type":"page","timestamp":"2026-06-01"}',
        b'{"messageId":"x","type":"page"',
        b'{"messageId":"x"}{"type":"page"}',
        b"\x00" * 100,
        b"null",
    ]
    kept = [
        b'{"messageId":"half","type":"page","timestamp":"2026-06-01","properties":{"a":"\\ud800"}}',
        b'{"messageId":"nul","type":"page","timestamp":"2026-06-01","properties":{"a":"\\u0000"}}',
        b'{"messageId":"deep","type":"page","timestamp":"2026-06-01","properties":{"a":'
        + b"[" * 20_000 + b"]" * 20_000 + b"}}",
        b'{"messageId":"wide","type":"page","timestamp":"2026-06-01","properties":{'
        + b",".join(b'"key %d":%d' % (n, n) for n in range(20_000)) + b"}}",
        b'{"messageId":"long","type":"page","timestamp":"2026-06-01","properties":{"a":"'
        + b"x" * 10_000_000 + b'"}}',
    ]  # fmt: skip
    row = loaded.load(b"\n".join([good, *hostile, *kept, b""]))
    assert (row.loaded_count, row.rejected_count) == (1 + len(kept), len(hostile))
    assert [number for number, _ in loaded.rejected()] == list(range(2, 2 + len(hostile)))


def test_records_too_large_for_a_little_memory_are_read_with_more(
    loaded: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "ENOUGH_MEMORY", "30MB")
    large = [message(f"m{number}", properties={"text": "x" * 4_000_000}) for number in range(6)]
    assert loaded.load_messages(*large).loaded_count == len(large)


def test_records_too_large_for_the_memory_of_the_settings_are_told(loaded: Warehouse) -> None:
    unlimited = loaded.settings
    loaded.settings = dataclasses.replace(unlimited, memory_limit="30MB")
    loaded.connection.execute("set memory_limit = '30MB'")
    large = [message(f"m{number}", properties={"text": "x" * 4_000_000}) for number in range(6)]
    advice = (
        r"file1\.ndjson holds records too large .*INTENT_MEMORY_LIMIT higher, or leave it unset"
    )
    with pytest.raises(UserError, match=advice):
        loaded.load_messages(*large)
    assert loaded.events() == []
    assert loaded.rows("select * from raw.files") == []
    loaded.settings = unlimited
    loaded.connection.execute(f"set memory_limit = '{staging.ENOUGH_MEMORY}'")
    assert loaded.load_messages(*large).loaded_count == len(large)
