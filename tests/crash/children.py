"""Forks that do one thing and end, or are ended: everything is imported once, in their parent."""

from __future__ import annotations

import json
import os
import select
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ended:
    """How a child ended: the signal that ended it (0: none), and what it left to say."""

    killed_by: int
    answer: Any
    error: str


def run_in_child(
    work: Callable[[], Any], answer_file: Path, kill_after_seconds: float | None = None
) -> Ended:
    """Runs `work` in a fork, killed after so many seconds where it has not ended by then.

    No connection of DuckDB may be open here: its threads would not be in the child.
    """
    answer_file.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        _work_and_leave(work, answer_file)
    if kill_after_seconds is not None:
        descriptor = os.pidfd_open(child)
        if not select.select([descriptor], [], [], kill_after_seconds)[0]:
            os.kill(child, signal.SIGKILL)
        os.close(descriptor)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return Ended(os.WTERMSIG(status), None, "")
    told = json.loads(answer_file.read_text())
    return Ended(0, told["answer"], told["error"])


def _work_and_leave(work: Callable[[], Any], answer_file: Path) -> None:
    told = {"answer": None, "error": ""}
    try:
        told["answer"] = work()
    except BaseException:  # noqa: BLE001 - the parent tells it
        told["error"] = traceback.format_exc()
    answer_file.write_text(json.dumps(told))
    os._exit(0)
