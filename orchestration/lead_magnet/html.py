"""How the pages of an offer are made: all text is escaped, and a missing name is an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from orchestration.exports import pages as house
from orchestration.lead_magnet.links import within_site
from orchestration.lead_magnet.offers import Offer

TEMPLATES = Path(__file__).with_name("templates")
PAGE_STYLE = "".join(
    path.read_text(encoding="utf-8")
    for path in (house.TEMPLATES / "page.css", TEMPLATES / "offer_pages.css")
)
CARD_STYLE = (TEMPLATES / "call_to_action.css").read_text(encoding="utf-8")
"""What a call to action brings along: it stands in the pages of others, so it is short, and each of
its rules begins with its own class."""


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Jinja2 with what every template needs."""
    # autoescape for every template, not by its ending: each of them is a page of HTML
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=house.finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["page_style"] = Markup(PAGE_STYLE)
    made.globals["card_style"] = Markup(CARD_STYLE)
    return made


def render(template: str, **values: object) -> str:
    """The page that a template makes of `values`."""
    return environment().get_template(template).render(values)


def call_to_action(offer: Offer, link: str) -> Markup:
    """The HTML that a site embeds: a card with a link, which works without anything else."""
    return Markup(render("call_to_action.html.j2", offer=offer, link=link))


@dataclass(frozen=True)
class Tracker:
    """What a page needs to load the tracker."""

    public_url: str
    write_key: str
    attributes: Mapping[str, str]
    """Further ones of its tag."""

    def tag(self, nonce: str | None = None) -> Markup:
        """The tag: for the pages of others, or with a nonce for one of ours."""
        source = f"{self.public_url}/tracker.js"
        return Markup(
            render(
                "tracker.html.j2",
                source=source if nonce is None else within_site(source),
                write_key=self.write_key,
                attributes=self.attributes,
                nonce=nonce,
            )
        )
