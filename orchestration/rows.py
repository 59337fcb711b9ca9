"""Rows of a query as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import duckdb

Record = TypeVar("Record")


def records(
    kind: type[Record],
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[object] | Mapping[str, object] = (),
) -> list[Record]:
    """One `kind` for each row of the query, whose columns are named as the fields of `kind`.

    `parameters` by place, or by name.
    """
    given = dict(parameters) if isinstance(parameters, Mapping) else list(parameters)
    result = connection.execute(sql, given)
    columns = [column[0] for column in result.description or ()]
    return [kind(**dict(zip(columns, row, strict=True))) for row in result.fetchall()]
