"""What leaves for sales and the models that it is made of agree."""

from __future__ import annotations

import csv

from ingestion.settings import PROJECT_ROOT
from orchestration.exports.columns import BANDS, SALES_TABLES
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
    assert len(differing) == 5
    assert {name: columns for name, columns in differing.items() if columns} == {}


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
