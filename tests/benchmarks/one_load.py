"""One load in a process of its own: `python -m tests.benchmarks.one_load FILE DATA_DIR`.

Prints the events loaded and the most memory, in bytes, that the process has held.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from ingestion import loader, warehouse
from ingestion.settings import Settings


def main() -> None:
    """Loads the file into a new warehouse."""
    file, data_dir = map(Path, sys.argv[1:])
    settings = Settings(data_dir=data_dir)
    with warehouse.connect(settings) as connection:
        rows = loader.load_paths(connection, settings, [file])
    print(sum(row.loaded_count for row in rows), peak_bytes())


def peak_bytes() -> int:
    """The most memory that this process has held.

    Not `getrusage`, which counts what the parent held when it started this process.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


if __name__ == "__main__":
    main()
