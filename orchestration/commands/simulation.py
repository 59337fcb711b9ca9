"""`intent simulate`: the simulator, told from the command line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TextIO

from ingestion.simulator import simulate
from orchestration.refreshing.progress import Stopwatch


def simulate_and_print(
    *,
    events: int,
    out: Path,
    seed: int,
    days: int,
    end: date | None,
    hidden_programs: int,
    world: str,
    report: TextIO,
) -> None:
    """Writes the log into `out` and its truth into `out/truth/`; says in `report` what.

    `end` is the log's last UTC day (None: yesterday, the last that is whole). Raises UserError
    where an argument cannot be used.
    """
    watch = Stopwatch()
    last_day = end or datetime.now(UTC).date() - timedelta(days=1)
    summary = simulate(events, out, seed, days, last_day, hidden_programs, world)
    print(f"{summary}\n{watch.seconds:.1f} s", file=report)
