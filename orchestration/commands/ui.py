"""The Dagster UI with its daemon, on this machine alone, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TextIO

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.dagster_home.instance import dagster_environment, prepare_home

_SECONDS_TO_START = 120
_SECONDS_TO_STOP = 30


def serve(settings: Settings, host: str, port: int, out: TextIO) -> int:
    """Starts web server and daemon, says where they are, and ends both on Ctrl-C or SIGTERM.

    Returns 0 after an orderly end, 1 where they did not start or ended by themselves. Raises
    UserError where the port is taken.
    """
    _check_free(host, port)
    prepare_home(settings)
    log_file = settings.make_folder(settings.logs) / "ui.log"
    # Before anything is started: a shell that runs us in the background ignores Ctrl-C's signal,
    # and so would every process below us.
    previous = {sent: signal.signal(sent, _interrupt) for sent in (signal.SIGINT, signal.SIGTERM)}
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            _command(host, port),
            env={**os.environ, **dagster_environment(settings)},
            cwd=PROJECT_ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            # a group of its own: Ctrl-C reaches us alone, and we end the group in order
            start_new_session=True,
        )
    try:
        print("Starting the Dagster UI …", file=out, flush=True)
        if not _wait_until_up(process, f"http://{host}:{port}/server_info"):
            print(f"The UI did not start; see {log_file}", file=out)
            return 1
        print(
            f"Dagster UI: http://{host}:{port}  (schedule and sensors are on; Ctrl-C ends it)\n"
            f"Its log: {log_file}",
            file=out,
            flush=True,
        )
        process.wait()
        print(f"The UI ended by itself; see {log_file}", file=out)
    except KeyboardInterrupt:
        print("\nEnding …", file=out, flush=True)
        return 0
    else:
        return 1
    finally:
        _stop(process)
        for sent, handler in previous.items():
            signal.signal(sent, handler)


def _command(host: str, port: int) -> list[str]:
    return [
        sys.executable, "-m", "dagster", "dev",
        "--module-name", "orchestration.definitions",
        "--host", host,
        "--port", str(port),
        "--live-data-poll-rate", "2000",
    ]  # fmt: skip


def _check_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError, TypeError, UnicodeError) as error:
            raise UserError(
                f"The UI cannot listen on {host}:{port} ({error}); choose another --port"
            ) from None


def _wait_until_up(process: subprocess.Popen[bytes], address: str) -> bool:
    deadline = time.monotonic() + _SECONDS_TO_START
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with opener.open(address, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Web server, daemon and code server end on the interrupt that they know from a terminal."""
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if not _group_alive(process):
            break
        os.killpg(process.pid, sent)
        deadline = time.monotonic() + _SECONDS_TO_STOP
        while time.monotonic() < deadline and _group_alive(process):
            time.sleep(0.1)
    process.wait()


def _group_alive(process: subprocess.Popen[bytes]) -> bool:
    process.poll()  # collects it, so that it does not count as alive once it is done
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
