"""What benchmarks have measured: a table for the terminal, and the same as JSON.

Figures are ratios of two things measured in the same run, since seconds say as much about the
machine as about the code.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("intent-growth", "duckdb", "dbt-core", "dbt-duckdb", "dagster", "pyarrow")


@dataclass(frozen=True)
class Figure:
    """One thing measured. A goal is what the value may at most be."""

    group: str
    what: str
    value: float
    unit: str
    goal: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        return None if self.goal is None else self.value <= self.goal

    def line(self) -> str:
        """The figure as a line of the table."""
        line = f"  {self.what:<66} {self.value:>12,.2f} {self.unit}"
        if self.goal is None:
            return line
        return f"{line:<92} goal {self.goal:g}: {'met' if self.is_met else 'missed'}"


@dataclass
class Figures:
    """All figures of a run, in the order in which they were measured."""

    figures: list[Figure] = field(default_factory=list)

    def seconds(self, group: str, what: str, seconds: float) -> None:
        """Notes a time of the wall clock."""
        self.figures.append(Figure(group, what, seconds, "s"))

    def megabytes(self, group: str, what: str, byte_count: float) -> None:
        """Notes a size."""
        self.figures.append(Figure(group, what, byte_count / 1e6, "MB"))

    def rate(self, group: str, what: str, count: int, seconds: float) -> None:
        """Notes how many a second."""
        self.figures.append(Figure(group, what, count / seconds, "/s"))

    def ratio(self, group: str, what: str, value: float, goal: float | None = None) -> None:
        """Notes how many times as much the first is as the second."""
        self.figures.append(Figure(group, what, value, "x", goal))

    def lines(self) -> Iterator[str]:
        """The table, group by group."""
        for group in dict.fromkeys(figure.group for figure in self.figures):
            yield group
            yield from (figure.line() for figure in self.figures if figure.group == group)
            yield ""

    def save(self, path: Path, event_count: int, rounds: int) -> None:
        """Writes the figures as JSON, with what one must know to compare them with others."""
        told = {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "events": event_count,
            "rounds": rounds,
            "cores": os.cpu_count(),
            "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
            "python": platform.python_version(),
            "versions": {package: version(package) for package in PACKAGES},
            "figures": [{**asdict(figure), "is_met": figure.is_met} for figure in self.figures],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
