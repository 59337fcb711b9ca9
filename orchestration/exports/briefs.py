"""The account briefs: a page for each hot or warm account, and one that lists them."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import duckdb
from jinja2 import Environment

from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.exports.chart import Bar, bars, day_words
from orchestration.exports.files import drafted_folder, link_or_copy
from orchestration.exports.page_names import page_name
from orchestration.exports.pages import environment
from orchestration.exports.tables import as_of_date

REASONS_SHOWN = 6
PEOPLE_SHOWN = 5
"""So that a brief is one page on paper."""


def _as_said(reasons: str) -> str:
    """SQL: reasons without how many times of them count, which is the score's affair alone."""
    return rf"regexp_replace({reasons}, '; \d+ counts?(;|$)', '\1', 'g')"


_ACCOUNTS = f"""
select
    account_id, domain, coalesce(company_name, domain) as name, owner, account_band as band,
    shown_score as score, surge, people_count, active_people_14d as active_people,
    opening_line, {_as_said("first_reason")} as first_reason, channels, session_count,
    first_seen_at, last_seen_at, chart_from_date, as_of_date, is_customer
from marts.rpt_account_briefs
-- by the score that is shown, as the list and the overview are
order by shown_score desc, domain
"""
_PEOPLE = f"""
select
    account_id, coalesce(full_name, email) as name, job_title, email, intent_band as band,
    intent_score as score, score_change_7d as change,
    {_as_said("what_they_did")} as what_they_did
from marts.rpt_account_people
order by account_id, person_rank
"""
_REASONS = """
select account_id, reason as words, shown_share as share
from marts.rpt_account_reasons
order by account_id, reason_rank
"""
_DAYS = """
select account_id, event_date, points, people_count, event_count
from marts.rpt_account_days
order by account_id, event_date
"""


@dataclass(frozen=True)
class Account:
    """What a brief says of the account itself. Times are UTC."""

    account_id: UUID
    domain: str
    name: str
    owner: str | None
    band: str
    score: int
    surge: float | None
    people_count: int
    active_people: int
    opening_line: str
    first_reason: str
    channels: str | None
    session_count: int | None
    first_seen_at: datetime
    last_seen_at: datetime
    chart_from_date: date
    as_of_date: date
    is_customer: bool

    @property
    def page(self) -> str:
        """The name of its file."""
        return page_name(self.domain)


@dataclass(frozen=True)
class Person:
    """A person of an account: `what_they_did` in plain words."""

    name: str
    job_title: str | None
    email: str
    band: str
    score: int
    change: int
    what_they_did: str


@dataclass(frozen=True)
class Reason:
    """What adds to the account's score, and how many of its whole points."""

    words: str
    share: int
    width: str
    """Of its bar, in percent of the score."""


@dataclass(frozen=True)
class MoreReasons:
    """The reasons that a page has no room for."""

    count: int
    share: int
    width: str


@dataclass(frozen=True)
class Brief:
    """All that a page shows."""

    account: Account
    people: Sequence[Person]
    reasons: Sequence[tuple[str, int]]
    days: Sequence[Bar]


def export_briefs(settings: Settings) -> tuple[Path, int]:
    """Writes `briefs/<as of>/` in exports/, and the same in exports/latest/briefs/.

    Reads the published file alone. Returns the path of index.html and the number of briefs.
    """
    with published(settings) as connection:
        as_of = as_of_date(connection)
        found = read_briefs(connection)
    folder = settings.exports / "briefs" / as_of.isoformat()
    with drafted_folder(folder) as draft:
        write_briefs(found, as_of, settings.timezone, draft)
    with drafted_folder(settings.exports / "latest" / "briefs") as draft:
        shutil.copytree(folder, draft, copy_function=link_or_copy, dirs_exist_ok=True)
    return folder / "index.html", len(found)


def read_briefs(connection: duckdb.DuckDBPyConnection) -> list[Brief]:
    """The briefs of the published file, hottest account first."""
    people = _by_account(connection, _PEOPLE)
    reasons = _by_account(connection, _REASONS)
    days = _by_account(connection, _DAYS)
    return [
        Brief(
            account=Account(*row),
            people=[Person(*person) for person in people[row[0]]],
            reasons=[(words, share) for words, share in reasons[row[0]]],
            days=[_bar(*day) for day in days[row[0]]],
        )
        for row in connection.execute(_ACCOUNTS).fetchall()
    ]


def write_briefs(found: Sequence[Brief], as_of: date, zone_name: str, folder: Path) -> None:
    """Writes the page of each brief, and index.html, into `folder`."""
    pages = environment(ZoneInfo(zone_name))
    for brief in found:
        text = brief_page(pages, brief, zone_name)
        (folder / brief.account.page).write_text(text, encoding="utf-8", newline="")
    index = pages.get_template("index.html.j2").render(
        accounts=[brief.account for brief in found], as_of_date=as_of
    )
    (folder / "index.html").write_text(index, encoding="utf-8", newline="")


def brief_page(pages: Environment, brief: Brief, zone_name: str) -> str:
    """One brief as HTML that needs nothing beside it."""
    account = brief.account
    shown, rest = brief.reasons[:REASONS_SHOWN], brief.reasons[REASONS_SHOWN:]
    rest_share = sum(share for _, share in rest)
    return pages.get_template("brief.html.j2").render(
        account=account,
        chart=bars(brief.days, account.chart_from_date, account.as_of_date),
        chart_days=(account.as_of_date - account.chart_from_date).days + 1,
        reasons=[Reason(words, share, _width(share, account)) for words, share in shown],
        more_reasons=MoreReasons(len(rest), rest_share, _width(rest_share, account)),
        people=brief.people[:PEOPLE_SHOWN],
        more_people=max(len(brief.people) - PEOPLE_SHOWN, 0),
        zone_name=zone_name,
    )


def _width(share: float, account: Account) -> str:
    return f"{100 * share / account.score if account.score else 0:.1f}"


def _bar(day: date, points: float, people_count: int, event_count: int) -> Bar:
    people = "1 person" if people_count == 1 else f"{people_count} people"
    events = "1 event" if event_count == 1 else f"{event_count} events"
    return Bar(day, points, f"{day_words(day)}: {points:g} points, {people}, {events}")


def _by_account(
    connection: duckdb.DuckDBPyConnection, sql: str
) -> Mapping[UUID, list[tuple[Any, ...]]]:
    found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for account_id, *rest in connection.execute(sql).fetchall():
        found[account_id].append(tuple(rest))
    return found
