"""Whether two files hold the same marts: a script that does less work is no baseline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

TOLERANCE = 1e-9

_COLUMNS = """
select column_name, data_type
from duckdb_columns()
where database_name = ? and schema_name = ? and table_name = ?
"""

_KEYS = {
    "dim_accounts": ("account_id",),
    "dim_people": ("person_id",),
    "fct_account_score_reasons": ("account_id", "person_id"),
    "fct_account_scores": ("account_id",),
    "fct_events": ("event_id",),
    "fct_person_score_reasons": ("person_id", "rule_id", "event_date"),
    "fct_person_scores": ("person_id",),
    "fct_sessions": ("session_id",),
}
"""What a row is found by, in the marts that have figures to compare."""


def differences(own: Path, built: Path, marts: Sequence[str]) -> list[str]:
    """What of the marts in `own` is not as in `built`, in words; nothing where they are equal.

    Only the columns that `own` has are compared: figures to within 1e-9, lists as sets, all else
    exactly. An empty mart of `built` that `own` lacks is equal.
    """
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{own}' as own (read_only)")
        connection.execute(f"attach '{built}' as built (read_only)")
        for mart in marts:
            found.extend(_differences(connection, mart))
    return found


def _differences(connection: duckdb.DuckDBPyConnection, mart: str) -> list[str]:
    types = dict(connection.execute(_COLUMNS, ["own", "main", mart]).fetchall())
    there = dict(connection.execute(_COLUMNS, ["built", "marts", mart]).fetchall())
    if not types:
        count = _count(connection, f"built.marts.{mart}")
        return [f"{mart}: left out, but has {count:,} rows"] if count else []
    if other := {name: there.get(name) for name in types if there.get(name) != types[name]}:
        return [f"{mart}: types differ from those in the script: {other}"]
    exact = ", ".join(_compared(name, type_) for name, type_ in types.items() if type_ != "DOUBLE")
    figures = [name for name, type_ in types.items() if type_ == "DOUBLE"]
    found = []
    for words, first, second in (
        ("too many", f"own.{mart}", f"built.marts.{mart}"),
        ("missing", f"built.marts.{mart}", f"own.{mart}"),
    ):
        rows = f"(select {exact} from {first} except all select {exact} from {second})"
        if count := _count(connection, rows):
            [sample] = connection.execute(f"from {rows} limit 1").fetchall()
            found.append(f"{mart}: {count:,} rows {words}, such as {sample}")
    return found or [
        f"{mart}.{name}: {count:,} figures differ"
        for name in figures
        if (count := _count_of_other_figures(connection, mart, name))
    ]


def _compared(name: str, type_: str) -> str:
    return f"list_sort({name})" if type_.endswith("[]") else name


def _count_of_other_figures(connection: duckdb.DuckDBPyConnection, mart: str, name: str) -> int:
    keys = " and ".join(f"own.{key} is not distinct from built.{key}" for key in _KEYS[mart])
    return _count(
        connection,
        f"(select 1 from own.{mart} as own inner join built.marts.{mart} as built on {keys}"
        f" where not coalesce(abs(own.{name} - built.{name}) <= {TOLERANCE},"
        f" own.{name} is null and built.{name} is null))",
    )


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    [(count,)] = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(count)
