"""The page of compared rules as somebody sees it: on a phone or a screen, hostile, of nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from ingestion.settings import Settings
from orchestration.rulesets.page import comparison_page
from tests.unit.orchestration.comparisons import comparison_of, same
from tests.unit.orchestration.hostile_texts import SAMPLES

pytestmark = pytest.mark.browser

LONG = "Eine-sehr-lange-Bezeichnung-ohne-jeden-Zwischenraum" * 4
WIDTHS = (320, 390, 768, 1_440)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of all hostile texts, of long words, of plain ones, and of nothing."""
    folder = tmp_path_factory.mktemp("rulesets")
    each = [comparison_of(text, movers=1) for text in SAMPLES]
    plain = comparison_of()
    hostile = replace(
        plain,
        people=replace(plain.people, movers=[one.people.movers[0] for one in each]),
        changes=[change for one in each for change in one.changes],
    )
    long = comparison_of(LONG, movers=20)
    long = replace(long, accounts=replace(long.people, total=98_765_432))
    pages = {"plain": plain, "hostile": hostile, "long": long, "same": same()}
    for name, comparison in pages.items():
        (folder / f"{name}.html").write_text(
            comparison_page(Settings(data_dir=folder), comparison), encoding="utf-8"
        )
    return folder


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_runs_out_at_the_side(browser: Browser, folder: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    widths = {}
    for path in sorted(folder.glob("*.html")):
        page.goto(path.as_uri())
        widths[path.name] = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert len(widths) == 4
    assert {name: found for name, found in widths.items() if found > width} == {}


def test_no_text_comes_alive_and_nothing_is_asked_of_a_network(
    browser: Browser, folder: Path
) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    paths = sorted(folder.glob("*.html"))
    for path in paths:
        page.goto(path.as_uri())
        assert page.locator("script, img, iframe, object, embed, form, a").count() == 0
    page.close()
    assert asked == [path.as_uri() for path in paths]
    assert said == []


def test_the_charts_have_other_colours_in_the_dark(browser: Browser, folder: Path) -> None:
    found = []
    for is_dark in (False, True):
        page = browser.new_page(color_scheme="dark" if is_dark else "light")
        page.goto((folder / "plain.html").as_uri())
        disc = page.locator("svg.plot g:has(> title) path").first
        found.append(disc.evaluate("node => getComputedStyle(node).fill"))
        page.close()
    assert found[0] != found[1]
