"""One SQL statement on the published file, printed as a table, CSV or JSON."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import TextIO

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration import console
from orchestration.analytics import published
from orchestration.formats import Format
from orchestration.given_text import check_text
from orchestration.rows import as_text

TABLE_ROWS = 1_000
"""A table for the eye ends here; csv and json give everything."""

_BATCH = 10_000
_LINE_END = "\r\n"
_NUMBERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT"} | {
    "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE"
}  # fmt: skip
_NO_TABLE = "Error: Table with name"
_DID_YOU_MEAN = re.compile(r' Did you mean "(?P<name>[^"]+)"\?')


def query(settings: Settings, sql: str, form: Format, out: TextIO, notes: TextIO) -> None:
    """Prints the result of `sql` to `out`. Raises UserError for SQL that cannot be run."""
    with published(settings) as connection:
        print_result(connection, sql, form, out, notes)


def print_result(
    connection: duckdb.DuckDBPyConnection, sql: str, form: Format, out: TextIO, notes: TextIO
) -> None:
    """Runs `sql` and prints its rows to `out`, and to `notes` what was left out.

    Raises UserError for SQL that cannot be run.
    """
    check_text(sql, "The SQL")
    try:
        # of several, DuckDB would give the last one's rows alone
        if (several := len(connection.extract_statements(sql))) > 1:
            raise UserError(f"The SQL is {several} statements; give one at a time")
        result: duckdb.DuckDBPyConnection | None = connection.execute(sql)
        if result is None:  # DuckDB's answer to blanks and comments
            raise UserError("There is no SQL to run")
        columns = [str(column[0]) for column in result.description or ()]
        if not columns:
            return
        match form:
            case Format.csv:
                writer = csv.writer(_Lines(out), lineterminator=_LINE_END)
                writer.writerow(columns)
                writer.writerows(_rows(result))
            case Format.json:
                _print_json(told_apart(columns), _rows(result), out)
            case Format.table:
                _print_table(result, columns, out, notes)
    except duckdb.Error as error:
        raise UserError(f"The SQL cannot be run. {_what_is_wrong(connection, error)}") from error


class _Lines:
    """Rows of a CSV, each with a line feed behind it.

    csv.writer puts quotes round a carriage return only where its own lines end with one.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, line: str) -> int:
        return self._out.write(line.removesuffix(_LINE_END) + "\n")


def told_apart(columns: Sequence[str]) -> list[str]:
    """The names, of equal ones the later with a number: an object holds each but once."""
    names: list[str] = []
    for column in columns:
        others = (f"{column}_{number}" for number in count(1))
        taken = {*names, *columns}
        names.append(column if column not in names else next(n for n in others if n not in taken))
    return names


def _what_is_wrong(connection: duckdb.DuckDBPyConnection, error: duckdb.Error) -> str:
    said = in_one_line(str(error))
    return with_tables(said, _tables(connection)) if _NO_TABLE in said else said


def in_one_line(message: str) -> str:
    """What DuckDB says is wrong, and the names that it would take instead.

    Without the SQL, which the caller knows, and without lists of functions, which fill screens.
    """
    told = message.partition("\n\nLINE ")[0]
    lines = [line.strip() for line in told.splitlines() if not line.startswith("\t")]
    sentences = [line if line[-1] in ".!?:" else f"{line}." for line in lines if line]
    return " ".join(sentences).replace(": : ", ": ")


def with_tables(said: str, tables: Sequence[str]) -> str:
    """A message about a table that is not there, with those that are.

    DuckDB's own suggestion stays only where it is one of them: it may be a table of its catalog.
    """
    hint = _DID_YOU_MEAN.search(said)
    if hint and hint["name"].rpartition(".")[2] not in tables:
        said = said.replace(hint[0], "")
    return f"{said} There are: {', '.join(tables)}."


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = current_database() order by table_schema, table_name"
    ).fetchall()
    return [str(name) for (name,) in rows]


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    has_ids = any("UUID" in str(column[1]) for column in result.description or ())
    while batch := result.fetchmany(_BATCH):
        yield from (tuple(map(as_text, row)) for row in batch) if has_ids else batch


def statement_of(stream: TextIO) -> str:
    """The SQL that somebody hands over as a file. Raises UserError where it is no UTF-8."""
    try:
        return stream.read()
    except UnicodeDecodeError:
        raise UserError("what comes on stdin is not UTF-8; save it as UTF-8") from None


def _print_json(columns: list[str], rows: Iterator[tuple[object, ...]], out: TextIO) -> None:
    separator = "[\n"
    for row in rows:
        fields = dict(zip(columns, map(_json_number, row), strict=True))
        out.write(separator + json.dumps(fields, default=_json_value, ensure_ascii=False))
        separator = ",\n"
    out.write("\n]\n" if separator == ",\n" else "[]\n")


def _json_value(value: object) -> object:
    """Decimals are numbers; dates and times as the database has them; the rest as text."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _json_number(value: object) -> object:
    """JSON has no word for infinity and not-a-number, and its keys are texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _json_number(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_json_number(member) for member in value]
    return value


def _print_table(
    result: duckdb.DuckDBPyConnection, columns: list[str], out: TextIO, notes: TextIO
) -> None:
    description = result.description or []
    right = [
        name
        for name, column in zip(columns, description, strict=True)
        if str(column[1]).split("(")[0] in _NUMBERS | {"DECIMAL"}
    ]
    rows = result.fetchmany(TABLE_ROWS)
    shown = [[_plain(value) for value in row] for row in rows]
    console.table(columns, shown, right=right, out=out)
    if len(rows) == TABLE_ROWS and result.fetchone() is not None:
        print(
            f"Only the first {TABLE_ROWS:,} rows are shown; --format csv prints them all.",
            file=notes,
        )


def _plain(value: object) -> object:
    """A decimal as people write it, `0` and `99.1`: the column's zeros behind it say nothing; an id
    as text."""
    if not isinstance(value, Decimal) or not value.is_finite():
        return as_text(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
