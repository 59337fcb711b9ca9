"""Temporary table `staged`: the records of one file, as canonical events or what became of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion import canonical, dedupe, leads, privacy, rules
from ingestion.consent import consent_category
from ingestion.dedupe import Verdict
from ingestion.formats import (
    ACCESS_LOG,
    CSV,
    LEADS,
    PARQUET,
    access_log,
    envelopes,
    flat,
    segment,
    whole_file,
)
from ingestion.opening import Layout, Refusal
from ingestion.settings import PROJECT_ROOT, Settings


class Stage:
    """Reads files into `staged` on one connection; the rules are read from the seeds once."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        project_root: Path = PROJECT_ROOT,
    ) -> None:
        self._connection = connection
        self._masked = privacy.masked_parameters(project_root)
        self._category = consent_category(project_root)
        self._extensions = access_log.asset_extensions(project_root)
        rules.define(connection)
        # line numbers keep the order, so threads need not wait for one another
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set variable intent_secret_key = ?", [settings.secret_key()])

    def read(self, part: pa.RecordBatchReader, layout: Layout) -> int:
        """Fills `staged` from some records of a file.

        Returns how many records there are beyond those of `part`: each message of an envelope is
        one. Runs in the caller's transaction.
        """
        self._connection.register("block", part)
        # one statement for all blocks of the part: one for each takes twice the time
        self._fill(self._query(layout))
        return 0 if layout.format in (ACCESS_LOG, LEADS) else self._open_envelopes(layout.format)

    def settle(self, load_id: int, layout: Layout) -> Verdict:
        """Moves what `staged` holds into its tables. Runs in the caller's transaction."""
        if layout.format == LEADS:
            return leads.settle(self._connection, load_id)
        return dedupe.settle(self._connection, load_id)

    def _query(self, layout: Layout) -> str:
        if layout.format == LEADS:
            return leads.staged_query(layout.columns, "block")
        if layout.format == ACCESS_LOG:
            return self._canonical(
                access_log.fields_query(self._extensions, "block"), layout.format
            )
        if layout.format in (CSV, PARQUET):
            messages = flat.messages_query(layout.columns, "block")
            fields = segment.fields_query(self._category, messages, "record")
            return self._canonical(fields, layout.format)
        return self._canonical(segment.fields_query(self._category, "block"), layout.format)

    def _canonical(self, fields: str, source: str) -> str:
        return canonical.staged_query(fields, source, self._masked)

    def refuse(self, refusal: Refusal) -> None:
        """Fills `staged` with the one record that stands for the file, or for the rest of it."""
        self._connection.execute("set variable intent_refusal = ?", [refusal.detail])
        fields = whole_file.fields_query(refusal.reason_code)
        self._fill(self._canonical(fields, whole_file.UNKNOWN))

    def _fill(self, query: str) -> None:
        self._connection.execute(f"create or replace temp table staged as {query}")

    def _open_envelopes(self, source: str) -> int:
        """Puts messages in the place of their envelopes; returns how many records that adds.

        An envelope without messages stays, as a skipped record.
        """
        if not self._count("staged where outcome = 'envelope'"):
            return 0
        connection = self._connection
        connection.execute(
            "create or replace temp table opened as"
            " select line_number, raw_text from staged where outcome = 'envelope'"
        )
        connection.execute(
            f"create or replace temp table messages as {envelopes.messages_query('opened')}"
        )
        connection.execute(
            "delete from staged where outcome = 'envelope'"
            " and line_number in (select line_number from messages)"
        )
        connection.execute(
            "update staged set outcome = 'skipped', raw_text = null where outcome = 'envelope'"
        )
        fields = segment.fields_query(self._category, "messages", envelopes.RECORD)
        connection.execute(f"insert into staged by name {self._canonical(fields, source)}")
        connection.execute(
            "update staged set outcome = 'rejected', reason_code = 'nested_envelope'"
            " where outcome = 'envelope'"
        )
        messages = self._count("messages")
        replaced = self._count("(select distinct line_number from messages)")
        connection.execute("drop table messages")
        connection.execute("drop table opened")
        return messages - replaced

    def counts(self) -> dict[str, int]:
        """Records of `staged` by outcome."""
        return dict(
            self._connection.execute(
                "select outcome, count(*) from staged group by outcome"
            ).fetchall()
        )

    def event_times(self) -> tuple[datetime | None, datetime | None]:
        """First and last event_at of the events in `staged`, UTC; leads have none."""
        if not self._count("(describe staged) where column_name = 'event_at'"):
            return None, None
        [(first, last)] = self._connection.execute(
            "select min(event_at), max(event_at) from staged where outcome = 'event'"
        ).fetchall()
        return first, last

    def clear(self) -> None:
        """Lets go of the file, of `staged`, and of the disk that it may have spilled to.

        To be called when the transaction is over, whichever way.
        """
        self._connection.unregister("block")
        self._connection.execute("drop table if exists temp.staged")

    def _count(self, relation: str) -> int:
        [(count,)] = self._connection.execute(f"select count(*) from {relation}").fetchall()
        return int(count)
