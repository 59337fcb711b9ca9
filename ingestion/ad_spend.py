"""What was spent on ads: rows of CSV into raw.ad_spend.

Columns (see `ingestion.lists`): `day`, `source`, `medium`, `campaign`, `cost` (a plain number, not
negative), `currency` (three letters), `updated_at` (a time as events have it). Others are, say, an
ad group or clicks. Where a link's tags stand beside the platform's own names, the tags hold: by
them a cost and its visits find each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingestion.formats.flat import Column
from ingestion.lists import RowsOfList

_NAMES = {
    "spend_date": ("day", "date"),
    "source": ("utm_source", "source"),
    "medium": ("utm_medium", "medium"),
    "campaign": ("utm_campaign", "campaign", "campaign_name"),
    "currency": ("currency", "currency_code"),
    "cost": ("cost", "spend", "amount_spent"),
    "updated_at": ("updated_at",),
}

ROWS = RowsOfList("raw.ad_spend", "spend", _NAMES, (*_NAMES, "properties", "content_md5"))

_COST = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?"
"""With a dot: 1,234 is a thousand to some and one to others, so it is refused."""


def staged_query(columns: Sequence[Column], source: str, masked: Sequence[str]) -> str:
    """The rows of `source`, which has `cell_<n>` for each of `columns`, and what became of others.

    Its columns are those of `RowsOfList.rows_query`.
    """
    # a number of JSON would be a double, and costs that differ in the last place one row
    content = {name: f"cast({name} as varchar)" for name in ROWS.columns[:-1]}
    return f"""
with

given as (
{ROWS.given_query(columns, source, masked)}
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
{ROWS.rows_query(_DETAIL, content)}"""


_DETAIL = """case reason_code
        when 'unreadable_day' then 'day: ' || coalesce(spend_date_given, '')
        when 'unreadable_cost' then 'cost: ' || coalesce(cost_given, '')
        when 'negative_cost' then 'cost: ' || cost_given
        when 'unreadable_currency' then 'currency: ' || currency_given
        when 'unreadable_time' then 'updated_at: ' || updated_at_given
    end"""
