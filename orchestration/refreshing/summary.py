"""What a refresh came to, and where to look next."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from ingestion.formats import ACCESS_LOG
from ingestion.ledger import LedgerRow
from ingestion.settings import Settings
from orchestration import console
from orchestration.analytics import published
from orchestration.refreshing.outcomes import (
    Built,
    Compacted,
    Delivered,
    Exported,
    Loaded,
    Outcome,
    Published,
    Removed,
    Reported,
    Unchanged,
)
from orchestration.status.freshness import COLD_AFTER_DAYS
from orchestration.status.no_account import no_account_lines, read_known
from orchestration.status.uncounted import (
    unclassed_pages,
    unclassed_words,
    unmatched_events,
    unmatched_words,
)
from orchestration.status.unrated import unrated_amounts, unrated_words

REASONS_SHOWN = 3
"""Of an account, so that its line stays readable; the list for sales has them all."""

_HOTTEST = """
select domain, account_band, account_score, active_people_14d, why
from marts.sync_accounts
where account_score > 0
order by account_score desc, domain
limit 10
"""

_ALERTS = """
select
    coalesce(
        accounts.domain, people.primary_email, people.full_name,
        cast(alerts.entity_id as varchar)
    ) as who,
    -- who fell and rose within the pause after an alert was told of in the same band before
    case when alerts.band_before = alerts.band then 'fallen since' else alerts.band_before end,
    alerts.band
from marts.fct_alerts as alerts
left join marts.dim_accounts as accounts
    on alerts.entity_type = 'account' and alerts.entity_id = accounts.account_id
left join marts.dim_people as people
    on alerts.entity_type = 'person' and alerts.entity_id = people.person_id
where alerts.as_of_date = (select max_by(as_of_date, published_at) from ops.refreshes)
order by alerts.score desc, who
"""
ALERTS_SHOWN = 10

UNKNOWN_EXPLAINED = 3
"""Of files of no known format, so many are told why: a folder may be full of them."""


def print_summary(settings: Settings, outcomes: Sequence[Outcome], out: TextIO) -> None:
    """The numbers of each stage, the ten hottest accounts with their reasons, and next steps."""
    print(file=out)
    for line in stage_lines(outcomes):
        print(line, file=out)
    loaded = next((outcome for outcome in outcomes if isinstance(outcome, Loaded)), None)
    if loaded and loaded.newest_event_at is None:
        print(f"\n{words_for_an_empty_log(settings)}", file=out)
    else:
        print_hottest(settings, out)
        print_alerts(settings, out)
        print_unscored(settings, out)
    print_unrated(settings, out)
    if loaded and (words := cold_words(loaded)):
        print(f"\n{words}", file=out)
    print("\nWhere to look next", file=out)
    for what, where in _next_steps(settings):
        print(f"  {what:<18} {where}", file=out)


def words_for_an_empty_log(settings: Settings) -> str:
    """What to do where no event was ever loaded."""
    return (
        "Nothing is scored: no event has been loaded yet. "
        f"Put a log into {short(settings.landing)}, or name it: intent refresh LOG"
    )


def cold_words(loaded: Loaded) -> str | None:
    """Why every score is low, where the log ends more than a week before the as-of date."""
    if loaded.newest_event_at is None:
        return None
    newest = loaded.newest_event_at.date()
    days = (loaded.as_of_date - newest).days
    if days <= COLD_AFTER_DAYS:
        return None
    return (
        f"Everything is cold because the log is old: its newest event is of {newest}, "
        f"{days:,} days before {loaded.as_of_date}. "
        f"To score as of its last day: intent refresh --as-of {newest}"
    )


_WIDEST_REASONS = 400
"""Cells: a name in them may be as long as somebody likes."""


def print_hottest(settings: Settings, out: TextIO) -> None:
    """The ten hottest accounts of the published file."""
    with published(settings) as connection:
        rows = connection.execute(_HOTTEST).fetchall()
        why_none = [] if rows else list(no_account_lines(read_known(connection)))
    if why_none:
        print("", *why_none, sep="\n", file=out)
        return
    print("\nHottest accounts", file=out)
    console.table(
        ["account", "band", "score", "active", "why"],
        [
            (domain, band, score, active, console.cut(first_reasons(why), _WIDEST_REASONS))
            for domain, band, score, active, why in rows
        ],
        right=("score", "active"),
        indent=2,
        out=out,
    )


def print_alerts(settings: Settings, out: TextIO) -> None:
    """Who has risen into a band that sales want to hear of, as of the published day."""
    with published(settings) as connection:
        rows = connection.execute(_ALERTS).fetchall()
    if not rows:
        return
    print("\nRisen since the refresh before", file=out)
    console.table(
        ["who", "was", "is"],
        rows[:ALERTS_SHOWN],
        indent=2,
        out=out,
    )
    if len(rows) > ALERTS_SHOWN:
        print(f"  … and {len(rows) - ALERTS_SHOWN:,} more: fct_alerts", file=out)


def print_unscored(settings: Settings, out: TextIO) -> None:
    """Which track events match no rule, and which pages no class: on a new site they may be the
    ones that matter."""
    with published(settings) as connection:
        unmatched, unclassed = unmatched_events(connection), unclassed_pages(connection)
    if unmatched:
        print(f"\nUnscored: {unmatched_words(unmatched)}", file=out)
    if unclassed:
        print(f"\nUnscored: {unclassed_words(unclassed)}", file=out)


def print_unrated(settings: Settings, out: TextIO) -> None:
    """Which costs and values are in a currency that has no rate."""
    with published(settings) as connection:
        unrated = unrated_amounts(connection)
    if unrated:
        print(f"\nWithout rate: {unrated_words(unrated)}", file=out)


def first_reasons(why: str | None) -> str:
    """The first reasons of a column `why`, which joins them with `; `.

    The same stands within a reason before `2 count`, where it parts nothing.
    """
    return "; ".join(re.split(r"; (?!\d+ counts?\b)", why or "")[:REASONS_SHOWN])


def stage_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The outcomes in lines for the terminal; exports that hold nothing share one."""
    empty = [each for each in outcomes if isinstance(each, Exported) and not each.row_count]
    for outcome in outcomes:
        if outcome not in empty:
            yield from outcome_lines(outcome)
        elif outcome == empty[-1]:
            yield empty_line(empty)


def empty_line(exports: Sequence[Exported]) -> str:
    """One line for exports that hold nothing: what was written all the same, and where."""
    if len(exports) == 1:
        return f"Exported   {short(exports[0].path)} (empty)"
    folder = Path(os.path.commonpath([export.path.parent for export in exports]))
    paths = ", ".join(str(export.path.relative_to(folder)) for export in exports)
    return f"Exported   {short(folder)}: {paths} (all empty)"


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """An outcome in lines for the terminal."""
    match outcome:
        case Loaded():
            files = console.counted(len(outcome.event_files), "file")
            known = f" ({outcome.known_files:,} loaded before)" if outcome.known_files else ""
            yield f"Loaded     {console.counted(outcome.events, 'event')} from {files}{known}"
            if lead_files := outcome.lead_files:
                files = console.counted(len(lead_files), "file")
                yield f"           {console.counted(outcome.leads, 'lead')} from {files}"
            if spend_files := outcome.spend_files:
                files = console.counted(len(spend_files), "file")
                rows = console.counted(outcome.spend_rows, "row")
                yield f"           {rows} of ad spend from {files}"
            reasons = ", ".join(f"{count:,} {code}" for code, count in outcome.rejected_by_reason)
            rejected = console.counted(outcome.rejected, "record")
            yield f"Rejected   {rejected}" + (f": {reasons}" if reasons else "")
            if left_out := left_out_words(outcome.files):
                yield f"Left out   {left_out}"
            for number, line in enumerate(unknown_lines(outcome.unknown)):
                yield f"{'' if number else 'Unknown':<10} {line}"
        case Built():
            yield f"Built      {built_words(outcome)}"
            yield from (f"Rebuilt    {line}" for line in outcome.rebuilt)
            if outcome.leftovers:
                yield f"Dropped    {leftover_words(outcome)}"
            yield f"Tested     {console.counted(outcome.tests, 'test')} passed"
            yield from (f"           warning: {warning}" for warning in outcome.warnings)
        case Unchanged():
            yield f"Unchanged  {unchanged_words(outcome)}"
        case Compacted():
            yield f"Compacted  {compacted_words(outcome)}"
        case Published():
            yield f"Published  {short(outcome.path)} ({outcome.byte_count / 1e6:,.1f} MB)"
        case Exported():
            yield f"Exported   {short(outcome.path)} ({exported_words(outcome)})"
        case Removed():
            if outcome.exports or outcome.landing_files or outcome.reports:
                yield f"Removed    {removed_words(outcome)}"
            yield from (f"           not removed: {reason}" for reason in outcome.refused)
        case Reported():
            if outcome.made or outcome.refused:
                yield f"Reported   {reported_words(outcome)}"
        case Delivered():
            if outcome.is_news:
                yield f"Delivered  {outcome.words}"
            yield from (f"           warning: {warning}" for warning in outcome.warnings)


def left_out_words(files: Iterable[LedgerRow]) -> str:
    """What brought no event, lead or cost and was not refused, so that the records add up."""
    left_out: Counter[str] = Counter()
    for row in files:
        no_page = " (assets, redirects and errors of access logs)"
        left_out[f"skipped{no_page if row.format == ACCESS_LOG else ''}"] += row.skipped_count
        left_out["duplicate"] += row.duplicate_count
        left_out["collided"] += row.collided_count
        left_out["blank"] += row.blank_count
        left_out["unfinished"] += row.unfinished_count
    return ", ".join(f"{count:,} {name}" for name, count in left_out.most_common() if count)


def unknown_lines(unknown: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Files of no known format (name, and why): which, and of the first of them why."""
    if not unknown:
        return
    files = console.counted(len(unknown), "file")
    yield f"{files} of no known format: {console.listed([name for name, _ in unknown])}"
    for name, why in unknown[:UNKNOWN_EXPLAINED]:
        if why:
            yield f"{console.safe(name)}: {console.safe(why)}"


def built_words(built: Built) -> str:
    """`82 models, 3 seeds`: seeds that are as they were are not loaded again, nor told."""
    models, seeds = console.counted(built.models, "model"), console.counted(built.seeds, "seed")
    return f"{models}, {seeds}" if built.seeds else models


def unchanged_words(unchanged: Unchanged) -> str:
    """That nothing was built, and since when what readers see is there."""
    since = f"{unchanged.published_at:%Y-%m-%d %H:%M} UTC"
    return f"nothing new since {since}; the tables are as they were, as of {unchanged.as_of_date}"


def compacted_words(compacted: Compacted) -> str:
    """`warehouse.duckdb: 812.3 MB, before 2,010.0 MB`."""
    before, now = (size / 1e6 for size in (compacted.bytes_before, compacted.byte_count))
    return f"{compacted.path.name}: {now:,.1f} MB, before {before:,.1f} MB"


def leftover_words(built: Built) -> str:
    """What an earlier version of the product left, in words."""
    return f"{console.counted(len(built.leftovers), 'table')} that no model makes any more"


def exported_words(exported: Exported) -> str:
    """`1 row`, `148 briefs`."""
    return console.counted(exported.row_count, exported.noun.removesuffix("s"))


def removed_words(removed: Removed) -> str:
    """What retention took away, in words."""
    exports = console.counted(len(removed.exports), "old export")
    files = console.counted(len(removed.landing_files), "loaded file")
    reports = f", {console.counted(len(removed.reports), 'old report')}" if removed.reports else ""
    return f"{exports}, {files} of landing/{reports}"


def reported_words(reported: Reported) -> str:
    """`3 mini-reports made`, and how many requests got none."""
    made = f"{console.counted(reported.made, 'mini-report')} made"
    if not reported.refused:
        return made
    return f"{made}; {console.counted(reported.refused, 'request')} without one"


def short(path: Path) -> str:
    """A path as seen from the current directory where it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _next_steps(settings: Settings) -> Iterator[tuple[str, str]]:
    for overview in sorted((settings.exports / "latest").glob("overview_*.html"))[-1:]:
        yield "how it went", short(overview)
    # where .venv is not activated, a line that can be typed as it stands
    intent = "intent" if shutil.which("intent") else short(Path(sys.executable).with_name("intent"))
    query = f'{intent} query "select * from dim_accounts"'
    yield "tables", f"{query}   ({short(settings.analytics)})"
    yield "lists for sales", short(settings.exports / "latest")
    yield "account briefs", short(settings.exports / "latest" / "briefs" / "index.html")
    yield "why this score", f"{intent} explain DOMAIN-OR-E-MAIL"
    yield "runs and lineage", f"{intent} ui"
