"""The quarantine read again: after an upgrade or a changed rule, what was bad may be good.

Each record is read as its file was. What is now an event (or a lead) goes where it belongs and
leaves the quarantine; what is still bad stays, with today's reason and its first day. A replay has
its own row in the ledger, for each file; that of the file keeps what was true when it was loaded.
Left alone are records of which the quarantine does not hold the very bytes.
"""

from __future__ import annotations

import bisect
import hashlib
import io
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from ingestion import blocks, clock, ledger, quarantine
from ingestion.formats import CSV, LEADS, whole_file
from ingestion.formats.csv_rows import CsvRows, Header, header_of
from ingestion.ledger import LedgerRow
from ingestion.lines import LineStream
from ingestion.opening import Layout, table_layout
from ingestion.settings import Settings
from ingestion.staging import Stage
from ingestion.tally import Tally

NOT_AS_THEY_WERE = ("invalid_utf8", "line_too_long", whole_file.BROKEN_FILE)
"""Reasons of records that are kept in part, or with their bad bytes written out."""

_READABLE = f"""raw_text is not null and format is not null and format <> '{whole_file.UNKNOWN}'
        and reason_code not in {NOT_AS_THEY_WERE}"""

_FILES = f"""
select distinct file_name, format, header
from raw.rejected_events
where {_READABLE}
order by all
"""
_RECORDS = f"""
create or replace temp table replayed as
select rowid as place, *
from raw.rejected_events
where
    {_READABLE}
    and file_name = ? and format = ? and header is not distinct from ?
"""
# in stretches of some megabytes, which is what is held in memory
_STRETCHES = f"""
select min(place), max(place)
from (
    select
        place,
        sum(strlen(raw_text)) over (order by place) // {blocks.MAX_RECORD_BYTES} as stretch
    from replayed
)
group by stretch
order by stretch
"""
_STRETCH = "select place, raw_text from replayed where place between ? and ? order by place"
_STILL_REJECTED = """
insert into raw.rejected_events by name
select
    replayed.load_id,
    replayed.file_name,
    replayed.line_number,
    staged.reason_code,
    staged.detail,
    staged.raw_text,
    md5(coalesce(staged.raw_text, '')) as record_md5,
    replayed.rejected_at,
    replayed.format,
    replayed.header
from staged
inner join replayed on staged.line_number = replayed.place
where staged.outcome = 'rejected'
"""
_LINE_NUMBERS_OF_THE_FILE = """
update staged
set line_number = replayed.line_number
from replayed
where staged.line_number = replayed.place
"""


def replay(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[LedgerRow]:
    """Reads the quarantine again, one transaction for each file; the ledger's new rows.

    `connection` comes from `warehouse.connect`. Records older than INTENT_QUARANTINE_DAYS are
    forgotten before.
    """
    quarantine.purge(connection, settings.quarantine_days, clock.utc_now())
    stage = Stage(connection, settings)
    rows = []
    for file_name, format_name, header in connection.execute(_FILES).fetchall():
        connection.begin()
        try:
            connection.execute(_RECORDS, [file_name, format_name, header])
            rows.append(_replay_file(connection, stage, file_name, format_name, header))
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            stage.clear()
    return rows


def _replay_file(
    connection: duckdb.DuckDBPyConnection,
    stage: Stage,
    file_name: str,
    format_name: str,
    header_text: str | None,
) -> LedgerRow:
    started_at = clock.utc_now()
    [(load_id,)] = connection.execute("select nextval('raw.load_ids')").fetchall()
    header = header_of(header_text) if header_text and format_name in (CSV, LEADS) else None
    layout = table_layout(format_name, header) if header else Layout(format_name)

    def put_back() -> None:
        connection.execute(_STILL_REJECTED)
        connection.execute(_LINE_NUMBERS_OF_THE_FILE)

    tally = Tally(stage, load_id, layout, put_back)
    connection.execute(
        "delete from raw.rejected_events where rowid in (select place from replayed)"
    )
    content = hashlib.sha256(b"replay")
    record_count = 0
    for stretch in connection.execute(_STRETCHES).fetchall():
        records = connection.execute(_STRETCH, stretch).fetchall()
        for place, text in records:
            content.update(f"{place}\0{text}\0".encode("utf-8", "surrogatepass"))
        for batch in _batches(records, header):
            record_count += batch.num_rows
            tally.add_part(pa.RecordBatchReader.from_batches(batch.schema, [batch]))
    row = LedgerRow(
        load_id=load_id,
        file_name=file_name,
        file_path=f"replay of {file_name}",
        content_sha256=content.hexdigest(),
        byte_count=0,
        modified_ns=0,
        format=layout.format,
        record_count=record_count + tally.further_records,
        started_at=started_at,
        loaded_at=clock.utc_now(),
        **tally.columns(),
    )
    ledger.append(connection, row)
    return row


def _batches(records: list[tuple[int, str]], header: Header | None) -> Iterator[pa.RecordBatch]:
    """The records as their file had them, but with the place in the quarantine as line number."""
    if header is None:
        places = [place for place, _ in records]
        lines = [text + "\n" for _, text in records]
        yield blocks.batch(places, lines, [None] * len(lines))
        return
    texts = [header.text, *(text for _, text in records), ""]
    source = LineStream(io.BytesIO("\n".join(texts).encode("utf-8", "surrogatepass")))
    starts = [2]
    for _, text in records:
        starts.append(starts[-1] + text.count("\n") + 1)
    for batch in CsvRows(source, header, lambda: True).batches():
        places = [
            records[bisect.bisect_right(starts, number) - 1][0]
            for number in batch["line_number"].to_pylist()
        ]
        yield batch.set_column(0, "line_number", pa.array(places, pa.int64()))
