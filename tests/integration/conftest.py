"""What the integration tests share: the models, compiled once, a log that they were run on, and a
browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from ingestion.settings import Settings
from tests.compiled_models import CompiledModels, compile_models
from tests.published_log import publish_simulated


@pytest.fixture(scope="session")
def models() -> CompiledModels:
    """All models of the project, ready to run on small logs."""
    return compile_models()


@pytest.fixture(scope="session")
def published_log(models: CompiledModels, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory with analytics.duckdb of a small simulated log; to be read only."""
    return publish_simulated(models, tmp_path_factory.mktemp("published_log"))


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
