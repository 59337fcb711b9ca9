"""Lines of the explanation as text: what is longer than a line goes on below."""

from __future__ import annotations

import textwrap
from typing import TextIO

from orchestration import console

WIDTH = 100
"""Columns of the text."""
NAME_WIDTH, REASON_WIDTH, PAGE_WIDTH, EVENT_WIDTH = 44, 60, 40, 44
_LONG_NAME, _LONGEST = 120, 1_000
"""What is longer is cut, in a table and in a sentence; JSON has it whole."""


def line(label: str, words: str, out: TextIO) -> None:
    """What a label says, further lines below the first one's words."""
    _wrapped(f"{label:<10} {console.cut(words, _LONGEST)}", " " * 11, out)


def paragraph(words: str, out: TextIO) -> None:
    """A sentence below a heading."""
    _wrapped("  " + console.cut(words, _LONGEST), "    ", out)


def _wrapped(text: str, indent: str, out: TextIO) -> None:
    lines = textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True
    )
    print("\n".join(lines), file=out)


def cut_name(name: str) -> str:
    """A name within a sentence."""
    return console.cut(name, _LONG_NAME)
