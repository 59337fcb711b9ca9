"""Cells of what a spreadsheet will open: no text may turn into a formula there.

The guard is an apostrophe before each place where a formula could start. A workbook has it too,
although its cells are typed: it may be saved as a CSV, or a cell edited and entered again.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.exports.texts import encodable, is_plain

# What spreadsheets may skip before they look for a formula: white space of every kind, no-break
# space, control characters, and those of Unicode that format and are not seen (category Cf).
SKIPPED = (
    r"\s\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u180e"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
# The signs that start one, and their full-width forms, which some locales read as the same.
SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
# Where a cell may start again: at a line inside it, or after a semicolon, the separator of half of
# Europe's spreadsheets.
_SEPARATORS = r"\n\r\x0b\x0c\x85\u2028\u2029;"
# At the start of the cell tab and line ends count as signs themselves.
_FORMULA = re.compile(rf"[{SKIPPED}]*[{SIGNS}\t\r\n]")
# There a quote may open the cell, and be none of its text.
_FORMULA_INSIDE = re.compile(rf"([{_SEPARATORS}])(?=[{SKIPPED}\"]*[{SIGNS}])")

GUARD = "'"


def guarded(text: str) -> str:
    """`text` with an apostrophe wherever a spreadsheet could see the start of a formula."""
    if is_plain(text):
        return text
    # a search first: few texts have one inside, and a substitution costs all of them
    inside = _FORMULA_INSIDE.sub(rf"\1{GUARD}", text) if _FORMULA_INSIDE.search(text) else text
    return GUARD + inside if _FORMULA.match(text) else inside


Value = str | bool | int | float | Decimal | date | datetime | None


def cell(value: Value, zone: ZoneInfo, *, decimals: int = 1) -> str:
    """How one value of a mart is written.

    Text is guarded. Times are UTC in the marts and are written as local time of `zone`, to the
    minute; dates are the UTC days that the rules count in; numbers that are not whole get so many
    decimals, and none is less than zero that is shown as zero; nothing is an empty cell.
    """
    match value:
        case str():
            return guarded(encodable(value))
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case float() | Decimal():
            return f"{value:z.{decimals}f}"
        case datetime():
            return local(value, zone).isoformat(" ", "minutes")
        case date():
            return value.isoformat()


def local(value: datetime, zone: ZoneInfo) -> datetime:
    """A time of the marts, which is UTC, as it is on the clocks of `zone`."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(zone).replace(tzinfo=None)


def utc_times(values: pa.Array) -> pa.Array:
    """A column of times of the marts as text, each as `cell` writes it for the zone UTC.

    Other zones are for `cell` alone: Arrow knows no summer time after 2037.
    """
    # a cast and not strftime, which takes twenty times as long
    texts = values.cast(pa.string()).fill_null("")
    return pc.utf8_slice_codeunits(texts, 0, len("2026-06-30 12:00"))
