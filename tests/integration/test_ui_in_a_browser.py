"""The Dagster UI as an operator sees it: the graph, the checks, and every run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Error, Page, expect, sync_playwright

from tests.refreshed_shop import AS_OF, copy_of_shop

pytestmark = pytest.mark.browser

INTENT = [sys.executable, "-c", "from orchestration.cli import main; main()"]
GROUPS = [
    "ingestion", "seeds", "staging", "sessions", "identity", "attribution", "scoring",
    "marts", "activation", "ops", "published", "exports",
]  # fmt: skip
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A data directory with one refresh done by `intent refresh`."""
    data_dir = tmp_path_factory.mktemp("ui") / "data"
    copy_of_shop(data_dir, with_landing=False)
    return {**os.environ, "INTENT_DATA_DIR": str(data_dir)}


@pytest.fixture(scope="module")
def address(environment: dict[str, str]) -> Iterator[str]:
    """Where `intent ui` serves; ended as Ctrl-C would end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [*INTENT, "ui", "--port", str(port)], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            said = [process.stdout.readline(), process.stdout.readline()]
            assert f"http://127.0.0.1:{port}" in said[-1], said
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of the system's Chromium; Playwright's own is not downloaded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        opened = browser.new_page(viewport={"width": 1600, "height": 1000})
        opened.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield opened
        browser.close()


def asks_for_a_run(posted: str | None) -> bool:
    return re.search(r"mutation Launch\w*", posted or "") is not None


def test_the_graph_goes_from_raw_files_to_exports(page: Page, address: str) -> None:
    page.goto(f"{address}/asset-groups")
    for group in GROUPS:
        expect(page.get_by_text(group, exact=True).first).to_be_visible()


def test_what_is_published_is_fresh_and_leads_to_the_exports(page: Page, address: str) -> None:
    asset = f"{address}/assets/published/analytics"
    page.goto(asset)
    # the daemon looks at freshness at its own pace, and later where other tests want the processor;
    # what the page has asked once it does not ask again for long
    for _ in range(12):
        with suppress(Error):
            page.get_by_text("Passing").first.wait_for(timeout=PATIENCE_MS / 4)
            break
        page.goto(asset)
    expect(page.get_by_text("Passing").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"marts / dim_people")).first).to_be_visible()
    expect(page.get_by_text(re.compile(r"exports / people")).first).to_be_visible()


def test_tests_of_a_model_are_green_checks(page: Page, address: str) -> None:
    page.goto(f"{address}/assets/marts/dim_people?view=checks")
    expect(page.get_by_text("unique_dim_people_person_id").first).to_be_visible()
    expect(page.get_by_text("Passed", exact=True).first).to_be_visible()
    expect(page.get_by_text("Failed", exact=True)).to_have_count(0)


def test_schedule_and_sensors_are_on(page: Page, address: str) -> None:
    page.goto(f"{address}/automation")
    schedules = ("daily_refresh", "monthly_backtest", "weekly_overview", "weekly_upkeep")
    names = (*schedules, "new_files", "due_reports", "failed_runs", "dead_runs")
    for name in names:
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    # one switch a row; the boxes beside them, for choosing rows, are empty
    expect(page.locator("input[type=checkbox]:checked")).to_have_count(len(names))


def test_a_run_started_here_and_one_of_the_command_line_are_both_listed(
    page: Page, address: str, environment: dict[str, str]
) -> None:
    page.goto(f"{address}/locations/orchestration.definitions/jobs/refresh")
    with page.expect_response(lambda answer: asks_for_a_run(answer.request.post_data)):
        page.get_by_role("button", name=re.compile("Materialize all")).first.click()
    page.goto(f"{address}/runs")
    expect(page.get_by_text("intent refresh").first).to_be_visible()
    expect(page.get_by_text("Success", exact=True)).to_have_count(2, timeout=4 * PATIENCE_MS)
    assert Path(environment["INTENT_DATA_DIR"], "analytics.duckdb").exists()


def test_assets_show_records_bands_and_files_as_tables(page: Page, address: str) -> None:
    page.goto(f"{address}/assets/raw/events")
    for key in ("records", "refused", "events_by_day"):
        expect(page.get_by_text(key, exact=True).first).to_be_visible()
    expect(page.get_by_text(re.compile("events in the 60 days from")).first).to_be_visible()
    page.goto(f"{address}/assets/published/analytics")
    expect(page.locator("table table").get_by_text("hot", exact=True)).to_be_visible()
    page.goto(f"{address}/assets/exports/retention")
    expect(page.get_by_text(re.compile(r"^sales_.*xlsx$")).first).to_be_visible()


@pytest.mark.slow  # one refresh more
def test_a_past_day_is_scored_from_the_launchpad(
    page: Page, address: str, environment: dict[str, str]
) -> None:
    page.goto(f"{address}/runs")
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()
    done = page.get_by_text("Success", exact=True).count()
    page.goto(f"{address}/locations/orchestration.definitions/jobs/refresh")
    page.locator("button:right-of(:text('Materialize all'))").first.click()
    page.get_by_text("Open launchpad").click()
    editor = page.locator(".CodeMirror-lines").last
    expect(editor).to_contain_text("full_refresh: false")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("resources: {options: {config: {as_of: '2026-06-20'}}}")
    # possible only when what was typed has been read: it lacks some defaults
    expect(page.get_by_role("button", name="Scaffold all default config")).to_be_enabled()
    with page.expect_response(lambda answer: asks_for_a_run(answer.request.post_data)):
        page.locator("[role=dialog]").get_by_text("Materialize", exact=True).click()
    page.goto(f"{address}/runs")
    expect(page.get_by_text("Success", exact=True)).to_have_count(done + 1, timeout=4 * PATIENCE_MS)
    with duckdb.connect(
        Path(environment["INTENT_DATA_DIR"], "analytics.duckdb"), read_only=True
    ) as connection:
        [(as_of,)] = connection.execute("select max(as_of_date) from marts.dim_people").fetchall()
        days = connection.execute(
            "select distinct as_of_date from marts.fct_score_history order by 1"
        ).fetchall()
    assert as_of == date(2026, 6, 20)
    assert (date(2026, 6, 20),) in days
    assert (AS_OF,) in days
