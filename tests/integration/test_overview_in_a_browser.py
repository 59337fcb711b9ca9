"""The overview as somebody sees it: on a phone, on paper, in the dark, full, empty and hostile."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from orchestration.exports.overview.figures import ChannelDay, Figure, Overview
from orchestration.exports.overview.page import overview_page
from tests.unit.orchestration.hostile_texts import SAMPLES
from tests.unit.orchestration.test_overview import BEFORE, NOTHING, RECENT, overview_of

pytestmark = pytest.mark.browser

LONG = "Eine-sehr-lange-Bezeichnung-ohne-jeden-Zwischenraum" * 4
WIDTHS = (320, 390, 768, 1_440)


def full(text: str) -> Overview:
    """An overview with as much as there can be in each part of it, all texts being `text` but for
    those that come out of seeds and are checked there: bands, currencies, and long channels."""
    one, channel = overview_of(text), text[:60]
    days = [
        ChannelDay(period.first + timedelta(days=place), f"{channel} {number}", 20_000, 9_000)
        for period in (RECENT, BEFORE)
        for place in range(28)
        for number in range(6)
    ]
    large = Figure(Decimal(98_765_432), Decimal(87_654_321))
    names = ("sessions", "people", "conversions", "ready_accounts", "cost", "events", "value")
    return replace(
        one,
        headlines=list(one.headlines) * 3,
        days=days,
        figures={name: {"all": large} for name in names}
        | {"channel_sessions": {f"{channel} {number}": large for number in range(20)}}
        | {"excluded_events": {f"{channel} {number}": large for number in range(8)}},
        moves=[replace(move, band="warm", band_before="cold") for move in one.moves] * 9,
        campaigns=[replace(one.campaigns[0], currency="EUR", cost=Decimal(1_987_654))] * 10,
        campaign_totals=[
            replace(
                one.campaign_totals[0],
                currency="EUR",
                campaign_count=1_234,
                session_count=98_765_432,
                cost=Decimal(19_876_540),
                cost_per_conversion=19_876_540.0,
            )
        ],
        accounts=[replace(account, band="hot") for account in one.accounts] * 8,
        unrated=[replace(one.unrated[0], currency="XTS")],
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of each hostile text, of a long word, of plain words, and of nothing."""
    folder = tmp_path_factory.mktemp("overviews")
    texts = {f"sample-{place}": text for place, text in enumerate(SAMPLES)}
    texts |= {"long": LONG, "plain": "Some words of a usual length"}
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(
            overview_page(full(text), "Europe/Berlin"), encoding="utf-8"
        )
    (folder / "nothing.html").write_text(overview_page(NOTHING, "UTC"), encoding="utf-8")
    return folder


def opened(browser: Browser, path: Path, width: int, *, dark: bool = False) -> Page:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    page.goto(path.as_uri())
    return page


def test_nothing_runs_out_at_the_side(browser: Browser, folder: Path) -> None:
    page = browser.new_page()
    found = {}
    for path in sorted(folder.glob("*.html")):
        page.goto(path.as_uri())
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found[path.name, width] = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert len(found) == (len(SAMPLES) + 3) * len(WIDTHS)
    assert {place: wide for place, wide in found.items() if wide > place[1]} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_no_word_of_a_tables_head_is_broken(browser: Browser, folder: Path, width: int) -> None:
    page = opened(browser, folder / "plain.html", width)
    broken = page.evaluate(
        "[...document.querySelectorAll('.bars thead th + th')].filter(h => {"
        " const words = document.createRange(); words.selectNodeContents(h);"
        " return !h.textContent.includes(' ') && words.getClientRects().length > 1"
        "}).map(h => h.textContent)"
    )
    page.close()
    assert broken == []


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


CONTRAST = """
() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => {
    v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const found = rgb(getComputedStyle(node).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || node.closest("title")) continue;
    const style = getComputedStyle(node);
    const ink = light(rgb(node instanceof SVGElement ? style.fill : style.color));
    const paper = light(ground(node));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) poor.add(`${node.tagName}.${node.className}: ${ratio.toFixed(2)}`);
  }
  return [...poor];
}
"""


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_its_ground(browser: Browser, folder: Path, dark: bool) -> None:
    for name in ("plain", "nothing"):
        page = opened(browser, folder / f"{name}.html", 1_440, dark=dark)
        poor = page.evaluate(CONTRAST)
        page.close()
        assert poor == []


def test_the_dark_page_is_dark_its_charts_too_and_paper_is_white(
    browser: Browser, folder: Path
) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    bar = "getComputedStyle(document.querySelector('.plot title').nextElementSibling).fill"
    page = opened(browser, folder / "plain.html", 390, dark=True)
    assert (page.evaluate(ground), page.evaluate(bar)) == ("rgb(20, 24, 31)", "rgb(127, 176, 230)")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.evaluate(bar) == "rgb(58, 110, 165)"
    page.close()


def test_letters_are_large_enough_on_a_phone_those_of_the_charts_too(
    browser: Browser, folder: Path
) -> None:
    page = opened(browser, folder / "plain.html", 390)
    heights = page.evaluate(
        "[...document.querySelectorAll('.plot text')].map(t => t.getBoundingClientRect().height)"
    )
    sizes = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(n => !n.closest('svg')"
        " && n.textContent.trim()).map(n => parseFloat(getComputedStyle(n).fontSize))"
    )
    page.close()
    assert len(heights) >= 16
    assert min(heights) >= 11
    assert min(sizes) >= 11


def test_labels_of_a_chart_do_not_touch_and_stay_within_it(browser: Browser, folder: Path) -> None:
    for width in WIDTHS:
        page = opened(browser, folder / "plain.html", width)
        plots = page.evaluate(
            "[...document.querySelectorAll('.plot')].map(p => [p.getBoundingClientRect(),"
            " ...[...p.querySelectorAll('text')].map(t => t.getBoundingClientRect())]"
            ".map(b => [b.left, b.right, b.top, b.bottom]))"
        )
        page.close()
        assert len(plots) == 2
        for outer, *labels in plots:
            for label in labels:
                assert outer[0] - 1 <= label[0] <= label[1] <= outer[1] + 1
            for place, one in enumerate(labels):
                for other in labels[place + 1 :]:
                    is_apart = (
                        one[1] < other[0] or other[1] < one[0]
                        or one[3] < other[2] or other[3] < one[2]
                    )  # fmt: skip
                    assert is_apart, (width, one, other)


def test_on_paper_it_is_a4_and_few_pages(browser: Browser, folder: Path) -> None:
    page = opened(browser, folder / "plain.html", 1_440, dark=True)
    pdf = page.pdf(prefer_css_page_size=True)
    page.close()
    assert re.search(rb"/MediaBox\s*\[\s*0 0 59[45][\d.]* 84[12]", pdf)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 6
