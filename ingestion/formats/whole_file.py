"""A file, or what is left of it, that is refused as a whole: one record, so that it shows."""

from __future__ import annotations

from ingestion.formats.fields import select_list

UNKNOWN = "unknown"
"""The format of a file of no known format."""

UNKNOWN_FORMAT = "unknown_format"
BROKEN_ARCHIVE = "broken_archive"
BROKEN_FILE = "broken_file"


def fields_query(reason_code: str) -> str:
    """The fields of that one record; its detail is `getvariable('intent_refusal')`."""
    return "select " + select_list(
        {
            "line_number": "cast(0 as bigint)",
            "position": "0",
            "outcome": "'rejected'",
            "reason_code": f"'{reason_code}'",
            "detail": "getvariable('intent_refusal')",
        }
    )
