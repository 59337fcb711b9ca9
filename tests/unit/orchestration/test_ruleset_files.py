"""Which files somebody may propose as scoring rules, and what is said of others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT
from orchestration.dbt.process import DbtFailed
from orchestration.rulesets.files import SEEDS, proposal_in, write_project
from orchestration.rulesets.refusals import refusal

RULES = PROJECT_ROOT / SEEDS["scoring_rules"]
OTHER = "seeds/identity/identity_limits.csv"


def test_seeds_are_found_by_their_names_wherever_they_lie(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    shutil.copy(RULES, tmp_path / "deep" / "er" / "scoring_rules.csv")
    shutil.copy(PROJECT_ROOT / SEEDS["page_classes"], tmp_path / "page_classes.csv")
    (tmp_path / "README.md").write_text("why")
    assert set(proposal_in(tmp_path).files) == {"scoring_rules", "page_classes"}


def test_the_projects_own_folder_of_seeds_is_a_proposal() -> None:
    assert set(proposal_in(PROJECT_ROOT / "seeds").files) == set(SEEDS)


def test_every_seed_of_the_list_is_one_of_the_project() -> None:
    assert [path for path in SEEDS.values() if not (PROJECT_ROOT / path).exists()] == []


def test_without_any_it_says_which_there_may_be(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no scoring seed; .*scoring_rules\.csv, .*page_cl"):
        proposal_in(tmp_path)
    with pytest.raises(UserError, match=r"is no folder; name one that holds scoring_rules\.csv"):
        proposal_in(tmp_path / "absent")


def test_what_is_no_seed_of_the_project_is_named(tmp_path: Path) -> None:
    shutil.copy(RULES, tmp_path)
    (tmp_path / "scoring_rule.csv").write_text("rule_id\n")
    with pytest.raises(UserError, match=r"scoring_rule\.csv is no scoring seed; take it out"):
        proposal_in(tmp_path)


def test_another_seed_may_lie_there_only_as_it_is(tmp_path: Path) -> None:
    shutil.copy(RULES, tmp_path)
    shutil.copy(PROJECT_ROOT / OTHER, tmp_path)
    assert set(proposal_in(tmp_path).files) == {"scoring_rules"}
    with (tmp_path / "identity_limits.csv").open("a") as file:
        file.write("phone,3\n")
    with pytest.raises(UserError, match=f"identity_limits.csv differs from {OTHER}"):
        proposal_in(tmp_path)


def test_a_seed_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    for folder in (tmp_path, tmp_path / "old"):
        shutil.copy(RULES, folder)
    with pytest.raises(UserError, match="are the same seed; keep one of them"):
        proposal_in(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"has the columns \(none\); it needs band, minimum_score"),
        (b"band,score\nhot,70\n", "has the columns band, score; it needs band, minimum_score"),
        (b"band,minimum_score\n\xff,70\n", "cannot be read as CSV in UTF-8"),
    ],
)
def test_a_file_of_other_columns_or_bytes_is_refused_before_anything_long(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "score_bands.csv").write_bytes(content)
    with pytest.raises(UserError, match=words):
        proposal_in(tmp_path)


def test_the_written_project_has_the_proposed_file_and_the_others_as_they_are(
    tmp_path: Path,
) -> None:
    (tmp_path / "score_bands.csv").write_text("minimum_score,band\n0,cold\n")
    proposal = proposal_in(tmp_path)
    write_project(tmp_path / "project", proposal)
    written = tmp_path / "project"
    assert (written / SEEDS["score_bands"]).read_text() == "minimum_score,band\n0,cold\n"
    for name in (SEEDS["scoring_rules"], OTHER, "dbt_project.yml", "profiles.yml"):
        assert (written / name).read_bytes() == (PROJECT_ROOT / name).read_bytes()


def refused(target: Path, count: int) -> str:
    """What is said where so many tests of dbt's have failed."""
    nodes = {
        f"test.shop.{number}": {
            "unique_id": f"test.shop.{number}", "name": f"assert_{number}", "resource_type": "test",
            "original_file_path": "tests/dbt/a.sql", "depends_on": {"nodes": []},
            "raw_code": "-- Of rules.",
        }
        for number in range(count)
    }  # fmt: skip
    (target / "manifest.json").write_text(json.dumps({"nodes": nodes, "parent_map": {}}))
    found = [{"unique_id": name, "status": "fail", "failures": 2, "message": ""} for name in nodes]
    passed = {"unique_id": "seed.shop.rules", "status": "success", "message": ""}
    (target / "run_results.json").write_text(json.dumps({"results": [passed, *found]}))
    return str(refusal(DbtFailed(["dbt's own words"], target / "dbt.log"), target))


def test_what_dbt_refuses_is_told_in_plain_words(tmp_path: Path) -> None:
    assert refused(tmp_path, 1) == (
        "These rules make no sense: test assert_0 found 2 rows that should not be there"
        " (tests/dbt/a.sql): Of rules."
    )


def test_of_many_refusals_five_are_told_and_the_others_counted(tmp_path: Path) -> None:
    said = refused(tmp_path, 7)
    assert said.count("; ") == 5
    assert said.endswith("; and 2 more")


def test_where_dbt_leaves_nothing_its_own_words_are_told(tmp_path: Path) -> None:
    error = DbtFailed(["Parsing\nError"], tmp_path / "dbt.log")
    assert str(refusal(error, tmp_path)).endswith("no sense: Parsing Error")
