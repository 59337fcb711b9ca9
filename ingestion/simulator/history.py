"""Everything that happens in a window of time, put together from its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from ingestion.simulator.browsing import clicks, page_views
from ingestion.simulator.conversions import form_events
from ingestion.simulator.devices import Devices
from ingestion.simulator.draws import Draws
from ingestion.simulator.events import Events
from ingestion.simulator.people import People
from ingestion.simulator.usage import logins, server_events
from ingestion.simulator.visits import Visits, Window


def draw_events(
    draws: Draws,
    window: Window,
    people: People,
    devices: Devices,
    visits: Visits,
    beside: Sequence[Events] = (),
) -> Events:
    """All events within the window, in order of (person, time); `beside` come from elsewhere."""
    pages, first_of_visit = page_views(draws, devices, visits)
    last_of_visit = np.concatenate((first_of_visit[1:], [len(pages)])) - 1
    blocks = [
        pages,
        *clicks(draws, visits, pages, first_of_visit),
        *form_events(draws, people, visits, pages, last_of_visit),
        *logins(draws, window, people, visits, pages, first_of_visit),
        *server_events(draws, people, visits),
        *beside,
    ]
    events = _together(blocks)
    events = events.take((events.at >= window.start_ms) & (events.at < window.end_ms))
    return events.take(np.lexsort((events.at, events.person)))


def _together(blocks: list[Events]) -> Events:
    return Events(
        **{
            one.name: np.concatenate([getattr(block, one.name) for block in blocks])
            for one in fields(Events)
        }
    )
