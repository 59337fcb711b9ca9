"""How a command ends, above all where somebody presses Ctrl-C."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ingestion import blocks, warehouse
from ingestion.settings import Settings
from orchestration.cli import main
from orchestration.exit_codes import leave_with


@pytest.fixture(autouse=True)
def hears_ctrl_c() -> Iterator[None]:
    """As in a terminal: what is started in the background ignores it, and its children do."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


def code_of(command: Callable[[], object]) -> object:
    with pytest.raises(SystemExit) as left:
        leave_with(command)
    return left.value.code


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(interrupt) == 130
    assert capsys.readouterr().err == ""


def test_what_ctrl_c_breaks_is_no_fault_either(capsys: pytest.CaptureFixture[str]) -> None:
    def broken_by_it() -> None:
        try:
            interrupt()
        except KeyboardInterrupt:
            raise duckdb.InvalidInputException("reading the stream failed") from None

    assert code_of(broken_by_it) == 130
    assert capsys.readouterr().err == ""


def test_a_fault_that_nobody_asked_for_is_shown() -> None:
    def broken() -> None:
        raise duckdb.InvalidInputException("reading the stream failed")

    with pytest.raises(duckdb.InvalidInputException):
        leave_with(broken)


def test_ctrl_c_is_python_s_again_afterwards() -> None:
    code_of(interrupt)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_runs_in_the_background_goes_on() -> None:
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    done = []
    try:
        leave_with(lambda: (interrupt(), done.append("done")))
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, former)
    assert done == ["done"]


def test_a_load_that_is_interrupted_loses_nothing_and_is_done_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in "abc":
        message = {"type": "page", "messageId": name, "timestamp": "2026-06-01T09:00:00Z"}
        (logs / f"{name}.ndjson").write_text(json.dumps(message) + "\n")
    monkeypatch.setenv("INTENT_DATA_DIR", str(tmp_path / "data"))
    read_whole = blocks._of_one_schema
    begun: list[str] = []

    def in_the_second(*batches: Any) -> Iterator[pa.RecordBatch]:
        begun.append("file")
        if len(begun) == 2:
            interrupt()
        yield from read_whole(*batches)

    with monkeypatch.context() as patched:
        patched.setattr(blocks, "_of_one_schema", in_the_second)
        with pytest.raises(SystemExit) as left:
            main(["load", str(logs)])
    assert left.value.code == 130
    assert capsys.readouterr().err == ""
    assert loaded(tmp_path) == ["a"]
    with pytest.raises(SystemExit) as left:
        main(["load", str(logs)])
    assert left.value.code == 0
    assert loaded(tmp_path) == ["a", "b", "c"]


def loaded(folder: Path) -> list[str]:
    with warehouse.connect(Settings(data_dir=folder / "data")) as connection:
        rows = connection.execute("select event_id from raw.events order by all").fetchall()
    return [event_id for (event_id,) in rows]
