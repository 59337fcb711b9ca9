"""Hypothesis strategies for what a conversion says that it is worth."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def amounts() -> st.SearchStrategy[dict[str, Any]]:
    """What an event says that it is worth, or something that is no amount or no currency."""
    values = st.sampled_from(
        (
            0,
            12,
            12.5,
            "99.99",
            " 7 ",
            "0.00005",
            -1,
            "1,000",
            "1e3",
            "",
            True,
            None,
            [5],
            10**15,
            "99999999999999.9999",
        )
    )
    currencies = st.sampled_from(("USD", "eur ", "SEK", "Euro", "", None, 5))
    return st.one_of(
        st.just({}),
        st.fixed_dictionaries({}, optional={"value": values, "currency": currencies}),
    )
