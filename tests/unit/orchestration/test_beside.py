"""The longest export, written by a process beside ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.exports.beside import LONGEST, Beside
from orchestration.exports.everything import EXPORTS, Export

[WORKBOOK] = [export for export in EXPORTS if export.name == LONGEST]
[PEOPLE] = [export for export in EXPORTS if export.name == "people"]

_BEGINS_AND_IS_KILLED = """
import os, signal, sys
from ingestion.settings import Settings
from orchestration.exports import beside

over_there = beside.Beside(Settings.from_environment())
over_there.prepare()
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


def test_a_mistake_is_told_as_if_it_were_made_here(settings: Settings) -> None:
    with pytest.raises(UserError) as here:
        WORKBOOK.write(settings)
    with closing(Beside(settings)) as beside:
        beside.begin()
        with pytest.raises(UserError) as over_there:
            beside.write(_over_there())
    assert str(over_there.value) == str(here.value)


def test_who_is_closed_leaves_nothing_behind(beside: Beside, published: Settings) -> None:
    beside.begin()
    process = pid_of(beside)
    beside.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    left = [path.name for path in published.exports.glob(".*") if path.name != ".state"]
    assert left == []


def test_the_process_goes_with_whoever_asked(published: Settings) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", _BEGINS_AND_IS_KILLED],
        cwd=PROJECT_ROOT,
        env={**os.environ, **published.environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,  # they share a standard error: it ends with the last of them
    )
    assert (asked.returncode, asked.stderr) == (-signal.SIGKILL, "")


def _over_there() -> Export:
    """The workbook as whoever asks for it knows it: to be written by others alone."""
    return Export(
        WORKBOOK.name, WORKBOOK.kind, WORKBOOK.noun, WORKBOOK.description, WORKBOOK.latest,
        never_written_here,
    )  # fmt: skip
