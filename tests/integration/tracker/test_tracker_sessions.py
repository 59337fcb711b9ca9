"""The tracker in a real Chromium: sessions, clocks and time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext

from tests.recording_collector import RecordingCollector
from tests.tracked_site import NOON, TALL, arrived, hide, opened, session_of, site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("idle", "is_new"),
    [("29:59", False), ("30:01", True)],
    ids=["29:59 stays one session", "30:01 is a new one"],
)
def test_two_tabs_share_a_session_and_its_end(
    context: BrowserContext, collector: RecordingCollector, idle: str, is_new: bool
) -> None:
    collector.pages = {"/": site()}
    context.clock.install(time=NOON)
    one, other = opened(context, collector), opened(context, collector)
    first, second = arrived(one, collector, "page", 2)
    assert session_of(first) == session_of(second)
    context.clock.fast_forward(idle)
    one.evaluate("intent.track('back')")
    other.evaluate("intent.track('back')")
    back, back_too = arrived(one, collector, "back", 2)
    assert session_of(back) == session_of(back_too)
    assert (session_of(back) != session_of(second)) is is_new


def test_a_gap_of_exactly_thirty_minutes_stays_in_the_session(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    context.clock.install(time=NOON)
    page = opened(context, collector)
    (first,) = arrived(page, collector, "page")
    context.clock.pause_at(NOON + timedelta(minutes=5))
    for event, milliseconds in (("one", 0), ("two", 1_800_000), ("three", 1_800_001)):
        if milliseconds:
            context.clock.fast_forward(milliseconds)
        page.evaluate("name => intent.track(name)", event)
    context.clock.resume()
    (one,), (two,) = arrived(page, collector, "one"), arrived(page, collector, "two")
    (three,) = arrived(page, collector, "three")
    assert session_of(first) == session_of(one) == session_of(two)
    assert session_of(three) != session_of(two)


def test_a_clock_set_back_neither_ends_a_session_nor_keeps_it_for_ever(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    context.clock.install(time=NOON)
    page = opened(context, collector)
    (first,) = arrived(page, collector, "page")
    context.clock.set_system_time(NOON - timedelta(hours=5))
    page.evaluate("intent.track('soon')")
    (soon,) = arrived(page, collector, "soon")
    assert session_of(soon) == session_of(first)
    assert soon["timestamp"] < "2026-03-02T07:01"
    # set back and idle at once: the wall clock says that hardly any time went by
    context.clock.fast_forward("30:01")
    context.clock.set_system_time(NOON - timedelta(hours=5))
    page.evaluate("intent.track('late')")
    (late,) = arrived(page, collector, "late")
    assert session_of(late) != session_of(soon)
    # a page that comes after the clock was set back by hours has nothing else to go by
    page.goto("about:blank")
    context.clock.set_system_time(NOON - timedelta(hours=9))
    page.goto(collector.address)
    page.evaluate("intent.track('afresh')")
    (afresh,) = arrived(page, collector, "afresh")
    assert session_of(afresh) != session_of(late)


def test_groups_and_aliases_do_not_keep_a_session(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    context.clock.install(time=NOON)
    page = opened(context, collector)
    (first,) = arrived(page, collector, "page")
    for call in ("group('acme')", "alias('u1')", "track('back')"):
        context.clock.fast_forward("10:01")
        page.evaluate(f"intent.{call}")
    (back,) = arrived(page, collector, "back")
    (group,), (alias,) = collector.named("group"), collector.named("alias")
    assert session_of(first) == session_of(group) == session_of(alias) != session_of(back)


def test_a_new_session_has_no_campaign_of_the_one_before(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    context.clock.install(time=NOON)
    page = opened(context, collector, "/?utm_source=news")
    assert arrived(page, collector, "page")[0]["context"]["campaign"] == {"source": "news"}
    context.clock.fast_forward("30:01")
    page.evaluate("history.pushState({}, '', '/b')")
    assert "campaign" not in arrived(page, collector, "page", 2)[1]["context"]


def test_visible_time_counts_only_what_was_visible_and_depth_is_the_deepest(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site(TALL)}
    context.clock.install(time=NOON)
    page = opened(context, collector)
    arrived(page, collector, "page")
    context.clock.pause_at(NOON + timedelta(minutes=1))
    hide(page, True)
    arrived(page, collector, "page_read")
    hide(page, False)
    context.clock.fast_forward(7_000)
    with page.expect_event("console"):
        page.evaluate("addEventListener('scrollend', () => console.log('there')); scrollTo(0, 900)")
    page.evaluate("scrollTo(0, 0)")
    hide(page, True)
    context.clock.fast_forward(60_000)
    hide(page, False)
    context.clock.fast_forward(4_000)
    hide(page, True)
    context.clock.fast_forward(60_000)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.evaluate("intent.track('last')")
    context.clock.resume()
    arrived(page, collector, "last")
    _, first, second = arrived(page, collector, "page_read", 3)
    height = page.evaluate("document.documentElement.scrollHeight")
    deepest = round(100 * (900 + 600) / height)
    assert first["properties"] == {"visible_ms": 7_000, "scroll_percent": deepest}
    assert second["properties"] == {"visible_ms": 4_000, "scroll_percent": deepest}
    assert second["context"]["page"]["path"] == "/"


def test_a_screen_that_was_walked_away_from_makes_no_session_and_no_hours_of_reading(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site(TALL)}
    context.clock.install(time=NOON)
    page = opened(context, collector)
    (view,) = arrived(page, collector, "page")
    context.clock.pause_at(NOON + timedelta(minutes=5))
    page.keyboard.press("Shift")
    context.clock.fast_forward("03:00:00")
    hide(page, True)
    (read,) = arrived(page, collector, "page_read")
    assert session_of(read) == session_of(view)
    assert read["timestamp"] == "2026-03-02T12:05:00.000Z"
    assert 290_000 < read["properties"]["visible_ms"] <= 300_000


def test_reading_without_any_other_event_keeps_the_session(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site(TALL)}
    context.clock.install(time=NOON)
    page = opened(context, collector)
    arrived(page, collector, "page")
    for _ in range(6):
        context.clock.fast_forward("10:00")
        page.keyboard.press("Shift")
    page.evaluate("intent.track('done')")
    arrived(page, collector, "done")
    assert len({session_of(event) for event in collector.events}) == 1
    assert len(collector.named("page_read")) == 3
