"""Lists of leads from a CRM: rows of CSV into raw.leads.

Columns (see `ingestion.lists`): `email`, `name`, `company`, `job_title`, `phone`, `owner`, `stage`,
`is_customer` (yes or no, true or false, 1 or 0), `updated_at` (a time as events have it).
"""

from __future__ import annotations

from collections.abc import Sequence

from ingestion.formats.flat import Column
from ingestion.lists import RowsOfList

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

ROWS = RowsOfList(
    "raw.leads",
    "lead",
    _NAMES,
    ("email", *_TEXTS, "is_customer", "updated_at", "properties", "content_md5"),
)


def staged_query(columns: Sequence[Column], source: str, masked: Sequence[str]) -> str:
    """The leads of `source`, which has `cell_<n>` for each of `columns`, and what became of others.

    Its columns are those of `RowsOfList.rows_query`.
    """
    return f"""
with

given as (
{ROWS.given_query(columns, source, masked)}
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
{ROWS.rows_query(_DETAIL, {name: name for name in ROWS.columns[:-1]})}"""


_DETAIL = """case reason_code
        when 'invalid_email' then 'email: ' || coalesce(email_given, '')
        when 'unreadable_boolean' then 'is_customer: ' || is_customer_given
        when 'unreadable_time' then 'updated_at: ' || updated_at_given
    end"""
