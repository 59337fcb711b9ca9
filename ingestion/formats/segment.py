"""Segment messages: one JSON object each, camelCase or snake_case keys.

A record may also be an envelope of messages: see `ingestion.formats.envelopes`.

Where a message's parts go:

- `properties` and `traits` stay whole. Of `context`, what has a column of its own is taken out:
  `ip` (of which only a prefix is kept), `userAgent`, `sessionId`, `page.url`, `page.referrer`,
  `page.title`, and with the URL its parts `page.path` and `page.search`.
- Flat names, as warehouses have them, mean the same at the top level: FLAT_KEYS. Nested ones win.
- A top-level key that the canonical event does not know goes into `context` under its own name (a
  member of the context with that name wins); so does a `properties`, `traits` or `context` that is
  no object. An empty array is PHP's way to write an empty object. A message with none of the three
  is a flat row, and its unknown keys are its properties; its traits, in an identify or a group.
- `page_url` is `context.page.url`, else `properties.url`. Referrer and title fall back to the
  properties for page and screen events only, since a `title` means something else elsewhere.
- A key that stands twice counts where it stands first.
- Half a surrogate pair, as JavaScript leaves it of text that is cut, is taken out: the message is
  good but for that.
"""

from __future__ import annotations

import json

from ingestion.formats.fields import select_list
from ingestion.formats.paths import Paths

NAME = "segment"

FLAT_KEYS = {
    "flat_type": ("event_type",),
    "flat_name": ("event_name",),
    "flat_session_id": ("client_session_id", "context_session_id", "session_id"),
    "flat_agent": ("context_user_agent", "user_agent"),
    "flat_address": ("context_ip",),
    "flat_url": ("context_page_url", "page_url", "url"),
    "flat_referrer": ("context_page_referrer", "page_referrer"),
    "flat_title": ("context_page_title", "page_title"),
}
"""Top-level names of what Segment nests, in order of precedence."""

_FLAT_KEYS_OF_VIEWS = {"flat_view_referrer": "referrer", "flat_view_title": "title"}

_CONTAINERS = ("properties", "traits", "context")
_LIFTED_FROM_CONTEXT = ("ip", "userAgent", "user_agent", "sessionId", "session_id", "page")
_PAGE_PARTS = ("url", "referrer", "title")
_URL_PARTS = ("path", "search")

_LONE_SURROGATE = r"\\u[dD][89a-fA-F]"
_SURROGATES = (
    # an escaped backslash, a whole pair (both are kept), or half of one
    r"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def fields_query(consent_category: str, source: str, record: str = "line") -> str:
    """The fields (see `ingestion.formats.fields`) of the messages in `source`.

    `source` has the columns line_number, line, problem, position, envelope_sent_at and
    envelope_received_at, the last three null for lines. `consent_category` is the name in
    `context.consent.categoryPreferences` that stands for this product. `record` is the column that
    holds the record as it stands in the file.
    """
    message = Paths()
    lifted = _lifted(message)
    known_keys = message.keys()
    columns = lifted | _further(message, consent_category)
    known_count = " + ".join(
        f"cast({message.first(key)} is not null as integer)" for key in known_keys
    )
    named = ",\n        ".join(f"{sql} as {name}" for name, sql in columns.items())
    flat = Paths()
    flat_columns = {name: flat.first(*keys) for name, keys in FLAT_KEYS.items()} | {
        name: flat.first(key) for name, key in _FLAT_KEYS_OF_VIEWS.items()
    }
    flat_named = ",\n        ".join(f"{sql} as {name}" for name, sql in flat_columns.items())
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
        end as without_lone_surrogates
    from tested

),

checked as (

    select
        * replace (coalesce(without_lone_surrogates, line) as line),
        is_valid or coalesce(json_valid(without_lone_surrogates), false) as is_json
    from mended

),

extracted as (

    select
        *,
        case when is_json then {message.extraction("line")} end as found,
        case when is_json then len(json_keys(line)) end as key_count
    from checked

),

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
        key_count <> {known_count} as has_unknown_keys,
        {named}
    from extracted

),

-- what Segment's own messages do not have is looked for in others alone
extracted_flat as (

    select
        *,
        case when has_unknown_keys then {flat.extraction("line")} end as found
    from named

),

flattened as (

    select
        *,
        {flat_named}
    from extracted_flat

),

-- A function of JSON raises on text that is none, and DuckDB moves what stands twice out of a
-- `try`: so each container becomes JSON once, here, or null.
typed as (

    select
        *,
        lower(clean_text(coalesce(given_type, flat_type))) as event_type,
        {_objects()}
    from flattened

),

viewed as (

    select
        *,
        coalesce(event_type in ('page', 'screen'), false) as is_view,
        coalesce(properties_text, traits_text, context_text) is null as is_flat
    from typed

),

divided as (

    select
        *,
        {_rest_of_page()} as page_rest,
        {_rest_of_message(known_keys)} as message_rest
    from viewed

)

select
    {select_list(_expressions())}
from divided
"""


def _lifted(message: Paths) -> dict[str, str]:
    """Columns from the top-level keys that leave the message for them."""
    return {
        "event_id": message.first("messageId", "message_id", "event_id"),
        "given_type": message.first("type"),
        "track_name": message.first("event"),
        "view_name": message.first("name"),
        "anonymous_id": message.first("anonymousId", "anonymous_id"),
        "user_id": message.first("userId", "user_id"),
        "previous_id": message.first("previousId", "previous_id"),
        "group_id": message.first("groupId", "group_id"),
        "given_timestamp": message.first("timestamp"),
        "original_timestamp": message.first("originalTimestamp", "original_timestamp"),
        "sent_at": message.first("sentAt", "sent_at"),
        "received_at": message.first("receivedAt", "received_at"),
        "given_address": message.first("ip"),
        "properties_text": message.first("properties"),
        "traits_text": message.first("traits"),
        "context_text": message.first("context"),
        "batch": message.first("batch"),
    }


def _further(message: Paths, consent_category: str) -> dict[str, str]:
    """Columns from inside the containers, and from flat keys that say more than their column."""
    category = json.dumps(consent_category)
    return {
        "flat_email": message.first("email"),
        "flat_consent": message.first("consent"),
        "client_session_id": message.first("context.sessionId", "context.session_id"),
        "context_email": message.first("context.traits.email"),
        "user_agent": message.first("context.userAgent", "context.user_agent"),
        "context_address": message.first("context.ip"),
        "page_text": message.first("context.page"),
        "page_url": message.first("context.page.url"),
        "page_referrer": message.first("context.page.referrer"),
        "page_title": message.first("context.page.title"),
        "category_consent": message.first(
            f"context.consent.categoryPreferences.{category}",
            f"context.consent.category_preferences.{category}",
        ),
        "traits_email": message.first("traits.email"),
        "property_url": message.first("properties.url"),
        "property_referrer": message.first("properties.referrer"),
        "property_title": message.first("properties.title"),
    }


def _objects() -> str:
    """SQL: columns properties, traits, context and page as JSON, null where they are no objects."""
    return ",\n        ".join(
        f"try_cast(case when starts_with({name}_text, '{{') then {name}_text end as json) as {name}"
        for name in (*_CONTAINERS, "page")
    )


def _patch(*keys: str) -> str:
    """SQL: the merge patch that takes `keys` out of an object."""
    return "'" + json.dumps(dict.fromkeys(keys)) + "'"


def _rest_of_page() -> str:
    """SQL: what `context.page` holds beside what has a column; null where that is nothing."""
    return f"""nullif(
            case
                when page is null then to_json(page_text)
                when page_url is null then json_merge_patch(page, {_patch(*_PAGE_PARTS)})
                else json_merge_patch(page, {_patch(*_PAGE_PARTS, *_URL_PARTS)})
            end,
            '{{}}'
        )"""


def _rest_of_message(known_keys: list[str]) -> str:
    """SQL: the keys that have no column, as an object, with the containers that are no objects."""
    is_odd = {name: f"{name} is null and {name}_text <> '[]'" for name in _CONTAINERS}
    used = [key for key in known_keys if key not in (*_CONTAINERS, "name", "event")]
    used += [key for keys in FLAT_KEYS.values() for key in keys]
    rest = f"""json_merge_patch(
                        line,
                        case
                            when is_view
                                then {_patch(*used, "name", *_FLAT_KEYS_OF_VIEWS.values())}
                            when event_type = 'track' then {_patch(*used, "event")}
                            else {_patch(*used)}
                        end
                    )"""
    for name in _CONTAINERS:
        rest = f"""json_merge_patch(
                        {rest},
                        case when {is_odd[name]} then '{{}}' else {_patch(name)} end
                    )"""
    return f"""case
            when
                (
                    has_unknown_keys
                    or (view_name is not null and not is_view)
                    or (track_name is not null and event_type is distinct from 'track')
                    or {" or ".join(f"({test})" for test in is_odd.values())}
                )
                and starts_with(ltrim(line), '{{')
                then nullif({rest}, '{{}}')
        end"""


def _expressions() -> dict[str, str]:
    own_context = f"json_merge_patch(context, {_patch(*_LIFTED_FROM_CONTEXT)})"
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
        "raw_text": "record_text",
        # a look at the first byte decides for nearly every line: trimming each costs as much as
        # parsing it
        "outcome": """case
            when problem is not null and not ends_with(line, e'\\n') then 'unfinished'
            when problem is not null then 'rejected'
            when starts_with(line, '{') and is_json and batch is null then null
            when starts_with(line, '{') and is_json and not starts_with(batch, '[') then null
            when clean_text(line) is null then 'blank'
            when not is_json and not ends_with(line, e'\\n') then 'unfinished'
            when not is_json then 'rejected'
            when starts_with(batch, '[') or starts_with(clean_text(line), '[') then 'envelope'
            when not starts_with(clean_text(line), '{') then 'rejected'
        end""",
        "reason_code": """case
            when problem is not null then problem
            when starts_with(line, '{') and is_json then null
            when clean_text(line) is null then null
            when not is_json then 'invalid_json'
            when left(clean_text(line), 1) not in ('{', '[') then 'not_an_object'
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
            case when event_type = 'identify' then traits_email end, context_email, flat_email
        ]""",
        "sent_at": "coalesce(sent_at, envelope_sent_at)",
        "received_at": "coalesce(received_at, envelope_received_at)",
        "page_url": "coalesce(page_url, flat_url, property_url)",
        "page_referrer": """coalesce(
            page_referrer,
            flat_referrer,
            case when is_view then coalesce(flat_view_referrer, property_referrer) end
        )""",
        "page_title": """coalesce(
            page_title,
            flat_title,
            case when is_view then coalesce(flat_view_title, property_title) end
        )""",
        "address": "coalesce(context_address, given_address, flat_address)",
        "consents": "[category_consent, flat_consent]",
        "properties": f"""case
            when not is_flat then properties
            when not ({are_traits}) then message_rest
        end""",
        "traits": f"""case
            when not is_flat then traits
            when {are_traits} then message_rest
        end""",
        "context": f"""case
            when is_flat then null
            when context is null then message_rest
            when message_rest is null and page_rest is null then {own_context}
            else json_merge_patch(
                coalesce(message_rest, '{{}}'),
                json_merge_patch({own_context}, '{{"page":' || coalesce(page_rest, 'null') || '}}')
            )
        end""",
    }


def _known_keys() -> frozenset[str]:
    message = Paths()
    _lifted(message)
    _further(message, "")
    flat = (key for keys in FLAT_KEYS.values() for key in keys)
    return frozenset((*message.keys(), *flat, *_FLAT_KEYS_OF_VIEWS.values()))


KNOWN_KEYS = _known_keys()
"""The top-level keys that have a meaning of their own."""
