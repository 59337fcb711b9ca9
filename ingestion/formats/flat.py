"""Flat rows, as CSV and Parquet have them: each row becomes a message whose keys are its columns.

So a log says the same in whatever format it was written: what a column means is told in one place,
`ingestion.formats.segment`. A cell without a value is a key that is not there.

- Names of columns are known in any case, with blanks or hyphens for underscores; columns that we do
  not know keep their names as they stand, and become properties of the event (traits, where it is
  an identify or a group).
- CSV knows nothing but text. A cell of a column that we do not know and that is plainly a number or
  true or false is one, as it would be in the other formats: 7, -0.25, true; not 007, 1e5, 1.50.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ingestion.formats.leftovers import CONTAINERS
from ingestion.formats.message_columns import KNOWN_KEYS


class CellKind(Enum):
    """What a cell holds, and so how it becomes JSON."""

    TEXT = "text"
    CSV = "text of a column that we do not know"
    VALUE = "a whole number or a boolean"
    FLOAT = "a float; NaN is no value"
    JSON = "JSON as text"


@dataclass(frozen=True)
class Column:
    """A column of a flat file; `key` is that of the message."""

    key: str
    kind: CellKind


_INTEGER = r"-?[1-9]\d{0,14}|0"
_DECIMAL = r"-?(0|[1-9]\d{0,5})\.\d{0,8}[1-9]"
_BOOLEAN = "true|false|True|False|TRUE|FALSE"


def message_keys(header: Sequence[str]) -> list[str]:
    """The keys of a message, one for each name of `header`, all different.

    A name that stands again gets a number, one that is empty that of its column: nothing is lost.
    """
    keys: list[str] = []
    for number, name in enumerate(header, start=1):
        key = known_key(name) or name.strip() or f"column_{number}"
        while key in keys:
            key = f"{key}_{number}"
        keys.append(key)
    return keys


def known_key(name: str) -> str | None:
    """The key of a message that a column of this name is; None where we do not know it."""
    return _KNOWN.get(_plain(name))


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower()


# sorted, so that of messageId and message_id it is the same one each time
_KNOWN = {_plain(key): key for key in sorted(KNOWN_KEYS)}


def csv_column(key: str) -> Column:
    """A column of CSV, of which only text is known."""
    return Column(key, CellKind.TEXT if key in KNOWN_KEYS else CellKind.CSV)


def messages_query(columns: Sequence[Column], source: str) -> str:
    """The rows of `source` as messages, as `segment.fields_query` reads them.

    `source` has the columns of `ingestion.blocks`, `line` being null where the file has no text of
    its own. `record` is the record as it stands in the file, or else the message.
    """
    # a key without a value falls out: null, whatever it is added to
    members = ",\n                ".join(
        f"to_json({_quoted(column.key)}) || ':' || {_value(f'cell_{number}', column)}"
        for number, column in enumerate(columns)
    )
    return f"""(
    select
        * replace (case when is_row then message || e'\\n' else line end as line),
        coalesce(line, message) as record
    from (
        select
            line_number, line, problem, position, envelope_sent_at, envelope_received_at,
            case
                when problem is not null then false
                -- to trim every line would take longer than to read it
                when line is null or line between '!' and '~' then true
                else clean_text(line) is not null
            end as is_row,
            '{{' || concat_ws(
                ',',
                {members}
            ) || '}}' as message
        from {source}
    )
)"""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _value(cell: str, column: Column) -> str:
    kind = column.kind
    if kind is CellKind.TEXT and column.key in CONTAINERS:
        return f"""case
                when starts_with(ltrim({cell}), '{{') and json_valid({cell})
                    then json_strip_nulls(cast({cell} as json))
                else to_json({cell})
            end"""
    if kind is CellKind.CSV:
        return f"""case
                when regexp_full_match({cell}, '{_INTEGER}|{_DECIMAL}') then cast({cell} as json)
                when regexp_full_match({cell}, '{_BOOLEAN}') then cast(lower({cell}) as json)
                else to_json({cell})
            end"""
    if kind is CellKind.FLOAT:
        return f"""case
                when isfinite({cell}) then to_json({cell})
                when isinf({cell}) then to_json(cast({cell} as varchar))
            end"""
    if kind is CellKind.JSON:
        return f"json_strip_nulls(cast({cell} as json))"
    return f"to_json({cell})"
