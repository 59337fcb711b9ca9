"""What each type of message has of its own: properties, traits, a group, a previous id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from ingestion.simulator import names
from ingestion.simulator.draws import Ints
from ingestion.simulator.events import (
    ALIAS,
    GROUP,
    IDENTIFY,
    NAME_CODES,
    NAMES,
    ON_SERVER,
    PAGE,
    SCREEN,
    TRACK,
    Events,
)
from ingestion.simulator.log import Log
from ingestion.simulator.offer import NO_REQUEST, OFFER_ID, filled_in
from ingestion.simulator.people import JOINED_BY_ALIAS
from ingestion.simulator.site import PAGES, page_of

_PAGE_BODIES = [
    ',"properties":' + json.dumps({"path": page.path, "title": page.title}, separators=(",", ":"))
    for page in PAGES
]
_REPORT_FORM = page_of("report_form")
_SCREEN_BODIES = [f',"name":"{p.title.split(" | ")[0]}","properties":{{}}' for p in PAGES]
_PROPERTIES: Mapping[str, dict[str, str | int]] = {
    "cta_view": {"offer_id": OFFER_ID, "location": "footer"},
    "cta_click": {"offer_id": OFFER_ID, "location": "header"},
    "video_played": {"video": "Product tour"},
    "docs_search": {"query": "webhook signature"},
    "code_copied": {"language": "python"},
    "pricing_toggled": {"period": "yearly"},
    "demo_request": {"value": 240, "currency": "EUR"},
    "contact_sales": {"value": 180, "currency": "EUR"},
    "trial_start": {"value": 90, "currency": "EUR"},
    "form_submit": {"form": "buyers-guide"},
    "webinar_attend": {"webinar": "Forecasts without spreadsheets"},
    "product_active": {"feature": "dashboards"},
}
"""Properties of track events, where they have any."""


_OF_A_REQUEST = np.array(
    [NAME_CODES[name] for name in ("report_generated", "report_delivered", "report_opened",
                                   "qualified", "booking_click")]
)  # fmt: skip
"""What belongs to a request; a calendar that knows of none says `booked`."""


def _track_body(name: str, properties: Mapping[str, Any]) -> str:
    properties = {**properties, **_PROPERTIES.get(name, {})}
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
    for at in np.flatnonzero(is_track & (event.name == NAME_CODES["report_form_submit"])).tolist():
        person = int(event.person[at])
        email = {"email": log.people.address(int(mail[at]))} if mail[at] >= 0 else {}
        told = filled_in(log.identifiers, log.people, person, int(of[at]))
        texts[at] = _track_body("report_form_submit", email | told)
    begins = is_track & (event.name == NAME_CODES["form_start"]) & (event.page == _REPORT_FORM)
    for at in np.flatnonzero(begins).tolist():
        texts[at] = _track_body("form_start", {"offer_id": OFFER_ID})
    requests = log.requests[of]
    belongs = is_track & np.isin(event.name, _OF_A_REQUEST) & (requests != NO_REQUEST)
    ids = log.identifiers.event_ids(requests[belongs])
    for at, request_id in zip(np.flatnonzero(belongs).tolist(), ids, strict=True):
        told = {"offer_id": OFFER_ID, "request_id": request_id}
        texts[at] = _track_body(NAMES[event.name[at]], told)
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
