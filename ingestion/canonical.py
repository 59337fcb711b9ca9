"""From the fields of a format to canonical events: one query, the rules of the raw event.

Times. Accepted are ISO 8601 dates and times (`2026-06-01T09:00:00.123Z`, `2026-06-01 09:00:00+02`,
`2026-06-01T09:00+0530`; T or blank, seconds optional, any fraction, cut to microseconds), offset Z,
±hh, ±hh:mm or ±hhmm, no offset meaning UTC, a date alone meaning its midnight; and numbers: seconds
since 1970 (9 or 10 digits, with or without a fraction), milliseconds (12 or 13) and microseconds
(15 or 16). A time before 1970-01-02 or after 2199 is a broken clock. A record with a time that is
none of these is rejected, whichever of its times it is.

`event_at` is received - (sent - original) where all three are there, else the timestamp, else the
original timestamp. A record with neither of the last two is rejected: when it was sent or received
does not say when it happened.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingestion import privacy

EVENT_TYPES = ("page", "track", "identify", "screen", "group", "alias")

EVENT_COLUMNS = (
    "event_id",
    "event_type",
    "event_name",
    "anonymous_id",
    "user_id",
    "email",
    "previous_id",
    "group_id",
    "client_session_id",
    "event_at",
    "original_timestamp",
    "sent_at",
    "received_at",
    "page_url",
    "page_referrer",
    "page_title",
    "user_agent",
    "ip_prefix",
    "consent",
    "properties",
    "traits",
    "context",
    "source",
)
"""The columns of raw.events in its order, but load_id, line_number and event_key."""

_NOT_CONTENT = {"sent_at", "received_at", "event_at", "source"}

CONTENT_COLUMNS = tuple(sorted(set(EVENT_COLUMNS) - _NOT_CONTENT))

_JSON_COLUMNS = ("context", "properties", "traits")

_IDENTIFIERS = ("event_id", "anonymous_id", "user_id", "previous_id", "group_id")

_TIMES = ("given_timestamp", "original_timestamp", "sent_at", "received_at")


def content_md5() -> str:
    """SQL: the hash that decides between records of one event_id.

    Of the content as a JSON object with sorted keys, no white space, and no member for a null.
    """
    members = ",\n            ".join(
        f"'\"{name}\":' || {name if name in _JSON_COLUMNS else f'to_json({name})'}"
        for name in CONTENT_COLUMNS
    )
    return f"""md5('{{' || concat_ws(
            ',',
            {members}
        ) || '}}')"""


def event_key(event_id: str = "event_id") -> str:
    """SQL: 63 bits of an id, to look it up in the whole history by a narrow column.

    md5 and not hash(), which is free to change with DuckDB's version.
    """
    return f"cast(md5_number({event_id}) & 9223372036854775807 as bigint)"


def staged_query(fields: str, source: str, parameters: Sequence[str]) -> str:
    """The canonical events of the query `fields`, and what became of every other record.

    Columns: line_number, position, outcome (event, or as in the fields), reason_code,
    detail, raw_text (of rejected records and envelopes alone), EVENT_COLUMNS and event_key.
    `parameters` are masked before anything is hashed.
    """
    urls = ("page_url", "page_referrer")
    masked = ",\n        ".join(
        f"case when needs_masking then {_mask(name, parameters)} else {name} end as {name}"
        for name in (*urls, *_JSON_COLUMNS)
    )
    read_times = ",\n        ".join(f"utc_time({name}) as {name}_utc" for name in _TIMES)
    unreadable = " ".join(
        f"when {name} is not null and {name}_utc is null then '{label}: ' || {name}"
        for name, label in zip(_TIMES, ("timestamp", *_TIMES[1:]), strict=True)
    )
    types = ", ".join(f"'{name}'" for name in EVENT_TYPES)
    return f"""
with

fields as (

    {fields}

),

cleaned as (

    select
        line_number,
        position,
        outcome,
        reason_code,
        detail,
        raw_text,
        lower(clean_text(event_type)) as event_type,
        clean_text(event_name) as event_name,
        {", ".join(f"clean_text({name}) as {name}" for name in _IDENTIFIERS)},
        clean_text(client_session_id) as client_session_id,
        coalesce(
            valid_email(emails[1]), valid_email(emails[2]), valid_email(emails[3])
        ) as email,
        {", ".join(f"clean_text({name}) as {name}" for name in _TIMES)},
        clean_text(page_url) as page_url,
        clean_text(page_referrer) as page_referrer,
        clean_text(page_title) as page_title,
        clean_text(user_agent) as user_agent,
        address_prefix(address) as ip_prefix,
        [consent_word(consents[1]), consent_word(consents[2])] as consents,
        canonical_object(properties) as properties,
        canonical_object(traits) as traits,
        canonical_object(context) as context
    from fields

),

read as (

    select
        *,
        {privacy.needs_masking(urls, _JSON_COLUMNS, parameters)} as needs_masking,
        {read_times}
    from cleaned

),

timed as (

    select
        *,
        coalesce(original_timestamp_utc, given_timestamp_utc) as original_utc,
        coalesce(
            received_at_utc
            - (sent_at_utc - coalesce(original_timestamp_utc, given_timestamp_utc)),
            given_timestamp_utc,
            original_timestamp_utc
        ) as event_at
    from read

),

judged as (

    select
        *,
        case
            when outcome is not null then reason_code
            when event_type is null then 'missing_event_type'
            when event_type not in ({types}) then 'unknown_event_type'
            when (case {unreadable} end) is not null then 'unreadable_time'
            when event_at is null then 'missing_time'
            when plausible_time(event_at) is null then 'implausible_time'
            when event_at > received_at_utc + interval 1 day then 'event_in_future'
        end as reason
    from timed

),

final as (

    select
        line_number,
        position,
        coalesce(outcome, case when reason is null then 'event' else 'rejected' end) as outcome,
        reason as reason_code,
        coalesce(
            detail,
            case reason
                when 'unknown_event_type' then event_type
                when 'unreadable_time' then case {unreadable} end
                when 'implausible_time' then 'event_at: ' || event_at
                when 'event_in_future' then 'event_at: ' || event_at
            end
        ) as detail,
        case
            when reason is not null or outcome = 'rejected' or outcome = 'envelope'
                then rtrim(raw_text, e'\\r\\n')
        end as raw_text,
        event_id,
        event_type,
        event_name,
        anonymous_id,
        user_id,
        email,
        previous_id,
        group_id,
        client_session_id,
        event_at,
        original_utc as original_timestamp,
        sent_at_utc as sent_at,
        received_at_utc as received_at,
        {masked},
        page_title,
        user_agent,
        ip_prefix,
        case
            when list_contains(consents, 'denied') then 'denied'
            when list_contains(consents, 'granted') then 'granted'
        end as consent,
        '{source}' as source
    from judged

),

-- in a layer of its own: an expression that stands twice in one is computed for every row
identified as (

    select * replace (coalesce(event_id, {content_md5()}) as event_id)
    from final

)

select
    *,
    {event_key()} as event_key
from identified
"""


def _mask(column: str, parameters: Sequence[str]) -> str:
    if column in _JSON_COLUMNS:
        return privacy.masked_json(column, parameters)
    return privacy.masked_url(column, parameters)
