"""What every benchmark shares: one simulated log, and a table of figures at the end.

Figures are ratios of two things measured in the same run, since seconds say as much about the
machine as about the code.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from ingestion.settings import Settings
from ingestion.simulator import simulate

LAST_DAY = date(2026, 6, 30)


@dataclass
class Figures:
    """Lines of the table, in the order in which they were measured."""

    lines: list[tuple[str, float, str]] = field(default_factory=list)

    def seconds(self, what: str, seconds: float) -> float:
        """Notes a time."""
        self.lines.append((what, seconds, "s"))
        return seconds

    def ratio(self, what: str, value: float, goal: float) -> None:
        """Notes a ratio, and whether it meets the goal that it is held against."""
        verdict = "met" if value <= goal else "missed"
        self.lines.append((what, value, f"x  (goal of at most {goal:g} {verdict})"))

    def rate(self, what: str, count: int, seconds: float) -> None:
        """Notes how many a second."""
        self.lines.append((what, count / seconds, "/s"))


FIGURES = pytest.StashKey[Figures]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bench-events", type=int, default=500_000, help="events of the log that is measured"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = Figures()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    lines = config.stash[FIGURES].lines
    if lines:
        terminalreporter.section(f"figures for {config.getoption('--bench-events'):,} events")
        for what, value, unit in lines:
            terminalreporter.line(f"{what:<64} {value:>12,.2f} {unit}")


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Figures:
    """Where a benchmark notes what it has measured."""
    return request.config.stash[FIGURES]


@pytest.fixture(scope="session")
def event_count(request: pytest.FixtureRequest) -> int:
    """Events that the simulated log holds."""
    return int(request.config.getoption("--bench-events"))


@pytest.fixture(scope="session")
def log_files(event_count: int, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The NDJSON files of one simulated log."""
    folder = tmp_path_factory.mktemp("log")
    simulate(event_count, folder, 1, 90, LAST_DAY)
    return sorted(folder.glob("*.ndjson"))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory of its own, which the benchmarks fill one after another."""
    return Settings(data_dir=tmp_path_factory.mktemp("data"), site_domains=("example.com",))


def timed(work: Callable[[], object]) -> float:
    """Seconds of the wall clock that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
