"""A rule about a flag that does not exist stops a refresh before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT
from orchestration.qualification_rules import FLAGS, RULES, check_qualification_rules

HEADER = "rule_id,offer_id,kind,question_id,accepted,reason"


def rules(root: Path, *lines: str) -> Path:
    path = root / RULES
    path.parent.mkdir(parents=True)
    path.write_text("\n".join([HEADER, *lines, ""]))
    return root


def test_a_rule_about_an_unknown_flag_is_named_with_its_line_and_the_flags_there_are(
    tmp_path: Path,
) -> None:
    root = rules(
        tmp_path,
        "a,o,without_flag,,customer,r",
        "b,o,without_flag,,costumer,r",
        "c,o,band,,hot,r",
        "d,o,without_flag,,,r",
    )
    with pytest.raises(UserError) as raised:
        check_qualification_rules(root)
    assert str(raised.value).splitlines() == [
        f"{RULES}, line {line}: the rule {rule} is about the flag {flag!r}, which nobody has;"
        " write one of competitor, job_seeker, student, customer, cannot_email into accepted"
        for line, rule, flag in ((3, "b", "costumer"), (5, "d", ""))
    ]


def test_the_rules_that_are_shipped_can_be_asked(tmp_path: Path) -> None:
    check_qualification_rules()
    check_qualification_rules(rules(tmp_path))
    assert "without_flag" in (PROJECT_ROOT / RULES).read_text()


def test_the_flags_are_those_of_the_mart() -> None:
    path = PROJECT_ROOT / "dbt_project/models/marts/people/_people_flags__models.yml"
    [model] = [
        each
        for each in yaml.safe_load(path.read_text())["models"]
        if each["name"] == "fct_person_flags"
    ]
    [flag] = [each for each in model["columns"] if each["name"] == "flag"]
    [values] = [test["accepted_values"] for test in flag["data_tests"] if "accepted_values" in test]
    assert tuple(values["arguments"]["values"]) == FLAGS
