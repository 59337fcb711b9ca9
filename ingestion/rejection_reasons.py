"""What each reason code of the quarantine means, and what to do about it: said here alone.

Status, the quarantine's display, the UI and the documents all take their words from here. A code
that ingestion gives and this page lacks is a failing test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RejectionReason:
    """A reason in a few words, and what an operator can do."""

    meaning: str
    advice: str


REASONS: Mapping[str, RejectionReason] = {
    # of a line
    "invalid_utf8": RejectionReason(
        "bytes that are no UTF-8 text",
        "convert the file to UTF-8 (iconv) or mend the line; bad bytes are shown as \\xNN",
    ),
    "line_too_long": RejectionReason(
        "a line of more than 64 MB",
        "write one record a line; only the beginning of the line is kept",
    ),
    "invalid_json": RejectionReason(
        "not JSON: cut off, or other text",
        "mend the line, or see why its producer writes halves",
    ),
    "not_an_object": RejectionReason(
        "JSON, but no object of keys and values",
        "write each message as {…}, or several as a list of them",
    ),
    "nested_envelope": RejectionReason(
        "a batch within a batch", "put the inner messages into one list"
    ),
    # of a message that came over HTTP
    "reserved_event": RejectionReason(
        "an event that the public write key alone may not tell",
        "rename it in its tracker, or load it from a file; else somebody forges it",
    ),
    "reserved_id": RejectionReason(
        "an id that begins like those of the product's own events",
        "give it another id in its tracker; else it could take the place of one of them",
    ),
    "event_too_large": RejectionReason(
        "a message of more than 32 KB, in a batch sent over HTTP",
        "send less in properties and traits",
    ),
    "unparsable_line": RejectionReason(
        "not the access log's form",
        "write the log in the common or combined format, or mend the line",
    ),
    "unreadable_row": RejectionReason(
        "a row of CSV whose quotes do not close",
        'write a quote within a cell twice (""), and close the cell',
    ),
    "wrong_column_count": RejectionReason(
        "a row of CSV with other columns than the header",
        "quote cells that hold the separator or a line end",
    ),
    # of an event
    "missing_event_type": RejectionReason(
        "no type of event", "give type: page, track, identify, screen, group or alias"
    ),
    "unknown_event_type": RejectionReason(
        "a type of event that does not exist",
        "give type: page, track, identify, screen, group or alias",
    ),
    "missing_time": RejectionReason("no time at all", "give timestamp, as 2026-06-30T10:00:00Z"),
    "unreadable_time": RejectionReason(
        "a time that cannot be read", "write times as 2026-06-30T10:00:00Z"
    ),
    "implausible_time": RejectionReason(
        "a time that no log can be of", "see to the producer's clock, or to the unit of its times"
    ),
    "event_in_future": RejectionReason(
        "more than a day later than it was received", "see to the clock of the device or producer"
    ),
    # of a lead or a booking
    "invalid_email": RejectionReason(
        "a lead or a booking without a usable address", "give the column email"
    ),
    "unreadable_boolean": RejectionReason(
        "a word that is neither yes nor no",
        "write is_customer or canceled as true or false, or leave it empty",
    ),
    # of a row of ad spend
    "unreadable_day": RejectionReason(
        "a day of ad spend that is missing or cannot be read", "write day as 2026-06-30"
    ),
    "unreadable_cost": RejectionReason(
        "a cost that is missing or no plain number",
        "write cost as 1234.56, without a currency sign",
    ),
    "negative_cost": RejectionReason(
        "a cost below zero", "give what was spent on the day; book refunds elsewhere"
    ),
    "missing_currency": RejectionReason(
        "a cost without a currency", "give the column currency, as EUR"
    ),
    "unreadable_currency": RejectionReason(
        "a currency that is no code of three letters", "write currency as EUR or USD"
    ),
    # of a file as a whole, or of a stretch of it
    "unknown_format": RejectionReason(
        "a file of no known format",
        "see what it holds; intent load --format F where it is a log all the same",
    ),
    "broken_archive": RejectionReason(
        "an archive that breaks off; what came before is loaded",
        "fetch the file again, whole, and load it",
    ),
    "broken_file": RejectionReason(
        "Parquet that cannot be read, or rows of it", "write or fetch the file again, and load it"
    ),
}
"""By code, in the order in which they are documented."""

UNTOLD = RejectionReason("a reason that this version does not know", "look at the examples")
"""For a code of another version, still in the quarantine."""


def reason_of(code: str) -> RejectionReason:
    """What a code means."""
    return REASONS.get(code, UNTOLD)
