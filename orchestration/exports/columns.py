"""The tables that sales get, column by column: the same in the workbook and in the CSVs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

BANDS = ("cold", "cool", "warm", "hot")
"""From the coldest to the hottest."""


class Kind(Enum):
    """What a column holds, and so how a spreadsheet shows it."""

    text = "text"
    prose = "prose"  # sentences, wrapped
    band = "band"
    score = "score"
    change = "change"
    ratio = "ratio"
    share = "share"
    count = "count"
    day = "day"
    time = "time"
    flag = "flag"


@dataclass(frozen=True)
class Column:
    """A column by the name that it has in the mart."""

    name: str
    kind: Kind
    width: int
    """In characters of a spreadsheet; a sheet makes it wide enough for its name too."""
    meaning: str = ""
    """Only where no mart describes it: the dictionary takes the rest from the published file."""


@dataclass(frozen=True)
class SalesTable:
    """A table that leaves for sales: a sheet of the workbook, and a CSV of its own."""

    name: str
    sheet: str
    mart: str | None
    """The table of the published file; None where it is worked out (orchestration/exports/news)."""
    order_by: str
    description: str
    columns: tuple[Column, ...]
    printed: int
    """How many of the columns, from the left, go on paper: all would be too small to read."""
    has_leads: bool = False
    """Whether the CRM's leads that nobody has seen are in it too (orchestration/exports/leads)."""

    @property
    def headings(self) -> list[str]:
        return [column.name for column in self.columns]


_AS_OF = Column("as_of_date", Kind.day, 12)

ACCOUNTS = SalesTable(
    "accounts",
    "accounts",
    "sync_accounts",
    "account_score desc, domain",
    "Accounts for sales, hottest first, with the reasons in plain words.",
    (
        Column("domain", Kind.text, 30),
        Column("company_name", Kind.text, 26),
        Column("account_band", Kind.band, 9),
        Column("account_score", Kind.score, 9),
        Column("surge", Kind.ratio, 8),
        Column("people_count", Kind.count, 9),
        Column("active_people_14d", Kind.count, 9),
        Column("hottest_people", Kind.prose, 40),
        Column("why", Kind.prose, 80),
        Column("last_seen_at", Kind.time, 18),
        Column("owner", Kind.text, 16),
        Column("is_customer", Kind.flag, 9),
        _AS_OF,
    ),
    printed=10,
)

PEOPLE = SalesTable(
    "people",
    "people",
    "sync_people",
    "intent_score desc, email",
    "People for sales, hottest first, one row an address, and the CRM's leads that were never seen"
    " on the site, with score 0; excluded people never leave.",
    (
        Column("email", Kind.text, 36),
        Column("full_name", Kind.text, 20),
        Column("job_title", Kind.text, 28),
        Column("company_name", Kind.text, 22),
        Column("account_domain", Kind.text, 28),
        Column("intent_band", Kind.band, 9),
        Column("intent_score", Kind.score, 9),
        Column("score_change_7d", Kind.change, 9),
        Column("why", Kind.prose, 80),
        Column("last_seen_at", Kind.time, 18),
        Column("first_seen_at", Kind.time, 18),
        Column("session_count", Kind.count, 9),
        Column("first_channel", Kind.text, 15),
        Column("latest_channel", Kind.text, 15),
        Column("flags", Kind.text, 20),
        Column("can_email", Kind.flag, 9),
        Column("account_score", Kind.score, 9),
        Column("account_band", Kind.band, 9),
        Column("owner", Kind.text, 16),
        Column("stage", Kind.text, 12),
        Column("is_customer", Kind.flag, 9),
        _AS_OF,
    ),
    printed=10,
    has_leads=True,
)

NEW_BUSINESS = SalesTable(
    "new_business",
    "new business",
    "sync_new_business",
    "intent_score desc, email",
    "People to win, hottest first: the people of the list who score something, without customers,"
    " competitors, students and people who look for a job (seeds/flags/flag_suppressions.csv).",
    PEOPLE.columns,
    printed=10,
)

MAILING = SalesTable(
    "mailing",
    "mailing",
    "sync_mailing",
    "intent_score desc, email",
    "People of the list who may be written to by mail, hottest first.",
    (
        Column("email", Kind.text, 36),
        Column("full_name", Kind.text, 20),
        Column("company_name", Kind.text, 22),
        Column("account_domain", Kind.text, 28),
        Column("intent_band", Kind.band, 9),
        Column("intent_score", Kind.score, 9),
        Column("why", Kind.prose, 80),
        Column("owner", Kind.text, 16),
        Column("stage", Kind.text, 12),
        Column("flags", Kind.text, 20),
        Column("is_customer", Kind.flag, 9),
        _AS_OF,
    ),
    printed=8,
)

REASONS = SalesTable(
    "reasons",
    "reasons",
    "sync_reasons",
    "intent_score desc, email, reason_rank",
    "Why each person who is cool or above has their score: the shares of a person sum to it.",
    (
        Column("email", Kind.text, 36),
        Column("full_name", Kind.text, 20),
        Column("company_name", Kind.text, 22),
        Column("account_domain", Kind.text, 28),
        Column("event_date", Kind.day, 12),
        Column("reason", Kind.prose, 60),
        Column("score_share", Kind.score, 9),
        Column("reason_rank", Kind.count, 9),
        Column("intent_score", Kind.score, 9),
        Column("intent_band", Kind.band, 9),
        _AS_OF,
    ),
    printed=8,
)

CHANGES = SalesTable(
    "changes",
    "new since last export",
    None,
    "",
    "Accounts and people that are new, or in another band, since the last export of an earlier"
    " as-of date.",
    (
        Column("change", Kind.text, 9, "new, up or down: absent before, or in another band."),
        Column("entity_type", Kind.text, 10, "account or person."),
        Column("entity", Kind.text, 36, "Domain of the account, or address of the person."),
        Column("full_name", Kind.text, 20, "Name of the person; empty for an account."),
        Column("company_name", Kind.text, 22, "Name of the company; empty where nobody told it."),
        Column("band_before", Kind.band, 9, "Band in the earlier export; empty for what is new."),
        Column("band", Kind.band, 9, "Band now."),
        Column("score_before", Kind.score, 9, "Score in the earlier export, 0 to 100."),
        Column("score", Kind.score, 9, "Score now, 0 to 100."),
        Column("why", Kind.prose, 80, "The strongest reasons in plain words."),
        Column("owner", Kind.text, 16, "Who in sales looks after the account or person."),
        Column(
            "compared_with", Kind.day, 12,
            "As-of date of the earlier export; empty in the first one, where all is new.",
        ),
        Column("as_of_date", Kind.day, 12, "UTC day at whose end scores are measured."),
    ),
    printed=10,
)  # fmt: skip

FUNNEL = SalesTable(
    "funnel",
    "funnel",
    "rpt_lead_magnet_funnel",
    "offer, offer_id, is_total desc, channel, campaign, step_number",
    "How many people took each step of an offer, from the call to action to the booked call: first"
    " all of them, then by the channel and campaign that they came by.",
    (
        Column("offer", Kind.text, 40),
        Column("channel", Kind.text, 18),
        Column("campaign", Kind.text, 18),
        Column("step_number", Kind.count, 6),
        Column("meaning", Kind.text, 26),
        Column("people_count", Kind.count, 9),
        Column("share_of_previous", Kind.share, 9),
        Column("share_of_first", Kind.share, 9),
        Column("median_seconds_since_previous", Kind.count, 12),
        Column("step", Kind.text, 18),
        Column("ga4_event_name", Kind.text, 18),
        Column("done_by", Kind.text, 9),
        Column("is_total", Kind.flag, 9),
    ),
    printed=9,
)

SALES_TABLES = (ACCOUNTS, PEOPLE, NEW_BUSINESS, MAILING, REASONS, CHANGES, FUNNEL)
