"""What `intent rejected` shows of the quarantine, and the files that it writes to be mended."""

from __future__ import annotations

import io
import json
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingestion import clock, quarantine, warehouse
from ingestion.errors import UserError
from ingestion.loader import load_paths
from ingestion.lock import LockBusyError, writer_lock
from ingestion.settings import Settings
from orchestration.formats import TextOrJson
from orchestration.rejected.command import print_rejected, write_rejected

GOOD = '{"type":"page","messageId":"m","anonymousId":"a","timestamp":"2026-06-30T10:00:00Z"}'
ODD = '{"type":"pageview","messageId":"o","anonymousId":"a","timestamp":"2026-06-30T10:00:00Z"}'
ESCAPES = "{\x1b[31m\u202eevil"
LOG_LINE = '203.0.113.9 - - [30/Feb/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"'


def load(settings: Settings, name: str, content: str | bytes) -> Path:
    folder = settings.data_dir.parent / "log"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with warehouse.connect(settings) as connection:
        load_paths(connection, settings, [path])
    return path


def forget_all(settings: Settings) -> None:
    with warehouse.connect(settings) as connection:
        later: datetime = clock.utc_now() + timedelta(days=31)
        quarantine.purge(connection, settings.quarantine_days, later)


def shown(settings: Settings, reason: str | None = None) -> list[str]:
    out = io.StringIO()
    print_rejected(settings, reason, TextOrJson.text, 0, out, io.StringIO())
    return out.getvalue().splitlines()


def written(settings: Settings, folder: Path, reason: str | None = None) -> str:
    out = io.StringIO()
    write_rejected(settings, reason, folder, 0, out, io.StringIO())
    return out.getvalue()


@pytest.fixture
def refused(settings: Settings) -> Settings:
    """A warehouse with records refused for three reasons, one of them a whole file."""
    lines = [GOOD, ODD, "half a", *(f"half {number}" for number in range(4)), ESCAPES, ""]
    load(settings, "a.ndjson", "\n".join(lines))
    load(settings, "b.bin", b"\x00\x01\x02 nothing that is known\n")
    return settings


def test_reasons_are_shown_with_most_records_first_and_three_examples_each(
    refused: Settings,
) -> None:
    lines = shown(refused)
    assert lines[0] == "8 records in quarantine."
    at = lines.index("invalid_json: 6 records in 1 file")
    assert lines[at + 1 : at + 6] == [
        "  Means    not JSON: cut off, or other text",
        "  To do    mend the line, or see why its producer writes halves",
        "  a.ndjson:3  half a",
        "  a.ndjson:4  half 0",
        "  a.ndjson:5  half 1",
    ]
    assert f"  a.ndjson:2  pageview  {ODD}"[:119] in [line[:119] for line in lines]
    titles = [line.split(":")[0] for line in lines if " record" in line and line[0].islower()]
    assert titles == ["invalid_json", "unknown_event_type", "unknown_format"]


def test_one_reason_is_shown_with_more_examples_and_nothing_moves_the_cursor(
    refused: Settings,
) -> None:
    lines = shown(refused, "invalid_json")
    assert lines[0] == "6 records in quarantine."
    assert [line for line in lines if line.startswith("  a.ndjson")] == [
        "  a.ndjson:3  half a",
        *(f"  a.ndjson:{number + 4}  half {number}" for number in range(4)),
        "  a.ndjson:8  {\\x1b[31m\\u202eevil",
    ]


def test_a_long_record_is_cut_to_the_width(settings: Settings) -> None:
    load(settings, "a.ndjson", f"{GOOD}\n{'x' * 300}\n{'字' * 300}\n")
    examples = [line for line in shown(settings) if line.startswith("  a.ndjson")]
    assert [line[-1] for line in examples] == ["…", "…"]
    narrow, wide = examples
    assert len(narrow) <= 120
    assert len(wide) <= 70


def test_a_reason_that_no_record_has_is_a_mistake_that_names_those_there_are(
    refused: Settings,
) -> None:
    with pytest.raises(UserError, match="reasons there are: invalid_json, unknown_event_type"):
        shown(refused, "invalid_jsn")


def test_an_empty_quarantine_and_an_absent_one_are_told(settings: Settings) -> None:
    with pytest.raises(UserError, match="Nothing is loaded yet"):
        shown(settings)
    assert not settings.data_dir.exists()
    load(settings, "a.ndjson", GOOD + "\n")
    assert shown(settings) == ["Nothing is in quarantine: every record could be read."]


def test_json_has_the_same_with_whole_numbers_and_safe_letters(refused: Settings) -> None:
    out = io.StringIO()
    print_rejected(refused, None, TextOrJson.json, 0, out, io.StringIO())
    document = json.loads(out.getvalue())
    assert "\x1b" not in out.getvalue()
    assert document["record_count"] == 8
    first = document["reasons"][0]
    assert (first["reason_code"], first["record_count"], first["file_count"]) == (
        "invalid_json", 6, 1,
    )  # fmt: skip
    assert first["meaning"]
    assert first["advice"]
    assert first["examples"][0] == {
        "reason_code": "invalid_json",
        "file_name": "a.ndjson",
        "line_number": 3,
        "detail": None,
        "raw_text": "half a",
    }


def test_what_has_been_forgotten_says_so(refused: Settings) -> None:
    forget_all(refused)
    lines = shown(refused)
    assert lines[1].startswith("Of 8 records only place and reason are left: what a record said is")
    assert "after 30 days (INTENT_QUARANTINE_DAYS)" in lines[1]
    assert "  a.ndjson:3  (forgotten)" in lines


def test_records_are_written_as_they_stood_and_load_when_mended(
    refused: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "mend"
    load(refused, "c.log", f"{LOG_LINE}\n")
    text = written(refused, folder)
    lines = ["half a", *(f"half {number}" for number in range(4)), ESCAPES]
    assert (folder / "segment-invalid_json.ndjson").read_text() == "\n".join(lines) + "\n"
    assert (folder / "access_log-unreadable_time.log").read_text() == LOG_LINE + "\n"
    assert "Not written: what is refused as a whole, as b.bin." in text
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}

    odd = folder / "segment-unknown_event_type.ndjson"
    odd.write_text(odd.read_text().replace("pageview", "page"))
    with warehouse.connect(refused) as connection:
        [row] = load_paths(connection, refused, [odd])
    assert (row.loaded_count, row.rejected_count) == (1, 0)


def test_rows_of_csv_are_written_below_their_header_and_leads_load_as_leads(
    settings: Settings, tmp_path: Path
) -> None:
    header, other = "event_id,type,anonymous_id,timestamp", "type;anonymous_id;timestamp"
    load(settings, "a.csv", f"{header}\n1,pageview,a,2026-06-30T10:00:00Z\n")
    load(settings, "b.csv", f"{other}\npageview;b;2026-06-30T10:00:00Z\n")
    load(settings, "leads.csv", "email,name,company,owner\nanna at acme.com,Anna,Acme,Ira\n")
    folder = tmp_path / "mend"
    written(settings, folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "csv-unknown_event_type.csv": f"{header}\n1,pageview,a,2026-06-30T10:00:00Z\n",
        "csv-unknown_event_type-2.csv": f"{other}\npageview;b;2026-06-30T10:00:00Z\n",
        "leads-invalid_email.csv": "email,name,company,owner\nanna at acme.com,Anna,Acme,Ira\n",
    }
    for path in folder.iterdir():
        path.write_text(path.read_text().replace("pageview", "page").replace(" at ", "@"))
    with warehouse.connect(settings) as connection:
        rows = load_paths(connection, settings, [folder])
    assert [(row.format, row.loaded_count) for row in rows] == [
        ("csv", 1), ("csv", 1), ("leads", 1),
    ]  # fmt: skip


def test_of_what_is_kept_in_part_nothing_is_written(refused: Settings, tmp_path: Path) -> None:
    with warehouse.connect(refused) as connection:
        connection.execute(
            "insert into raw.rejected_events by name select load_id, file_name, line_number,"
            " 'line_too_long' as reason_code, 'the beginning' as raw_text, record_md5, rejected_at,"
            " format from raw.rejected_events where reason_code = 'unknown_event_type'"
        )
    text = written(refused, tmp_path / "mend")
    assert not list((tmp_path / "mend").glob("*line_too_long*"))
    assert "Not written: 1 record of which no more than a part is kept." in text


def test_one_reason_alone_is_written_and_nothing_where_nothing_is_left(
    refused: Settings, tmp_path: Path
) -> None:
    written(refused, tmp_path / "one", "unknown_event_type")
    assert [path.name for path in (tmp_path / "one").iterdir()] == [
        "segment-unknown_event_type.ndjson"
    ]
    forget_all(refused)
    text = written(refused, tmp_path / "none")
    assert text.startswith("There is no record that could be mended; nothing is written.")
    assert "Of 8 records only place and reason are left" in text
    assert not (tmp_path / "none").exists()


def test_files_that_were_mended_are_not_written_over_and_landing_is_no_place_for_them(
    refused: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "mend"
    written(refused, folder)
    with pytest.raises(UserError, match="is not empty"):
        written(refused, folder)
    with pytest.raises(UserError, match="is a file"):
        written(refused, next(folder.iterdir()))
    with pytest.raises(UserError, match="lies in landing/"):
        written(refused, refused.landing / "mend")


def test_who_writes_is_told_and_waited_for_no_longer_than_asked(refused: Settings) -> None:
    notes = io.StringIO()
    with writer_lock(refused, 0), pytest.raises(LockBusyError, match="writes in"):
        print_rejected(refused, None, TextOrJson.text, 0.01, io.StringIO(), notes)
    assert notes.getvalue().startswith("Waiting: process ")
    print_rejected(refused, None, TextOrJson.text, 0, io.StringIO(), notes)
    assert notes.getvalue().count("\n") == 1
