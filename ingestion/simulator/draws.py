"""Numbers drawn by lot: the same on every machine, in every version.

Only raw 64-bit words of PCG64 are used, whose stream NumPy promises never to change, and they are
turned into choices with whole numbers alone: NumPy's own distributions may change between
versions, and the last bit of a logarithm differs between processors.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from numpy.random import PCG64, SeedSequence

Words = npt.NDArray[np.uint64]
"""Raw 64-bit words: uniform, one a decision."""
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

QUANTILES = 2048
"""Steps of a tabulated distribution: the rarest value that it can give is 1 in 2,048."""


class Draws:
    """One independent stream of words for each name, so that a new decision moves no other."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def words(self, name: str, count: int) -> Words:
        """The first `count` words of the stream called `name`; a longer call has them too."""
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
        words: Words = PCG64(SeedSequence([self._seed, key])).random_raw(count)
        return words


def below(words: Words, limit: int | Ints) -> Ints:
    """Whole numbers from 0 up to, not with, `limit` (under 2^31), one for each word."""
    drawn = ((words >> np.uint64(32)) * np.asarray(limit, np.uint64)) >> np.uint64(32)
    return drawn.astype(np.int64)


def chance(words: Words, per_mille: float | Ints) -> Flags:
    """True for so many of a thousand words; one rate for all, or one for each."""
    return below(words, 1_000_000) < np.asarray(per_mille) * 1000


def pick(words: Words, weights: Sequence[int] | Ints) -> Ints:
    """Positions in `weights`, each as often as its weight says."""
    upper = np.cumsum(np.asarray(weights, np.int64))
    return np.searchsorted(upper, below(words, int(upper[-1])), side="right").astype(np.int64)


def pick_by(words: Words, rows: Ints, table: Sequence[Sequence[int]]) -> Ints:
    """Like `pick`, the weights being those of the table's row that `rows` names for each word."""
    picked = np.zeros(len(words), np.int64)
    for row, weights in enumerate(table):
        chosen = rows == row
        if chosen.any():
            picked[chosen] = pick(words[chosen], weights)
    return picked


def falling_weights(count: int, flat: int) -> Ints:
    """Weights that fall as 1 / (flat + rank): the first are had often, most seldom."""
    return 1_000_000 // np.arange(flat + 1, flat + count + 1, dtype=np.int64)


def lognormal(words: Words, median: float, sigma: float) -> Ints:
    """Lognormal whole numbers (never negative) around `median`, from a table of quantiles.

    Five figures of each are kept: maths libraries differ in the last bit of a double.
    """
    unit = NormalDist()
    middles = ((step + 0.5) / QUANTILES for step in range(QUANTILES))
    values = (median * math.exp(sigma * unit.inv_cdf(middle)) for middle in middles)
    table = [round(float(f"{value:.4e}")) for value in values]
    return np.asarray(table, np.int64)[below(words, QUANTILES)]


def exponential(words: Words, mean: float) -> Ints:
    """Whole numbers from 0 up that fall off exponentially, from a table as in `lognormal`."""
    middles = ((step + 0.5) / QUANTILES for step in range(QUANTILES))
    values = (-mean * math.log1p(-middle) for middle in middles)
    table = [round(float(f"{value:.4e}")) for value in values]
    return np.asarray(table, np.int64)[below(words, QUANTILES)]


def scrambled(numbers: Ints, salt: int) -> Words:
    """A 64-bit word for each number, no two alike under one salt (the finalizer of SplitMix64).

    For what is looked up again and again by number: identifiers, and traits of a device.
    """
    word = numbers.astype(np.uint64) + np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))
