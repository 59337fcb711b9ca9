"""What the importers of HubSpot and Salesforce ask of a file, from their own documentation.

HubSpot: knowledge.hubspot.com, "Set up import files" and the limits of property field types.
Salesforce: help.salesforce.com, "Import Limits" and "How large can my import file be?"; the Data
Loader guide, "Data Types Supported"; the field reference of Lead and Account.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ADDRESS = re.compile(r"[a-z0-9_][a-z0-9.!#$%&'*/=?^_`{|}~+-]*@[a-z0-9-]+(\.[a-z0-9-]+)+")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
PHONE = re.compile(r"\+?[0-9(][0-9 ()./-]*((x|ext)\.? ?[0-9]+)?", re.IGNORECASE)
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}
BANDS = {"hot", "warm", "cool", "cold"}

Check = Callable[[str], bool]


def is_day(text: str) -> bool:
    try:
        return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is not None and bool(
            date.fromisoformat(text)
        )
    except ValueError:
        return False


def is_text(longest: int) -> Check:
    """On one line, without what XML forbids, and no longer than so many UTF-16 code units."""

    def check(text: str) -> bool:
        kinds = {unicodedata.category(character) for character in text}
        units = len(text.encode("utf-16-le")) // 2
        return not kinds & {"Cc", "Cs", "Zl", "Zp"} and units <= longest and text == text.strip()

    return check


def is_one_of(*words: str) -> Check:
    return lambda text: text in words


def matches(pattern: re.Pattern[str], longest: int) -> Check:
    return lambda text: pattern.fullmatch(text) is not None and len(text) <= longest


@dataclass(frozen=True)
class Importer:
    """The rules of one object's importer: its columns, and what a filled cell must be."""

    columns: Mapping[str, Check]
    required: tuple[str, ...]
    unique: tuple[str, ...]
    most_rows: int
    most_bytes: int
    most_columns: int
    longest_row: int


NUMBER = re.compile(r"[0-9]+")
HASH = re.compile(r"[0-9a-f]{32}")
_TEXT = is_text(65_536)
_HUBSPOT_INTENT: dict[str, Check] = {
    "Intent Score": matches(NUMBER, 3),
    "Intent Band": is_one_of(*BANDS),
    "Intent Reasons": _TEXT,
    "Intent Last Seen": is_day,
    "Intent Owner": matches(ADDRESS, 254),
    "Intent Customer": is_one_of("true", "false"),
    "Intent As Of": is_day,
    "Intent Key": matches(HASH, 32),
    "Intent Fingerprint": matches(HASH, 32),
    "Intent Change": is_one_of("created", "updated", "removed"),
}
_HUBSPOT_LIMITS = (1_048_576, 20_000_000, 999, 10**9)
_SALESFORCE_INTENT: dict[str, Check] = {
    "Intent_Score__c": matches(NUMBER, 3),
    "Intent_Band__c": is_one_of(*BANDS),
    "Intent_Reasons__c": is_text(32_000),
    "Intent_Last_Seen__c": is_day,
    "Intent_Owner__c": matches(ADDRESS, 80),
    "Intent_As_Of__c": is_day,
    "Intent_Key__c": matches(HASH, 32),
    "Intent_Fingerprint__c": matches(HASH, 32),
    "Intent_Change__c": is_one_of("created", "updated", "removed"),
}
_SALESFORCE_LIMITS = (50_000, 100_000_000, 90, 4_000)

IMPORTERS = {
    "hubspot_contacts": Importer(
        {
            "Email": matches(ADDRESS, 254),
            "First Name": _TEXT,
            "Last Name": _TEXT,
            "Job Title": _TEXT,
            "Phone Number": is_text(65_536),
            "Company Name": _TEXT,
            "Company Domain Name": matches(DOMAIN, 255),
            "Intent Mail Allowed": is_one_of("true", "false"),
            **_HUBSPOT_INTENT,
        },
        ("Email",),
        ("Email", "Intent Key"),
        *_HUBSPOT_LIMITS,
    ),
    "hubspot_companies": Importer(
        {
            "Company Domain Name": matches(DOMAIN, 255),
            "Company Name": _TEXT,
            "Intent People": matches(NUMBER, 18),
            "Intent Active People": matches(NUMBER, 18),
            **_HUBSPOT_INTENT,
        },
        ("Company Domain Name", "Company Name"),
        ("Company Domain Name", "Intent Key"),
        *_HUBSPOT_LIMITS,
    ),
    "salesforce_leads": Importer(
        {
            "Email": matches(ADDRESS, 80),
            "FirstName": is_text(40),
            "LastName": is_text(80),
            "Company": is_text(255),
            "Title": is_text(128),
            "Phone": is_text(40),
            "Website": is_text(255),
            "HasOptedOutOfEmail": is_one_of("TRUE", "FALSE"),
            **_SALESFORCE_INTENT,
        },
        ("LastName", "Company", "Email"),
        ("Email", "Intent_Key__c"),
        *_SALESFORCE_LIMITS,
    ),
    "salesforce_accounts": Importer(
        {
            "Name": is_text(255),
            "Website": is_text(255),
            "Intent_People__c": matches(NUMBER, 18),
            "Intent_Active_People__c": matches(NUMBER, 18),
            "Intent_Customer__c": is_one_of("TRUE", "FALSE"),
            **_SALESFORCE_INTENT,
        },
        ("Name", "Website"),
        ("Website", "Intent_Key__c"),
        *_SALESFORCE_LIMITS,
    ),
}


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet may read the cell, or what follows a semicolon in it, as a formula.

    Not a telephone number: a plus and digits do nothing.
    """
    if PHONE.fullmatch(cell):
        return False
    for piece in cell.split(";"):
        seen = next((each for each in piece if unicodedata.category(each) not in UNSEEN), "")
        if seen and seen in SIGNS:
            return True
    return cell[:1] in ("\t", "\r", "\n")


def refusals(importer: Importer, content: bytes) -> list[str]:
    """Why the importer would refuse the file, or take a row for what it is not; empty if it takes
    all of it."""
    text = content.decode("utf-8")
    headers, *rows = list(csv.reader(io.StringIO(text, newline="")))
    found = [f"no column of theirs: {each!r}" for each in headers if each not in importer.columns]
    if len(set(headers)) != len(headers) or len(headers) > importer.most_columns:
        found.append("headers twice, or too many")
    if len(rows) > importer.most_rows or len(content) > importer.most_bytes:
        found.append("too large")
    for row in rows:
        if len(row) != len(headers):
            found.append(f"{len(row)} cells below {len(headers)} headers")
            continue
        if sum(map(len, row)) > importer.longest_row:
            found.append("a record too long")
        for header, cell in zip(headers, row, strict=True):
            if is_formula(cell):
                found.append(f"{header}: a formula {cell[:40]!r}")
            if cell and not importer.columns.get(header, lambda _: True)(cell):
                found.append(f"{header}: cannot be {cell[:40]!r}")
            if not cell and header in importer.required:
                found.append(f"{header}: empty")
    for header in set(importer.unique) & set(headers):
        place = headers.index(header)
        values = [row[place].lower() for row in rows if len(row) > place]
        if len(set(values)) != len(values):
            found.append(f"{header}: one value twice")
    return found


def refusals_of_folder(folder: Path) -> dict[str, list[str]]:
    """The same for every file of a folder, by its name; those without any left out."""
    found = {}
    for path in folder.glob("*.csv"):
        name = "_".join(path.name.split("_")[:2])
        if told := refusals(IMPORTERS[name], path.read_bytes()):
            found[path.name] = told
    return found
