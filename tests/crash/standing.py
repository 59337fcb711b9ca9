"""What a data directory says, in a form that two of them can be compared by."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import duckdb

from ingestion.settings import Settings

Standing = dict[str, Any]

READ_BY_READERS = (
    "fct_events",
    "fct_sessions",
    "dim_people",
    "fct_person_scores",
    "map_identities",
)

_OF_THE_RUN = {
    "load_id", "is_gone", "loaded_at", "started_at", "rejected_at", "recorded_at", "parse_seconds",
    "dedupe_seconds", "modified_ns", "file_path", "first_load_id", "refresh_id", "last_load_id",
}  # fmt: skip
"""Columns that say when and by which run a row came; and of a kept table, that it is no more."""

_RECORDS_OF_RUNS = {
    "refreshes", "model_marks", "refresh_settings", "list_marks", "whole_tests",
    "int_slices_touched",
}  # fmt: skip
"""Tables that say what a run did, or had to do: one that takes up where another ended has less."""

_LAST_REFRESH = re.compile(rb"<dt>Last refresh</dt><dd>[^<]*</dd>")

_COUNTS = (
    "loaded_count + duplicate_count + collided_count + rejected_count + skipped_count"
    " + blank_count + unfinished_count"
)


def version_of(connection: duckdb.DuckDBPyConnection) -> str:
    """A checksum of what readers see: how many tables there are, and what is in some."""
    [(tables,)] = connection.execute("select count(*) from duckdb_tables()").fetchall()
    sums = [
        connection.execute(
            f"select count(*), sum(hash(rows)) from marts.{table} as rows"
        ).fetchall()[0]
        for table in READ_BY_READERS
    ]
    return f"{tables} tables, {sums}"


def standing_of(settings: Settings) -> Standing:
    """Every published table, live rows of every table of the pipeline, and the exports.

    Raises AssertionError where records of a file are not accounted for, or events were lost.
    """
    with duckdb.connect(settings.analytics, read_only=True) as connection:
        published = _tables(connection)
        version = version_of(connection)
        refreshes = connection.execute(
            "select refresh_id from ops.refreshes order by all"
        ).fetchall()
        assert len(refreshes) == len(set(refreshes)), refreshes
    with duckdb.connect(settings.warehouse, read_only=True) as connection:
        kept = _tables(connection)
        _check_conservation(connection)
    return {
        "version": version,
        "tables": {f"analytics.{name}": rows for name, rows in published.items()}
        | {f"warehouse.{name}": rows for name, rows in kept.items()},
        "exports": {
            str(path.relative_to(settings.exports)): (
                hashlib.sha256(_untimed(path)).hexdigest() if path.is_file() else "a folder"
            )
            for path in sorted(settings.exports.rglob("*"))
        },
        "files": sorted(
            path.name
            for path in settings.data_dir.iterdir()
            if path.suffix != ".wal" and not path.name.startswith(".writer.lock")
        ),
    }


def differences(found: Standing, expected: Standing) -> list[str]:
    """What is not the same, in words."""
    told = []
    for part in ("tables", "exports"):
        names = {*found[part], *expected[part]}
        told += [
            f"{name}: {found[part].get(name)} instead of {expected[part].get(name)}"
            for name in sorted(names)
            if found[part].get(name) != expected[part].get(name)
        ]
    if found["files"] != expected["files"]:
        told.append(f"files: {found['files']} instead of {expected['files']}")
    return told


def _untimed(path: Path) -> bytes:
    """What an export says, but for when the refresh was that it is of."""
    return _LAST_REFRESH.sub(b"", path.read_bytes())


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Of each table how many rows it has, and a checksum of them in any order."""
    found = {}
    for schema, table, columns in connection.execute(
        "select schema_name, table_name, list(column_name order by column_index)"
        " from duckdb_columns() where not internal"
        " and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())"
        " group by all order by all"
    ).fetchall():
        if table in _RECORDS_OF_RUNS:
            continue
        compared = [f'"{column}"' for column in columns if column not in _OF_THE_RUN]
        live = "where not is_gone" if "is_gone" in columns else ""
        [(count, checksum)] = connection.execute(
            f'select count(*), sum(hash({", ".join(compared)})) from "{schema}"."{table}" {live}'
        ).fetchall()
        found[f"{schema}.{table}"] = f"{count} rows, {checksum}"
    return found


def _check_conservation(connection: duckdb.DuckDBPyConnection) -> None:
    lost = connection.execute(
        f"select file_name, record_count from raw.files where record_count != {_COUNTS}"
    ).fetchall()
    assert not lost, f"records not accounted for: {lost}"
    [(events, ids)] = connection.execute(
        "select count(*), count(distinct event_id) from raw.events"
    ).fetchall()
    assert events == ids, f"{events} events have {ids} ids"
