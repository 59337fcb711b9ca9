"""Access logs of Apache and nginx: the combined format, and the common one.

A page event for each successful GET (2xx, or 304: the visitor's cache had the page) of a page.
Assets (`seeds/ingestion/asset_extensions.csv`, robots.txt and favicon.ico), other methods and
other statuses are counted as skipped.

- `page_url` is the request target as it stands: path and query, for the log does not name the host.
- The visitor is `log-` and a keyed hash of address and agent, so that neither can be tried out by
  whoever reads the tables; the log's user (`-` is none) is the user id.
- `event_at` is the log's time. `received_at` stays null: nobody sent this event, so no clock of a
  sender has to be put right by it.
- `properties` holds the status and the bytes sent.

A last line without a line end counts when its agent is complete; in the common format, where a
cut number looks like a whole one, it is unfinished.

Apache and nginx write quotes and backslashes as \\" and \\\\, or \\x22 and \\x5C; these are read
back. Bytes beyond ASCII stay \\xNN as they are, since their encoding is not known.
"""

from __future__ import annotations

import re
from pathlib import Path

from ingestion.formats.fields import select_list
from ingestion.seeds import seed_rows

NAME = "access_log"

SEED = Path("seeds") / "ingestion" / "asset_extensions.csv"

_ASSET_FILES = ("robots.txt", "favicon.ico")

_QUOTED = r'"((?:[^"\\]|\\.)*)"'

LINE_PATTERN = (
    # address, identity, user, [time], "request", status, bytes, and in the combined format
    # "referrer" and "agent"; what a longer format adds after them is not read. The server's own
    # name and port may stand first, and proxies behind the address of the visitor.
    r"^(?:[\w.-]+:\d+ )?(\S+?)(?:, ?\S+)* (\S+) (.+?) \[([^\]]+)\] "
    + _QUOTED
    + r" (\d{3}) (\d+|-)(?: "
    + _QUOTED
    + " "
    + _QUOTED
    + r"(?: .*)?)?\s*$"
)

_PARTS = (
    "address",
    "identity",
    "log_user",
    "log_time",
    "request",
    "status",
    "byte_count",
    "referrer",
    "agent",
)


def asset_extensions(project_root: Path) -> tuple[str, ...]:
    """The extensions of the seed, lower case and without a dot."""
    rows = seed_rows(project_root, SEED, "extension")
    return tuple(row["extension"].strip().lower() for row in rows)


def _unescaped(part: str) -> str:
    """SQL: quotes and backslashes read back, `-` as null; cheap where nothing is escaped."""
    plain = (
        "replace(replace(replace(replace("
        f"{part}, '\\x22', '\"'), '\\x5C', '\\'), '\\\"', '\"'), '\\\\', '\\')"
    )
    return f"nullif(case when contains({part}, '\\') then {plain} else {part} end, '-')"


def fields_query(extensions: tuple[str, ...], source: str) -> str:
    """The fields of the lines in `source(line_number, line, problem)`.

    Reads the key of the visitors' hash from `getvariable('intent_secret_key')`: it must not stand
    in the text of a query.
    """
    parts = ", ".join(f"'{name}'" for name in _PARTS)
    pattern = LINE_PATTERN.replace("'", "''")
    asset_pattern = (
        rf"(?i)\.(?:{'|'.join(map(re.escape, extensions))})$"
        rf"|(?:^|/)(?:{'|'.join(map(re.escape, _ASSET_FILES))})$"
    ).replace("'", "''")
    return f"""
with

matched as (

    select
        line_number,
        line,
        problem,
        regexp_extract(line, '{pattern}', [{parts}]) as part
    from {source}

),

parsed as (

    select
        line_number,
        line,
        problem,
        -- what stands for nobody is no part of a name: something else is in front
        part.log_time <> ''
        and not starts_with(part.log_user, '- ')
        and not ends_with(part.log_user, ' -') as is_log_line,
        part.referrer <> '' or part.agent <> '' as is_combined,
        part.address as address,
        {_unescaped("part.log_user")} as log_user,
        try_strptime(part.log_time, '%d/%b/%Y:%H:%M:%S %z') as log_time,
        regexp_extract(part.request, '^(\\S+) (.*?)(?: HTTP/[0-9.]+)?$', ['method', 'target'])
            as request,
        cast(nullif(part.status, '') as integer) as status,
        try_cast(part.byte_count as ubigint) as byte_count,
        {_unescaped("part.referrer")} as referrer,
        {_unescaped("part.agent")} as agent,
        part.log_time as time_text
    from matched

),

targeted as (

    select
        *,
        {_unescaped("request.target")} as target,
        split_part(split_part(request.target, '#', 1), '?', 1) as target_path
    from parsed

),

judged as (

    select
        *,
        case
            when
                not ends_with(line, e'\\n')
                and clean_text(line) is not null
                and (problem is not null or not is_log_line or not is_combined)
                then 'unfinished'
            when problem is not null then 'rejected'
            when not is_log_line and clean_text(line) is null then 'blank'
            when not is_log_line or log_time is null then 'rejected'
            when
                request.method <> 'GET'
                or not (status between 200 and 299 or status = 304)
                or target is null
                or regexp_matches(target_path, '{asset_pattern}')
                then 'skipped'
        end as outcome
    from targeted

),

final as (

    select
        {select_list(_expressions())}
    from judged

)

select * from final
"""


def _expressions() -> dict[str, str]:
    keyed = "getvariable('intent_secret_key')"
    visitor = "address || ' ' || coalesce(agent, '')"
    return {
        "line_number": "line_number",
        "position": "0",
        "raw_text": "line",
        "outcome": "outcome",
        "reason_code": """case
            when problem is not null then problem
            when outcome is distinct from 'rejected' then null
            when not is_log_line then 'unparsable_line'
            else 'unreadable_time'
        end""",
        "detail": "case when outcome = 'rejected' and is_log_line then time_text end",
        "event_type": "'page'",
        "anonymous_id": f"""case
            when outcome is null
                then 'log-' || left(sha256({keyed} || sha256({keyed} || {visitor})), 32)
        end""",
        "user_id": "log_user",
        "given_timestamp": "strftime(log_time at time zone 'UTC', '%Y-%m-%dT%H:%M:%S')",
        "page_url": "target",
        "page_referrer": "referrer",
        "user_agent": "agent",
        "address": "address",
        "properties": """case
            when outcome is null
                then
                    cast(
                        '{' || coalesce('"bytes":' || byte_count || ',', '')
                        || '"status":' || status || '}' as json
                    )
        end""",
    }
