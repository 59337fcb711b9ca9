"""Scores of past days, written into `marts.fct_score_history` after the event.

A day that was never refreshed has no rows there. What a refresh as of that day would have written
is worked out apart from the published tables, from all that is loaded by now: a refresh as of a
past day knows who is who today, and scores what had happened by then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd

from ingestion.errors import UserError
from ingestion.settings import Settings
from ingestion.warehouse import transaction
from orchestration.apart.closure import score_as_of
from orchestration.apart.compiled import compiled_models
from orchestration.apart.database import Apart, apart
from orchestration.refreshing.publish import publish
from orchestration.refreshing.record import RefreshRecord

HISTORY = "fct_score_history"
_DAY = "stg_run__settings"
_NUMBER_OF_REFRESH = "int_refreshes_numbered"
_IN_FORCE = "select distinct ruleset_id from standing_published.marts.fct_person_scores"
_GIVEN = "select ruleset_id from warehouse.intermediate.int_rulesets_dated"


def write_past_scores(
    settings: Settings, days: Sequence[date], say: Callable[[str], None] | None = None
) -> Mapping[date, int]:
    """Replaces the rows of these UTC days, all of them or none, and publishes them.

    Returns how many rows each day has. The caller holds the writer lock. Raises UserError where
    nothing is published, the last refresh failed, or the rules have changed since.
    """
    record = RefreshRecord.read(settings)
    if record is None or not record.is_built:
        raise UserError("The last refresh did not come to its end; run: intent refresh")
    compiled = compiled_models(settings, say)
    rows = []
    for day in days:
        with apart(settings, compiled) as one:
            rows.append(scores_on(one, day))
    if rows:
        _replace(settings.marts, days, pd.concat(rows))
        publish(settings, record)
        replace(record, published_at=datetime.now(UTC)).save(settings)
    return {day: len(of_day) for day, of_day in zip(days, rows, strict=True)}


def scores_on(one: Apart, day: date) -> pd.DataFrame:
    """The rows of fct_score_history that a refresh as of `day` writes.

    Raises UserError where seeds/ holds other rules than the last refresh went by.
    """
    score_as_of(one, day)
    # the number of the refresh is no matter of the day: what only counts by it stands
    one.build([HISTORY], one.below([_DAY], without=[_NUMBER_OF_REFRESH]))
    in_force = one.connection.execute(_IN_FORCE).fetchall()
    given = one.connection.execute(_GIVEN).fetchall()
    if in_force and in_force != given:
        raise UserError(
            "The rules in seeds/ are others than those that the published scores were made by;"
            " run: intent refresh"
        )
    rows: pd.DataFrame = one.connection.table(f"published.marts.{HISTORY}").df()
    return rows


def _replace(marts: Path, days: Sequence[date], rows: pd.DataFrame) -> None:
    # the file's name is that of the schema too
    table = f'"{marts.stem}".marts.{HISTORY}'
    with duckdb.connect(str(marts)) as connection, transaction(connection):
        connection.execute(
            f"delete from {table} where list_contains(cast(? as date[]), as_of_date)",
            [list(days)],
        )
        connection.register("past_rows", rows)
        connection.execute(f"insert into {table} by name select * from past_rows")
