"""An offer's pages in use: by keyboard, without JavaScript, on a phone, in the dark."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.settings import Settings
from orchestration.lead_magnet.pages import routes
from orchestration.lead_magnet.tokens import Purpose, read, sign
from tests.integration.test_overview_in_a_browser import CONTRAST
from tests.unit.orchestration.offer_visits import OFFER, MemoryJournal

pytestmark = pytest.mark.browser

LONG = "Eine-sehr-lange-Bezeichnung-ohne-jeden-Zwischenraum" * 3
DEVICE = "device-0001"
TRACKER = f"""
document.addEventListener("submit", ({{target}}) => {{
  target.elements.anonymous_id.value = "{DEVICE}";
}}, true);
"""


@dataclass
class Site:
    """A running site."""

    url: str
    journal: MemoryJournal
    settings: Settings


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("offers") / "data")
    journal = MemoryJournal()

    async def tracker(_: Request) -> Response:
        return Response(TRACKER, media_type="text/javascript")

    # a minute ahead of the tokens: nobody has to wait until a form may be sent
    pages = routes(settings, journal, now=lambda: datetime.now(UTC) + timedelta(minutes=1))
    app = Starlette(routes=[Route("/tracker.js", tracker), *pages])
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", journal, settings)
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()


def fill(page: Page, name: str = "Anna Berg") -> None:
    for question in OFFER.questions:
        page.check(f"#answer_{question.question_id}")
    page.fill("#full_name", name)
    page.fill("#email", "anna@acme.example")


@pytest.mark.parametrize("has_javascript", [False, True])
def test_the_form_is_filled_in_by_the_keyboard_alone(
    browser: Browser, site: Site, has_javascript: bool
) -> None:
    context = browser.new_context(java_script_enabled=has_javascript)
    page = context.new_page()
    page.goto(f"{site.url}/offers/site_readiness?utm_source=news")
    keys = page.keyboard
    for _ in OFFER.questions:
        keys.press("Tab")
        keys.press("ArrowDown")  # the second answer
    keys.press("Tab")
    keys.type("Zoë Söhne")
    keys.press("Tab")
    keys.type("zoe@acme.example")
    keys.press("Tab")
    keys.press("Tab")  # over the company, and past what people do not see
    keys.press("Space")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_text("Thank you. Here is your report")).to_be_visible()
    submit = site.journal.named("report_form_submit")[-1]
    assert submit["properties"]["full_name"] == "Zoë Söhne"
    assert submit["properties"]["marketing_consent"] is True
    assert submit["properties"]["answers"] == {
        question.question_id: question.answers[1].answer_id for question in OFFER.questions
    }
    assert submit["context"]["campaign"] == {"source": "news"}
    # the script with the nonce runs, and its field names the device
    assert submit.get("anonymousId") == (DEVICE if has_javascript else None)
    context.close()


def test_a_browser_stops_at_what_is_missing_and_the_server_leads_to_it(
    browser: Browser, site: Site
) -> None:
    page = browser.new_page()
    page.goto(f"{site.url}/offers/site_readiness")
    fill(page)
    page.fill("#email", "anna@acme")
    page.locator("#answer_proof").evaluate("radio => { radio.checked = false }")
    page.click("button")
    focused = "document.activeElement.id"
    assert page.evaluate(focused) == "answer_proof"
    page.locator("form").evaluate("form => { form.noValidate = true }")
    page.click("button")
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.title().startswith("Please check:")
    for link, field in (("Question 2", "answer_proof"), ("e-mail address", "email")):
        page.get_by_role("alert").get_by_role("link").filter(has_text=link).click()
        assert page.evaluate(focused) == field
        expect(page.locator(f"#{field}")).to_be_in_viewport()
    assert page.input_value("#full_name") == "Anna Berg"
    page.close()


@pytest.fixture(scope="module")
def shown(browser: Browser, site: Site) -> list[str]:
    """A page of each kind, with words that are too long for a line."""
    page = browser.new_page()
    page.goto(f"{site.url}/offers/site_readiness")
    fill(page, LONG)
    page.click("button")
    token = page.url.rpartition("/")[2].partition("?")[0]
    page.close()
    unsubscribe = sign(
        site.settings, Purpose.unsubscribe, read(site.settings, Purpose.report, token)
    )
    return ["/", "/offers/site_readiness", f"/r/{token}?sent", f"/u/{unsubscribe}", "/r/none"]


@pytest.mark.parametrize(("width", "dark"), [(320, False), (390, True), (1_440, False)])
def test_nothing_runs_out_at_the_side_and_every_text_stands_out(
    browser: Browser, site: Site, shown: list[str], width: int, dark: bool
) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    def look(name: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(CONTRAST) == [], name

    for path in shown:
        page.goto(site.url + path)
        look(path)
    page.goto(f"{site.url}/offers/site_readiness")
    page.locator("form").evaluate("form => { form.noValidate = true }")
    page.fill("#full_name", LONG)
    page.click("button")
    look("mistakes")
    page.close()
    assert [each for each in complaints if "Content Security Policy" in each] == []


def test_what_is_to_be_touched_is_large_enough_for_a_thumb(browser: Browser, site: Site) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{site.url}/offers/site_readiness")
    heights = page.evaluate(
        "[...document.querySelectorAll('.answer, .line input, button, .consent label')]"
        ".map(each => each.getBoundingClientRect().height)"
    )
    sizes = page.evaluate(
        "[...document.querySelectorAll('.line input')]"
        ".map(each => parseFloat(getComputedStyle(each).fontSize))"
    )
    page.close()
    assert len(heights) > 32
    assert min(heights) >= 44
    assert min(sizes) >= 16  # a phone zooms in on smaller ones
