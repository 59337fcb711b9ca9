"""`intent simulate`: the simulator, told from the command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TextIO

from ingestion.simulator import simulate
from orchestration.progress import Stopwatch


def simulate_and_print(
    *, events: int, out: Path, seed: int, days: int, end: date | None, report: TextIO
) -> None:
    """Writes the log into `out` and its truth into `out/truth/`; says in `report` what.

    `end` is the log's last UTC day (None: today). Raises UserError where an argument cannot be
    used.
    """
    watch = Stopwatch()
    summary = simulate(events, out, seed, days, end)
    print(f"{summary}\n{watch.seconds:.1f} s", file=report)
