"""`intent refresh`: the same Dagster job that the schedule runs, in this process, told plainly."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ingestion.lock import LockBusyError
from ingestion.settings import Settings
from orchestration.dbt_process import DbtFailed, DbtStarter
from orchestration.progress import LineProgress, TerminalProgress, shown
from orchestration.summary import print_summary
from orchestration.writer import Writer

if TYPE_CHECKING:
    from typing_extensions import Buffer

EXIT_FAILED = 1
EXIT_USER_ERROR = 2
EXIT_BUSY = 3
EXIT_INTERRUPTED = 130

RUN_TAGS = {
    "intent/started_by": "intent refresh",
    # by these the UI finds the job that a run is of, and lists it there
    "dagster/code_location": "orchestration.definitions",
    ".dagster/repository": "__repository__@orchestration.definitions",
}

_LOGS_KEPT = 50


@dataclass(frozen=True)
class RefreshRequest:
    """What the caller asks for."""

    paths: Sequence[Path] = ()
    as_of: str = ""
    full_refresh: bool = False
    wait_seconds: float = 600

    def run_config(self) -> dict[str, Any]:
        """The job's configuration, as the launchpad would have it."""
        options = {
            "paths": [str(path.absolute()) for path in self.paths],
            "as_of": self.as_of,
            "full_refresh": self.full_refresh,
        }
        return {"resources": {"options": {"config": options}}}


def refresh(settings: Settings, request: RefreshRequest) -> int:
    """Runs the job and prints its stages and a summary; returns the exit code.

    0: published; 1: a stage failed; 2: the caller's mistake; 3: another process kept the lock
    for longer than `wait_seconds`; 130: interrupted.
    """
    on_terminal = sys.stdout.isatty()
    log_file = _new_log_file(settings)
    with _own_output(log_file) as out:
        progress = TerminalProgress(out) if on_terminal else LineProgress(out)
        with shown(progress):
            return _run(settings, request, progress, out, log_file)


def _run(
    settings: Settings,
    request: RefreshRequest,
    progress: LineProgress,
    out: TextIO,
    log_file: Path,
) -> int:
    writer = Writer(settings, request.wait_seconds)
    dbt = DbtStarter(settings)
    try:
        _hold(writer, out)
        dbt.prepare()  # dbt is being imported over there while Dagster is imported here
        return _execute(settings, request, writer, dbt, progress, out, log_file)
    except LockBusyError as busy:
        print(f"Gave up after {request.wait_seconds:g} s: {busy}", file=out)
        return EXIT_BUSY
    finally:
        dbt.close()
        writer.release()


def _hold(writer: Writer, out: TextIO) -> None:
    """Takes the lock; says who has it before waiting for it."""
    try:
        writer.probe()
    except LockBusyError as busy:
        print(f"Waiting: {busy}", file=out, flush=True)
    writer.hold()


def _execute(
    settings: Settings,
    request: RefreshRequest,
    writer: Writer,
    dbt: DbtStarter,
    progress: LineProgress,
    out: TextIO,
    log_file: Path,
) -> int:
    from orchestration import messages
    from orchestration.definitions import definitions
    from orchestration.defs.jobs import REFRESH
    from orchestration.history import hasten
    from orchestration.instance import open_instance
    from orchestration.orphans import PROCESS_TAG, fail_orphans, this_process

    hasten()
    with open_instance(settings) as instance:
        fail_orphans(instance)
        try:
            job = definitions().resolve_job_def(REFRESH)
        except DbtFailed as error:
            print(f"The dbt project cannot be read:\n{error}", file=out)
            print(f"The log: {log_file}", file=out)
            return EXIT_FAILED
        result = job.execute_in_process(
            run_config=request.run_config(),
            instance=instance,
            raise_on_error=False,
            resources={"writer": writer, "dbt": dbt, "progress": progress},
            tags={**RUN_TAGS, PROCESS_TAG: this_process()},
        )
        if result.success:
            print_summary(settings, progress.outcomes, out)
            return 0
        failed = messages.read_failed_run(instance, result.run_id)
    text = failed.message(settings.analytics)
    messages.write_message(settings, result.run_id, text)
    if isinstance(progress, TerminalProgress):
        progress.clear()
    print(f"\n{text}\nThe log: {log_file}", file=out)
    if failed.is_interrupted:
        return EXIT_INTERRUPTED
    return EXIT_USER_ERROR if failed.is_user_error else EXIT_FAILED


class _PatientFile(io.FileIO):
    """A file whose reader may leave (`intent refresh | head`): the refresh goes on without."""

    def write(self, content: Buffer, /) -> int:
        try:
            return super().write(content)
        except BrokenPipeError:
            return memoryview(content).nbytes


@contextmanager
def _own_output(log_file: Path) -> Iterator[TextIO]:
    """Yields what was standard output; all that Dagster, dbt and other libraries print in the
    meantime goes into `log_file`, from child processes too."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept_out, kept_error = os.dup(1), os.dup(2)
    try:
        with (
            log_file.open("ab", buffering=0) as log,
            io.TextIOWrapper(
                io.BufferedWriter(_PatientFile(os.dup(kept_out), "w")),
                encoding="utf-8",
                errors="replace",
            ) as out,
        ):
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            yield out
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(kept_out, 1)
        os.dup2(kept_error, 2)
        os.close(kept_out)
        os.close(kept_error)


def _new_log_file(settings: Settings) -> Path:
    folder = settings.data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    for older in sorted(folder.glob("refresh-*.log"))[: -_LOGS_KEPT + 1]:
        older.unlink(missing_ok=True)
    return folder / f"refresh-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
