"""Mini-reports to look at: of a small offer, of any text, and of the longest ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from orchestration.lead_magnet.assessment import assess
from orchestration.lead_magnet.offers import Advice, Answer, Dimension, Level, Offer, Question
from orchestration.reports.mini_report import Benchmark, MiniReport

REQUESTED_ON = date(2026, 6, 30)
BOOKING_URL = "https://site.example/b/booking-token"
REPORT_URL = "https://site.example/r/report-token"
ANSWERS = ("all", "some", "none")
BENCHMARK = Benchmark(143, 52, {"part-0": 61, "part-1": 38})


def offer_of(text: str | None = None, *, part_count: int = 2) -> Offer:
    """An offer whose parts have two questions each; all its texts are `text`, if one is given."""

    def or_text(own: str) -> str:
        return own if text is None else text

    parts = range(part_count)
    return Offer(
        offer_id="check",
        title=or_text("How well do you tie knots?"),
        teaser="not shown",
        call_to_action="not shown",
        minutes=3,
        introduction="not shown",
        respondents=or_text("sailing clubs"),
        method=or_text("Each answer gives 0 to 2 points."),
        booking_label=or_text("Sail with us"),
        booking_pitch=or_text("We show you the bowline."),
        booking_url="not shown",
        dimensions=tuple(
            Dimension(
                f"part-{part}",
                or_text(f"Part {part}"),
                or_text(f"Part {part} holds."),
                or_text(f"Part {part} slips."),
            )
            for part in parts
        ),
        questions=tuple(
            Question(
                f"question-{part}-{place}",
                f"part-{part}",
                "not shown",
                "not shown",
                tuple(Answer(name, "not shown", 2 - n) for n, name in enumerate(ANSWERS)),
                Advice(1, or_text(f"Do {part}.{place}"), or_text(f"How to do {part}.{place}.")),
            )
            for part in parts
            for place in range(2)
        ),
        levels=(
            Level(0, or_text("Landlubber"), or_text("Stay ashore.")),
            Level(50, or_text("Deckhand"), or_text("Nearly there.")),
        ),
    )


def report_of(
    text: str | None = None,
    answers: Sequence[str] = ("all", "some", "none", "some"),
    *,
    full_name: str = "Anna Schmidt",
    company_name: str = "Kestrel GmbH",
    benchmark: Benchmark | None = BENCHMARK,
    booking_url: str | None = BOOKING_URL,
    offer: Offer | None = None,
    publisher: str = "Harbour School",
) -> MiniReport:
    """A report of these answers, in the order of the questions; the names too are `text`."""
    offer = offer or offer_of(text)
    given = {
        question.question_id: answer
        for question, answer in zip(offer.questions, answers, strict=False)
    }
    assessment = assess(offer, given)
    assert assessment is not None
    return MiniReport(
        offer=offer,
        assessment=assessment,
        full_name=full_name if text is None else text,
        company_name=company_name if text is None else text,
        requested_on=REQUESTED_ON,
        benchmark=benchmark,
        booking_url=booking_url,
        report_url=REPORT_URL,
        publisher=publisher if text is None else text,
    )


def longest_report(name: str, word: str = "Wäscheständer ") -> MiniReport:
    """As much as there can be of everything: long words, and names of `name` over and over."""
    offer = offer_of(word * 100, part_count=12)
    benchmark = Benchmark(
        1_234_567, 52, {dimension.dimension_id: 50 for dimension in offer.dimensions}
    )
    return report_of(
        None,
        [*["all"] * 12, *["none"] * 12],
        offer=offer,
        full_name=name * 300,
        company_name=name * 300,
        publisher=name * 300,
        benchmark=benchmark,
    )
