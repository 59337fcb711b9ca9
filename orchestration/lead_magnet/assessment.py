"""What the answers come to. fct_lead_magnet_requests and its dimensions say the same in SQL, for
analysts; this one is for the page that shows a report before the next refresh.

A share is the points reached over the most points that could be, as a whole percent, half up;
an unanswered question gives none. Without a single valid answer there is no score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestration.lead_magnet.offers import Advice, Dimension, Level, Offer, Question

STRONG_FROM = 67
"""A dimension of at least so many percent is a strength, of fewer a gap."""
MOST_NAMED = 2
"""Strengths, and gaps, that a report names."""
MOST_ADVICE = 3


@dataclass(frozen=True)
class DimensionScore:
    """A dimension and the share of its points, in whole percent."""

    dimension: Dimension
    score: int


@dataclass(frozen=True)
class Assessment:
    """A score with its parts; `score` is a whole percent."""

    score: int
    level: Level
    dimensions: tuple[DimensionScore, ...]
    """In the order of the offer."""
    strengths: tuple[DimensionScore, ...]
    """The strongest first."""
    gaps: tuple[DimensionScore, ...]
    """The weakest first."""
    quick_wins: tuple[Advice, ...]
    """Of the questions that most points were lost by."""


def assess(offer: Offer, answers: Mapping[str, str]) -> Assessment | None:
    """The assessment of `answers` (question_id to answer_id); None without a valid answer.

    What is no question or no answer of the offer is passed over.
    """
    points = {
        question.question_id: given.points
        for question in offer.questions
        if (given := question.answer(answers.get(question.question_id, ""))) is not None
    }
    if not points:
        return None
    scores = tuple(
        DimensionScore(
            dimension,
            _share(
                (each for each in offer.questions if each.dimension_id == dimension.dimension_id),
                points,
            ),
        )
        for dimension in offer.dimensions
    )
    score = _share(offer.questions, points)
    strong = [each for each in scores if each.score >= STRONG_FROM]
    weak = [each for each in scores if each.score < STRONG_FROM]
    return Assessment(
        score=score,
        level=next(level for level in reversed(offer.levels) if score >= level.minimum_score),
        dimensions=scores,
        # sorted keeps the order of the offer among equals
        strengths=tuple(sorted(strong, key=lambda each: -each.score)[:MOST_NAMED]),
        gaps=tuple(sorted(weak, key=lambda each: each.score)[:MOST_NAMED]),
        quick_wins=_quick_wins(offer, points),
    )


def _quick_wins(offer: Offer, points: Mapping[str, int]) -> tuple[Advice, ...]:
    lost = sorted(
        offer.questions,
        key=lambda question: points.get(question.question_id, 0) - question.most_points,
    )
    return tuple(
        question.advice
        for question in lost
        if question.advice is not None
        and points.get(question.question_id, 0) <= question.advice.up_to_points
    )[:MOST_ADVICE]


def _share(questions: Iterable[Question], points: Mapping[str, int]) -> int:
    """Whole percent, half up."""
    asked = list(questions)
    most = sum(question.most_points for question in asked)
    if most == 0:
        return 0  # a dimension that no question asks about
    reached = sum(points.get(question.question_id, 0) for question in asked)
    return (200 * reached + most) // (2 * most)
