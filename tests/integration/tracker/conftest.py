"""A Chromium with a fresh profile for each test, and a collector."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.recording_collector import RecordingCollector, recording_collector


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; Playwright's own is not downloaded. One a module: of two Playwrights
    in one thread the second does not start."""
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
