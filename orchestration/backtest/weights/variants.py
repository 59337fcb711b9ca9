"""Rules with other half-lives and caps: a short ladder of factors, common to all rules fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from orchestration.backtest.history import Flags, Floats, Ints
from orchestration.backtest.scoring import Rules
from orchestration.backtest.weights.fitting import SPREAD

LADDERS: Mapping[str, tuple[float, ...]] = {
    "half_life": (0.25, 0.5, 2.0, 4.0),
    "saturation": (0.5, 2.0),
    "daily_cap": (0.5, 2.0),
}
"""What is tried beside today's, one after the other in this order."""


@dataclass(frozen=True)
class Variant:
    """Factors of today's half-lives, ceilings and daily caps."""

    half_life: float = 1.0
    saturation: float = 1.0
    daily_cap: float = 1.0

    @property
    def loss(self) -> float:
        """What it costs to leave today's, by the same prior as a weight has."""
        factors = np.array([self.half_life, self.saturation, self.daily_cap])
        return float(np.sum(np.log(factors) ** 2) / (2 * SPREAD**2))

    def rules(self, rules: Rules, changes: Flags) -> Rules:
        """Today's rules with these factors where a rule `changes`; a group's cap as ceilings."""
        caps = np.maximum(np.rint(rules.daily_cap * self.daily_cap), 1).astype(np.int64)
        groups = np.unique(rules.group[changes & (rules.group >= 0)])
        group_caps = rules.group_caps.copy()
        group_caps[groups] *= self.saturation
        return replace(
            rules,
            half_life_days=_where(changes, rules.half_life_days * self.half_life,
                                  rules.half_life_days),
            saturation=_where(changes, rules.saturation * self.saturation, rules.saturation),
            daily_cap=_whole_where(changes & (rules.daily_cap > 0), caps, rules.daily_cap),
            group_caps=group_caps,
        )  # fmt: skip


def _where(changes: Flags, new: Floats, old: Floats) -> Floats:
    chosen: Floats = np.where(changes, new, old)
    return chosen


def _whole_where(changes: Flags, new: Ints, old: Ints) -> Ints:
    chosen: Ints = np.where(changes, new, old)
    return chosen
