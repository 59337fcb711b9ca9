"""The rules by which a request qualifies (`seeds/lead_magnet/qualification_rules.csv`), read before
dbt starts: a rule about a flag that nobody has would hold for everybody, one that accepts no band,
answer or score that there is would hold for nobody, and nothing would show."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT

RULES = Path("seeds/lead_magnet/qualification_rules.csv")
ANSWERS = Path("seeds/lead_magnet/offer_answers.csv")
BANDS = Path("seeds/scoring/score_bands.csv")
FLAGS = ("competitor", "job_seeker", "student", "customer", "cannot_email")
"""What fct_person_flags knows."""

_Row = Mapping[str, str]


@dataclass(frozen=True)
class _Known:
    """What a rule can be about: bands, and the answers by offer and question."""

    bands: tuple[str, ...]
    answers: Mapping[str, Mapping[str, tuple[str, ...]]]


def check_qualification_rules(root: Path = PROJECT_ROOT) -> None:
    """Raises UserError with each line that asks for what there is not: `without_flag` for none of
    FLAGS, `band` or `answer` for a word that is no band or no answer to the question,
    `minimum_score` for what is no whole percent."""
    known = _known(root)
    problems = [
        f"{RULES}, line {line}: the rule {row['rule_id']} {problem}"
        for line, row in _rows(root / RULES)
        if (problem := _problem(row, known))
    ]
    if problems:
        raise UserError("\n".join(problems))


def _known(root: Path) -> _Known:
    answers: dict[str, dict[str, tuple[str, ...]]] = {}
    for _, row in _rows(root / ANSWERS):
        own = answers.setdefault(row["offer_id"], {})
        own[row["question_id"]] = (*own.get(row["question_id"], ()), row["answer_id"])
    return _Known(tuple(row["band"] for _, row in _rows(root / BANDS)), answers)


def _problem(row: _Row, known: _Known) -> str:
    """What is wrong with the rule, and what to write instead; '' where nothing is."""
    accepted = row["accepted"]
    match row["kind"]:
        case "without_flag" if accepted not in FLAGS:
            return (
                f"is about the flag {accepted!r}, which nobody has; write one of"
                f" {', '.join(FLAGS)} into accepted"
            )
        case "band" if not _are_words_of(known.bands, accepted):
            return (
                f"accepts the bands {accepted!r}, which are none; write those that you mean of"
                f" {', '.join(known.bands)} into accepted, with nothing but a space between two"
            )
        case "answer":
            return _problem_of_answer(row, known.answers.get(row["offer_id"], {}))
        case "minimum_score" if not re.fullmatch("[0-9]{1,2}|100", accepted, re.ASCII):
            return (
                f"asks for a score of {accepted!r}; write a whole number from 0 to 100 into"
                " accepted, without a sign of percent"
            )
    return ""


def _problem_of_answer(row: _Row, answers: Mapping[str, tuple[str, ...]]) -> str:
    question, accepted = row["question_id"], row["accepted"]
    if question not in answers:
        return (
            f"is about the question {question!r}, which the offer {row['offer_id']} does not ask;"
            f" write one of {', '.join(answers)} into question_id"
            if answers
            else f"is about an answer, and the offer {row['offer_id']} has none in {ANSWERS}; add"
            " them there, or take the rule out"
        )
    if not _are_words_of(answers[question], accepted):
        return (
            f"accepts {accepted!r}, which the question {question} cannot be answered with; write"
            f" those that you mean of {', '.join(answers[question])} into accepted, with nothing"
            " but a space between two"
        )
    return ""


def _are_words_of(known: Collection[str], accepted: str) -> bool:
    """Whether it is one or more of them with a space between two, as macro is_word_of reads it."""
    words = accepted.split(" ")
    return any(words) and all(word in known for word in words if word)


def _rows(path: Path) -> Iterator[tuple[int, _Row]]:
    """The rows of a seed with the number of their line; what is not written is ''."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            # of a line with too many cells the rest has no name
            yield reader.line_num, {name: row[name] or "" for name in reader.fieldnames or ()}
