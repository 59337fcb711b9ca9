"""A site with the tracker, in a browser, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.recording_collector import Message, RecordingCollector

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TALL = '<div style="height: 3000px">long</div>'
ALL_PARTS = (
    '<p data-intent-cta="check">Check</p><form data-intent-form="check"><input id="email">'
    '<input type="hidden" name="anonymous_id"></form>'
)


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
