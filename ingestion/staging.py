"""Table `stage.staged`: the records of one file, as canonical events or what became of them.

It lies in a database of its own, in memory, beside the warehouse: see `PreparedInsert`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from ingestion import ad_spend, blocks, canonical, dedupe, leads, privacy, rules
from ingestion.blocks import Records
from ingestion.consent import consent_category
from ingestion.dedupe import Verdict
from ingestion.formats import (
    ACCESS_LOG,
    AD_SPEND,
    BOOKINGS,
    CSV,
    LEADS,
    PARQUET,
    access_log,
    bookings,
    envelopes,
    flat,
    segment,
    whole_file,
)
from ingestion.ledger import ConservationError
from ingestion.opening import Layout, Refusal
from ingestion.prepared_insert import PreparedInsert
from ingestion.settings import PROJECT_ROOT, Settings

ENOUGH_MEMORY = "300MB"
"""More buys a load nothing: what is beyond goes to the disk, whatever the size of the file.

But for records of many megabytes, of which several must be held at a time: see `Stage.widen`.
"""

_PLANS_KEPT = 8
"""Layouts that may take turns in a folder without being planned again."""

_LISTS = {LEADS: leads, AD_SPEND: ad_spend}
"""Formats that bring no events, each with what reads it into a table of its own."""

_Times = tuple[datetime | None, datetime | None]


class _Target(Protocol):
    """Who settles what is staged: see `ingestion.dedupe`."""

    @property
    def staged_like(self) -> tuple[str, Sequence[str]]:
        """Its table, and those of its columns that records have before they are in it."""

    def decide(self, connection: duckdb.DuckDBPyConnection) -> Verdict: ...
    def move(self, connection: duckdb.DuckDBPyConnection, load_id: int) -> int: ...
    def clear(self, connection: duckdb.DuckDBPyConnection) -> None: ...


class Stage:
    """Reads files into `stage.staged` on one connection; the rules are read from the seeds once.

    A file is read, decided on, and then moved in a transaction: see `ingestion.dedupe` for why only
    the last is in one. A database has one stage at a time; used as a context manager, it leaves
    nothing behind.
    """

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
        self._target: _Target | None = None
        self._decided_count = 0
        self._table_for: _Target | None = None
        self._plans: dict[tuple[Layout, pa.Schema], PreparedInsert] = {}
        connection.execute("attach ':memory:' as stage")
        rules.define(connection)
        self._own_limit = settings.memory_limit is None
        if self._own_limit:
            connection.execute("set memory_limit = ?", [ENOUGH_MEMORY])
        # line numbers keep the order, so threads need not wait for one another
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set variable intent_secret_key = ?", [settings.secret_key()])

    def read(self, records: Records, layout: Layout) -> int:
        """Fills `stage.staged` with what the records of a file are.

        Returns how many there are: those of the file, but in the place of an envelope its messages.
        """
        batches = blocks.reader(records.batches())
        if batches is None:
            return records.record_count
        of_list = _LISTS.get(layout.format)
        self._make_room(of_list.ROWS if of_list else dedupe)
        # one statement for the whole file: one for each batch takes twice the time
        self._plan_for(layout, batches.schema).run(batches)
        if layout.format in (ACCESS_LOG, BOOKINGS, *_LISTS):
            return records.record_count
        return records.record_count + self._open_envelopes(layout.format)

    def refuse(self, refusal: Refusal) -> None:
        """Adds to `stage.staged` the record that stands for the file, or for the rest of it."""
        self._connection.execute("set variable intent_refusal = ?", [refusal.detail])
        query = self._canonical(whole_file.fields_query(refusal.reason_code), whole_file.UNKNOWN)
        if self._target is None:
            self._make_room(dedupe)
        columns = "line_number, outcome, reason_code, detail, raw_text"
        self._connection.execute(
            f"insert into stage.staged by name select {columns} from ({query})"
        )

    def decide(self) -> dict[str, Any]:
        """Finds out what becomes of the records of `stage.staged`: those columns of the ledger."""
        if self._target is None:
            return _columns({}, Verdict(0, 0, 0), (None, None))
        verdict = self._target.decide(self._connection)
        self._decided_count = verdict.loaded
        return _columns(self._counts(), verdict, self._event_times())

    def move(self, load_id: int) -> None:
        """Puts what was decided into its tables. Runs in the caller's transaction.

        Raises ConservationError where another number of records arrived than was decided.
        """
        if self._target is None:
            return
        moved_count = self._target.move(self._connection, load_id)
        if moved_count != self._decided_count:
            raise ConservationError(
                f"{self._decided_count} records were to be loaded, but {moved_count} were"
            )

    def _plan_for(self, layout: Layout, schema: pa.Schema) -> PreparedInsert:
        """The statement for files of this layout, made where it is not known."""
        plan = self._plans.get((layout, schema))
        if plan is None:
            if len(self._plans) == _PLANS_KEPT:
                self._forget_plans()
            plan = PreparedInsert(self._connection, schema)
            plan.prepare("stage.staged", self._query(layout, plan.block_name))
            self._plans[layout, schema] = plan
        return plan

    def _forget_plans(self) -> None:
        for plan in self._plans.values():
            plan.close()
        self._plans.clear()

    def _query(self, layout: Layout, block: str) -> str:
        if layout.format in _LISTS:
            return str(_LISTS[layout.format].staged_query(layout.columns, block, self._masked))
        if layout.format == ACCESS_LOG:
            return self._canonical(access_log.fields_query(self._extensions, block), layout.format)
        if layout.format == BOOKINGS:
            return self._canonical(bookings.fields_query(layout.columns, block), layout.format)
        # a row of Parquet from the quarantine is the message that it became
        if layout.format in (CSV, PARQUET) and layout.columns:
            messages = flat.messages_query(layout.columns, block)
            keys = [column.key for column in layout.columns]
            fields = segment.fields_query(self._category, messages, "record", keys)
            return self._canonical(fields, layout.format)
        return self._canonical(segment.fields_query(self._category, block), layout.format)

    def _canonical(self, fields: str, source: str) -> str:
        return canonical.staged_query(fields, source, self._masked)

    def _make_room(self, target: _Target) -> None:
        if self._table_for is not target:
            make_table(self._connection, *target.staged_like)
            self._table_for = target
        self._target = target

    def _open_envelopes(self, source: str) -> int:
        """Puts messages in the place of their envelopes; returns how many records that adds.

        An envelope without messages stays, as a skipped record.
        """
        if not self._count("stage.staged where outcome = 'envelope'"):
            return 0
        connection = self._connection
        connection.execute(
            "create or replace temp table opened as"
            " select line_number, raw_text from stage.staged where outcome = 'envelope'"
        )
        connection.execute(
            f"create or replace temp table messages as {envelopes.messages_query('opened')}"
        )
        # by what each holds: a line of an array may be several envelopes
        [(replaced,)] = connection.execute(
            f"delete from stage.staged where outcome = 'envelope' and {envelopes.MESSAGE_COUNT} > 0"
        ).fetchall()
        connection.execute(
            "update stage.staged set outcome = 'skipped', raw_text = null"
            " where outcome = 'envelope'"
        )
        fields = segment.fields_query(self._category, "messages", envelopes.RECORD)
        connection.execute(f"insert into stage.staged by name {self._canonical(fields, source)}")
        connection.execute(
            "update stage.staged set outcome = 'rejected', reason_code = 'nested_envelope'"
            " where outcome = 'envelope'"
        )
        messages = self._count("messages")
        connection.execute("drop table messages")
        connection.execute("drop table opened")
        return messages - int(replaced)

    def _counts(self) -> dict[str, int]:
        """Records of `stage.staged` by outcome."""
        return dict(
            self._connection.execute(
                "select outcome, count(*) from stage.staged group by outcome"
            ).fetchall()
        )

    def _event_times(self) -> _Times:
        """First and last event_at of the events in `stage.staged`; a list has none."""
        if self._target is not dedupe:
            return None, None
        [(first, last)] = self._connection.execute(
            "select min(event_at), max(event_at) from stage.staged where outcome = 'event'"
        ).fetchall()
        return first, last

    def clear(self) -> None:
        """Lets go of the file, of its records, and of the disk that they may have spilled to.

        To be called when the transaction is over, whichever way.
        """
        if self._target:
            self._connection.execute("delete from stage.staged")
            self._connection.execute("checkpoint stage")  # gives back what the rows took
            self._target.clear(self._connection)
        self._target = None

    def close(self) -> None:
        """Lets go of the plans, and of the database that the records lay in."""
        self._forget_plans()
        self._connection.execute("detach stage")

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def widen(self) -> bool:
        """Lets DuckDB take what the machine has; False where the limit is not ours, or lifted."""
        if not self._own_limit:
            return False
        self._own_limit = False
        self._connection.execute("reset memory_limit")
        return True

    def _count(self, relation: str) -> int:
        [(count,)] = self._connection.execute(f"select count(*) from {relation}").fetchall()
        return int(count)


def make_table(connection: duckdb.DuckDBPyConnection, history: str, columns: Sequence[str]) -> None:
    """Makes `stage.staged` for records that have these columns of a table of the history.

    Beside them line_number, position, outcome, reason_code, detail, raw_text, and record_number for
    `ingestion.dedupe`.
    """
    connection.execute(
        f"""
        create or replace table stage.staged as
        select
            cast(null as bigint) as record_number,
            cast(null as bigint) as line_number,
            cast(null as integer) as position,
            cast(null as varchar) as outcome,
            cast(null as varchar) as reason_code,
            cast(null as varchar) as detail,
            cast(null as varchar) as raw_text,
            {", ".join(columns)}
        from {history}
        limit 0
        """
    )


def _columns(counts: dict[str, int], verdict: Verdict, times: _Times) -> dict[str, Any]:
    first, last = times
    return {
        "loaded_count": verdict.loaded,
        "duplicate_count": verdict.duplicate,
        "collided_count": verdict.collided,
        "rejected_count": counts.get("rejected", 0),
        "skipped_count": counts.get("skipped", 0),
        "blank_count": counts.get("blank", 0),
        "unfinished_count": counts.get("unfinished", 0),
        "first_event_at": first,
        "last_event_at": last,
    }
