"""Which format a file has, by its content: a name may say anything."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass

from ingestion import lines
from ingestion.formats import (
    ACCESS_LOG,
    AD_SPEND,
    BOOKINGS,
    CSV,
    EXPORTS,
    JSON,
    LEADS,
    PARQUET,
    SEGMENT,
    access_log,
    bookings,
    flat,
)
from ingestion.formats.csv_rows import Header, header_of
from ingestion.formats.parquet_rows import MAGIC

_LOG_LINE = re.compile(access_log.LINE_PATTERN)

_TYPES = {"type", "event_type"}
_TIMES = {"timestamp", "originalTimestamp", "original_timestamp"}
_OF_A_CRM = {"owner", "stage", "is_customer", "updated_at", "company", "job_title", "phone"}
_OF_PEOPLE = {"email", "phone", "anonymous_id", "user_id"}
_OF_AD_SPEND: tuple[tuple[str, set[str]], ...] = (
    ("day", {"day", "date"}),
    ("source", {"source", "utm_source"}),
    ("cost", {"cost", "spend", "amount_spent"}),
)
"""Without these columns no table is one of ad spend; each with the names that it may have."""

_ZIP_MAGIC = b"PK\x03\x04"
_OF_A_WORKBOOK = (b"xl/workbook.xml", b"xl/worksheets/", b"xl/_rels/")
"""Parts of an Excel workbook, one of which stands near its beginning whoever wrote it."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Detected:
    """A format, or why there is none; and the header where a file has one."""

    format: str | None
    header: Header | None = None
    reason: str = ""


def detect(sample: bytes, given_format: str | None = None) -> Detected:
    """The format that most lines of `sample` (a file's first bytes) have; the given one, if any.

    Broken lines do not hide the others. Without any line that is not blank it is `segment`, the
    format in which nothing means nothing.
    """
    texts = [
        line.decode("utf-8", "replace")
        for line in io.BytesIO(sample.removeprefix(lines.BYTE_ORDER_MARK))
        if line.strip()
    ]
    if _ends_lines_by_returns(texts, given_format):
        return Detected(
            None, reason="its lines end in carriage returns alone; save it with line feeds (\\n)"
        )
    if sample.startswith(_ZIP_MAGIC) and any(name in sample for name in _OF_A_WORKBOOK):
        return Detected(None, reason="it is an Excel workbook; save its sheet as CSV")
    header = header_of(texts[0]) if texts else None
    if given_format is not None:
        return _as_given(given_format, header)
    if sample.startswith(MAGIC):
        return Detected(PARQUET)
    if not texts:
        return Detected(SEGMENT)
    if header is not None and (of_table := _format_of_table(header)):
        return Detected(of_table, header)
    found = _format_of_lines(texts)
    if found is None and sample.startswith(_UTF_16):
        return Detected(None, reason="it is UTF-16; save it as UTF-8")
    return Detected(found) if found else Detected(None, reason=_why_none(header))


def _ends_lines_by_returns(texts: list[str], given_format: str | None) -> bool:
    """Whether it is a table as old Macs wrote them: to us one line, a header without rows."""
    if len(texts) != 1 or "\r" not in texts[0].strip() or given_format == JSON:
        return False
    first, _, _ = texts[0].strip().partition("\r")
    return texts[0].lstrip()[0] not in "{[" and header_of(first) is not None


def _as_given(given_format: str, header: Header | None) -> Detected:
    if given_format != CSV and given_format not in EXPORTS:
        return Detected(given_format)
    if header is None:
        # an empty file has nothing to lose
        return Detected(SEGMENT)
    if given_format == LEADS and "email" not in column_names(header):
        return Detected(None, reason=f"leads need a column email; {_columns(header)}")
    if given_format == BOOKINGS and not _is_of_bookings(column_names(header)):
        needed = f"{bookings.EMAIL[0]} and {bookings.BOOKED_AT[0]}"
        return Detected(None, reason=f"bookings need columns {needed}; {_columns(header)}")
    if given_format == AD_SPEND and (lacking := _lacking_of_ad_spend(column_names(header))):
        named = f"column{'s' if len(lacking) > 1 else ''} {' and '.join(lacking)}"
        return Detected(None, reason=f"ad spend needs {named}; {_columns(header)}")
    return Detected(given_format, header)


def _lacking_of_ad_spend(names: set[str]) -> list[str]:
    return [name for name, known in _OF_AD_SPEND if not names & known]


def _is_of_bookings(names: set[str]) -> bool:
    return not names.isdisjoint(bookings.EMAIL) and not names.isdisjoint(bookings.BOOKED_AT)


def column_names(header: Header) -> set[str]:
    """The names of a header as `flat` and a CRM's list know them."""
    return {flat.known_key(name) or _plain(name) for name in header.names}


def _plain(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip()).lower()


def _format_of_table(header: Header) -> str | None:
    names = column_names(header)
    if names & _TYPES and names & _TIMES:
        return CSV
    if _is_of_bookings(names) and not names & (_TYPES | _TIMES):
        return BOOKINGS
    if "email" in names and names & _OF_A_CRM and not names & (_TYPES | _TIMES):
        return LEADS
    # what customers spent is no ad's cost, and a list of people is not to be published as such
    if not _lacking_of_ad_spend(names) and not names & _OF_PEOPLE:
        return AD_SPEND
    return None


def _format_of_lines(texts: list[str]) -> str | None:
    votes = {SEGMENT: 0, ACCESS_LOG: 0}
    for text in texts:
        if _is_json(text):
            votes[SEGMENT] += 1
        elif _LOG_LINE.match(text):
            votes[ACCESS_LOG] += 1
    if len(texts) == 1 and texts[0].lstrip().startswith("{"):
        # one line that the sample may have cut
        return SEGMENT
    starts_json = texts[0].lstrip()[:1] in ("{", "[") and not votes[ACCESS_LOG]
    if starts_json and not _is_json(texts[0]) and votes[SEGMENT] * 2 < len(texts):
        # no messages by themselves: an array or objects over several lines, or one line that is
        # longer than the sample
        return JSON
    winner = max(votes, key=lambda name: votes[name])
    return winner if votes[winner] else None


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), (dict, list))
    except (ValueError, RecursionError):
        return False


def _why_none(header: Header | None) -> str:
    reason = "no line is a Segment message or a line of an access log"
    if header is None or not all(header.names):
        return reason
    names = column_names(header)
    lacking = [name for name, known in _NEEDED if not names & known]
    if {"userid", "email"} <= {name.replace("_", "").lower() for name in names}:
        meant = " and ".join(f"{name} ({_OF_USERS[name]})" for name in lacking)
        return f"a list of users lacks {meant}; {_columns(header)}"
    if len(names) <= 2:
        return reason
    columns = "columns" if len(lacking) > 1 else "column"
    return f"{reason}; as CSV it lacks {columns} {' and '.join(lacking)}: {_columns(header)}"


_NEEDED = (("type", _TYPES), ("timestamp", _TIMES))
_OF_USERS = {"type": "identify", "timestamp": "when the account was made"}


def _columns(header: Header) -> str:
    shown = ", ".join(header.names[:12])
    return f"it has {shown}" + (" …" if len(header.names) > 12 else "")
