"""What of a Segment message has no column of its own, and so stays in its context.

See `ingestion.formats.segment`, of whose columns these are expressions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

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

KEPT_KEYS = {"flat_email": "email", "flat_consent": "consent", **_FLAT_KEYS_OF_VIEWS}
"""Top-level names that have a column and yet are left over, those of views in other events."""

CONTAINERS = ("properties", "traits", "context")
"""Members that are objects; of rows, columns whose cells are, as JSON where there is only text."""

LIFTED_FROM_CONTEXT = ("ip", "userAgent", "user_agent", "sessionId", "session_id", "page")
CONTEXT_KEYS = (
    "active",
    "app",
    "campaign",
    "channel",
    "consent",
    "device",
    "direct",
    "externalIds",
    "groupId",
    "library",
    "locale",
    "network",
    "os",
    "protocols",
    "referrer",
    "screen",
    "timezone",
    "traits",
    "userAgentData",
)
"""What Segment's libraries write beside these."""

_PAGE_PARTS = ("url", "referrer", "title")
URL_PARTS = ("path", "search")


CONTEXT_AS_TEXT = r'"context": ?"\s*\{'
"""RE2 pattern of what a message has in it whose context is the text of an object."""


def with_context_as_object(line: str) -> str:
    """SQL: the message with its context as an object, where that is the text of one; else null."""
    text = f"json_extract_string({line}, '$.context')"
    return f"""case
                    when
                        json_type({line}, '$.context') = 'VARCHAR'
                        and starts_with(ltrim({text}), '{{')
                        and json_valid({text})
                        then cast(json_merge_patch(
                            {line}, json_object('context', cast({text} as json))
                        ) as varchar)
                end"""


def context_of(keys: Iterable[str]) -> str:
    """SQL: the context without what has a column, from those of `keys` that it has."""
    left_over = sorted(set(keys) & set(CONTEXT_KEYS))
    members = ", ".join(f"""'"{key}":' || found.context."{key}\"""" for key in left_over)
    return f"'{{' || concat_ws(',', {members}) || '}}'"


def patch(*keys: str) -> str:
    """SQL: the merge patch that takes `keys` out of an object."""
    return f"'{{{_nulls(keys)}}}'"


def _nulls(keys: Iterable[str]) -> str:
    return ",".join(f'"{key}":null' for key in keys)


def rest_of_page() -> str:
    """SQL: what `context.page` holds beside what has a column; null where that is nothing."""
    return f"""nullif(
            case
                when page is null then to_json(page_text)
                when page_url is null then json_merge_patch(page, {patch(*_PAGE_PARTS)})
                else json_merge_patch(page, {patch(*_PAGE_PARTS, *URL_PARTS)})
            end,
            '{{}}'
        )"""


def rest_of_message(known_keys: list[str], present: Collection[str] | None) -> str:
    """SQL: the keys that have no column, as an object, with the containers that are no objects.

    `present` are the keys that messages may have, None for any: merging takes as long as the patch.
    """
    is_odd = {name: f"{name} is null and {name}_text <> '[]'" for name in CONTAINERS}
    used = [key for key in known_keys if key not in (*CONTAINERS, "name", "event")]
    used += [key for keys in FLAT_KEYS.values() for key in keys]
    used = [key for key in used if present is None or key in present]
    views = ("name", *_FLAT_KEYS_OF_VIEWS.values())
    # one patch, chosen by the message: each merge reads all of it
    of_type = f"""case
                            when is_view then '{_nulls(views)}'
                            when event_type = 'track' then '"event":null'
                        end"""
    containers = (
        f"case when {test} then null else '{_nulls([name])}' end" for name, test in is_odd.items()
    )
    members = [of_type, *containers]
    if used:
        members.append(f"'{_nulls(used)}'")
    rest = f"json_merge_patch(line, '{{' || concat_ws(',', {', '.join(members)}) || '}}')"
    return f"""case
            when
                has_unknown_keys
                or (view_name is not null and not is_view)
                or (track_name is not null and event_type is distinct from 'track')
                or {" or ".join(f"({test})" for test in is_odd.values())}
                then case when starts_with(ltrim(line), '{{') then nullif({rest}, '{{}}') end
        end"""
