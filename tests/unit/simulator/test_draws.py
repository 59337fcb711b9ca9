"""Numbers drawn by lot: exact, whole, and the same for ever."""

from __future__ import annotations

import numpy as np

from ingestion.simulator.draws import (
    Draws,
    below,
    chance,
    lognormal,
    pick,
    pick_by,
    scrambled,
)


def test_a_stream_is_the_same_for_ever_and_longer_calls_begin_alike() -> None:
    words = Draws(1).words("example", 3)
    assert words.tolist() == [
        5454310954977656844,
        14110946376093764390,
        11894921169740497026,
    ]
    assert Draws(1).words("example", 5)[:3].tolist() == words.tolist()
    assert Draws(1).words("another", 3).tolist() != words.tolist()
    assert Draws(2).words("example", 3).tolist() != words.tolist()


def test_numbers_below_a_limit_are_even_and_never_reach_it() -> None:
    drawn = below(Draws(1).words("below", 60_000), 6)
    assert np.bincount(drawn).min() > 9_500
    assert (drawn.min(), drawn.max()) == (0, 5)
    lowest, highest = np.array([0, 2**64 - 1], np.uint64), np.array([7, 7])
    assert below(lowest, highest).tolist() == [0, 6]


def test_chances_are_per_mille() -> None:
    words = Draws(1).words("chance", 100_000)
    assert 150 < chance(words, 2).sum() < 250
    assert 24_500 < chance(words, 250).sum() < 25_500
    assert not chance(words, 0).any()
    assert chance(words, 1000).all()


def test_weights_of_zero_are_never_picked() -> None:
    words = Draws(1).words("pick", 10_000)
    picked = np.bincount(pick(words, (0, 1, 0, 3)), minlength=4)
    assert picked[0] == picked[2] == 0
    assert 2.6 < picked[3] / picked[1] < 3.4
    rows = np.arange(10_000) % 2
    assert set(pick_by(words, rows, ((1, 0), (0, 1))) - rows) == {0}


def test_a_lognormal_has_its_median_and_a_long_tail() -> None:
    drawn = np.sort(lognormal(Draws(1).words("lognormal", 20_000), 30_000, 1.0))
    assert 28_500 < drawn[10_000] < 31_500
    assert drawn[0] >= 0
    assert drawn[-1] > 20 * drawn[10_000]


def test_scrambled_numbers_are_all_different_under_each_salt() -> None:
    numbers = np.arange(100_000)
    words = np.concatenate([scrambled(numbers, salt) for salt in range(4)])
    assert len(np.unique(words)) == 400_000
