"""Values as an importer reads them.

An importer takes a cell for what it says: the apostrophe that keeps a spreadsheet from seeing a
formula would become a part of the name. So the signs that start a formula are left out here instead
of being guarded. `=HYPERLINK(…)` arrives as the text `HYPERLINK(…)`, in the CRM as in whatever
spreadsheet somebody opens the file with.
"""

from __future__ import annotations

import re
from datetime import date

from orchestration.exports.cells import SIGNS, SKIPPED, Value
from orchestration.exports.crm.objects import UNKNOWN, Crm, Field, Kind
from orchestration.exports.texts import cut, is_plain, readable

# Line ends, tabs, every other white space, and control characters, which XML forbids
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\xa0\ufeff]+")
# Where a cell may start: at its beginning, and after a semicolon, which is the separator of half of
# Europe's spreadsheets. There go all signs of a formula, and what is not seen around them or opens
# a cell, as a quote does.
_FORMULA = re.compile(rf"(\A|;)[{SKIPPED}\"]*(?:[{SIGNS}][{SKIPPED}\"]*)+")
# A plus and digits are no formula that could do anything, and a number without its plus is another
_PHONE = re.compile(r"\+?[0-9(][0-9 ()./-]*(?: ?(?:x|ext\.?) ?[0-9]+)?", re.IGNORECASE)


def cell(value: Value, field: Field, crm: Crm) -> str:
    """How one value of a model is written for an importer.

    Numbers have no separators, days are ISO dates, flags are the words of the CRM, and nothing is
    an empty cell, which leaves in the CRM what it has.
    """
    match value:
        case None:
            text = ""
        case bool():
            text = crm.yes if value else crm.no
        case date():
            text = value.isoformat()
        case str() if field.kind is Kind.name:
            text = plain_text(value)
        case str() if field.kind is Kind.phone:
            text = phone_number(value)
        case _:
            text = str(value)
    if field.longest is not None and (shortened := cut(text, field.longest)) != text:
        # half of a number is another number
        text = shortened if field.kind is Kind.name else ""
    return text or (UNKNOWN if field.is_required else "")


def plain_text(text: str) -> str:
    """`text` on one line, without blanks around it, and without what could start a formula.

    Half surrogate pairs, U+FFFE and U+FFFF become U+FFFD.
    """
    if is_plain(text):
        return " ".join(text.split())
    line = readable(_BLANKS.sub(" ", text))
    return _FORMULA.sub(lambda found: "; " if found[1] else "", line).strip()


def phone_number(text: str) -> str:
    """`text` with its plus where it is a number; else as any text."""
    line = _BLANKS.sub(" ", text).strip()
    return line if _PHONE.fullmatch(line) else plain_text(text)
