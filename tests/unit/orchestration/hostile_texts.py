"""Texts that somebody may have put into a form, to see what an export makes of them."""

from __future__ import annotations

from hypothesis import strategies as st

SIGNS = "=+-@＝＋－＠"
SAMPLES = (
    *(f"{sign}1+1" for sign in "=+-@\t\r\n"),
    *(f"{space}=cmd|' /C calc'!A0" for space in (" ", "\u00a0", "\u200b", "\ufeff", "\r\n", "a\n")),
    '=HYPERLINK("https://evil.example","click")',
    "a;=1+1",
    "https://evil.example/?a=1&b=2",
    "internal:Sheet1!A1",
    "<script>alert(1)</script>",
    "</title></h1><img src=x onerror=alert(1)>",
    "'\"><svg/onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %} {name} {day}",
    "&lt;b&gt; &amp; &#61;1",
    "\u202egnp.exe \u200f\u2067x\u2069",
    "nul\x00 bell\x07 escape\x1b[31m delete\x7f",
    "half \ud800 of a pair \udfff, \ufffe and \uffff",
    "_x0041_ _x000D_ _xZZZZ_",
    "  spaces  kept  ",
    "line\u2028separator\u2029and\x85next",
    "👩‍💻🇩🇪é",
    "'already guarded",
    "x" * 40_000,
    "😀" * 20_000,
)

ANY_TEXT = st.one_of(
    st.sampled_from(SAMPLES),
    st.text(
        alphabet=st.one_of(
            st.sampled_from(SIGNS + "\t\r\n \u00a0\u200b\ufeff\x00\x0b\x1b\x85\u2028;'\",<>&_x{}a"),
            st.characters(exclude_categories=[]),
        ),
        max_size=20,
    ),
)
