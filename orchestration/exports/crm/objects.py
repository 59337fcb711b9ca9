"""The objects of each CRM, field by field: what a column is called there, and what it may hold.

HubSpot knows a column by the label of its property, Salesforce by the API name of its field; those
that begin with Intent are made once in the CRM, as docs/crm.md says. Lengths are in characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

FINGERPRINT, KEY = "row_fingerprint", "idempotency_key"
UNKNOWN = "(unknown)"
"""What a field that must be filled says where only signs of a formula were told."""


class Kind(Enum):
    """What a field holds, and so how it is written."""

    name = "name"  # text of somebody else's, on one line
    phone = "phone"
    key = "key"  # made or checked by the models: goes out as it is
    number = "number"
    flag = "flag"
    day = "day"


@dataclass(frozen=True)
class Field:
    """A column of an importer's file."""

    header: str
    column: str
    """Its name in the model."""
    kind: Kind
    longest: int | None = None
    is_required: bool = False


@dataclass(frozen=True)
class CrmObject:
    """An object of a CRM: contacts, companies, leads, accounts."""

    name: str
    """Of the model, with sync_ before it, and of the files."""
    natural_key: str
    """The column that a record is known by, here as in the CRM."""
    fields: tuple[Field, ...]

    @property
    def headers(self) -> list[str]:
        return [field.header for field in self.fields]

    def header_of(self, column: str) -> str:
        """What the importer calls a column of the model. Raises StopIteration for no such one."""
        return next(field.header for field in self.fields if field.column == column)


@dataclass(frozen=True)
class Crm:
    """A CRM: its objects, and what its importer takes as one file."""

    name: str
    label: str
    objects: tuple[CrmObject, ...]
    most_rows: int
    """Rows of a file, its header not counted."""
    most_bytes: int
    yes: str
    no: str
    change_header: str
    """Of the column that says what became of a row, in the files of changes and removals."""


# The limit of every text property, whether it has one line or many.
_TEXT = 65_536

HUBSPOT = Crm(
    "hubspot",
    "HubSpot",
    (
        CrmObject(
            "hubspot_contacts",
            "email",
            (
                Field("Email", "email", Kind.key, is_required=True),
                Field("First Name", "first_name", Kind.name, _TEXT),
                Field("Last Name", "last_name", Kind.name, _TEXT),
                Field("Job Title", "job_title", Kind.name, _TEXT),
                Field("Phone Number", "phone", Kind.phone, _TEXT),
                Field("Company Name", "company_name", Kind.name, _TEXT),
                Field("Company Domain Name", "company_domain", Kind.key),
                Field("Intent Score", "intent_score", Kind.number),
                Field("Intent Band", "intent_band", Kind.key),
                Field("Intent Reasons", "reasons", Kind.name, _TEXT),
                Field("Intent Last Seen", "last_seen_date", Kind.day),
                Field("Intent Owner", "owner_email", Kind.key),
                Field("Intent Customer", "is_customer", Kind.flag),
                Field("Intent Mail Allowed", "can_email", Kind.flag),
                Field("Intent As Of", "as_of_date", Kind.day),
                Field("Intent Key", KEY, Kind.key, is_required=True),
                Field("Intent Fingerprint", FINGERPRINT, Kind.key),
            ),
        ),
        CrmObject(
            "hubspot_companies",
            "domain",
            (
                Field("Company Domain Name", "domain", Kind.key, is_required=True),
                Field("Company Name", "company_name", Kind.name, _TEXT, is_required=True),
                Field("Intent Score", "intent_score", Kind.number),
                Field("Intent Band", "intent_band", Kind.key),
                Field("Intent Reasons", "reasons", Kind.name, _TEXT),
                Field("Intent People", "people_count", Kind.number),
                Field("Intent Active People", "active_people_14d", Kind.number),
                Field("Intent Last Seen", "last_seen_date", Kind.day),
                Field("Intent Owner", "owner_email", Kind.key),
                Field("Intent Customer", "is_customer", Kind.flag),
                Field("Intent As Of", "as_of_date", Kind.day),
                Field("Intent Key", KEY, Kind.key, is_required=True),
                Field("Intent Fingerprint", FINGERPRINT, Kind.key),
            ),
        ),
    ),
    # Paid plans take 1,048,576 rows a file and free ones 20 MB: whatever the plan, a file fits
    most_rows=1_000_000,
    most_bytes=20_000_000,
    yes="true",
    no="false",
    change_header="Intent Change",
)

# A record that the Data Import Wizard takes has about 4,000 characters in all
_REASONS = 2_000

SALESFORCE = Crm(
    "salesforce",
    "Salesforce",
    (
        CrmObject(
            "salesforce_leads",
            "email",
            (
                Field("Email", "email", Kind.key, 80, is_required=True),
                Field("FirstName", "first_name", Kind.name, 40),
                Field("LastName", "last_name", Kind.name, 80, is_required=True),
                Field("Company", "company", Kind.name, 255, is_required=True),
                Field("Title", "job_title", Kind.name, 128),
                Field("Phone", "phone", Kind.phone, 40),
                Field("Website", "website", Kind.key, 255),
                Field("HasOptedOutOfEmail", "has_opted_out_of_email", Kind.flag),
                Field("Intent_Score__c", "intent_score", Kind.number),
                Field("Intent_Band__c", "intent_band", Kind.key),
                Field("Intent_Reasons__c", "reasons", Kind.name, _REASONS),
                Field("Intent_Last_Seen__c", "last_seen_date", Kind.day),
                Field("Intent_Owner__c", "owner_email", Kind.key, 80),
                Field("Intent_As_Of__c", "as_of_date", Kind.day),
                Field("Intent_Key__c", KEY, Kind.key, 32, is_required=True),
                Field("Intent_Fingerprint__c", FINGERPRINT, Kind.key, 32),
            ),
        ),
        CrmObject(
            "salesforce_accounts",
            "website",
            (
                Field("Name", "account_name", Kind.name, 255, is_required=True),
                Field("Website", "website", Kind.key, 255, is_required=True),
                Field("Intent_Score__c", "intent_score", Kind.number),
                Field("Intent_Band__c", "intent_band", Kind.key),
                Field("Intent_Reasons__c", "reasons", Kind.name, _REASONS),
                Field("Intent_People__c", "people_count", Kind.number),
                Field("Intent_Active_People__c", "active_people_14d", Kind.number),
                Field("Intent_Last_Seen__c", "last_seen_date", Kind.day),
                Field("Intent_Owner__c", "owner_email", Kind.key, 80),
                Field("Intent_Customer__c", "is_customer", Kind.flag),
                Field("Intent_As_Of__c", "as_of_date", Kind.day),
                Field("Intent_Key__c", KEY, Kind.key, 32, is_required=True),
                Field("Intent_Fingerprint__c", FINGERPRINT, Kind.key, 32),
            ),
        ),
    ),
    most_rows=50_000,
    most_bytes=100_000_000,
    yes="TRUE",
    no="FALSE",
    change_header="Intent_Change__c",
)

CRMS = (HUBSPOT, SALESFORCE)
