"""What was spent on ads: rows of CSV into raw.ad_spend.

Columns, in any order and case: `day`, `source`, `medium`, `campaign`, `cost` (a plain number, not
negative), `currency` (three letters), `updated_at` (a time as events have it). Others, as an ad
group or clicks, are kept in `properties`. Every distinct row is kept once; which of them holds is
for the models to say, so the order of files makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from ingestion.dedupe import Verdict
from ingestion.formats.flat import Column

_NAMES = {
    "spend_date": ("day", "date"),
    "source": ("utm_source", "source"),
    "medium": ("utm_medium", "medium"),
    "campaign": ("utm_campaign", "campaign", "campaign_name"),
    "currency": ("currency", "currency_code"),
    "cost": ("cost", "spend", "amount_spent"),
    "updated_at": ("updated_at",),
}

COLUMNS = (*_NAMES, "properties", "content_md5")
"""The columns of raw.ad_spend in its order, but load_id and line_number."""

_COST = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?"
"""With a dot: 1,234 is a thousand to some and one to others, so it is refused."""


def _places(columns: Sequence[Column]) -> dict[str, int]:
    """Where each column of raw.ad_spend stands in the file; of two names of one, the name that
    `_NAMES` has first, whatever their order in the file."""
    numbers: dict[str, int] = {}
    for number, column in enumerate(columns):
        numbers.setdefault(_plain(column.key), number)
    return {
        column: next(numbers[name] for name in names if name in numbers)
        for column, names in _NAMES.items()
        if not numbers.keys().isdisjoint(names)
    }


def _plain(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip()).lower()


def staged_query(columns: Sequence[Column], source: str) -> str:
    """The rows of `source`, which has `cell_<n>` for each of `columns`, and what became of others.

    Columns: line_number, outcome (spend, or as in `ingestion.formats.fields`), reason_code, detail,
    raw_text, and COLUMNS.
    """
    places = _places(columns)
    cells = {name: f"cell_{number}" for name, number in places.items()}
    others: list[str] = []
    for number, column in enumerate(columns):
        if number not in places.values():
            key = column.key.replace("'", "''")
            others += [f"'{key}'", f"cell_{number}"]
    given = ",\n        ".join(
        f"clean_text({cells.get(name, 'null')}) as {name}_given" for name in _NAMES
    )
    # a number of JSON would be a double, and costs that differ in the last place one row
    content = ",\n            ".join(f"'{name}', cast({name} as varchar)" for name in COLUMNS[:-1])
    return f"""
with

given as (

    select
        line_number,
        line,
        problem,
        {given},
        canonical_object(json_object({", ".join(others)})) as properties
    from {source}

),

read as (

    select
        *,
        -- a day as 2026-06-30, also with a midnight behind it, or as 20260630
        cast(plausible_time(try_cast(
            regexp_replace(
                regexp_extract(
                    spend_date_given,
                    '^(\\d{{4}}-\\d{{2}}-\\d{{2}}|\\d{{8}})(?:[T ]00:00(?::00)?)?$', 1
                ),
                '^(\\d{{4}})(\\d{{2}})(\\d{{2}})$', '\\1-\\2-\\3'
            ) as timestamp
        )) as date) as spend_date,
        source_given as source,
        medium_given as medium,
        campaign_given as campaign,
        case
            when regexp_full_match(currency_given, '[A-Za-z]{{3}}') then upper(currency_given)
        end as currency,
        case
            when regexp_full_match(cost_given, '{_COST}')
                then try_cast(cost_given as decimal(18, 6))
        end as cost,
        utc_time(updated_at_given) as updated_at
    from given

),

judged as (

    select
        *,
        case
            when problem is not null then problem
            when clean_text(line) is null then null
            when spend_date is null then 'unreadable_day'
            when cost is null then 'unreadable_cost'
            when cost < 0 then 'negative_cost'
            when currency_given is null then 'missing_currency'
            when currency is null then 'unreadable_currency'
            when updated_at_given is not null and updated_at is null then 'unreadable_time'
        end as reason_code
    from read

)

select
    line_number,
    case
        when problem is not null and not ends_with(line, e'\\n') then 'unfinished'
        when reason_code is not null then 'rejected'
        when clean_text(line) is null then 'blank'
        else 'spend'
    end as outcome,
    reason_code,
    case reason_code
        when 'unreadable_day' then 'day: ' || coalesce(spend_date_given, '')
        when 'unreadable_cost' then 'cost: ' || coalesce(cost_given, '')
        when 'negative_cost' then 'cost: ' || cost_given
        when 'unreadable_currency' then 'currency: ' || currency_given
        when 'unreadable_time' then 'updated_at: ' || updated_at_given
    end as detail,
    case when reason_code is not null then rtrim(line, e'\\r\\n') end as raw_text,
    {", ".join(COLUMNS[:-1])},
    md5(
        json_strip_nulls(json_object(
            {content}
        ))
    ) as content_md5
from judged
"""


_NEW_ROWS = f"""
create or replace temp table new_spend as
select
    {", ".join(COLUMNS)},
    line_number
from staged
where
    outcome = 'spend'
    and content_md5 not in (select content_md5 from raw.ad_spend)
qualify row_number() over (partition by content_md5 order by line_number) = 1
"""


def decide(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """Finds the rows of temporary table `staged` that are new; to be called before `move`.

    `clear` lets go of what it leaves for `move`.
    """
    connection.execute(_NEW_ROWS)
    [(row_count, new_count)] = connection.execute(
        "select count(*), (select count(*) from new_spend) from staged where outcome = 'spend'"
    ).fetchall()
    return Verdict(loaded=new_count, duplicate=row_count - new_count, collided=0)


def move(connection: duckdb.DuckDBPyConnection, load_id: int) -> int:
    """Puts the new rows into raw.ad_spend, as load `load_id`; returns how many.

    Runs in the caller's transaction.
    """
    [(count,)] = connection.execute(
        "insert into raw.ad_spend by name select *, cast(? as bigint) as load_id from new_spend",
        [load_id],
    ).fetchall()
    return int(count)


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops what `decide` left."""
    connection.execute("drop table if exists temp.new_spend")
