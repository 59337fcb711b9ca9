"""The tracker in a real Chromium: when it stores and sends nothing, and who somebody is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.recording_collector import RecordingCollector
from tests.tracked_site import ALL_PARTS, arrived, hide, opened, session_of, site, stored, until

pytestmark = pytest.mark.browser


def everything_is_tried(page: Page) -> None:
    page.evaluate("intent.track('x'); intent.identify('u', {email: 'a@b.example'}); intent.page()")
    page.evaluate("intent.group('g'); intent.alias('b', 'a'); intent.reset()")
    page.evaluate("history.pushState({}, '', '/other')")
    page.click("[data-intent-cta]")
    page.fill("#email", "anna@example.com")
    page.context.clock.run_for(2_000)
    hide(page, True)
    page.wait_for_timeout(50)


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


FULL = """
for (let length = 4_000_000, i = 0; length > 0; i++)
    try { localStorage['site.' + i] = 'x'.repeat(length); } catch { length >>= 1; }
"""


@pytest.mark.parametrize("options", ['data-consent="required"', ""])
def test_a_no_and_a_logout_hold_where_the_site_has_filled_the_storage(
    context: BrowserContext, collector: RecordingCollector, options: str
) -> None:
    collector.pages = {"/": site(options=options)}
    page = opened(context, collector)
    page.evaluate("intent.consent(true); intent.identify('u-1')")
    arrived(page, collector, "identify")
    page.evaluate(FULL)
    page.evaluate("intent.track('in memory')")
    arrived(page, collector, "in memory")
    page.evaluate("intent.reset(); intent.track('stranger')")
    (stranger,) = arrived(page, collector, "stranger")
    assert "userId" not in stranger
    page.reload()
    page.wait_for_function("intent.version")
    assert not {"intent.user"} & stored(page).keys()
    page.evaluate("intent.track('still in memory'); intent.consent(false)")
    kept = {key: value for key, value in stored(page).items() if key.startswith("intent")}
    assert kept == ({} if options else {"intent.consent": "0"})
    page.reload()
    page.wait_for_function("intent.version")
    assert page.evaluate("intent.anonymousId()") is None
