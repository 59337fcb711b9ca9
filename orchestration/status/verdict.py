"""What a status comes to: is it fresh, is it complete, what was refused. Pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orchestration.console import counted
from orchestration.status.freshness import COLD_AFTER_DAYS, DAYS_BEHIND, WARN_AFTER, ago
from orchestration.status.state import PublishedState, Status

_HEALTHY = {"published", "running"}


def verdict(status: Status) -> str:
    """The status in one line."""
    if status.published is None or status.loaded is None:
        last = status.last_refresh
        if last and last.result == "running":
            return "Nothing is published yet; the first refresh is running."
        words = f" The last refresh: {last.result}." if last else ""
        return f"Nothing is published yet; run: intent refresh.{words}"
    stale, missing = why_not_fresh(status), why_not_complete(status)
    fresh = f"Not fresh: {'; '.join(stale)}" if stale else "Fresh"
    complete = f"not complete: {'; '.join(missing)}" if missing else "complete"
    if stale or missing:
        return f"{fresh}. {complete[0].upper()}{complete[1:]}. {_upper(refused_words(status))}."
    return f"{fresh}, {complete}; {refused_words(status)}."


def why_not_fresh(status: Status) -> list[str]:
    """What keeps the published version from being that of today; empty where it is fresh."""
    published, loaded, last = status.published, status.loaded, status.last_refresh
    if published is None or loaded is None:
        return ["nothing is published"]
    found = []
    age = age_of(published, status.checked_at)
    if age > WARN_AFTER:
        found.append(f"published {ago(age)}")
    behind = (status.checked_at.astimezone(UTC).date() - published.as_of_date).days
    if behind > DAYS_BEHIND and age <= WARN_AFTER:
        found.append(f"scores are as of {published.as_of_date}, {counted(behind, 'day')} ago")
    if loaded.newest_event_at is None:
        found.append("no event is loaded")
    else:
        days = (published.as_of_date - loaded.newest_event_at.date()).days
        if days > COLD_AFTER_DAYS:
            found.append(f"the newest event is {days:,} days older than the as-of date")
    if last and last.result not in _HEALTHY:
        found.append(f"the last refresh: {last.result}")
    # what a collector has just written waits for the next refresh, and always some does
    if left := len(status.waiting_files) - len(status.collected_lately):
        found.append(f"{counted(left, 'file')} {'waits' if left == 1 else 'wait'} in landing/")
    return found


def why_not_complete(status: Status) -> list[str]:
    """Records or events that are not where they should be; empty where all are."""
    published, loaded = status.published, status.loaded
    if published is None or loaded is None:
        return ["nothing is published"]
    found = []
    lost = loaded.records - loaded.accounted
    if lost:
        found.append(f"{counted(abs(lost), 'record')} {'unaccounted for' if lost > 0 else 'more'}")
    if published.events != loaded.events:
        found.append(
            f"{counted(loaded.events, 'event')} loaded, {published.events:,} in fct_events"
        )
    return found


def refused_count(status: Status) -> int:
    """Records in quarantine."""
    return sum(refused.record_count for refused in status.refused)


def refused_words(status: Status) -> str:
    """`600 records refused (0.3 %)`: their share of all records."""
    count = refused_count(status)
    if not count:
        return "nothing refused"
    records = status.loaded.records if status.loaded else 0
    return f"{counted(count, 'record')} refused ({share(count, records)})"


def share(part: int, whole: int) -> str:
    """`0.3 %`; what is not nothing is never told as nothing."""
    percent = 100 * part / whole if whole else 0.0
    if part and percent < 0.1:
        return "under 0.1 %"
    return f"{percent:.1f} %"


def age_of(published: PublishedState, at: datetime) -> timedelta:
    """How long before `at` (with a zone) readers saw this version first."""
    return at - published.published_at.replace(tzinfo=UTC)


def _upper(words: str) -> str:
    return words[0].upper() + words[1:]
