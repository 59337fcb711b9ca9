"""Rows of a query as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import duckdb

Record = TypeVar("Record")


def records(
    kind: type[Record],
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[object] | Mapping[str, object] = (),
) -> list[Record]:
    """One `kind` for each row of the query, whose columns are named as the fields of `kind`; ids
    are text.

    `parameters` by place, or by name.
    """
    given = dict(parameters) if isinstance(parameters, Mapping) else list(parameters)
    result = connection.execute(sql, given)
    columns = [column[0] for column in result.description or ()]
    return [
        kind(**{name: as_text(value) for name, value in zip(columns, row, strict=True)})
        for row in result.fetchall()
    ]


def as_text(value: object) -> Any:
    """An id as text, also one in a list or a struct; any other value as it is."""
    match value:
        case UUID():
            return str(value)
        case list():
            return [as_text(each) for each in value]
        case dict():
            return {name: as_text(each) for name, each in value.items()}
        case _:
            return value
