"""Memory of a load is flat in the size of the file."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.settings import PROJECT_ROOT
from tests.benchmarks.figures import Figures

pytestmark = pytest.mark.bench

COPIES = 4
FLAT = 1.25
"""What may be called flat: the database's own cache of what it has written grows a little."""


@pytest.fixture(scope="session")
def small_and_large(
    log_files: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The log as one file, and a file of four times as many events, each copy with its own ids."""
    folder = tmp_path_factory.mktemp("sizes")
    small, large = folder / "small.ndjson", folder / "large.ndjson"
    with small.open("wb") as one, large.open("wb") as four:
        for path in log_files:
            text = path.read_bytes()
            one.write(text)
            for copy in range(COPIES):
                four.write(re.sub(rb'("messageId": ?")', rb"\g<1>%d-" % copy, text))
    return small, large


def peak_of_load(file: Path, data_dir: Path) -> tuple[int, int]:
    """Events loaded from a file, and the most memory held meanwhile, in bytes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.one_load", str(file), str(data_dir)],
        cwd=PROJECT_ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    events, peak = map(int, done.stdout.split())
    return events, peak


def test_memory_of_a_load_is_flat_in_the_size_of_the_file(
    small_and_large: tuple[Path, Path], figures: Figures, tmp_path: Path
) -> None:
    group = "memory of a load"
    small, large = small_and_large
    events, peak = peak_of_load(small, tmp_path / "small")
    more_events, larger_peak = peak_of_load(large, tmp_path / "large")
    figures.megabytes(group, f"file of {events:,} events: its size", small.stat().st_size)
    figures.megabytes(group, f"file of {events:,} events: peak memory", peak)
    figures.megabytes(group, f"file of {more_events:,} events: its size", large.stat().st_size)
    figures.megabytes(group, f"file of {more_events:,} events: peak memory", larger_peak)
    figures.ratio(group, f"{COPIES} times the file against the file", larger_peak / peak, FLAT)
    assert more_events > (COPIES - 1) * events
