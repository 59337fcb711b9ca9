"""Events as columns: what a browser or a server says, at true time."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ingestion.simulator.draws import Flags, Ints
from ingestion.simulator.intent import STAGES
from ingestion.simulator.site import NO_PAGE

PAGE, TRACK, IDENTIFY, SCREEN, GROUP, ALIAS = range(6)
TYPES = ("page", "track", "identify", "screen", "group", "alias")
CLICKS = tuple(dict.fromkeys(name for stage in STAGES for name in stage.clicks))
FORM_EVENTS = ("demo_request", "contact_sales", "report_form_submit", "form_submit", "signup")
"""What the forms of intent.FORMS send, in their order."""
NAMES = (
    "", *CLICKS, *FORM_EVENTS, "form_start", "trial_start", "report_generated",
    "report_delivered", "report_opened", "product_active", "webinar_attend", "email_click",
    "qualified", "booked",
)  # fmt: skip
"""Names of track events; '' for all other types."""
NAME_CODES = {name: code for code, name in enumerate(NAMES)}
ON_SERVER = -1


@dataclass(frozen=True)
class Events:
    """One element an event.

    `at`: true UTC time in epoch milliseconds. `visit` is ON_SERVER for what no browser sent.
    `page` and `previous` are positions in site.PAGES (or NO_PAGE). `signs_in` marks an identify
    with a user id; `gives_mail` says that the event carries the person's address.
    """

    at: Ints
    person: Ints
    visit: Ints
    type: Ints
    name: Ints
    page: Ints
    previous: Ints
    is_landing: Flags
    signs_in: Flags
    gives_mail: Flags

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: Ints | Flags) -> Events:
        """Only those rows, in that order."""
        return Events(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


def block(
    at: Ints,
    person: Ints,
    visit: Ints | int,
    kind: Ints | int,
    name: str = "",
    page: Ints | int = NO_PAGE,
    previous: Ints | int = NO_PAGE,
    is_landing: Flags | bool = False,
    signs_in: Flags | bool = False,
    gives_mail: Flags | bool = False,
) -> Events:
    """Events that have much in common: a single value stands for all of them."""

    def ints(value: Ints | int) -> Ints:
        return np.broadcast_to(np.asarray(value, np.int64), at.shape)

    def flags(value: Flags | bool) -> Flags:
        return np.broadcast_to(np.asarray(value, np.bool_), at.shape)

    return Events(
        at, person, ints(visit), ints(kind), ints(NAME_CODES[name]), ints(page), ints(previous),
        flags(is_landing), flags(signs_in), flags(gives_mail),
    )  # fmt: skip
