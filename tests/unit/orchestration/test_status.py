"""What `intent status` finds, in every state that a data directory can be in."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import UTC, date, datetime

import duckdb
import pytest

from ingestion.lock import writer_lock
from ingestion.settings import Settings
from orchestration.delivery.ledger import Ledger, State, noted
from orchestration.messages import write_message
from orchestration.status.report import print_status
from orchestration.status.state import CANNOT_TELL, LastRefresh, Refused, read_status
from orchestration.status.uncounted import Excluded, Unclassed, Unmatched
from orchestration.status.unrated import Unrated
from tests.unit.orchestration.small_marts import build_marts, record, with_ids


def last_refresh(settings: Settings) -> LastRefresh:
    last = read_status(settings).last_refresh
    assert last is not None
    return last


def publish_with(settings: Settings, sql: str) -> None:
    """The small marts in the place of the published file, changed by some SQL."""
    build_marts(settings)
    with duckdb.connect(settings.marts) as connection:
        connection.execute("create table ops.refreshes as select 'r' as refresh_id,"
                           " date '2026-06-30' as as_of_date, timestamp '2026-06-30 18:00' as"
                           " published_at, '1' as product_version")  # fmt: skip
        connection.execute(with_ids(sql))
    settings.marts.rename(settings.analytics)


def change(published: Settings, sql: str) -> None:
    """Changes the published file by some SQL."""
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute(with_ids(sql))


def test_an_absent_data_directory_is_not_made(settings: Settings) -> None:
    status = read_status(settings)
    assert (status.published, status.loaded, status.last_refresh) == (None, None, None)
    assert not settings.data_dir.exists()


def test_counts_and_reasons_come_from_the_published_file(published: Settings) -> None:
    status = read_status(published)
    assert status.loaded is not None
    assert (status.loaded.files, status.loaded.events, status.loaded.duplicates) == (2, 4, 1)
    assert status.loaded.accounted == status.loaded.records == 6
    assert status.refused == (Refused("invalid_json", 1, 1),)
    assert status.published is not None
    assert status.published.as_of_date == date(2026, 6, 30)
    assert status.published.events == 4


def test_a_device_whose_clock_is_ahead_has_not_the_newest_event(published: Settings) -> None:
    before = read_status(published).loaded
    change(
        published,
        "update marts.fct_events set event_at = '2199-01-01' where event_id = 'e1';"
        "update ops.files set last_event_at = '2199-01-01'",
    )
    after = read_status(published).loaded
    assert before is not None
    assert after is not None
    assert before.newest_event_at == after.newest_event_at
    change(published, "update marts.fct_events set event_at = '2199-01-01'")
    only_ahead = read_status(published).loaded
    assert only_ahead is not None
    assert only_ahead.newest_event_at is not None
    assert only_ahead.newest_event_at.year == 2199


def test_what_was_excluded_is_told_by_reason_the_most_first(published: Settings) -> None:
    assert read_status(published).excluded == (
        Excluded("bot", 1_234),
        Excluded("consent_denied", 5),
    )


def test_the_five_most_frequent_track_events_without_a_rule_are_named(published: Settings) -> None:
    change(
        published,
        """
        insert into marts.fct_events
        select event_id || '-' || copy, 'track', name, event_at, 'dev-1', null, person_id,
            is_bot, is_consent_denied, flag, rule_id, null
        from (
            values
                ('a', 'Demo\x1b[2J', 3, timestamp '2026-06-29', 'p-bob', false, false, null, null),
                ('b', 'b', 2, timestamp '2026-06-29', 'p-bob', false, false, null, null),
                ('c', 'c', 2, timestamp '2026-06-29', 'p-bob', false, false, null, null),
                ('d', 'd', 1, timestamp '2026-05-30 12:00:01', 'p-bob', false, false, null, null),
                ('e', 'e', 1, timestamp '2026-06-29', 'p-bob', false, false, null, null),
                ('f', 'f', 1, timestamp '2026-06-29', 'p-bob', false, false, null, null),
                ('g', 'old', 9, timestamp '2026-05-30 12:00:00', 'p-bob', false, false, null, null),
                ('h', 'ahead', 9, timestamp '2027-01-01', 'p-bob', false, false, null, null),
                ('i', 'crawled', 9, timestamp '2026-06-29', 'p-bob', true, false, null, null),
                ('j', 'denied', 9, timestamp '2026-06-29', 'p-bob', false, true, null, null),
                ('k', 'flagged', 9, timestamp '2026-06-29', 'p-bob', false, false, 'x', null),
                ('l', 'scored', 9, timestamp '2026-06-29', 'p-bob', false, false, null, 'rule'),
                ('m', 'ours', 9, timestamp '2026-06-29', 'p-anna', false, false, null, null),
                ('p', 'cta_view', 9, timestamp '2026-06-29', 'p-bob', false, false, null, null),
                ('n', 'nobody', 9, timestamp '2026-06-29', null, false, false, null, null)
        ) as events (event_id, name, copies, event_at, person_id, is_bot, is_consent_denied, flag,
            rule_id),
            lateral (select unnest(range(copies)) as copy);
        update marts.dim_people set exclusion_reason = 'internal' where person_id = 'p-anna';
        """,
    )
    assert read_status(published).unmatched == (
        Unmatched("Demo\x1b[2J", 3),
        Unmatched("b", 2),
        Unmatched("c", 2),
        Unmatched("d", 1),
        Unmatched("e", 1),
    )


def test_requests_too_old_when_they_were_first_seen_are_named(published: Settings) -> None:
    change(
        published,
        """
        insert into marts.rpt_mini_reports
        select request_id, email, is_delivered, received_at, received_at
        from (
            values
                ('in-time', 'a@b.example', false, timestamp '2026-06-23 18:00'),
                ('late', 'a@b.example', false, timestamp '2026-06-23 17:59:59'),
                ('later', 'a@b.example', false, timestamp '2026-06-01'),
                ('tried', 'a@b.example', false, timestamp '2026-06-02'),
                ('answered', 'a@b.example', true, timestamp '2026-06-03'),
                ('nowhere', null, false, timestamp '2026-06-04'),
                ('history', 'a@b.example', false, timestamp '2026-05-24 17:59:59')
        ) as asked (request_id, email, is_delivered, received_at);
        """,
    )
    now = datetime(2026, 6, 30, 18, tzinfo=UTC)
    with Ledger(published).opened() as ledger:
        ledger.note([noted("tried", State.failed, now)])
    assert read_status(published, now).late_requests == ("later", "late")


def test_a_file_that_the_collector_has_just_written_is_told_from_one_that_is_left(
    published: Settings,
) -> None:
    names = [f"events-20260630T18000{number}Z-00000000000{number}.ndjson" for number in (1, 2)]
    published.landing.mkdir()
    now = datetime(2026, 6, 30, 18, 30, tzinfo=UTC)
    for name, minutes_ago in ((names[0], 29), (names[1], 31), ("dropped.ndjson", 1)):
        path = published.landing / name
        path.write_text("new")
        moment = now.timestamp() - 60 * minutes_ago
        os.utime(path, (moment, moment))
    status = read_status(published, now)
    assert set(status.waiting_files) == {*names, "dropped.ndjson"}
    assert status.collected_lately == (names[0],)
    assert not status.is_collecting
    (published.landing / "events-20260630T182900Z-000000000003.ndjson.part").write_text("")
    assert read_status(published, now).is_collecting


def views(page_class: str, *urls: str) -> str:
    """SQL: a page view of Bob's for each URL."""
    return "".join(
        "insert into marts.fct_events by name select 'page' as event_type, 'p-bob' as person_id,"
        f" '{url}' as page_url, '{page_class}' as page_class, timestamp '2026-06-29' as event_at,"
        " false as is_bot, false as is_consent_denied;"
        for url in urls
    )


@pytest.mark.parametrize(("classed", "is_told"), [(9, True), (10, False)])
def test_pages_without_a_class_are_named_where_they_are_a_quarter_of_all(
    published: Settings, classed: int, is_told: bool
) -> None:
    change(
        published,
        "alter table marts.fct_events add column page_url varchar;"
        "alter table marts.fct_events add column page_class varchar;"
        + views("other", "https://a.example/Preise/a?x=/b", "/preise#c", "/app")
        + views("blog", *["/blog"] * classed),
    )
    told = (Unclassed("/preise", 2), Unclassed("/app", 1))
    assert read_status(published).unclassed == (told if is_told else ())


def test_what_an_older_version_published_still_has_a_status(published: Settings) -> None:
    change(
        published,
        "drop table marts.fct_excluded_traffic;"
        " alter table marts.fct_events drop column traffic_flag",
    )
    status = read_status(published)
    assert status.published is not None
    assert (status.excluded, status.unmatched, status.unclassed) == ((), (), ())


def test_rows_of_leads_are_no_events(settings: Settings) -> None:
    publish_with(
        settings,
        "insert into ops.files values (3, 'leads.csv', 'leads', 300, 7, 5, 2, 0, 0, 0, 0, 0, null)",
    )
    loaded = read_status(settings).loaded
    assert loaded is not None
    assert (loaded.events, loaded.leads) == (4, 5)
    assert loaded.accounted == loaded.records == 13


def test_rows_of_ad_spend_are_no_events(settings: Settings) -> None:
    publish_with(
        settings,
        "insert into ops.files values"
        " (3, 'ad_spend.csv', 'ad_spend', 300, 7, 5, 2, 0, 0, 0, 0, 0, null)",
    )
    status = read_status(settings)
    loaded = status.loaded
    assert loaded is not None
    assert (loaded.events, loaded.leads, loaded.spend_rows) == (4, 0, 5)
    assert loaded.accounted == loaded.records == 13
    out = io.StringIO()
    print_status(status, settings, out)
    assert "= 4 events + 5 ad spend + 3 duplicate" in " ".join(out.getvalue().split())
    assert "Ad spend      5 rows loaded" in out.getvalue()
    assert f"Landing       nothing waits in {settings.landing}" in out.getvalue()


def test_amounts_without_a_rate_are_found_once_whatever_the_model(published: Settings) -> None:
    assert read_status(published).unrated == ()  # a version that had no campaigns
    change(
        published,
        "create table marts.rpt_campaigns as select * from (values"
        " ('month', 'first', 'XTS', false, 2, 0), ('month', 'last', 'XTS', false, 2, 0),"
        " ('month', 'first', 'XTS', false, 3, 0), ('week', 'first', 'XTS', false, 5, 0),"
        " ('month', 'first', 'EUR', true, 9, 9), ('month', 'first', 'XAU', false, 0, 0)"
        ") as rows (period, model, currency, has_rate, cost, value)",
    )
    assert read_status(published).unrated == (Unrated("XAU", 0, 0), Unrated("XTS", 5, 0))


def test_a_file_is_unfinished_as_its_last_load_left_it(settings: Settings) -> None:
    publish_with(
        settings,
        "insert into ops.files values"
        " (3, 'grown.log', 'access_log', 10, 2, 1, 0, 0, 0, 0, 0, 1, null),"
        " (4, 'grown.log', 'access_log', 20, 2, 1, 1, 0, 0, 0, 0, 0, null),"
        " (5, 'growing.log', 'access_log', 10, 2, 1, 0, 0, 0, 0, 0, 1, null)",
    )
    assert read_status(settings).unfinished_files == ("growing.log",)


def test_files_in_landing_wait_until_they_are_published(published: Settings) -> None:
    (published.landing / "below").mkdir(parents=True)
    (published.landing / "a.ndjson").write_bytes(b"x" * 100)
    (published.landing / "b.ndjson").write_bytes(b"x" * 201)
    (published.landing / "below" / "c.ndjson").write_bytes(b"x")
    (published.landing / os.fsdecode(b"\xe9.ndjson")).write_bytes(b"x")
    assert read_status(published).waiting_files == ("b.ndjson", "below/c.ndjson", "\\xe9.ndjson")


def test_the_last_refresh_is_published_failed_or_stopped(published: Settings) -> None:
    assert last_refresh(published).result == "built, not published"
    replace(record(), is_built=False).save(published)
    assert last_refresh(published).result == "stopped before its end"
    write_message(published, record().dagster_run_id, "why")
    assert last_refresh(published).result == "failed"
    assert last_refresh(published).message is not None
    done = replace(record(), published_at=datetime(2026, 6, 30, 18, 1, tzinfo=UTC))
    replace(done, dagster_run_id="another").save(published)
    assert last_refresh(published).result == "published"
    assert last_refresh(published).seconds == 60
    # what comes after publishing is a part of it: lists that nobody got are no good end
    done.save(published)
    assert last_refresh(published).result == "failed"


def test_status_names_who_writes_and_does_not_wait(published: Settings) -> None:
    with writer_lock(published, 0):
        status = read_status(published)
    assert status.writer is not None
    assert status.last_refresh is not None
    assert status.last_refresh.result == "running"
    assert read_status(published).writer is None


def test_status_needs_no_more_than_to_read(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer_lock(published, 0):
        pass
    opened: list[int] = []
    real = os.open

    def watched(path: str, flags: int, mode: int = 0o777) -> int:
        opened.append(flags)
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", watched)
    assert read_status(published).writer is None
    assert opened
    assert [flags for flags in opened if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT)] == []


def test_who_may_not_read_the_lock_file_is_told_that_it_cannot_be_told(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied", str(published.lock_file))

    monkeypatch.setattr(os, "open", refused)
    status = read_status(published)
    monkeypatch.undo()
    assert status.writer == CANNOT_TELL
    assert status.last_refresh is not None
    assert status.last_refresh.result == "not published"


def test_an_uncertain_mail_is_listed_also_where_nothing_is_published(settings: Settings) -> None:
    with Ledger(settings).opened() as ledger:
        for key in ("overview/2026-W27", "request-1"):
            ledger.note([noted(key, State.intended, datetime(2026, 6, 29, 6, tzinfo=UTC))])
    assert [mail.key for mail in read_status(settings).mail.uncertain] == [
        "overview/2026-W27",
        "request-1",
    ]


def test_what_delivery_tells_in_landing_keeps_nothing_from_being_fresh(published: Settings) -> None:
    published.landing.mkdir(parents=True)
    (published.landing / "lead-magnet-20260630T100000Z-01234567.ndjson").write_text("{}")
    assert read_status(published).waiting_files == ()
