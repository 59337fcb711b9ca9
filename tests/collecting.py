"""A collector on a data directory of its own, and what it wrote."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from httpx import Response
from starlette.testclient import TestClient

from ingestion import warehouse
from ingestion.collector.application import application
from ingestion.collector.journal import Journal
from ingestion.collector.limits import Limits
from ingestion.collector.server import address_of, listening_socket, server_of
from ingestion.loader import load_paths
from ingestion.settings import PROJECT_ROOT, Settings

KEY = "key-of-the-tests"
AT = "2026-06-01T09:00:00.000Z"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
COMMAND_LINE = "from orchestration.cli import main; main()"
VISITOR = "203.0.113.77"

Message = dict[str, Any]


def settings_in(folder: Path, **given: Any) -> Settings:
    return Settings(
        data_dir=folder / "data",
        given_write_key=KEY,
        given_secret_key="of the tests, which is no secret",
        **given,
    )


def track(message_id: str | None = "m1", **parts: Any) -> Message:
    """A track event that a collector takes; parts given as None are left out."""
    whole = {
        "messageId": message_id,
        "event": "signup",
        "anonymousId": "a1",
        "timestamp": AT,
        **parts,
    }
    return {key: value for key, value in whole.items() if value is not None}


def in_batch(message_id: str | None = "m1", **parts: Any) -> Message:
    return {"type": "track", **track(message_id, **parts)}


@dataclass
class Collecting:
    """A collector that answers, and what it has landed."""

    settings: Settings
    journal: Journal
    client: TestClient

    def post(self, path: str, body: Any, **options: Any) -> Response:
        """Posts JSON, with the write key."""
        options.setdefault("auth", (KEY, ""))
        return self.client.post(path, json=body, **options)

    def landed(self) -> list[Message]:
        """All that is in landing/ once the collector has ended."""
        self.journal.close()
        return landed(self.settings)

    def one(self) -> Message:
        [message] = self.landed()
        return message

    def load(self) -> LoadedLanding:
        """All that is in landing/, loaded into a warehouse."""
        self.journal.close()
        return load_landing(self.settings)


@contextmanager
def collecting(
    folder: Path, limits: Limits | None = None, tracker: Path | None = None, **given: Any
) -> Iterator[Collecting]:
    settings = settings_in(folder, **given)
    more = {} if tracker is None else {"tracker": tracker}
    with Journal(settings) as journal:
        app = application(settings, journal, limits=limits, **more)
        headers = {"user-agent": BROWSER}
        with TestClient(app, client=(VISITOR, 50_000), headers=headers) as client:
            yield Collecting(settings, journal, client)


def landed(settings: Settings) -> list[Message]:
    files = sorted(settings.landing.glob("*.ndjson"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


@dataclass(frozen=True)
class LoadedLanding:
    """What the loader made of landing/."""

    events: list[Message]
    rejected: list[tuple[str, str]]
    """Reason code and raw text."""
    record_count: int
    duplicate_count: int


def load_landing(settings: Settings, *, as_one_file: bool = False) -> LoadedLanding:
    """Loads what is in landing/; as one file where there are many, each of which takes its time."""
    if as_one_file:
        files = sorted(settings.landing.glob("*.ndjson"))
        (settings.landing / "all.ndjson").write_bytes(b"".join(each.read_bytes() for each in files))
        for path in files:
            path.unlink()
    with warehouse.connect(settings) as connection:
        rows = load_paths(connection, settings, [settings.landing])
        return LoadedLanding(
            _rows(connection, "select * from raw.events order by event_id"),
            connection.execute(
                "select reason_code, raw_text from raw.rejected_events order by all"
            ).fetchall(),
            sum(row.record_count for row in rows),
            sum(row.duplicate_count + row.collided_count for row in rows),
        )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Message]:
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@dataclass
class Running:
    """`intent collect` in a process of its own."""

    process: subprocess.Popen[str]
    url: str
    told: list[str]
    """What it has printed."""

    def end(self, sent: signal.Signals = signal.SIGTERM) -> int:
        """Sends a signal; the exit code."""
        self.process.send_signal(sent)
        rest, _ = self.process.communicate(timeout=60)
        self.told += rest.splitlines()
        return self.process.returncode


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """The command on a port of its own, up and answering; ended at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND_LINE, "collect", "--port", "0"],
        cwd=PROJECT_ROOT,
        env={**os.environ, **settings.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    told = []
    try:
        for line in process.stdout:
            told.append(line)
            if line.startswith("Counts: "):
                break
        found = re.match(r"Collecting on (http://\S+)", told[0])
        assert found, told
        yield Running(process, found[1], told)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@contextmanager
def serving(settings: Settings, limits: Limits | None = None) -> Iterator[str]:
    """A collector on a real socket, in a thread of this process; its URL."""
    opened = listening_socket("127.0.0.1", 0)
    is_up = threading.Event()
    settings = replace(settings, public_url=address_of(opened))
    with opened, Journal(settings) as journal:
        server = server_of(application(settings, journal, limits=limits), settings, is_up.set)
        thread = threading.Thread(target=server.run, args=([opened],))
        thread.start()
        try:
            assert is_up.wait(60)
            yield address_of(opened)
        finally:
            server.should_exit = True
            thread.join()
