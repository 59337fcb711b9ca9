"""Lists of leads from a CRM: rows of CSV into raw.leads.

Columns, in any order and case: `email`, `name`, `company`, `job_title`, `phone`, `owner`, `stage`,
`is_customer` (yes or no, true or false, 1 or 0), `updated_at` (a time as events have it). Others
are kept in `properties`. Every distinct row is kept once; which one is current is for the models to
say, so the order of files makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from ingestion.dedupe import Verdict
from ingestion.formats.flat import Column

_NAMES = {
    "email": ("email", "e_mail", "email_address"),
    "full_name": ("name", "full_name"),
    "company_name": ("company", "company_name"),
    "job_title": ("job_title", "title"),
    "phone": ("phone", "phone_number"),
    "owner": ("owner",),
    "stage": ("stage",),
    "is_customer": ("is_customer", "customer"),
    "updated_at": ("updated_at",),
}

_TEXTS = ("full_name", "company_name", "job_title", "phone", "owner", "stage")

COLUMNS = ("email", *_TEXTS, "is_customer", "updated_at", "properties", "content_md5")
"""The columns of raw.leads in its order, but load_id and line_number."""


def column_of(name: str) -> str | None:
    """The column of raw.leads that a column of the file is; None where it is none of them."""
    plain = re.sub(r"[\s-]+", "_", name.strip()).lower()
    return next((column for column, names in _NAMES.items() if plain in names), None)


def staged_query(columns: Sequence[Column], source: str) -> str:
    """The leads of `source`, which has `cell_<n>` for each of `columns`, and what became of others.

    Columns: line_number, outcome (lead, or as in `ingestion.formats.fields`), reason_code, detail,
    raw_text, and COLUMNS.
    """
    cells: dict[str, str] = {}
    others: list[str] = []
    for number, column in enumerate(columns):
        name = column_of(column.key)
        if name is not None and name not in cells:
            cells[name] = f"cell_{number}"
        else:
            key = column.key.replace("'", "''")
            others += [f"'{key}'", f"cell_{number}"]
    given = ",\n        ".join(
        f"clean_text({cells.get(name, 'null')}) as {name}_given" for name in _NAMES
    )
    content = ",\n            ".join(f"'{name}', {name}" for name in COLUMNS[:-1])
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
        valid_email(email_given) as email,
        {", ".join(f"{name}_given as {name}" for name in _TEXTS)},
        case consent_word(is_customer_given)
            when 'granted' then true
            when 'denied' then false
        end as is_customer,
        utc_time(updated_at_given) as updated_at
    from given

),

judged as (

    select
        *,
        case
            when problem is not null then problem
            when clean_text(line) is null then null
            when email is null then 'invalid_email'
            when is_customer_given is not null and is_customer is null then 'unreadable_boolean'
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
        else 'lead'
    end as outcome,
    reason_code,
    case reason_code
        when 'invalid_email' then 'email: ' || coalesce(email_given, '')
        when 'unreadable_boolean' then 'is_customer: ' || is_customer_given
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


_NEW_LEADS = f"""
create or replace temp table new_leads as
select
    {", ".join(COLUMNS)},
    line_number
from staged
where
    outcome = 'lead'
    and content_md5 not in (select content_md5 from raw.leads)
qualify row_number() over (partition by content_md5 order by line_number) = 1
"""


def decide(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """Finds the leads of temporary table `staged` that are new; to be called before `move`.

    `clear` lets go of what it leaves for `move`.
    """
    connection.execute(_NEW_LEADS)
    [(lead_count, new_count)] = connection.execute(
        "select count(*), (select count(*) from new_leads) from staged where outcome = 'lead'"
    ).fetchall()
    return Verdict(loaded=new_count, duplicate=lead_count - new_count, collided=0)


def move(connection: duckdb.DuckDBPyConnection, load_id: int) -> int:
    """Puts the new leads into raw.leads, as load `load_id`; returns how many.

    Runs in the caller's transaction.
    """
    [(count,)] = connection.execute(
        "insert into raw.leads by name select *, cast(? as bigint) as load_id from new_leads",
        [load_id],
    ).fetchall()
    return int(count)


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops what `decide` left."""
    connection.execute("drop table if exists temp.new_leads")
