"""Booked calls, as a calendar exports them: each row becomes a track event `booked`.

Columns, in any order and case: `email` (Invitee Email), `booked_at` (Event Created Date & Time),
`booking_id` (Event UUID), `canceled`, `starts_at` (Start Date & Time), `event_type_name`,
`offer_id` (UTM Campaign, which the links of reports fill in), `value` and `currency`. Others are
left where they are: what somebody wrote to a calendar is no part of a log.

- The event is of the time at which the call was booked, not of the call. Times are as those of
  other events, UTC where they name no zone, and also `2026-06-01 02:30 PM`.
- A cancelled booking is counted as skipped. One that was loaded before it was cancelled stays: it
  was booked.
- The event's id is made from the booking's, or from address and time where it has none, so an
  export that is loaded again brings nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingestion.formats.fields import select_list
from ingestion.formats.flat import Column
from ingestion.lists import cells_of

NAME = "bookings"

EVENT_NAME = "booked"

EMAIL = ("email", "invitee_email", "e_mail", "email_address")
BOOKED_AT = ("booked_at", "event_created_date_&_time", "event_created_date_time")
"""A table with one of these and one of EMAIL is one of bookings."""

_NAMES = {
    "email": EMAIL,
    "booked_at": BOOKED_AT,
    "booking_id": ("booking_id", "event_uuid", "invitee_uuid"),
    "canceled": ("canceled", "cancelled", "is_canceled", "is_cancelled"),
    "starts_at": ("starts_at", "start_date_&_time", "start_date_time", "start_time"),
    "event_type_name": ("event_type_name",),
    "offer_id": ("offer_id", "utm_campaign"),
    "value": ("value",),
    "currency": ("currency",),
}

_KEPT = ("booking_id", "starts_at", "event_type_name", "offer_id", "value", "currency")

_TWELVE_HOURS = "['%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S %p']"


def fields_query(columns: Sequence[Column], source: str) -> str:
    """The fields of the rows in `source`, which has `cell_<n>` for each of `columns`."""
    cells = cells_of(_NAMES, columns)
    given = ",\n        ".join(
        f"clean_text({cells.get(name, 'null')}) as {name}_given" for name in _NAMES
    )
    return f"""
with

given as (

    select
        line_number,
        line,
        problem,
        {given}
    from {source}

),

read as (

    select
        *,
        valid_email(email_given) as email,
        coalesce(
            strftime(try_strptime(booked_at_given, {_TWELVE_HOURS}), '%Y-%m-%dT%H:%M:%SZ'),
            booked_at_given
        ) as booked_at,
        consent_word(canceled_given) as canceled_word
    from given

),

judged as (

    select
        *,
        case
            when problem is not null and not ends_with(line, e'\\n') then 'unfinished'
            when problem is not null then 'rejected'
            when clean_text(line) is null then 'blank'
            when canceled_word = 'granted' then 'skipped'
            when email is null then 'rejected'
            when canceled_given is not null and canceled_word is null then 'rejected'
        end as outcome
    from read

),

final as (

    select
        {select_list(_EXPRESSIONS)}
    from judged

)

select * from final
"""


_EXPRESSIONS = {
    "line_number": "line_number",
    "position": "0",
    "raw_text": "line",
    "outcome": "outcome",
    "reason_code": """case
            when problem is not null then problem
            when outcome is distinct from 'rejected' then null
            when email is null then 'invalid_email'
            else 'unreadable_boolean'
        end""",
    "detail": """case
            when problem is not null or outcome is distinct from 'rejected' then null
            when email is null then 'email: ' || coalesce(email_given, '')
            else 'canceled: ' || canceled_given
        end""",
    "event_id": """case
            when outcome is null
                then 'booking-' || md5(coalesce(
                    'id ' || booking_id_given, 'at ' || email || ' ' || booked_at
                ))
        end""",
    "event_type": "'track'",
    "event_name": f"'{EVENT_NAME}'",
    "emails": "[email]",
    "given_timestamp": "booked_at",
    "properties": "json_object('email', email, "
    + ", ".join(f"'{name}', {name}_given" for name in _KEPT)
    + ")",
}
