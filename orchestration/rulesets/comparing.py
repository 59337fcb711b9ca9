"""`intent compare-rulesets`: other scoring seeds, tried on the log that is loaded."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from ingestion.lock import writer_lock
from ingestion.settings import Settings
from orchestration.apart.compiled import compile_into, compiled_in
from orchestration.apart.database import apart
from orchestration.asked_pages import check_page, page_words, put_page
from orchestration.console import is_terminal
from orchestration.dbt.manifest import current_manifest
from orchestration.dbt.process import DbtFailed
from orchestration.dbt.seed_files import check_seed_files
from orchestration.formats import TextOrJson
from orchestration.rulesets import standing
from orchestration.rulesets.comparison import Comparison, compare
from orchestration.rulesets.files import Proposal, proposal_in, write_project
from orchestration.rulesets.page import comparison_page
from orchestration.rulesets.refusals import refusal
from orchestration.rulesets.report import comparison_json, print_comparison

_FOLDER = ".rules"
_LEFT_AFTER_SECONDS = 86_400
"""A folder as old as this is what a run that was killed has left."""


def compare_and_print(
    settings: Settings,
    folder: Path,
    form: TextOrJson,
    html: Path | None,
    wait_seconds: float,
    out: TextIO,
    err: TextIO,
) -> None:
    """Prints what the scoring seeds in `folder` would change, and writes the page `html` if asked.

    Raises UserError where there is nothing to compare with, the seeds make no sense, or the page
    cannot be written; lock.LockBusyError when the wait for another writer was in vain.
    """
    check_page(html)
    proposal = proposal_in(folder)
    comparison = compared(settings, proposal, wait_seconds, _teller(err))
    if html is not None:
        put_page(html, comparison_page(settings, comparison))
    if form is TextOrJson.json:
        print(comparison_json(comparison), file=out)
    else:
        print_comparison(comparison, out)
    if html is not None:
        print(page_words(html), file=err)


def compared(
    settings: Settings,
    proposal: Proposal,
    wait_seconds: float,
    say: Callable[[str], None] | None = None,
) -> Comparison:
    """The published scores against those by the proposed seeds; nothing is published or kept.

    say: is told before what takes long.
    """
    standing.last_refresh(settings)
    folder = settings.dbt_target.parent / f"{_FOLDER}.{os.getpid()}"
    project = folder / "project"
    for left in folder.parent.glob(f"{_FOLDER}.*"):
        if left == folder or left.stat().st_mtime < time.time() - _LEFT_AFTER_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    try:
        settings.make_folder(folder)
        write_project(project, proposal)
        if say is not None:
            say("Compiling the models with these rules …")
        try:
            check_seed_files(current_manifest(settings), project, proposal.place_of)
            compile_into(folder, settings, project, is_tested=True)
        except DbtFailed as error:
            raise refusal(error, folder / "target") from error
        compiled = compiled_in(folder)
        with writer_lock(settings, wait_seconds), apart(settings, compiled) as now:
            standing.check(settings, compiled, project, now)
            if say is not None:
                say("Scoring by them …")
            return compare(now)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _teller(err: TextIO) -> Callable[[str], None] | None:
    """Says on a terminal what takes long."""

    def tell(words: str) -> None:
        print(words, file=err, flush=True)

    return tell if is_terminal(err) else None
