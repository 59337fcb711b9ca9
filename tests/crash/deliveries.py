"""Kills runs that send mini-reports, runs them again, and looks at what a mail server got.

`python -m tests.crash.deliveries FOLDER [--kills N] [--every-point] [--seed S]` prints a report as
JSON. FOLDER, which must be empty, is worked in. Without more it kills at the points that matter:
before the intent, before DATA, after the server's 250 and before the result of the first message.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import smtplib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingestion.settings import Settings
from orchestration.delivery import report_files, smtp
from orchestration.delivery.ledger import Ledger, State
from orchestration.delivery.report_mail import deliver_reports
from orchestration.delivery.standing import mail_standing
from orchestration.reports import report_mail
from tests.crash.children import Ended, run_in_child
from tests.crash.faults import Faults
from tests.unit.orchestration.mail_server import Inbox, mail_server
from tests.unit.orchestration.small_requests import ADA, BOB, CLEO, NOW, publish_requests

REQUESTS = (ADA, BOB, CLEO)
_OF_LEDGER = "in ledger.note"


@dataclass
class Noting(Inbox):
    """A server that notes each message on the disk before it says 250."""

    notes: Path = Path()

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802 (the name that aiosmtpd looks for)
        answer = await super().handle_DATA(*given)
        with self.notes.open("a") as file:
            file.write(f"{self.messages[-1]['To']}\n")
            file.flush()
            os.fsync(file.fileno())
        return answer


@contextmanager
def _server(notes: Path) -> Iterator[int]:
    """A mail server in a process of its own, which no fork of this one holds a part of."""
    port_file = notes.with_name("port")
    child = os.fork()
    if not child:
        with mail_server(Noting(notes=notes)) as port:
            draft = port_file.with_name("port.draft")
            draft.write_text(str(port))
            draft.replace(port_file)
            signal.pause()
        os._exit(0)
    try:
        while not port_file.exists():
            time.sleep(0.01)
        yield int(port_file.read_text())
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@dataclass(frozen=True)
class Rig:
    """Works in `folder`; `smtp_url` None: mails go into outbox/."""

    folder: Path
    notes: Path
    smtp_url: str | None

    def try_kill(self, at: int | None, seconds: float | None) -> tuple[Ended, list[str], list[str]]:
        """A run that is killed at a point, or after so long, and another one. Returns how the first
        ended, the points that it passed, and what is wrong after the second."""
        settings = self._fresh()
        first = self._run(settings, at, seconds)
        after_first = self._received(settings)
        again = self._run(settings, None, None)
        if first.error or again.error or again.killed_by:
            return first, [], [first.error or again.error or "killed"]
        wrong = self._wrong(settings, after_first)
        return first, list(again.answer), wrong

    def points(self) -> list[str]:
        """Of a run that nobody kills."""
        settings = self._fresh()
        done = self._run(settings, None, None)
        assert not done.error, done.error
        assert not self._wrong(settings, [])
        assert not mail_standing(settings, NOW).uncertain
        return list(done.answer)

    def _fresh(self) -> Settings:
        number = len(list(self.folder.iterdir()))
        settings = Settings(
            data_dir=self.folder / f"data{number}",
            given_secret_key="0123456789abcdef" * 2,
            mail_from="reports@ours.example",
            smtp_url=self.smtp_url,
        )
        self.notes.write_text("")
        publish = run_in_child(lambda: publish_requests(settings, REQUESTS), self._answers())
        assert not publish.error, publish.error
        return settings

    def _answers(self) -> Path:
        return self.notes.with_name("answer.json")

    def _run(self, settings: Settings, at: int | None, seconds: float | None) -> Ended:
        def work() -> list[str]:
            faults = Faults(at)
            faults.install()
            for name in ("mail", "rcpt", "quit"):
                faults.wrap(smtplib.SMTP, name)
            faults.wrap(smtp.Connection, "_hand_over")
            # called when the server is ready for the text, and before it goes
            faults.wrap(smtp, "_as_data")
            deliver_reports(settings, lambda: NOW)
            return faults.points

        return run_in_child(work, self._answers(), seconds)

    def _received(self, settings: Settings) -> list[str]:
        """The addresses whose mail is out."""
        if self.smtp_url is not None:
            return sorted(self.notes.read_text().splitlines())
        return [
            str(each.email)
            for each in REQUESTS
            if (settings.outbox / f"{each.request_id}.eml").exists()
        ]

    def _wrong(self, settings: Settings, after_first: list[str]) -> list[str]:
        wrong = []
        received = Counter(self._received(settings))
        ledger = Ledger(settings).known()
        listed = {mail.key for mail in mail_standing(settings, NOW).uncertain}
        told = [
            json.loads(line)
            for path in settings.landing.glob("lead-magnet-*.ndjson")
            for line in path.read_text().splitlines()
        ]
        delivered = {
            event["properties"]["request_id"]
            for event in told
            if event["event"] == "report_delivered"
        }
        for each in REQUESTS:
            key, count = each.request_id, received[str(each.email)]
            state = ledger[key].state if key in ledger else None
            if count > 1:
                wrong.append(f"{key} was sent {count} times")
            if state not in {State.sent, State.uncertain}:
                wrong.append(f"{key} is {state} after an undisturbed run")
            if state is State.sent and not count:
                wrong.append(f"{key} is said to be sent, and is not")
            if (state is State.uncertain) != (key in listed):
                wrong.append(f"{key} is {state}, and the list of uncertain ones has {listed}")
            if (state is State.sent) != (key in delivered):
                wrong.append(f"{key} is {state}, and told as delivered: {delivered}")
        if len(listed) > 1:
            wrong.append(f"one kill left {len(listed)} uncertain")
        if not set(after_first) <= set(received):
            wrong.append("what was there is gone")
        contents = {(event["messageId"], json.dumps(event)) for event in told}
        if len(contents) != len({event_id for event_id, _ in contents}):
            wrong.append("an event was told with two contents")
        return wrong


def _that_matter(points: list[str]) -> dict[int, str]:
    """Before the ledger knows of any, and before the intent, before DATA, after 250 and before the
    result of the first message."""
    found = {}
    for number, name in enumerate(points, start=1):
        if name.startswith(("before _hand_over", "after _hand_over")):
            found[number] = name
        if name.startswith("before fsync") and _OF_LEDGER in name:
            found[number] = name
    return dict(list(found.items())[:5])


def run(folder: Path, kills: int, every_point: bool, seed: int) -> dict[str, Any]:
    """Kills at the points that matter, or at every one, and so often at any moment."""
    draws = random.Random(seed)
    for module in (report_files, report_mail):
        module.report_pdf = lambda _: b"%PDF-1.7\n"  # type: ignore[attr-defined]
    notes = folder / "notes"
    work = folder / "work"
    work.mkdir()
    wrong: list[dict[str, Any]] = []
    ended = Counter[str]()
    with _server(notes) as port:
        served = Rig(work, notes, f"smtp://127.0.0.1:{port}")
        rigs = [served, replace(served, smtp_url=None)] if every_point else [served]
        for rig in rigs:
            points = rig.points()
            chosen = _that_matter(points)
            if every_point:
                chosen = dict(enumerate(points, start=1))
            for number, name in chosen.items():
                first, _, told = rig.try_kill(number, None)
                ended["at a point"] += bool(first.killed_by)
                if told:
                    wrong.append({"killed": name, "wrong": told})
        began = time.monotonic()
        served.points()
        seconds = time.monotonic() - began
        for _ in range(kills):
            moment = draws.random() * seconds
            first, _, told = served.try_kill(None, moment)
            ended["at a moment"] += bool(first.killed_by)
            if told:
                wrong.append({"killed": f"after {moment:.3f} s", "wrong": told})
    return {"points": len(points), "chosen": list(chosen.values()), "ended": ended, "wrong": wrong}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--every-point", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    report = run(given.folder.absolute(), given.kills, given.every_point, given.seed)
    sys.stdout.write(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
