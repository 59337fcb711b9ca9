"""One log of flat columns says the same in whatever format it was written."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.loader import load_paths
from ingestion.unpacking import zstd
from tests.unit.ingestion.conftest import Warehouse

ROWS: list[dict[str, Any]] = [
    {
        "event_id": f"e{number}",
        "type": ("page", "track", "identify", "alias")[number % 4],
        "event": "Trial Started" if number % 4 == 1 else None,
        "anonymous_id": f"a{number % 7}",
        "user_id": f"{number % 5}" if number % 3 else None,
        "email": f"Anna.{number}@Acme.example" if number % 4 == 2 else None,
        "previous_id": "old" if number % 4 == 3 else None,
        "timestamp": f"2026-06-01T09:{number % 60:02d}:00.{number % 1000:03d}Z",
        "sent_at": f"2026-06-01T09:{number % 60:02d}:01Z",
        "received_at": f"2026-06-01T10:{number % 60:02d}:00Z",
        "context_page_url": f"https://example.com/pricing?plan={number}&q=a%20b",
        "referrer": 'https://search.example/?q="intent", data' if number % 4 == 0 else None,
        "title": "Preise – Übersicht\nzwei Zeilen; €" if number % 4 == 0 else None,
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "context_ip": f"203.0.113.{number % 250}",
        "session_id": f"s{number // 10}",
        "plan": "pro, yearly" if number % 2 else None,
        "seats": number if number % 3 == 0 else None,
        "discount": number / 4 if number % 4 == 1 else None,
        "is_trial": number % 2 == 0,
        "zip": "01099",
    }
    for number in range(200)
]

COLUMNS = list(ROWS[0])


def rows_without_gaps() -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if value is not None} for row in ROWS]


def as_ndjson() -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows_without_gaps()).encode()


def as_document() -> bytes:
    return json.dumps(ROWS, indent=2, ensure_ascii=False).encode()


def as_one_line() -> bytes:
    return json.dumps(ROWS).encode() + b"\n"


def as_envelope() -> bytes:
    return json.dumps({"batch": rows_without_gaps()}).encode() + b"\n"


def as_csv(separator: str = ",", header: list[str] | None = None) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(header or COLUMNS)
    writer.writerows([row[name] for name in COLUMNS] for row in ROWS)
    return text.getvalue().encode()


def as_csv_of_pandas() -> bytes:
    whole = pd.DataFrame(ROWS).astype({"seats": "Int64"})
    return whole.to_csv(index=False).encode()


def arrow() -> pa.Table:
    whole = pa.Table.from_pylist(ROWS)
    times = pa.array(pd.to_datetime(whole["timestamp"].to_pylist()), pa.timestamp("us", tz="UTC"))
    place = whole.schema.get_field_index("timestamp")
    return whole.set_column(place, "timestamp", times)


def as_parquet(**options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(arrow(), buffer, row_group_size=30, **options)
    return buffer.getvalue()


FORMATS: dict[str, Callable[[], bytes]] = {
    "json": as_document,
    "json on one line": as_one_line,
    "envelope": as_envelope,
    "csv": as_csv,
    "csv with semicolons": lambda: as_csv(";"),
    "csv with other spellings": lambda: as_csv(
        "\t", [name.replace("_", " ").title() if name not in LOWER else name for name in COLUMNS]
    ),
    "csv after a byte order mark": lambda: b"\xef\xbb\xbf" + as_csv(),
    "csv of pandas": as_csv_of_pandas,
    "parquet": as_parquet,
    "parquet of dictionaries": lambda: as_parquet(compression="zstd", use_dictionary=True),
    "ndjson.gz": lambda: gzip.compress(as_ndjson()),
    "ndjson.zst": lambda: zstd.compress(as_ndjson()),
    "csv.zst": lambda: zstd.compress(as_csv()),
    "document.gz": lambda: gzip.compress(as_document()),
}
LOWER = ("plan", "seats", "discount", "is_trial", "zip")
"""Columns that are not known keep their names."""

EVENTS = "select * exclude (source, load_id, line_number) from raw.events order by event_id"


@pytest.mark.parametrize("name", FORMATS)
def test_one_log_in_any_format_is_the_same_events(
    loaded: Warehouse, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    reference = loaded.load(as_ndjson())
    assert (reference.format, reference.loaded_count) == ("segment", len(ROWS))
    expected = loaded.rows(EVENTS)
    loaded.connection.execute("delete from raw.events")
    row = loaded.load(FORMATS[name]())
    assert (row.record_count, row.loaded_count) == (len(ROWS), len(ROWS)), loaded.rejected()
    assert loaded.rows(EVENTS) == expected


def test_the_same_log_in_another_format_is_all_duplicates(loaded: Warehouse) -> None:
    loaded.load(as_ndjson())
    for write in FORMATS.values():
        row = loaded.load(write())
        assert (row.duplicate_count, row.record_count) == (len(ROWS), len(ROWS)), row


def test_what_a_flat_row_says_is_where_a_message_has_it(loaded: Warehouse) -> None:
    loaded.load(as_csv())
    [event] = loaded.rows("select * from raw.events where event_id = 'e48'")
    assert event["page_url"] == "https://example.com/pricing?plan=48&q=a%20b"
    assert event["page_referrer"] == 'https://search.example/?q="intent", data'
    assert event["page_title"] == "Preise – Übersicht\nzwei Zeilen; €"
    assert (event["ip_prefix"], event["client_session_id"]) == ("203.0.113.0/24", "s4")
    assert json.loads(event["properties"]) == {"seats": 48, "is_trial": True, "zip": "01099"}
    assert event["context"] is None
    [identify] = loaded.rows("select * from raw.events where event_id = 'e54'")
    assert identify["email"] == "anna.54@acme.example"
    assert json.loads(identify["traits"])["email"] == "Anna.54@Acme.example"


def test_a_format_may_be_told(loaded: Warehouse) -> None:
    path = loaded.file("event_id,kind,when\n1,page,2026-06-01\n")
    [row] = load_paths(loaded.connection, loaded.settings, [path], format="csv")
    assert (row.format, row.rejected_count) == ("csv", 1)
    assert loaded.rejected() == [(2, "missing_event_type")]
