"""The context of messages: user agent, place, page, campaign and consent."""

from __future__ import annotations

import json

import numpy as np

from ingestion.simulator.agents import AGENTS, APP, PLACES
from ingestion.simulator.draws import Flags, Ints
from ingestion.simulator.events import ON_SERVER, SCREEN, Events
from ingestion.simulator.log import Log
from ingestion.simulator.people import JOINED_BY_ALIAS
from ingestion.simulator.site import NO_PAGE, PAGES
from ingestion.simulator.sources import SOURCES, Source, campaign, landing_query

_SERVER_LIBRARY = '"library":{"name":"analytics-python","version":"2.3.4"}'
_PAGE_CONTEXT = [
    json.dumps({"path": p.path, "title": p.title}, ensure_ascii=False, separators=(",", ":"))[:-1]
    for p in PAGES
]
_URLS = [page.host + page.path for page in PAGES]
_AGENT_CONTEXT = [
    f'"userAgent":"{a.text}","library":{{"name":"{a.library[0]}","version":"{a.library[1]}"}}'
    for a in AGENTS
]
_PLACE_CONTEXT = [f'"locale":"{p.locale}","timezone":"{p.timezone}"' for p in PLACES]


def contexts(log: Log, of: Ints, event: Events) -> list[str]:
    """User agent, place, page, campaign and consent of each event, as JSON members.

    `of` are positions in the log's events, `event` these events.
    """
    device = log.visits.device[event.visit]
    devices = log.devices
    on_server = event.visit == ON_SERVER
    in_app = (devices.kind()[device] == APP) & ~on_server
    texts = [
        f'{_AGENT_CONTEXT[agent]},{_PLACE_CONTEXT[place]},"ip":"198.{18 + (ip >> 16)}.'
        f'{ip >> 8 & 255}.{ip & 255}"'
        for agent, place, ip in zip(
            devices.agent[device].tolist(), devices.place[device].tolist(),
            devices.ip[device].tolist(), strict=True,
        )
    ]  # fmt: skip
    _add_pages(texts, log, event, (event.page != NO_PAGE) & ~on_server & ~in_app)
    for at in np.flatnonzero((devices.denies | devices.grants)[device] & ~on_server).tolist():
        texts[at] += _consent(bool(devices.denies[device[at]]))
    # the app repeats the traits of whoever is signed in
    joined = log.people.joined[event.person]
    tells = in_app & (log.namings.user[of] >= 0) & (event.type == SCREEN)
    for at in np.flatnonzero(tells & (joined != JOINED_BY_ALIAS)).tolist():
        texts[at] += _traits(log.people.address(2 * int(event.person[at])))
    mail = log.namings.mail[of]
    for at in np.flatnonzero(on_server).tolist():
        code = int(mail[at])
        texts[at] = _SERVER_LIBRARY + (_traits(log.people.address(code)) if code >= 0 else "")
    return texts


def _add_pages(texts: list[str], log: Log, event: Events, on_page: Flags) -> None:
    """Adds the page to the contexts of events on one; to landings what brought the visitor."""
    tokens = log.identifiers.click_tokens(event.visit)
    people = log.identifiers.recipients(event.person)
    source = log.visits.source[event.visit].tolist()
    pages, previous = event.page.tolist(), event.previous.tolist()
    landing = event.is_landing.tolist()
    for at in np.flatnonzero(on_page).tolist():
        referrer, query, campaign_context = "", "", ""
        if previous[at] != NO_PAGE:
            referrer = _URLS[previous[at]]
        elif landing[at]:
            where = SOURCES[source[at]]
            referrer = where.referrer
            query = landing_query(where, tokens[at], people[at])
            campaign_context = _campaign_context(where, tokens[at]) if where.source else ""
        texts[at] += (
            f',"page":{_PAGE_CONTEXT[pages[at]]},"referrer":"{referrer}","search":"{query}",'
            f'"url":"{_URLS[pages[at]]}{query}"}}{campaign_context}'
        )


def _campaign_context(where: Source, token: str) -> str:
    """The campaign as the browser's library reads it from the address."""
    members = {"source": where.source, "medium": where.medium}
    if where.campaigns:
        members["name"] = campaign(where, token)
    filled = {name: value for name, value in members.items() if value}
    return f',"campaign":{json.dumps(filled, separators=(",", ":"))}'


def _traits(address: str) -> str:
    return f',"traits":{{"email":"{address}"}}'


def _consent(denied: bool) -> str:
    allowed = "false" if denied else "true"
    return (
        ',"consent":{"categoryPreferences":'
        f'{{"Advertising":{allowed},"Analytics":{allowed},"Functional":true}}}}'
    )
