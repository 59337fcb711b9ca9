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
from collections import Counter
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from ingestion import blocks, clock, ledger, quarantine
from ingestion.formats import CSV, LEADS, whole_file
from ingestion.formats.csv_rows import CsvRows, header_of
from ingestion.ledger import LedgerRow
from ingestion.lines import LineStream
from ingestion.opening import Layout, table_layout
from ingestion.settings import Settings
from ingestion.staging import Stage

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
    header: str | None,
) -> LedgerRow:
    started_at = clock.utc_now()
    [(load_id,)] = connection.execute("select nextval('raw.load_ids')").fetchall()
    records = connection.execute("select place, raw_text from replayed order by place").fetchall()
    layout, batches = _as_read_before(records, format_name, header)
    counts: Counter[str] = Counter()
    connection.execute(
        "delete from raw.rejected_events where rowid in (select place from replayed)"
    )
    for part in blocks.parts(batches):
        stage.read(part, layout)
        connection.execute(_STILL_REJECTED)
        connection.execute(
            "update staged set line_number = replayed.line_number"
            " from replayed where staged.line_number = replayed.place"
        )
        verdict = stage.settle(load_id, layout)
        counts.update(vars(verdict))
        counts.update(
            {
                outcome: count
                for outcome, count in stage.counts().items()
                if outcome not in ("event", "lead")
            }
        )
        first, last = stage.event_times()
    content = "\0".join(text for _, text in records).encode("utf-8", "surrogatepass")
    row = LedgerRow(
        load_id=load_id,
        file_name=file_name,
        file_path=f"replay of {file_name}",
        content_sha256=hashlib.sha256(b"replay\0" + content).hexdigest(),
        byte_count=0,
        modified_ns=0,
        format=layout.format,
        record_count=counts.total(),
        first_event_at=first,
        last_event_at=last,
        started_at=started_at,
        loaded_at=clock.utc_now(),
        parse_seconds=(clock.utc_now() - started_at).total_seconds(),
        dedupe_seconds=0.0,
        loaded_count=counts["loaded"],
        duplicate_count=counts["duplicate"],
        collided_count=counts["collided"],
        rejected_count=counts["rejected"],
        skipped_count=counts["skipped"],
        blank_count=counts["blank"],
        unfinished_count=counts["unfinished"],
    )
    ledger.append(connection, row)
    return row


def _as_read_before(
    records: list[tuple[int, str]], format_name: str, header_text: str | None
) -> tuple[Layout, Iterator[pa.RecordBatch]]:
    """How records of this format are read, and their batches, the place as line number."""
    header = header_of(header_text) if header_text and format_name in (CSV, LEADS) else None
    if header is None:
        places = [place for place, _ in records]
        lines = [text + "\n" for _, text in records]
        batch = blocks.batch(places, lines, [None] * len(lines))
        return Layout(format_name), iter([batch])
    texts = [header.text, *(text for _, text in records)]
    source = LineStream(io.BytesIO("\n".join([*texts, ""]).encode()))
    starts = [2]
    for text in texts[1:]:
        starts.append(starts[-1] + text.count("\n") + 1)
    rows = CsvRows(source, header, lambda: True)
    layout = table_layout(format_name, header)
    return layout, (_placed(batch, starts, records) for batch in rows.batches())


def _placed(
    batch: pa.RecordBatch, starts: list[int], records: list[tuple[int, str]]
) -> pa.RecordBatch:
    """Line numbers of the text that was put together as places in the quarantine."""
    places = [
        records[bisect.bisect_right(starts, number) - 1][0]
        for number in batch["line_number"].to_pylist()
    ]
    return batch.set_column(0, "line_number", pa.array(places, pa.int64()))
