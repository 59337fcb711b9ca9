"""The quarantine read again: after an upgrade or a changed rule, what was bad may be good.

Each record is read as its file was. What is now an event (a lead, a row of ad spend) goes where it
belongs and leaves the quarantine; what is still bad stays, with today's reason and its first day.
A replay has its own row in the ledger, for each file; that of the file keeps what was true when it
was loaded. Left alone are records of which the quarantine does not hold the very bytes.
"""

from __future__ import annotations

import bisect
import hashlib
import io
import time
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from ingestion import blocks, clock, ledger, quarantine
from ingestion.formats import CSV, EXPORTS, whole_file
from ingestion.formats.csv_rows import CsvRows, Header, header_of
from ingestion.ledger import LedgerRow
from ingestion.lines import LineStream
from ingestion.opening import Layout, table_layout
from ingestion.settings import Settings
from ingestion.staging import Stage
from ingestion.warehouse import transaction

_READABLE = f"""raw_text is not null and format is not null and format <> '{whole_file.UNKNOWN}'
        and reason_code not in {quarantine.NOT_AS_THEY_WERE}"""

_FILES = f"""
select distinct file_name, format, header
from raw.rejected_events
where {_READABLE}
order by all
"""
_OF_FILE = f"""from raw.rejected_events
where
    {_READABLE}
    and file_name = ? and format = ? and header is not distinct from ?"""

_RECORDS = f"create or replace temp table replayed as select rowid as place, * {_OF_FILE}"

_TEXTS = f"select rowid, raw_text {_OF_FILE} order by rowid"

_TEXTS_AT_ONCE = 100
"""A record may be as long as blocks.MAX_RECORD_BYTES."""

_STILL_REJECTED = """
create or replace temp table still_rejected as
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
from stage.staged as staged
inner join replayed on staged.line_number = replayed.place
where staged.outcome = 'rejected'
"""
_LINE_NUMBERS_OF_THE_FILE = """
update stage.staged as staged
set line_number = replayed.line_number
from replayed
where staged.line_number = replayed.place
"""


def replay(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[LedgerRow]:
    """Reads the quarantine again, file by file; the ledger's new rows.

    `connection` comes from `warehouse.connect`. Records older than INTENT_QUARANTINE_DAYS are
    forgotten before.
    """
    quarantine.purge(connection, settings.quarantine_days, clock.utc_now())
    rows = []
    with Stage(connection, settings) as stage:
        for file_name, format_name, header in connection.execute(_FILES).fetchall():
            try:
                connection.execute(_RECORDS, [file_name, format_name, header])
                rows.append(_replay_file(connection, stage, file_name, format_name, header))
            finally:
                stage.clear()
                for table in ("replayed", "still_rejected"):
                    connection.execute(f"drop table if exists temp.{table}")
    return rows


def _replay_file(
    connection: duckdb.DuckDBPyConnection,
    stage: Stage,
    file_name: str,
    format_name: str,
    header_text: str | None,
) -> LedgerRow:
    started_at = clock.utc_now()
    began = time.perf_counter()
    is_csv = format_name in (CSV, *EXPORTS)
    header = header_of(header_text) if header_text and is_csv else None
    layout = table_layout(format_name, header) if header else Layout(format_name)
    # a cursor, since the connection itself is busy while it reads the records
    texts = connection.cursor().execute(_TEXTS, [file_name, format_name, header_text])
    records = _Quarantined(texts, header)
    record_count = stage.read(records, layout)
    connection.execute(_STILL_REJECTED)
    connection.execute(_LINE_NUMBERS_OF_THE_FILE)
    parsed = time.perf_counter()
    columns = stage.decide()
    with transaction(connection):
        [(load_id,)] = connection.execute("select nextval('raw.load_ids')").fetchall()
        connection.execute(
            "delete from raw.rejected_events where rowid in (select place from replayed)"
        )
        connection.execute("insert into raw.rejected_events by name from still_rejected")
        stage.move(load_id)
        row = LedgerRow(
            load_id=load_id,
            file_name=file_name,
            file_path=f"replay of {file_name}",
            content_sha256=records.content.hexdigest(),
            byte_count=0,
            modified_ns=0,
            format=layout.format,
            record_count=record_count,
            started_at=started_at,
            loaded_at=clock.utc_now(),
            parse_seconds=parsed - began,
            dedupe_seconds=time.perf_counter() - parsed,
            **columns,
        )
        ledger.append(connection, row)
    return row


class _Quarantined:
    """Records as their file had them, but with the place in the quarantine as line number."""

    def __init__(self, texts: duckdb.DuckDBPyConnection, header: Header | None) -> None:
        self._texts = texts
        self._header = header
        self.record_count = 0
        self.content = hashlib.sha256(b"replay")

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All of them, in the order of their places."""
        while records := self._texts.fetchmany(_TEXTS_AT_ONCE):
            for place, text in records:
                self.content.update(f"{place}\0{text}\0".encode("utf-8", "surrogatepass"))
            for batch in _batches(records, self._header):
                self.record_count += batch.num_rows
                yield batch


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
