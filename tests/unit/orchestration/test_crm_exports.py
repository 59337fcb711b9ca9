"""What leaves for HubSpot and Salesforce, and that their importers would take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.exports.cells import Value
from orchestration.exports.crm import folder as folder_of_a_crm
from orchestration.exports.crm import notes
from orchestration.exports.crm.folder import crm_in_markdown, export_crm, write_object
from orchestration.exports.crm.objects import CRMS, HUBSPOT, SALESFORCE, Crm, CrmObject, Kind
from orchestration.exports.crm.values import phone_number, plain_text
from orchestration.exports.everything import EXPORTS
from tests.unit.orchestration.crm_folders import JULY_1, NAMES, OBJECTS, publish_again, rows_of
from tests.unit.orchestration.hostile_texts import ANY_TEXT, SAMPLES
from tests.unit.orchestration.importers import IMPORTERS, is_formula, refusals, refusals_of_folder
from tests.unit.orchestration.small_marts import AS_OF


@pytest.mark.parametrize("crm", CRMS, ids=lambda crm: crm.name)
def test_an_importer_takes_every_file(published: Settings, crm: Crm) -> None:
    folder, count = export_crm(published, crm)
    assert refusals_of_folder(folder) == {}
    assert folder == published.exports / crm.name / "2026-06-30"
    assert {path.name for path in folder.iterdir()} == {
        f"{each.name}{kind}_2026-06-30.csv"
        for each in crm.objects
        for kind in ("", "_changes", "_removed")
    }
    assert count == 4
    for path in folder.iterdir():
        copied = published.exports / "latest" / crm.name / path.name
        assert copied.read_bytes() == path.read_bytes()


def test_the_importers_that_the_tests_know_refuse_what_they_document() -> None:
    importer = IMPORTERS["salesforce_leads"]
    good = "LastName,Company,Email,Title,Intent_Score__c,Intent_Last_Seen__c,HasOptedOutOfEmail\r\n"
    row = "Ames,ACME,a@acme.com,CTO,60,2026-06-29,TRUE\r\n"
    assert refusals(importer, (good + row).encode()) == []
    for was, bad in (
        ("Ames", ""), ("Ames", '"x\ny"'), ("Ames", "=1+1"), ("Ames", " +x"), ("ACME", "a;=1"),
        ("ACME", "x" * 256), ("ACME", "\U0001f600" * 128), ("a@acme.com", "a@acme"),
        ("60", '"1,000"'), ("2026-06-29", "29.06.2026"), ("2026-06-29", "2026-02-30"),
        ("TRUE", "x"),
        ("CTO", "x,y"), ("Title", "Position"), ("Title", "Email"), ("LastName", "\ufeffLastName"),
    ):  # fmt: skip
        found = refusals(importer, (good + row).replace(was, bad, 1).encode())
        assert found != [], (was, bad)
    assert refusals(importer, (good + row + row.replace("Ames", "Bo")).encode()) != []


@pytest.mark.parametrize(("crm", "crm_object"), OBJECTS, ids=NAMES)
@given(data=st.data())
@hypothesis_settings(max_examples=40)
def test_an_importer_takes_whatever_somebody_wrote_into_a_form(
    crm: Crm, crm_object: CrmObject, data: st.DataObject
) -> None:
    texts = st.one_of(ANY_TEXT, st.text(SIGNS_AND_SPACES, max_size=4))
    row = [
        data.draw(texts) if field.kind in (Kind.name, Kind.phone) else sample(field.column, 1)
        for field in crm_object.fields
    ]
    with TemporaryDirectory() as folder:
        write_object([row], Path(folder), crm, crm_object, AS_OF, notes.NOTHING)
        assert refusals_of_folder(Path(folder)) == {}


SIGNS_AND_SPACES = "=+-@\uff1d\t\r\n \u00a0\u200b;x"


def sample(column: str, number: int) -> Value:
    """A value of a column as a model has it, another one for each number."""
    values: dict[str, Value] = {
        "email": f"anna{number}@acme.com",
        "domain": f"acme{number}.com",
        "company_domain": "acme.com",
        "website": f"acme{number}.com",
        "intent_band": "warm",
        "intent_score": 60,
        "people_count": 12_345,
        "active_people_14d": 2,
        "owner_email": None,
        "is_customer": False,
        "can_email": True,
        "has_opted_out_of_email": None,
        "last_seen_date": date(2026, 6, 29),
        "as_of_date": AS_OF,
        "idempotency_key": f"{number:032x}",
        "row_fingerprint": "f" * 32,
    }
    return values.get(column, f"Text {number}")


def sample_rows(crm_object: CrmObject, count: int) -> list[Sequence[Value]]:
    return [
        [sample(field.column, number) for field in crm_object.fields] for number in range(count)
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('=HYPERLINK("http://evil.example")', 'HYPERLINK("http://evil.example")'),
        ("\u200b =\u00a0+cmd|' /C calc'!A0", "cmd|' /C calc'!A0"),
        ("a;=1+1", "a; 1+1"),
        ('Kim;"=1+1;Lee', "Kim; 1+1;Lee"),
        ("Zoë\n=1+1", "Zoë =1+1"),
        ("\uff1d1+1", "1+1"),
        ("=+-@", ""),
        ("  Anna \t Maria\r\n", "Anna Maria"),
        ("nul\x00bell\x07", "nul bell"),
        ("half \ud800", "half \ufffd"),
    ],
)
def test_a_formula_comes_through_as_text(text: str, written: str) -> None:
    assert plain_text(text) == written


@pytest.mark.parametrize(
    "name",
    ["O'Neil", "D\u2019Arcy", "Anna-Maria", "AT&T", "Müller & Söhne", "C++ GmbH", "李小龙",
     "علی\u200cرضا", "👩\u200d💻", "Viewed pricing 3 times on 8 Nov; 2 count", "a=b"],
)  # fmt: skip
def test_a_name_is_left_as_it_is(name: str) -> None:
    assert plain_text(name) == name


def test_what_was_cleaned_once_is_clean() -> None:
    for text in SAMPLES:
        assert plain_text(plain_text(text)) == plain_text(text)
        assert not is_formula(plain_text(text))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("+49 30 123-45", "+49 30 123-45"),
        (" (030)  123/45 ext. 6 ", "(030) 123/45 ext. 6"),
        ("+1x2", "+1x2"),
        ("+1+cmd|' /C calc'!A0", "1+cmd|' /C calc'!A0"),
        ("=1+1", "1+1"),
        ("-1", "1"),
    ],
)
def test_a_telephone_number_keeps_its_plus_and_is_no_formula(text: str, written: str) -> None:
    assert phone_number(text) == written


def test_half_a_telephone_number_is_none(tmp_path: Path) -> None:
    leads = SALESFORCE.objects[0]
    row = list(sample_rows(leads, 1)[0])
    row[leads.headers.index("Phone")] = "+49 " + "1" * 37
    row[leads.headers.index("LastName")] = "x" * 81
    write_object([row], tmp_path, SALESFORCE, leads, AS_OF, notes.NOTHING)
    [written] = rows_of(tmp_path / "salesforce_leads_2026-06-30.csv")
    assert written["Phone"] == ""
    assert written["LastName"] == "x" * 79 + "…"


def test_values_are_written_in_the_words_of_each_crm(published: Settings) -> None:
    hubspot, _ = export_crm(published, HUBSPOT)
    salesforce, _ = export_crm(published, SALESFORCE)
    anna, zoe = rows_of(hubspot / "hubspot_contacts_2026-06-30.csv")
    assert (anna["Email"], anna["Intent Customer"], anna["Intent Mail Allowed"]) == (
        "anna@acme.com", "false", "true",
    )  # fmt: skip
    assert (zoe["Intent Owner"], zoe["Intent Score"]) == ("kim@example.com", "20")
    assert zoe["Intent Last Seen"] == "2026-06-29"
    leads = rows_of(salesforce / "salesforce_leads_2026-06-30.csv")
    assert [lead["HasOptedOutOfEmail"] for lead in leads] == ["", "TRUE"]
    assert [lead["LastName"] for lead in leads] == ["Ames", "(unknown)"]
    acme = rows_of(salesforce / "salesforce_accounts_2026-06-30.csv")[0]
    assert acme["Name"] == 'HYPERLINK("http://evil.example")'
    assert acme["Intent_Customer__c"] == "FALSE"


def test_a_name_of_nothing_but_signs_is_unknown_where_one_is_required(tmp_path: Path) -> None:
    leads = SALESFORCE.objects[0]
    row = list(sample_rows(leads, 1)[0])
    for header in ("FirstName", "LastName", "Company"):
        row[leads.headers.index(header)] = "=-"
    write_object([row], tmp_path, SALESFORCE, leads, AS_OF, notes.NOTHING)
    [written] = rows_of(tmp_path / "salesforce_leads_2026-06-30.csv")
    assert [written[name] for name in ("FirstName", "LastName", "Company")] == [
        "", "(unknown)", "(unknown)",
    ]  # fmt: skip


def test_keys_are_unique_over_all_objects_and_the_same_in_the_next_export(
    published: Settings,
) -> None:
    def keys() -> dict[str, list[str]]:
        return {
            path.name.removesuffix(f"_{path.parent.name}.csv"): [
                row[header] for row in rows_of(path)
            ]
            for crm, header in ((HUBSPOT, "Intent Key"), (SALESFORCE, "Intent_Key__c"))
            for path in export_crm(published, crm)[0].glob("*s_20*.csv")
            if "changes" not in path.name
        }

    first = keys()
    assert len({key for each in first.values() for key in each}) == 8
    publish_again(published, JULY_1, "update marts.sync_hubspot_contacts set intent_score = 1")
    assert {name: set(each) for name, each in keys().items()} == {
        name: set(each) for name, each in first.items()
    }


def test_a_table_is_cut_where_the_importer_takes_no_more(tmp_path: Path) -> None:
    contacts = HUBSPOT.objects[0]
    narrow = replace(HUBSPOT, most_rows=2)
    write_object(sample_rows(contacts, 5), tmp_path, narrow, contacts, AS_OF, notes.NOTHING)
    files = [tmp_path / f"hubspot_contacts_2026-06-30{part}.csv" for part in ("", "_2", "_3")]
    assert [len(rows_of(path)) for path in files] == [2, 2, 1]
    assert len({row["Email"] for path in files for row in rows_of(path)}) == 5
    assert refusals_of_folder(tmp_path) == {}


def test_a_table_is_cut_where_a_file_would_be_too_large(tmp_path: Path) -> None:
    contacts = HUBSPOT.objects[0]
    # below the headers of 233 bytes there is room for two rows
    narrow = replace(HUBSPOT, most_bytes=700)
    write_object(sample_rows(contacts, 9), tmp_path, narrow, contacts, AS_OF, notes.NOTHING)
    files = sorted(tmp_path.glob("hubspot_contacts_2026*.csv"))
    assert [len(rows_of(path)) for path in files] == [2, 2, 2, 2, 1]
    assert [path.name for path in files if path.stat().st_size > 700] == []


def test_parts_that_are_needed_no_more_go(published: Settings) -> None:
    folder, _ = export_crm(published, replace(HUBSPOT, most_rows=1))
    assert (folder / "hubspot_contacts_2026-06-30_2.csv").exists()
    export_crm(published, HUBSPOT)
    assert list(folder.glob("*_2.csv")) == []
    assert list((published.exports / "latest" / "hubspot").glob("*_2.csv")) == []


def test_where_a_run_was_killed_before_its_note_the_export_is_missing_and_written_again(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(folder_of_a_crm, "write_note", killed)
    with pytest.raises(KeyboardInterrupt):
        export_crm(published, HUBSPOT)
    [export] = [each for each in EXPORTS if each.name == "hubspot"]
    assert export.is_missing(published, AS_OF)
    monkeypatch.undo()
    export.write(published)
    assert not export.is_missing(published, AS_OF)
    assert notes.noted_dates(published, "hubspot") == [AS_OF]
    for file in (published.exports / "latest" / "hubspot").glob("hubspot_companies_2*"):
        file.unlink()
    assert export.is_missing(published, AS_OF)


def test_the_ui_shows_each_file_with_its_rows(published: Settings) -> None:
    assert crm_in_markdown(published, HUBSPOT).count("\n") == 1
    export_crm(published, HUBSPOT)
    assert "contacts\\_changes\\_2026-06-30\\.csv | 2 |" in crm_in_markdown(published, HUBSPOT)


def test_nothing_is_left_behind_where_nothing_is_published(settings: Settings) -> None:
    with pytest.raises(UserError, match="Nothing is published yet"):
        export_crm(settings, HUBSPOT)
    assert not settings.exports.exists()
