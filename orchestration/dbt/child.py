"""The process that dbt runs in: `python -m orchestration.dbt.child`, spoken to on standard input.

The first line is the JSON list of dbt's arguments. Until it comes, dbt is being imported (two
seconds and more), so a process that is started early is ready when it is needed. When standard
input ends, whoever asked is gone (killed, perhaps), and so is this process: dbt must not go on
writing when the lock of its parent is free for the next writer.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading

_PARENT_IS_GONE = 3


def main() -> None:
    """Imports dbt, waits for the arguments, runs dbt and leaves with its exit code."""
    gc.disable()  # until there are nodes to run
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.cli.main import cli

    from orchestration.dbt.lighter import (
        keep_what_is_parsed,
        learn_dates_once,
        leave_debugging_out,
        name_macros_at_once,
        write_files_side_by_side,
    )

    # By these dbt tells whether what it parsed still holds. Where the files lie is no matter of
    # the models, so a parse is good for another data directory too.
    setattr(DuckDBCredentials, "_connection_keys", lambda _: ("database", "schema"))  # noqa: B010
    if os.environ.get("DBT_LOG_LEVEL_FILE") != "debug":
        leave_debugging_out()
    learn_dates_once()
    name_macros_at_once()
    keep_what_is_parsed()
    write_files_side_by_side()
    line = sys.stdin.readline()
    if not line:
        sys.exit(_PARENT_IS_GONE)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    cli(json.loads(line), prog_name="dbt")


def _leave_with_parent() -> None:
    sys.stdin.read()
    os._exit(_PARENT_IS_GONE)


if __name__ == "__main__":
    main()
