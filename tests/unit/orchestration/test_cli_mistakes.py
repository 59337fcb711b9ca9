"""A mistake of the caller's: one clear line on stderr, exit code 2, never a traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.cli import main


@pytest.fixture
def data_dir(published: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INTENT_DATA_DIR", str(published.data_dir))
    monkeypatch.chdir(published.data_dir)
    return published.data_dir


def run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code or 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("refresh", "no-such-file.ndjson"),
        ("refresh", "--as-of", "yesterday"),
        ("refresh", "--as-of", "2026-02-30"),
        ("load", "no-such-file.ndjson"),
        ("query", "selekt 1"),
        ("query", "select * from no_such_table"),
        ("query", "drop table dim_people"),
        ("explain", "nobody@nowhere.com"),
        ("explain", "acme.com", "--as-of", "2020-01-01"),
        ("explain", "acme.com", "--as-of", "x"),
        ("explain", "acme.com", "--as-of", "9999-12-31"),
        ("explain", "\udcff@acme.com"),
        ("explain", "acme.com", "--html", "/dev/null"),
        ("query", "select '\udce9'"),
        ("ui", "--host", "ü..x"),
        ("collect", "--host", "ü..x"),
        ("export", "--parquet", "."),
        ("export", "--parquet", "analytics.duckdb"),
        ("simulate", "--events", "10", "--out", "analytics.duckdb"),
        ("simulate", "--events", "10", "--out", "logs", "--end", "x"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    data_dir: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("intent: ")
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("refresh", "--no-such-option"),
        ("refresh", "--wait", "-1"),
        ("load",),
        ("query",),
        ("query", "select 1", "--format", "xml"),
        ("status", "--format", "csv"),
        ("explain",),
        ("export", "tables"),
        ("simulate", "--events", "0", "--out", "logs"),
        ("simulate", "--events", "many", "--out", "logs"),
        ("ui", "--port", "99999"),
    ],
)
def test_wrong_usage_is_explained(
    data_dir: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Usage: " in captured.err
    assert "Traceback" not in captured.err


def test_a_folder_that_one_is_in_cannot_be_put_in_place_whole(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_dir / "tables").mkdir()
    monkeypatch.chdir(data_dir / "tables")
    assert run("export", "--parquet", ".") == 2
    assert "where you are" in capsys.readouterr().err


def test_a_reader_who_has_left_is_no_fault_and_the_page_is_there_where_a_link_leads(
    data_dir: Path,
) -> None:
    page, link = data_dir / "page.html", data_dir / "link.html"
    page.write_text("former")
    link.symlink_to(page)
    code = "import sys; from orchestration.cli import main; main(sys.argv[1:])"
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", code, "explain", "acme.com", "--html", link.name],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")
    assert link.is_symlink()
    assert page.read_text().startswith("<!doctype html>")


def test_a_hostile_argument_is_shown_without_its_control_characters(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("explain", "\x1b[2J\nevil") == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "select 1"),
        ("shell",),
        ("explain", "a@b.de"),
        ("export",),
        ("export", "--parquet", "tables"),
    ],
)
def test_reading_before_anything_is_published_says_what_to_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.setenv("INTENT_DATA_DIR", str(tmp_path / "none"))
    assert run(*arguments) == 2
    assert "run: intent refresh" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_setting_that_cannot_be_used_is_a_mistake_too(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INTENT_TIMEZONE", "Mars/Olympus")
    assert run("status") == 2
    assert "INTENT_TIMEZONE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        "INTENT_KEEP_EXPORTS_DAYS", "INTENT_KEEP_LANDING_DAYS", "INTENT_KEEP_REPORTS_DAYS",
        "INTENT_REPORT_DAYS",
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["0", "-1", "1.5", "a week"])
def test_days_to_keep_are_whole_and_above_zero(
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    text: str,
) -> None:
    monkeypatch.setenv(name, text)
    assert run("export") == 2
    assert name in capsys.readouterr().err


def test_a_port_in_use_is_told_before_anything_is_started(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run("ui", "--port", str(taken.getsockname()[1])) == 2
    assert "choose another --port" in capsys.readouterr().err


def test_a_busy_writer_is_told_with_exit_code_3(
    data_dir: Path, published: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from ingestion.lock import writer_lock

    log = tmp_path / "log.ndjson"
    log.write_text("{}\n")
    with writer_lock(published, 0):
        assert run("load", str(log), "--wait", "0") == 3
    assert capsys.readouterr().err.startswith("intent: ")


def test_a_warehouse_open_elsewhere_is_told_with_its_name_and_exit_code_3(
    data_dir: Path, published: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = tmp_path / "log.ndjson"
    log.write_text("{}\n")
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(published.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdout.readline()
        assert run("load", str(log)) == 3
        other.stdin.write(b"\n")
    told = capsys.readouterr().err
    assert told.startswith(f"intent: {published.warehouse} is open in process {other.pid};")
    assert told.count("\n") == 1


def test_a_warehouse_that_is_no_database_is_a_mistake(
    data_dir: Path, published: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = tmp_path / "log.ndjson"
    log.write_text("{}\n")
    published.warehouse.write_bytes(b"no database" * 1_000)
    assert run("load", str(log)) == 2
    assert f"{published.warehouse} cannot be opened" in capsys.readouterr().err


def test_a_file_of_no_known_format_is_named_and_the_load_has_failed(
    data_dir: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, content in {"notes.txt": "some words\n", "empty.ndjson": ""}.items():
        (tmp_path / name).write_text(content)
    assert run("load", str(tmp_path / "empty.ndjson")) == 0
    assert capsys.readouterr().err == ""
    for _ in ("anew", "already loaded"):
        assert run("load", str(tmp_path / "notes.txt"), str(tmp_path / "empty.ndjson")) == 1
        assert capsys.readouterr().err == (
            "intent: 1 file of no known format: notes.txt\n"
            "intent: notes.txt: no line is a Segment message or a line of an access log\n"
        )


def test_a_load_says_what_follows_where_it_brought_something(
    data_dir: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = tmp_path / "mended.ndjson"
    log.write_text(
        '{"type": "page", "messageId": "m", "anonymousId": "a",'
        ' "timestamp": "2026-06-28T09:00:00Z"}'
    )
    followed = "\n1 record loaded; to build and publish with them: intent refresh\n"
    assert run("load", str(log)) == 0
    assert followed in capsys.readouterr().out
    assert run("load", str(log)) == 0
    assert "intent refresh" not in capsys.readouterr().out


def test_a_file_that_may_not_be_read_is_told_in_one_line(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "data/.writer.lock")

    monkeypatch.setattr("orchestration.status.state.read_status", refused)
    assert run("status") == 2
    assert capsys.readouterr().err == "intent: data/.writer.lock: no permission\n"


def test_without_a_command_the_commands_are_listed(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--help")
    listed = capsys.readouterr().out
    commands = [
        "refresh",
        "load",
        "status",
        "query",
        "shell",
        "explain",
        "export",
        "simulate",
        "ui",
    ]
    assert [name for name in commands if f"  {name} " not in listed] == []


def test_the_version_is_told_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert run("--version") == 0
    assert capsys.readouterr().out == f"intent {project['project']['version']}\n"
