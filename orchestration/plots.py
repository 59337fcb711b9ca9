"""Plots in plain text, for the UI's markdown: bars, lines of bars, and tables that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from orchestration.console import safe

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"
_LIVE = re.compile(r"([\\`*_\[\]<>|~&:.@])")  # the last three make links of bare addresses
BAR_WIDTH = 8
"""Two bars and their numbers fit beside each other in the page of an asset."""


def bar(value: float, largest: float, width: int = BAR_WIDTH) -> str:
    """A bar as long as `value` is of `largest`; what is not nothing is seen."""
    if value <= 0 or largest <= 0:
        return ""
    eighths = max(1, round(8 * width * min(value / largest, 1.0)))
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def sparkline(values: Sequence[float]) -> str:
    """One column a value, the largest being full; nothing is a dot."""
    largest = max(values, default=0)
    return "".join(
        _LEVELS[min(7, int(8 * value / largest))] if value > 0 else "·" for value in values
    )


def escaped(value: object) -> str:
    """A text that means nothing to markdown, nor to HTML within it: names come from outside."""
    return _LIVE.sub(r"\\\1", safe(value))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], right: Iterable[str]) -> str:
    """A table of markdown; `right` names the columns set flush right. Numbers get separators."""
    flush = set(right)
    rule = ["---:" if heading in flush else ":---" for heading in headings]
    lines = [list(headings), rule, *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return escaped(value)
