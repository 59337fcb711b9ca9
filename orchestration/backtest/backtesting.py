"""`intent backtest`: the frames and findings of the log that is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import duckdb

from ingestion import warehouse
from ingestion.errors import UserError
from ingestion.lock import writer_lock
from ingestion.settings import Settings
from orchestration.asked_pages import check_page, page_words, put_page
from orchestration.backtest.findings import Findings, findings_of
from orchestration.backtest.frames import Heard, dates_of, frames_of, no_frames
from orchestration.backtest.history import History, read_history
from orchestration.backtest.page import findings_page
from orchestration.backtest.report import findings_json, print_findings
from orchestration.backtest.scoring import Rules, read_rules
from orchestration.console import is_terminal
from orchestration.formats import TextOrJson


@dataclass(frozen=True)
class Past:
    """A log as columns, None without an event, and the rules that it is scored by."""

    history: History | None
    rules: Rules


def backtest_and_print(
    settings: Settings,
    weeks: int,
    form: TextOrJson,
    html: Path | None,
    wait_seconds: float,
    out: TextIO,
    err: TextIO,
) -> None:
    """Prints the findings of `weeks` weekly dates, and writes them to the page `html` if asked.

    Raises UserError where nothing is built yet or the page cannot be written, lock.LockBusyError
    when the wait for another writer was in vain.
    """
    check_page(html)
    with writer_lock(settings, wait_seconds):
        past = read_past(settings)
    findings = findings_of_past(past, weeks, teller(err))
    if html is not None:
        put_page(html, findings_page(settings, findings))
    if form is TextOrJson.json:
        print(findings_json(findings), file=out)
    else:
        print_findings(findings, out)
    if html is not None:
        print(page_words(html), file=err)


def teller(err: TextIO, what: str = "date") -> Heard | None:
    """Says on a terminal which date is being looked at, in one line that the next replaces."""

    def tell(done: int, total: int) -> None:
        end = "\r" if done + 1 < total else "\r\033[K"
        err.write(f"{what} {done + 1} of {total}{end}")
        err.flush()

    return tell if is_terminal(err) else None


def read_past(settings: Settings) -> Past:
    """What a backtest needs, all of it in memory; the caller holds the writer lock.

    Raises UserError where no refresh has built anything yet.
    """
    if not settings.warehouse.exists():
        raise UserError(
            f"Nothing is built yet ({settings.warehouse} is missing); run: intent refresh"
        )
    with warehouse.connect(settings) as connection:
        try:
            return Past(read_history(connection), read_rules(connection))
        except duckdb.CatalogException as error:
            words = str(error).strip().split("\n", 1)[0]
            raise UserError(f"Nothing is built yet ({words}); run: intent refresh") from error


def findings_of_past(past: Past, weeks: int, on_day: Heard | None = None) -> Findings:
    """The findings of `weeks` weekly dates."""
    if past.history is None:
        return findings_of(no_frames(), [], past.rules.band_names)
    days: Sequence[int] = dates_of(past.history, weeks)
    frames = frames_of(past.history, past.rules, days, on_day)
    return findings_of(frames, days, past.rules.band_names)
