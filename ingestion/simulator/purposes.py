"""What a visit is for, and how many visits people make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingestion.simulator.site import PAGE_CLASSES


@dataclass(frozen=True)
class Purpose:
    """What a visit is for.

    `landing` and `further` weigh the page classes of its first and later pages; `lengths` weighs
    one page, two pages, …; `think_ms` is the median time on a page in milliseconds.
    """

    name: str
    landing: Mapping[str, int]
    further: Mapping[str, int]
    lengths: tuple[int, ...]
    think_ms: int


_SHORT = (62, 20, 9, 5, 2, 1, 1)
_USUAL = (34, 24, 16, 10, 7, 4, 2, 1, 1, 1)
_LONG = (8, 12, 16, 16, 13, 10, 8, 6, 4, 3, 2, 1, 1)

PURPOSES: tuple[Purpose, ...] = (
    Purpose("read", {"blog": 88, "home": 8, "other": 4},
            {"blog": 76, "home": 12, "features": 6, "other": 4, "legal": 2}, _SHORT, 45_000),
    Purpose("explore", {"home": 70, "features": 20, "blog": 10},
            {"features": 46, "home": 14, "blog": 14, "other": 10, "case_study": 5, "pricing": 4,
             "integrations": 3, "docs": 3, "legal": 1}, _USUAL, 24_000),
    Purpose("evaluate", {"home": 36, "features": 22, "compare": 12, "pricing": 14,
                         "integrations": 9, "case_study": 7},
            {"pricing": 24, "features": 24, "case_study": 14, "compare": 10, "integrations": 11,
             "security": 6, "docs": 6, "home": 5}, _LONG, 38_000),
    Purpose("learn", {"docs": 86, "home": 6, "integrations": 8},
            {"docs": 88, "integrations": 6, "features": 4, "blog": 2}, _USUAL, 55_000),
    Purpose("buy", {"pricing": 46, "home": 26, "security": 10, "compare": 8, "case_study": 10},
            {"pricing": 36, "security": 16, "case_study": 14, "contact": 12, "compare": 9,
             "integrations": 9, "legal": 4}, _LONG, 42_000),
    Purpose("apply", {"careers": 74, "home": 26},
            {"careers": 74, "other": 16, "home": 6, "blog": 4}, _USUAL, 40_000),
    Purpose("work", {"login": 58, "app": 42},
            {"app": 90, "docs": 8, "other": 2}, _LONG, 60_000),
    Purpose("crawl", {"home": 20, "blog": 50, "docs": 30},
            {"blog": 40, "docs": 26, "features": 10, "pricing": 6, "case_study": 6, "compare": 4,
             "integrations": 4, "careers": 2, "legal": 2}, (10, 10, 12, 14, 14, 12, 10, 8, 6, 4),
            1_500),
)  # fmt: skip
PURPOSE_NAMES = [purpose.name for purpose in PURPOSES]
WORK, EXPLORE = PURPOSE_NAMES.index("work"), PURPOSE_NAMES.index("explore")


def class_table(landing: bool) -> list[list[int]]:
    """Weights of the page classes, one row a purpose."""
    chosen = [purpose.landing if landing else purpose.further for purpose in PURPOSES]
    return [[weights.get(name, 0) for name in PAGE_CLASSES] for weights in chosen]


def _power_tail(longest: int, steps: int) -> list[int]:
    """Weights of 1 … `longest` visits that fall as 1 / k^steps: most one, a few very many."""
    return [max(10**9 // k**steps, 1) for k in range(1, longest + 1)]


VISIT_TAILS: Mapping[str, list[int]] = {
    "casual": _power_tail(150, 3),
    "regular": _power_tail(150, 2),
    "busy": [0, 4, 8, 12, 14, 14, 12, 10, 8, 6, 5, 4, 3, 2, 2, 1, 1, 1, 1, 1],
    "daily": [1, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 5, 5, 5, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1],
    "crawling": [20, 14, 10, 8, 6, 5, 4, 4, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1],
}
"""Weights of one visit, two visits, … in the whole log, for logs of any length."""
