"""The longest export, written by a process beside ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.exports.beside import LONGEST, Beside
from orchestration.exports.everything import EXPORTS, Export, tidy

[WORKBOOK] = [export for export in EXPORTS if export.name == LONGEST]
[PEOPLE] = [export for export in EXPORTS if export.name == "people"]

_BEGINS_AND_IS_KILLED = """
import os, signal
from ingestion.settings import Settings
from orchestration.exports import beside

beside.subprocess.DEVNULL = None  # so that whoever reads our standard error waits for both
over_there = beside.Beside(Settings.from_environment())
over_there.begin()
while not list(over_there._settings.exports.glob(".workbook.*")):
    pass  # until it writes
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def beside(published: Settings) -> Iterator[Beside]:
    with closing(Beside(published)) as process:
        yield process


def never_written_here(_: Settings) -> tuple[Path, int]:
    raise AssertionError("written here")


def pid_of(beside: Beside) -> int:
    assert beside._process is not None
    return beside._process.pid


def test_what_is_written_over_there_is_what_would_be_written_here(
    beside: Beside, published: Settings
) -> None:
    here = WORKBOOK.write(published)
    content = here[0].read_bytes()
    here[0].unlink()
    beside.begin()
    assert beside.write(_over_there()) == here
    assert here[0].read_bytes() == content


def test_any_other_export_is_written_here_and_all_are_until_it_has_begun(
    beside: Beside, published: Settings
) -> None:
    beside.prepare()
    with pytest.raises(AssertionError, match="written here"):
        beside.write(_over_there())
    beside.begin()
    assert beside.write(PEOPLE) == PEOPLE.write(published)


def test_an_export_is_written_here_where_the_process_is_killed(
    beside: Beside, published: Settings
) -> None:
    beside.prepare()
    os.kill(pid_of(beside), signal.SIGKILL)
    beside.begin()
    assert beside.write(WORKBOOK) == WORKBOOK.write(published)


def test_a_mistake_is_told_by_whoever_asked(settings: Settings) -> None:
    with pytest.raises(UserError) as here:
        WORKBOOK.write(settings)
    with closing(Beside(settings)) as beside:
        beside.begin()
        with pytest.raises(UserError) as over_there:
            beside.write(WORKBOOK)
    assert str(over_there.value) == str(here.value)


def test_the_process_is_gone_when_it_is_closed_and_may_be_started_again(
    beside: Beside, published: Settings
) -> None:
    beside.begin()
    process = pid_of(beside)
    beside.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    beside.begin()
    assert beside.write(_over_there()) == WORKBOOK.write(published)


def test_the_process_goes_with_whoever_asked(published: Settings) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", _BEGINS_AND_IS_KILLED],
        cwd=PROJECT_ROOT,
        env={**os.environ, **published.environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert asked.returncode == -signal.SIGKILL
    assert not list(published.exports.rglob("sales_*"))
    drafts = set(published.exports.rglob(".*.xlsx.*")) | set(published.exports.glob(".workbook.*"))
    assert drafts
    tidy(published, datetime.now(UTC))
    assert not any(draft.exists() for draft in drafts)


def _over_there() -> Export:
    """The workbook as whoever asks for it knows it: to be written by others alone."""
    return Export(
        WORKBOOK.name, WORKBOOK.kind, WORKBOOK.noun, WORKBOOK.description, WORKBOOK.latest,
        never_written_here,
    )  # fmt: skip
