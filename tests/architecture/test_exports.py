"""What leaves for sales and the models that it is made of agree."""

from __future__ import annotations

import csv

import yaml

from ingestion.settings import PROJECT_ROOT
from orchestration.exports.columns import BANDS, SALES_TABLES
from orchestration.exports.crm.objects import CRMS, UNKNOWN
from orchestration.exports.everything import EXPORTS
from tests.architecture.built_project import BuiltProject


def seed(path: str) -> list[dict[str, str]]:
    with (PROJECT_ROOT / "seeds" / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_sales_table_has_exactly_the_columns_of_its_mart(project: BuiltProject) -> None:
    differing = {
        table.name: set(table.headings) ^ set(project.relation_columns[f"marts.{table.mart}"])
        for table in SALES_TABLES
        if table.mart
    }
    assert len(differing) == 6
    assert {name: columns for name, columns in differing.items() if columns} == {}


def test_an_object_of_a_crm_has_exactly_the_columns_of_its_model(project: BuiltProject) -> None:
    differing = {
        each.name: {field.column for field in each.fields}
        ^ set(project.relation_columns[f"marts.sync_{each.name}"])
        for crm in CRMS
        for each in crm.objects
    }
    assert len(differing) == 4
    assert {name: columns for name, columns in differing.items() if columns} == {}


def test_a_crm_is_an_exposure_of_the_models_of_its_objects(project: BuiltProject) -> None:
    exposures = {node["name"]: node for node in project.manifest["exposures"].values()}
    for crm in CRMS:
        read = exposures[f"sales_{crm.name}"]["depends_on"]["nodes"]
        assert {name.split(".")[-1] for name in read} == {f"sync_{o.name}" for o in crm.objects}


def test_every_field_of_a_crm_is_in_its_mapping_table() -> None:
    text = (PROJECT_ROOT / "docs" / "crm.md").read_text(encoding="utf-8")
    for crm in CRMS:
        for each in crm.objects:
            _, _, section = text.partition(f"\n### `{each.name}_…`\n")
            rows = section.partition("\n#")[0].splitlines()
            shown = [row.split("`")[1] for row in rows if row.startswith("| `")]
            assert shown == each.headers


def test_a_lead_without_a_name_is_called_the_same_by_model_and_export() -> None:
    text = (PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["vars"]["crm_unknown"] == UNKNOWN


def test_every_column_for_sales_has_a_meaning(project: BuiltProject) -> None:
    without = [
        f"{table.name}.{column.name}"
        for table in SALES_TABLES
        for column in table.columns
        if bool(column.meaning) is bool(table.mart)
    ]
    assert without == []


def test_every_export_is_an_exposure_of_what_it_reads(project: BuiltProject) -> None:
    exposures = {node["name"]: node for node in project.manifest["exposures"].values()}
    named_otherwise = {"briefs": "account_briefs", "overview": "overview"}
    names = {named_otherwise.get(export.name, f"sales_{export.name}") for export in EXPORTS}
    assert names <= set(exposures)
    for table in SALES_TABLES:
        read = {
            name.split(".")[-1] for name in exposures[f"sales_{table.name}"]["depends_on"]["nodes"]
        }
        assert (table.mart or "sync_people") in read
    briefs = exposures["account_briefs"]["depends_on"]["nodes"]
    reports = [
        node["unique_id"]
        for node in project.nodes("model")
        if node["name"].startswith("rpt_account_")
    ]
    assert sorted(briefs) == sorted(reports)
    shown = {
        node["unique_id"]
        for node in project.nodes("model")
        if node["name"].startswith("rpt_overview_")
    }
    assert shown <= set(exposures["overview"]["depends_on"]["nodes"])


def test_the_published_file_is_an_exposure_of_every_mart(project: BuiltProject) -> None:
    exposures = {node["name"]: node for node in project.manifest["exposures"].values()}
    marts = [n["unique_id"] for n in project.nodes("model") if n["database"] == "published"]
    assert sorted(exposures["analytics_file"]["depends_on"]["nodes"]) == sorted(marts)


def test_every_rule_has_an_opening_line_of_its_own() -> None:
    lines = {row["rule_id"]: row["opening_line"] for row in seed("scoring/opening_lines.csv")}
    rules = {row["rule_id"] for row in seed("scoring/scoring_rules.csv")}
    assert set(lines) == rules | {"any_other"}
    assert [
        rule for rule, line in lines.items() if "{name}" not in line or "{day}" not in line
    ] == []


def test_the_bands_that_are_coloured_are_those_of_the_seed() -> None:
    rows = sorted(seed("scoring/score_bands.csv"), key=lambda row: float(row["minimum_score"]))
    assert tuple(row["band"] for row in rows) == BANDS
    assert {row["band"] for row in seed("scoring/brief_bands.csv")} == {"hot", "warm"}
