"""Parquet: types become what a message would say, and damage costs what cannot be read."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import uuid
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.ingestion.conftest import Warehouse, at

UTC = datetime.UTC
MOMENT = datetime.datetime(2026, 6, 1, 9, 0, 0, 250_000, tzinfo=UTC)


def parquet(table: pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def events(count: int, **columns: pa.Array) -> pa.Table:
    return pa.table(
        {
            "event_id": [f"e{number:05d}" for number in range(count)],
            "type": ["page"] * count,
            "timestamp": pa.array([MOMENT] * count, pa.timestamp("us", tz="UTC")),
            **columns,
        }
    )


@pytest.mark.parametrize(
    "column",
    [
        pa.array([MOMENT], pa.timestamp("ms", tz="Europe/Berlin")),
        pa.array([MOMENT.replace(tzinfo=None)], pa.timestamp("ns")),
        pa.array(["2026-06-01T09:00:00.25Z"]),
        pa.array(["2026-06-01T11:00:00.250+02:00"]).dictionary_encode(),
        pa.array([int(MOMENT.timestamp() * 1_000)], pa.int64()),
    ],
    ids=lambda column: str(column.type),
)
def test_times_of_any_type_are_the_same_time(loaded: Warehouse, column: pa.Array) -> None:
    table = pa.table({"event_id": ["a"], "type": ["page"], "timestamp": column})
    loaded.load(parquet(table))
    assert [event["event_at"] for event in loaded.events()] == [at("2026-06-01 09:00:00.250")]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (pa.array([7], pa.uint8()), 7),
        (pa.array([2**63 + 1], pa.uint64()), 2**63 + 1),
        (pa.array([0.5], pa.float32()), 0.5),
        (pa.array([float("nan")]), None),
        (pa.array([float("inf")]), "inf"),
        (pa.array([True]), True),
        (pa.array([None]), None),
        (pa.array([""]), None),
        (pa.array([decimal.Decimal("1.50")]), "1.50"),
        (pa.array([datetime.date(2026, 6, 1)]), "2026-06-01"),
        (pa.array([b"caf\xc3\xa9"]), "café"),
        (pa.array([b"\xff\x00"]), "ff00"),
        (pa.array(["x"], pa.large_string()), "x"),
        (pa.array([{"a": 1, "b": [1, None]}]), {"a": 1, "b": [1, None]}),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int8())), {"k": 1}),
        (pa.array([[(b"k", 1)]], pa.map_(pa.binary(), pa.int8())), {"k": 1}),
        (
            pa.array([[(datetime.date(2026, 6, 1), 1)]], pa.map_(pa.date32(), pa.int8())),
            {"2026-06-01": 1},
        ),
        (pa.array([["x", 'y"']]), ["x", 'y"']),
        (pa.array([{"a": b"caf\xc3\xa9", "b": [b"\xff"]}]), {"a": "café", "b": ["ff"]}),
        (pa.array([{"a": float("nan"), "b": float("-inf")}]), {"b": "-inf"}),
        (
            pa.array([[[(b"k", 1)]]], pa.list_(pa.map_(pa.binary(), pa.int8()))),
            [{"k": 1}],
        ),
    ],
    ids=lambda value: str(getattr(value, "type", "")) or None,
)
def test_a_column_that_is_not_known_keeps_its_value(
    loaded: Warehouse, column: pa.Array, value: object
) -> None:
    loaded.load(parquet(events(1, extra=column)))
    [event] = loaded.events()
    properties = {} if event["properties"] is None else json.loads(event["properties"])
    assert properties.get("extra") == value


def test_numbers_as_ids_are_ids(loaded: Warehouse) -> None:
    table = events(1, user_id=pa.array([2**60 + 1]), anonymous_id=pa.array([42], pa.int32()))
    loaded.load(parquet(table))
    [event] = loaded.events()
    assert (event["user_id"], event["anonymous_id"]) == (str(2**60 + 1), "42")


def test_nested_containers_are_those_of_a_message(loaded: Warehouse) -> None:
    page = {"url": "https://example.com/", "referrer": None}
    table = events(
        1,
        context=pa.array([{"page": page, "ip": "203.0.113.7"}]),
        properties=pa.array(['{"plan":"pro"}']),
    )
    loaded.load(parquet(table))
    [event] = loaded.events()
    assert (event["page_url"], event["ip_prefix"]) == ("https://example.com/", "203.0.113.0/24")
    assert (event["properties"], event["context"]) == ('{"plan":"pro"}', None)


def test_an_id_of_the_type_uuid_is_its_text(loaded: Warehouse) -> None:
    known = uuid.UUID("0f2f76cf-0999-460c-a946-b4cc3e04259e")
    ids = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([known.bytes], pa.binary(16)))
    row = loaded.load(parquet(events(1).set_column(0, "event_id", ids)))
    assert (row.loaded_count, row.rejected_count) == (1, 0)
    assert [event["event_id"] for event in loaded.events()] == [str(known)]


def test_a_row_that_is_no_event_is_kept_as_a_message(loaded: Warehouse) -> None:
    row = loaded.load(parquet(events(2).set_column(1, "type", pa.array(["page", "click"]))))
    assert (row.loaded_count, row.rejected_count) == (1, 1)
    [kept] = loaded.rows("select line_number, raw_text, format from raw.rejected_events")
    assert (kept["line_number"], kept["format"]) == (2, "parquet")
    assert json.loads(kept["raw_text"])["type"] == "click"


def test_a_damaged_row_group_costs_its_own_rows(loaded: Warehouse) -> None:
    content = bytearray(
        parquet(events(3_000), row_group_size=1_000, compression="zstd", write_page_checksum=True)
    )
    meta = pq.ParquetFile(io.BytesIO(bytes(content))).metadata
    place = meta.row_group(1).column(0).data_page_offset
    content[place + 60 : place + 90] = b"\xff" * 30
    row = loaded.load(bytes(content))
    assert (row.record_count, row.loaded_count, row.rejected_count) == (2_001, 2_000, 1)
    assert loaded.rejected() == [(1_001, "broken_file")]
    [kept] = loaded.rows("select raw_text from raw.rejected_events")
    assert kept["raw_text"] == "rows 1001 to 2000"


@pytest.mark.parametrize("cut", [8, 400, -1, -9])
def test_a_file_cut_off_is_refused_as_a_whole(loaded: Warehouse, cut: int) -> None:
    row = loaded.load(parquet(events(100))[:cut])
    assert (row.format, row.record_count, row.rejected_count) == ("parquet", 1, 1)
    assert loaded.rejected() == [(0, "broken_file")]
    [kept] = loaded.rows("select detail from raw.rejected_events")
    assert kept["detail"].startswith("no readable Parquet: ")


def test_text_that_is_no_utf8_costs_its_own_row(loaded: Warehouse) -> None:
    bad = pa.StringArray.from_buffers(
        3, pa.py_buffer(b"\x00\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0"), pa.py_buffer(b"a\xffc")
    )
    row = loaded.load(parquet(events(3, extra=bad)))
    assert (row.loaded_count, row.rejected_count) == (2, 1)
    assert loaded.rejected() == [(2, "invalid_utf8")]


def test_a_file_without_rows_or_columns_holds_nothing(loaded: Warehouse) -> None:
    assert loaded.load(parquet(events(0))).record_count == 0
    assert loaded.load(parquet(pa.table({}))).record_count == 0
