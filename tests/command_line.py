"""The command line as a user runs it: a process of its own, its output in pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ingestion.settings import PROJECT_ROOT
from tests.dbt_runs import give_parse

Completed = subprocess.CompletedProcess[str]


def intent(
    data_dir: Path, *arguments: str, root: Path = PROJECT_ROOT, under: Sequence[str] = ()
) -> Completed:
    """Runs one command on a data directory.

    `root` is the checkout whose code, models and seeds are used; `under` goes before the command:
    one that runs another.
    """
    give_parse(data_dir)
    main = "from orchestration.cli import main; main()"
    return subprocess.run(
        [*under, sys.executable, "-c", main, *arguments],
        env={**os.environ, "INTENT_DATA_DIR": str(data_dir)},
        cwd=root,
        capture_output=True,
        text=True,
    )
