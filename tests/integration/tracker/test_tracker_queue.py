"""The tracker in a real Chromium: nothing is lost, and nobody is flooded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext

from tests.recording_collector import RecordingCollector
from tests.tracked_site import NOON, TALL, arrived, opened, session_of, site, stored, until

pytestmark = pytest.mark.browser


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
    # while it waits no attempt is under way, which would fail and make it wait anew; and the page
    # that goes sends nothing, which could arrive after the next one has dropped it from the queue
    page.wait_for_function("localStorage['intent.wait'] - Date.now() > 200")
    collector.is_down = False
    page.evaluate("localStorage['intent.wait'] = Date.now() + 3000")
    page.reload()
    page.wait_for_function("intent.version")

    def arrived() -> list[int]:
        return [event["properties"]["i"] for event in collector.named("step")]

    # a batch that is under way is in the queue no more
    until(page, lambda: "intent.q" not in str(stored(page)) and 309 in arrived())
    numbers = arrived()
    assert 0 < len(numbers) < 300
    assert numbers == list(range(310 - len(numbers), 310))
    dropped = sum(event["context"]["library"].get("dropped", 0) for event in collector.events)
    # the first page view too; what the last event dropped, the next one would tell
    untold = int(stored(page).get("intent.dropped", "0"))
    assert dropped + untold == 310 - len(numbers) + 1
    assert warnings == [
        "intent: the queue is full, its oldest events are dropped ",
        "intent: an event above 32 kB is dropped ",
    ]


def test_a_burst_in_one_moment_keeps_its_order(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    context.clock.install(time=NOON)
    page = opened(context, collector)
    until(page, lambda: collector.taken and "intent.q" not in str(stored(page)))
    context.clock.pause_at(NOON + timedelta(minutes=1))
    page.evaluate("for (let i = 0; i < 290; i++) intent.track('step', {i})")
    context.clock.resume()
    steps = arrived(page, collector, "step", 290)
    by_time = sorted(steps, key=lambda event: str(event["timestamp"]))
    assert [event["properties"]["i"] for event in by_time] == list(range(290))


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
    # the last of them is answered, and waits, before the collector is well again
    until(page, lambda: collector.attempts == 12)
    page.wait_for_function(f"{left} > 200")
    collector.status = 200
    context.clock.fast_forward(300_000)
    arrived(page, collector, "page")
    # what is over is forgotten: the next failure is a first one
    until(page, lambda: "intent.q" not in str(stored(page)))
    collector.status = 503
    page.evaluate("delete localStorage['intent.wait']; intent.track('x')")
    context.clock.run_for(600)
    page.wait_for_function("'intent.wait' in localStorage")
    assert page.evaluate(left) <= 1_000


def test_a_request_that_is_never_answered_keeps_nobody_waiting(
    context: BrowserContext, collector: RecordingCollector
) -> None:
    collector.pages = {"/": site()}
    collector.hangs = True
    context.clock.install(time=NOON)
    page = opened(context, collector)
    until(page, lambda: collector.attempts == 1)
    other = opened(context, collector)
    context.clock.run_for(29_000)
    assert collector.attempts == 1
    collector.hangs = False
    context.clock.run_for(5_000)
    arrived(other, collector, "page", 2)


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
