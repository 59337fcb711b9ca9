"""The explanation as text for people, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TextIO
from zoneinfo import ZoneInfo

from ingestion.settings import Settings
from orchestration import console
from orchestration.explain import sentences
from orchestration.explain.account import AccountExplained
from orchestration.explain.account_text import print_account
from orchestration.explain.explaining import Explained
from orchestration.explain.identity import Found
from orchestration.explain.identity_text import print_identity
from orchestration.explain.lines import PAGE_WIDTH, line
from orchestration.explain.person import PersonExplained, Profile
from orchestration.explain.score_text import print_lifts, print_news, print_reasons
from orchestration.whole_points import whole_change, whole_score


def explanation_json(found: Found, explained: Sequence[Explained]) -> str:
    """One JSON object: what was asked, and `people` or `account`."""
    document: dict[str, object] = {"asked_for": found.name, "is": found.kind}
    if found.kind == "domain":
        document["account"] = asdict(explained[0])
    else:
        document["people"] = [asdict(person) for person in explained]
    return json.dumps(document, default=console.utc_value, indent=2, ensure_ascii=False)


def print_explanation(
    found: Found, explained: Sequence[Explained], settings: Settings, out: TextIO
) -> None:
    """The explanation as text, times in INTENT_TIMEZONE."""
    if len(explained) > 1:
        print(f"{console.safe(found.name)} has served {len(explained)} people.\n", file=out)
    for each in explained:
        match each:
            case AccountExplained():
                print_account(each, out)
            case PersonExplained():
                _print_person(each, ZoneInfo(settings.timezone), out)


def _print_person(person: PersonExplained, zone: ZoneInfo, out: TextIO) -> None:
    if person.profile is None:
        print("This name owns no event of its own, so there is no person to score.", file=out)
    else:
        _print_profile(person.profile, zone, out)
    if person.uncounted:
        line("Why none", sentences.uncounted_words(person.uncounted), out)
    if person.account:
        account = person.account
        name = f" ({account.company_name})" if account.company_name else ""
        line(
            "Account",
            f"{account.domain}{name}, {account.account_band}"
            f" with {whole_score(account.account_score)}",
            out,
        )
    if person.outlook:
        print_news(person.outlook, person, out)
    print_reasons(person, out)
    if person.outlook:
        print_lifts(person.outlook, person, out)
    print_identity(person, zone, out)
    _print_sessions(person, zone, out)
    _print_lead_magnet(person, zone, out)
    print(file=out)


def _print_profile(profile: Profile, zone: ZoneInfo, out: TextIO) -> None:
    name = profile.full_name or profile.primary_email or "Not identified"
    work = ", ".join(text for text in (profile.job_title, profile.company_name) if text)
    line("Person", f"{name} ({profile.person_id})", out)
    if profile.primary_email:
        line("E-mail", profile.primary_email, out)
    if work:
        line("Work", work, out)
    line(
        "Seen",
        f"{console.shown_time(profile.first_seen_at, zone)} to"
        f" {console.shown_time(profile.last_seen_at, zone)},"
        f" {console.counted(profile.event_count, 'event')} in"
        f" {console.counted(profile.session_count, 'session')};"
        f" first by {profile.first_channel or 'no channel'},"
        f" last by {profile.latest_channel or 'no channel'}",
        out,
    )
    line(
        "Score",
        f"{whole_score(profile.intent_score)}, {profile.intent_band}, as of"
        f" {profile.as_of_date}"
        f" ({whole_change(profile.intent_score, profile.score_change_7d):+} in 7 days;"
        f" {console.score(profile.points)} points)",
        out,
    )
    if profile.exclusion_reason:
        line("Excluded", sentences.exclusion_words(profile.exclusion_reason), out)
    if profile.flag_reasons:
        line("Flags", profile.flag_reasons, out)


def _print_sessions(person: PersonExplained, zone: ZoneInfo, out: TextIO) -> None:
    if not person.sessions:
        return
    print("\nSessions, newest first", file=out)
    console.table(
        ["started", "seconds", "events", "pages", "channel", "entry page"],
        [
            (
                console.shown_time(each.started_at, zone),
                f"{each.duration_seconds:.0f}",
                each.event_count,
                each.page_view_count,
                each.channel,
                console.cut(each.entry_page_url or "", PAGE_WIDTH),
            )
            for each in person.sessions
        ],
        right=["seconds", "events", "pages"],
        indent=2,
        out=out,
    )
    more = (person.profile.session_count if person.profile else 0) - len(person.sessions)
    if more > 0:
        print(f"  … and {console.counted(more, 'earlier one')}", file=out)


def _print_lead_magnet(person: PersonExplained, zone: ZoneInfo, out: TextIO) -> None:
    if person.requests:
        print("\nReports asked for, newest first", file=out)
        console.table(
            ["asked", "offer", "score", "mail", "sent", "qualified"],
            [
                (
                    console.shown_time(each.requested_at, zone),
                    console.cut(each.offer_id, 16),
                    "" if each.score is None else f"{each.score} %",
                    "yes" if each.marketing_consent else "no",
                    console.shown_time(each.delivered_at, zone),
                    console.cut("yes" if each.is_qualified else f"no: {each.disqualified_by}", 28),
                )
                for each in person.requests
            ],
            right=["score"],
            indent=2,
            out=out,
        )
    if person.steps:
        print("\nSteps of the lead magnet, each at the first time", file=out)
        console.table(
            ["reached", "offer", "step", "came by", "campaign"],
            [
                (
                    console.shown_time(each.reached_at, zone),
                    console.cut(each.offer_id, 16),
                    console.cut(each.meaning, 28),
                    console.cut(each.channel, 16),
                    console.cut(each.campaign or "", 14),
                )
                for each in person.steps
            ],
            indent=2,
            out=out,
        )
