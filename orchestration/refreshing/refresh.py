"""`intent refresh`: the same Dagster job that the schedule runs, in this process, told plainly."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.errors import UserError
from ingestion.lock import LockBusyError
from ingestion.settings import Settings
from orchestration import messages
from orchestration.dates import parse_date
from orchestration.dbt.process import DbtFailed, DbtStarter
from orchestration.own_output import OwnOutput, own_output
from orchestration.refreshing.progress import LineProgress, TerminalProgress
from orchestration.refreshing.summary import print_summary
from orchestration.refreshing.unchanged import may_be_new
from orchestration.refreshing.writer import SECONDS_TO_WAIT, Writer

if TYPE_CHECKING:
    from dagster import DagsterInstance

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


@dataclass(frozen=True)
class RefreshRequest:
    """What the caller asks for."""

    paths: Sequence[Path] = ()
    as_of: str = ""
    full_refresh: bool = False
    all_tests: bool = False
    wait_seconds: float = SECONDS_TO_WAIT

    def day(self) -> date | None:
        """The as-of date; None where the text is none, which the run will say."""
        try:
            return parse_date(self.as_of) if self.as_of else datetime.now(UTC).date()
        except UserError:
            return None

    def is_asked(self) -> bool:
        """Whether more is asked for than to take up what is new."""
        return bool(self.paths) or self.full_refresh or self.all_tests

    def run_config(self) -> dict[str, Any]:
        """The job's configuration, as the launchpad would have it."""
        options = {
            "paths": [str(path.absolute()) for path in self.paths],
            "as_of": self.as_of,
            "full_refresh": self.full_refresh,
            "all_tests": self.all_tests,
        }
        return {"resources": {"options": {"config": options}}}


def refresh(settings: Settings, request: RefreshRequest) -> int:
    """Runs the job; prints its stages and a summary, or on standard error why it failed.

    Returns the exit code. 0: published; 1: a stage failed; 2: the caller's mistake; 3: another
    process kept the lock for longer than `wait_seconds`; 130: interrupted.
    """
    on_terminal = sys.stdout.isatty()
    with own_output(settings) as output, _nothing_collected():
        progress = TerminalProgress(output.out) if on_terminal else LineProgress(output.out)
        writer, dbt = Writer(settings, request.wait_seconds), DbtStarter(settings)
        try:
            _hold(writer, output)
            progress.started("start")
            if may_be_new(settings, request.day(), is_asked=request.is_asked()):
                dbt.prepare()  # dbt is imported over there while Dagster is imported here
            resources = {"writer": writer, "dbt": dbt, "progress": progress}
            return _run_job(settings, request, resources, output)
        except LockBusyError as busy:
            print(f"Gave up after {request.wait_seconds:g} s: {busy}", file=output.error)
            return EXIT_BUSY
        except DbtFailed as error:
            print(f"The dbt project cannot be read:\n{error}", file=output.error)
            print(f"The log: {output.log_file}", file=output.error)
            return EXIT_FAILED
        finally:
            progress.clear()
            dbt.close()
            writer.release()


def _hold(writer: Writer, output: OwnOutput) -> None:
    """Takes the lock; says who has it before waiting for it."""
    try:
        writer.probe()
    except LockBusyError as busy:
        print(f"Waiting: {busy}", file=output.out, flush=True)
    writer.hold()


def _run_job(
    settings: Settings, request: RefreshRequest, resources: dict[str, Any], output: OwnOutput
) -> int:
    from orchestration.dagster_home.history import hasten
    from orchestration.dagster_home.instance import open_instance
    from orchestration.dagster_home.orphans import PROCESS_TAG, fail_orphans, this_process
    from orchestration.definitions import definitions
    from orchestration.defs.jobs import REFRESH
    from orchestration.defs.resources import logged

    progress: LineProgress = resources["progress"]
    hasten()
    job = definitions().resolve_job_def(REFRESH)
    with open_instance(settings) as instance, _collecting_what_is_new():
        fail_orphans(instance)
        result = job.execute_in_process(
            run_config=request.run_config(),
            instance=instance,
            raise_on_error=False,
            resources={**resources, "progress": logged(progress)},
            tags={**RUN_TAGS, PROCESS_TAG: this_process()},
        )
        progress.clear()
        if result.success:
            print_summary(settings, progress.outcomes, output.out)
            return 0
        return _tell_failure(settings, instance, result.run_id, output)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """While modules are loaded there is hardly any garbage, and more to look through each time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _collecting_what_is_new() -> Iterator[None]:
    """What is loaded by now stays to the end, and no collection of garbage looks through it again.

    At the end it may go: what DuckDB's binding finds still there then, it complains of.
    """
    gc.freeze()
    gc.enable()
    try:
        yield
    finally:
        gc.unfreeze()


def _tell_failure(
    settings: Settings, instance: DagsterInstance, run_id: str, output: OwnOutput
) -> int:
    failed = messages.read_failed_run(instance, run_id)
    text = failed.message(settings)
    messages.write_message(settings, run_id, text)
    print(f"{text}\nThe log: {output.log_file}", file=output.error)
    if failed.is_interrupted:
        return EXIT_INTERRUPTED
    return EXIT_USER_ERROR if failed.is_user_error else EXIT_FAILED
