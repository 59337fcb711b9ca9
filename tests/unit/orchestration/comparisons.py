"""Comparisons of rules made by hand, for tests of what is told of them."""

from __future__ import annotations

from datetime import date

from orchestration.rulesets.comparison import (
    Cell,
    Change,
    Comparison,
    Flow,
    Mover,
    Moves,
    Square,
)

NOBODY = Moves(total=0, mean_change=0.0, flows=[], movers=[], squares=[])
RULES = "seeds/scoring/scoring_rules.csv"


def mover(number: int, text: str = "", *, score_after: float = 45.0, band: str = "warm") -> Mover:
    """Somebody who was cool at 30; every name and reason is `text` where one is given."""
    return Mover(
        id=f"id-{number}",
        name=text or f"person{number}@acme.example",
        band_before="cool",
        band_after=band,
        score_before=30.0,
        score_after=score_after,
        reason_before=None,
        reason_after=text or "Viewed pricing on 7 Jun",
    )


def comparison_of(text: str = "", movers: int = 30) -> Comparison:
    """So many people who become warm, one account that stays, a rule that differs and one that is
    new; what comes out of a log or a file is `text` where one is given."""
    people = Moves(
        total=movers + 1,
        mean_change=14.5,
        flows=[Flow("cool", "cool", 1), Flow("cool", "warm", movers)],
        movers=[mover(number, text) for number in range(movers)],
        squares=[Square(30, 30, 0, 1), Square(30, 45, 1, movers)],
    )
    accounts = Moves(1, 0.0, [Flow("cold", "cold", 1)], [], [Square(0, 0, 0, 1)])
    changes = [
        Change(RULES, text or "pricing_view", "changed", [Cell("weight", "15", text or "30")]),
        Change(RULES, text or "quote", "added", [Cell("event_name", None, text or "quote")]),
    ]
    return Comparison(
        date(2026, 6, 30), "before-id", "after-id", changes, ("hot", "warm", "cool", "cold"),
        [15.0, 40.0, 70.0], [15.0, 40.0, 70.0], people, accounts,
    )  # fmt: skip


def same() -> Comparison:
    """The rules of the last refresh, on a log in which nobody is known."""
    return Comparison(
        date(2026, 6, 30), "id", "id", [], ("hot", "cold"), [70.0], [70.0], NOBODY, NOBODY
    )
