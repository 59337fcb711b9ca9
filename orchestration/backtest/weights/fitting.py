"""Factors of today's weights that foretell who converts: a regularised logistic regression.

On a date d, a person whom unit k gave Z_k points converts with the probability p, and

    logit p = a_d + e^v · (1 − 2^(−X / scale)),    X = Σ e^(u_k) · Z_k

The bracket is a hundredth of the score by the factors e^(u_k) of today's weights: positive whatever
the data say, so that one more event never lowers a score. The date's level a_d is free, so that a
week in which many convert says nothing. Sought is the mode of the posterior:

    minimise  ω · Σ −log p(what happened) + Σ u_k² / 2τ² + (v − v_0)² / 2σ² + Σ (a_d − a_0)² / 2σ²

τ = log 2: before any data, a weight may as well be twice or half of today's (ridge towards a given
point; as a prior: van Houwelingen 2001, Statistica Neerlandica 55). σ = log 10 hardly binds;
e^(v_0) = 3, which is 20 times the odds for a score of 100.
ω = 7/30: a conversion within 30 days is seen from 30/7 weekly dates, and is to count once (a
composite likelihood with its weight: Varin, Reid and Firth 2011, Statistica Sinica 21).
Found by Fisher scoring with steps halved until the loss falls (McCullagh and Nelder 1989).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.backtest.frames import HORIZON_DAYS
from orchestration.backtest.history import Flags, Floats, Ints

STEP_DAYS = 7
ROW_WEIGHT = STEP_DAYS / HORIZON_DAYS
SPREAD = float(np.log(2))
LOOSE = float(np.log(10))
SLOPE = float(np.log(3))
_MOST_STEPS, _MOST_HALVINGS = 100, 30
_SMALL, _SMALL_OF_A_DRAW = 1e-7, 1e-5
"""Of the loss: who gains less with a step stops. A draw need not be found to more digits than its
interval has."""


@dataclass(frozen=True)
class Fit:
    """What was found. `factors` by unit, 1 for those not fitted; `loss` is what was minimised."""

    factors: Floats
    loss: float
    parameters: Floats
    """v, the fitted u_k, and the levels of the dates: where another fit may begin."""


@dataclass(frozen=True)
class _Place:
    """Parameters, and what follows from them: of each row what of the score is missing to 1."""

    at: Floats
    loss: float
    missing: Floats
    logit: Floats


class Problem:
    """Rows to fit to. Rows stand in order of their day; is_fitted: of each unit."""

    def __init__(
        self, day: Ints, points: Floats, converted: Flags, is_fitted: Flags, scale: float
    ) -> None:
        """points: rows × units, by today's weights. scale: points that make a score of 50."""
        self._scale = scale
        self._is_fitted = is_fitted
        self._points = np.ascontiguousarray(points[:, is_fitted])
        self._room = np.empty_like(self._points)
        self._others = points[:, ~is_fitted].sum(axis=1)
        self._converted = converted.astype(np.float64)
        self._starts = np.concatenate(([0], np.flatnonzero(np.diff(day)) + 1)).astype(np.int64)
        self._sizes = np.diff(np.append(self._starts, len(day)))
        rate = (converted.sum() + 0.5) / (len(converted) + 1)
        self._units = units = int(is_fitted.sum())
        self._expected = np.concatenate(
            (
                [SLOPE],
                np.zeros(units),
                np.full(len(self._starts), np.log(rate / (1 - rate))),
            )
        )
        self._precision = 1 / np.concatenate(
            ([LOOSE], np.full(units, SPREAD), np.full(len(self._starts), LOOSE))
        ) ** 2  # fmt: skip

    def fit(self, times: Floats | None = None, start: Floats | None = None) -> Fit:
        """times: how often each row counts, once by default; start: parameters to begin at."""
        weights = ROW_WEIGHT * (np.ones(len(self._converted)) if times is None else times)
        at = self._expected if start is None else start
        place = self._place(at, weights)
        small = _SMALL if times is None else _SMALL_OF_A_DRAW
        for _ in range(_MOST_STEPS):
            step = self._step(place, weights)
            for halving in range(_MOST_HALVINGS):
                tried = self._place(place.at - step / 2**halving, weights)
                if tried.loss <= place.loss:
                    break
            else:
                break
            gained, place = place.loss - tried.loss, tried
            if gained <= small * (1 + abs(place.loss)):
                break
        factors = np.ones(len(self._is_fitted))
        factors[self._is_fitted] = np.exp(place.at[1 : 1 + self._units])
        return Fit(factors, place.loss, place.at)

    def _place(self, at: Floats, weights: Floats) -> _Place:
        slope, by_unit = np.exp(at[0]), np.exp(at[1 : 1 + self._units])
        missing = 2.0 ** (-(self._points @ by_unit + self._others) / self._scale)
        logit = np.repeat(at[1 + self._units :], self._sizes) + slope * (1 - missing)
        apart = at - self._expected
        loss = float(
            weights @ (np.logaddexp(0, logit) - self._converted * logit)
            + self._precision @ apart**2 / 2
        )
        return _Place(at, loss, missing, logit)

    def _step(self, place: _Place, weights: Floats) -> Floats:
        """The step of Fisher scoring from a place: what is to be taken from its parameters."""
        size = 1 + self._units
        slope, by_unit = np.exp(place.at[0]), np.exp(place.at[1:size])
        raised = slope * (1 - place.missing)
        # the logit rises so much with a point
        steep = slope * place.missing * np.log(2) / self._scale
        chance = 0.5 * (1 + np.tanh(place.logit / 2))
        residual = weights * (chance - self._converted)
        known = weights * chance * (1 - chance)
        gradient = self._precision * (place.at - self._expected)
        gradient[0] += residual @ raised
        gradient[1:size] += by_unit * ((residual * steep) @ self._points)
        gradient[size:] += np.add.reduceat(residual, self._starts)
        information = np.diag(self._precision)
        information[0, 0] += known @ raised**2
        information[0, 1:size] = by_unit * ((known * raised * steep) @ self._points)
        information[0, size:] = np.add.reduceat(known * raised, self._starts)
        np.multiply(self._points, (known * steep)[:, None], out=self._room)
        between = np.add.reduceat(self._room, self._starts, axis=0)
        information[1:size, size:] = by_unit[:, None] * between.T
        self._room *= steep[:, None]
        information[1:size, 1:size] += np.outer(by_unit, by_unit) * (self._points.T @ self._room)
        dates = np.arange(size, len(place.at))
        information[dates, dates] += np.add.reduceat(known, self._starts)
        upper = np.triu(information, 1)
        whole = np.diag(np.diag(information)) + upper + upper.T
        return np.linalg.solve(whole, gradient).astype(np.float64)
