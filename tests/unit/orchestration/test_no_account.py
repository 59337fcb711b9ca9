"""Why a refresh shows no account, and what to load."""

from __future__ import annotations

import io
import re
from datetime import date

import duckdb

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.refreshing.outcomes import Loaded
from orchestration.refreshing.summary import print_hottest, print_summary


def without_accounts(published: Settings, *changes: str) -> str:
    """The summary's words where no account has a score, after some changes of the marts."""
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        for change in ("delete from marts.sync_accounts", *changes):
            connection.execute(change)
    out = io.StringIO()
    print_hottest(published, out)
    return out.getvalue()


NO_ADDRESS = "update marts.dim_people set primary_email = null"


def test_where_those_with_an_address_did_nothing_that_counts_it_says_so(
    published: Settings,
) -> None:
    told = without_accounts(published)
    assert told == (
        "\nNo account has a score: nobody with an address at a company did what counts.\n"
    )


def test_where_what_counted_is_old_its_age_is_told(published: Settings) -> None:
    last = "update marts.dim_people set last_scored_date = as_of_date - {}"
    assert "did what counts" in without_accounts(published, last.format(7))
    told = " ".join(without_accounts(published, last.format(8)).split())
    assert "as of 2026-06-30: " in told
    assert told.endswith("counted, on 2026-06-22 last, and has faded since.")


def test_a_log_that_names_user_ids_alone_is_told_the_list_of_users_that_it_needs(
    published: Settings,
) -> None:
    assert without_accounts(published, NO_ADDRESS).splitlines() == [
        "",
        "No account: nobody of 2 visitors gave an e-mail address, and a company is known by those"
        " of its people.",
        "2 user ids of logged-in users are known. Who they are, a CSV says; load it too:",
        "  type,user_id,email,timestamp",
        "  identify,u-anna,anna@acme.example,2026-01-31",
        "Of the visitors, 2 have a score:"
        ' intent query "from dim_people order by intent_score desc limit 10"',
    ]


def test_a_log_that_names_nobody_is_told_how_a_server_records_its_users(
    published: Settings,
) -> None:
    told = without_accounts(
        published,
        NO_ADDRESS,
        "update marts.dim_people set intent_score = 0",
        "delete from marts.map_identities where identifier_type = 'user_id'",
    )
    [_, _, hint] = told.splitlines()
    [(path, heading)] = re.findall(r"(docs/\S+\.md)#(\S+)$", hint)
    title = heading.replace("-", " ")
    assert f"\n## {title}\n" in (PROJECT_ROOT / path).read_text().lower()


def test_users_whose_ids_are_not_those_of_the_log_are_told_of(published: Settings) -> None:
    told = without_accounts(published, "update marts.fct_events set event_type = 'identify'")
    assert "1 person has an address, but nothing that they did is in the log" in told
    assert "letter by letter" in told


def test_where_nothing_was_ever_loaded_it_is_told_where_a_log_goes(published: Settings) -> None:
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute(
            "create or replace table marts.rpt_campaigns as select 'month' as period,"
            " 'first' as model, 'XTS' as currency, false as has_rate, 2 as cost, 0 as value"
        )
    out = io.StringIO()
    print_summary(published, [Loaded(date(2026, 6, 30), (), (), None)], out)
    told = out.getvalue()
    assert f"Put a log into {published.landing}, or name it: intent refresh LOG" in told
    assert "account has a score" not in told
    assert "Hottest" not in told
    assert "Without rate: XTS" in told
