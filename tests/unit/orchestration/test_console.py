"""What is safe to send to a terminal."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from orchestration import console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(st.text())
def test_safe_text_is_one_line_without_control_characters(text: str) -> None:
    shown = console.safe(text)
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in shown)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200f")


@pytest.mark.parametrize("text", ["Zoë Ångström", "李小龍", "a\\x1b", "👩‍🔬"])
def test_harmless_text_is_left_as_it_is(text: str) -> None:
    assert console.safe(text) == text


CELLS = st.text(alphabet="ab李\u0301 \x1b[]", max_size=6)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_columns_stand_below_each_other(rows: Sequence[tuple[str, str]]) -> None:
    out = io.StringIO()
    console.table(["first", "second"], rows, out=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(rows) + 1
    column = max(cell_len(console.safe(text)) for text in ["first", *(row[0] for row in rows)]) + 2
    for line, (first, second) in zip(lines[1:], rows, strict=True):
        left = console.safe(first)
        gap = " " * (column - cell_len(left))
        assert line == (left + gap + console.safe(second)).rstrip()


def test_markup_of_the_data_is_shown_and_not_obeyed_on_a_terminal() -> None:
    out = Terminal()
    console.table(["name"], [["[bold]x[/bold]\x1b[31m"]], out=out)
    assert "[bold]x[/bold]\\x1b[31m" in out.getvalue()
