"""A file that is refused as a whole: one record, so that it shows and nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping

from ingestion.formats.fields import select_list

UNKNOWN = "unknown"
"""The format of a file of no known format."""

UNKNOWN_FORMAT = "unknown_format"
BROKEN_ARCHIVE = "broken_archive"

REASONS: Mapping[str, str] = {
    UNKNOWN_FORMAT: "no line is a Segment message or a line of an access log",
    BROKEN_ARCHIVE: "it could be unpacked in part only; what came before the break is loaded",
}
"""Reason codes, and what each says of the file."""


def fields_query(reason_code: str) -> str:
    """The fields of that one record."""
    return "select " + select_list(
        {
            "line_number": "cast(0 as bigint)",
            "position": "0",
            "outcome": "'rejected'",
            "reason_code": f"'{reason_code}'",
            "detail": f"'{REASONS[reason_code]}'",
        }
    )
