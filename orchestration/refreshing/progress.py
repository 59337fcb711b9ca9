"""How a running refresh is told: nothing under Dagster's UI (which has its own log), lines in a
pipe, a live display on a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, TextIO

from orchestration.refreshing.outcomes import Outcome

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Progress(Protocol):
    """What the stages of the job say while they run."""

    def started(self, stage: str) -> None:
        """A stage begins."""

    def advanced(self, stage: str, done: int, total: int, name: str) -> None:
        """`done` of `total` parts of the stage are ready; `name` is the last one."""

    def finished(self, stage: str, seconds: float, words: str, outcome: Outcome) -> None:
        """The stage is through; `words` say in one line what it came to."""

    def retried(self, stage: str, reason: str) -> None:
        """The stage met something that may pass by itself, and will be tried again."""

    def failed(self, stage: str, reason: str) -> None:
        """The stage met something that another try would only repeat."""


class SilentProgress:
    """Says nothing."""

    def started(self, stage: str) -> None: ...

    def advanced(self, stage: str, done: int, total: int, name: str) -> None: ...

    def finished(self, stage: str, seconds: float, words: str, outcome: Outcome) -> None: ...

    def retried(self, stage: str, reason: str) -> None: ...

    def failed(self, stage: str, reason: str) -> None: ...


class LineProgress:
    """One line a stage, for pipes and logs. Keeps the outcomes for the summary."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.outcomes: list[Outcome] = []

    def started(self, stage: str) -> None: ...

    def advanced(self, stage: str, done: int, total: int, name: str) -> None: ...

    def finished(self, stage: str, seconds: float, words: str, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self._write(f"{stage:<8} {seconds:7.1f} s  {words}")

    def retried(self, stage: str, reason: str) -> None:
        self._write(f"{stage:<8}            {reason}; trying again")

    def failed(self, stage: str, reason: str) -> None: ...  # told at the end, with what to do

    def clear(self) -> None:
        """Takes away what is shown only while a stage runs."""

    def _write(self, text: str) -> None:
        print(text, file=self._out, flush=True)


class TerminalProgress(LineProgress):
    """The same lines, and below them what is being done at the moment."""

    def __init__(self, out: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        super().__init__(out)
        self._display: RichProgress = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[stage]:<8}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(file=out, force_terminal=True),
            transient=True,
        )
        self._task: TaskID | None = None

    def started(self, stage: str) -> None:
        self.clear()
        self._task = self._display.add_task("", total=None, stage=stage)
        self._display.start()

    def advanced(self, stage: str, done: int, total: int, name: str) -> None:
        if self._task is not None:
            self._display.update(self._task, completed=done, total=total, description=name)

    def finished(self, stage: str, seconds: float, words: str, outcome: Outcome) -> None:
        self.clear()
        super().finished(stage, seconds, words, outcome)

    def retried(self, stage: str, reason: str) -> None:
        self.clear()
        super().retried(stage, reason)

    def clear(self) -> None:
        if self._task is not None:
            self._display.stop()
            self._display.remove_task(self._task)
            self._task = None


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start
