"""What every benchmark shares: one simulated log, loaded once; and the table at the end."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingestion import loader, reference, run_settings, warehouse
from ingestion.settings import PROJECT_ROOT, Settings
from ingestion.simulator import simulate
from tests.benchmarks.figures import Figures

LAST_DAY = date(2026, 6, 30)
DAYS = 90
SITE_DOMAINS = ("example.com",)
FIGURES = pytest.StashKey[Figures]()
DEFAULT_JSON = PROJECT_ROOT / "data" / "bench" / "figures.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bench-events", type=int, default=500_000, help="events of the log that is measured"
    )
    parser.addoption(
        "--bench-events-a-day", type=int, default=1_500, help="of the two histories (1,500)"
    )
    parser.addoption(
        "--bench-rounds", type=int, default=3, help="how often; of each figure the least counts"
    )
    parser.addoption(
        "--bench-json", type=Path, default=DEFAULT_JSON, help="where the figures go as JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = Figures()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    figures = config.stash[FIGURES]
    if not figures.figures:
        return
    event_count, path = config.getoption("--bench-events"), config.getoption("--bench-json")
    terminalreporter.section(f"figures for {event_count:,} events")
    for line in figures.lines():
        terminalreporter.line(line)
    figures.save(path, event_count, config.getoption("--bench-rounds"))
    terminalreporter.line(f"as JSON: {path}")


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Figures:
    """Where a benchmark notes what it has measured."""
    return request.config.stash[FIGURES]


@pytest.fixture(scope="session")
def event_count(request: pytest.FixtureRequest) -> int:
    """Events that the simulated log holds."""
    return int(request.config.getoption("--bench-events"))


@pytest.fixture(scope="session")
def rounds(request: pytest.FixtureRequest) -> int:
    """How often each thing is measured."""
    return int(request.config.getoption("--bench-rounds"))


@pytest.fixture(scope="session")
def log_files(event_count: int, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The NDJSON files of one simulated log."""
    folder = tmp_path_factory.mktemp("log")
    simulate(event_count, folder, 1, DAYS, LAST_DAY)
    return sorted(folder.glob("*.ndjson"))


@pytest.fixture(scope="session")
def loaded(log_files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory whose warehouse holds the log, ready for dbt."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), site_domains=SITE_DOMAINS)
    with warehouse.connect(settings) as connection:
        loader.load_paths(connection, settings, log_files)
        reference.refresh_lists(connection)
        run_settings.record(connection, settings, LAST_DAY, "benchmark")
    return settings
