"""The process that dbt runs in: `python -m orchestration.dbt_child`, spoken to on standard input.

The first line is the JSON list of dbt's arguments. Until it comes, dbt is being imported (two
seconds and more), so a process that is started early is ready when it is needed. When standard
input ends, whoever asked is gone (killed, perhaps), and so is this process: dbt must not go on
writing when the lock of its parent is free for the next writer.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

_PARENT_IS_GONE = 3


def main() -> None:
    """Imports dbt, waits for the arguments, runs dbt and leaves with its exit code."""
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.cli.main import cli

    # By these dbt tells whether what it parsed still holds. Where the files lie is no matter of
    # the models, so a parse is good for another data directory too.
    setattr(DuckDBCredentials, "_connection_keys", lambda _: ("database", "schema"))  # noqa: B010
    if os.environ.get("DBT_LOG_LEVEL_FILE") != "debug":
        leave_debugging_out()
    line = sys.stdin.readline()
    if not line:
        sys.exit(_PARENT_IS_GONE)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    cli(json.loads(line), prog_name="dbt")


def leave_debugging_out() -> None:
    """What dbt would tell at the level `debug` is dropped before it is made.

    dbt makes every event whole, scrubs it of secrets, and then asks whether anybody wants it: on a
    small log, a quarter of its time. Here an event of that level keeps what it was given, and is
    made of it when somebody looks at it after all.
    """
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.event_manager_client import ctx_set_event_manager

    make: Callable[..., None] = BaseEvent.__init__
    look: Callable[[BaseEvent, str], Any] = BaseEvent.__getattr__

    def keep(event: BaseEvent, *arguments: Any, **facts: Any) -> None:
        if event.level_tag() is EventLevel.DEBUG:
            event.__dict__["given"] = (arguments, facts)
        else:
            make(event, *arguments, **facts)

    def make_then_look(event: BaseEvent, name: str) -> Any:
        if "given" not in event.__dict__:
            return look(event, name)
        arguments, facts = event.__dict__.pop("given")
        make(event, *arguments, **facts)
        return getattr(event, name)

    class WithoutDebugging(EventManager):
        def fire_event(
            self, e: BaseEvent, level: EventLevel | None = None, *others: Any, **more: Any
        ) -> None:
            if (level or e.level_tag()) is not EventLevel.DEBUG:
                super().fire_event(e, level, *others, **more)

    setattr(BaseEvent, "__init__", keep)  # noqa: B010
    setattr(BaseEvent, "__getattr__", make_then_look)  # noqa: B010
    ctx_set_event_manager(WithoutDebugging())


def _leave_with_parent() -> None:
    sys.stdin.read()
    os._exit(_PARENT_IS_GONE)


if __name__ == "__main__":
    main()
