"""Segment messages: one JSON object each, camelCase or snake_case keys.

A record may also be an envelope of messages: see `ingestion.formats.envelopes`; or one that the
collector refused: see `ingestion.formats.refusals`.

Where a message's parts go:

- `properties` and `traits` stay whole. Of `context`, what has a column of its own is taken out:
  `ip` (of which only a prefix is kept), `userAgent`, `sessionId`, `page.url`, `page.referrer`,
  `page.title`, and with the URL its parts `page.path` and `page.search`.
- Flat names, as warehouses have them, mean the same at the top level: FLAT_KEYS. Nested ones win.
- A top-level key that the canonical event does not know goes into `context` under its own name (a
  member of the context with that name wins); so does a `properties`, `traits` or `context` that is
  no object, nor the text of one. An empty array is PHP's way to write an empty object. A message
  with none of the three is a flat row, and its unknown keys are its properties; its traits, in an
  identify or a group.
- `page_url` is `context.page.url`, else `properties.url`. Referrer and title fall back to the
  properties for page and screen events only, since a `title` means something else elsewhere.
- A key that stands twice counts where it stands first.
- Half a surrogate pair, as JavaScript leaves it of text that is cut, is taken out: the message is
  good but for that.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from ingestion.formats import leftovers, message_columns, refusals
from ingestion.formats.fields import select_list
from ingestion.formats.leftovers import (
    CONTEXT_KEYS,
    KEPT_KEYS,
    LIFTED_FROM_CONTEXT,
)
from ingestion.formats.members import Members

NAME = "segment"

_LONE_SURROGATE = r"\\u[dD][89a-fA-F]"
_SURROGATES = (
    # an escaped backslash, a whole pair (both are kept), or half of one
    r"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)

_USUAL_KEYS = (
    "messageId",
    "type",
    "event",
    "name",
    "anonymousId",
    "userId",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "receivedAt",
    "properties",
    "traits",
    "context",
)
_USUAL_CONTEXT_KEYS = ("ip", "userAgent", "page", "campaign", "library", "locale", "timezone")
"""What Segment's libraries for the web write into nearly every message."""


def fields_query(
    consent_category: str,
    source: str,
    record: str = "line",
    present: Collection[str] | None = None,
) -> str:
    """The fields (see `ingestion.formats.fields`) of the messages in `source`.

    `source` has the columns line_number, line, problem, position, envelope_sent_at and
    envelope_received_at, the last three null for lines. `consent_category` is the name in
    `context.consent.categoryPreferences` that stands for this product. `record` is the column that
    holds the record as it stands in the file. `present` are the keys that messages may have; None
    for any.
    """
    message = Members()
    columns = message_columns.columns(message)
    is_usual_message = message.has_only("key_counts[1]", (), _USUAL_KEYS)
    is_known_message = message.has_only("key_counts[1]")
    is_usual_context = message.has_only("key_counts[2]", ("context",), _USUAL_CONTEXT_KEYS)
    is_known_context = message.has_only("key_counts[2]", ("context",))
    is_known_page = message.has_only("key_counts[3]", ("context", "page"))
    known_keys = message.keys()
    # not among these: they say more than their column, or are known in some types of event alone
    columns |= {name: message.text(key) for name, key in KEPT_KEYS.items()}
    # a list makes an envelope; a text of that name is a member like any other
    columns["batch"] = message.json("batch")
    named = ",\n        ".join(f"{sql} as {name}" for name, sql in columns.items())
    return f"""
with

-- A test before each parse is cheaper than a `try` around it, which reads 2,048 lines one by
-- one for the sake of a single broken one.
tested as (

    select
        *,
        {record} as record_text,
        json_valid(line) as is_valid
    from {source}

),

mended as (

    select
        *,
        case
            when not is_valid and regexp_matches(line, '{_LONE_SURROGATE}')
                then regexp_replace(line, '{_SURROGATES}', '\\1', 'g')
            when is_valid and regexp_matches(line, '{leftovers.CONTEXT_AS_TEXT}')
                then {leftovers.with_context_as_object("line")}
        end as mended_line
    from tested

),

checked as (

    select
        * replace (coalesce(mended_line, line) as line),
        is_valid or coalesce(json_valid(mended_line), false) as is_json
    from mended

),

-- A case around the argument, since one around the function copies all that it has found.
parsable as (

    select
        *,
        case when is_json then line end as json_line
    from checked

),

extracted as (

    select
        *,
        {message.found_in("json_line")} as found,
        list_transform(
            json_keys(json_line, ['$', '$.context', '$.context.page']), lambda keys: len(keys)
        ) as key_counts
    from parsable

),

-- The context is taken apart where all of it is known, and patched where it is not, which takes
-- much longer. One that is no object has no keys. Most objects have usual keys alone; all that are
-- known are counted only where that is not so.
named as (

    select
        line_number,
        line,
        record_text,
        problem,
        coalesce(position, 0) as position,
        envelope_sent_at,
        envelope_received_at,
        is_json,
        {refusals.refused_for("json_line")} as refused_for,
        case when {is_usual_message} then false else not {is_known_message} end as has_unknown_keys,
        found.context is not null as has_context,
        coalesce(
            key_counts[2] > 0
            and case when {is_usual_context} then true else {is_known_context} end
            and (
                found.context.page is null
                or ({is_known_page} and found.context.page.url is not null)
            ),
            false
        ) as is_known_context,
        {named},
        case
            when {is_usual_context} then {leftovers.context_of(_USUAL_CONTEXT_KEYS)}
            else {leftovers.context_of(CONTEXT_KEYS)}
        end as known_context
    from extracted

),

looked_into as (

    select
        *,
        lower(clean_text(coalesce(given_type, flat_type))) as event_type,
        {_text("properties_json")} as properties_text,
        {_text("traits_json")} as traits_text,
        case
            when not is_known_context and (has_context or has_unknown_keys)
                then json_extract_string(line, ['$.context', '$.context.page'])
        end as context_texts,
        case
            when consent_json is not null
                then json_extract_string(consent_json, {_category_paths(consent_category)})
        end as category_consents,
        case
            when
                (page_url is null or page_referrer is null or page_title is null)
                and starts_with(properties_json, '{{')
                then json_extract_string(properties_json, ['$.url', '$.referrer', '$.title'])
        end as of_properties
    from named

),

texts as (

    select
        *,
        context_texts[1] as context_text,
        context_texts[2] as page_text
    from looked_into

),

-- A function of JSON raises on text that is none, and DuckDB moves what stands twice out of a
-- `try`: so each container becomes JSON once, here, or null.
typed as (

    select
        *,
        case
            when starts_with(properties_json, '{{') then properties_json
            else {_object("properties_text")}
        end as properties,
        case
            when starts_with(traits_json, '{{') then traits_json
            else {_object("traits_text")}
        end as traits,
        {_object("context_text")} as context,
        {_object("page_text")} as page
    from texts

),

viewed as (

    select
        *,
        coalesce(event_type in ('page', 'screen'), false) as is_view,
        problem is null
        and is_json
        and starts_with(line, '{{')
        and refused_for is null
        and not coalesce(starts_with(batch, '['), false) as is_message,
        starts_with(batch, '[')
        or case when is_json and not starts_with(line, '{{') then json_type(line) = 'ARRAY' end
            as is_envelope,
        coalesce(properties_text, traits_text, context_text) is null
        and not is_known_context as is_flat,
        case
            when is_known_context then known_context
            else cast(
                json_merge_patch(context, {leftovers.patch(*LIFTED_FROM_CONTEXT)}) as varchar
            )
        end as own_context
    from typed

),

divided as (

    select
        *,
        -- only of the few that begin with no brace: trimming costs as much as parsing
        case when not is_message then clean_text(line) end as trimmed,
        {leftovers.rest_of_page()} as page_rest,
        {leftovers.rest_of_message(known_keys, present)} as message_rest
    from viewed

)

select
    {select_list(_expressions())}
from divided
"""


def _category_paths(consent_category: str) -> str:
    """SQL: where `context.consent` may hold the category, as paths."""
    category = json.dumps(consent_category).replace("'", "''")
    return f"['$.categoryPreferences.{category}', '$.category_preferences.{category}']"


def _text(member: str) -> str:
    """SQL: a JSON member as text, without the quotes that a text has."""
    return f"""case
            when starts_with({member}, '"') then {member} ->> '$'
            else cast({member} as varchar)
        end"""


def _object(text: str) -> str:
    """SQL: text as JSON, null where it is no object."""
    return f"try_cast(case when starts_with({text}, '{{') then {text} end as json)"


def _expressions() -> dict[str, str]:
    unchanged = (
        "line_number",
        "position",
        "event_id",
        "event_type",
        "anonymous_id",
        "user_id",
        "previous_id",
        "group_id",
        "given_timestamp",
        "original_timestamp",
    )
    are_traits = "is_flat and event_type in ('identify', 'group')"
    return dict(zip(unchanged, unchanged, strict=True)) | {
        # an envelope is opened later: what can be read of it, whatever form the record has
        "raw_text": "case when is_envelope then line else record_text end",
        "outcome": """case
            when is_message then null
            when problem is not null and not ends_with(line, e'\\n') then 'unfinished'
            when problem is not null then 'rejected'
            when trimmed is null then 'blank'
            when not is_json and not ends_with(line, e'\\n') then 'unfinished'
            when not is_json then 'rejected'
            when refused_for is not null then 'rejected'
            when is_envelope then 'envelope'
            when not starts_with(trimmed, '{') then 'rejected'
        end""",
        "reason_code": """case
            when is_message then null
            when problem is not null then problem
            when trimmed is null then null
            when not is_json then 'invalid_json'
            when refused_for is not null then refused_for
            when left(trimmed, 1) not in ('{', '[') then 'not_an_object'
        end""",
        "event_name": """coalesce(
            case
                when is_view then view_name
                when event_type = 'track' then track_name
            end,
            flat_name
        )""",
        "client_session_id": "coalesce(client_session_id, flat_session_id)",
        "user_agent": "coalesce(user_agent, flat_agent)",
        "emails": """[
            case when event_type = 'identify' then traits_json ->> '$.email' end,
            context_traits ->> '$.email',
            flat_email
        ]""",
        "sent_at": "coalesce(sent_at, envelope_sent_at)",
        "received_at": "coalesce(received_at, envelope_received_at)",
        "page_url": "coalesce(page_url, flat_url, of_properties[1])",
        "page_referrer": """coalesce(
            page_referrer,
            flat_referrer,
            case when is_view then coalesce(flat_view_referrer, of_properties[2]) end
        )""",
        "page_title": """coalesce(
            page_title,
            flat_title,
            case when is_view then coalesce(flat_view_title, of_properties[3]) end
        )""",
        "address": "coalesce(context_address, given_address, flat_address)",
        "consents": "[coalesce(category_consents[1], category_consents[2]), flat_consent]",
        "properties": f"""case
            when not is_flat then properties
            when not ({are_traits}) then message_rest
        end""",
        "traits": f"""case
            when not is_flat then traits
            when {are_traits} then message_rest
        end""",
        "context": """case
            when is_flat then null
            when own_context is null then cast(message_rest as varchar)
            when message_rest is null and page_rest is null then own_context
            else cast(
                json_merge_patch(
                    coalesce(message_rest, '{}'),
                    json_merge_patch(own_context, '{"page":' || coalesce(page_rest, 'null') || '}')
                ) as varchar
            )
        end""",
    }
