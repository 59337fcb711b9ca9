"""`intent backtest --suggest`: weights fitted to the log that is loaded, as files to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from ingestion.lock import writer_lock
from ingestion.settings import Settings
from orchestration.asked_pages import check_page, page_words, put_page
from orchestration.backtest.backtesting import read_past, teller
from orchestration.backtest.frames import dates_of
from orchestration.backtest.weights.page import suggestion_page
from orchestration.backtest.weights.report import print_suggestion, suggestion_json
from orchestration.backtest.weights.seed_files import (
    check_folder,
    read_seeds,
    with_rules,
    write_seeds,
)
from orchestration.backtest.weights.suggestion import suggestion_of
from orchestration.formats import TextOrJson


def suggest_and_print(
    settings: Settings,
    weeks: int,
    folder: Path,
    form: TextOrJson,
    html: Path | None,
    wait_seconds: float,
    out: TextIO,
    err: TextIO,
) -> None:
    """Prints what is suggested from `weeks` weekly dates; where something is, writes it to `folder`
    as seed files; and all of it to the page `html` if asked.

    Raises UserError where nothing is built yet, the seeds have changed since, or `folder` or the
    page cannot be written, lock.LockBusyError when the wait for another writer was in vain.
    """
    check_folder(folder)
    check_page(html)
    with writer_lock(settings, wait_seconds):
        past = read_past(settings)
    seeds = read_seeds(past.rules)
    suggestion = suggestion_of(
        past.history,
        past.rules,
        seeds.is_conversion,
        dates_of(past.history, weeks) if past.history else [],
        teller(err, "step"),
    )
    files = []
    if suggestion.is_suggested and suggestion.fitted is not None:
        files = write_seeds(with_rules(seeds, past.rules, suggestion.fitted.rules), folder)
    if html is not None:
        put_page(html, suggestion_page(settings, suggestion, seeds, files))
    if form is TextOrJson.json:
        print(suggestion_json(suggestion, seeds, files), file=out)
    else:
        print_suggestion(suggestion, seeds, files, out)
    if html is not None:
        print(page_words(html), file=err)
