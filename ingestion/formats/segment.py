"""NDJSON of Segment messages: one message a line, camelCase or snake_case keys.

A line may also be an envelope of messages: see `ingestion.formats.envelopes`.

Where a message's parts go:

- `properties` and `traits` stay whole. Of `context`, what has a column of its own is taken out:
  `ip` (of which only a prefix is kept), `userAgent`, `sessionId`, `page.url`, `page.referrer`,
  `page.title`, and with the URL its parts `page.path` and `page.search`.
- A top-level key that the canonical event does not know goes into `context` under its own name (a
  member of the context with that name wins); so does a `properties`, `traits` or `context` that is
  no object. An empty array is PHP's way to write an empty object.
- `page_url` is `context.page.url`, else `properties.url`. Referrer and title fall back to the
  properties for page and screen events only, since a `title` means something else elsewhere.
- A key that stands twice counts where it stands first.
"""

from __future__ import annotations

import json

from ingestion.formats.fields import select_list
from ingestion.formats.paths import Paths

NAME = "segment"

_CONTAINERS = ("properties", "traits", "context")
_LIFTED_FROM_CONTEXT = ("ip", "userAgent", "user_agent", "sessionId", "session_id")
_PAGE_PARTS = ("url", "referrer", "title")
_URL_PARTS = ("path", "search")


def fields_query(consent_category: str, source: str) -> str:
    """The fields (see `ingestion.formats.fields`) of the messages in `source`.

    `source` has the columns line_number, line, problem, position, envelope_sent_at and
    envelope_received_at, the last three null for lines. `consent_category` is the name in
    `context.consent.categoryPreferences` that stands for this product.
    """
    common, rare = Paths("common"), Paths("rare")
    columns = _columns(common, rare, consent_category)
    known_keys = [*common.keys(), *rare.keys()]
    named = ",\n        ".join(f"{sql} as {name}" for name, sql in columns.items())
    return f"""
with

-- A test before each parse is cheaper than a `try` around it, which reads 2,048 lines one by
-- one for the sake of a single broken one.
checked as (

    select
        *,
        json_valid(line) as is_json
    from {source}

),

commonly_read as (

    select
        *,
        case when is_json then len(json_keys(line)) end as key_count,
        case when is_json then {common.extraction("line")} end as common
    from checked

),

-- Looking for a key costs the same whether it is there or not: those that most messages lack
-- are looked for only where the count says that something is left.
read as (

    select
        *,
        case
            when key_count <> {common.key_count()} then {rare.extraction("line")}
        end as rare
    from commonly_read

),

named as (

    select
        line_number,
        line,
        problem,
        coalesce(position, 0) as position,
        envelope_sent_at,
        envelope_received_at,
        is_json,
        key_count <> {common.key_count()} + {rare.key_count()} as has_unknown_keys,
        {named}
    from read

),

-- A function of JSON raises on text that is none, and DuckDB moves what stands twice out of a
-- `try`: so each container becomes JSON once, here, or null.
typed as (

    select
        *,
        event_type in ('page', 'screen') as is_view,
        {_objects()}
    from named

),

divided as (

    select
        *,
        {_rest_of_context()} as context_rest,
        {_rest_of_message(known_keys)} as message_rest
    from typed

)

select
    {select_list(_expressions())}
from divided
"""


def _columns(common: Paths, rare: Paths, consent_category: str) -> dict[str, str]:
    """SQL of what is read from a message; the keys end up in one of the two sets of paths."""

    def either(camel: str, *others: str) -> str:
        return f"coalesce({', '.join([common.find(camel), *map(rare.find, others)])})"

    category = json.dumps(consent_category)
    return {
        "event_id": either("messageId", "message_id", "event_id"),
        "event_type": f"lower(clean_text({common.find('type')}))",
        "track_name": common.find("event"),
        "view_name": common.find("name"),
        "anonymous_id": either("anonymousId", "anonymous_id"),
        "user_id": either("userId", "user_id"),
        "previous_id": f"coalesce({rare.find('previousId')}, {rare.find('previous_id')})",
        "group_id": f"coalesce({rare.find('groupId')}, {rare.find('group_id')})",
        "given_timestamp": common.find("timestamp"),
        "original_timestamp": either("originalTimestamp", "original_timestamp"),
        "sent_at": either("sentAt", "sent_at"),
        "received_at": either("receivedAt", "received_at"),
        "properties_text": common.find("properties"),
        "traits_text": common.find("traits"),
        "context_text": common.find("context"),
        "flat_email": rare.find("email"),
        "flat_consent": rare.find("consent"),
        "flat_address": rare.find("ip"),
        "batch": rare.find("batch"),
        "client_session_id": f"coalesce({common.find('context.sessionId')},"
        f" {common.find('context.session_id')})",
        "context_email": common.find("context.traits.email"),
        "user_agent": f"coalesce({common.find('context.userAgent')},"
        f" {common.find('context.user_agent')})",
        "context_address": common.find("context.ip"),
        "page_url": common.find("context.page.url"),
        "page_referrer": common.find("context.page.referrer"),
        "page_title": common.find("context.page.title"),
        "category_consent": f"coalesce("
        f"{common.find(f'context.consent.categoryPreferences.{category}')},"
        f" {common.find(f'context.consent.category_preferences.{category}')})",
        "traits_email": common.find("traits.email"),
        "property_url": common.find("properties.url"),
        "property_referrer": common.find("properties.referrer"),
        "property_title": common.find("properties.title"),
    }


def _objects() -> str:
    """SQL: columns properties, traits and context as JSON, null where they are no objects."""
    return ",\n        ".join(
        f"try_cast(case when starts_with({name}_text, '{{') then {name}_text end as json) as {name}"
        for name in _CONTAINERS
    )


def _patch(*keys: str, page: tuple[str, ...] = ()) -> str:
    """SQL: the merge patch that takes `keys` out of an object, and `page` out of its page."""
    taken: dict[str, object] = dict.fromkeys(keys)
    if page:
        taken["page"] = dict.fromkeys(page)
    return "'" + json.dumps(taken) + "'"


def _rest_of_context() -> str:
    """SQL: the context without what has a column; an emptied page goes too."""
    return f"""without_empty_page(
            json_merge_patch(
                context,
                case
                    when page_url is not null
                        then {_patch(*_LIFTED_FROM_CONTEXT, page=_PAGE_PARTS + _URL_PARTS)}
                    when json_type(context, '$.page') = 'OBJECT'
                        then {_patch(*_LIFTED_FROM_CONTEXT, page=_PAGE_PARTS)}
                    else {_patch(*_LIFTED_FROM_CONTEXT)}
                end
            )
        )"""


def _rest_of_message(known_keys: list[str]) -> str:
    """SQL: the unknown keys as an object, with the containers that are no objects."""
    said_otherwise = ("email", "consent", *_CONTAINERS)
    is_odd = {name: f"{name} is null and {name}_text <> '[]'" for name in _CONTAINERS}
    rest = f"json_merge_patch(line, {_patch(*(k for k in known_keys if k not in said_otherwise))})"
    for name in _CONTAINERS:
        rest = f"""json_merge_patch(
                        {rest},
                        case when {is_odd[name]} then '{{}}' else {_patch(name)} end
                    )"""
    return f"""case
            when
                (
                    has_unknown_keys
                    or flat_email is not null
                    or flat_consent is not null
                    or {" or ".join(f"({test})" for test in is_odd.values())}
                )
                and starts_with(ltrim(line), '{{')
                then nullif({rest}, '{{}}')
        end"""


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
        "client_session_id",
        "given_timestamp",
        "original_timestamp",
        "user_agent",
        "properties",
        "traits",
    )
    return dict(zip(unchanged, unchanged, strict=True)) | {
        "raw_text": "line",
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
        "event_name": """case
            when is_view then view_name
            when event_type = 'track' then track_name
        end""",
        "emails": """[
            case when event_type = 'identify' then traits_email end, context_email, flat_email
        ]""",
        "sent_at": "coalesce(sent_at, envelope_sent_at)",
        "received_at": "coalesce(received_at, envelope_received_at)",
        "page_url": "coalesce(page_url, property_url)",
        "page_referrer": "coalesce(page_referrer, case when is_view then property_referrer end)",
        "page_title": "coalesce(page_title, case when is_view then property_title end)",
        "address": "coalesce(context_address, flat_address)",
        "consents": "[category_consent, flat_consent]",
        "context": """case
            when message_rest is null then context_rest
            when context_rest is null then message_rest
            else json_merge_patch(message_rest, context_rest)
        end""",
    }
