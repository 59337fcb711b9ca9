"""A rule about what does not exist stops a refresh before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT
from orchestration.qualification_rules import (
    ANSWERS,
    BANDS,
    FLAGS,
    RULES,
    check_qualification_rules,
)

HEADER = "rule_id,offer_id,kind,question_id,accepted,reason"


OTHERS = {
    ANSWERS: [
        "offer_id,question_id,answer_id",
        "o,speed,hour",
        "o,speed,day",
        "o,proof,none",
        "other,size,big",
    ],
    BANDS: ["band,minimum_score", "hot,70", "warm,40", "cold,0"],
}


def rules(root: Path, *lines: str) -> Path:
    for path, written in {RULES: [HEADER, *lines], **OTHERS}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("\n".join([*written, ""]))
    return root


def refusals(root: Path) -> list[str]:
    with pytest.raises(UserError) as raised:
        check_qualification_rules(root)
    return str(raised.value).splitlines()


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
    assert refusals(root) == [
        f"{RULES}, line {line}: the rule {rule} is about the flag {flag!r}, which nobody has;"
        " write one of competitor, job_seeker, student, customer, cannot_email into accepted"
        for line, rule, flag in ((3, "b", "costumer"), (5, "d", ""))
    ]


@pytest.mark.parametrize(
    "accepted", ["hot, warm", "hot,warm", "hot|warm", "Hot Warm", "hott", "hot warn", "", " "]
)
def test_bands_that_nobody_can_be_in_are_refused_with_those_there_are(
    tmp_path: Path, accepted: str
) -> None:
    root = rules(tmp_path, "a,o,band,,hot,r", f'b,o,band,,"{accepted}",r')
    assert refusals(root) == [
        f"{RULES}, line 3: the rule b accepts the bands {accepted!r}, which are none; write those"
        " that you mean of hot, warm, cold into accepted, with nothing but a space between two"
    ]


@pytest.mark.parametrize("accepted", ["10%", "", "101", "-1", "ten", "59.5", "1e1", "٣"])
def test_a_score_that_is_no_whole_percent_is_refused(tmp_path: Path, accepted: str) -> None:
    root = rules(tmp_path, f"a,o,minimum_score,,{accepted},r")
    assert refusals(root) == [
        f"{RULES}, line 2: the rule a asks for a score of {accepted!r}; write a whole number from"
        " 0 to 100 into accepted, without a sign of percent"
    ]


@pytest.mark.parametrize("question", ["", "Speed", "size"])
def test_a_question_that_the_offer_does_not_ask_is_refused_with_its_own(
    tmp_path: Path, question: str
) -> None:
    root = rules(tmp_path, f"a,o,answer,{question},hour,r")
    assert refusals(root) == [
        f"{RULES}, line 2: the rule a is about the question {question!r}, which the offer o does"
        " not ask; write one of speed, proof into question_id"
    ]


@pytest.mark.parametrize("accepted", ["", "none", "hour,day", "hour Day", "hour none"])
def test_an_answer_that_the_question_does_not_have_is_refused_with_its_own(
    tmp_path: Path, accepted: str
) -> None:
    root = rules(tmp_path, f'a,o,answer,speed,"{accepted}",r')
    assert refusals(root) == [
        f"{RULES}, line 2: the rule a accepts {accepted!r}, which the question speed cannot be"
        " answered with; write those that you mean of hour, day into accepted, with nothing but a"
        " space between two"
    ]


def test_an_answer_to_an_offer_without_any_is_refused(tmp_path: Path) -> None:
    root = rules(tmp_path, "a,empty,answer,speed,hour,r")
    assert refusals(root) == [
        f"{RULES}, line 2: the rule a is about an answer, and the offer empty has none in"
        f" {ANSWERS}; add them there, or take the rule out"
    ]


def test_rules_that_somebody_can_meet_are_let_through(tmp_path: Path) -> None:
    root = rules(
        tmp_path,
        "a,o,band,,warm hot,r",
        "b,o,band,,hot  cold,r",
        "c,o,minimum_score,,0,r",
        "d,o,minimum_score,,100,r",
        "e,o,answer,speed,day hour,r",
        "f,o,answer,proof,none,r",
        "g,other,answer,size,big,r",
        "h,o,company_address,,,r",
        "i,o,company_address",
    )
    check_qualification_rules(root)
    assert (root / RULES).read_text().count("\n") == 10


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
