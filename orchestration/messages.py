"""Readable messages about failed runs, kept in `<data>/logs/messages/`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.settings import Settings
from orchestration.refreshing.record import RefreshRecord

if TYPE_CHECKING:
    from dagster import DagsterInstance
    from dagster_shared.error import SerializableErrorInfo

INTERRUPTED = "It was interrupted."

TO_DO = {
    "load": "Mend the file, or move it out of landing/, and run: intent refresh",
    "build": "Mend what is named above, then run: intent refresh",
    "published": "See to the data directory (space, permissions), then run all: intent refresh",
    "send_overview": "Mend what is named above, then launch the job overview_mail in the UI",
    "past_scores": "Mend what is named above, then launch the job again in the UI",
    "exports__backtest": "Mend what is named above, then launch the job again in the UI",
    "compact_when_it_pays": "Mend what is named above; the files are as they were",
    "exports": "See to the exports folder (space, permissions), then run: intent refresh",
}
"""By the beginning of a step's name."""

WHAT_FAILED = {
    "send_overview": "Mail",
    "compact_when_it_pays": "Upkeep",
    "past_scores": "Backtest",
    "exports__backtest": "Backtest",
}
"""By the name of the step; all others are of a refresh."""

RUN_AGAIN = "Run it again: intent refresh"


@dataclass(frozen=True)
class StepFailure:
    """A step of a run that failed, and why, in the words of who raised it."""

    step: str
    reason: str
    is_user_error: bool = False


@dataclass(frozen=True)
class FailedRun:
    """What the instance has recorded of a run that failed."""

    run_id: str
    steps: tuple[StepFailure, ...]
    words: str
    """Why the run failed, where no step of it did."""

    @property
    def is_interrupted(self) -> bool:
        """Whether somebody stopped it."""
        return INTERRUPTED in {self.words, *(step.reason for step in self.steps)}

    @property
    def is_user_error(self) -> bool:
        """Whether every step that failed did so by a mistake of the caller's."""
        return bool(self.steps) and all(step.is_user_error for step in self.steps)

    def message(self, settings: Settings) -> str:
        """What failed, why, what that means for readers of what is published, and what to do."""
        what = WHAT_FAILED.get(self.steps[0].step if self.steps else "", "Refresh")
        lines = [f"{what} failed (run {self.run_id})."]
        for step in self.steps:
            lines.append(f"Step {step.step}:")
            lines.extend(f"  {line}" for line in step.reason.splitlines() if line.strip())
        if not self.steps:
            lines.append(f"  {self.words}")
        record = RefreshRecord.read(settings)
        if not settings.analytics.exists():
            lines.append("Nothing has been published yet.")
        elif record and record.dagster_run_id == self.run_id and record.published_at:
            lines.append(f"{settings.analytics.name} is new: readers see what this run published.")
        else:
            lines.append(
                f"{settings.analytics.name} is untouched: readers see the last good version."
            )
        lines.append(f"What to do: {self._to_do()}")
        return "\n".join(lines)

    def _to_do(self) -> str:
        if self.is_interrupted or not self.steps:
            return RUN_AGAIN
        step = self.steps[0].step
        return next((words for name, words in TO_DO.items() if step.startswith(name)), RUN_AGAIN)


def read_failed_run(instance: DagsterInstance, run_id: str) -> FailedRun:
    """The run as the instance has recorded it."""
    from dagster import DagsterEventType

    steps = []
    for entry in instance.all_logs(run_id, of_type=DagsterEventType.STEP_FAILURE):
        event = entry.dagster_event
        if event is None or event.step_key is None:
            continue
        told = event.step_failure_data.user_failure_data
        if told is None:
            steps.append(StepFailure(event.step_key, _reason(event.step_failure_data.error)))
        else:
            flag = told.metadata.get(_user_error_flag())
            is_user_error = bool(flag is not None and flag.value)
            steps.append(StepFailure(event.step_key, told.description or "", is_user_error))
    words = "The process ended before its work was done."
    for entry in instance.all_logs(run_id, of_type=DagsterEventType.RUN_FAILURE):
        event = entry.dagster_event
        if event is not None:
            # a run that another process has declared dead comes without such data
            error = getattr(event.event_specific_data, "error", None)
            words = _reason(error) if error else event.message or words
    return FailedRun(run_id, tuple(steps), words)


def write_message(settings: Settings, run_id: str, text: str) -> Path:
    """Keeps the message of a run; the same run again replaces it."""
    path = message_path(settings, run_id)
    settings.make_folder(path.parent)
    draft = path.with_name(f".{run_id}.{os.getpid()}")
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(path)
    return path


def message_path(settings: Settings, run_id: str) -> Path:
    """Where the message of a failed run is kept."""
    return settings.logs / "messages" / f"{run_id}.txt"


def _user_error_flag() -> str:
    from orchestration.defs.stages import USER_ERROR

    return USER_ERROR


def _reason(error: SerializableErrorInfo | None) -> str:
    """The message of the error that started a chain of them."""
    if error is None:
        return ""
    while error.cause is not None:
        error = error.cause
    if error.cls_name == "DagsterExecutionInterruptedError":
        return INTERRUPTED
    return error.message.strip()
