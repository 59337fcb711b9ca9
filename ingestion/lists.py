"""Lists that bring no events, as a CRM's leads: rows of CSV into a table of their own.

Columns come in any order and case; of two names of one column the one that `names` has first
holds. Others are kept in `properties`. Every distinct row is kept once; which of them holds is for
the models to say, so the order of files makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from ingestion import privacy
from ingestion.dedupe import Verdict
from ingestion.formats.flat import Column


@dataclass(frozen=True)
class RowsOfList:
    """How the rows of one kind of list are read, and kept in `table`.

    A good row's outcome in `stage.staged` is `outcome`. `names` are the columns of the table with
    the names that each may have in a file; `columns` those of the table in its order, but load_id
    and line_number: the last two are properties and content_md5.
    """

    table: str
    outcome: str
    names: Mapping[str, Sequence[str]]
    columns: Sequence[str]

    @property
    def staged_like(self) -> tuple[str, Sequence[str]]:
        """What `stage.staged` is made after, for rows of this kind."""
        return self.table, self.columns

    def given_query(self, columns: Sequence[Column], source: str, masked: Sequence[str]) -> str:
        """SQL: the rows of `source`, which has `cell_<n>` for each of `columns`. In what is kept of
        columns that we do not know, parameters of URLs called as one of `masked` and addresses are.

        Columns: line_number, line, problem, `<name>_given` for each of the names, and properties.
        """
        places = _places(self.names, columns)
        cells = {name: f"cell_{number}" for name, number in places.items()}
        given = ",\n        ".join(
            f"clean_text({cells.get(name, 'null')}) as {name}_given" for name in self.names
        )
        others = ", ".join(
            f"{_literal(column.key)}, cell_{number}"
            for number, column in enumerate(columns)
            if number not in places.values()
        )
        properties = f"cast(canonical_object(json_object({others})) as varchar)"
        return f"""
    select
        line_number,
        line,
        problem,
        {given},
        cast({privacy.masked_json(properties, masked)} as json) as properties
    from {source}
"""

    def rows_query(self, detail: str, content: Mapping[str, str]) -> str:
        """SQL: the rows of `judged`, which has the columns of the table and reason_code, and what
        became of others.

        `detail` says what is wrong with a row; `content` is what makes it another one, in order.
        Columns: line_number, outcome, reason_code, detail, raw_text, and those of the table.
        """
        members = ",\n            ".join(f"'{name}', {sql}" for name, sql in content.items())
        return f"""
select
    line_number,
    case
        when problem is not null and not ends_with(line, e'\\n') then 'unfinished'
        when reason_code is not null then 'rejected'
        when clean_text(line) is null then 'blank'
        else '{self.outcome}'
    end as outcome,
    reason_code,
    {detail} as detail,
    case when reason_code is not null then rtrim(line, e'\\r\\n') end as raw_text,
    {", ".join(self.columns[:-1])},
    md5(
        json_strip_nulls(json_object(
            {members}
        ))
    ) as content_md5
from judged
"""

    def decide(self, connection: duckdb.DuckDBPyConnection) -> Verdict:
        """Finds the rows of `stage.staged` that are new; to be called before `move`.

        `clear` lets go of what it leaves for `move`.
        """
        connection.execute(
            f"""
            create or replace temp table new_rows as
            select
                {", ".join(self.columns)},
                line_number
            from stage.staged
            where
                outcome = '{self.outcome}'
                and content_md5 not in (select content_md5 from {self.table})
            qualify row_number() over (partition by content_md5 order by line_number) = 1
            """
        )
        [(row_count, new_count)] = connection.execute(
            "select count(*), (select count(*) from new_rows) from stage.staged where outcome = ?",
            [self.outcome],
        ).fetchall()
        return Verdict(loaded=new_count, duplicate=row_count - new_count, collided=0)

    def move(self, connection: duckdb.DuckDBPyConnection, load_id: int) -> int:
        """Puts the new rows into the table, as load `load_id`; returns how many.

        Runs in the caller's transaction.
        """
        [(count,)] = connection.execute(
            f"insert into {self.table} by name"
            " select *, cast(? as bigint) as load_id from new_rows",
            [load_id],
        ).fetchall()
        return int(count)

    def clear(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Drops what `decide` left."""
        connection.execute("drop table if exists temp.new_rows")


def cells_of(names: Mapping[str, Sequence[str]], columns: Sequence[Column]) -> dict[str, str]:
    """The cell of each of `names`, as `cell_<n>`, of those that the file has."""
    return {name: f"cell_{number}" for name, number in _places(names, columns).items()}


def _places(names: Mapping[str, Sequence[str]], columns: Sequence[Column]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for number, column in enumerate(columns):
        numbers.setdefault(_plain(column.key), number)
    return {
        name: next(numbers[known] for known in spellings if known in numbers)
        for name, spellings in names.items()
        if not numbers.keys().isdisjoint(spellings)
    }


def _plain(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip()).lower()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
