"""A disk that is full or may not be written to is told in a line; all else is let be."""

from __future__ import annotations

import errno
import os
import sqlite3

import duckdb
import pytest

from orchestration.cli import main
from orchestration.commands import loading
from orchestration.disk import in_plain_words


def system_error(number: int) -> OSError:
    return OSError(number, os.strerror(number), "data/x")


@pytest.mark.parametrize(
    "error",
    [
        *map(system_error, (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)),
        duckdb.IOException('Could not write all bytes to file "x": No space left on device'),
        duckdb.FatalException("database has been invalidated: File too large"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_is_told_with_what_to_do(error: Exception) -> None:
    words = in_plain_words(error)
    assert words is not None
    assert words.startswith(f"the disk is full ({error}); make room, then run this again")


@pytest.mark.parametrize(
    "error",
    [
        system_error(errno.EROFS),
        sqlite3.OperationalError("attempt to write a readonly database"),
    ],
)
def test_a_disk_that_may_not_be_written_to_is_told(error: Exception) -> None:
    assert str(in_plain_words(error)).startswith(f"the disk cannot be written to ({error}); mend")


@pytest.mark.parametrize("error", [ValueError("x"), system_error(errno.ENOENT)])
def test_other_errors_are_none_of_the_disk_s(error: Exception) -> None:
    assert in_plain_words(error) is None


def test_the_disk_is_found_behind_the_errors_that_came_of_it() -> None:
    failed = RuntimeError("the run failed")
    failed.__cause__ = system_error(errno.ENOSPC)
    assert "No space left" in str(in_plain_words(failed))


def test_causes_that_go_round_come_to_an_end() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert in_plain_words(first) is None


def test_a_command_tells_it_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> int:
        raise system_error(errno.ENOSPC)

    monkeypatch.setattr(loading, "load_and_print", fail)
    with pytest.raises(SystemExit) as left:
        main(["load", "."])
    assert left.value.code == 1
    assert capsys.readouterr().err == (
        "intent: the disk is full ([Errno 28] No space left on device: 'data/x'); make room, then"
        " run this again: nothing that was loaded is lost\n"
    )


def test_an_error_that_nobody_foresaw_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise ValueError("a bug")

    monkeypatch.setattr(loading, "load_and_print", fail)
    with pytest.raises(ValueError, match="a bug"):
        main(["load", "."])
