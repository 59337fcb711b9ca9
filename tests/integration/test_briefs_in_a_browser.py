"""Account briefs as somebody sees them: on a phone, on paper, in the dark, and when hostile."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from orchestration.exports.briefs import Account, Brief, Person, write_briefs
from orchestration.exports.chart import Bar
from tests.unit.orchestration.hostile_texts import SAMPLES

pytestmark = pytest.mark.browser

AS_OF = date(2026, 6, 30)
FIRST_DAY = AS_OF - timedelta(days=89)


def brief(domain: str, text: str) -> Brief:
    """A brief that is as full as one can be, all its texts being `text`."""
    account = Account(
        account_id=domain, domain=domain, name=text, owner=text, band="hot", score=94.7, surge=8.9,
        people_count=9, active_people=9, opening_line=text, first_reason=text, channels=text,
        session_count=99, first_seen_at=datetime(2026, 4, 2), last_seen_at=datetime(2026, 6, 30),  # noqa: DTZ001
        chart_from_date=FIRST_DAY, as_of_date=AS_OF, is_customer=True,
    )  # fmt: skip
    person = Person(text, text, f"{'long-' * 12}@acme.example", "warm", 56.1, -45.5, text)
    days = [Bar(FIRST_DAY + timedelta(days=n), 1.0 + n, f"day {n}") for n in range(90)]
    return Brief(account, [person] * 9, [(text, 10.0)] * 9, days)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Briefs of every hostile text, and of one that is only long."""
    folder = tmp_path_factory.mktemp("briefs")
    texts = [*SAMPLES, "A sentence of the length that people write into a form, and more. " * 9]
    found = [brief(f"sample-{place}.example", text) for place, text in enumerate(texts)]
    write_briefs(found, AS_OF, "Europe/Berlin", folder)
    return folder


def opened(browser: Browser, path: Path, width: int, scheme: str = "light") -> Page:
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(path.as_uri())
    return page


def pages_of(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.html"))
    assert len(found) > len(SAMPLES)
    return found


def test_on_a_phone_nothing_runs_out_at_the_side(browser: Browser, folder: Path) -> None:
    page = opened(browser, folder / "index.html", 390)
    widths = {}
    for path in pages_of(folder):
        page.goto(path.as_uri())
        widths[path.name] = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert {name: width for name, width in widths.items() if width > 390} == {}


@pytest.mark.parametrize("media", ["screen", "print"])
def test_what_brought_the_visits_is_told_whole(
    browser: Browser, tmp_path: Path, media: Literal["screen", "print"]
) -> None:
    channels = ", ".join(f"Organic Shopping {number}" for number in range(10, 22))
    told = brief("acme.example", "Some words")
    told = replace(told, account=replace(told.account, channels=channels))
    write_briefs([told], AS_OF, "Europe/Berlin", tmp_path)
    page = opened(browser, tmp_path / "acme.example.html", 390 if media == "screen" else 703)
    page.emulate_media(media=media)
    heights = page.evaluate(
        "(d => [d.scrollHeight, d.clientHeight])(document.querySelector('.facts .wide dd'))"
    )
    page.close()
    assert heights[0] == heights[1] > 20


def test_no_text_comes_alive(browser: Browser, folder: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    for path in pages_of(folder):
        page.goto(path.as_uri())
        assert page.locator("script, img, iframe, object, embed, form").count() == 0
    page.close()
    assert asked == [path.as_uri() for path in pages_of(folder)]
    assert said == []


def test_the_fullest_brief_is_one_page_of_a4(browser: Browser, folder: Path) -> None:
    page = opened(browser, folder / "index.html", 1_440, "dark")
    longer = []
    for path in pages_of(folder):
        page.goto(path.as_uri())
        pdf = page.pdf(prefer_css_page_size=True)
        assert re.search(rb"/MediaBox\s*\[\s*0 0 59[45][\d.]* 84[12]", pdf), path.name
        if len(re.findall(rb"/Type\s*/Page\b", pdf)) > 1:
            longer.append(path.name)
    page.close()
    assert longer in ([], ["index.html"])


def test_in_the_dark_the_page_is_dark_and_on_paper_it_is_white(
    browser: Browser, folder: Path
) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    page = opened(browser, folder / "index.html", 390, "dark")
    assert page.evaluate(ground) == "rgb(20, 24, 31)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.close()


def test_labels_of_the_chart_do_not_touch_on_a_phone(browser: Browser, folder: Path) -> None:
    page = opened(browser, next(folder.glob("sample-*.html")), 390)
    boxes = page.evaluate(
        "[...document.querySelectorAll('.chart text[text-anchor]')].map(t => {"
        " const b = t.getBoundingClientRect(); return [b.left, b.right, b.height]})"
    )
    page.close()
    assert len(boxes) == 4
    assert all(height >= 11 for _, _, height in boxes)
    assert all(before[1] + 8 < after[0] for before, after in pairwise(boxes))
