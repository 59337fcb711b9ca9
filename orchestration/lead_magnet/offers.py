"""An offer as the seeds of seeds/lead_magnet/ describe it: questions, answers, advice, levels."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds" / "lead_magnet"


@dataclass(frozen=True)
class Answer:
    """One of the answers to choose from."""

    answer_id: str
    text: str
    points: int


@dataclass(frozen=True)
class Advice:
    """What to do about a question whose answer gave no more than `up_to_points`."""

    up_to_points: int
    title: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question, its answers in their order, and what is advised."""

    question_id: str
    dimension_id: str
    text: str
    hint: str
    answers: tuple[Answer, ...]
    advice: Advice | None

    @property
    def most_points(self) -> int:
        """What the best answer gives."""
        return max(answer.points for answer in self.answers)

    def answer(self, answer_id: str) -> Answer | None:
        """The answer of this id, if it is one of this question's."""
        return next((each for each in self.answers if each.answer_id == answer_id), None)


@dataclass(frozen=True)
class Dimension:
    """What several questions are about, with a sentence for the strong and one for the weak."""

    dimension_id: str
    name: str
    strength: str
    gap: str


@dataclass(frozen=True)
class Level:
    """What a score of at least `minimum_score` is called."""

    minimum_score: int
    name: str
    summary: str


@dataclass(frozen=True)
class Offer:
    """A scored self-assessment; all texts are plain text."""

    offer_id: str
    title: str
    teaser: str
    call_to_action: str
    minutes: int
    introduction: str
    respondents: str
    """Who the benchmark compares with: a plural such as "B2B companies"."""
    method: str
    booking_label: str
    booking_pitch: str
    booking_url: str
    """A template: {full_name}, {email}, {company_name} and {offer_id} are filled in, URL-quoted;
    empty where no call is offered."""
    dimensions: tuple[Dimension, ...]
    questions: tuple[Question, ...]
    levels: tuple[Level, ...]
    """From the lowest on."""

    def question(self, question_id: str) -> Question | None:
        """The question of this id, if it is one of this offer's."""
        return next((each for each in self.questions if each.question_id == question_id), None)


def read_offers(seeds: Path = SEEDS) -> dict[str, Offer]:
    """All offers, by id, in the order of the seed. Raises UserError where a seed cannot be used."""
    dimensions, questions = _rows(seeds, "offer_dimensions"), _rows(seeds, "offer_questions")
    answers, advice = _rows(seeds, "offer_answers"), _rows(seeds, "offer_advice")
    levels = _rows(seeds, "offer_levels")
    offers = {}
    for row in _rows(seeds, "offers"):
        offer_id = row["offer_id"]
        offers[offer_id] = Offer(
            offer_id=offer_id,
            title=row["title"],
            teaser=row["teaser"],
            call_to_action=row["call_to_action"],
            minutes=_whole(row["minutes"], "offers", "minutes"),
            introduction=row["introduction"],
            respondents=row["respondents"],
            method=row["method"],
            booking_label=row["booking_label"],
            booking_pitch=row["booking_pitch"],
            booking_url=row["booking_url"],
            dimensions=tuple(
                Dimension(each["dimension_id"], each["dimension"], each["strength"], each["gap"])
                for each in _of(dimensions, offer_id, "offer_dimensions")
            ),
            questions=tuple(
                _question(each, answers, advice)
                for each in _of(questions, offer_id, "offer_questions")
            ),
            levels=tuple(
                sorted(
                    (
                        Level(
                            _whole(each["minimum_score"], "offer_levels", "minimum_score"),
                            each["level"],
                            each["summary"],
                        )
                        for each in levels
                        if each["offer_id"] == offer_id
                    ),
                    key=lambda level: level.minimum_score,
                )
            ),
        )
        _check(offers[offer_id])
    return offers


def _question(
    row: dict[str, str], answers: list[dict[str, str]], advice: list[dict[str, str]]
) -> Question:
    key = (row["offer_id"], row["question_id"])
    own_answers = [each for each in answers if (each["offer_id"], each["question_id"]) == key]
    own_advice = [each for each in advice if (each["offer_id"], each["question_id"]) == key]
    return Question(
        question_id=row["question_id"],
        dimension_id=row["dimension_id"],
        text=row["question"],
        hint=row["hint"],
        answers=tuple(
            Answer(
                each["answer_id"],
                each["answer"],
                _whole(each["points"], "offer_answers", "points"),
            )
            for each in _in_order(own_answers, "offer_answers")
        ),
        advice=next(
            (
                Advice(
                    _whole(each["up_to_points"], "offer_advice", "up_to_points"),
                    each["title"],
                    each["advice"],
                )
                for each in own_advice
            ),
            None,
        ),
    )


def _of(rows: list[dict[str, str]], offer_id: str, seed: str) -> list[dict[str, str]]:
    return _in_order([row for row in rows if row["offer_id"] == offer_id], seed)


def _in_order(rows: list[dict[str, str]], seed: str) -> list[dict[str, str]]:
    return sorted(rows, key=lambda row: _whole(row["position"], seed, "position"))


def _check(offer: Offer) -> None:
    known = {dimension.dimension_id for dimension in offer.dimensions}
    if not offer.questions:
        raise _bad("offer_questions", f"has no question of the offer {offer.offer_id!r}")
    for question in offer.questions:
        if question.dimension_id not in known:
            raise _bad(
                "offer_questions",
                f"has {question.dimension_id!r}, which offer_dimensions does not know",
            )
        if not question.answers or question.most_points == 0:
            raise _bad(
                "offer_answers", f"has no answer to {question.question_id!r} that gives points"
            )
    if not offer.levels or offer.levels[0].minimum_score != 0:
        raise _bad("offer_levels", f"has no level from 0 on of the offer {offer.offer_id!r}")


class _Row(dict[str, str]):
    """A line of a seed; a column that is not there is a mistake of whoever wrote the seed."""

    def __init__(self, seed: str, columns: dict[str, str]) -> None:
        super().__init__(columns)
        self._seed = seed

    def __missing__(self, column: str) -> str:
        raise _bad(self._seed, f"has no column {column}; part columns with commas")


def _rows(seeds: Path, name: str) -> list[dict[str, str]]:
    try:
        with (seeds / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return [_Row(name, row) for row in csv.DictReader(file)]
    except UnicodeDecodeError:
        raise _bad(name, "is not in UTF-8; save it as CSV UTF-8") from None


def _whole(text: str, seed: str, column: str) -> int:
    if not text.isdecimal():
        raise _bad(seed, f"has {text!r} in {column}; give a whole number, 0 or more")
    return int(text)


def _bad(seed: str, what: str) -> UserError:
    return UserError(f"seeds/lead_magnet/{seed}.csv {what}")
