"""Scores and their shares as whole numbers, as people read them; the marts keep them exact.

A score is shown as the whole points that it has reached. Rounded down it never contradicts its
band: 39.9958 is cool and shown as 39, where 40 would be warm. What leaves for sales is rounded so
in the models already (`whole_score` and `whole_share` in dbt_project/macros/rules/scoring.sql).
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def whole_score(score: float) -> int:
    """The whole points that a score has reached, after rounding to nine places as bands are."""
    return math.floor(round(score, 9))


def whole_change(score: float, change: float) -> int:
    """The change of a score in what is shown of it then and now."""
    return whole_score(score) - whole_score(score - change)


def whole_shares(shares: Sequence[float], score: float) -> list[int]:
    """The shares of a score as whole numbers that sum to its whole points, in the same order.

    Each is rounded down; what is missing goes to the largest remainders, one each, to the earlier
    of equal ones.
    """
    whole = [math.floor(share) for share in shares]
    by_remainder = sorted(range(len(whole)), key=lambda place: whole[place] - shares[place])
    for place in by_remainder[: max(whole_score(score) - sum(whole), 0)]:
        whole[place] += 1
    return whole
