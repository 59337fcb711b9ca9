"""The status on one screen, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from ingestion.rejection_reasons import reason_of
from ingestion.settings import Settings
from orchestration import console
from orchestration.delivery.late_requests import WHAT_TO_DO
from orchestration.delivery.standing import MailStanding
from orchestration.refreshing.summary import short
from orchestration.status import verdict
from orchestration.status.freshness import ago
from orchestration.status.state import LoadedState, Status
from orchestration.status.uncounted import excluded_words, unclassed_words, unmatched_words
from orchestration.status.unrated import unrated_words

_LABEL = 13


def status_json(status: Status) -> str:
    """The status as one JSON object."""
    document: dict[str, Any] = {
        "verdict": verdict.verdict(status),
        "is_fresh": not verdict.why_not_fresh(status),
        "is_complete": not verdict.why_not_complete(status),
        "why_not_fresh": verdict.why_not_fresh(status),
        "why_not_complete": verdict.why_not_complete(status),
        **asdict(status),
        "rejected_by_reason": {each.reason_code: each.record_count for each in status.refused},
        "refused": [asdict(each) | asdict(reason_of(each.reason_code)) for each in status.refused],
        "files_waiting": len(status.waiting_files),
    }
    return json.dumps(document, default=console.utc_value, indent=2, ensure_ascii=False)


def print_status(status: Status, settings: Settings, out: TextIO) -> None:
    """The verdict, then what it rests on; times in INTENT_TIMEZONE."""
    zone = ZoneInfo(settings.timezone)
    print(f"{console.safe(verdict.verdict(status))}\n", file=out)
    for label, words in _lines(status, settings.landing, zone):
        print(f"{label:<{_LABEL}} {console.safe(words)}", file=out)
    if status.mail.uncertain or status.mail.not_sent:
        _print_mail(status.mail, zone, out)
    if status.refused:
        _print_refused(status, out)


def _lines(status: Status, landing: Path, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "Data", short(Path(status.data_dir))
    if published := status.published:
        age = verdict.age_of(published, status.checked_at)
        at = console.shown_time(published.published_at, zone)
        yield "Published", f"as of {published.as_of_date}, at {at} {zone.key}, {ago(age)}"
        yield "Newest event", _newest(status, zone)
    if last := status.last_refresh:
        started = console.shown_time(last.started_at, zone)
        took = f" in {last.seconds:,.0f} s" if last.seconds is not None else ""
        kept = f"; see {short(Path(last.message))}" if last.message else ""
        yield (
            "Last refresh",
            f"{last.result}{took}, begun {started} {zone.key}, run {last.dagster_run_id}{kept}",
        )
    if status.writer:
        yield "Writing now", status.writer
    yield "Landing", _waiting(status) or f"nothing waits in {short(landing)}"
    if loaded := status.loaded:
        yield "Records", _records(loaded)
        if status.published:
            yield "Events", f"{loaded.events:,} loaded, {status.published.events:,} in fct_events"
        if loaded.leads:
            yield "Leads", f"{loaded.leads:,} loaded"
        if loaded.spend_rows:
            yield "Ad spend", f"{console.counted(loaded.spend_rows, 'row')} loaded"
    if status.excluded:
        yield "Excluded", excluded_words(status.excluded)
    if status.unmatched:
        yield "Unscored", unmatched_words(status.unmatched)
    if status.unclassed:
        yield "" if status.unmatched else "Unscored", unclassed_words(status.unclassed)
    if status.unrated:
        yield "Without rate", unrated_words(status.unrated)
    if words := _mail(status.mail, zone):
        yield "Mail", words
    if late := status.late_requests:
        requests = console.counted(len(late), "request")
        yield (
            "Too late",
            f"{requests} came too late to be answered by themselves: {console.listed(late)};"
            f" {WHAT_TO_DO}",
        )
    if unfinished := status.unfinished_files:
        files = console.counted(len(unfinished), "file")
        yield (
            "Unfinished",
            f"{files} ended within a line, which the next load takes up:"
            f" {console.listed(unfinished)}",
        )


def _newest(status: Status, zone: ZoneInfo) -> str:
    published, loaded = status.published, status.loaded
    if published is None or loaded is None or loaded.newest_event_at is None:
        return "none"
    days = (published.as_of_date - loaded.newest_event_at.date()).days
    at = f"{console.shown_time(loaded.newest_event_at, zone)} {zone.key}"
    if days == 0:
        return f"{at}, on the as-of date"
    side = "before" if days > 0 else "after"
    return f"{at}, {console.counted(abs(days), 'day')} {side} the as-of date"


def _waiting(status: Status) -> str:
    waiting, lately = status.waiting_files, status.collected_lately
    parts = []
    if waiting:
        files = console.counted(len(waiting), "file")
        parts.append(f"{files} not published yet: {console.listed(waiting)}")
    if lately:
        which = "it" if len(waiting) == 1 else f"{len(lately):,} of them"
        verb = "is" if len(lately) == 1 else "are"
        parts.append(f"{which} {verb} of the collector, just now, for the next refresh")
    if status.is_collecting:
        parts.append("the collector has events in hand that land within a minute")
    return "; ".join(parts)


def _records(loaded: LoadedState) -> str:
    parts = {
        "event" if loaded.events == 1 else "events": loaded.events,
        "lead" if loaded.leads == 1 else "leads": loaded.leads,
        "ad spend": loaded.spend_rows,
        "duplicate": loaded.duplicates,
        "collided": loaded.collisions,
        "rejected": loaded.rejected,
        "skipped": loaded.skipped,
        "blank": loaded.blank,
        "unfinished": loaded.unfinished,
    }
    sum_of = " + ".join(f"{count:,} {name}" for name, count in parts.items() if count)
    sign = "=" if loaded.records == loaded.accounted else "≠"
    loads = console.counted(loaded.files, "load")
    return f"{loaded.records:,} of {loads} {sign} {sum_of or '0'}"


def _mail(mail: MailStanding, zone: ZoneInfo) -> str:
    """`3 sent, 1 waits (next try 2026-06-30 10:05 UTC)`; nothing where there was never a mail."""
    parts = [f"{mail.sent:,} sent"] if mail.sent else []
    if mail.in_outbox:
        parts.append(f"{mail.in_outbox:,} in outbox/, which nobody has sent")
    if mail.waiting:
        at = console.shown_time(mail.waiting[0].next_try_at, zone)
        waits = "waits" if len(mail.waiting) == 1 else "wait"
        parts.append(f"{len(mail.waiting):,} {waits} (next try {at} {zone.key})")
    if mail.not_sent:
        parts.append(f"{len(mail.not_sent):,} not sent")
    if mail.uncertain:
        parts.append(f"{len(mail.uncertain):,} uncertain")
    return ", ".join(parts)


def _print_mail(mail: MailStanding, zone: ZoneInfo, out: TextIO) -> None:
    print("\nMail that needs somebody", file=out)
    console.table(
        ["message", "state", f"last tried ({zone.key})", "tries", "answer", "what to do"],
        [
            (
                each.key,
                each.state,
                console.shown_time(each.at, zone),
                each.attempts,
                each.code,
                each.what_to_do,
            )
            for each in (*mail.uncertain, *mail.not_sent)
        ],
        right=["tries", "answer"],
        indent=2,
        out=out,
    )


def _print_refused(status: Status, out: TextIO) -> None:
    count = verdict.refused_count(status)
    rejected = status.loaded.rejected if status.loaded else count
    again = f" ({rejected - count:,} came again or were mended)" if rejected > count else ""
    records = console.counted(count, "record")
    print(f"\nRefused: {records}{again}. With what to do, and examples: intent rejected", file=out)
    console.table(
        ["records", "files", "reason", "meaning"],
        [
            (
                f"{each.record_count:,}",
                f"{each.file_count:,}",
                each.reason_code,
                reason_of(each.reason_code).meaning,
            )
            for each in status.refused
        ],
        right=["records", "files"],
        indent=2,
        out=out,
    )
