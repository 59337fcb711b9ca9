"""The tracker in a real Chromium: what it sends, when, and when nothing at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.recording_collector import Message, RecordingCollector, recording_collector

pytestmark = pytest.mark.browser

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TALL = '<div style="height: 3000px">long</div>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; Playwright's own is not downloaded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium here")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture
def collector() -> Iterator[RecordingCollector]:
    with recording_collector() as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        viewport={"width": 800, "height": 600}, locale="de-DE", timezone_id="Europe/Berlin"
    )
    yield opened
    opened.close()


def site(body: str = "", options: str = "", *, head: str = "", title: str = "Home") -> str:
    """A page with the tracker, as the docs say how."""
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}"
        f'<script async src="/tracker.js" data-write-key="key-1" {options}></script></head>'
        f"<body>{body}</body></html>"
    )


def opened(context: BrowserContext, collector: RecordingCollector, path: str = "/") -> Page:
    page = context.new_page()
    page.goto(collector.address + path)
    return page


def until(page: Page, is_so: Callable[[], object], *, what: str = "") -> None:
    """Waits, ten seconds at most, until it is so; the page goes on meanwhile."""
    for _ in range(500):
        if is_so():
            return
        page.wait_for_timeout(20)
    pytest.fail(f"it did not come to pass: {what}")


def arrived(page: Page, collector: RecordingCollector, name: str, count: int = 1) -> list[Message]:
    """The events of a name, once there are so many of them."""
    until(page, lambda: len(collector.named(name)) >= count, what=f"{count} {name}")
    found = collector.named(name)
    assert len(found) == count
    return found


def session_of(message: Message) -> str:
    return str(message["context"]["sessionId"])


def stored(page: Page) -> dict[str, str]:
    return dict(page.evaluate("({...localStorage})"))


def hide(page: Page, is_hidden: bool) -> None:
    """As if another tab were in front: a headless Chromium has no such thing."""
    page.evaluate(
        """isHidden => {
            Object.defineProperty(document, 'visibilityState',
                {configurable: true, get: () => isHidden ? 'hidden' : 'visible'});
            document.dispatchEvent(new Event('visibilitychange'));
        }""",
        is_hidden,
    )


def test_a_page_view_is_a_segment_message_with_all_that_the_loader_reads(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site('<a href="/next?q=1">next</a>'), "/next": site(title="Next")}
    page = opened(context, collector)
    page.click("a")
    first, second = arrived(page, collector, "page", 2)
    assert second["context"]["page"] == {
        "url": f"{collector.address}/next?q=1",
        "path": "/next",
        "search": "?q=1",
        "title": "Next",
        "referrer": f"{collector.address}/",
    }
    assert first["context"]["page"]["referrer"] == ""
    assert first["anonymousId"] == second["anonymousId"] == stored(page)["intent.id"]
    assert session_of(first) == session_of(second)
    assert first["messageId"] != second["messageId"]
    assert first["timestamp"] < second["timestamp"]
    assert second["context"]["locale"] == "de-DE"
    assert second["context"]["timezone"] == "Europe/Berlin"
    assert second["context"]["screen"]["width"] > 0
    assert second["context"]["library"] == {"name": "intent-tracker", "version": "1.0.0"}
    assert "Chrome" in second["context"]["userAgent"]
    batch = collector.batches[0]
    assert batch.path == "/v1/batch"
    assert batch.content_type == "text/plain;charset=UTF-8"
    assert batch.envelope["writeKey"] == "key-1"
    assert batch.envelope["sentAt"] >= first["timestamp"]


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
    context.clock.run_for(2_000)
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


def test_single_page_apps_have_page_views_without_doubles(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    page = opened(context, collector)
    page.wait_for_function("intent.version")
    go = "([how, url, title]) => { history[how]({}, '', url); document.title = title; }"
    page.evaluate(go, ["pushState", "/a?utm_source=x", "A"])
    page.wait_for_timeout(30)
    for again in ("/a?utm_source=x", "/a", "/a#place"):  # the same page, cleaned and at a place
        page.evaluate(go, ["replaceState", again, "A"])
        page.evaluate(go, ["pushState", again, "A"])
    page.evaluate(go, ["replaceState", "/b?page=2", "B"])
    page.wait_for_timeout(30)
    page.evaluate("history.back()")
    page.wait_for_function("location.pathname === '/a'")
    page.evaluate("location.hash = '#/route'")
    page.wait_for_timeout(30)
    # gone before it was a page at all
    page.evaluate("history.pushState({}, '', '/never')\nhistory.replaceState({}, '', '/a#/route')")
    page.evaluate("intent.track('last')")
    (last,) = arrived(page, collector, "last")
    seen = [event["context"]["page"] for event in collector.named("page")]
    shown = [(view["url"].removeprefix(collector.address), view["title"]) for view in seen]
    assert shown == [
        ("/", "Home"),
        ("/a?utm_source=x", "A"),
        ("/b?page=2", "B"),
        ("/a#place", "B"),
        ("/a#/route", "B"),
    ]
    assert [view["referrer"] for view in seen[1:]] == [view["url"] for view in seen[:-1]]
    assert last["context"]["page"]["url"] == f"{collector.address}/a#/route"


def test_a_page_counts_when_it_is_shown_and_again_when_the_browser_brings_it_back(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    context.add_init_script(
        "Object.defineProperty(document, 'prerendering', {configurable: true, value: true})"
    )
    page = opened(context, collector)
    page.wait_for_function("intent.version")
    assert stored(page) == {}
    page.evaluate("delete document.prerendering")
    page.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")
    arrived(page, collector, "page")
    for is_persisted in ("false", "true"):
        shown = f"new PageTransitionEvent('pageshow', {{persisted: {is_persisted}}})"
        page.evaluate(f"dispatchEvent({shown})")
    page.evaluate("intent.track('last')")
    arrived(page, collector, "last")
    arrived(page, collector, "page", 2)


def test_the_tag_says_where_to_and_counts_once(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    tag = '<script src="/tracker.js" data-write-key="key-2"></script>'
    elsewhere = f'data-endpoint="{collector.address}/below/"'.replace("127.0.0.1", "localhost")
    keyless = site().replace("data-write-key", "data-other")
    twice = site(tag, elsewhere).replace("async", "")
    collector.pages = {"/": twice, "/keyless": keyless}
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    page = opened(context, collector, "/keyless")
    page.wait_for_function("intent.version")
    page.evaluate("intent.consent(true); intent.track('x')")
    assert stored(page) == {}
    assert "intent: the script tag has no data-write-key " in said
    page.goto(collector.address)
    page.evaluate("intent.track('last')")
    arrived(page, collector, "last")
    arrived(page, collector, "page")
    assert {(batch.path, batch.envelope["writeKey"]) for batch in collector.batches} == {
        ("/below/v1/batch", "key-1")
    }


def test_campaign_and_click_ids_stay_for_the_session_and_are_on_its_first_page(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    # the site cleans its address before the tracker runs, as many do
    clean = "<script>history.replaceState({}, '', location.pathname)</script>"
    collector.pages = {"/": site(head=clean), "/next": site()}
    page = opened(
        context, collector, "/?x=1&utm_source=News&utm_campaign=Spring&gclid=Cj%2B1&mkt_tok=anna"
    )
    (first,) = arrived(page, collector, "page")
    asked = first["context"]["page"]["search"]
    assert asked == "?utm_source=News&utm_campaign=Spring&gclid=Cj%2B1&mkt_tok=anna"
    assert first["context"]["page"]["url"] == f"{collector.address}/{asked}"
    campaign = {"source": "News", "name": "Spring", "gclid": "Cj+1"}
    assert first["context"]["campaign"] == campaign
    page.goto(f"{collector.address}/next")
    _, second = arrived(page, collector, "page", 2)
    assert second["context"]["page"]["search"] == ""
    assert second["context"]["campaign"] == campaign
    assert "anna" not in str(second)
    page.goto(f"{collector.address}/next?utm_source=other")
    assert arrived(page, collector, "page", 3)[2]["context"]["campaign"] == {"source": "other"}


def test_a_landing_before_the_consent_keeps_its_campaign(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site(options='data-consent="required"')}
    page = opened(context, collector, "/?utm_source=news")
    page.evaluate("history.pushState({}, '', '/other?x=1')")
    page.evaluate("intent.consent(true)")
    (first,) = arrived(page, collector, "page")
    assert first["context"]["page"]["search"] == "?x=1&utm_source=news"
    assert first["context"]["campaign"] == {"source": "news"}


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


def test_a_call_to_action_is_seen_at_half_and_once_and_each_click_counts(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    offer = '<a id="offer" style="display:block;height:200px" data-intent-cta="check">{}</a>'
    collector.pages = {"/": site(TALL + offer.format("<b>Check</b>") + TALL)}
    page = opened(context, collector)
    arrived(page, collector, "page")
    for seen_of_it in (90, 120, 0, 120):
        page.evaluate("seen => scrollTo(0, 3000 + seen - innerHeight)", seen_of_it)
        page.wait_for_timeout(100)  # frames, in which Chromium looks at what can be seen
        page.evaluate("intent.track('looked')")
    arrived(page, collector, "looked", 4)
    told = [event["event"] for event in collector.events[1:]]
    assert told == ["looked", "cta_view", "looked", "looked", "looked"]
    page.click("#offer b")
    page.click("#offer b", button="middle")
    page.click("#offer b", button="right")
    clicks = arrived(page, collector, "cta_click", 2)
    (view,) = collector.named("cta_view")
    assert {str(event["properties"]) for event in [view, *clicks]} == {"{'offer_id': 'check'}"}
    # another page of a single-page app, with a call to action of its own
    page.evaluate("html => { history.pushState({}, '', '/b'); document.body.innerHTML = html; }",
                  '<p data-intent-cta="other">Other</p>')  # fmt: skip
    views = arrived(page, collector, "cta_view", 2)
    assert views[1]["properties"] == {"offer_id": "other"}
    assert views[1]["context"]["page"]["path"] == "/b"


def test_a_form_starts_at_its_first_input_and_knows_the_visitor(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    names = ("anonymous_id", "session_id", "page_url", "page_referrer", "page_title", "token")
    hidden = "".join(f'<input type="hidden" name="{name}" value="own">' for name in names)
    fields = '<input id="email" name="email"><input id="radio" type="radio" name="dataset">'
    form = f'<form data-intent-form="check">{hidden}{fields}</form>'
    plain = '<form><input type="hidden" name="anonymous_id" value="own"><input id="other"></form>'
    collector.pages = {"/": site(plain + form)}
    page = opened(context, collector, "/?a=1")
    (view,) = arrived(page, collector, "page")
    page.fill("#other", "x")
    page.focus("#email")
    page.evaluate("intent.track('not yet')")
    arrived(page, collector, "not yet")
    assert collector.named("form_start") == []
    page.fill("#email", "anna@example.com")
    page.check("#radio")
    (start,) = arrived(page, collector, "form_start")
    assert start["properties"] == {"offer_id": "check"}
    assert "anna" not in str(collector.events)
    read = """form => Object.fromEntries(
        [...form.querySelectorAll('[type=hidden]')].map(input => [input.name, input.value]))"""
    assert page.eval_on_selector("form[data-intent-form]", read) == {
        "anonymous_id": view["anonymousId"],
        "session_id": session_of(view),
        "page_url": f"{collector.address}/?a=1",
        "page_referrer": "",
        "page_title": "Home",
        "token": "own",
    }
    assert page.eval_on_selector("form:not([data-intent-form])", read) == {"anonymous_id": "own"}


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
    context.clock.run_for(2_000)
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


def test_what_happened_on_leaving_is_sent_as_the_page_goes(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site(TALL)}
    keeper = context.new_page()
    asked: list[str] = []
    context.on("console", lambda message: asked.append(message.text))
    context.add_init_script(
        "const own = fetch; fetch = (...given) =>"
        " (console.log(`outlives the page: ${given[1].keepalive}`), own(...given))"
    )
    page = opened(context, collector)
    arrived(page, collector, "page")
    page.evaluate("addEventListener('pagehide', () => intent.track('closing'), true)")
    page.close(run_before_unload=True)
    (read,) = arrived(keeper, collector, "page_read")
    (closing,) = arrived(keeper, collector, "closing")
    assert "outlives the page: true" in asked
    assert read["properties"]["scroll_percent"] == 20
    assert session_of(read) == session_of(closing)


def test_a_queue_outlives_a_reload_while_the_collector_is_down_and_is_then_sent_once(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    collector.is_down = True
    page = opened(context, collector)
    page.evaluate("for (let i = 0; i < 40; i++) intent.track('step', {i})")
    until(page, lambda: collector.attempts > 0)
    page.reload()
    page.wait_for_function("intent.version")
    assert len([key for key in stored(page) if key.startswith("intent.q.")]) >= 42
    collector.is_down = False
    steps = arrived(page, collector, "step", 40)
    assert [event["properties"]["i"] for event in steps] == list(range(40))
    until(page, lambda: not [key for key in stored(page) if key.startswith("intent.q.")])
    ids = [event["messageId"] for event in collector.taken]
    assert len(ids) == len(set(ids))
    assert len(collector.named("page")) == 2


def test_two_tabs_do_not_send_one_anothers_events_twice(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    tabs = [opened(context, collector) for _ in range(3)]
    for tab in tabs:
        tab.evaluate("for (let i = 0; i < 30; i++) intent.track('step')")
    arrived(tabs[0], collector, "step", 90)
    until(tabs[0], lambda: "intent.q" not in str(stored(tabs[0])))
    ids = [event["messageId"] for event in collector.taken]
    assert len(ids) == len(set(ids))


def test_the_queue_is_bounded_and_tells_how_many_it_dropped(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    collector.is_down = True
    page = opened(context, collector)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate("for (let i = 0; i < 310; i++) intent.track('step', {i})")
    page.evaluate("for (let i = 0; i < 9; i++) intent.track('big', {text: 'x'.repeat(31000)})")
    page.evaluate("intent.track('too big', {text: 'x'.repeat(33000)})")
    queued = [value for key, value in stored(page).items() if key.startswith("intent.q.")]
    assert sum(map(len, queued)) <= 300_000
    warnings = [text for text in said if text.startswith("intent")]
    collector.is_down = False
    page.evaluate("localStorage.removeItem('intent.wait')")
    page.reload()
    page.wait_for_function("intent.version")
    until(page, lambda: "intent.q" not in str(stored(page)))
    numbers = [event["properties"]["i"] for event in collector.named("step")]
    assert 0 < len(numbers) < 300
    assert numbers == list(range(310 - len(numbers), 310))
    dropped = sum(event["context"]["library"].get("dropped", 0) for event in collector.events)
    # the first page view too
    assert dropped == 310 - len(numbers) + 1
    assert warnings == [
        "intent: the queue is full, its oldest events are dropped ",
        "intent: an event above 32 kB is dropped ",
    ]


@pytest.mark.parametrize("answer", ["120", "Mon, 02 Mar 2026 12:02:00 GMT"])
def test_retry_after_is_honoured_by_all_tabs_and_over_a_reload(
    context: BrowserContext, collector: RecordingCollector, answer: str
) -> None:
    collector.pages = {"/": site()}
    collector.status, collector.headers = 429, {"Retry-After": answer}
    context.clock.install(time=NOON)
    page = opened(context, collector)
    until(page, lambda: collector.attempts == 1)
    until(page, lambda: "intent.wait" in stored(page))
    collector.status, collector.headers = 200, {}
    page.reload()
    other = opened(context, collector)
    for seconds in (50, 50):
        context.clock.fast_forward(seconds * 1_000)
        other.wait_for_timeout(100)
    assert collector.attempts == 1
    context.clock.fast_forward(25_000)
    arrived(other, collector, "page", 3)


def test_failures_are_tried_again_ever_later(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    collector.status = 503
    context.clock.install(time=NOON)
    page = opened(context, collector)
    waits = []
    for attempt in range(1, 12):
        until(page, lambda so_many=attempt: collector.attempts == so_many)  # type: ignore[misc]
        left = "localStorage['intent.wait'] - Date.now()"
        page.wait_for_function(f"{left} > 200")
        waits.append(page.evaluate(left))
        context.clock.fast_forward(int(waits[-1]) + 1)
    for place, wait in enumerate(waits):
        longest = min(1_000 * 2**place, 300_000)
        assert longest / 2 - 250 <= wait <= longest
    collector.status = 200
    context.clock.fast_forward(300_000)
    arrived(page, collector, "page")


def test_a_batch_that_is_refused_is_dropped_and_told_once(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    collector.status = 400
    said: list[tuple[str, str]] = []
    context.on("console", lambda message: said.append((message.type, message.text)))
    page = opened(context, collector)
    for attempt in (1, 2):
        until(page, lambda so_many=attempt: collector.attempts == so_many)  # type: ignore[misc]
        until(page, lambda: "intent.q" not in str(stored(page)))
        page.evaluate("intent.track('again')")
    until(page, lambda: collector.attempts == 3)
    assert [one for one in said if one[1].startswith("intent")] == [
        ("warning", "intent: a batch is refused and dropped 400")
    ]


def everything_is_tried(page: Page) -> None:
    page.evaluate("intent.track('x'); intent.identify('u', {email: 'a@b.example'}); intent.page()")
    page.evaluate("intent.group('g'); intent.alias('b', 'a'); intent.reset()")
    page.evaluate("history.pushState({}, '', '/other')")
    page.click("[data-intent-cta]")
    page.fill("#email", "anna@example.com")
    page.context.clock.run_for(2_000)
    hide(page, True)
    page.wait_for_timeout(50)


ALL_PARTS = (
    '<p data-intent-cta="check">Check</p><form data-intent-form="check"><input id="email">'
    '<input type="hidden" name="anonymous_id"></form>'
)


def test_what_is_under_way_when_consent_is_taken_back_is_broken_off(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    page = opened(context, collector)
    arrived(page, collector, "page")
    asked: list[str] = []
    context.route("**/v1/batch", lambda route: asked.append(route.request.url))  # never answered
    with page.expect_event("requestfailed") as failed:
        page.evaluate("intent.track('x')")
        until(page, lambda: asked)
        page.evaluate("intent.consent(false)")
    assert failed.value.failure == "net::ERR_ABORTED"
    page.wait_for_timeout(50)
    assert stored(page) == {"intent.consent": "0"}


def test_without_the_consent_that_is_required_nothing_is_stored_or_sent(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site(ALL_PARTS, 'data-consent="required"')}
    context.clock.install()
    page = opened(context, collector, "/?utm_source=news")
    everything_is_tried(page)
    assert stored(page) == {}
    assert collector.attempts == 0
    assert page.input_value("[name=anonymous_id]") == ""
    hide(page, False)
    page.evaluate("intent.consent(true)")
    (first,) = arrived(page, collector, "page")
    assert first["context"]["page"]["path"] == "/other"
    assert page.input_value("[name=anonymous_id]") == first["anonymousId"]
    # it is kept, for this tab and the next
    other = opened(context, collector)
    arrived(other, collector, "page", 2)
    arrived(other, collector, "cta_view", 2)
    other.evaluate("intent.identify('u1'); intent.consent(false)")
    page.wait_for_function("intent.anonymousId() === null")
    sent = collector.attempts
    for tab in (page, other):
        everything_is_tried(tab)
        assert stored(tab) == {}
        assert tab.input_value("[name=anonymous_id]") == ""
    assert collector.attempts == sent
    # given anew, it holds in the other tab as well
    page.evaluate("intent.consent(true)")
    *_, third, fourth = arrived(page, collector, "page", 4)
    assert third["anonymousId"] == fourth["anonymousId"] != first["anonymousId"]
    assert session_of(third) == session_of(fourth) != session_of(first)


def test_a_refusal_is_kept_where_silence_means_yes(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site(ALL_PARTS)}
    page = opened(context, collector)
    arrived(page, collector, "cta_view")
    sent = collector.attempts
    page.evaluate("intent.consent(false)")
    context.clock.install()
    page.reload()
    everything_is_tried(page)
    assert stored(page) == {"intent.consent": "0"}
    assert collector.attempts == sent


@pytest.mark.parametrize("signal", ["globalPrivacyControl: true", "doNotTrack: '1'"])
def test_who_says_no_by_their_browser_is_neither_stored_nor_sent(
    context: BrowserContext, collector: RecordingCollector, signal: str
) -> None:
    name, value = signal.split(": ")
    collector.pages = {"/": site(ALL_PARTS), "/deaf": site(options='data-honour-privacy="false"')}
    collector.pages["/before"] = ""
    before = opened(context, collector, "/before")
    before.evaluate(
        "localStorage['intent.id'] = localStorage['intent.q.1'] = '{\"type\": \"page\"}'"
    )
    before.close()
    context.add_init_script(
        f"Object.defineProperty(Navigator.prototype, '{name}', {{get: () => {value}}})"
    )
    context.clock.install()
    page = opened(context, collector)
    page.evaluate("intent.consent(true)")
    everything_is_tried(page)
    assert stored(page) == {}
    assert collector.attempts == 0
    page.goto(f"{collector.address}/deaf")
    (view,) = arrived(page, collector, "page")
    assert view["context"]["page"]["path"] == "/deaf"


def test_blocked_storage_is_replaced_by_memory(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    frame = (
        site(ALL_PARTS)
        .replace('"', "&quot;")
        .replace("/tracker.js", f"{collector.address}/tracker.js")
    )
    collector.pages = {"/": f'<iframe sandbox="allow-scripts" srcdoc="{frame}"></iframe>'}
    page = opened(context, collector)
    inner = page.frames[1]
    with pytest.raises(Exception, match="SecurityError"):
        inner.evaluate("localStorage")
    inner.evaluate("intent.track('x')")
    (first,), (second,) = arrived(page, collector, "page"), arrived(page, collector, "x")
    assert first["anonymousId"] == second["anonymousId"]
    assert session_of(first) == session_of(second)


def test_a_full_storage_is_replaced_by_memory(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site(head="<script>localStorage.x = 'x'.repeat(5242879)</script>")}
    page = opened(context, collector)
    page.evaluate("intent.track('x')")
    (first,), (second,) = arrived(page, collector, "page"), arrived(page, collector, "x")
    assert first["anonymousId"] == second["anonymousId"]
    assert list(stored(page)) == ["x"]


def test_hostile_pages_are_text_and_nothing_is_thrown_into_them(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    title = "</script><script>alert(1)</script>\u202e\U0001f600 =1+1"
    form = (
        '<form id="f" data-intent-form="x" name="title"><input name="getAttribute" id="i"></form>'
    )
    collector.pages = {"/": site(form, title=title.replace("<", "&lt;"))}
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    page.on("dialog", lambda dialog: (errors.append(dialog.message), dialog.dismiss()))
    page.goto(f"{collector.address}/?q=<script>alert(1)</script>'\"%00",
              referer="http://evil.example/?<script>alert(1)</script>")  # fmt: skip
    (view,) = arrived(page, collector, "page")
    assert (
        view["context"]["page"]["referrer"]
        == "http://evil.example/?%3Cscript%3Ealert(1)%3C/script%3E"
    )
    page.evaluate("document.forms[0].name = 'f'")
    # the page's own getAttribute is an input by now
    page.evaluate("document.querySelector('#i').dispatchEvent(new Event('input', {bubbles: true}))")
    page.evaluate("intent.track('titled')")
    assert arrived(page, collector, "titled")[0]["context"]["page"]["title"] == title
    odd = """
        const cycle = {}; cycle.cycle = cycle;
        const thrower = {toJSON() { throw new Error('no'); }};
        const hard = {toString() { throw new Error('no'); }};
        for (const name in intent) {
            if (typeof intent[name] !== 'function' || name === 'consent') continue;
            for (const one of [undefined, null, 1n, cycle, thrower, hard, '', Symbol(), [], 1e400])
                for (const two of [undefined, cycle, 'x']) intent[name](one, two);
        }
        intent.push(['no_such_method'], null, 7, ['track', 'after']);
    """
    page.evaluate(f"() => {{ {odd} }}")
    arrived(page, collector, "after")
    assert errors == []


def test_calls_made_before_the_tracker_came_are_made_up_for(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    early = """<script>
        window.intent = window.intent || [];
        intent.push(['track', 'early', {n: 1}]);
        intent.push(['identify', 'u1', {email: 'anna@example.com'}]);
        intent.push(['consent', true]);
        (function () { intent.push(arguments); })('track', 'odd');
    </script>"""
    collector.pages = {"/": site(head=early, options='data-consent="required"')}
    context.clock.set_fixed_time(NOON)
    page = opened(context, collector)
    (odd,) = arrived(page, collector, "odd")
    told = [(event["type"], event.get("event")) for event in collector.events]
    assert told == [("page", None), ("track", "early"), ("identify", None), ("track", "odd")]
    assert [event.get("userId") for event in collector.events] == [None, None, "u1", "u1"]
    # in one moment, and yet one after the other
    times = [event["timestamp"].partition(".")[2] for event in collector.events]
    assert times == ["000Z", "001Z", "002Z", "003Z"]
    assert collector.events[2]["traits"] == {"email": "anna@example.com"}
    page.evaluate("intent.group('acme', {size: 3}); intent.alias('u2'); intent.page('Prices')")
    arrived(page, collector, "page", 2)
    group, alias, named = [e for e in collector.events[4:] if e.get("event") != "page_read"]
    assert (group["groupId"], group["traits"]) == ("acme", {"size": 3})
    assert (alias["userId"], alias["previousId"]) == ("u2", odd["anonymousId"])
    assert named["name"] == "Prices"
    page.evaluate("intent.reset(); intent.track('stranger')")
    (stranger,) = arrived(page, collector, "stranger")
    assert "userId" not in stranger
    assert stranger["anonymousId"] != odd["anonymousId"]
    assert session_of(stranger) != session_of(odd)


def test_it_works_under_a_strict_content_security_policy(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site(ALL_PARTS)}
    collector.page_headers = {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self';"
        " require-trusted-types-for 'script'"
    }
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    page = opened(context, collector)
    arrived(page, collector, "page")
    page.fill("#email", "x")
    arrived(page, collector, "form_start")
    arrived(page, collector, "cta_view")
    assert said == []


def test_a_cookie_of_the_server_goes_before_what_the_script_stored(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site(options="data-cookie"), "/plain": site()}
    page = opened(context, collector)
    (first,) = arrived(page, collector, "page")
    assert context.cookies() == []
    cookie: Any = {
        "name": "intent_anonymous_id",
        "value": first["anonymousId"],
        "url": collector.address,
    }
    context.add_cookies([cookie])
    page.evaluate("localStorage.clear()")
    page.reload()
    assert arrived(page, collector, "page", 2)[1]["anonymousId"] == first["anonymousId"]
    page.evaluate("intent.reset()")
    assert context.cookies() == []
    # the answer to an event of before brings it back
    context.add_cookies([cookie])
    page.evaluate("intent.track('stranger')")
    assert arrived(page, collector, "stranger")[0]["anonymousId"] != first["anonymousId"]
    page.evaluate("intent.consent(false)")
    assert context.cookies() == []
    # who does not ask for it does not go by it
    context.add_cookies([cookie])
    page.goto(f"{collector.address}/plain")
    page.evaluate("intent.consent(true)")
    assert arrived(page, collector, "page", 3)[2]["anonymousId"] != first["anonymousId"]
