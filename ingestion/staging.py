"""Temporary table `staged`: the records of one file, as canonical events or what became of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion import canonical, privacy, rules
from ingestion.consent import consent_category
from ingestion.formats import access_log, envelopes, segment, whole_file
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
        masked = privacy.masked_parameters(project_root)
        category = consent_category(project_root)
        extensions = access_log.asset_extensions(project_root)
        self._queries = {
            name: canonical.staged_query(fields, name, masked)
            for name, fields in (
                (segment.NAME, segment.fields_query(category, "block")),
                (access_log.NAME, access_log.fields_query(extensions, "block")),
            )
        }
        self._refusals = {
            reason: canonical.staged_query(
                whole_file.fields_query(reason), whole_file.UNKNOWN, masked
            )
            for reason in whole_file.REASONS
        }
        self._messages_query = canonical.staged_query(
            segment.fields_query(category, "messages"), segment.NAME, masked
        )
        rules.define(connection)
        # line numbers keep the order, so threads need not wait for one another
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set variable intent_secret_key = ?", [settings.secret_key()])

    def read(self, part: pa.RecordBatchReader, format_name: str) -> int:
        """Fills `staged` from some lines of a file.

        Returns how many records there are beyond one a line: each message of an envelope is one.
        Runs in the caller's transaction.
        """
        self._connection.register("block", part)
        # one statement for all blocks of the part: one for each takes twice the time
        self._fill(self._queries[format_name])
        return self._open_envelopes() if format_name == segment.NAME else 0

    def refuse_file(self, reason: str) -> None:
        """Fills `staged` with the one record that stands for the file as a whole."""
        self._fill(self._refusals[reason])

    def _fill(self, query: str) -> None:
        self._connection.execute(f"create or replace temp table staged as {query}")

    def _open_envelopes(self) -> int:
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
        connection.execute(f"insert into staged by name {self._messages_query}")
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
        """First and last event_at of the events in `staged`, UTC."""
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
