"""The explanation as somebody sees it: on a phone, on paper, in the dark, and when hostile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser

from ingestion.settings import Settings
from orchestration.explain.explaining import explain
from orchestration.explain.identity import Found
from orchestration.explain.page import write_page
from orchestration.explain.person import PersonExplained
from tests.unit.orchestration.hostile_texts import SAMPLES
from tests.unit.orchestration.small_marts import ANNA, publish_story
from tests.unit.orchestration.test_explain_page import renamed

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of a person by every hostile name, of one with many devices, and of an account."""
    folder = tmp_path_factory.mktemp("explained")
    settings = Settings(data_dir=folder / "data")
    publish_story(settings)
    settings.analytics.chmod(0o600)
    with duckdb.connect(settings.analytics) as connection:
        connection.execute(
            "update marts.fct_events set rule_id = 'pricing_view' where event_id = 'e3'"
        )
    found, (anna,) = explain(settings, ANNA, None)
    assert isinstance(anna, PersonExplained)
    long = "A sentence of the length that people write into a form, and more. " * 9
    for place, text in enumerate((*SAMPLES, long)):
        path = folder / f"sample-{place:02d}.html"
        write_page(path, Found("email", text, found.ids), [renamed(anna, text)], "Europe/Berlin")
    device = anna.identifiers[-1]
    many = [replace(device, identifier=f"device-{n:02d}-{'x' * 30}") for n in range(30)]
    crowded = replace(anna, identifiers=[*anna.identifiers, *many])
    write_page(folder / "many.html", found, [crowded], "Europe/Berlin")
    account = explain(settings, "acme.com", None)
    write_page(folder / "account.html", *account, "Europe/Berlin")
    return folder


def test_on_a_phone_nothing_runs_out_at_the_side_and_no_name_fills_the_page(
    browser: Browser, folder: Path
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    sizes = {}
    for path in sorted(folder.glob("*.html")):
        page.goto(path.as_uri())
        root = "document.documentElement"
        sizes[path.name] = page.evaluate(f"[{root}.scrollWidth, {root}.scrollHeight]")
    page.close()
    assert len(sizes) > len(SAMPLES)
    too_large = {name: size for name, size in sizes.items() if size[0] > 390 or size[1] > 6_000}
    assert set(too_large) <= {"many.html"}
    assert sizes["many.html"][0] == 390


def test_no_text_comes_alive(browser: Browser, folder: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    paths = sorted(folder.glob("*.html"))
    for path in paths:
        page.goto(path.as_uri())
        assert page.locator("script, img, iframe, object, embed, form").count() == 0
    page.close()
    assert asked == [path.as_uri() for path in paths]
    assert said == []


def test_each_arc_ends_at_the_rows_of_what_it_links(browser: Browser, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((folder / "many.html").as_uri())
    rows = page.evaluate(
        "[...document.querySelectorAll('.graph li')].map(r => {"
        " const b = r.getBoundingClientRect(); return [b.top, b.bottom]})"
    )
    marks = page.evaluate(
        "[...document.querySelectorAll('.arcs .mark')].map(m => {"
        " const b = m.getBoundingClientRect(); return (b.top + b.bottom) / 2})"
    )
    page.close()
    assert len(rows) == len(marks) > 30
    assert all(top < mark < bottom for (top, bottom), mark in zip(rows, marks, strict=True))


def test_in_the_dark_the_page_is_dark_and_on_paper_it_is_white(
    browser: Browser, folder: Path
) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    page = browser.new_page(viewport={"width": 390, "height": 900}, color_scheme="dark")
    page.goto((folder / "account.html").as_uri())
    assert page.evaluate(ground) == "rgb(20, 24, 31)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.close()
