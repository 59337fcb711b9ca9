"""The tracker in a real Chromium: what it sends of a page."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.recording_collector import RecordingCollector
from tests.tracked_site import ALL_PARTS, NOON, TALL, arrived, opened, session_of, site, stored

pytestmark = pytest.mark.browser


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
