"""One stage of a refresh: told while it runs, and when it fails, told why, and tried again only
where waiting can help."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg
import duckdb

from ingestion.errors import UserError
from ingestion.lock import LockBusyError
from orchestration import disk
from orchestration.analytics import first_line
from orchestration.dbt.process import DbtFailed
from orchestration.refreshing.outcomes import Outcome
from orchestration.refreshing.progress import Progress, Stopwatch

MAX_RETRIES = 3
FIRST_WAIT_SECONDS = 15.0
"""Before the second try; each further wait is twice as long."""

USER_ERROR = "user_error"
"""Metadata of a Failure: the caller's mistake, not the pipeline's."""


@dataclass
class Stage:
    """A running stage; `finish` tells what it came to."""

    name: str
    progress: Progress
    watch: Stopwatch

    def finish(self, words: str, outcome: Outcome) -> None:
        """Reports the stage as done, in one line of words."""
        self.progress.finished(self.name, self.watch.seconds, words, outcome)


@contextmanager
def stage(
    name: str, context: dg.OpExecutionContext | dg.AssetExecutionContext, progress: Progress
) -> Iterator[Stage]:
    """Runs the body as stage `name`.

    What passes by itself asks Dagster for another try; all else becomes a Failure in plain words.
    No RetryPolicy does this: one would try again whatever happened, a failed test and an
    interrupted run included.
    """
    progress.started(name)
    try:
        yield Stage(name, progress, Stopwatch())
    except dg.Failure as told:
        progress.failed(name, told.description or "")
        raise
    except Exception as error:
        if is_transient(error):
            if context.retry_number < MAX_RETRIES:
                progress.retried(name, _in_the_way(error))
            else:
                progress.failed(name, _in_the_way(error))
            wait = FIRST_WAIT_SECONDS * 2**context.retry_number
            raise dg.RetryRequested(MAX_RETRIES, wait) from error
        is_user_error = isinstance(error, UserError)
        words = str(error) if is_user_error else _words_of(error)
        progress.failed(name, words)
        raise failure(words, is_user_error=is_user_error) from error


def _words_of(error: Exception) -> str:
    trouble = disk.in_plain_words(error)
    return trouble[0].upper() + trouble[1:] if trouble else f"{type(error).__name__}: {error}"


def failure(words: str, *, is_user_error: bool = False) -> dg.Failure:
    """A failure that another try would only repeat."""
    return dg.Failure(description=words, metadata={USER_ERROR: is_user_error})


def _in_the_way(error: Exception) -> str:
    """The line of the error that names the lock and its holder."""
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line for line in lines if "lock" in line.lower()), first_line(error))


def is_transient(error: BaseException) -> bool:
    """Whether another process is in the way: the writer lock, or DuckDB's own on a file."""
    if isinstance(error, duckdb.IOException | DbtFailed):
        return "could not set lock on file" in str(error).lower()
    return isinstance(error, LockBusyError)
