"""Which user agents are bots', by the patterns of the crawler-user-agents package."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import duckdb

_LOG = logging.getLogger("intent.ingestion")

PATTERNS_A_MATCHER = 200
"""RE2 matches so many at once by its fast automaton, 4 µs an agent for all 1,500 patterns; in one
pattern they outgrow its memory, and an agent takes 400 µs. Python's `re` takes 200 µs."""


def matchers(connection: duckdb.DuckDBPyConnection, patterns: Sequence[str]) -> list[str]:
    """The patterns joined into a few; one that RE2 cannot read is left out, with a warning."""
    return [
        "|".join(f"(?:{pattern})" for pattern in group) for group in _groups(connection, patterns)
    ]


def _groups(
    connection: duckdb.DuckDBPyConnection, patterns: Sequence[str]
) -> Iterator[Sequence[str]]:
    for start in range(0, len(patterns), PATTERNS_A_MATCHER):
        group = patterns[start : start + PATTERNS_A_MATCHER]
        if not _is_readable(connection, "|".join(group)):
            readable = [pattern for pattern in group if _is_readable(connection, pattern)]
            for pattern in set(group) - set(readable):
                _LOG.warning("bots with the pattern %s cannot be told", pattern)
            group = readable
        if group:
            yield group


def _is_readable(connection: duckdb.DuckDBPyConnection, pattern: str) -> bool:
    try:
        connection.execute("select regexp_matches('', ?)", [pattern]).fetchall()
    except duckdb.InvalidInputException:
        return False
    return True


def classify(connection: duckdb.DuckDBPyConnection, patterns: Sequence[str]) -> None:
    """Fills temporary table `classified_agents` from `new_agents(user_agent)`.

    Columns: user_agent, is_bot, and bot_name: what a pattern matched, up to a punctuation mark; of
    several matches the first in the agent, since a bot names itself before its address.
    """
    joined = matchers(connection, patterns)
    matches = ", ".join("regexp_extract(user_agent, ?)" for _ in joined)
    connection.execute(
        f"""
        create or replace temp table classified_agents as
        with

        matched as (

            select
                user_agent,
                list_min(
                    list_transform(
                        list_filter([{matches}], lambda match: match <> ''),
                        lambda match: {{
                            'place': strpos(user_agent, match),
                            'shortness': -length(match),
                            'text': match
                        }}
                    )
                ).text as matched_text
            from new_agents

        )

        select
            user_agent,
            matched_text is not null as is_bot,
            coalesce(
                nullif(trim(regexp_extract(matched_text, '^[^;(),:+]*'), ' /'), ''), matched_text
            ) as bot_name
        from matched
        """,
        joined,
    )
