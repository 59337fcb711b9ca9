"""What an export for a CRM tells of its changes: new, changed and gone since the last one."""

from __future__ import annotations

from datetime import date

import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.exports.crm import notes
from orchestration.exports.crm.folder import export_crm
from orchestration.exports.crm.objects import HUBSPOT, SALESFORCE, Crm
from tests.unit.orchestration.crm_folders import JULY_1, JULY_2, JULY_3, publish_again, rows_of
from tests.unit.orchestration.importers import refusals_of_folder


def told(settings: Settings, crm: Crm, name: str, column: str) -> dict[str, str]:
    """What changed of an object by the export of the published day: record to its change."""
    folder, _ = export_crm(settings, crm)
    as_of = folder.name
    changed = [
        *rows_of(folder / f"{name}_changes_{as_of}.csv"),
        *rows_of(folder / f"{name}_removed_{as_of}.csv"),
    ]
    return {row[column]: row[crm.change_header] for row in changed}


def contacts_told(settings: Settings) -> dict[str, str]:
    return told(settings, HUBSPOT, "hubspot_contacts", "Email")


def test_in_a_first_export_everything_is_created(published: Settings) -> None:
    assert contacts_told(published) == {"anna@acme.com": "created", "zoe@zeta.com": "created"}


def test_where_nothing_but_the_day_has_changed_nothing_is_told(published: Settings) -> None:
    export_crm(published, HUBSPOT)
    publish_again(published, JULY_1)
    assert contacts_told(published) == {}
    assert told(published, HUBSPOT, "hubspot_companies", "Company Domain Name") == {}


CHANGED = (
    "update marts.sync_hubspot_contacts set row_fingerprint = repeat('0', 32)"
    " where email = 'anna@acme.com'",
    "insert into marts.sync_hubspot_contacts by name select * replace ('new@acme.com' as email,"
    " repeat('1', 32) as idempotency_key) from marts.sync_hubspot_contacts"
    " where email = 'anna@acme.com'",
    "delete from marts.sync_hubspot_contacts where email = 'zoe@zeta.com'",
)
TOLD = {"anna@acme.com": "updated", "new@acme.com": "created", "zoe@zeta.com": "removed"}


def test_what_is_new_changed_or_gone_is_told_again_by_a_second_export_of_the_day(
    published: Settings,
) -> None:
    export_crm(published, HUBSPOT)
    publish_again(published, JULY_1, *CHANGED)
    assert contacts_told(published) == TOLD
    assert contacts_told(published) == TOLD
    assert refusals_of_folder(published.exports / "hubspot" / "2026-07-01") == {}
    publish_again(published, JULY_2)
    assert contacts_told(published) == {}


def test_what_an_earlier_export_of_the_day_told_is_taken_back_until_the_next_day(
    published: Settings,
) -> None:
    keep = "create table first_contacts as from marts.sync_hubspot_contacts"
    export_crm(published, HUBSPOT)
    publish_again(published, JULY_1, keep, *CHANGED)
    export_crm(published, HUBSPOT)
    # as it was, but for the one that left, who stays away
    publish_again(
        published,
        JULY_1,
        "update marts.sync_hubspot_contacts as now set row_fingerprint = first.row_fingerprint"
        " from first_contacts as first where now.email = first.email",
        "delete from marts.sync_hubspot_contacts where email = 'new@acme.com'",
    )
    taken_back = {"anna@acme.com": "updated", "new@acme.com": "removed"}
    assert contacts_told(published) == {**taken_back, "zoe@zeta.com": "removed"}
    assert contacts_told(published) == {**taken_back, "zoe@zeta.com": "removed"}
    publish_again(published, JULY_2)
    assert contacts_told(published) == taken_back
    publish_again(published, JULY_3)
    assert contacts_told(published) == {}


def test_an_export_of_a_past_day_is_compared_with_what_was_told_before_it(
    published: Settings,
) -> None:
    export_crm(published, HUBSPOT)
    publish_again(published, JULY_3, *CHANGED)
    export_crm(published, HUBSPOT)
    publish_again(published, JULY_2)
    assert contacts_told(published) == TOLD
    publish_again(published, date(2026, 6, 29))
    assert set(contacts_told(published).values()) == {"created"}


def test_what_a_past_day_told_later_is_taken_back_by_the_day_that_it_came_after(
    published: Settings,
) -> None:
    export_crm(published, HUBSPOT)
    publish_again(published, date(2026, 6, 29), *CHANGED)
    export_crm(published, HUBSPOT)
    assert notes.noted_dates(published, "hubspot") == [date(2026, 6, 30)]
    publish_again(
        published,
        date(2026, 6, 30),
        "delete from marts.sync_hubspot_contacts where email = 'new@acme.com'",
    )
    # the first one of the day told of zoe, and the past day's of new
    expected = {"anna@acme.com": "created", "new@acme.com": "removed", "zoe@zeta.com": "removed"}
    assert contacts_told(published) == expected


def test_a_record_that_left_is_set_to_nothing(published: Settings) -> None:
    export_crm(published, SALESFORCE)
    publish_again(
        published, JULY_1, "delete from marts.sync_salesforce_accounts where website = 'zeta.com'"
    )
    folder, _ = export_crm(published, SALESFORCE)
    [gone] = rows_of(folder / "salesforce_accounts_removed_2026-07-01.csv")
    # the md5 of salesforce:account:zeta.com
    assert gone.pop("Intent_Key__c") == "cf00d9f0ceb6b373e09eb1f57e0449fe"
    assert gone == {
        "Website": "zeta.com",
        "Intent_Score__c": "0",
        "Intent_Band__c": "cold",
        "Intent_Reasons__c": "Not in the export any more",
        "Intent_As_Of__c": "2026-07-01",
        "Intent_Change__c": "removed",
    }


@pytest.mark.parametrize("content", [b"", b"[]", b'{"objects": {"x": [[1]]}}', b"\xff"])
def test_a_note_that_cannot_be_read_stops_the_export_and_says_what_to_do(
    published: Settings, content: bytes
) -> None:
    path = notes.note_path(published, "hubspot", date(2026, 6, 29))
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(UserError, match="remove it"):
        export_crm(published, HUBSPOT)
    assert list((published.exports).glob("hubspot/*")) == []
