"""What each type of message has of its own: properties, traits, a group, a previous id."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from ingestion.simulator import names
from ingestion.simulator.draws import Ints
from ingestion.simulator.events import (
    ALIAS,
    GROUP,
    IDENTIFY,
    NAMES,
    ON_SERVER,
    PAGE,
    SCREEN,
    TRACK,
    Events,
)
from ingestion.simulator.log import Log
from ingestion.simulator.people import JOINED_BY_ALIAS
from ingestion.simulator.site import PAGES

_PAGE_BODIES = [
    ',"properties":' + json.dumps({"path": page.path, "title": page.title}, separators=(",", ":"))
    for page in PAGES
]
_SCREEN_BODIES = [f',"name":"{p.title.split(" | ")[0]}","properties":{{}}' for p in PAGES]
_PROPERTIES: Mapping[str, dict[str, str | int]] = {
    "cta_view": {"label": "Start free trial", "location": "footer"},
    "cta_click": {"label": "Start free trial", "location": "header"},
    "video_played": {"video": "Product tour"},
    "docs_search": {"query": "webhook signature"},
    "code_copied": {"language": "python"},
    "pricing_toggled": {"period": "yearly"},
    "demo_request": {"value": 240, "currency": "EUR"},
    "contact_sales": {"value": 180, "currency": "EUR"},
    "trial_start": {"value": 90, "currency": "EUR"},
    "report_form_submit": {"offer": "maturity-report", "value": 25, "currency": "EUR"},
    "form_submit": {"form": "buyers-guide"},
    "webinar_attend": {"webinar": "Forecasts without spreadsheets"},
    "product_active": {"feature": "dashboards"},
}
"""Properties of track events, where they have any."""


def _track_body(name: str, email: Mapping[str, str]) -> str:
    properties = {**email, **_PROPERTIES.get(name, {})}
    return f',"event":"{name}","properties":{json.dumps(properties, separators=(",", ":"))}'


_TRACK_BODIES = [_track_body(name, {}) for name in NAMES]
_BODIES = [*_PAGE_BODIES, *_SCREEN_BODIES, *_TRACK_BODIES, ""]


def bodies(log: Log, of: Ints, event: Events) -> list[str]:
    """What each type of event has of its own: properties, traits, a group, a previous id."""
    pages = len(PAGES)
    code = np.full(len(of), len(_BODIES) - 1)
    is_page, is_screen, is_track = (event.type == kind for kind in (PAGE, SCREEN, TRACK))
    code[is_page] = event.page[is_page]
    code[is_screen] = pages + event.page[is_screen]
    code[is_track] = 2 * pages + event.name[is_track]
    texts = [_BODIES[one] for one in code.tolist()]
    mail = log.namings.mail[of]
    for at in np.flatnonzero(is_track & (mail >= 0) & (event.visit != ON_SERVER)).tolist():
        address = log.people.address(int(mail[at]))
        texts[at] = _track_body(NAMES[event.name[at]], {"email": address})
    for at in np.flatnonzero(np.isin(event.type, (IDENTIFY, GROUP, ALIAS))).tolist():
        texts[at] = _personal_body(log, int(of[at]))
    return texts


def _personal_body(log: Log, at: int) -> str:
    """The body of one identify, group or alias call."""
    person = int(log.events.person[at])
    company = int(log.people.company[person])
    kind, user = int(log.events.type[at]), int(log.namings.user[at])
    if kind == ALIAS:
        joins = log.people.joined[person] == JOINED_BY_ALIAS and user % 2 == 1
        previous = (
            log.identifiers.user_ids(np.array([user - 1]))
            if joins
            else log.identifiers.anonymous_ids(log.namings.visitor[at : at + 1])
        )
        return f',"previousId":"{previous[0]}"'
    traits: dict[str, str] = {}
    if kind == GROUP:
        traits = {"name": names.company_name(company), "plan": ("trial", "team")[company % 2]}
    else:
        mail = int(log.namings.mail[at])
        word = int(log.identifiers.personal_words(np.array([person]))[0])
        if mail >= 0:
            traits["email"] = _written(log.people.address(mail), at)
        traits["name"] = log.people.names[person]
        if company >= 0:
            traits["company"] = names.company_name(company)
            traits["title"] = names.TITLES[word % len(names.TITLES)]
        if word % 7 == 0:
            traits["phone"] = f"+44 7700 {900_000 + word % 1000}"
    group = f',"groupId":"org_{1000 + company}"' if kind == GROUP else ""
    return f'{group},"traits":{json.dumps(traits, ensure_ascii=False, separators=(",", ":"))}'


def _written(address: str, at: int) -> str:
    """An address as people type it: at times with a capital, or a blank at the end."""
    if at % 11 == 0:
        return address[0].upper() + address[1:]
    return f"{address} " if at % 13 == 0 else address
