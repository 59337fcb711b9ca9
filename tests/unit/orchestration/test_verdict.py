"""The verdict in the first line of `intent status`, and the screen below it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from ingestion.settings import Settings
from orchestration.delivery.standing import Mail, MailStanding
from orchestration.status.freshness import ago
from orchestration.status.report import print_status, status_json
from orchestration.status.state import LastRefresh, LoadedState, PublishedState, Refused, Status
from orchestration.status.uncounted import Excluded, Unclassed, Unmatched
from orchestration.status.unrated import Unrated
from orchestration.status.verdict import share, verdict, why_not_fresh

NOW = datetime(2026, 6, 30, 8, 0, tzinfo=UTC)
LOADED = LoadedState(
    files=3, records=200_950, events=200_000, leads=40, spend_rows=0, duplicates=200,
    collisions=10, rejected=600, skipped=60, blank=40, unfinished=0,
    newest_event_at=datetime.fromisoformat("2026-06-30T07:30"),
)  # fmt: skip
PUBLISHED = PublishedState(
    "r", date(2026, 6, 30), datetime.fromisoformat("2026-06-30T00:20"), "1", 200_000
)
LAST = LastRefresh(
    "r", "run", date(2026, 6, 30), datetime(2026, 6, 30, 0, 15, tzinfo=UTC), "published", None, 300
)
GOOD = Status(
    data_dir="data",
    checked_at=NOW,
    published=PUBLISHED,
    loaded=LOADED,
    refused=(Refused("invalid_json", 500, 2), Refused("unknown_format", 100, 100)),
    excluded=(),
    unmatched=(),
    unclassed=(),
    unrated=(),
    unfinished_files=(),
    last_refresh=LAST,
    writer=None,
    waiting_files=(),
    collected_lately=(),
    is_collecting=False,
    mail=MailStanding(0, 0, (), (), ()),
    late_requests=(),
)


def with_loaded(**changes: object) -> Status:
    return replace(GOOD, loaded=replace(LOADED, **changes))  # type: ignore[arg-type]


def text_of(status: Status, timezone: str = "UTC") -> str:
    out = io.StringIO()
    print_status(status, Settings.from_environment({"INTENT_TIMEZONE": timezone}), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (GOOD, "Fresh, complete; 600 records refused (0.3 %)."),
        (replace(GOOD, refused=()), "Fresh, complete; nothing refused."),
        (
            replace(GOOD, checked_at=NOW + timedelta(days=2)),
            "Not fresh: published 2 days ago. Complete. 600 records refused (0.3 %).",
        ),
        (
            replace(GOOD, published=replace(PUBLISHED, as_of_date=date(2026, 6, 1))),
            "Not fresh: scores are as of 2026-06-01, 29 days ago. Complete."
            " 600 records refused (0.3 %).",
        ),
        (
            with_loaded(newest_event_at=datetime.fromisoformat("2026-06-22T23:59")),
            "Not fresh: the newest event is 8 days older than the as-of date. Complete."
            " 600 records refused (0.3 %).",
        ),
        (
            replace(GOOD, waiting_files=("a.log",), last_refresh=replace(LAST, result="failed")),
            "Not fresh: the last refresh: failed; 1 file waits in landing/. Complete."
            " 600 records refused (0.3 %).",
        ),
        (
            with_loaded(records=200_951),
            "Fresh. Not complete: 1 record unaccounted for. 600 records refused (0.3 %).",
        ),
        (
            replace(GOOD, published=replace(PUBLISHED, events=199_999)),
            "Fresh. Not complete: 200,000 events loaded, 199,999 in fct_events."
            " 600 records refused (0.3 %).",
        ),
        (
            replace(GOOD, published=None, loaded=None, last_refresh=None),
            "Nothing is published yet; run: intent refresh.",
        ),
        (
            replace(GOOD, published=None, last_refresh=replace(LAST, result="failed")),
            "Nothing is published yet; run: intent refresh. The last refresh: failed.",
        ),
        (
            replace(GOOD, published=None, last_refresh=replace(LAST, result="running")),
            "Nothing is published yet; the first refresh is running.",
        ),
    ],
)
def test_the_first_line_is_the_verdict(status: Status, words: str) -> None:
    assert text_of(status).splitlines()[0] == words
    assert json.loads(status_json(status))["verdict"] == words


@pytest.mark.parametrize(
    "status",
    [
        with_loaded(newest_event_at=datetime.fromisoformat("2026-06-23T00:00")),
        replace(GOOD, checked_at=datetime(2026, 7, 1, 2, 20, tzinfo=UTC)),
        replace(GOOD, published=replace(PUBLISHED, as_of_date=date(2026, 6, 29))),
        replace(GOOD, last_refresh=replace(LAST, result="running", seconds=None)),
        replace(GOOD, last_refresh=None),
    ],
)
def test_at_the_edge_it_still_is_fresh(status: Status) -> None:
    assert verdict(status).startswith("Fresh, complete")


def test_every_number_of_the_ledger_is_on_the_screen_and_leads_are_no_events() -> None:
    lines = text_of(GOOD).splitlines()
    assert (
        "Records       200,950 of 3 loads = 200,000 events + 40 leads + 200 duplicate"
        " + 10 collided + 600 rejected + 60 skipped + 40 blank" in lines
    )
    assert "Events        200,000 loaded, 200,000 in fct_events" in lines
    assert "Leads         40 loaded" in lines


def test_what_is_not_the_case_takes_no_line() -> None:
    text = text_of(with_loaded(leads=0, records=200_910))
    for label in ("Leads", "Writing now", "Unfinished"):
        assert label not in text
    assert "0 unfinished" not in text
    busy = replace(GOOD, writer="process 7 writes", unfinished_files=("a\x1b.log",))
    assert "Writing now   process 7 writes" in text_of(busy)
    assert "1 file ended within a line, which the next load takes up: a\\x1b.log" in text_of(busy)


def test_reasons_are_told_with_their_meaning_and_where_to_see_more() -> None:
    lines = text_of(GOOD).splitlines()
    assert "Refused: 600 records. With what to do, and examples: intent rejected" in lines
    assert "      500      2  invalid_json    not JSON: cut off, or other text" in lines
    assert "      100    100  unknown_format  a file of no known format" in lines


def test_records_that_came_again_are_told_apart_from_those_in_quarantine() -> None:
    text = text_of(with_loaded(rejected=610, records=200_960))
    assert "Refused: 600 records (10 came again or were mended)." in text


def test_the_screen_is_one_screen() -> None:
    many = tuple(Refused(f"reason_{number}", 1, 1) for number in range(8))
    everything = replace(GOOD, refused=many, writer="w", unfinished_files=("f",))
    assert len(text_of(everything).splitlines()) <= 24


def test_times_are_shown_in_the_zone_of_the_settings_and_age_by_the_clock() -> None:
    text = text_of(GOOD, "Europe/Berlin")
    assert "as of 2026-06-30, at 2026-06-30 02:20 Europe/Berlin, 7 hours ago" in text
    assert "2026-06-30 09:30 Europe/Berlin, on the as-of date" in text
    assert "published in 300 s, begun 2026-06-30 02:15 Europe/Berlin" in text


def test_json_keeps_its_keys_and_has_times_in_utc() -> None:
    document = json.loads(status_json(GOOD))
    assert document["loaded"]["newest_event_at"] == "2026-06-30T07:30:00Z"
    assert document["last_refresh"]["started_at"] == "2026-06-30T00:15:00Z"
    assert document["published"]["as_of_date"] == "2026-06-30"
    assert document["rejected_by_reason"] == {"invalid_json": 500, "unknown_format": 100}
    assert document["files_waiting"] == 0
    assert (document["is_fresh"], document["is_complete"]) == (True, True)
    assert document["refused"][0]["meaning"] == "not JSON: cut off, or other text"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59, "just now"), (60, "1 minute ago"), (7_199, "119 minutes ago"), (7_200, "2 hours ago"),
        (172_799, "47 hours ago"), (172_800, "2 days ago"),
    ],
)  # fmt: skip
def test_an_age_is_told_in_a_unit_that_tells(seconds: int, words: str) -> None:
    assert ago(timedelta(seconds=seconds)) == words


def test_a_share_that_is_not_nothing_is_not_told_as_nothing() -> None:
    assert share(0, 0) == "0.0 %"
    assert share(1, 1_000_000) == "under 0.1 %"
    assert share(3, 1_000) == "0.3 %"


def test_what_no_score_counts_has_a_line_each_and_takes_none_where_there_is_nothing() -> None:
    text = text_of(
        replace(
            GOOD,
            excluded=(Excluded("bot", 1_200), Excluded("consent_denied", 34)),
            unmatched=(Unmatched("Demo\x1b Requested", 1_500), Unmatched("scroll", 2)),
            unclassed=(Unclassed("/preise\x1b", 1_200), Unclassed("/app", 2)),
        )
    )
    assert "Excluded      1,234 events: 1,200 bot, 34 consent_denied\n" in text
    assert (
        "Unscored      Demo\\x1b Requested (1,500), scroll (2) in the log's last 30 days match no"
        " rule; what should count, add to seeds/scoring/scoring_rules.csv\n"
        "              pages at /preise\\x1b (1,200), /app (2) in the log's last 30 days have no"
        " class; what tells interest, add to seeds/pages/page_classes.csv\n"
    ) in text
    assert "Excluded" not in text_of(GOOD)
    assert "Unscored" not in text_of(GOOD)


def test_amounts_without_a_rate_have_a_line_and_take_none_where_all_have_one() -> None:
    one = Unrated("XTS", Decimal("1234.5"), Decimal())
    text = text_of(replace(GOOD, unrated=(one,)))
    assert (
        "Without rate  XTS (cost 1,234.50) has no rate and stands apart in rpt_campaigns;"
        " give one in seeds/ad_spend/currency_rates.csv\n"
    ) in text
    both = Unrated("XAU", Decimal(1), Decimal(2))
    text = text_of(replace(GOOD, unrated=(one, both)))
    assert "XTS (cost 1,234.50), XAU (cost 1.00, value 2.00) have no rate and stand apart" in text
    assert "Without rate" not in text_of(GOOD)


def test_mails_take_no_line_where_there_never_was_one() -> None:
    assert "Mail" not in text_of(GOOD)


def test_what_a_collector_has_just_written_makes_nothing_stale() -> None:
    status = replace(GOOD, waiting_files=("events-1", "old.ndjson"), collected_lately=("events-1",))
    assert why_not_fresh(status) == ["1 file waits in landing/"]
    text = text_of(status)
    assert "not published yet: events-1, old.ndjson; 1 of them is of the collector" in text
    alone = replace(status, waiting_files=("events-1",), is_collecting=True)
    assert why_not_fresh(alone) == []
    told = "events-1; it is of the collector, just now, for the next refresh; the collector has"
    assert told in text_of(alone)


def test_requests_that_came_too_late_are_told_with_what_to_do() -> None:
    late = tuple(f"request-{number}" for number in range(6))
    text = text_of(replace(GOOD, late_requests=late))
    assert (
        "Too late      6 requests came too late to be answered by themselves: request-0,"
        " request-1, request-2, request-3, request-4 and 1 more; launch deliver_reports with"
        " send_again: [id]"
    ) in text
    assert "Too late" not in text_of(GOOD)


def test_a_mail_that_needs_somebody_is_named_with_what_to_do() -> None:
    def mail(key: str, state: str, next_try_at: datetime | None = None) -> Mail:
        return Mail(key, state, NOW, 2, 451, next_try_at, f"what to do about {key}")

    status = replace(
        GOOD,
        mail=MailStanding(
            sent=1_200,
            in_outbox=3,
            uncertain=(mail("request-1", "uncertain"), mail("overview/2026-W27", "uncertain")),
            not_sent=(mail("request-2", "refused"),),
            waiting=(mail("request-3", "waiting", datetime(2026, 6, 30, 12, 5, tzinfo=UTC)),),
        ),
    )
    text = text_of(status, "Europe/Berlin")
    assert (
        "Mail          1,200 sent, 3 in outbox/, which nobody has sent, 1 waits (next try"
        " 2026-06-30 14:05 Europe/Berlin), 1 not sent, 2 uncertain\n"
    ) in text
    told = text.partition("Mail that needs somebody")[2]
    for key in ("request-1", "overview/2026-W27", "request-2"):
        assert f"what to do about {key}" in told
    assert "request-3" not in told
    document = json.loads(status_json(status))
    assert [each["key"] for each in document["mail"]["uncertain"]] == [
        "request-1",
        "overview/2026-W27",
    ]
    # what a mail server does says nothing of the tables
    assert document["is_fresh"] is True
    assert document["is_complete"] is True
