"""Page views and clicks: what a visit leaves behind, whoever the visitor is."""

from __future__ import annotations

import numpy as np

from ingestion.simulator.agents import APP
from ingestion.simulator.devices import Devices
from ingestion.simulator.draws import Draws, Ints, below, chance, lognormal, pick_by
from ingestion.simulator.events import CLICKS, PAGE, SCREEN, TRACK, Events, block
from ingestion.simulator.intent import FORMS, NO_FORM, STAGES
from ingestion.simulator.purposes import PURPOSES, class_table
from ingestion.simulator.site import NO_PAGE, PAGE_CLASSES, page_weights
from ingestion.simulator.visits import Visits

_THINK_SIGMA = 1.05


def page_views(draws: Draws, devices: Devices, visits: Visits) -> tuple[Events, Ints]:
    """Page views (screens in the app), and where in them each visit begins.

    Times on a page are lognormal around what the purpose says; a form has a page of its own at
    the end of the visit.
    """
    has_form = visits.form != NO_FORM
    counts = visits.page_count + has_form
    ends = np.cumsum(counts)
    first = ends - counts
    visit = np.repeat(np.arange(len(visits), dtype=np.int64), counts)
    total = len(visit)
    is_landing = np.zeros(total, np.bool_)
    is_landing[first] = True
    purpose = visits.purpose[visit]
    page_class = np.where(
        is_landing,
        pick_by(draws.words("landing class", total), purpose, class_table(landing=True)),
        pick_by(draws.words("class", total), purpose, class_table(landing=False)),
    )
    form_class = np.array([PAGE_CLASSES.index(name) for name in FORMS])
    page_class[ends[has_form] - 1] = form_class[visits.form[has_form]]
    weights = [page_weights(name) for name in PAGE_CLASSES]
    page = pick_by(draws.words("page", total), page_class, weights)
    think_scale = np.array([one.think_ms for one in PURPOSES])[purpose]
    think = lognormal(draws.words("think", total), 10_000, _THINK_SIGMA) * think_scale // 10_000
    passed = np.cumsum(think)
    # before the landing no time has passed, before the second page the time spent on the landing
    at = visits.start[visit] + (passed - think) - (passed - think)[first][visit]
    previous = np.concatenate(([NO_PAGE], page[:-1]))
    previous[first] = NO_PAGE
    in_app = (devices.kind()[visits.device] == APP)[visit]
    kind = np.where(in_app, SCREEN, PAGE)
    return block(at, visits.person[visit], visit, kind, "", page, previous, is_landing), first


def clicks(draws: Draws, visits: Visits, pages: Events, first: Ints) -> list[Events]:
    """What people click on, as often as their stage says, a few seconds after a page opened."""
    blocks = []
    for name in CLICKS:
        rates = np.array([stage.clicks.get(name, 0) for stage in STAGES])
        words = draws.words(f"clicks {name}", len(visits))
        visit = np.flatnonzero(chance(words, rates[visits.stage]))
        place = draws.words(f"where {name}", len(visit))
        on = first[visit] + below(place, visits.page_count[visit])
        wait = 1500 + lognormal(draws.words(f"when {name}", len(visit)), 4000, 0.7)
        blocks.append(
            block(
                pages.at[on] + wait,
                visits.person[visit],
                visit,
                TRACK,
                name,
                pages.page[on],
                pages.previous[on],
            )
        )
    return blocks
