"""What a mini-report says, as text: the same for the page, the PDF and the mail.

It knows answers alone: nothing of what was tracked, and no lead score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from orchestration.exports.pages import count, day
from orchestration.exports.texts import readable
from orchestration.lead_magnet.assessment import STRONG_FROM, Assessment, DimensionScore
from orchestration.lead_magnet.offers import Offer

BENCHMARK_MINIMUM = 20
"""Respondents; an average of fewer could tell what one of them answered."""

# The most letters that are shown; a text that is longer ends in an ellipsis. With them the PDF has
# two pages at most, whatever is put into the form and whichever words into the seeds.
NAME_LIMIT = 80
LABEL_LIMIT = 40
TITLE_LIMIT = 100
SENTENCE_LIMIT = 180
ADVICE_LIMIT = 260
METHOD_LIMIT = 400
DIMENSION_LIMIT = 8

_BIDI_CONTROLS = dict.fromkeys(
    (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_NUMBERS = {1: "One", 2: "Two", 3: "Three"}


@dataclass(frozen=True)
class Benchmark:
    """The average of all respondents, in whole percent."""

    respondent_count: int
    score: int
    dimensions: Mapping[str, int]
    """dimension_id to score."""


@dataclass(frozen=True)
class MiniReport:
    """What one report is made of."""

    offer: Offer
    assessment: Assessment
    full_name: str
    company_name: str
    requested_on: date
    benchmark: Benchmark | None
    """None, and one of fewer than 20 respondents, is not shown."""
    booking_url: str | None
    """The tracked redirect; None: not qualified, and no booking is shown."""
    report_url: str | None
    """Where the page is on the web, for the PDF to link to."""
    publisher: str = ""
    """Whose report it is, as visitors know them; empty: not said."""


@dataclass(frozen=True)
class Bar:
    """A dimension; `average` is None where it is not shown."""

    name: str
    score: int
    average: int | None


@dataclass(frozen=True)
class Point:
    """A strength, a gap or a quick win."""

    title: str
    text: str


@dataclass(frozen=True)
class Contents:
    """All texts of a report, each on one line and harmless wherever it is put as text."""

    offer_id: str
    title: str
    names: tuple[str, ...]
    """Of the person and the company: none, one or two."""
    requested_on: str
    score: int
    level: str
    summary: str
    average: int | None
    comparison: str
    """A sentence; empty without a benchmark."""
    average_of: str
    """Whose average it is; empty without a benchmark."""
    bars: tuple[Bar, ...]
    strengths: tuple[Point, ...]
    no_strength: str
    gaps: tuple[Point, ...]
    no_gap: str
    wins_title: str
    wins: tuple[Point, ...]
    no_win: str
    booking_pitch: str
    booking_label: str
    booking_url: str
    """Empty where no call is offered; the other two are then empty too."""
    method: str
    benchmark_note: str
    report_url: str
    publisher: str
    """Empty where it is not said."""

    @property
    def document_title(self) -> str:
        """What a window or a list of files shows."""
        return f"{self.title} {', '.join(self.names)}".rstrip()


def contents_of(report: MiniReport) -> Contents:
    """The texts of a report. Raises ValueError for a link that is none to the web."""
    offer, assessment = report.offer, report.assessment
    benchmark = _shown(report.benchmark)
    booking_url = web_link(report.booking_url)
    count_of_wins = len(assessment.quick_wins)
    respondents = harmless(offer.respondents, LABEL_LIMIT)
    averages = benchmark.dimensions if benchmark else {}
    return Contents(
        offer_id=offer.offer_id,
        title=harmless(offer.title, TITLE_LIMIT),
        names=tuple(
            name
            for each in (report.full_name, report.company_name)
            if (name := harmless(each, NAME_LIMIT))
        ),
        requested_on=day(report.requested_on),
        score=assessment.score,
        level=harmless(assessment.level.name, LABEL_LIMIT),
        summary=harmless(assessment.level.summary, SENTENCE_LIMIT),
        average=benchmark.score if benchmark else None,
        comparison=_comparison(assessment.score, benchmark, respondents),
        average_of=f"{benchmark.respondent_count:,} {respondents}" if benchmark else "",
        bars=tuple(
            Bar(
                harmless(each.dimension.name, LABEL_LIMIT),
                each.score,
                averages.get(each.dimension.dimension_id),
            )
            for each in assessment.dimensions[:DIMENSION_LIMIT]
        ),
        strengths=_points(assessment.strengths, are_strong=True),
        no_strength=f"None yet: no part reaches {STRONG_FROM} of 100.",
        gaps=_points(assessment.gaps, are_strong=False),
        no_gap=f"None: every part reaches {STRONG_FROM} of 100 or more.",
        wins_title=(
            f"{_NUMBERS.get(count_of_wins, '')} quick {'win' if count_of_wins == 1 else 'wins'}"
        )
        .strip()
        .capitalize(),
        wins=tuple(
            Point(harmless(each.title, LABEL_LIMIT), harmless(each.text, ADVICE_LIMIT))
            for each in assessment.quick_wins
        ),
        no_win="Nothing to add: your answers are where our advice would take you.",
        booking_pitch=harmless(offer.booking_pitch, SENTENCE_LIMIT) if booking_url else "",
        booking_label=harmless(offer.booking_label, LABEL_LIMIT) if booking_url else "",
        booking_url=booking_url,
        method=harmless(offer.method, METHOD_LIMIT),
        benchmark_note=(
            f"The average is of {benchmark.respondent_count:,} {respondents} that answered the same"
            " questions."
            if benchmark
            else f"An average to compare with is shown once {BENCHMARK_MINIMUM} have answered."
        ),
        report_url=web_link(report.report_url),
        publisher=harmless(report.publisher, NAME_LIMIT),
    )


def harmless(text: str, limit: int) -> str:
    """`text` on one line, of at most `limit` letters; empty where there is nothing to see.

    Without the characters that turn the direction of what follows them: a name could else rewrite
    the sentence that it stands in.
    """
    line = " ".join(readable(text.translate(_BIDI_CONTROLS)).split())
    if not any(letter.isprintable() and not letter.isspace() for letter in line):
        return ""
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def web_link(url: str | None) -> str:
    """`url`, which is one of ours; empty for None. Raises ValueError where it leads elsewhere."""
    if url is None:
        return ""
    is_path = url.startswith("/") and not url.startswith(("//", "/\\"))
    if not (is_path or url.startswith(("https://", "http://"))) or any(
        letter.isspace() or not letter.isprintable() for letter in url
    ):
        raise ValueError("a link of a report begins with https://, http:// or /, without spaces")
    return url


def _shown(benchmark: Benchmark | None) -> Benchmark | None:
    if benchmark is None or benchmark.respondent_count < BENCHMARK_MINIMUM:
        return None
    return benchmark


def _comparison(score: int, benchmark: Benchmark | None, respondents: str) -> str:
    if benchmark is None:
        return ""
    difference = score - benchmark.score
    of_whom = f"the average of {benchmark.respondent_count:,} {respondents}"
    if difference == 0:
        return f"That is {of_whom}."
    side = "above" if difference > 0 else "below"
    return f"{count(abs(difference), 'point')} {side} {of_whom}, which is {benchmark.score}."


def _points(scores: Sequence[DimensionScore], *, are_strong: bool) -> tuple[Point, ...]:
    return tuple(
        Point(
            harmless(each.dimension.name, LABEL_LIMIT),
            harmless(each.dimension.strength if are_strong else each.dimension.gap, SENTENCE_LIMIT),
        )
        for each in scores
    )
