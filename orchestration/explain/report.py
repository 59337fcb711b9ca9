"""The explanation as text for people, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TextIO
from zoneinfo import ZoneInfo

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration import console
from orchestration.analytics import published
from orchestration.explain.account import AccountExplained, explain_account
from orchestration.explain.identity import Found, Identifier, find
from orchestration.explain.person import PersonExplained, Profile, Uncounted, explain_person
from orchestration.whole_points import whole_change, whole_score, whole_shares

Explained = PersonExplained | AccountExplained


def explain(settings: Settings, who: str, as_of: date | None) -> tuple[Found, list[Explained]]:
    """What the published tables say of `who`.

    Raises UserError where nobody is so called, or `as_of` is not the day of the published scores.
    """
    with published(settings) as connection:
        row = connection.execute(
            "select as_of_date from ops.refreshes order by published_at desc limit 1"
        ).fetchone()
        if as_of is not None and row is not None and row[0] != as_of:
            raise UserError(
                f"The published scores are as of {row[0]}; those of {as_of} are not available."
                f" To publish that day: intent refresh --as-of {as_of}"
            )
        found = find(connection, who)
        explained: list[Explained] = [
            explain_account(connection, name)
            if found.kind == "domain"
            else explain_person(connection, name)
            for name in found.ids
        ]
    return found, explained


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
                _print_account(each, out)
            case PersonExplained():
                _print_person(each, ZoneInfo(settings.timezone), out)


def _print_person(person: PersonExplained, zone: ZoneInfo, out: TextIO) -> None:
    if person.profile is None:
        print("This name owns no event of its own, so there is no person to score.", file=out)
    else:
        _print_profile(person.profile, zone, out)
    if person.uncounted:
        _line("Why none", uncounted_words(person.uncounted), out)
    if person.account:
        account = person.account
        name = f" ({account.company_name})" if account.company_name else ""
        _line(
            "Account",
            f"{account.domain}{name}, {account.account_band}"
            f" with {whole_score(account.account_score)}",
            out,
        )
    _print_reasons(person, out)
    print(f"\nIdentifiers (times in {zone.key})", file=out)
    console.table(
        ["type", "identifier", "from", "to", "first seen", "last seen", "evidence"],
        [
            (
                each.identifier_type,
                each.identifier,
                console.shown_time(each.valid_from, zone),
                console.shown_time(each.valid_to, zone),
                console.shown_time(each.first_seen_at, zone),
                console.shown_time(each.last_seen_at, zone),
                _evidence(each, zone),
            )
            for each in person.identifiers
        ],
        indent=2,
        out=out,
    )
    for link in person.refused_links:
        print(
            console.safe(
                f"  refused: {link.left_identifier} and {link.right_identifier} stay apart"
                f" ({link.reason}; asked for by {link.link_type}, event {link.event_id})"
            ),
            file=out,
        )
    _print_sessions(person, zone, out)
    _print_lead_magnet(person, zone, out)
    print(file=out)


def uncounted_words(uncounted: Uncounted) -> str:
    """Why nothing that a person did counts: `7 events of a bot's agent, 1 that no rule matches`."""
    counts = (
        (uncounted.of_bots, "of a bot's agent"),
        (uncounted.flagged, "of a visitor flagged as no person"),
        (uncounted.without_rule, "that no rule matches"),
        (uncounted.too_old_or_later, "too long ago, or after that day"),
    )
    told = [(count, words) for count, words in counts if count]
    return ", ".join(
        f"{f'{count:,}' if place else console.counted(count, 'event')} {words}"
        for place, (count, words) in enumerate(told)
    )


def _print_profile(profile: Profile, zone: ZoneInfo, out: TextIO) -> None:
    name = profile.full_name or profile.primary_email or "Not identified"
    work = ", ".join(text for text in (profile.job_title, profile.company_name) if text)
    _line("Person", f"{name} ({profile.person_id})", out)
    if profile.primary_email:
        _line("E-mail", profile.primary_email, out)
    if work:
        _line("Work", work, out)
    _line(
        "Seen",
        f"{console.shown_time(profile.first_seen_at, zone)} to"
        f" {console.shown_time(profile.last_seen_at, zone)},"
        f" {console.counted(profile.event_count, 'event')} in"
        f" {console.counted(profile.session_count, 'session')};"
        f" first by {profile.first_channel or 'no channel'},"
        f" last by {profile.latest_channel or 'no channel'}",
        out,
    )
    _line(
        "Score",
        f"{whole_score(profile.intent_score)}, {profile.intent_band}, as of"
        f" {profile.as_of_date}"
        f" ({whole_change(profile.intent_score, profile.score_change_7d):+} in 7 days;"
        f" {console.score(profile.points)} points)",
        out,
    )
    if profile.exclusion_reason:
        _line("Excluded", f"{profile.exclusion_reason}: not scored, and in no export", out)
    if profile.flag_reasons:
        _line("Flags", profile.flag_reasons, out)


def _print_reasons(person: PersonExplained, out: TextIO) -> None:
    if not person.reasons or person.profile is None:
        return
    print("\nReasons", file=out)
    shares = whole_shares(
        [each.score_share for each in person.reasons], person.profile.intent_score
    )
    total = ("", sum(shares), "sum: the score", "", "")
    console.table(
        ["day", "share", "reason", "rule", "events"],
        [
            (each.event_date, share, each.reason, each.rule_id, _few(each.event_ids))
            for each, share in zip(person.reasons, shares, strict=True)
        ]
        + [total],
        right=["share"],
        indent=2,
        out=out,
    )
    for each in person.reasons:
        if each.is_hand_raise:
            print(
                console.safe(
                    "  A raised hand adds no points and makes the band"
                    f" {person.profile.intent_band} while it lasts: {each.reason}"
                ),
                file=out,
            )


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
                each.entry_page_url,
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
            ["asked", "offer", "score", "qualified", "mail agreed to", "sent", "request"],
            [
                (
                    console.shown_time(each.requested_at, zone),
                    each.offer_id,
                    "" if each.score is None else f"{each.score} %",
                    "yes" if each.is_qualified else f"no: {each.disqualified_by}",
                    "yes" if each.marketing_consent else "no",
                    console.shown_time(each.delivered_at, zone),
                    each.request_id,
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
                    each.offer_id,
                    each.meaning,
                    each.channel,
                    each.campaign,
                )
                for each in person.steps
            ],
            indent=2,
            out=out,
        )


def _print_account(account: AccountExplained, out: TextIO) -> None:
    profile = account.profile
    name = f" ({profile.company_name})" if profile.company_name else ""
    _line("Account", f"{profile.domain}{name}", out)
    _line(
        "Score",
        f"{whole_score(profile.account_score)}, {profile.account_band}, as of"
        f" {profile.as_of_date} ({console.score(profile.points)} points)",
        out,
    )
    surge = "no base to compare with" if profile.surge is None else f"{profile.surge:.1f} × usual"
    _line(
        "People",
        f"{profile.people_count:,}, of whom {profile.active_people_14d:,} active in 14 days;"
        f" surge: {surge}",
        out,
    )
    if not account.reasons:
        return
    print("\nReasons", file=out)
    added = sum(each.added_points for each in account.reasons)
    shares = whole_shares([each.score_share for each in account.reasons], profile.account_score)
    console.table(
        ["who", "own points", "count here", "share", "reason"],
        [
            (
                each.full_name or each.primary_email or each.reason_type,
                console.score(each.points),
                console.score(each.added_points),
                share,
                each.reason,
            )
            for each, share in zip(account.reasons, shares, strict=True)
        ]
        + [("", "", console.score(added), sum(shares), "sum: the score")],
        right=["own points", "count here", "share"],
        indent=2,
        out=out,
    )


def _line(label: str, words: str, out: TextIO) -> None:
    print(f"{label:<10} {console.safe(words)}", file=out)


def _evidence(identifier: Identifier, zone: ZoneInfo) -> str:
    if identifier.link_event_id is None:
        return "its own name"
    event = identifier.link_event_name or identifier.link_event_type or "event"
    at = console.shown_time(identifier.link_event_at, zone)
    return f"{event} {at} (event {identifier.link_event_id})"


def _few(event_ids: Sequence[str]) -> str:
    shown = ", ".join(event_ids[:2])
    return shown if len(event_ids) <= 2 else f"{shown} and {len(event_ids) - 2} more"
