"""The words at the end of a refresh."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.ledger import COLUMNS, LedgerRow
from ingestion.settings import Settings
from orchestration.commands.exporting import export_and_print
from orchestration.exports.everything import EXPORTS
from orchestration.refreshing.outcomes import (
    Built,
    Compacted,
    Exported,
    Loaded,
    Outcome,
    Published,
    Removed,
    Unchanged,
)
from orchestration.refreshing.progress import LineProgress
from orchestration.refreshing.summary import (
    cold_words,
    exported_words,
    first_reasons,
    print_alerts,
    print_hottest,
    print_summary,
    print_unscored,
    stage_lines,
)

LOADED = Loaded(date(2026, 6, 30), (), (("not_json", 3), ("no_type", 1)), datetime(2026, 6, 29, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("newest", "is_cold"),
    [
        (datetime(2026, 6, 30, 23, 59), False),  # noqa: DTZ001
        (datetime(2026, 6, 23, 0, 0), False),  # noqa: DTZ001
        (datetime(2026, 6, 22, 23, 59), True),  # noqa: DTZ001
        (datetime(2026, 7, 9, 0, 0), False),  # noqa: DTZ001
        (None, False),
    ],
)
def test_a_log_that_ends_more_than_seven_days_before_is_cold(
    newest: datetime | None, is_cold: bool
) -> None:
    words = cold_words(replace(LOADED, newest_event_at=newest))
    assert (words is not None) is is_cold


def test_the_words_for_a_cold_log_name_the_days_and_the_way_out() -> None:
    words = cold_words(replace(LOADED, newest_event_at=datetime(2015, 5, 20, 21)))  # noqa: DTZ001
    assert words is not None
    assert "is of 2015-05-20" in words
    assert "4,059 days before 2026-06-30" in words
    assert words.endswith("intent refresh --as-of 2015-05-20")


def test_the_summary_tells_every_stage_the_hottest_accounts_and_where_to_look(
    published: Settings,
) -> None:
    outcomes: list[Outcome] = [
        LOADED,
        Built(models=30, seeds=12, tests=90, warnings=("test x found 1 row",)),
        Published(published.analytics, 2_500_000, "reflink"),
        Exported(Path("exports/accounts_2026-06-30.csv"), 2),
        Exported(Path("exports/briefs/2026-06-30/index.html"), 1, "briefs"),
        Removed((Path("exports/accounts_2026-03-01.csv"),), (), ("no permission for x",)),
    ]
    out = io.StringIO()
    print_summary(published, outcomes, out)
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    expected = [
        "Rejected 0 records: 3 not_json, 1 no_type",
        "Built 30 models, 12 seeds",
        "Tested 90 tests passed",
        "warning: test x found 1 row",
        "acme.com warm 58 2 Viewed pricing 5 times; asked for a demo",
        "Exported exports/accounts_2026-06-30.csv (2 rows)",
        "Exported exports/briefs/2026-06-30/index.html (1 brief)",
        "Removed 1 old export, 0 loaded files of landing/",
        "not removed: no permission for x",
    ]
    assert [line for line in expected if line not in lines] == []
    assert lines.index("anna@acme.com cool warm") == lines.index("acme.com cold warm") - 1
    assert lines.index("zeta.com cool 20 0 Read the blog") > lines.index(expected[4])
    assert any("intent explain" in line for line in lines)


@pytest.mark.parametrize(("count", "words"), [(0, "0 rows"), (1, "1 row"), (1_200, "1,200 rows")])
def test_an_export_is_told_with_its_rows_in_words(count: int, words: str) -> None:
    assert exported_words(Exported(Path("people.csv"), count)) == words


def test_exports_that_hold_nothing_share_a_line(published: Settings) -> None:
    exported = [
        Exported(Path("exports/accounts.csv"), 0),
        Exported(Path("exports/people.csv"), 2),
        Exported(Path("exports/briefs/index.html"), 0, "briefs"),
    ]
    assert list(stage_lines([*exported, Removed((), (), ("x",))])) == [
        "Exported   exports/people.csv (2 rows)",
        "Exported   exports: accounts.csv, briefs/index.html (all empty)",
        "           not removed: x",
    ]
    assert list(stage_lines(exported[:1])) == ["Exported   exports/accounts.csv (empty)"]
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute("delete from marts.sync_new_business")
        connection.execute("delete from marts.sync_mailing")
    out = io.StringIO()
    export_and_print(published, 0, out)
    lines = [line for line in out.getvalue().splitlines() if line.startswith("Exported")]
    assert len(lines) == len(EXPORTS) - 1
    folder = published.exports
    assert lines[-1] == (
        f"Exported   {folder}: new_business_2026-06-30.csv, mailing_2026-06-30.csv (all empty)"
    )


def test_of_many_who_rose_ten_are_told_and_of_nobody_nothing(published: Settings) -> None:
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute(
            "insert into marts.fct_alerts select a.* from marts.fct_alerts a, range(6)"
        )
    out = io.StringIO()
    print_alerts(published, out)
    assert out.getvalue().splitlines()[-1] == "  … and 4 more: fct_alerts"
    with duckdb.connect(published.analytics) as connection:
        connection.execute("update marts.fct_alerts set as_of_date = '2026-06-29'")
    out = io.StringIO()
    print_alerts(published, out)
    assert out.getvalue() == ""


def test_track_events_without_a_rule_are_named_with_the_seed_to_add_them_to(
    published: Settings,
) -> None:
    out = io.StringIO()
    print_unscored(published, out)
    assert out.getvalue() == ""
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute(
            "update marts.fct_events set event_type = 'track', event_name = E'Demo\x1b Requested'"
            " where event_id in ('e2', 'e4')"
        )
    print_unscored(published, out)
    assert out.getvalue() == (
        "\nUnscored: Demo\\x1b Requested (2) in the log's last 30 days match no rule;"
        " what should count, add to seeds/scoring/scoring_rules.csv\n"
    )


def test_an_account_shows_its_first_three_reasons(published: Settings) -> None:
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute("update marts.sync_accounts set why = 'one; two; three; four; five'")
    out = io.StringIO()
    print_summary(published, [], out)
    assert "  one; two; three\n" in out.getvalue()
    assert "four" not in out.getvalue()
    assert first_reasons(None) == ""


def test_a_name_as_long_as_somebody_likes_is_cut(published: Settings) -> None:
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute("update marts.sync_accounts set why = repeat('long ', 1000)")
    out = io.StringIO()
    print_hottest(published, out)
    *_, told = out.getvalue().splitlines()
    assert told.count("long") == 80
    assert told.endswith("…")


def test_who_fell_and_rose_again_was_not_in_the_band_that_they_are_in(published: Settings) -> None:
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute("update marts.fct_alerts set band_before = band")
    out = io.StringIO()
    print_alerts(published, out)
    assert "acme.com       fallen since  warm" in out.getvalue()


def test_one_of_each_is_told_in_the_singular(published: Settings) -> None:
    out = io.StringIO()
    print_summary(published, [Built(models=1, seeds=1, tests=1, warnings=())], out)
    assert "Built      1 model, 1 seed\nTested     1 test passed\n" in out.getvalue()


def test_files_of_no_known_format_are_one_line_of_the_summary_and_the_first_are_explained(
    published: Settings,
) -> None:
    unknown = [(f"{letter}\x1b.bin", f"why\x1b {letter}") for letter in "abcdefg"]
    unknown[1] = (unknown[1][0], "")  # forgotten
    lines = list(stage_lines([replace(LOADED, unknown=tuple(unknown))]))
    shown = ", ".join(f"{letter}\\x1b.bin" for letter in "abcde")
    assert lines[2:] == [
        f"Unknown    7 files of no known format: {shown} and 2 more",
        "           a\\x1b.bin: why\\x1b a",
        "           c\\x1b.bin: why\\x1b c",
    ]


def test_what_was_left_out_is_told_so_that_the_records_of_the_files_add_up() -> None:
    access_log = replace(
        ledger_row("access.log", "access_log"),
        record_count=2_022, loaded_count=1_000, skipped_count=1_000, duplicate_count=20,
        blank_count=1, unfinished_count=1,
    )  # fmt: skip
    messages = replace(
        ledger_row("a.ndjson", "segment"),
        record_count=11, loaded_count=5, duplicate_count=3, skipped_count=2, collided_count=1,
    )  # fmt: skip
    access_log.check()
    messages.check()
    assert list(stage_lines([replace(LOADED, files=(access_log, messages))]))[2] == (
        "Left out   1,000 skipped (assets, redirects and errors of access logs), 23 duplicate,"
        " 2 skipped, 1 collided, 1 blank, 1 unfinished"
    )


def test_files_that_were_loaded_before_are_told_of() -> None:
    assert next(stage_lines([replace(LOADED, known_files=2)])) == (
        "Loaded     0 events from 0 files (2 loaded before)"
    )
    assert next(stage_lines([LOADED])) == "Loaded     0 events from 0 files"


def test_where_nothing_was_left_out_no_line_says_so() -> None:
    lines = list(stage_lines([replace(LOADED, files=(ledger_row("a.ndjson", "segment"),))]))
    assert not any(line.startswith("Left out") for line in lines)


def test_leads_are_told_for_themselves_and_are_no_events(published: Settings) -> None:
    rows = (
        replace(ledger_row("a.ndjson", "segment"), loaded_count=1_200),
        replace(ledger_row("leads.csv", "leads"), loaded_count=35),
    )
    loaded = replace(LOADED, files=rows)
    out = io.StringIO()
    print_summary(published, [loaded], out)
    assert (
        "Loaded     1,200 events from 1 file\n           35 leads from 1 file\n" in out.getvalue()
    )
    assert (loaded.events, loaded.leads) == (1_200, 35)
    out = io.StringIO()
    print_summary(published, [LOADED], out)
    assert "lead from" not in out.getvalue()
    assert "leads from" not in out.getvalue()


def test_rows_of_ad_spend_are_told_for_themselves_and_are_no_events() -> None:
    rows = (
        replace(ledger_row("a.ndjson", "segment"), loaded_count=1_200),
        replace(ledger_row("spend.csv", "ad_spend"), loaded_count=35),
        replace(ledger_row("more.csv", "ad_spend"), loaded_count=1),
    )
    loaded = replace(LOADED, files=rows)
    assert list(stage_lines([loaded]))[:2] == [
        "Loaded     1,200 events from 1 file",
        "           36 rows of ad spend from 2 files",
    ]
    assert (loaded.events, loaded.leads, loaded.spend_rows) == (1_200, 0, 36)


def ledger_row(name: str, file_format: str) -> LedgerRow:
    at = datetime(2026, 6, 30, 12)  # noqa: DTZ001
    counts = dict.fromkeys(
        (column for column in COLUMNS if column.endswith(("_count", "_ns", "_seconds", "_id"))), 0
    )
    return LedgerRow(
        file_name=name,
        file_path=f"/{name}",
        content_sha256="",
        format=file_format,
        first_event_at=None,
        last_event_at=None,
        started_at=at,
        loaded_at=at,
        **counts,
    )


def test_a_stage_is_one_line_with_its_seconds() -> None:
    out = io.StringIO()
    progress = LineProgress(out)
    progress.started("load")
    progress.advanced("load", 1, 2, "a.ndjson")
    progress.finished("load", 1.25, "1 file: 3 events", LOADED)
    assert out.getvalue() == "load         1.2 s  1 file: 3 events\n"
    assert progress.outcomes == [LOADED]


def test_what_was_rebuilt_is_told_with_its_causes_and_seeds_only_where_they_were_loaded() -> None:
    built = Built(
        models=82,
        seeds=0,
        tests=138,
        warnings=(),
        rebuilt=("9 tables, since seeds/pages/page_classes.csv has changed",),
        leftovers=("int_before",),
    )
    assert list(stage_lines([built])) == [
        "Built      82 models",
        "Rebuilt    9 tables, since seeds/pages/page_classes.csv has changed",
        "Dropped    1 table that no model makes any more",
        "Tested     138 tests passed",
    ]


def test_nothing_new_and_a_smaller_file_take_a_line_each() -> None:
    since = datetime(2026, 6, 30, 0, 17)  # noqa: DTZ001
    outcomes: list[Outcome] = [
        Unchanged(date(2026, 6, 30), since),
        Compacted(Path("data/warehouse.duckdb"), 2_010_000_000, 812_300_000),
    ]
    assert list(stage_lines(outcomes)) == [
        "Unchanged  nothing new since 2026-06-30 00:17 UTC;"
        " the tables are as they were, as of 2026-06-30",
        "Compacted  warehouse.duckdb: 812.3 MB, before 2,010.0 MB",
    ]
