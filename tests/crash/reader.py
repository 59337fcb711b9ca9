"""A reader in a process of its own: opens the published files again and again, until its standard
input ends. Then it prints what it has seen.

`python -m tests.crash.reader FILE…`
"""

from __future__ import annotations

import json
import select
import sys
from collections import Counter
from pathlib import Path

import duckdb

from orchestration.analytics import opened
from tests.crash.standing import version_of

PAUSE_SECONDS = 0.2
"""Between two looks: most of the processor is the refreshes'."""


def main() -> None:
    """Looks at each file in turn."""
    seen: dict[str, Counter[str]] = {name: Counter() for name in sys.argv[1:]}
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        for name, versions in seen.items():
            versions[_look(Path(name))] += 1
    sys.stdout.write(json.dumps(seen))


def _look(path: Path) -> str:
    if not path.exists():
        return "absent"
    try:
        with opened(path, {"threads": 1}) as connection:
            return version_of(connection)
    except duckdb.Error as error:
        if not path.exists():
            return "absent"
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
