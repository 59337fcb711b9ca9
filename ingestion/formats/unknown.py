"""A file of no known format: one record, rejected, so that it shows and nothing is guessed."""

from __future__ import annotations

from ingestion.formats.fields import select_list

NAME = "unknown"


def fields_query() -> str:
    """The fields of that one record."""
    return "select " + select_list(
        {
            "line_number": "cast(0 as bigint)",
            "position": "0",
            "outcome": "'rejected'",
            "reason_code": "'unknown_format'",
            "detail": "'no line is a Segment message or a line of an access log'",
        }
    )
