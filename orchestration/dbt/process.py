"""dbt as a process of its own, read through its structured log.

A process, because dbt inside ours would keep DuckDB's lock after it is done. And not by way of
DbtCliResource, which first runs `dbt --version` (that asks a package registry on the network for
the newest version) and loads a second dbt beside ours: seconds of each run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ingestion.settings import PROJECT_ROOT, Settings

_SECONDS_TO_STOP = 25

LogLine = dict[str, Any]
"""One line of dbt's JSON log: `info` (name, level, msg) and `data`."""


class DbtFailed(Exception):
    """dbt left with an error: the messages of its log, and where the whole log is."""

    def __init__(self, messages: Sequence[str], log_file: Path) -> None:
        super().__init__("\n".join(messages) or f"dbt stopped without a word; see {log_file}")
        self.messages = tuple(messages)
        self.log_file = log_file


class DbtProcess:
    """One dbt command. Starts importing dbt at once, and waits to be told what to run."""

    def __init__(self, settings: Settings, project_root: Path = PROJECT_ROOT) -> None:
        self._settings = settings
        self._project_root = project_root
        self._process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.dbt.child"],
            env={**os.environ, **dbt_environment(settings)},
            cwd=project_root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )

    def stream(self, arguments: Sequence[str], target: Path) -> Iterator[LogLine]:
        """Runs `dbt <arguments>` and yields its log lines as they come; artifacts go to `target`.

        Raises DbtFailed at the end where dbt failed. When the caller is interrupted, or stops
        reading, dbt is told to stop and waited for.
        """
        self._settings.make_folder(target)
        errors: list[str] = []
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(json.dumps([*arguments, *self._places(target)]) + "\n")
            stdin.flush()
            for text in stdout:
                line = parse_line(text)
                if line["info"]["level"] == "error":
                    errors.append(str(line["info"]["msg"]).strip())
                yield line
            self._process.wait()
        finally:
            self.stop()
        if self._process.returncode:
            raise DbtFailed(errors, self._settings.dbt_logs / "dbt.log")

    def stop(self) -> None:
        """Ends the process, if it still runs, and closes its pipes."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _places(self, target: Path) -> list[str]:
        """Nothing is written in the project's own tree."""
        places = {
            "--project-dir": self._project_root,
            "--profiles-dir": self._project_root,
            "--target-path": target,
            "--log-path": self._settings.dbt_logs,
        }
        return [text for option, path in places.items() for text in (option, str(path))]


class DbtStarter:
    """Hands out dbt processes; one may be got ready before it is needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ready: DbtProcess | None = None

    def prepare(self) -> None:
        """Starts a process now, to be taken later."""
        self._ready = DbtProcess(self._settings)

    def take(self) -> DbtProcess:
        """The process that was got ready, or a new one."""
        process, self._ready = self._ready, None
        return process or DbtProcess(self._settings)

    def close(self) -> None:
        """Ends a process that was got ready in vain."""
        if self._ready is not None:
            self._ready.stop()
            self._ready = None


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What dbt needs to know of the run: its settings, JSON on stdout, no telemetry."""
    return {
        **settings.environment(),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "DBT_VERSION_CHECK": "false",
        "DBT_USE_COLORS": "false",
        "DBT_LOG_FORMAT": "json",
        "DBT_LOG_FORMAT_FILE": "text",
        "DBT_LOG_LEVEL_FILE": os.environ.get("DBT_LOG_LEVEL_FILE", "info"),
        "PYTHONUNBUFFERED": "1",
    }


def parse_line(text: str) -> LogLine:
    """One log line; what is no JSON (a warning of some library) becomes a line of level `info`."""
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    if isinstance(line, dict) and "info" in line:
        return {"data": {}, **line}
    return {"info": {"name": "", "level": "info", "msg": text.rstrip("\n")}, "data": {}}
