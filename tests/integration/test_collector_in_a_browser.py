"""Segment's stock client for browsers, unchanged, against the collector, in a Chromium."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.collecting import KEY, load_landing, serving, settings_in

pytestmark = pytest.mark.browser

CLIENT = "@segment/analytics-next@1.84.3"

PAGE = """<!doctype html><title>Pricing</title><link rel="icon" href="data:,">
<script src="index.js"></script>"""

LOAD = """([writeKey, cdnURL, options]) => {
    window.told = window.AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL }, options);
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site of another origin that has the client; its URL."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm here to install Segment's client with")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, CLIENT],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode != 0:
        pytest.skip(f"npm could not install {CLIENT}: {done.stderr.strip()[-200:]}")
    for path in (folder / "node_modules/@segment/analytics-next/dist/umd").glob("*.js"):
        shutil.copy(path, folder / path.name)
    (folder / "pricing.html").write_text(PAGE)
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_address[1]}"
        served.shutdown()
        thread.join()


def loaded_page(
    browser: Browser, site: str, collector: str, options: object
) -> tuple[Page, list[str]]:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{site}/pricing.html?utm_source=ads&gclid=click-1&mkt_tok=SECRET")
    page.evaluate(LOAD, [KEY, collector, options])
    return page, said


def test_the_stock_client_for_browsers_works_unchanged(
    browser: Browser, site: str, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path)
    with serving(settings) as collector:
        page, said = loaded_page(browser, site, collector, {})
        page.evaluate("""async () => {
            await told.page('Pricing');
            await told.track('signup', { plan: 'pro' });
            await told.alias('user-1');
            await told.identify('user-1', { email: 'anna@acme.example' });
            await told.group('group-1', { name: 'Acme' });
            await told.screen('Home');
        }""")
        device = page.evaluate("told.instance.user().anonymousId()")
        agent = page.evaluate("navigator.userAgent")
        page.close()
        batching = {"strategy": "batching", "config": {"size": 2, "timeout": 60_000}}
        options = {"integrations": {"Segment.io": {"deliveryStrategy": batching}}}
        page, more = loaded_page(browser, site, collector, options)
        with page.expect_response("**/v1/b") as answer:
            page.evaluate("async () => { await told.track('first'); await told.track('second'); }")
        assert answer.value.json() == {"success": True}
        page.close()
    assert said + more == []
    loaded = load_landing(settings)
    assert (loaded.rejected, loaded.record_count, loaded.duplicate_count) == ([], 8, 0)
    events = {event["event_name"] or event["event_type"]: event for event in loaded.events}
    assert set(events) == {
        "Pricing", "signup", "identify", "group", "Home", "alias", "first", "second",
    }  # fmt: skip
    assert events["identify"]["email"] == "anna@acme.example"
    assert (events["alias"]["user_id"], events["alias"]["previous_id"]) == ("user-1", device)
    assert json.loads(events["signup"]["properties"]) == {"plan": "pro"}
    for event in loaded.events:
        assert event["page_url"].endswith("?utm_source=ads&gclid=click-1&mkt_tok=masked")
        assert event["page_title"] == "Pricing"
        assert event["user_agent"] == agent
        assert event["ip_prefix"] == "127.0.0.0/24"
        assert event["event_id"].startswith("ajs-next-")
        assert abs((event["event_at"] - event["received_at"]).total_seconds()) < 60
        assert "_metadata" not in json.loads(event["context"])
    assert events["signup"]["anonymous_id"] == device
